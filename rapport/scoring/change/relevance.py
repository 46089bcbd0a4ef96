"""Change that matters to people: minimal important difference and percentage of the start."""

import numpy as np
from numpy.typing import NDArray

from rapport.errors import Fault, StatisticsError
from rapport.scoring.rounding import without_noise

Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]


def important_change(
    pre: Scores,
    post: Scores,
    *,
    improvement_sign: int,
    smallest: float,
    smallest_worsening: float | None = None,
) -> tuple[Mask, Mask]:
    """Return who improved and who worsened by a minimal important difference or more.

    Args:
        pre: First scores, shape (n,).
        post: Last scores, shape (n,); a missing score is neither.
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        smallest: Minimal important improvement in points, > 0.
        smallest_worsening: Minimal important worsening, > 0; the same if not given.

    Raises:
        StatisticsError: A difference is not above 0.

    Source:
        Jaeschke, Singer & Guyatt (1989), Controlled Clinical Trials 10, 407-415.
    """
    worse = smallest if smallest_worsening is None else smallest_worsening
    _require_positive("minimal important difference", smallest, worse)
    improvement = without_noise(improvement_sign * (post - pre))
    is_better: Mask = improvement >= smallest
    is_worse: Mask = -improvement >= worse
    return is_better, is_worse


def percentage_change(
    pre: Scores, post: Scores, *, improvement_sign: int, floor: float = 0.0
) -> Scores:
    """Return improvement in per cent of the first score, positive = better.

    Args:
        pre: First scores, shape (n,).
        post: Last scores, shape (n,).
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        floor: The score that stands for "none": the scale's minimum (K10: 10).

    Formula:
        100 · sign · (post − pre) / (pre − floor)

    Returns:
        Shape (n,); NaN where the first score is not above the floor.

    Source:
        Hiller, Schindler & Lambert (2012), Psychotherapy Research 22, 1-11 (50 % = response).

    Example:
        >>> percentage_change(np.array([20.0]), np.array([8.0]), improvement_sign=-1).tolist()
        [60.0]
    """
    start = pre - floor
    with np.errstate(divide="ignore", invalid="ignore"):
        share = 100.0 * improvement_sign * (post - pre) / start
    return np.where(start > 0, share, np.nan)


def _require_positive(name: str, *values: float) -> None:
    if not all(np.isfinite(value) and value > 0 for value in values):
        raise StatisticsError(Fault("MID", f"The {name} is not above 0.", "Give points above 0."))
