"""The yardstick for the pairs at hand, and what it says of them."""

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import NDArray

from rapport.scoring.change.categories import Boundary, Sides, sides_of
from rapport.scoring.change.indices import METHODS, Method
from rapport.scoring.change.reference import Reference
from rapport.scoring.change.relevance import percentage_change
from rapport.scoring.change.true_scores import TrueCutOff
from rapport.scoring.rounding import without_noise

Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]
CriterionMethod = Method | Literal["MID", "percentage"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """What change counts, and where the cut-off lies.

    Attributes:
        kind: ``threshold`` – a change of so many points or more; ``percentage`` – of so many per
            cent of the first score or more; ``index`` – an index beyond its critical value.
        words: The yardstick in a sentence, with where its numbers come from.
        threshold: Points or per cent for the better.
        threshold_worsening: Points or per cent for the worse.
        floor: The score from which percentages count.
        method: The method; ``None`` for a published threshold.
        reference: What the index needs, for ``index``.
        critical: Its critical value, for ``index``.
        cut_off: In points; ``None`` if there is none.
        cut_off_words: The cut-off in words.
        boundary: What a score on the cut-off is.
        true_cut_off: The cut-off as Hageman and Arrindell use it; ``None`` for other methods.
    """

    kind: Literal["threshold", "percentage", "index"]
    words: str
    threshold: float | None = None
    threshold_worsening: float | None = None
    floor: float = 0.0
    method: CriterionMethod | None = None
    reference: Reference | None = None
    critical: float | None = None
    cut_off: float | None = None
    cut_off_words: str = "none"
    boundary: Boundary = "neither"
    true_cut_off: TrueCutOff | None = None

    def index(self, pre: Scores, post: Scores) -> Scores:
        """Return the index of each pair, NaN where the yardstick is no index."""
        formula = METHODS.get(cast("Method", self.method))
        if formula is None or self.reference is None:
            return np.full(len(pre), np.nan)
        return formula(pre, post, self.reference)

    def reliable(self, pre: Scores, post: Scores, improvement_sign: int) -> tuple[Mask, Mask]:
        """Return who improved and who deteriorated so that it counts; a missing score is neither.

        Args:
            pre: First scores, shape (n,).
            post: Last scores, shape (n,).
            improvement_sign: +1 where a rise is better, −1 where a fall is.
        """
        if self.kind == "index":
            index = improvement_sign * self.index(pre, post)
            critical = np.inf if self.critical is None else self.critical
            return without_noise(index - critical) > 0, without_noise(index + critical) < 0
        better = np.inf if self.threshold is None else self.threshold
        worse = better if self.threshold_worsening is None else self.threshold_worsening
        change = improvement_sign * (post - pre)
        if self.kind == "percentage":
            change = percentage_change(
                pre, post, improvement_sign=improvement_sign, floor=self.floor
            )
        change = without_noise(change)
        return change >= better, -change >= worse

    def sides(self, pre: Scores, post: Scores, improvement_sign: int) -> Sides | None:
        """Return the sides of the cut-off; ``None`` without one.

        Args:
            pre: First scores, shape (n,).
            post: Last scores, shape (n,).
            improvement_sign: +1 where a rise is better, −1 where a fall is.
        """
        if self.true_cut_off is not None:
            return self.true_cut_off.sides(pre, post, improvement_sign)
        if self.cut_off is None:
            return None
        return sides_of(
            pre,
            post,
            cut_off=self.cut_off,
            improvement_sign=improvement_sign,
            boundary=self.boundary,
        )

    def band(self, pre: Scores, improvement_sign: int) -> tuple[Scores, Scores]:
        """Return, for first scores, the last scores between which change does not count.

        Every index is linear in the last score, so that its two borders are found exactly.

        Args:
            pre: First scores, shape (n,).
            improvement_sign: +1 where a rise is better, −1 where a fall is.

        Returns:
            Lower and upper border, shape (n,) each, in points; no band where a percentage has no
            meaning because the first score is not above the floor.
        """
        if self.kind == "index":
            at_zero = self.index(pre, np.zeros_like(pre))
            slope = self.index(pre, np.ones_like(pre)) - at_zero
            critical = np.inf if self.critical is None else self.critical
            return (-critical - at_zero) / slope, (critical - at_zero) / slope
        better = np.inf if self.threshold is None else self.threshold
        worse = better if self.threshold_worsening is None else self.threshold_worsening
        unit = np.ones_like(pre)
        if self.kind == "percentage":
            unit = np.where(pre > self.floor, (pre - self.floor) / 100, np.nan)
        up, down = (better, worse) if improvement_sign > 0 else (worse, better)
        return pre - down * unit, pre + up * unit
