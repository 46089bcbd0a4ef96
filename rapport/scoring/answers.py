"""Answers before they are scored: held against the scale, then reversed. Vectorised.

Out of range is never "missing": such an answer is found here, and the form is not scored.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.instruments import Instrument

Matrix = NDArray[np.float64]
Mask = NDArray[np.bool_]
Counts = NDArray[np.int64]
Reasons = NDArray[np.object_]

_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of n forms to the k items of one instrument.

    Attributes:
        keyed: Answers after reversal, shape (n, k); NaN = not answered.
        is_answered: Shape (n, k).
        is_foreign: Shape (n, k): answered, but not an answer that the item allows.
        filled: As ``keyed``, with gaps filled, where the instrument's rule fills them one by one.
    """

    keyed: Matrix
    is_answered: Mask
    is_foreign: Mask
    filled: Matrix | None = None


def keyed_answers(raw: Matrix, instrument: Instrument) -> Answers:
    """Hold raw answers against the scale and reverse the reversed items.

    Args:
        raw: Shape (n, k), k = ``instrument.n_items``; NaN = not answered.
        instrument: Whose items they are.
    """
    low, high, step = _limits(instrument)
    is_answered = ~np.isnan(raw)
    with np.errstate(invalid="ignore"):
        is_foreign = is_answered & ((raw < low) | (raw > high) | _is_between(raw, low, step))
    keyed = raw
    if instrument.reversed:
        columns = [item - 1 for item in instrument.reversed]
        keyed = raw.copy()
        keyed[:, columns] = (low + high)[columns] - raw[:, columns]
    return Answers(keyed=keyed, is_answered=is_answered, is_foreign=is_foreign)


def _limits(instrument: Instrument) -> tuple[Matrix, Matrix, Matrix]:
    """Return minimum, maximum and step of each item, shape (k,) each."""
    scales = [instrument.scale_of(item) for item in range(1, instrument.n_items + 1)]
    return (
        np.array([scale.minimum for scale in scales]),
        np.array([scale.maximum for scale in scales]),
        np.array([scale.step for scale in scales]),
    )


def _is_between(raw: Matrix, low: Matrix, step: Matrix) -> Mask:
    """Return where an answer lies between two steps of the scale."""
    if (step == 1).all():  # exact, and quicker
        above = raw - low
        fraction: Mask = above != np.floor(above)
        return fraction
    steps = (raw - low) / step
    off: Mask = np.abs(steps - np.rint(steps)) > _TOLERANCE
    return off
