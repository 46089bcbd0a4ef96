"""The attacker over months, on sums written down by hand: what he finds, what does not count."""

import pandas as pd

from benchmarks.disclosure_programme import CLINIC, Programme
from benchmarks.disclosure_search import Search
from benchmarks.disclosure_settled import follows_from_larger
from benchmarks.disclosure_spans import Closes, Span
from rapport.disclosure import profile_of
from rapport.months import Month
from rapport.statistics import Aggregates

MISSED = "attendance.missed"
MONTHS = ("2026-01", "2026-02")
PEOPLE = ("t1", "t2")
STANDARD = profile_of("standard")


def _search(
    told: dict[tuple[str, tuple[str, ...]], float], targets: list[Span], figure: str = MISSED
) -> Search:
    """Unit and months → their sum; every month has eight observations of the clinic."""
    programme = Programme()
    for month in MONTHS:
        for what in ("n", "s"):
            parts = [(1.0, what, (one, month, figure)) for one in PEOPLE]
            programme.require([*parts, (-1.0, what, (CLINIC, month, figure))])
        for unit in (CLINIC, *PEOPLE):
            cell = (unit, month, figure)
            programme.require([(1.0, "s", cell)], 0.0, 8.0)
            programme.require([(1.0, "n", cell), (-1.0, "s", cell)], 0.0, 8.0)
        programme.require([(1.0, "n", (CLINIC, month, figure))], 8.0, 8.0)
    for (unit, months), value in told.items():
        programme.require([(1.0, "s", (unit, one, figure)) for one in months], value, value)
    return Search(programme, targets)


def _month(unit: str, month: str = "2026-02", figure: str = MISSED) -> Span:
    return Span(unit, figure, (month,))


def test_what_subtraction_gives_is_pinned_and_what_it_leaves_open_is_not() -> None:
    targets = [_month("t1"), _month("t1", "2026-01"), _month("t2")]
    told = {("t1", MONTHS): 1.0, (CLINIC, ("2026-01",)): 0.0, (CLINIC, ("2026-02",)): 3.0}
    found = {span: round(low) for span, low, high in _search(told, targets).pinned()}
    assert found == {_month("t1"): 1, _month("t1", "2026-01"): 0, _month("t2"): 2}
    del told[CLINIC, ("2026-01",)]
    assert list(_search(told, targets).pinned()) == []


def _closes(patients: dict[str, int], figure: str = MISSED) -> Closes:
    """Patients of each unit in February, one observation each, of whom nobody did."""
    truth = {
        (unit, figure): {"2026-02": dict.fromkeys(range(n), (1, 0.0))}
        for unit, n in patients.items()
    }
    empty = pd.DataFrame(columns=["figure", "period", "clinic_id", "suppression"])
    published = Aggregates(empty, empty, empty, empty, empty)
    return Closes({Month(2026, 2): published}, {}, {"c1": truth})


def _is_excused(
    patients: dict[str, int],
    told: dict[tuple[str, tuple[str, ...]], float],
    figure: str = MISSED,
) -> bool:
    span = _month("t1", figure=figure)
    search = _search(told, [span], figure)
    return follows_from_larger(span, _closes(patients, figure), "c1", STANDARD, search)


FEBRUARY: tuple[str, ...] = ("2026-02",)


def test_nobody_of_a_clinic_with_enough_patients_settles_each_therapist() -> None:
    nobody = {(CLINIC, FEBRUARY): 0.0}
    assert _is_excused({CLINIC: 5, "t1": 2, "t2": 3}, nobody)
    assert not _is_excused({CLINIC: 4, "t1": 2, "t2": 2}, nobody)


def test_nobody_of_outcomes_may_be_said_of_twice_as_many() -> None:
    nobody = {(CLINIC, FEBRUARY): 0.0}
    assert not _is_excused({CLINIC: 9, "t1": 2, "t2": 7}, nobody, "outcome.recovery")
    assert _is_excused({CLINIC: 10, "t1": 2, "t2": 8}, nobody, "outcome.recovery")


def test_that_a_colleague_had_all_of_them_is_found() -> None:
    all_of_t2 = {(CLINIC, FEBRUARY): 3.0, ("t2", FEBRUARY): 3.0}
    assert not _is_excused({CLINIC: 12, "t1": 2, "t2": 10}, all_of_t2)
    assert _is_excused({CLINIC: 15, "t1": 5, "t2": 10}, all_of_t2)


def test_a_number_between_nobody_and_everybody_is_always_found() -> None:
    some = {("t1", FEBRUARY): 1.0, (CLINIC, FEBRUARY): 1.0}
    assert not _is_excused({CLINIC: 12, "t1": 9, "t2": 3}, some)
