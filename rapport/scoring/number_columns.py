"""Columns of scores as numbers: missing, out of range, or no number at all, told apart."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.errors import Fault, ScoringError
from rapport.exports.table import Table
from rapport.exports.values import number_text
from rapport.scoring.item_mapping import TableFormat
from rapport.scoring.readers.decimals import DecimalMark, decimal_mark

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_LONGEST = 30


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of n rows in k columns.

    Attributes:
        values: Shape (n, k); NaN where a cell holds no number that can be used.
        is_whole: Shape (n,): whether the row has as many fields as the header.
        is_unreadable: Shape (n, k): a cell is neither missing nor a number as declared.
        is_out_of_range: Shape (n, k): a number outside the limits.
    """

    values: NDArray[np.float64]
    is_whole: NDArray[np.bool_]
    is_unreadable: NDArray[np.bool_]
    is_out_of_range: NDArray[np.bool_]


def numbers_of(
    table: Table,
    names: Sequence[str],
    form: TableFormat,
    *,
    limits: tuple[float, float] | None = None,
) -> Numbers:
    """Read columns of numbers.

    Args:
        table: Header and rows.
        names: The columns, each once in the header.
        form: Declares missing codes and the decimal mark.
        limits: Lowest and highest number allowed; ``None`` for any.

    Raises:
        ScoringError: A column does not stand in the table, or stands in it more than once.
    """
    places = [place_of(table, name) for name in names]
    width = len(table.header)
    whole = [row for row in table.rows if len(row) == width]
    texts = [[row[place] for row in whole] for place in places]
    different = set().union(*texts)
    decimal = form.decimal or decimal_mark(different)
    known = {cell: _number(cell, form, decimal) for cell in different}
    is_whole = np.fromiter((len(row) == width for row in table.rows), np.bool_, len(table.rows))
    values = np.full((len(table.rows), len(names)), np.nan)
    for column, cells in enumerate(texts):
        values[is_whole, column] = [known[cell] for cell in cells]
    is_unreadable = np.isinf(values)
    values[is_unreadable] = np.nan
    low, high = (-np.inf, np.inf) if limits is None else limits
    is_out = (values < low) | (values > high)
    values[is_out] = np.nan
    return Numbers(values, is_whole, is_unreadable, is_out)


def place_of(table: Table, name: str) -> int:
    """Return where a column stands, from 0.

    Raises:
        ScoringError: It does not stand in the table, or more than once.
    """
    if table.header.count(name) != 1:
        how = "is not in the table" if name not in table.header else "stands more than once"
        raise ScoringError(
            Fault(
                "MISSING_COLUMN" if name not in table.header else "DUPLICATE_COLUMN",
                f"This column {how}.",
                "Compare the name with the table's first row, letter by letter.",
                column=name,
            )
        )
    return table.header.index(name)


def _number(cell: str, form: TableFormat, decimal: DecimalMark) -> float:
    """Return a number, NaN for a missing one, infinity for what is no number."""
    if not cell or cell in form.missing_codes:
        return np.nan
    text = number_text(cell, decimal)
    return float(text) if _NUMBER.fullmatch(text) and len(text) < _LONGEST else np.inf
