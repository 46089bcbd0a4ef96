"""Which figures of a clinic are hidden: family by family, with what one family means for another.

Where a figure is hidden, figures of its family that nobody has an observation for are hidden
too: otherwise "no forms" would stand beside a hidden share of sessions with a form, and give it.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from rapport.disclosure.clinic import WINDOWS, Hidden, hide
from rapport.disclosure.families import COUNTED_BY, FAMILIES, ClinicCounts, columns_of
from rapport.disclosure.partition import Flags
from rapport.disclosure.profiles import Profile
from rapport.statistics.figures import FIGURES

_IDS = tuple(FIGURES)

HIDDEN_WITH = {"alliance": "sessions"}
"""Family → the family with which it is hidden: as many scores as sessions with a form."""


def hidden_figures(
    counts: ClinicCounts, profile: Profile, months: Sequence[str]
) -> Iterator[tuple[str, str, str]]:
    """Yield what is hidden of one clinic.

    Args:
        counts: The clinic's groups.
        profile: Its disclosure profile.
        months: Names of the months of the window, oldest first.

    Yields:
        Therapist id ("" for the clinic), period and figure id; also of figures without any
        observation in that period.
    """
    hidden: dict[str, Hidden] = {}
    used = [family for family in _in_order() if counts.is_used[columns_of(FAMILIES[family])].any()]
    for family in used:
        inherited = hidden.get(HIDDEN_WITH.get(family, ""))
        hidden[family] = hide(counts.family(family), profile, inherited)
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
    """Return the families, those that others are hidden with first."""
    return sorted(FAMILIES, key=lambda family: family in HIDDEN_WITH)


def _by_figure(counts: ClinicCounts, hidden: dict[str, Hidden]) -> tuple[Flags, Flags, Flags]:
    """Turn flags of families to flags of figures: periods × units × figures."""
    flags = tuple(np.zeros(dense.shape, dtype=bool) for dense in counts.observations)
    for family, of_family in hidden.items():
        columns = columns_of(FAMILIES[family])
        counting = COUNTED_BY.get(family, family)
        of_counting = hidden.get(counting, of_family)
        for dense, marked, own, above in zip(
            counts.observations, flags, _shaped(of_family), _shaped(of_counting), strict=True
        ):
            n = len(own)
            has_own = (dense[:n, :, columns] > 0).any(axis=-1)
            has_above = (dense[:n, :, columns_of(FAMILIES[counting])] > 0).any(axis=-1)
            if marked is flags[2] and n:
                has_above[-1] |= (
                    counts.observations[1][0, :, columns_of(FAMILIES[counting])] > 0
                ).any()
            is_hidden = (own & (has_own | has_above)) | (above[:n] & has_above & ~has_own)
            marked[:n, :, columns] = is_hidden[:, :, np.newaxis] & counts.is_used[columns]
    trending = np.array([one.has_trend for one in FIGURES.values()])
    flags[2][:, :, ~trending] = False
    return flags[0], flags[1], flags[2]


def _shaped(hidden: Hidden) -> tuple[Flags, Flags, Flags]:
    """Return the flags of therapists, clinic and trend as periods × units."""
    return hidden.therapists, hidden.clinic[:, np.newaxis], hidden.trend[:, np.newaxis]
