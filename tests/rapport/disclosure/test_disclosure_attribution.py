"""A clinic's told months and a therapist's window, which together would tell a month of two."""

import pandas as pd
import pytest

from rapport.disclosure.attribution import exposing
from rapport.months import Month
from rapport.statistics.shares_by_month import MONTH_COUNTS

MONTH = Month(2026, 2)
MISSED = "attendance.missed"

_ROWS = ["month", "clinic_id", "therapist_id", "period", "figure", "suppression", "carried_from"]


def _month(person: str, apart: int, n: int, missed: int, figure: str = MISSED) -> dict[str, object]:
    """``n`` patients of a month, seen once each, who are there in no other month."""
    counts = dict.fromkeys(MONTH_COUNTS, n) | {"total": missed}
    return {"level": "month", "clinic_id": "c1", "therapist_id": person, "figure": figure,
            "apart": apart, **counts}  # fmt: skip


def _told(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Month of the report, therapist, period."""
    table = [(month, "c1", person, period, MISSED, None, None) for month, person, period in rows]
    return pd.DataFrame(table, columns=_ROWS).astype({"suppression": "str", "carried_from": "str"})


def _held(
    months: list[dict[str, object]],
    *,
    people: tuple[pd.DataFrame, pd.DataFrame] = (_told(), _told()),
    waits: tuple[str, ...] = (),
    profile: str = "standard",
    family: str = "sessions",
) -> list[str]:
    counts = pd.DataFrame(months)
    patients = counts.groupby("therapist_id")["n_patients"].sum()
    waiting = pd.DataFrame(
        {
            "clinic_id": "c1",
            "therapist_id": patients.index,
            "family": family,
            "n_patients": patients.to_numpy(),
            "profile": profile,
            "waits": [name in waits for name in patients.index],
        }
    )
    tables = (people[0], people[1].drop(columns="therapist_id"))
    found = exposing(waiting, tables, counts, MONTH)
    assert set(found["family"]) <= {family}
    return found["therapist_id"].tolist()


TOLD = _told(*(("2025-12", "", str(MONTH.plus(-back))) for back in range(1, 12)))
"""The clinic's months of the window, told one by one."""

COLLEAGUES = [_month("t2", 0, 9, 0), _month("t2", 3, 9, 0), _month("t3", 2, 9, 0)]
"""Nobody missed with t2, nor with t3, whose window waits."""

DECEMBER = [_month("t1", 0, 9, 0), _month("t1", 2, 2, 1), _month("t1", 3, 9, 0)]
"""In December t1 saw two patients, and one missed; in other months nobody did."""


def test_a_window_that_belongs_to_one_told_month_of_two_patients_is_held() -> None:
    months = [*DECEMBER, *COLLEAGUES]
    assert _held(months, people=(_told(), TOLD), waits=("t3",)) == ["t1"]


def test_it_is_shown_where_the_clinics_months_are_not_told() -> None:
    assert _held([*DECEMBER, *COLLEAGUES], waits=("t3",)) == []


def test_a_month_of_five_may_be_told() -> None:
    months = [DECEMBER[0], _month("t1", 2, 5, 1), DECEMBER[2], *COLLEAGUES]
    assert _held(months, people=(_told(), TOLD), waits=("t3",)) == []


def test_another_month_with_events_leaves_it_open() -> None:
    months = [*DECEMBER[:2], _month("t1", 3, 9, 1), *COLLEAGUES, _month("t3", 3, 9, 2),
              _month("t3", 2, 9, 2)]  # fmt: skip
    months = [one for one in months if one != COLLEAGUES[2]]
    assert _held(months, people=(_told(), TOLD), waits=("t3",)) == []


def test_nobody_of_a_window_of_enough_patients_is_no_secret() -> None:
    months = [DECEMBER[0], _month("t1", 2, 2, 0), DECEMBER[2], *COLLEAGUES]
    assert _held(months, people=(_told(), TOLD), waits=("t3",)) == []


def test_a_window_that_waits_anyway_is_not_judged() -> None:
    months = [*DECEMBER, *COLLEAGUES]
    assert _held(months, people=(_told(), TOLD), waits=("t1", "t2", "t3")) == []


def test_in_a_clinic_of_two_the_window_of_one_is_the_others() -> None:
    assert _held([*DECEMBER, *COLLEAGUES[:2]], people=(_told(), TOLD)) == ["t1", "t2"]


def test_a_month_that_was_told_before_is_not_hidden_by_holding_a_window() -> None:
    # t1's window of January said it already: that one stands, and the new one tells no more.
    before = _told(("2026-01", "t1", "trailing_12"))
    months = [*DECEMBER, *COLLEAGUES]
    assert _held(months, people=(before, TOLD), waits=("t3",)) == []


def test_a_clinic_of_one_has_no_colleagues_to_be_told_from() -> None:
    assert _held(DECEMBER, people=(_told(), TOLD)) == []


@pytest.mark.parametrize(("patients", "is_held"), [(9, True), (10, False)])
def test_nobody_recovered_is_said_of_ten_and_not_of_nine(patients: int, is_held: bool) -> None:
    figure = "outcome.recovery"
    months = [
        _month("t1", 0, 3, 0, figure), _month("t1", 1, patients - 3, 0, figure),
        *(_month(one, back, 9, 4, figure) for one in ("t2", "t3") for back in (0, 1)),
    ]  # fmt: skip
    found = _held(months, family="outcome", waits=("t3",))
    assert found == (["t1"] if is_held else [])


def test_a_stricter_profile_asks_for_more_patients() -> None:
    months = [_month("t1", 0, 12, 0), _month("t1", 2, 7, 1), *COLLEAGUES]
    told = (_told(), TOLD)
    assert _held(months, people=told, waits=("t3",)) == []
    assert _held(months, people=told, waits=("t3",), profile="strict") == ["t1"]
