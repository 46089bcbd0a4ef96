"""Pairs of scores: who has both, who was dropped, and the moments of those used."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rapport.errors import Fault, StatisticsError

Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class PairedSample:
    """The people with both scores.

    Attributes:
        pre: First scores, shape (n_used,), in points.
        post: Last scores, same shape and order.
        is_used: Shape (n_given,): whether a person of the given arrays has both scores.
        n_without_pre: People dropped because the first score alone is missing.
        n_without_post: People dropped because the last score alone is missing.
        n_without_both: People dropped because both are missing.
    """

    pre: Scores
    post: Scores
    is_used: Mask
    n_without_pre: int
    n_without_post: int
    n_without_both: int

    @property
    def n_given(self) -> int:
        """People in the given arrays: used plus dropped."""
        return len(self.is_used)

    @property
    def n_used(self) -> int:
        """People with both scores."""
        return len(self.pre)

    @property
    def change(self) -> Scores:
        """``post − pre``, shape (n_used,)."""
        return self.post - self.pre

    @property
    def mean_pre(self) -> float:
        """Mean of the first scores; NaN of nobody."""
        return _mean(self.pre)

    @property
    def mean_post(self) -> float:
        """Mean of the last scores; NaN of nobody."""
        return _mean(self.post)

    @property
    def sd_pre(self) -> float:
        """Standard deviation (n − 1) of the first scores; NaN under two people."""
        return _sd(self.pre)

    @property
    def sd_post(self) -> float:
        """Standard deviation (n − 1) of the last scores; NaN under two people."""
        return _sd(self.post)

    @property
    def sd_change(self) -> float:
        """Standard deviation (n − 1) of the change; NaN under two people."""
        return _sd(self.change)

    @property
    def correlation(self) -> float:
        """Pearson correlation of first and last scores, −1 to 1; NaN where one does not vary."""
        product = self.sd_pre * self.sd_post
        if not product > 0:
            return float("nan")
        centred = (self.pre - self.mean_pre) * (self.post - self.mean_post)
        found = float(centred.sum() / (self.n_used - 1) / product)
        return min(max(found, -1.0), 1.0)  # arithmetic may make it 1.0000000000000002


def paired(pre: ArrayLike, post: ArrayLike) -> PairedSample:
    """Pair first and last scores of the same people.

    Args:
        pre: First scores, shape (n,); missing = NaN.
        post: Last scores, shape (n,), in the same order; missing = NaN.

    Raises:
        StatisticsError: The shapes differ, or a score is infinite.

    Example:
        >>> sample = paired([20.0, 15.0, 9.0], [10.0, float("nan"), 4.0])
        >>> sample.n_used, sample.n_without_post
        (2, 1)
    """
    first = np.asarray(pre, dtype=np.float64)
    last = np.asarray(post, dtype=np.float64)
    if first.ndim != 1 or first.shape != last.shape:
        raise StatisticsError(
            Fault("PAIRS", "First and last scores are not in pairs.", "Give one row a person.")
        )
    if np.isinf(first).any() or np.isinf(last).any():
        raise StatisticsError(
            Fault("PAIRS", "A score is infinite.", "Give finite scores; leave missing ones empty.")
        )
    no_first, no_last = np.isnan(first), np.isnan(last)
    is_used = ~no_first & ~no_last
    return PairedSample(
        pre=first[is_used],
        post=last[is_used],
        is_used=is_used,
        n_without_pre=int((no_first & ~no_last).sum()),
        n_without_post=int((no_last & ~no_first).sum()),
        n_without_both=int((no_first & no_last).sum()),
    )


def _mean(values: Scores) -> float:
    return float(values.mean()) if len(values) else float("nan")


def _sd(values: Scores) -> float:
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
