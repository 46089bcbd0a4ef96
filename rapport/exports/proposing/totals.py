"""The column in which a clinic states its own total: by its name, and by what it holds."""

import math
import re
from collections.abc import Sequence

from rapport.exports.proposing.columns import Column, joins_of, named
from rapport.exports.proposing.said import Said, unsure
from rapport.exports.values import number_text
from rapport.instruments import Instrument

TOTALS = frozenset({"total", "sum", "score", "summe", "suma", "gesamt", "wynik", "tot"})
"""Words in the name of a column that holds a total."""

_TOLERANCE = 0.005
_NUMBER = re.compile(r"\d{1,4}(\.\d{1,3})?", re.ASCII)
_MOST_ROWS = 400
_FEWEST_SUMS = 3


def total_of(
    columns: Sequence[Column], instrument: Instrument, every: Sequence[Column], *, decimal: str
) -> Said | None:
    """Return the column with the clinic's own total of a form, if one is found.

    Args:
        columns: The columns of the form's items.
        instrument: What they are taken for.
        every: All columns among which it may be.
        decimal: Decimal mark of the file.

    Returns:
        The column: sure if its name and its content say so, doubtful if only its content does.
    """
    others = [one for one in every if one not in columns]
    called = [one for one in others if _is_called(one, instrument)]
    summed = [one for one in called if _is_sum(one, columns, instrument, decimal)]
    if len(summed) == 1:
        return Said(summed[0].name)
    if summed:
        more = named(one.name for one in summed[1:])
        return unsure(summed[0].name, f"{more} would do as well")
    if instrument.reversed:
        return None
    found = [one for one in others if _is_sum(one, columns, instrument, decimal, by_content=True)]
    if len(found) == 1:
        return unsure(found[0].name, "by its content alone: it is the sum of the items")
    return None


def _is_called(column: Column, instrument: Instrument) -> bool:
    words = joins_of(column.name)
    own = {instrument.id.replace("-", ""), instrument.id.partition("-")[0]}
    run_together = {f"{name}{word}" for name in own for word in TOTALS}
    is_bare = len(words) == 1
    return bool(words & run_together or (words & TOTALS and (words & own or is_bare)))


def _is_sum(
    total: Column,
    columns: Sequence[Column],
    instrument: Instrument,
    decimal: str,
    *,
    by_content: bool = False,
) -> bool:
    """Whether a column is the plain sum of the items on most rows where all are numbers.

    By its content alone a column is a total only if several different sums are right.
    """
    if instrument.reversed:
        return bool(total.texts)
    pairs = []
    for at, stated in enumerate(total.cells[:_MOST_ROWS]):
        cells = [column.cells[at] for column in columns if at < len(column.cells)]
        numbers = [_number(text, decimal) for text in (stated, *cells)]
        if len(cells) == len(columns) and not any(map(math.isnan, numbers)):
            pairs.append((numbers[0], sum(numbers[1:])))
    right = [said for said, real in pairs if math.isclose(said, real, abs_tol=_TOLERANCE)]
    if by_content and len(set(right)) < _FEWEST_SUMS:
        return False
    return bool(pairs) and len(right) * 10 >= len(pairs) * 9


def _number(text: str, decimal: str) -> float:
    """Return a plain number, or not-a-number for any other text."""
    written = number_text(text, decimal)
    return float(written) if _NUMBER.fullmatch(written) else math.nan
