"""One sheet of an XLSX workbook, checked and parsed as those of clinics are."""

from rapport.errors import ExportRefusedError
from rapport.exports.cells import cell_text
from rapport.exports.children import Refused, parsed
from rapport.exports.file_rules import refuse
from rapport.exports.formats.workbook import check_workbook, fitted
from rapport.exports.table import Table
from rapport.scoring.item_mapping import TableFormat

UNCOMPUTED = "?formula"
"""Stands for a formula whose value was never stored: no answer, and not "missing" either."""

_SAVE_AGAIN = "Open it in the software that made it, save it as CSV, and use that file."


def read_workbook(content: bytes, form: TableFormat) -> Table:
    """Read the declared sheet, or the only one; line numbers are those of its rows.

    Raises:
        ExportRefusedError: The archive is not a plain workbook, or the sheet cannot be told.
    """
    try:
        check_workbook(content)
    except ExportRefusedError as error:
        refuse("WORKBOOK", error.faults[0].message, _SAVE_AGAIN)
    found = parsed("workbook", content, form.sheet or "", UNCOMPUTED)
    if isinstance(found, Refused):
        rule = "SHEET" if found.about == "sheet" else "WORKBOOK"
        refuse(rule, found.message, found.remedy or _SAVE_AGAIN, line=found.line)
    rows = [(line, [cell_text(cell) for cell in cells]) for line, cells in found["rows"]]
    if not rows or rows[0][0] != 1:
        refuse("NO_ROWS", "The first row of the sheet is empty.", "Put the header there.", line=1)
    header = tuple(rows[0][1])
    width = max(place for place, name in enumerate(header, 1) if name)
    return Table(
        header=header[:width],
        rows=[fitted(row, width) for _, row in rows[1:]],
        lines=[line for line, _ in rows[1:]],
    )
