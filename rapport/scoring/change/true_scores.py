"""On which side of a cut-off a person truly is, by Hageman and Arrindell.

An observed score on the healthy side may be luck. The estimated true score is set against a
cut-off between *true* scores, and counts only if it lies beyond it by more than error.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rapport.errors import Fault, StatisticsError
from rapport.scoring.change.categories import Sides
from rapport.scoring.change.cutoffs import CutOffType, clinical_cut_off
from rapport.scoring.change.reference import Reference

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueCutOff:
    """A cut-off between true scores, and what it is held against.

    Attributes:
        value: The cut-off, in points.
        reference: With ``mean_pre``, ``mean_post``, ``sd_post``.
        critical: How far beyond it, in standard errors, a last score must be.
    """

    value: float
    reference: Reference
    critical: float

    def index(self, post: Scores) -> Scores:
        """Return how far the true last score lies above the cut-off, in standard errors.

        Formula:
            CS = [r₂(post − M₂) + M₂ − cut-off] / (√r₂ · SEM)

        Args:
            post: Last scores, shape (n,), in points; NaN gives NaN.

        Raises:
            StatisticsError: The last scores vary no more than error alone would make them.

        Source:
            Hageman & Arrindell (1999), Behaviour Research and Therapy 37, 1169-1193.
        """
        known = self.reference
        mean, r = known.needed("mean_post"), known.reliability_at_last
        if not r > 0:
            raise StatisticsError(_no_true_spread())
        error = float(np.sqrt(r)) * known.standard_error
        return (r * (post - mean) + mean - self.value) / error

    def sides(self, pre: Scores, post: Scores, improvement_sign: int) -> Sides:
        """Return who was, and who is, clinical and functional.

        The first score counts by the estimated true score alone; the last must lie beyond the
        cut-off by more than error, and is neither clinical nor functional otherwise.

        Args:
            pre: First scores, shape (n,).
            post: Last scores, shape (n,).
            improvement_sign: +1 where a rise is better, −1 where a fall is.
        """
        known = self.reference
        mean = known.needed("mean_pre")
        r = known.true_sd(known.sd_first) ** 2 / known.sd_first**2
        start = improvement_sign * (r * (pre - mean) + mean - self.value)
        end = improvement_sign * self.index(post)
        return Sides(
            was_clinical=start < 0,
            was_functional=start > 0,
            is_clinical=end < -self.critical,
            is_functional=end > self.critical,
        )


def true_cut_off(
    kind: CutOffType,
    reference: Reference,
    *,
    improvement_sign: int,
    mean_functional: float | None = None,
    sd_functional: float | None = None,
) -> float:
    """Return cut-off a, b or c with the spreads of true scores in place of observed ones.

    Args:
        kind: Which cut-off.
        reference: With ``mean_pre``; the clinical group is that of the first scores.
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        mean_functional: Mean of a functional group (for b, c).
        sd_functional: Its standard deviation of observed scores (for b, c).

    Raises:
        StatisticsError: A figure is missing, or a group varies no more than error alone.

    Source:
        Hageman & Arrindell (1999): the error of measurement is the same in both groups.
    """
    spreads = [reference.sd_first] if kind != "b" else []
    spreads += [sd_functional] if kind != "a" and sd_functional is not None else []
    if not all(reference.true_sd(sd) > 0 for sd in spreads):
        raise StatisticsError(_no_true_spread())
    return clinical_cut_off(
        kind,
        improvement_sign=improvement_sign,
        mean_clinical=reference.needed("mean_pre"),
        sd_clinical=reference.true_sd(reference.sd_first),
        mean_functional=mean_functional,
        sd_functional=None if sd_functional is None else reference.true_sd(sd_functional),
    )


def _no_true_spread() -> Fault:
    return Fault(
        "NO_TRUE_CHANGE",
        "Scores vary no more than measurement error alone would make them.",
        "Use JT, or give a cut-off in points with another method.",
    )
