"""Archives and workbooks for the matrix of faults, sound ones and such as nobody should send."""

import io
import struct
import zipfile
from collections.abc import Callable, Sequence
from datetime import date

import openpyxl

from tests.rapport.exports.faults.door import COLUMNS

SHEET = "xl/worksheets/sheet1.xml"
ROW = ("p1", "T1", 1, date(2026, 2, 3), 0, 1, 2, 3, 0, 1, 2)


def zipped(
    *members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED, comment: bytes = b""
) -> bytes:
    """An archive of these members."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.comment = comment
        for name, content in members:
            archive.writestr(name, content)
    return packed.getvalue()


def book(
    *rows: Sequence[object],
    header: Sequence[object] = COLUMNS,
    change: Callable[[openpyxl.Workbook], None] | None = None,
) -> bytes:
    """A workbook with a header and rows in its one sheet."""
    made = openpyxl.Workbook()
    for row in (header, *rows):
        made.active.append(list(row))
    if change is not None:
        change(made)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def row(**changes: object) -> list[object]:
    """A good row of a workbook, with changes by column."""
    return list((dict(zip(COLUMNS, ROW, strict=True)) | changes).values())


def rewritten(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one part of an archive; a part that is not there is added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        members = {part: old.read(part) for part in old.namelist()}
        members[name] = change(members.get(name, b""))
        for part, inside in members.items():
            new.writestr(part, inside)
    return out.getvalue()


def with_part(name: str, inside: bytes = b"x") -> bytes:
    """A good workbook with one part more, or another one."""
    return rewritten(book(ROW), name, lambda _: inside)


def replaced(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """Change a text in one part of an archive; it must be there."""
    if old not in zipfile.ZipFile(io.BytesIO(content)).read(name):
        raise AssertionError(f"{name} does not hold what is to be replaced")
    return rewritten(content, name, lambda inside: inside.replace(old, new))


def lying(content: bytes, *, size: int) -> bytes:
    """An archive whose directory and header claim another unpacked size of the first member."""
    told = bytearray(content)
    place = told.index(b"PK\x01\x02")
    told[place + 24 : place + 28] = struct.pack("<I", size)
    told[22:26] = struct.pack("<I", size)
    return bytes(told)


def flagged(content: bytes, flag: int = 1) -> bytes:
    """An archive whose first member says that it is encrypted."""
    told = bytearray(content)
    for mark, at in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = told.index(mark)
        told[place + at] |= flag
    return bytes(told)
