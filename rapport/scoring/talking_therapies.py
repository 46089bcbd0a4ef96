"""The outcome definitions of NHS Talking Therapies, word for word and nothing else.

Two measures are looked at together: one of depression, one of anxiety. Every rule compares
unrounded scores. A comparison with a score that is not there does not hold, so that a missing
score never makes anybody a case, recovered, improved or deteriorated.

Source:
    NHS England, Talking Therapies metadata M076, M191-M195; the NHS manual for the two-sided
    rule of improvement and deterioration. Caseness 10 and 8, reliable change 6 and 4.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from rapport.errors import Fault, ScoringError
from rapport.instruments import Instrument
from rapport.scoring.rounding import without_noise

Scores = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MeasurePairs:
    """First and last scores of n treatments on one measure whose rise is a worsening.

    Attributes:
        first: Shape (n,), first recorded score; NaN where there is none.
        last: Shape (n,), last recorded score; NaN unless there are two or more.
        caseness: A score so high or higher is a case.
        reliable_change: A change of so many points or more is reliable.
        is_above: Whether a case lies above ``caseness`` instead, and not on it.
    """

    first: Scores
    last: Scores
    caseness: float
    reliable_change: float
    is_above: bool = False

    @classmethod
    def of(cls, first: Scores, last: Scores, instrument: Instrument) -> Self:
        """Take the thresholds from the catalogue.

        Raises:
            ScoringError: The catalogue has no usable caseness or reliable change for it, or a
                rise of it is an improvement.
        """
        cut, change = instrument.cut_offs.get("caseness"), instrument.reliable_change
        is_fit = cut is not None and cut.is_usable and cut.comparison == "at_least"
        if cut is None or change is None or not (is_fit and change.is_usable):
            raise ScoringError(_unfit(instrument))
        if instrument.direction != "lower_is_better":
            raise ScoringError(_unfit(instrument))
        return cls(first, last, cut.value, change.value)

    def of_some(self, chosen: Mask) -> Self:
        """Return the pairs of some treatments, those where ``chosen`` of shape (n,) holds."""
        return replace(self, first=self.first[chosen], last=self.last[chosen])

    @property
    def is_paired(self) -> Mask:
        """Whether there is a first and a last score."""
        return ~np.isnan(self.first) & ~np.isnan(self.last)

    @property
    def has_improved(self) -> Mask:
        """Whether the score fell by the reliable change or more."""
        return _holds(without_noise(self.first - self.last) >= self.reliable_change)

    @property
    def has_deteriorated(self) -> Mask:
        """Whether the score rose by the reliable change or more."""
        return _holds(without_noise(self.last - self.first) >= self.reliable_change)

    def is_case(self, scores: Scores) -> Mask:
        """Return who is a case by these scores; nobody without a score is."""
        above = without_noise(scores - self.caseness)
        return _holds(above > 0 if self.is_above else above >= 0)

    def is_below(self, scores: Scores) -> Mask:
        """Return who is below caseness by these scores; nobody without a score is."""
        above = without_noise(scores - self.caseness)
        return _holds(above <= 0 if self.is_above else above < 0)


@dataclass(frozen=True, slots=True)
class OutcomeFlags:
    """What the definitions say about n finished treatments; arrays of shape (n,).

    Attributes:
        is_paired: Two or more scores on both measures.
        is_case: At or above caseness on either measure at first.
        is_not_case: Below caseness on both at first. Neither flag is up where one score is
            missing and the other is below.
        is_recovered: A case at first, below caseness on both at last.
        is_reliably_improved: Reliable improvement on one, no reliable deterioration on either.
        is_reliably_deteriorated: Reliable deterioration on one, no reliable improvement on either.
        is_reliably_recovered: Recovered and reliably improved.
    """

    is_paired: Mask
    is_case: Mask
    is_not_case: Mask
    is_recovered: Mask
    is_reliably_improved: Mask
    is_reliably_deteriorated: Mask
    is_reliably_recovered: Mask


def outcome_flags(depression: MeasurePairs, anxiety: MeasurePairs) -> OutcomeFlags:
    """Apply the definitions to n treatments.

    Args:
        depression: Pairs of the depression measure (PHQ-9).
        anxiety: Pairs of the anxiety measure, same shape; see :func:`outcome_flags_with_fall_back`.

    Example:
        >>> one = np.array([15.0]), np.array([6.0])
        >>> flags = outcome_flags(MeasurePairs(*one, 10, 6), MeasurePairs(*one, 8, 4))
        >>> bool(flags.is_reliably_recovered[0])
        True
    """
    either = (depression, anxiety)
    is_case = np.any([m.is_case(m.first) for m in either], axis=0)
    is_not_case = np.all([m.is_below(m.first) for m in either], axis=0)
    is_below_at_last = np.all([m.is_below(m.last) for m in either], axis=0)
    has_improved = np.any([m.has_improved for m in either], axis=0)
    has_deteriorated = np.any([m.has_deteriorated for m in either], axis=0)
    is_recovered = is_case & is_below_at_last
    is_improved = has_improved & ~has_deteriorated
    return OutcomeFlags(
        is_paired=depression.is_paired & anxiety.is_paired,
        is_case=is_case,
        is_not_case=is_not_case,
        is_recovered=is_recovered,
        is_reliably_improved=is_improved,
        is_reliably_deteriorated=has_deteriorated & ~has_improved,
        is_reliably_recovered=is_recovered & is_improved,
    )


def outcome_flags_with_fall_back(
    depression: MeasurePairs, specific: MeasurePairs, gad7: MeasurePairs
) -> OutcomeFlags:
    """Apply the definitions where a disorder-specific anxiety measure comes first.

    A treatment whose specific measure is not paired is judged by its GAD-7 instead, with the
    GAD-7's own caseness and reliable change.

    Args:
        depression: Pairs of the PHQ-9.
        specific: Pairs of the measure that belongs to the problem descriptor; NaN where none does.
        gad7: Pairs of the GAD-7.

    Source:
        Clark (2018), Annual Review of Clinical Psychology 14, table 1-2 (PMC5942544).
    """
    by_specific = outcome_flags(depression, specific)
    by_gad7 = outcome_flags(depression, gad7)
    names = OutcomeFlags.__dataclass_fields__
    return OutcomeFlags(
        **{
            name: np.where(specific.is_paired, getattr(by_specific, name), getattr(by_gad7, name))
            for name in names
        }
    )


def _holds(comparison: Mask) -> Mask:
    """Return a comparison as it is; NaN on either side has already made it False."""
    return np.asarray(comparison, dtype=np.bool_)


def _unfit(instrument: Instrument) -> Fault:
    return Fault(
        "NO_OUTCOME_THRESHOLDS",
        f"{instrument.id} has no confirmed caseness cut-off and reliable change for outcomes.",
        "Give cut_offs.caseness (at_least) and reliable_change in the instrument's file.",
        column=instrument.id,
    )
