"""Ids that a spreadsheet program has destroyed: the file cannot be used, the original can."""

import re
from collections.abc import Sequence

from rapport.clinics.mapping import ExportMapping
from rapport.exports.cells import Cell
from rapport.exports.file_rules import refuse
from rapport.exports.table import Table

EXACT = 10**15
"""From this size on, a spreadsheet program no longer keeps every digit of a number."""

_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d{1,3}", re.ASCII | re.IGNORECASE)
_REMEDY = "Export again, and deliver the file without opening and saving it in Excel."


def key_columns(mapping: ExportMapping) -> frozenset[str]:
    """Return the columns of a mapping that tell patients, therapists and sessions apart."""
    keys = (mapping.patient, mapping.therapist, mapping.session, mapping.episode)
    return frozenset(name for name in keys if name is not None)


def check_ids(table: Table, mapping: ExportMapping, *, also: Sequence[str] = ()) -> None:
    """Refuse a file with ids that were shown in powers of ten and saved like that.

    Args:
        table: The file as text.
        mapping: Names the columns of keys.
        also: Further columns of ids that the format has.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` with line and column, as in ``1.18E+11``.
    """
    for name in sorted((key_columns(mapping) | set(also)) & set(table.header)):
        place = table.header.index(name)
        texts = {row[place] for row in table.rows if place < len(row)}
        if not any(map(_ROUNDED.fullmatch, texts)):
            continue
        for row, line in zip(table.rows, table.lines, strict=True):
            if place < len(row) and _ROUNDED.fullmatch(row[place]):
                refuse(
                    "WRONG_FORMAT",
                    "A spreadsheet program has rounded ids; which ones they were is lost.",
                    _REMEDY,
                    line=line,
                    column=name,
                )


def check_key_cell(cell: Cell, line: int, column: str) -> None:
    """Refuse a typed cell of a key column that can no longer be what was exported.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` – a date, or a number of more than 15 digits.
    """
    if isinstance(cell, list) and cell[0] == "date":
        message = "A spreadsheet program has turned an id into a date."
    elif isinstance(cell, int | float) and abs(cell) >= EXACT:
        message = "A spreadsheet program has rounded an id of more than 15 digits."
    else:
        return
    refuse("WRONG_FORMAT", message, _REMEDY, line=line, column=column)
