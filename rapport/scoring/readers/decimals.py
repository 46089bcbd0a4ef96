"""The decimal mark of numbers in a table where nobody declared it."""

import re
from collections.abc import Iterable
from typing import Literal

DecimalMark = Literal[".", ","]

_POINT = re.compile(r"-?\d+\.\d+", re.ASCII)
_COMMA = re.compile(r"-?\d+,\d+", re.ASCII)
_THOUSANDS = re.compile(r"-?\d{1,3},\d{3}", re.ASCII)


def decimal_mark(cells: Iterable[str]) -> DecimalMark:
    """Return the comma where some numbers have one and none has a point; else the point.

    Commas that all stand before three figures could be thousands, and are not taken for decimals:
    such a cell is then no number, and is told.

    Args:
        cells: The different texts of the columns that are read.

    Example:
        >>> decimal_mark(["2,5", "7", ""])
        ','
    """
    texts = list(cells)
    with_comma = [cell for cell in texts if _COMMA.fullmatch(cell)]
    has_point = any(_POINT.fullmatch(cell) for cell in texts)
    is_thousands = all(_THOUSANDS.fullmatch(cell) for cell in with_comma)
    return "," if with_comma and not has_point and not is_thousands else "."
