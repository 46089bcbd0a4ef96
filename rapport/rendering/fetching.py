"""The renderer's only source: a fixed set of resources in memory; all else is refused.

WeasyPrint's own fetcher allows every protocol and drops failures silently. This one opens nothing:
it answers from memory, or refuses and remembers, and a report with one refusal is a failed report.
Imports WeasyPrint; import it only under :func:`rapport.rendering.fonts.own_fontconfig`.
"""

from collections.abc import Mapping

from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse


class FixedFetcher(URLFetcher):  # type: ignore[misc]  # WeasyPrint has no types
    """Serves the given resources: fonts, and the charts of this report under their data URLs.

    Attributes:
        refused: The scheme of everything that was asked for and refused; never the rest of it.
    """

    def __init__(self, resources: Mapping[str, tuple[str, bytes]]) -> None:
        """Take what may be served.

        Args:
            resources: URL → media type and content.
        """
        super().__init__(allowed_protocols=frozenset(), allow_redirects=False, fail_on_errors=True)
        self._resources = dict(resources)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:
        """Answer from memory.

        Raises:
            FatalURLFetchingError: The URL is not one of ours; the rendering stops.
        """
        found = self._resources.get(url)
        if found is None:
            scheme = url.partition(":")[0]
            self.refused.append(scheme if scheme.isascii() and scheme.isalnum() else "relative")
            raise FatalURLFetchingError("a report fetches nothing")
        media_type, content = found
        return URLFetcherResponse(url, content, {"Content-Type": media_type})
