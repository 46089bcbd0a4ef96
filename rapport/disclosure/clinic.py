"""What of one clinic is hidden, for one family of figures: rows, month, window and trend at once.

The rules are applied again and again until nothing changes; each only ever hides more, so they
end. A family is hidden together because its figures can be computed from one another: attended,
missed and cancelled sum to one; improvement is last minus first; the difference between the two
sides is one mean minus the other; recovered and improved are nested.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from rapport.disclosure.partition import Flags, Numbers, Partition, complete, limits_of
from rapport.disclosure.profiles import Profile

WINDOWS = ("month", "trailing_12", "earlier")
MONTH, TRAILING, EARLIER = range(3)


@dataclass(frozen=True)
class Counts:
    """Counts of groups of patients; the last two axes are groups × figures.

    Attributes:
        patients: Distinct patients.
        exclusive: Patients of no other group of the same total.
        observations: Observations.
        sums: Sums of values.
        flags: Whether the figure may not be shown by itself.
    """

    patients: Numbers
    exclusive: Numbers
    observations: Numbers
    sums: Numbers
    flags: Flags

    @property
    def unsafe(self) -> Flags:
        """Whether some figure of a group may not be shown; without the axis of figures."""
        return np.asarray(self.flags.any(axis=-1))


@dataclass(frozen=True)
class ClinicFamily:
    """All groups of one clinic and one family of figures.

    Attributes:
        figures: Ids of the figures.
        therapists: Counts with axes window × therapist × figure.
        clinic: Counts with axes window × 1 × figure.
        trend: Counts with axes month × figure of the figures with a trend; ``None`` without.
        trend_figures: Ids of the figures with a trend.
        ceilings: Patients that a therapist can have at most, by a figure of another family:
            window × therapist × 1; infinite if there is none.
        past: What former reports said of the months.
    """

    figures: tuple[str, ...]
    therapists: Counts
    clinic: Counts
    trend: Counts | None
    trend_figures: tuple[str, ...]
    ceilings: Numbers
    past: "Past | None" = None

    @property
    def therapists_of_one_month(self) -> Flags:
        """Therapists for whom the month is the whole window, in some figure."""
        return _is_whole_window(self.therapists)

    @property
    def clinic_of_one_month(self) -> bool:
        """Whether the month is the clinic's whole window, in some figure."""
        return bool(_is_whole_window(self.clinic)[0])


@dataclass(frozen=True)
class Past:
    """What former reports said of the months of the window, one flag a month.

    Attributes:
        is_known: Whether the month has been shown; hiding it now protects nothing.
        is_kept: Whether it was hidden beside a window that was shown, and has to stay so.
        is_hidden: Whether it was hidden in some report and shown in none.
        apart: Months since the clinic's window was last shown; 0 if it was not.
        gained: Figure → distinct patients of those months.
    """

    is_known: Flags
    is_kept: Flags
    is_hidden: Flags
    apart: int
    gained: Mapping[str, int]


def _is_whole_window(counts: Counts) -> Flags:
    n = counts.observations
    return np.asarray(((n[EARLIER] == 0) & (n[MONTH] > 0)).any(axis=-1))


@dataclass
class Hidden:
    """What is hidden so far; grows, never shrinks.

    Attributes:
        therapists: Axes window (month, trailing) × therapist.
        clinic: One flag a window.
        trend: One flag a month of the window.
    """

    therapists: Flags
    clinic: Flags
    trend: Flags

    def size(self) -> int:
        """Return how much is hidden."""
        return int(self.therapists.sum() + self.clinic.sum() + self.trend.sum())


def hide(family: ClinicFamily, profile: Profile, inherited: Hidden | None = None) -> Hidden:
    """Return what must be hidden of one clinic's family of figures.

    Args:
        family: The groups, with those marked that may not be shown by themselves.
        profile: The clinic's disclosure profile.
        inherited: What is hidden of another family and must therefore be hidden of this one.

    Returns:
        Flags for therapists, clinic and trend.
    """
    hidden = Hidden(
        therapists=family.therapists.unsafe[:2].copy(),
        clinic=family.clinic.unsafe[:2, 0].copy(),
        trend=family.trend.unsafe.copy() if family.trend else np.zeros(0, dtype=bool),
    )
    if inherited is not None:
        hidden.therapists |= inherited.therapists
        hidden.clinic |= inherited.clinic
        if family.trend is not None and len(inherited.trend):
            hidden.trend |= inherited.trend
    if family.past is not None:
        _hide_what_former_reports_need(family.past, hidden)
    before = -1
    while hidden.size() != before:
        before = hidden.size()
        _hide_months_that_reveal_the_rest(family, hidden)
        _treat_equal_windows_alike(family, hidden)
        for window in (TRAILING, MONTH):
            _hide_therapists(family, hidden, window, profile)
        _hide_therapists_of_the_rest(family, hidden, profile)
        if family.trend is not None:
            _hide_trend(family, hidden, profile)
    return hidden


def _hide_what_former_reports_need(past: Past, hidden: Hidden) -> None:
    """Months hidden beside a window stay so; the new month must not leave a hidden one alone."""
    if len(hidden.trend):
        hidden.trend |= past.is_kept
    elif past.apart > 1 and past.is_hidden[-past.apart : -1].any():
        hidden.clinic[MONTH] = True


def _hide_months_that_reveal_the_rest(family: ClinicFamily, hidden: Hidden) -> None:
    """Window minus month is what was before; too small a group there hides the month."""
    hidden.therapists[MONTH] |= family.therapists.unsafe[EARLIER] & ~hidden.therapists[TRAILING]
    hidden.clinic[MONTH] |= family.clinic.unsafe[EARLIER, 0] & ~hidden.clinic[TRAILING]


def _treat_equal_windows_alike(family: ClinicFamily, hidden: Hidden) -> None:
    """Where nothing was before, month and window are one number: hidden in one, hidden in both."""
    same = family.therapists_of_one_month & hidden.therapists.any(axis=0)
    hidden.therapists[:, same] = True
    if family.clinic_of_one_month and hidden.clinic.any():
        hidden.clinic[:] = True


def _hide_therapists(family: ClinicFamily, hidden: Hidden, window: int, profile: Profile) -> None:
    if hidden.clinic[window]:
        hidden.therapists[window] = True
        return
    if not hidden.therapists[window].any():
        return
    partition = _by_therapist(family, window, _settled(family, hidden, window))
    chosen, is_safe = complete(
        partition,
        hidden.therapists[window],
        profile,
        with_colleagues=profile.protects_from_colleagues,
    )
    hidden.therapists[window] = chosen
    hidden.clinic[window] |= not is_safe


def _hide_therapists_of_the_rest(family: ClinicFamily, hidden: Hidden, profile: Profile) -> None:
    """The months before, by subtraction, are a published total over therapists too."""
    if hidden.clinic.any():
        return
    unknown = np.asarray(hidden.therapists.any(axis=0))
    if not unknown.any():
        return
    chosen, is_safe = complete(
        _by_therapist(family, EARLIER, _settled(family, hidden, EARLIER)),
        unknown,
        profile,
        with_colleagues=profile.protects_from_colleagues,
    )
    hidden.therapists[MONTH] |= chosen & ~unknown
    hidden.clinic[MONTH] |= not is_safe


def _hide_trend(family: ClinicFamily, hidden: Hidden, profile: Profile) -> None:
    """The trend's last month is the month; its months sum to the window."""
    if hidden.clinic[TRAILING]:
        hidden.trend[:] = True
    hidden.trend[-1] |= hidden.clinic[MONTH]
    if not hidden.clinic[TRAILING]:
        chosen, is_safe = complete(
            _by_month(family),
            hidden.trend,
            profile,
            last=len(hidden.trend) - 1,
            with_colleagues=False,
        )
        hidden.trend[:] = chosen
        hidden.clinic[TRAILING] |= not is_safe
        _hide_months_gained(family, hidden, profile)
    hidden.clinic[MONTH] |= hidden.trend[-1]


def _hide_months_gained(family: ClinicFamily, hidden: Hidden, profile: Profile) -> None:
    """The months since the last window that was shown sum to what this one has gained."""
    past, months = family.past, _by_month(family)
    if past is None or past.apart == 0:
        return
    total = np.array([past.gained.get(figure, 0) for figure in family.trend_figures], dtype=float)
    is_new = np.arange(len(months.is_listed)) >= len(months.is_listed) - past.apart
    chosen, is_safe = complete(
        replace(months, is_listed=months.is_listed & is_new, total_patients=total),
        hidden.trend & is_new & months.is_listed,
        profile,
        last=len(hidden.trend) - 1,
        with_colleagues=False,
    )
    hidden.trend |= chosen
    hidden.clinic[TRAILING] |= not is_safe


def _settled(family: ClinicFamily, hidden: Hidden, window: int) -> Flags:
    """A therapist's whole window, shown at an end of the scale, settles each part of it."""
    n, sums = family.therapists.observations[TRAILING], family.therapists.sums[TRAILING]
    if window == TRAILING:
        return np.zeros(n.shape, dtype=bool)
    low, high = limits_of(family.figures)
    with np.errstate(invalid="ignore"):  # without an end of the scale: infinity times none
        is_at_end = (sums == low * n) | (sums == high * n)
    return np.asarray(is_at_end & ~hidden.therapists[TRAILING][:, np.newaxis])


def _by_therapist(family: ClinicFamily, window: int, is_settled: Flags) -> Partition:
    counts = family.therapists
    return Partition(
        figures=family.figures,
        patients=counts.patients[window],
        exclusive=counts.exclusive[window],
        observations=counts.observations[window],
        sums=counts.sums[window],
        unsafe=counts.flags[window],
        total_patients=family.clinic.patients[window, 0],
        ceilings=family.ceilings[window],
        is_settled=is_settled,
        is_listed=np.asarray((counts.observations[window] > 0).any(axis=-1)),
        colleagues=True,
    )


def _by_month(family: ClinicFamily) -> Partition:
    counts = family.trend
    if counts is None:
        raise ValueError("a family without trend has no months")
    chosen = [family.figures.index(figure) for figure in family.trend_figures]
    is_listed = np.asarray((counts.observations > 0).any(axis=-1))
    is_listed[-1] |= bool((family.clinic.observations[MONTH] > 0).any())
    if family.past is not None:
        is_listed &= ~family.past.is_known
    return Partition(
        figures=family.trend_figures,
        patients=counts.patients,
        exclusive=counts.exclusive,
        observations=counts.observations,
        sums=counts.sums,
        unsafe=counts.flags,
        total_patients=family.clinic.patients[TRAILING, 0, chosen],
        ceilings=np.full((len(counts.patients), 1), np.inf),
        is_settled=np.zeros(counts.patients.shape, dtype=bool),
        is_listed=is_listed,
        colleagues=False,
    )
