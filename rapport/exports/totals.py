"""The clinic's own totals, held against the items."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.exports.text_rows import TOTAL, item_columns
from rapport.instruments import Instrument

_TOLERANCE = 0.005
_NOT_ASKED = 2


def total_matches(rows: pd.DataFrame, catalogue: Mapping[str, Instrument]) -> npt.NDArray[np.int8]:
    """Say of every row whether the totals that the clinic computed are those of its items.

    Args:
        rows: The text frame.
        catalogue: Instruments by id: their reversed items.

    Returns:
        1 if all totals on the row match, 0 if one does not, 2 if there is none to compare: no
        total given, or items missing or unreadable (which other rules tell). Shape (n,). The
        total is the plain sum after reversal, or the same made into the instrument's published
        range, to two decimals.
    """
    answers = np.full(len(rows), _NOT_ASKED, dtype=np.int8)
    for name in rows.columns:
        if name.startswith(TOTAL):
            found = _matches(rows, name, catalogue)
            answers = np.minimum(answers, found)
    return answers


def _matches(
    rows: pd.DataFrame, name: str, catalogue: Mapping[str, Instrument]
) -> npt.NDArray[np.int8]:
    form_key = name.removeprefix(TOTAL)
    instrument = catalogue[form_key.partition(".")[0]]
    answers = np.full(len(rows), _NOT_ASKED, dtype=np.int8)
    places = np.flatnonzero(rows[name].notna().to_numpy())
    if not len(places):
        return answers
    part = rows.iloc[places]
    items = _numbers(part[list(item_columns(form_key, instrument.n_items))])
    for item in instrument.reversed:
        scale = instrument.scale_of(item)
        items[:, item - 1] = scale.minimum + scale.maximum - items[:, item - 1]
    raw = items.sum(axis=1)
    stated = _numbers(part[[name]])[:, 0]
    is_same = np.abs(stated - raw) < _TOLERANCE
    is_same |= np.abs(stated - _published(raw, instrument)) < _TOLERANCE
    answers[places] = np.where(np.isnan(raw), _NOT_ASKED, is_same)
    return answers


def _numbers(texts: pd.DataFrame) -> npt.NDArray[np.float64]:
    """Return texts as numbers; what is missing or no number as ``NaN``."""
    cells = texts.to_numpy()
    codes, uniques = pd.factorize(cells.ravel())
    numbers = pd.to_numeric(pd.Series([*uniques, None], dtype=object), errors="coerce")
    found: npt.NDArray[np.float64] = numbers.to_numpy(dtype=np.float64)[codes].reshape(cells.shape)
    return found


def _published(raw: npt.NDArray[np.float64], instrument: Instrument) -> npt.NDArray[np.float64]:
    """Return the totals in the instrument's published range."""
    total = instrument.total
    if total is None:
        return raw
    if total.table is not None:
        known = {float(points): score for points, score in total.table.items()}
        return np.array([known.get(points, np.nan) for points in raw.tolist()], dtype=np.float64)
    scores = raw / instrument.n_items if total.method == "mean" else raw
    return scores * total.factor
