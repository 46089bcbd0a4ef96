"""By which yardstick change is judged: points, per cent, or a reliable-change index.

A plan says what the user gave; a criterion is what it comes to for the pairs at hand, with every
number that was taken from the sample named as such.
"""

from dataclasses import dataclass, replace

from rapport.errors import Fault, ScoringError, StatisticsError
from rapport.instruments import Instrument
from rapport.scoring.change.categories import Boundary
from rapport.scoring.change.criterion import Criterion, CriterionMethod
from rapport.scoring.change.cutoffs import CutOffType, clinical_cut_off
from rapport.scoring.change.indices import Method, critical_value
from rapport.scoring.change.reference import Reference
from rapport.scoring.change.samples import PairedSample
from rapport.scoring.change.true_scores import TrueCutOff, true_cut_off

RESPONSE = 50.0
"""Per cent of the first score that count as a response where nothing else is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """What the user knows and wants.

    Attributes:
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        instrument: The instrument, if its published figures are to be used.
        method: The method; ``None`` for the instrument's published threshold, or for JT where a
            reliability is given.
        sd: Standard deviation of first scores; of the sample if not given.
        reliability: Reliability at the first score; needed by every index.
        reliability_post: Reliability at the last score, for NK and HA.
        functional_mean: Mean of a functional group.
        functional_sd: Its standard deviation.
        cut_off: A cut-off in points, instead of a, b or c.
        cut_off_type: Which cut-off to compute; c with a functional group, else a.
        smallest: Points (MID) or per cent of the first score (percentage) that count.
        smallest_worsening: The same for worsening; ``smallest`` if not given.
        floor: The score that stands for "none", for percentages; else the instrument's lowest.
        significance: Risk taken when a change is called reliable.
    """

    improvement_sign: int
    instrument: Instrument | None = None
    method: CriterionMethod | None = None
    sd: float | None = None
    reliability: float | None = None
    reliability_post: float | None = None
    functional_mean: float | None = None
    functional_sd: float | None = None
    cut_off: float | None = None
    cut_off_type: CutOffType | None = None
    smallest: float | None = None
    smallest_worsening: float | None = None
    floor: float | None = None
    significance: float = 0.05


def criterion_for(sample: PairedSample, plan: ChangePlan) -> Criterion:
    """Settle the yardstick.

    Args:
        sample: The pairs; what the plan leaves open is taken from them.
        plan: What the user gave.

    Raises:
        ScoringError: The plan does not suffice for a yardstick.
        StatisticsError: A figure is outside its range, or the sample does not vary.
    """
    if plan.method == "MID":
        found = _by_importance(plan)
    elif plan.method == "percentage":
        found = _by_percentage(plan)
    elif plan.method is not None or plan.reliability is not None:
        found = _by_index(sample, plan, "JT" if plan.method is None else plan.method)
    else:
        found = _by_threshold(plan)
    return _with_cut_off(found, sample, plan)


def _by_threshold(plan: ChangePlan) -> Criterion:
    change = plan.instrument.reliable_change if plan.instrument is not None else None
    if plan.instrument is None or change is None or not change.is_usable:
        raise ScoringError(
            Fault(
                "NO_THRESHOLD",
                "There is no confirmed reliable-change threshold to judge by.",
                "Give --reliability (and --sd), so that an index can be computed; or --method MID "
                "or percentage.",
            )
        )
    return Criterion(
        kind="threshold",
        threshold=change.value,
        threshold_worsening=change.value,
        words=f"a change of {change.value:g} points or more is reliable ({change.source})",
    )


def _by_importance(plan: ChangePlan) -> Criterion:
    published = None if plan.instrument is None else plan.instrument.minimal_important_change
    if plan.smallest is not None:
        better, origin = plan.smallest, "given"
    elif published is not None and published.is_usable:
        better, origin = published.value, published.source
    else:
        raise ScoringError(
            Fault(
                "NO_THRESHOLD",
                "There is no confirmed minimal important difference to judge by.",
                "Give --smallest, in points.",
            )
        )
    worse = better if plan.smallest_worsening is None else plan.smallest_worsening
    _require_positive(better, worse)
    return Criterion(
        kind="threshold",
        method="MID",
        threshold=better,
        threshold_worsening=worse,
        words=f"a change of {_either(better, worse)} points or more is important ({origin}); "
        "whether it is more than measurement error is not asked",
    )


def _by_percentage(plan: ChangePlan) -> Criterion:
    better = RESPONSE if plan.smallest is None else plan.smallest
    worse = better if plan.smallest_worsening is None else plan.smallest_worsening
    _require_positive(better, worse)
    floor = lowest_score(plan)
    return Criterion(
        kind="percentage",
        method="percentage",
        threshold=better,
        threshold_worsening=worse,
        floor=floor,
        words=f"a change of {_either(better, worse)} % or more of the first score, counted from "
        f"{floor:g}, is a response",
    )


def lowest_score(plan: ChangePlan) -> float:
    """Return the score from which percentages count: given, the instrument's lowest, or 0."""
    if plan.floor is not None:
        return plan.floor
    limits = None if plan.instrument is None else plan.instrument.total_range
    return 0.0 if limits is None else limits[0]


def _either(better: float, worse: float) -> str:
    return f"{better:g}" if better == worse else f"{better:g} (for the worse {worse:g})"


def _require_positive(*values: float) -> None:
    if not all(0 < value < float("inf") for value in values):
        raise StatisticsError(
            Fault("MID", "The smallest change that counts is not above 0.", "Give it above 0.")
        )


def _by_index(sample: PairedSample, plan: ChangePlan, method: Method) -> Criterion:
    if plan.reliability is None:
        raise ScoringError(
            Fault(
                "NO_RELIABILITY",
                "An index needs the reliability of the instrument.",
                "Give --reliability, such as 0.84; `rapport instruments ID` lists published ones.",
            )
        )
    reference = _reference(sample, plan, plan.reliability)
    critical = critical_value(method, plan.significance)
    origin = "of this table" if plan.sd is None else "given"
    return Criterion(
        kind="index",
        method=method,
        reference=reference,
        critical=critical,
        words=f"the {method} index, reliable beyond {critical:.6g} "
        f"(SD {reference.sd_pre:.4g} {origin}, reliability {plan.reliability:g} given"
        f"{_difference_words(reference, method)})",
    )


def _difference_words(reference: Reference, method: Method) -> str:
    """Name the error of a difference, for the methods that divide by it."""
    if method not in {"JT", "HA"}:
        return ""
    return f"; S_diff {reference.standard_error_of_difference:.4g} points"


def _sd_of_first(sample: PairedSample, plan: ChangePlan) -> float:
    """Return the SD of first scores: as given, else that of the table."""
    if plan.sd is not None:
        return plan.sd
    if not sample.sd_pre > 0:
        raise ScoringError(
            Fault(
                "NO_SPREAD",
                "The first scores of this table are fewer than two or all alike: no SD.",
                "Give --sd, the standard deviation of first scores of a published group.",
            )
        )
    return sample.sd_pre


def _reference(sample: PairedSample, plan: ChangePlan, reliability: float) -> Reference:
    correlation = sample.correlation
    return Reference(
        sd_pre=_sd_of_first(sample, plan),
        sd_group=sample.sd_pre if sample.sd_pre > 0 else None,
        reliability=reliability,
        mean_pre=sample.mean_pre,
        mean_post=sample.mean_post,
        sd_post=sample.sd_post if sample.sd_post > 0 else None,
        correlation=None if correlation != correlation else correlation,  # noqa: PLR0124 - NaN
        reliability_post=plan.reliability_post,
    )


def known_cut_off(plan: ChangePlan) -> tuple[float, Boundary, str] | None:
    """Return the given or published cut-off: points, what a score on it is, and words.

    Args:
        plan: What the user gave; a published cut-off that is uncertain is no cut-off.
    """
    if plan.cut_off is not None:
        return plan.cut_off, "neither", f"{plan.cut_off:g}, given"
    published = plan.instrument.cut_offs.get("caseness") if plan.instrument else None
    if published is None or not published.is_usable:
        return None
    is_inclusive = published.comparison in {"at_least", "at_most"}
    words = f"{published.value:g}, {published.meaning} ({published.source})"
    return published.value, "clinical" if is_inclusive else "functional", words


def _with_cut_off(found: Criterion, sample: PairedSample, plan: ChangePlan) -> Criterion:
    is_computed = plan.cut_off_type is not None or plan.functional_mean is not None
    known = known_cut_off(plan)
    if known is not None and (plan.cut_off is not None or not is_computed):
        value, boundary, words = known
        return _truly(replace(found, cut_off=value, cut_off_words=words, boundary=boundary))
    if found.kind != "index" and not is_computed:
        return found
    return _truly(_with_computed_cut_off(found, sample, plan))


def _with_computed_cut_off(found: Criterion, sample: PairedSample, plan: ChangePlan) -> Criterion:
    kind = plan.cut_off_type or ("a" if plan.functional_mean is None else "c")
    if found.method == "HA" and found.reference is not None:
        value = true_cut_off(
            kind,
            found.reference,
            improvement_sign=plan.improvement_sign,
            mean_functional=plan.functional_mean,
            sd_functional=plan.functional_sd,
        )
        words = f"{value:.4g}, type {kind} between true scores"
    else:
        value = clinical_cut_off(
            kind,
            improvement_sign=plan.improvement_sign,
            mean_clinical=sample.mean_pre,
            sd_clinical=_sd_of_first(sample, plan),
            mean_functional=plan.functional_mean,
            sd_functional=plan.functional_sd,
        )
        words = f"{value:.4g}, type {kind}"
    origin = "" if kind == "b" else ", with the mean first score of this table as clinical mean"
    return replace(found, cut_off=value, cut_off_words=words + origin)


def _truly(found: Criterion) -> Criterion:
    """Let Hageman and Arrindell's method judge by true scores."""
    if found.reference is None or found.critical is None or found.cut_off is None:
        return found
    if found.method != "HA":
        return found
    true = TrueCutOff(value=found.cut_off, reference=found.reference, critical=found.critical)
    words = f"; the true last score must lie beyond it by more than error ({found.critical:.3f})"
    return replace(found, true_cut_off=true, cut_off_words=found.cut_off_words + words)
