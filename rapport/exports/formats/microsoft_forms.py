"""Microsoft Forms: a workbook with its own columns first, then one column a question.

Headings lose their no-break spaces. A question text that occurs again has a number behind it.
"""

from dataclasses import replace

from rapport.clinics.mapping import ExportMapping
from rapport.exports.formats.workbook import plain_name, sheet_tokens, table_of
from rapport.exports.mangled import check_ids
from rapport.exports.table import Table

_KNOWN = (
    "ID", "Id", "Start time", "Completion time", "Email", "Name", "Last modified time", "Language",
    "Total points", "Quiz feedback", "Grade posted time", "Points - *", "Feedback - *",
)  # fmt: skip


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read the workbook that Microsoft Forms exports; times are the clinic's own.

    Raises:
        ExportRefusedError: The file is no plain workbook, or the sheet cannot be told or read.
    """
    table = table_of(sheet_tokens(content, mapping))
    table = replace(table, header=tuple(map(plain_name, table.header)), known=_KNOWN)
    check_ids(table, mapping)
    return table
