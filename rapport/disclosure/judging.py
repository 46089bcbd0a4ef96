"""Which figures of a clinic are hidden: family by family, with what one family means for another.

Where a figure is hidden, figures of its family that nobody has an observation for are hidden
too: otherwise "no forms" would stand beside a hidden share of sessions with a form, and give it.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from rapport.disclosure.clinic import hide
from rapport.disclosure.clinic_family import WINDOWS, Hidden, Past
from rapport.disclosure.families import COUNTED_BY, FAMILIES, ClinicCounts, columns_of
from rapport.disclosure.partition import Flags
from rapport.disclosure.profiles import Profile
from rapport.statistics.figures import FIGURES

_IDS = tuple(FIGURES)

HIDDEN_WITH = {
    "alliance": "sessions",
    "ruptures": "alliance",
    "own_limits": "alliance",
    "repairs": "ruptures",
    "stages": "alliance",
    "modes": "ruptures",
}
"""Family → the family with which it is hidden: there are as many scores as sessions with a form;
falls are differences of scores; stages and modes sum to the alliance, modes to all falls."""


def hidden_figures(
    counts: ClinicCounts,
    profile: Profile,
    months: Sequence[str],
    past: Mapping[tuple[str, str], Past],
) -> Iterator[tuple[str, str, str]]:
    """Yield what is hidden of one clinic.

    Args:
        counts: The clinic's groups.
        profile: Its disclosure profile.
        months: Names of the months of the window, oldest first.
        past: Clinic and family → what former reports said of its months.

    Yields:
        Therapist id ("" for the clinic), period and figure id; also of figures without any
        observation in that period.
    """
    hidden: dict[str, Hidden] = {}
    used = [family for family in _in_order() if counts.is_used[columns_of(FAMILIES[family])].any()]
    for family in used:
        inherited = hidden.get(HIDDEN_WITH.get(family, ""))
        counted = hidden.get(COUNTED_BY.get(family, ""))
        hidden[family] = hide(
            counts.family(family, counted, past.get((counts.clinic_id, family))), profile, inherited
        )
    people, whole, trend = _by_figure(counts, hidden)
    yield from _cells(people, WINDOWS, counts.therapists)
    yield from _cells(whole, WINDOWS, ("",))
    yield from _cells(trend, months, ("",))


def _cells(
    flags: Flags, periods: Sequence[str], units: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    for period, unit, figure in np.argwhere(flags):
        yield units[unit], periods[period], _IDS[figure]


def _in_order() -> list[str]:
    """Return the families, each after those that it is counted by or hidden with."""
    return sorted(FAMILIES, key=_depth)


def _depth(family: str) -> int:
    above = [one[family] for one in (COUNTED_BY, HIDDEN_WITH) if family in one]
    return max((1 + _depth(each) for each in above), default=0)


def _by_figure(counts: ClinicCounts, hidden: dict[str, Hidden]) -> tuple[Flags, Flags, Flags]:
    """Turn flags of families to flags of figures: periods × units × figures."""
    flags = tuple(np.zeros(dense.shape, dtype=bool) for dense in counts.observations)
    for family, of_family in hidden.items():
        counting = COUNTED_BY.get(family, family)
        of_counting = hidden.get(counting, of_family)
        own = columns_of(FAMILIES[family])
        above = columns_of(FAMILIES[counting])
        for has, marked, flag, flag_above in zip(
            _present(counts), flags, _shaped(of_family), _shaped(of_counting), strict=True
        ):
            n = len(flag)
            has_own, has_above = has[:n][..., own].any(axis=-1), has[:n][..., above].any(axis=-1)
            without_any = flag_above[:n] & has_above & ~has_own
            is_hidden = (flag & (has_own | has_above)) | without_any
            marked[:n, :, own] = is_hidden[..., np.newaxis] & counts.is_used[own]
    flags[2][..., [not one.has_trend for one in FIGURES.values()]] = False
    return flags[0], flags[1], flags[2]


def _present(counts: ClinicCounts) -> tuple[Flags, Flags, Flags]:
    """Say where there are observations; the last month of the trend has those of the month."""
    people, whole, trend = (dense > 0 for dense in counts.observations)
    trend[-1:] |= whole[:1]
    return people, whole, trend


def _shaped(hidden: Hidden) -> tuple[Flags, Flags, Flags]:
    """Return the flags of therapists, clinic and trend as periods × units."""
    return hidden.therapists, hidden.told_clinic[:, np.newaxis], hidden.trend[:, np.newaxis]
