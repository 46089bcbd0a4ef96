"""Google Forms: CSV from the form, or CSV and XLSX from its sheet; the question is the heading.

A form's own CSV writes times as ``2024/03/01 2:15:07 pm GMT+1``; the offset is turned into the one
that a date format can read (``+01:00``, read by ``%z``). A grid's heading is ``Question [Row]``.
"""

import re
from dataclasses import replace

from rapport.clinics.mapping import ExportMapping
from rapport.exports.formats.workbook import table_of, tokens_of_either
from rapport.exports.mangled import check_ids
from rapport.exports.table import Table

_KNOWN = (
    "Timestamp",
    "Zeitstempel",
    "Sygnatura czasowa",
    "Horodateur",
    "Marca temporal",
    "Email Address",
    "Username",
    "Score",
    "* [[]Score]",
    "* [[]Feedback]",
)
_OFFSET = re.compile(r" (?:GMT|UTC)(?:([+-])(\d{1,2})(?::?(\d{2}))?)?$", re.ASCII)


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read responses; answers are the words of the choices, declared under ``codes``.

    Raises:
        ExportRefusedError: The file cannot be split into records, or is something else.
    """
    table = replace(table_of(tokens_of_either(content, mapping)), known=_KNOWN)
    check_ids(table, mapping)
    if mapping.date not in table.header:
        return table
    place = table.header.index(mapping.date)
    rows = [
        [_with_offset(cell) if at == place else cell for at, cell in enumerate(row)]
        for row in table.rows
    ]
    return replace(table, rows=rows)


def _with_offset(moment: str) -> str:
    found = _OFFSET.search(moment)
    if not found:
        return moment
    sign, hours, minutes = found[1] or "+", found[2] or "0", found[3] or "0"
    return f"{moment[: found.start()]} {sign}{int(hours):02d}:{int(minutes):02d}"
