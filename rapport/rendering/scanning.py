"""A last look at the finished bytes: nothing in a report may act, fetch, or carry a file."""

import io

from rapport.errors import Fault, RenderingError

FORBIDDEN = frozenset(
    {
        "/AA", "/AcroForm", "/EmbeddedFile", "/EmbeddedFiles", "/GoToE", "/GoToR", "/ImportData",
        "/JavaScript", "/JS", "/Launch", "/Movie", "/OpenAction", "/Rendition", "/RichMedia",
        "/Sound", "/SubmitForm", "/URI", "/XFA",
    }
)  # fmt: skip
"""Names of PDF that stand for actions, links outwards, forms and embedded files."""


def scan(pdf: bytes) -> int:
    """Look at every object of a PDF and return its number of pages.

    Raises:
        RenderingError: A forbidden name stands anywhere, as a key or as a value.
    """
    import pikepdf

    found: set[str] = set()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        for thing in document.objects:
            _collect(thing, found)
        pages = len(document.pages)
    if found:
        raise RenderingError(
            Fault(
                "ACTIVE_CONTENT",
                f"The rendered file holds {', '.join(sorted(found))}.",
                "This is a fault of Rapport's templates; report it. No report was filed.",
            )
        )
    return pages


def _collect(thing: object, found: set[str]) -> None:
    import pikepdf

    if isinstance(thing, pikepdf.Stream):
        _collect(dict(thing.stream_dict.items()), found)
    elif isinstance(thing, pikepdf.Dictionary | dict):
        for key, value in thing.items():
            if key in FORBIDDEN:
                found.add(key)
            _collect_direct(value, found)
    elif isinstance(thing, pikepdf.Array):
        for value in thing:
            _collect_direct(value, found)


def _collect_direct(value: object, found: set[str]) -> None:
    """Go on into direct objects only: the others are in the list of objects themselves."""
    import pikepdf

    if isinstance(value, pikepdf.Name):
        if str(value) in FORBIDDEN:
            found.add(str(value))
    elif isinstance(value, pikepdf.Object) and not value.is_indirect:
        _collect(value, found)
