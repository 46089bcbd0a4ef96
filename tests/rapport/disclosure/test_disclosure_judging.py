"""Which figures of a clinic are hidden, family by family, from counts written down by hand."""

import numpy as np

from rapport.disclosure.clinic_family import EARLIER, MONTH, TRAILING, Past
from rapport.disclosure.families import FLAGS, ClinicCounts
from rapport.disclosure.judging import HIDDEN_WITH, hidden_figures
from rapport.disclosure.profiles import profile_of
from rapport.months import Month, trailing
from rapport.statistics.figures import FIGURES

MONTHS = [str(one) for one in trailing(Month(2026, 2), 12)]
STANDARD = profile_of("standard")
SESSIONS = ("attendance.attended", "attendance.missed", "attendance.cancelled")
COMPLETION = ("completion.patient", "completion.therapist", "completion.both")
ALLIANCE = "alliance.patient.total"
N_NUMBERS = 4 + len(FLAGS)
UNSAFE = 4

_AT = {name: place for place, name in enumerate(FIGURES)}


class _Clinic:
    """A clinic of as many therapists as are asked for, each patient seen once, in one month."""

    def __init__(self, *therapists: str) -> None:
        self._names = therapists
        self.people = np.zeros((N_NUMBERS, 3, len(therapists), len(FIGURES)))
        self.whole = np.zeros((N_NUMBERS, 3, 1, len(FIGURES)))
        self.trend = np.zeros((N_NUMBERS, 12, 1, len(FIGURES)))

    def seen(self, figure: str, patients: dict[str, int], *, back: int = 0) -> "_Clinic":
        """Add patients of a month, half of whom did what the figure counts."""
        windows = (TRAILING, EARLIER) if back else (MONTH, TRAILING)
        for name, n in patients.items():
            for window in windows:
                self._add(self.people[:, window, self._names.index(name)], figure, n)
        n = sum(patients.values())
        for window in windows:
            self._add(self.whole[:, window, 0], figure, n)
        self._add(self.trend[:, 11 - back, 0], figure, n)
        return self

    def _add(self, numbers: np.ndarray, figure: str, n: int) -> None:
        at = _AT[figure]
        numbers[:4, at] += [n, n, n, n / 2]
        numbers[UNSAFE, at] = 0 < numbers[0, at] < STANDARD.minimum_patients

    def hidden(self, past: dict[tuple[str, str], Past] | None = None) -> set[tuple[str, str, str]]:
        counts = ClinicCounts("c1", self._names, self.people, self.whole, self.trend)
        return set(hidden_figures(counts, STANDARD, MONTHS, past or {}))


def _sessions(
    clinic: _Clinic, patients: dict[str, int], *, back: int = 0, figures: tuple[str, ...] = SESSIONS
) -> _Clinic:
    for figure in figures:
        clinic.seen(figure, patients, back=back)
    return clinic


def test_nothing_is_hidden_of_a_clinic_with_patients_enough() -> None:
    clinic = _sessions(_Clinic("t1", "t2"), {"t1": 12, "t2": 12}, back=3)
    assert _sessions(clinic, {"t1": 12, "t2": 12}).hidden() == set()


CASELOADS = {"t1": 2, "t2": 9, "t3": 20, "t4": 30}
"""Patients of each of two months. Of t1 too few; t2 has to go with her; and t3, without whom t2,
who knows herself, would know t1."""


def test_a_small_therapist_is_hidden_and_the_next_smallest_with_her() -> None:
    clinic = _Clinic("t1", "t2", "t3", "t4")
    for back in (0, 3):
        _sessions(clinic, CASELOADS, back=back)
    hidden = clinic.hidden()
    assert {unit for unit, period, _ in hidden if period == "trailing_12"} == {"t1", "t2", "t3"}
    assert {figure for unit, _, figure in hidden if unit == "t1"} == set(SESSIONS)
    assert not any(unit == "" for unit, _, _ in hidden)


def test_a_small_month_of_the_clinic_is_hidden_with_its_trend_by_the_names_of_the_months() -> None:
    figures = (*SESSIONS, *COMPLETION)
    clinic = _sessions(_Clinic("t1"), {"t1": 30}, back=3, figures=figures)
    _sessions(clinic, {"t1": 20}, back=5, figures=figures)
    hidden = _sessions(clinic, {"t1": 3}, figures=figures).hidden()
    own = {(period, figure) for unit, period, figure in hidden if unit == ""}
    assert {("month", one) for one in figures} <= own
    assert {("2026-02", one) for one in COMPLETION} <= own
    # A second month of the trend: the smaller of the two. Attendance has no trend.
    assert {("2025-09", one) for one in COMPLETION} <= own
    assert not any(period == "2025-11" for period, _ in own)
    assert not any(period.startswith("20") and figure in SESSIONS for period, figure in own)


def test_the_alliance_is_hidden_where_the_sessions_that_count_its_forms_are() -> None:
    clinic = _Clinic("t1", "t2", "t3", "t4")
    for back in (0, 3):
        _sessions(clinic, CASELOADS, back=back)
        clinic.seen(ALLIANCE, CASELOADS, back=back)
    units = {unit for unit, period, figure in clinic.hidden()
             if figure == ALLIANCE and period == "trailing_12"}  # fmt: skip
    assert units == {"t1", "t2", "t3"}


def test_that_nobody_has_a_form_is_hidden_where_the_share_with_a_form_is() -> None:
    clinic = _Clinic("t1", "t2", "t3", "t4")
    for back in (0, 3):
        _sessions(clinic, CASELOADS, back=back, figures=SESSIONS + COMPLETION)
        clinic.seen(ALLIANCE, {"t3": 20}, back=back)
    hidden = clinic.hidden()
    assert ("t1", "trailing_12", ALLIANCE) in hidden
    # A figure that nobody of the clinic has is not spoken of at all.
    assert ("t1", "trailing_12", "alliance.therapist.total") not in hidden
    assert ("t1", "trailing_12", "outcome.recovery") not in hidden


def test_outcomes_are_judged_by_themselves() -> None:
    clinic = _Clinic("t1", "t2", "t3", "t4")
    for back in (0, 3):
        _sessions(clinic, CASELOADS, back=back)
        clinic.seen("outcome.recovery", dict.fromkeys(CASELOADS, 15), back=back)
    assert not any(figure == "outcome.recovery" for _, _, figure in clinic.hidden())


def test_a_month_hidden_beside_a_shown_window_stays_hidden_in_its_family_only() -> None:
    figures = (*SESSIONS, *COMPLETION)
    clinic = _Clinic("t1", "t2")
    for back in (0, 3, 6):
        _sessions(clinic, {"t1": 12, "t2": 12}, back=back, figures=figures)
    kept = np.array([False] * 8 + [True] + [False] * 3)
    past = Past(is_known=np.zeros(12, dtype=bool), is_kept=kept, apart=0, gained={})
    assert clinic.hidden({("c2", "sessions"): past}) == set()
    assert clinic.hidden({("c1", "outcome"): past}) == set()
    hidden = clinic.hidden({("c1", "sessions"): past})
    assert ("", "2025-11", COMPLETION[0]) in hidden
    assert not any(unit for unit, _, _ in hidden)


def test_a_family_is_hidden_with_the_one_it_is_counted_or_computed_from_however_far_down() -> None:
    # Too few sessions of the month: so there are few forms, falls among them, repairs of these.
    chain = ("alliance.patient.total", "rupture.criterion", "rupture.repaired", "rupture.chart")
    clinic = _Clinic("t1")
    for back in (3, 5):
        _sessions(clinic, {"t1": 30}, back=back, figures=(*SESSIONS, *COMPLETION, *chain))
    for figure in chain:
        clinic.seen(figure, {"t1": 30})
    _sessions(clinic, {"t1": 3}, figures=(*SESSIONS, *COMPLETION))
    hidden = {figure for _, period, figure in clinic.hidden() if period == "month"}
    assert set(chain) <= hidden


def test_what_is_hidden_with_what() -> None:
    assert HIDDEN_WITH == {
        "alliance": "sessions",
        "ruptures": "alliance",
        "own_limits": "alliance",
        "repairs": "ruptures",
        "stages": "alliance",
        "modes": "ruptures",
    }
