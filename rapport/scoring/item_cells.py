"""The cells of the item columns of a table as answers: allowed, missing, out of range, unreadable.

Each different text of a column is looked at once; nothing is guessed, and nothing is repaired.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rapport.exports.table import Table
from rapport.exports.values import number_text
from rapport.instruments import Instrument
from rapport.scoring.answers import Mask, Matrix
from rapport.scoring.item_mapping import ItemMapping
from rapport.scoring.readers.decimals import DecimalMark, decimal_mark

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?", re.ASCII)
_OUT_OF_RANGE, _UNREADABLE = np.inf, -np.inf


@dataclass(frozen=True, slots=True)
class ItemCells:
    """The item cells of n rows.

    Attributes:
        answers: Shape (n, k); NaN where a cell is missing or at fault.
        is_whole: Shape (n,): whether the row has as many fields as the header; if not, none of
            its cells is read.
        is_out_of_range: Shape (n, k): a number that the item does not allow.
        is_unreadable: Shape (n, k): neither a number, nor a known answer, nor missing.
    """

    answers: Matrix
    is_whole: Mask
    is_out_of_range: Mask
    is_unreadable: Mask

    @property
    def is_foul(self) -> Mask:
        """Shape (n, k): cells at fault, either way."""
        return self.is_out_of_range | self.is_unreadable


def item_cells(
    table: Table, columns: Sequence[str], instrument: Instrument, mapping: ItemMapping
) -> ItemCells:
    """Read the item columns of a table.

    Args:
        table: Header and rows.
        columns: The column of each item, in the instrument's order; each stands in it once.
        instrument: Whose items they are.
        mapping: Declares missing codes, codes and the decimal mark.
    """
    width = len(table.header)
    is_whole = np.fromiter((len(row) == width for row in table.rows), np.bool_, len(table.rows))
    whole = [row for row in table.rows if len(row) == width]
    texts = [[row[place] for row in whole] for place in map(table.header.index, columns)]
    different = [set(cells) for cells in texts]
    decimal = mapping.decimal or decimal_mark(set().union(*different))
    read = np.full((len(table.rows), len(columns)), np.nan)
    for place, cells in enumerate(texts):
        allowed = frozenset(instrument.allowed_answers(place + 1))
        known = {cell: _answer(cell, allowed, mapping, decimal) for cell in different[place]}
        read[is_whole, place] = [known[cell] for cell in cells]
    return ItemCells(
        answers=np.where(np.isinf(read), np.nan, read),
        is_whole=is_whole,
        is_out_of_range=read == _OUT_OF_RANGE,
        is_unreadable=read == _UNREADABLE,
    )


def _answer(
    cell: str, allowed: frozenset[str], mapping: ItemMapping, decimal: DecimalMark
) -> float:
    """Return an answer's number, NaN for a missing one, an infinity for a cell at fault."""
    if not cell or cell in mapping.missing_codes:
        return np.nan
    if mapping.codes is not None:
        return float(mapping.codes[cell]) if cell in mapping.codes else _UNREADABLE
    text = number_text(cell, decimal)
    if text in allowed:
        return float(text)
    return _OUT_OF_RANGE if _NUMBER.fullmatch(text) else _UNREADABLE
