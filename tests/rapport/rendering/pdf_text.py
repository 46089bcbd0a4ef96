"""The text of a PDF page by page, read from its own character maps; needs no program outside."""

import io
import re
from collections.abc import Iterator

import pikepdf

_PAIR = re.compile(rb"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>")


def page_texts(pdf: bytes) -> list[str]:
    """Return the text of each page, charts and margins included."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return ["".join(_text(page.obj)) for page in document.pages]


def whole_text(pdf: bytes) -> str:
    """Return the text of the whole document with single spaces."""
    return " ".join(" ".join(page_texts(pdf)).split())


def _text(holder: pikepdf.Object) -> Iterator[str]:
    resources = holder.get("/Resources", pikepdf.Dictionary())
    maps = {name: _characters(font) for name, font in resources.get("/Font", {}).items()}
    current: dict[int, str] = {}
    for operands, operator in pikepdf.parse_content_stream(holder):
        name = str(operator)
        if name == "Tf":
            current = maps[str(operands[0])]
        elif name in ("Tj", "TJ"):
            yield from (_decode(part, current) for part in _strings(operands[0]))
        elif name == "ET":
            yield " "
        elif name == "Do" and "/XObject" in resources:
            inner = resources["/XObject"][str(operands[0])]
            if str(inner.get("/Subtype")) == "/Form":
                yield from _text(inner)


def _strings(operand: pikepdf.Object) -> Iterator[bytes]:
    parts = operand if isinstance(operand, pikepdf.Array) else [operand]
    yield from (bytes(part) for part in parts if isinstance(part, pikepdf.String))


def _characters(font: pikepdf.Object) -> dict[int, str]:
    content = font["/ToUnicode"].read_bytes()
    return {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in _PAIR.findall(content[content.index(b"beginbfchar") :])
    }


def _decode(text: bytes, characters: dict[int, str]) -> str:
    codes = (int.from_bytes(text[at : at + 2]) for at in range(0, len(text), 2))
    return "".join(characters.get(code, "\ufffd") for code in codes)
