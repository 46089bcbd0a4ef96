"""Two reports of one clinic, laid side by side, do not give back the few by whom they differ."""

import pandas as pd
import pytest

from benchmarks.disclosure_months import campaign
from benchmarks.disclosure_programme import Cell
from rapport.disclosure import Former
from rapport.disclosure.history import differs_by_few, past_months
from rapport.months import Month, trailing

MONTH = Month(2026, 2)
FIGURE = "outcome.recovery"
GROUPS = pd.DataFrame(
    [("therapist", "c1", "t1", FIGURE, "outcome", "trailing_12")],
    columns=["level", "clinic_id", "therapist_id", "figure", "family", "period"],
)


def _shown(month: str, suppression: str | None = None, **changed: str) -> pd.DataFrame:
    row = {
        "month": month,
        "clinic_id": "c1",
        "therapist_id": "t1",
        "period": "trailing_12",
        "figure": FIGURE,
        "suppression": suppression,
    }
    return pd.DataFrame([row | changed]).astype({"suppression": "str"})


def _turnover(apart: int, gained: int, lost: int) -> pd.DataFrame:
    return pd.DataFrame(
        [("therapist", "c1", "t1", FIGURE, apart, gained, lost)],
        columns=[
            *("level", "clinic_id", "therapist_id", "figure"),
            *("apart", "n_gained", "n_lost"),
        ],
    )


def _waits(therapists: pd.DataFrame, turnover: pd.DataFrame) -> bool:
    nothing = _shown("2026-01").iloc[:0]
    former = Former(therapists, nothing.drop(columns="therapist_id"), turnover)
    profile = pd.Series("standard", index=GROUPS.index)
    return bool(differs_by_few(GROUPS, former, profile, MONTH).iloc[0])


@pytest.mark.parametrize(
    ("gained", "lost", "waits"),
    [(0, 0, False), (1, 0, True), (4, 9, True), (9, 4, True), (0, 4, True), (5, 5, False)],
)
def test_a_window_waits_while_fewer_than_five_came_or_went(
    gained: int, lost: int, waits: bool
) -> None:
    assert _waits(_shown("2026-01"), _turnover(1, gained, lost)) == waits


def test_what_counts_is_the_last_month_that_was_shown() -> None:
    reports = pd.concat([_shown("2025-11"), _shown("2025-12", "complementary")])
    assert _waits(reports, _turnover(3, 4, 0))
    assert not _waits(reports, _turnover(2, 4, 0))


def test_nothing_shown_before_is_nothing_to_subtract() -> None:
    assert not _waits(_shown("2026-01", "small_number"), _turnover(1, 1, 1))
    assert not _waits(_shown("2025-02"), _turnover(11, 1, 1))


def test_a_later_month_is_no_former_report() -> None:
    assert not _waits(_shown("2026-03"), _turnover(1, 1, 1))


def _past(*reports: pd.DataFrame) -> pd.DataFrame:
    rows = pd.concat(reports).drop(columns="therapist_id")
    former = Former(_shown("2026-01").iloc[:0], rows, _turnover(1, 0, 0))
    months = [str(one) for one in trailing(MONTH, 12)]
    past = past_months(former, months)["c1", "outcome"]
    return pd.DataFrame({"known": past.is_known, "kept": past.is_kept}, index=months)


def test_a_month_that_was_shown_is_known_wherever_it_was_shown() -> None:
    past = _past(
        _shown("2025-12", period="month"),
        _shown("2026-01", period="2025-11"),
        _shown("2026-01", "complementary", period="2025-12"),
    )
    assert list(past.index[past["known"]]) == ["2025-11", "2025-12"]
    assert not past["kept"].any()


def test_a_month_hidden_beside_a_shown_window_stays_hidden() -> None:
    beside = _past(_shown("2026-01"), _shown("2026-01", "complementary", period="2025-12"))
    assert list(beside.index[beside["kept"]]) == ["2025-12"]
    without = _past(
        _shown("2026-01", "complementary"),
        _shown("2026-01", "complementary", period="2025-12"),
    )
    assert not without["kept"].any()


def _found(*, remembers: bool) -> list[Cell]:
    table = campaign(seed=50, n_clinics=4, closes=3, profile="standard", remembers=remembers)
    assert table["attacked"].sum() > 1000
    return [cell.cell for cells in table["cells"] for cell in cells]


def test_a_drawer_of_reports_that_know_nothing_of_each_other_gives_small_groups_away() -> None:
    assert len(_found(remembers=False)) > 10


def test_a_drawer_of_reports_that_remember_gives_no_small_group_away() -> None:
    assert _found(remembers=True) == []
