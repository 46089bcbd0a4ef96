"""WeasyPrint, tamed: own fonts, one parsed stylesheet, nothing fetched, every warning an error.

A press is set up once a process for each cut of the fonts and then prints many documents. No
bytes depend on the machine: its fonts are not seen, its subsetting library is not used, and no
clock is read.
"""

import logging
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

from rapport.errors import Fault, RenderingError
from rapport.rendering.fonts import FAMILY, Cut, cut_faces, own_fontconfig

if TYPE_CHECKING:
    from rapport.rendering.fetching import FixedFetcher

Result = TypeVar("Result")

FONT_TYPE = "font/ttf"
SVG_TYPE = "image/svg+xml"


def print_pdf(html: str, *, stylesheet: str, charts: Mapping[str, bytes], cut: Cut) -> bytes:
    """Print a document as tagged PDF/UA-1 and return its bytes.

    Args:
        html: The whole document; refers to nothing but ``charts``.
        stylesheet: CSS; refers to nothing.
        charts: Data URL → SVG.
        cut: Which cut of the fonts can show the text.

    Raises:
        RenderingError: Something was fetched that is not a chart, or the renderer warned.
    """
    weasyprint, settings, parsed = _set_up(stylesheet, cut)

    def print_it(fetcher: "FixedFetcher") -> bytes:
        content: bytes = weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf(
            stylesheets=[parsed],
            font_config=settings,
            pdf_variant="pdf/ua-1",
            full_fonts=True,
            custom_metadata=True,
            finisher=_scope_headers,
        )
        return content

    return _strictly(print_it, {url: (SVG_TYPE, svg) for url, svg in charts.items()})


@lru_cache(maxsize=4)
def _set_up(stylesheet: str, cut: Cut) -> tuple[Any, Any, Any]:
    """Load WeasyPrint, the fonts and the stylesheet, once; a failure is not remembered."""
    with own_fontconfig(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import weasyprint
        from weasyprint.text.fonts import FontConfiguration

        settings = FontConfiguration()
        faces = cut_faces(cut)
        rules = "".join(
            f'@font-face{{font-family:"{FAMILY}";font-weight:{face.weight};'
            f'src:url("rapport:font/{face.weight}")}}'
            for face in faces
        )
        parsed = _strictly(
            lambda fetcher: weasyprint.CSS(
                string=rules + stylesheet, font_config=settings, url_fetcher=fetcher
            ),
            {f"rapport:font/{face.weight}": (FONT_TYPE, face.content) for face in faces},
        )
    return weasyprint, settings, parsed


def _strictly(
    work: Callable[["FixedFetcher"], Result], served: Mapping[str, tuple[str, bytes]]
) -> Result:
    """Do one piece of work with WeasyPrint; one refusal or one warning is an error."""
    from weasyprint.urls import FatalURLFetchingError, URLFetchingError

    from rapport.rendering.fetching import FixedFetcher

    fetcher = FixedFetcher(served)
    with _nothing_said() as said:
        try:
            result = work(fetcher)
        except (FatalURLFetchingError, URLFetchingError):
            _require_silence(fetcher.refused or ["unknown"], said)
            raise
    _require_silence(fetcher.refused, said)
    return result


def _scope_headers(_document: Any, pdf: Any) -> None:  # noqa: ANN401 - WeasyPrint has no types
    """Say of every header cell whether it heads a row or a column.

    WeasyPrint links each cell to its headers and leaves this out; some readers need it. A header
    cell's id ends with its row and column in the table, and only row headers stand in column 0.
    """
    for thing in pdf.objects:
        if isinstance(thing, dict) and thing.get("S") == "/TH":
            heads_a_row = thing["ID"].string.endswith("-0")
            thing["A"]["Scope"] = "/Row" if heads_a_row else "/Column"


def _require_silence(refused: list[str], said: list[str]) -> None:
    faults = [
        Fault(
            "RESOURCE_REFUSED",
            f"The document asked for a resource over {scheme!r}.",
            "A report refers to nothing outside itself; mend the template. No report was filed.",
        )
        for scheme in sorted(set(refused))
    ]
    faults += [
        Fault(
            "RENDERER_WARNING",
            f"The renderer warned: {words}",
            "Mend the template or its styles. No report was filed.",
        )
        for words in sorted(set(said))
    ]
    if faults:
        raise RenderingError(faults)


class _Listener(logging.Handler):
    """Keeps the pattern of each warning; the values in it may be data, so they are left out."""

    def __init__(self, said: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record's pattern."""
        self._said.append(str(record.msg))


@contextmanager
def _nothing_said() -> Iterator[list[str]]:
    """Collect what WeasyPrint logs instead of letting it be printed."""
    said: list[str] = []
    logger, listener = logging.getLogger("weasyprint"), _Listener(said)
    handlers, propagates, level = logger.handlers, logger.propagate, logger.level
    logger.handlers, logger.propagate = [listener], False
    logger.setLevel(logging.WARNING)
    try:
        yield said
    finally:
        logger.handlers, logger.propagate = handlers, propagates
        logger.setLevel(level)
