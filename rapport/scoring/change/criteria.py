"""By which yardstick change is judged: a published threshold, or a reliable-change index.

A plan says what the user gave; a criterion is what it comes to for the pairs at hand, with every
number that was taken from the sample named as such.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rapport.errors import Fault, ScoringError
from rapport.instruments import Instrument
from rapport.scoring.change.categories import Boundary
from rapport.scoring.change.cutoffs import CutOffType, clinical_cut_off
from rapport.scoring.change.indices import METHODS, Method, critical_value
from rapport.scoring.change.reference import Reference
from rapport.scoring.change.samples import PairedSample

Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """What the user knows and wants.

    Attributes:
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        instrument: The instrument, if its published figures are to be used.
        method: The index; ``None`` for the instrument's published threshold.
        sd: Standard deviation of first scores; of the sample if not given.
        reliability: Reliability at the first score; needed by every index.
        reliability_post: Reliability at the last score, for NK.
        functional_mean: Mean of a functional group.
        functional_sd: Its standard deviation.
        cut_off: A cut-off in points, instead of a, b or c.
        cut_off_type: Which cut-off to compute; c with a functional group, else a.
        significance: Risk taken when a change is called reliable.
    """

    improvement_sign: int
    instrument: Instrument | None = None
    method: Method | None = None
    sd: float | None = None
    reliability: float | None = None
    reliability_post: float | None = None
    functional_mean: float | None = None
    functional_sd: float | None = None
    cut_off: float | None = None
    cut_off_type: CutOffType | None = None
    significance: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """The yardstick for the pairs at hand.

    Attributes:
        kind: ``threshold`` – a change so large or larger; ``index`` – an index beyond its
            critical value.
        words: The yardstick in a sentence, with where its numbers come from.
        threshold: Points, for ``threshold``.
        method: The index, for ``index``.
        reference: What the index needs, for ``index``.
        critical: Its critical value, for ``index``.
        cut_off: In points; ``None`` if there is none.
        cut_off_words: The cut-off in words.
        boundary: What a score on the cut-off is.
    """

    kind: Literal["threshold", "index"]
    words: str
    threshold: float | None = None
    method: Method | None = None
    reference: Reference | None = None
    critical: float | None = None
    cut_off: float | None = None
    cut_off_words: str = "none"
    boundary: Boundary = "neither"

    def index(self, pre: Scores, post: Scores) -> Scores:
        """Return the index of each pair, NaN under a published threshold."""
        if self.method is None or self.reference is None:
            return np.full(len(pre), np.nan)
        return METHODS[self.method](pre, post, self.reference)

    def reliable(self, pre: Scores, post: Scores, improvement_sign: int) -> tuple[Mask, Mask]:
        """Return who improved and who deteriorated reliably; a missing score is neither."""
        if self.threshold is not None:
            improvement = improvement_sign * (post - pre)
            return improvement >= self.threshold, -improvement >= self.threshold
        index = improvement_sign * self.index(pre, post)
        critical = np.inf if self.critical is None else self.critical
        return index > critical, index < -critical


def criterion_for(sample: PairedSample, plan: ChangePlan) -> Criterion:
    """Settle the yardstick.

    Args:
        sample: The pairs; what the plan leaves open is taken from them.
        plan: What the user gave.

    Raises:
        ScoringError: The plan does not suffice for a yardstick.
        StatisticsError: A figure is outside its range, or the sample does not vary.
    """
    wants_index = plan.method is not None or plan.reliability is not None
    found = _by_index(sample, plan) if wants_index else _by_threshold(plan)
    return _with_cut_off(found, sample, plan)


def _by_threshold(plan: ChangePlan) -> Criterion:
    change = plan.instrument.reliable_change if plan.instrument is not None else None
    if plan.instrument is None or change is None or not change.is_usable:
        raise ScoringError(
            Fault(
                "NO_THRESHOLD",
                "There is no confirmed reliable-change threshold to judge by.",
                "Give --reliability (and --sd), so that an index can be computed.",
            )
        )
    return Criterion(
        kind="threshold",
        threshold=change.value,
        words=f"a change of {change.value:g} points or more is reliable ({change.source})",
    )


def _by_index(sample: PairedSample, plan: ChangePlan) -> Criterion:
    if plan.reliability is None:
        raise ScoringError(
            Fault(
                "NO_RELIABILITY",
                "An index needs the reliability of the instrument.",
                "Give --reliability, such as 0.84; `rapport instruments ID` lists published ones.",
            )
        )
    method = plan.method or "JT"
    correlation = sample.correlation
    sd = sample.sd_pre if plan.sd is None else plan.sd
    reference = Reference(
        sd_pre=sd,
        reliability=plan.reliability,
        mean_pre=sample.mean_pre,
        mean_post=sample.mean_post,
        sd_post=sample.sd_post if sample.sd_post > 0 else None,
        correlation=None if np.isnan(correlation) else min(max(correlation, -1.0), 1.0),
        reliability_post=plan.reliability_post,
    )
    critical = critical_value(method, plan.significance)
    origin = "of this table" if plan.sd is None else "given"
    return Criterion(
        kind="index",
        method=method,
        reference=reference,
        critical=critical,
        words=f"a {method} index beyond {critical:.3f} is reliable "
        f"(SD {sd:.4g} {origin}, reliability {plan.reliability:g} given; "
        f"S_diff {reference.standard_error_of_difference:.4g} points)",
    )


def _with_cut_off(found: Criterion, sample: PairedSample, plan: ChangePlan) -> Criterion:
    if plan.cut_off is not None:
        return replace(found, cut_off=plan.cut_off, cut_off_words=f"{plan.cut_off:g}, given")
    published = plan.instrument.cut_offs.get("caseness") if plan.instrument else None
    is_computed = plan.cut_off_type is not None or plan.functional_mean is not None
    if not is_computed and published is not None and published.is_usable:
        is_inclusive = published.comparison in {"at_least", "at_most"}
        return replace(
            found,
            cut_off=published.value,
            cut_off_words=f"{published.value:g}, {published.meaning} ({published.source})",
            boundary="clinical" if is_inclusive else "functional",
        )
    if found.kind == "threshold" and not is_computed:
        return found
    kind = plan.cut_off_type or ("a" if plan.functional_mean is None else "c")
    value = clinical_cut_off(
        kind,
        improvement_sign=plan.improvement_sign,
        mean_clinical=sample.mean_pre,
        sd_clinical=sample.sd_pre if plan.sd is None else plan.sd,
        mean_functional=plan.functional_mean,
        sd_functional=plan.functional_sd,
    )
    words = f"{value:.4g}, type {kind}" + (
        "" if kind == "b" else ", with the mean first score of this table as clinical mean"
    )
    return replace(found, cut_off=value, cut_off_words=words)
