"""One sheet of an XLSX workbook, after the archive itself has been looked at.

A workbook is a ZIP archive of XML from outside: its members are counted and measured before
anything is unpacked, and XML is parsed by the hardened parser only.
"""

import io
import zipfile
from datetime import date, datetime, time

from rapport.exports.file_rules import refuse
from rapport.exports.table import Table
from rapport.scoring.item_mapping import TableFormat

MEMBER_LIMIT = 1000
UNPACKED_LIMIT = 500 * 1024 * 1024
RATIO_LIMIT = 100
SMALL = 1024 * 1024
"""Members up to this size may be compressed better than :data:`RATIO_LIMIT`."""

UNCOMPUTED = "?formula"
"""Stands for a formula whose value was never stored: no answer, and not "missing" either."""

_SAVE_AGAIN = "Open it in the software that made it, save it as CSV, and use that file."
_ENCRYPTED = 0x1


def read_workbook(content: bytes, form: TableFormat) -> Table:
    """Read the declared sheet, or the only one.

    Raises:
        ExportRefusedError: The archive is not a plain workbook, or the sheet cannot be told.
    """
    check_archive(content)
    import openpyxl  # type: ignore[import-untyped]

    if not openpyxl.DEFUSEDXML:
        refuse("WORKBOOK", "The hardened XML parser is missing.", "Install defusedxml.")
    values = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=True, keep_links=False
    )
    formulas = openpyxl.load_workbook(
        io.BytesIO(content), read_only=True, data_only=False, keep_links=False
    )
    sheet = _sheet_name([s.title for s in values.worksheets], form)
    rows = [
        [_text(value, formula) for value, formula in zip(one, other, strict=True)]
        for one, other in zip(
            values[sheet].iter_rows(values_only=True),
            formulas[sheet].iter_rows(values_only=True),
            strict=True,
        )
    ]
    if not rows or not any(rows[0]):
        refuse("NO_ROWS", "The first row of the sheet is empty.", "Put the header there.", line=1)
    header = tuple(rows[0])
    kept = [(line, row) for line, row in enumerate(rows[1:], 2) if any(row)]
    width = max(place for place, name in enumerate(header, 1) if name)
    return Table(
        header=header[:width],
        rows=[_cut(row, width) for _, row in kept],
        lines=[line for line, _ in kept],
    )


def check_archive(content: bytes) -> None:
    """Look at the archive's directory; nothing is unpacked.

    Raises:
        ExportRefusedError: ``WORKBOOK`` – damaged, encrypted, with macros, nested, or a bomb.
    """
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        refuse("WORKBOOK", "The workbook is damaged.", _SAVE_AGAIN)
    names = {member.filename.lower() for member in members}
    if "xl/workbook.xml" not in names:
        refuse("WORKBOOK", "This archive is not an XLSX workbook.", _SAVE_AGAIN)
    if any(member.flag_bits & _ENCRYPTED for member in members):
        refuse("WORKBOOK", "The workbook is protected by a password.", _SAVE_AGAIN)
    if any(name.endswith(("vbaproject.bin", ".zip", ".xlsx", ".xlsm", ".docx")) for name in names):
        refuse("WORKBOOK", "The workbook holds macros or other files.", _SAVE_AGAIN)
    if len(members) > MEMBER_LIMIT or sum(m.file_size for m in members) > UNPACKED_LIMIT:
        refuse("WORKBOOK", "The workbook is too large once unpacked.", _SAVE_AGAIN)
    if any(m.file_size > max(SMALL, RATIO_LIMIT * m.compress_size) for m in members):
        refuse("WORKBOOK", "A part of the workbook unpacks to far too much.", _SAVE_AGAIN)


def _sheet_name(names: list[str], form: TableFormat) -> str:
    if form.sheet in names:
        return str(form.sheet)
    if form.sheet is None and len(names) == 1:
        return names[0]
    return refuse(
        "SHEET",
        "The workbook has several sheets, hidden ones included."
        if form.sheet is None
        else "The workbook has no sheet of the declared name.",
        "Name the sheet in the file given by --map (sheet: …).",
    )


def _cut(row: list[str], width: int) -> list[str]:
    """Take off empty cells right of the header; others stay, and break the field count."""
    row = [*row, *([""] * (width - len(row)))]
    while len(row) > width and not row[-1]:
        row.pop()
    return row


def _text(value: object, formula: object) -> str:
    if value is None:
        return UNCOMPUTED if formula is not None else ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    return str(value)
