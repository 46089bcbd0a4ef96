"""What one group of a clinic means for another: month and window, therapists and trend, by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from rapport.disclosure.clinic import hide
from rapport.disclosure.clinic_family import (
    EARLIER,
    MONTH,
    TRAILING,
    ClinicFamily,
    Counts,
    Hidden,
    Past,
)
from rapport.disclosure.profiles import profile_of

STANDARD = profile_of("standard")
FIGURES = ("completion.patient", "completion.both")
"""Two shares with a trend; nobody has the second, so that a rule about any figure shows."""

ENOUGH = {0: 12, 3: 12, 6: 12}
"""Months back → patients: twelve in each of three months."""


def _counts(patients: np.ndarray) -> Counts:
    """Each patient has one observation, and every second one did what the share counts."""
    numbers = np.stack([patients, np.zeros_like(patients)], axis=-1).astype(float)
    no = np.zeros(numbers.shape, dtype=bool)
    flags = (numbers > 0) & (numbers < STANDARD.minimum_patients)
    return Counts(numbers, numbers, numbers, numbers / 2, flags, no, no.copy(), no.copy())


def _family(*people: dict[int, int], past: Past | None = None) -> ClinicFamily:
    """Make a clinic of therapists, each with so many patients in months counted back."""
    months = np.array([[one.get(11 - at, 0) for at in range(12)] for one in people])
    windows = np.array([months[:, -1], months.sum(axis=1), months[:, :-1].sum(axis=1)])
    return ClinicFamily(
        figures=FIGURES,
        therapists=_counts(windows),
        clinic=_counts(windows.sum(axis=1, keepdims=True)),
        trend=_counts(months.sum(axis=0)),
        trend_figures=FIGURES,
        ceilings=np.full((3, len(people), 1), np.inf),
        past=past,
    )


def _marked(counts: Counts, name: str, *at: int) -> Counts:
    flags = getattr(counts, name).copy()
    flags[(*at, 0)] = True
    return replace(counts, **{name: flags})


def _clinic_marked(family: ClinicFamily, name: str, window: int) -> ClinicFamily:
    return replace(family, clinic=_marked(family.clinic, name, window, 0))


def _back(hidden: Hidden) -> list[int]:
    """Return the months of the trend that are hidden, counted back."""
    return sorted(11 - int(at) for at in np.flatnonzero(hidden.trend))


def _past(known: Sequence[int] = (), kept: Sequence[int] = (), apart: int = 0, n: int = 0) -> Past:
    flags = np.zeros((2, 12), dtype=bool)
    flags[0, [11 - back for back in known]] = True
    flags[1, [11 - back for back in kept]] = True
    return Past(flags[0], flags[1], apart, {FIGURES[0]: n} if n else {})


def _told(hidden: Hidden) -> tuple[bool, bool]:
    """Say whether the clinic's month and window are hidden."""
    month, window = hidden.told_clinic
    return bool(month), bool(window)


def test_where_all_have_enough_nothing_is_hidden() -> None:
    hidden = hide(_family(ENOUGH, ENOUGH), STANDARD)
    assert hidden.size() == 0
    assert _told(hidden) == (False, False)


def test_a_month_that_waits_is_hidden_and_the_window_stands() -> None:
    hidden = hide(_clinic_marked(_family(ENOUGH), "waits", MONTH), STANDARD)
    assert _told(hidden) == (True, False)
    assert _back(hidden) == [0, 6]  # of two months alike, the older goes with it
    assert hidden.therapists[MONTH].all()


def test_a_window_that_waits_leaves_month_and_trend_to_be_told() -> None:
    hidden = hide(_clinic_marked(_family(ENOUGH, ENOUGH), "waits", TRAILING), STANDARD)
    assert _told(hidden) == (False, True)
    assert hidden.waits
    assert not hidden.clinic[TRAILING]
    assert _back(hidden) == []
    assert hidden.therapists[TRAILING].all()
    assert not hidden.therapists[MONTH].any()


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        (("must_tell",), (False, False)),
        (("must_hide",), (True, False)),
        (("must_tell", "must_hide"), (True, True)),
    ],
)
def test_a_window_stands_with_its_month_told_or_hidden_as_former_reports_ask(
    marks: tuple[str, ...], told: tuple[bool, bool]
) -> None:
    family = _family(ENOUGH)
    for mark in marks:
        family = _clinic_marked(family, mark, TRAILING)
    assert _told(hide(family, STANDARD)) == told


def test_a_window_that_needs_its_month_told_waits_where_the_month_is_small() -> None:
    small = _family({**ENOUGH, 0: 3})
    assert _told(hide(small, STANDARD)) == (True, False)
    hidden = hide(_clinic_marked(small, "must_tell", TRAILING), STANDARD)
    assert _told(hidden) == (True, True)


def test_a_mark_of_the_month_says_nothing_of_the_window() -> None:
    for mark in ("must_tell", "must_hide"):
        hidden = hide(_clinic_marked(_family(ENOUGH), mark, MONTH), STANDARD)
        assert hidden.size() == 0


def test_a_small_rest_hides_the_month_of_a_therapist_whose_window_is_told() -> None:
    hidden = hide(_family({0: 12, 3: 3}, ENOUGH, ENOUGH), STANDARD)
    assert hidden.therapists[MONTH, 0]
    assert not hidden.therapists[TRAILING].any()
    assert _told(hidden) == (False, False)


def test_a_small_rest_hides_no_month_where_the_window_is_hidden() -> None:
    # Three windows wait; nothing can be subtracted from hers, so her month of twelve may stand.
    family = _family({0: 12, 3: 3}, ENOUGH, ENOUGH, ENOUGH)
    for person in range(3):
        family = replace(family, therapists=_marked(family.therapists, "waits", TRAILING, person))
    hidden = hide(family, STANDARD)
    assert hidden.therapists[TRAILING, 0]
    assert not hidden.therapists[MONTH, 0]


def test_a_small_rest_of_the_clinic_hides_its_month() -> None:
    hidden = hide(_family({0: 12, 3: 3}), STANDARD)
    assert _told(hidden) == (True, False)
    assert _back(hidden) == [0, 3]


def test_who_is_new_this_month_is_hidden_in_month_and_window_alike() -> None:
    family = _family({0: 12}, ENOUGH, ENOUGH, ENOUGH)
    for window in (MONTH, TRAILING):
        marked = replace(family, therapists=_marked(family.therapists, "waits", window, 0))
        hidden = hide(marked, STANDARD)
        assert hidden.therapists[:, 0].tolist() == [True, True]


def test_a_clinic_of_one_month_is_hidden_in_month_and_window_alike() -> None:
    for window in (MONTH, TRAILING):
        hidden = hide(_clinic_marked(_family({0: 12}), "waits", window), STANDARD)
        assert hidden.clinic.tolist() == [True, True]
        assert _back(hidden) == list(range(12))
    assert hide(_family({0: 12}), STANDARD).size() == 0


def test_one_flag_beside_others_hides_a_therapist_beside_two_colleagues() -> None:
    hidden = hide(_family({3: 3}, {3: 9}, {3: 20}, {3: 30}), STANDARD)
    assert hidden.therapists[TRAILING].tolist() == [True, True, True, False]
    assert not hidden.therapists[MONTH].any()


def test_a_small_month_is_hidden_with_the_smallest_that_makes_a_crowd() -> None:
    hidden = hide(_family({0: 12, 2: 2, 4: 30, 7: 9}), STANDARD)
    assert _back(hidden) == [2, 7]
    assert _told(hidden) == (False, False)


def test_the_newest_month_is_the_last_to_go() -> None:
    hidden = hide(_family({0: 6, 2: 2, 4: 30}), STANDARD)
    assert _back(hidden) == [2, 4]
    alone = hide(_family({0: 12, 2: 2}), STANDARD)
    assert _back(alone) == [0, 2]
    assert _told(alone) == (True, False)


def test_a_hidden_month_that_no_other_can_hide_takes_the_window() -> None:
    family = _family({2: 12})
    trend = family.trend
    assert trend is not None
    hidden = hide(replace(family, trend=_marked(trend, "waits", 9)), STANDARD)
    assert _told(hidden)[1]
    assert _back(hidden) == list(range(12))


def test_what_was_shown_before_is_known_and_hides_nothing() -> None:
    people = {0: 12, 2: 2, 4: 30, 7: 9}
    assert _back(hide(_family(people, past=_past(known=[7])), STANDARD)) == [2, 4]


def test_what_was_hidden_before_beside_a_shown_window_stays_hidden() -> None:
    assert _back(hide(_family(ENOUGH, past=_past(kept=[3])), STANDARD)) == [3, 6]


def test_what_is_hidden_of_the_family_that_counts_is_hidden_here() -> None:
    family = _family(ENOUGH, ENOUGH, ENOUGH)
    trend = np.zeros(12, dtype=bool)
    trend[5] = True
    people = np.zeros((2, 3), dtype=bool)
    people[TRAILING, 1] = True
    inherited = Hidden(people, np.array([True, False]), trend)
    hidden = hide(family, STANDARD, inherited)
    assert hidden.therapists[TRAILING, 1]
    assert _told(hidden) == (True, False)
    assert {0, 6} <= set(_back(hidden))
    waiting = hide(family, STANDARD, Hidden(people & False, np.zeros(2, bool), trend & False, True))
    assert _told(waiting) == (False, True)


def test_how_much_is_hidden_counts_every_flag_once() -> None:
    people = np.array([[True, False], [True, True]])
    hidden = Hidden(people, np.array([True, False]), np.array([True, True, False]))
    assert (hidden.waits, hidden.size()) == (False, 6)
    hidden.waits = True
    assert hidden.size() == 7


def test_the_month_is_the_whole_window_of_who_had_nobody_before() -> None:
    family = _family({0: 1}, {0: 1, 3: 1}, {3: 1}, {})
    assert family.therapists_of_one_month.tolist() == [True, False, False, False]
    assert not family.clinic_of_one_month
    assert _family({0: 1}).clinic_of_one_month is True
    assert family.therapists.unsafe[EARLIER].tolist() == [False, True, True, False]
    assert _marked(family.therapists, "waits", MONTH, 1).waiting[MONTH].tolist() == [
        False, True, False, False,
    ]  # fmt: skip
