"""From typed cells of workbooks and SPSS files to the text that every reader gives.

Text files are checked while they are decoded and split; what other formats give as text is held to
the same demands here.
"""

import math
from collections.abc import Iterable, Sequence
from decimal import Decimal

from rapport.exports.file_rules import refuse
from rapport.exports.tokens import FIELD_LIMIT

Cell = str | bool | int | float | list[str] | None
"""A cell as a child tells it; ``["date", "YYYY-MM-DD HH:MM:SS"]`` is a typed date."""

_MIDNIGHT = " 00:00:00"


def cell_text(cell: Cell, decimal: str = ".") -> str:
    """Return a cell as text, without guessing what it may have been before.

    Args:
        cell: The typed cell.
        decimal: Decimal mark in which the mapping expects numbers.

    Returns:
        Empty for no value; numbers in their shortest form without an exponent (7, never 7.0); dates
        as ISO days, with the time of day if they have one; truth values as TRUE and FALSE.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, list):
        return cell[1].removesuffix(_MIDNIGHT)
    return _number(cell).replace(".", decimal)


def day_text(cell: Cell, decimal: str = ".") -> str:
    """Return the cell of a column of days: the ISO day of a typed date, and text as it is."""
    return cell[1].partition(" ")[0] if isinstance(cell, list) else cell_text(cell, decimal)


def check_texts(rows: Iterable[Sequence[str]], lines: Iterable[int]) -> None:
    """Refuse texts that no text file could have passed with.

    Args:
        rows: The texts of each row, the header first.
        lines: The line of each row.

    Raises:
        ExportRefusedError: ``ENCODING`` (half of a character), ``NUL_BYTE`` or ``FIELD_TOO_LONG``,
            with the line.
    """
    for row, line in zip(rows, lines, strict=True):
        joined = "".join(row)
        if "\0" in joined:
            refuse(
                "NUL_BYTE",
                "A text holds NUL characters; the file is damaged.",
                "Export again; if it stays so, tell the makers of the software.",
                line=line,
            )
        if not _is_whole(joined):
            refuse(
                "ENCODING",
                "A text holds half a character; the file is damaged.",
                "Export again; if it stays so, tell the makers of the software.",
                line=line,
            )
        if any(len(text) > FIELD_LIMIT for text in row):
            refuse(
                "FIELD_TOO_LONG",
                f"A text is longer than {FIELD_LIMIT} characters.",
                "Leave long texts out of the export.",
                line=line,
            )


def _is_whole(text: str) -> bool:
    """Whether a text has no half of a surrogate pair, which no database or file can hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(number: float) -> str:
    if isinstance(number, float):
        if not math.isfinite(number):
            return repr(number)
        if number.is_integer():
            return format(Decimal(number), "f")
    return format(Decimal(repr(number)), "f")
