"""A header that stands in a file once more: two exports that were put one after the other.

Read as a row it would break half of the rules on rows, or, where the clinic is named, look like a
row of another clinic; so it is told before any rule on rows is asked.
"""

from collections.abc import Collection, Sequence

from rapport.exports.file_rules import refuse
from rapport.exports.table import Table

_MOST = 0.8
"""Share of a row's texts that are names of columns if the row is a header."""


def check_heading(table: Table, patient: str) -> None:
    """Refuse a file in which its header stands again among the rows.

    Args:
        table: The file; its header, and :attr:`~rapport.exports.table.Table.heading`.
        patient: Name of the column of the patient, whose code is no name of a column.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``, with the line.
    """
    if patient not in table.header:
        return
    place = table.header.index(patient)
    names = frozenset((*table.header, *table.heading)) - {""}
    for at, row in enumerate(table.rows):
        if place < len(row) and row[place] in names and _is_heading(row, names):
            refuse(
                "WRONG_FORMAT",
                "The header stands on this line once more: two exports seem to have been put one "
                "after the other.",
                "Deliver each export as a file of its own; if this is one export, delete the line.",
                line=table.lines[at],
            )


def _is_heading(row: Sequence[str], names: Collection[str]) -> bool:
    texts = [text for text in row if text]
    return sum(text in names for text in texts) >= _MOST * len(texts)
