"""Groups of patients laid out as arrays: each number at its window, unit and figure."""

import numpy as np
import pandas as pd
import pytest

from rapport.disclosure.clinic_family import Hidden, Past
from rapport.disclosure.families import (
    COUNTED_BY,
    FAMILIES,
    FLAGS,
    ClinicCounts,
    columns_of,
    lay_out,
)
from rapport.months import Month, trailing
from rapport.statistics.figures import FIGURES

MONTHS = [str(month) for month in trailing(Month(2026, 2), 12)]
SEEN, RECOVERY, TOTAL = "patients.seen", "outcome.recovery", "alliance.patient.total"
COUNTS = ("n_patients", "n_exclusive", "n_observations", "total")


def _groups(*rows: tuple[str, str, str, str, tuple[float, ...]], **flags: bool) -> pd.DataFrame:
    """Clinic, therapist ("" for the clinic), period, figure, and the four counts."""
    return pd.DataFrame(
        [
            {"clinic_id": clinic, "therapist_id": therapist, "period": period, "figure": figure}
            | dict(zip(COUNTS, counts, strict=True))
            | dict.fromkeys(FLAGS, False)
            | flags
            for clinic, therapist, period, figure, counts in rows
        ],
        columns=["clinic_id", "therapist_id", "period", "figure", *COUNTS, *FLAGS],
    )


def _only(groups: pd.DataFrame) -> ClinicCounts:
    (found,) = lay_out(groups, MONTHS)
    return found


WHOLE = ("c1", "", "trailing_12", SEEN, (9.0, 9.0, 11.0, 9.0))


def test_each_figure_stands_in_one_family_in_the_order_of_the_catalogue() -> None:
    assert [figure for figures in FAMILIES.values() for figure in figures] == sorted(
        FIGURES, key=lambda one: [*FAMILIES].index(FIGURES[one].family)
    )
    for family, figures in FAMILIES.items():
        assert list(figures) == [one for one in FIGURES if FIGURES[one].family == family]
        assert figures


def test_scores_are_counted_by_sessions_and_changes_by_outcomes() -> None:
    measures = [family for family in FAMILIES if family.startswith("outcome.")]
    assert len(measures) > 10
    assert {"alliance": "sessions"} | dict.fromkeys(measures, "outcome") == COUNTED_BY


def test_a_number_stands_at_its_window_therapist_and_figure() -> None:
    counts = _only(
        _groups(
            WHOLE,
            ("c1", "t2", "trailing_12", SEEN, (6.0, 5.0, 8.0, 6.0)),
            ("c1", "t1", "month", RECOVERY, (3.0, 2.0, 4.0, 1.0)),
            ("c1", "t1", "earlier", RECOVERY, (7.0, 6.0, 9.0, 5.0)),
        )
    )
    assert (counts.clinic_id, counts.therapists) == ("c1", ("t1", "t2"))
    sessions = counts.family("sessions", None, None)
    at = sessions.figures.index(SEEN)
    of_t2 = [
        getattr(sessions.therapists, name)[1, 1, at]
        for name in ("patients", "exclusive", "observations", "sums")
    ]
    assert of_t2 == [6.0, 5.0, 8.0, 6.0]
    outcome = counts.family("outcome", None, None)
    at = outcome.figures.index(RECOVERY)
    assert outcome.therapists.patients[:, 0, at].tolist() == [3.0, 0.0, 7.0]
    assert outcome.therapists.exclusive[:, 0, at].tolist() == [2.0, 0.0, 6.0]
    assert outcome.therapists.observations[:, 0, at].tolist() == [4.0, 0.0, 9.0]
    assert outcome.therapists.sums[:, 0, at].tolist() == [1.0, 0.0, 5.0]
    assert outcome.therapists.patients.sum() == 10.0
    assert outcome.clinic.patients.sum() == 0.0
    assert sessions.clinic.patients[:, 0, 6].tolist() == [0.0, 9.0, 0.0]


def test_months_stand_in_the_trend_oldest_first() -> None:
    counts = _only(
        _groups(
            WHOLE,
            ("c1", "", MONTHS[0], TOTAL, (2.0, 2.0, 3.0, 9.0)),
            ("c1", "", MONTHS[11], TOTAL, (5.0, 5.0, 6.0, 21.0)),
        )
    )
    trend = counts.family("alliance", None, None).trend
    assert trend is not None
    assert trend.patients[:, 0].tolist() == [2.0, *[0.0] * 10, 5.0]
    assert trend.sums[:, 0].tolist() == [9.0, *[0.0] * 10, 21.0]


def test_only_figures_with_a_trend_have_months() -> None:
    alliance = _only(_groups(WHOLE)).family("alliance", None, None)
    assert alliance.trend_figures == (
        TOTAL, "alliance.therapist.total", "alliance.difference.total",
    )  # fmt: skip
    assert alliance.trend is not None
    assert alliance.trend.patients.shape == (12, 3)
    outcome = _only(_groups(WHOLE)).family("outcome", None, None)
    assert (outcome.trend, outcome.trend_figures) == (None, ())


@pytest.mark.parametrize(
    ("flag", "found"),
    [
        ("unsafe", "flags"), ("waits", "waits"),
        ("must_tell", "must_tell"), ("must_hide", "must_hide"),
    ],
)  # fmt: skip
def test_a_mark_of_a_group_stands_where_its_counts_do(flag: str, found: str) -> None:
    row = ("c1", "t1", "month", SEEN, (3.0, 3.0, 3.0, 3.0))
    marked = _groups(row, unsafe=flag == "unsafe", waits=flag == "waits")
    marked = marked.assign(must_tell=flag == "must_tell", must_hide=flag == "must_hide")
    therapists = (
        _only(pd.concat([_groups(WHOLE), marked])).family("sessions", None, None).therapists
    )
    for name in ("flags", "waits", "must_tell", "must_hide"):
        flags = getattr(therapists, name)
        assert flags.dtype == bool
        assert np.argwhere(flags).tolist() == ([[0, 0, 6]] if name == found else [])


def test_clinics_are_laid_out_one_by_one_each_with_its_own_therapists() -> None:
    groups = _groups(
        ("c2", "", "trailing_12", SEEN, (20.0, 20.0, 20.0, 20.0)),
        ("c2", "t1", "trailing_12", SEEN, (12.0, 12.0, 12.0, 12.0)),
        ("c1", "t9", "trailing_12", SEEN, (4.0, 4.0, 4.0, 4.0)),
        ("c2", "t10", "trailing_12", SEEN, (8.0, 8.0, 8.0, 8.0)),
        WHOLE,
        ("c1", "t3", "trailing_12", SEEN, (5.0, 5.0, 5.0, 5.0)),
    )
    first, second = lay_out(groups, MONTHS)
    assert (first.clinic_id, first.therapists) == ("c1", ("t3", "t9"))
    assert (second.clinic_id, second.therapists) == ("c2", ("t1", "t10"))
    seen = FAMILIES["sessions"].index(SEEN)
    of_first = first.family("sessions", None, None)
    of_second = second.family("sessions", None, None)
    assert of_first.therapists.patients[1, :, seen].tolist() == [5.0, 4.0]
    assert of_second.therapists.patients[1, :, seen].tolist() == [12.0, 8.0]
    assert of_second.clinic.patients[1, :, seen].tolist() == [20.0]


def test_the_order_of_the_groups_changes_nothing() -> None:
    groups = _groups(
        WHOLE,
        ("c1", "t1", "trailing_12", SEEN, (5.0, 4.0, 6.0, 5.0)),
        ("c1", "t2", "trailing_12", SEEN, (5.0, 4.0, 5.0, 5.0)),
        ("c1", "t2", "month", RECOVERY, (2.0, 2.0, 2.0, 1.0)),
    )
    one, other = _only(groups), _only(groups.iloc[::-1])
    assert one.therapists == other.therapists
    for name in ("people", "whole", "trend"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_no_groups_are_no_clinics() -> None:
    assert list(lay_out(_groups(), MONTHS)) == []


def test_a_figure_is_used_that_the_clinic_has_a_single_observation_of_in_the_window() -> None:
    counts = _only(
        _groups(
            ("c1", "", "trailing_12", SEEN, (1.0, 1.0, 1.0, 1.0)),
            ("c1", "t1", "trailing_12", RECOVERY, (4.0, 4.0, 4.0, 1.0)),
            ("c1", "", "month", TOTAL, (4.0, 4.0, 4.0, 12.0)),
        )
    )
    assert [one for one, used in zip(FIGURES, counts.is_used, strict=True) if used] == [SEEN]


def _counted() -> ClinicCounts:
    """Two therapists, seen by month and window; the largest of a family's figures counts."""
    return _only(
        _groups(
            WHOLE,
            ("c1", "t1", "month", SEEN, (2.0, 2.0, 2.0, 2.0)),
            ("c1", "t1", "trailing_12", SEEN, (4.0, 4.0, 4.0, 4.0)),
            ("c1", "t1", "trailing_12", "completion.patient", (3.0, 3.0, 3.0, 3.0)),
            ("c1", "t1", "earlier", SEEN, (3.0, 3.0, 3.0, 3.0)),
            ("c1", "t2", "month", SEEN, (1.0, 1.0, 1.0, 1.0)),
            ("c1", "t2", "trailing_12", SEEN, (6.0, 6.0, 6.0, 6.0)),
            ("c1", "t2", "earlier", SEEN, (5.0, 5.0, 5.0, 5.0)),
        )
    )


INF = np.inf


@pytest.mark.parametrize(
    ("hidden", "ceilings"),
    [
        ([[0, 0], [0, 0]], [[2, 1], [4, 6], [3, 5]]),
        ([[1, 0], [0, 0]], [[INF, 1], [4, 6], [INF, 5]]),  # the month hides what was before too
        ([[0, 0], [0, 1]], [[2, 1], [4, INF], [3, INF]]),
        ([[1, 1], [1, 1]], [[INF, INF], [INF, INF], [INF, INF]]),
    ],
)
def test_patients_with_scores_are_at_most_those_whose_sessions_are_told(
    hidden: list[list[int]], ceilings: list[list[float]]
) -> None:
    flags = Hidden(np.array(hidden, dtype=bool), np.zeros(2, dtype=bool), np.zeros(12, dtype=bool))
    family = _counted().family("alliance", flags, None)
    assert family.ceilings[..., 0].tolist() == ceilings


@pytest.mark.parametrize("family", ["alliance", "sessions"])
def test_where_nothing_counts_a_family_nothing_bounds_it(family: str) -> None:
    found = _counted().family(family, None, None).ceilings
    assert found.shape == (3, 2, 1)
    assert np.isposinf(found).all()


def test_where_a_figure_stands_in_the_catalogue_is_the_same_for_every_clinic() -> None:
    places = columns_of((RECOVERY, SEEN))
    assert [list(FIGURES)[place] for place in places] == [RECOVERY, SEEN]
    with pytest.raises(ValueError, match="read-only"):
        places[0] = 0


def test_what_former_reports_said_goes_along() -> None:
    past = Past(np.zeros(12, dtype=bool), np.zeros(12, dtype=bool), 3, {SEEN: 4})
    assert _counted().family("sessions", None, past).past is past
