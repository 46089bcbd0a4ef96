"""A total and its parts: which parts must be hidden so that the total gives none of them back.

A partition is one total (a clinic; a trailing window) and the parts that sum to it (therapists;
months), for all figures of one family. The reader is assumed to know the total, every part that
is shown, and how many observations each hidden part has. What must then hold for the hidden ones:

- there are at least two, and together at least the profile's minimum of distinct patients, for
  their sum is as good as published;
- the reason that is printed ("small number" or not) leaves more than one count of patients;
- subtracting, with the ends of the scale in mind, leaves each of them a range of values;
- a colleague who knows one of them still knows only a sum over enough patients of the others,
  and it leaves a range of values to each that may not be shown by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt

from rapport.disclosure.profiles import Profile
from rapport.statistics.figures import FIGURES

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

_TOLERANCE = 1e-9

_AT_ONCE = 64
"""People who are taken out of a clinic in one go: bounds the memory that a large one needs."""

NARROWEST = 0.1
"""Share of its scale over which the mean of a hidden part must remain possible."""


@cache
def limits_of(figures: tuple[str, ...]) -> tuple[Numbers, Numbers]:
    """Return smallest and largest possible value of each figure, infinite if there is none."""
    catalogue = [FIGURES[name] for name in figures]
    low = np.array([-np.inf if one.minimum is None else one.minimum for one in catalogue])
    high = np.array([np.inf if one.maximum is None else one.maximum for one in catalogue])
    low.flags.writeable = high.flags.writeable = False  # the same arrays for every clinic
    return low, high


@cache
def _kinds_of(figures: tuple[str, ...]) -> npt.NDArray[np.str_]:
    kinds = np.array([FIGURES[name].kind for name in figures])
    kinds.flags.writeable = False
    return kinds


@dataclass(frozen=True)
class Partition:
    """One or more parts of one total; arrays are parts × figures unless said otherwise.

    Attributes:
        figures: Ids of the figures, all of one family.
        patients: Distinct patients of each part.
        exclusive: Of these, patients known to be in no other part.
        observations: Observations of each part; they sum to the total's.
        sums: Sum of the observations' values.
        unsafe: Whether the part's figure may not be shown by itself.
        total_patients: Distinct patients of the total, shape (figures,).
        ceilings: Patients that a part can have at most, by another figure that is published.
        is_settled: Whether the value of a part is known all the same, because a larger group that
            holds it says "nobody" or "everybody".
        is_listed: Whether a part stands in the report at all, shape (parts,); a hidden part that
            is listed may have observations of some figures only, and the others are hidden too.
            A part that a former report has shown is not listed: it is known, and cannot be hidden.
        colleagues: Whether the parts are people who each know their own figures.
    """

    figures: tuple[str, ...]
    patients: Numbers
    exclusive: Numbers
    observations: Numbers
    sums: Numbers
    unsafe: Flags
    total_patients: Numbers
    ceilings: Numbers
    is_settled: Flags
    is_listed: Flags
    colleagues: bool

    @cached_property
    def present(self) -> Flags:
        """Which parts stand in the report for each figure that the total has."""
        return np.asarray(self.is_listed[:, np.newaxis] & (self.total_patients > 0))

    @cached_property
    def limits(self) -> tuple[Numbers, Numbers]:
        """Smallest and largest possible value of each figure, infinite if there is none."""
        return limits_of(self.figures)

    @cached_property
    def is_at_an_end(self) -> Flags:
        """For which figures the total itself says "nobody" or "everybody", so speaks of all."""
        n, sums = self.observations.sum(axis=0), self.sums.sum(axis=0)
        low, high = self.limits
        with np.errstate(invalid="ignore"):
            at_end = (sums <= low * n + _TOLERANCE) | (sums >= high * n - _TOLERANCE)
        return np.asarray(at_end)

    @cached_property
    def _kind(self) -> npt.NDArray[np.str_]:
        return _kinds_of(self.figures)

    def protects(self, hidden: Flags, profile: Profile) -> bool:
        """Say whether hiding these parts keeps all of them from an outside reader."""
        members = self.present & hidden[:, np.newaxis]
        count = members.sum(axis=0)
        is_crowd = (count > 1) & (self._together(members) >= profile.minimum_patients)
        leaves = self._leaves_range(members) & self._leaves_counts(members, profile)
        return bool(np.all((count == 0) | (is_crowd & leaves)))

    def protects_from_colleagues(self, hidden: Flags, minimum: int) -> bool:
        """Say whether no one of the hidden parts can subtract itself and learn another."""
        if not self.colleagues:
            return True
        members = self.present & hidden[:, np.newaxis]
        others = members.sum(axis=0) - 1
        unsafe = members & self.unsafe.any(axis=1, keepdims=True)
        is_safe_alone = (others == 1) & ~unsafe.any(axis=0)
        is_crowd = (others > 1) & (self._together_without_one(members) >= minimum)
        if not np.all(~members | is_safe_alone | is_crowd):
            return False
        return all(
            np.all(self._has_range(left) | ~unsafe) for left in _without_each(members, _AT_ONCE)
        )

    def _together(self, members: Flags) -> Numbers:
        """Return how many distinct patients some parts have at least, taken together."""
        largest = (self.patients * members).max(axis=0)
        alone = (self.exclusive * members).sum(axis=0)
        is_everything = (members | (self.observations == 0)).all(axis=0)
        return np.asarray(np.where(is_everything, self.total_patients, np.maximum(largest, alone)))

    def _together_without_one(self, members: Flags) -> Numbers:
        """Return the same for the parts less each one of them in turn, parts × figures."""
        patients = self.patients * members
        ordered = np.sort(patients, axis=0)[-2:]
        second, largest = ordered[0], ordered[-1]
        alone = (self.exclusive * members).sum(axis=0) - self.exclusive
        return np.asarray(np.maximum(np.where(patients == largest, second, largest), alone))

    def _leaves_counts(self, members: Flags, profile: Profile) -> Flags:
        """Say for which figures each hidden part keeps two or more possible counts of patients.

        A small number is known to be at least 1 and below the minimum, any other at least the
        minimum; observations sum to what is left of the total, and each patient has one.
        """
        few = profile.minimum_patients - 1.0
        is_small = self.patients <= few
        least = np.where(is_small, np.minimum(self.patients, 1.0), profile.minimum_patients)
        least = least * members
        most = np.minimum(np.where(is_small, few, np.inf), self.ceilings)
        most = np.where(members, most, 0.0)
        left = np.where(members, self.observations, 0.0).sum(axis=0)
        shown = np.where(members, 0.0, self.patients).sum(axis=0)
        upper = np.minimum(most, left - (least.sum(axis=0) - least))
        others = _of_the_others(most)
        lower = np.maximum(least, self.total_patients - shown - others)
        some = members & (self.observations > 0)
        return np.asarray(((upper - lower >= 1) | ~some).all(axis=0))

    def _leaves_range(self, members: Flags) -> Flags:
        """Say for which figures each hidden part keeps a range once the rest is subtracted."""
        return np.asarray(self._has_range(members).all(axis=0))

    def _has_range(self, members: Flags) -> Flags:
        """Say which hidden parts keep a range, or need none, shape (…, parts, figures)."""
        low, high = self.limits
        members = members & ~self.is_settled
        n = np.where(members, self.observations, 0.0)
        known = np.where(members, self.sums, 0.0).sum(axis=-2, keepdims=True)
        others = n.sum(axis=-2, keepdims=True) - n
        with np.errstate(invalid="ignore", divide="ignore"):
            # Without an upper end and without others there is no number here: no range either.
            least = np.maximum(low * n, known - high * others)
            most = np.minimum(high * n, known - low * others)
            mean = known / n.sum(axis=-2, keepdims=True)
            scale = np.where(np.isfinite(high), high - low, mean)
            wide = most - least >= NARROWEST * scale * n
            whole = np.floor(most + _TOLERANCE) - np.ceil(least - _TOLERANCE) >= 1
        enough = np.where(self._kind == "proportion", whole, wide)
        return np.asarray((self._kind == "count") | self.is_at_an_end | enough | (n == 0))


def _without_each(members: Flags, at_once: int) -> Iterator[Flags]:
    """Yield the parts less each one that is among them for some figure, ones × parts × figures."""
    ones = np.flatnonzero(members.any(axis=1))
    for start in range(0, len(ones), at_once):
        chosen = ones[start : start + at_once, np.newaxis]
        yield members & (chosen != np.arange(len(members)))[..., np.newaxis]


def _of_the_others(most: Numbers) -> Numbers:
    """Return the sum of each part's others, parts × figures; whole numbers or infinite."""
    is_infinite = np.isinf(most)
    finite = np.where(is_infinite, 0.0, most)
    has_infinite_other = is_infinite.sum(axis=0) - is_infinite > 0
    return np.asarray(np.where(has_infinite_other, np.inf, finite.sum(axis=0) - finite))


def complete(
    partition: Partition,
    hidden: Flags,
    profile: Profile,
    *,
    last: int | None = None,
    with_colleagues: bool,
) -> tuple[Flags, bool]:
    """Hide further parts, those with the fewest patients first, until all hidden ones are safe.

    Args:
        partition: The total and its parts.
        hidden: Parts that are hidden already, shape (parts,); nothing to do if there are none.
        profile: The clinic's disclosure profile.
        last: A part to be hidden only when nothing else is left.
        with_colleagues: Whether failing to protect from colleagues counts as failing.

    Returns:
        The hidden parts, a superset of ``hidden``, and whether they are safe beside the total. If
        not, the total has to be hidden too. Ties are broken by the order of the parts.
    """
    chosen = hidden.copy()
    if not chosen.any():
        return chosen, True
    size = partition.patients.max(axis=1)
    order = [part for part in np.argsort(size, kind="stable") if size[part] > 0 and part != last]
    order += [] if last is None or size[last] == 0 else [np.intp(last)]
    candidates = iter([part for part in order if partition.is_listed[part] and not chosen[part]])
    while not (
        partition.protects(chosen, profile)
        and partition.protects_from_colleagues(chosen, profile.minimum_patients)
    ):
        following = next(candidates, None)
        if following is None:
            return chosen, not with_colleagues and partition.protects(chosen, profile)
        chosen[following] = True
    return chosen, True
