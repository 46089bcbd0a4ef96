"""From typed cells of workbooks and SPSS files to the text that every reader gives."""

import math
from decimal import Decimal

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


def _number(number: float) -> str:
    if isinstance(number, float):
        if not math.isfinite(number):
            return repr(number)
        if number.is_integer():
            return format(Decimal(number), "f")
    return format(Decimal(repr(number)), "f")
