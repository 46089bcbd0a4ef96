"""What of one clinic is hidden, for one family of figures: rows, month, window and trend at once.

The rules are applied again and again until nothing changes; each only ever hides more, so they
end. A family is hidden together because its figures can be computed from one another: attended,
missed and cancelled sum to one; improvement is last minus first; the difference between the two
sides is one mean minus the other; recovered and improved are nested.
"""

from dataclasses import replace

import numpy as np

from rapport.disclosure.clinic_family import EARLIER, MONTH, TRAILING, ClinicFamily, Hidden
from rapport.disclosure.partition import Flags, Partition, complete, limits_of
from rapport.disclosure.profiles import Profile


def hide(family: ClinicFamily, profile: Profile, inherited: Hidden | None = None) -> Hidden:
    """Return what must be hidden of one clinic's family of figures.

    Args:
        family: The groups, with those marked that may not be shown by themselves.
        profile: The clinic's disclosure profile.
        inherited: What is hidden of another family and must therefore be hidden of this one.

    Returns:
        Flags for therapists, clinic and trend.
    """
    hidden = _hidden_by_themselves(family)
    if inherited is not None:
        hidden.therapists |= inherited.therapists
        hidden.clinic |= inherited.clinic
        hidden.waits |= inherited.waits
        if family.trend is not None and len(inherited.trend):
            hidden.trend |= inherited.trend
    if family.past is not None and len(hidden.trend):
        hidden.trend |= family.past.is_kept
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
        hidden.waits |= _must_tell(family) and bool(hidden.clinic[MONTH])
    return hidden


def _hidden_by_themselves(family: ClinicFamily) -> Hidden:
    """Hide what may not be shown whatever stands beside it: for its own sake, or for the past's."""
    people, clinic, trend = family.therapists, family.clinic, family.trend
    months = np.zeros(0, dtype=bool) if trend is None else trend.unsafe | trend.waiting
    return Hidden(
        therapists=people.unsafe[:2] | people.waiting[:2],
        clinic=clinic.unsafe[:2, 0] | [clinic.waiting[MONTH, 0] or _must_hide(family), False],
        trend=months,
        waits=bool(clinic.waiting[TRAILING, 0]) or (_must_tell(family) and _must_hide(family)),
    )


def _must_tell(family: ClinicFamily) -> bool:
    return bool(family.clinic.must_tell[TRAILING].any())


def _must_hide(family: ClinicFamily) -> bool:
    return bool(family.clinic.must_hide[TRAILING].any())


def _hide_months_that_reveal_the_rest(family: ClinicFamily, hidden: Hidden) -> None:
    """Window minus month is what was before; too small a group there hides the month."""
    hidden.therapists[MONTH] |= family.therapists.unsafe[EARLIER] & ~hidden.therapists[TRAILING]
    hidden.clinic[MONTH] |= family.clinic.unsafe[EARLIER, 0] & ~hidden.clinic[TRAILING]


def _treat_equal_windows_alike(family: ClinicFamily, hidden: Hidden) -> None:
    """Where nothing was before, month and window are one number: hidden in one, hidden in both."""
    same = family.therapists_of_one_month & hidden.therapists.any(axis=0)
    hidden.therapists[:, same] = True
    if family.clinic_of_one_month and hidden.told_clinic.any():
        hidden.clinic[:] = True


def _hide_therapists(family: ClinicFamily, hidden: Hidden, window: int, profile: Profile) -> None:
    if hidden.told_clinic[window]:
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
    if hidden.told_clinic.any():
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
    hidden.waits |= not is_safe


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
        is_listed &= ~family.past.is_known | counts.waiting
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
