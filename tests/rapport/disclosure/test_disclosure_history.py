"""Two reports of one clinic, laid side by side, do not give back the few by whom they differ."""

import pandas as pd
import pytest

from benchmarks.disclosure_months import campaign
from benchmarks.disclosure_programme import CLINIC, Cell
from rapport.disclosure import Former, told
from rapport.disclosure.carrying import is_own
from rapport.disclosure.history import judged_by_the_past, last_shown, past_months
from rapport.months import Month, trailing
from rapport.statistics import NUMBERS

MONTH = Month(2026, 2)
FIGURE = "outcome.recovery"
UNIT = ["level", "clinic_id", "therapist_id", "figure"]
COUNTS = ["n_gained", "n_untold", "n_untold_before", "n_lost", "n_lost_untold"]


def _shown(month: str, suppression: str | None = None, **changed: object) -> pd.DataFrame:
    row = {
        "month": month,
        "clinic_id": "c1",
        "therapist_id": "t1",
        "period": "trailing_12",
        "figure": FIGURE,
        **dict.fromkeys(NUMBERS, 0.5),
        "n_patients": 9,
        "n_observations": 9,
        "suppression": suppression,
        "carried_from": None,
    }
    return pd.DataFrame([row | changed]).astype({"suppression": "str", "carried_from": "str"})


NOTHING = _shown("2026-01").iloc[:0]
SECTORS = NOTHING.rename(columns={"clinic_id": "sector"}).drop(columns="therapist_id")


def _turnover(level: str, counts: dict[int, tuple[int, int, int]]) -> pd.DataFrame:
    """Apart → patients of untold months, the same without the newest month, lost."""
    rows = [
        (level, "c1", "t1" if level == "therapist" else "", FIGURE, apart, n, n, before, lost, lost)
        for apart, (n, before, lost) in counts.items()
    ]
    return pd.DataFrame(rows, columns=[*UNIT, "apart", *COUNTS])


def _marks(
    level: str, before: pd.DataFrame, counts: dict[int, tuple[int, int, int]]
) -> dict[str, bool]:
    unit = "t1" if level == "therapist" else ""
    groups = pd.DataFrame(
        [(level, "c1", unit, FIGURE, "outcome", "trailing_12")],
        columns=[*UNIT, "family", "period"],
    )
    whole = before.drop(columns="therapist_id")
    people, clinics = (before, whole.iloc[:0]) if level == "therapist" else (NOTHING, whole)
    now = _shown("2026-02").iloc[:1]
    former = Former(people, clinics, SECTORS, _turnover(level, counts))
    tables = (now.iloc[:0], now.drop(columns="therapist_id"))
    profile = pd.Series("standard", index=groups.index)
    marks = judged_by_the_past(groups, former, profile, tables).iloc[0]
    return {str(name): bool(mark) for name, mark in marks.items()}


def _waits(before: pd.DataFrame, counts: dict[int, tuple[int, int, int]]) -> bool:
    return _marks("therapist", before, counts)["waits"]


@pytest.mark.parametrize(
    ("gained", "lost", "waits"),
    [(0, 0, False), (1, 0, True), (4, 9, True), (9, 4, True), (0, 4, True), (5, 5, False)],
)
def test_a_window_waits_while_fewer_than_five_came_or_went(
    gained: int, lost: int, waits: bool
) -> None:
    assert _waits(_shown("2026-01"), {1: (gained, 0, lost)}) == waits


def test_what_counts_is_the_last_month_that_was_shown() -> None:
    reports = pd.concat([_shown("2025-11"), _shown("2025-12", "complementary")])
    assert _waits(reports, {3: (4, 0, 0)})
    assert not _waits(reports, {2: (4, 0, 0)})


def test_a_figure_that_was_carried_was_shown_when_it_was_new() -> None:
    reports = pd.concat([_shown("2025-11"), _shown("2025-12", carried_from="2025-11")])
    assert list(is_own(reports)) == [True, False]
    assert _waits(reports, {3: (4, 0, 0)})
    assert not _waits(reports, {2: (4, 0, 0)})


def test_nothing_shown_before_is_nothing_to_subtract() -> None:
    assert not _waits(_shown("2026-01", "small_number"), {1: (1, 0, 1)})
    assert not _waits(_shown("2025-02"), {11: (1, 0, 1), 12: (1, 0, 1)})


def test_a_later_month_is_no_former_report() -> None:
    assert not _waits(_shown("2026-03"), {1: (1, 0, 1)})


MARKS = ("waits", "must_tell", "must_hide")


@pytest.mark.parametrize(
    ("counts", "marks"),
    [
        ((0, 0, 0), ()),
        ((4, 0, 0), ("must_tell",)),
        ((7, 2, 0), ("must_hide",)),
        ((4, 2, 0), ("waits",)),
        ((7, 7, 3), ("waits",)),
        ((5, 5, 5), ()),
    ],
)
def test_the_window_of_a_clinic_depends_on_whether_its_month_is_told(
    counts: tuple[int, int, int], marks: tuple[str, ...]
) -> None:
    # What a reader cannot subtract month by month: with the newest month hidden, and with it told.
    found = _marks("clinic", _shown("2026-01"), {1: counts})
    assert found == {name: name in marks for name in MARKS}


def test_the_untold_months_of_the_whole_window_count_though_it_was_never_shown() -> None:
    before = _shown("2026-01", "small_number")
    assert _marks("clinic", before, {12: (9, 3, 0)})["must_hide"]
    assert _marks("clinic", before, {12: (3, 0, 0)})["must_tell"]
    assert not _marks("clinic", before, {11: (3, 3, 0)})["waits"]


def test_months_that_were_told_are_told_wherever_they_stood() -> None:
    rows = pd.concat(
        [
            _shown("2026-01", period="month"),
            _shown("2026-01", period="2025-07"),
            _shown("2025-12", "small_number", period="month"),
            _shown("2026-01"),
        ]
    )
    sectors = _shown("2025-10", period="month").rename(columns={"clinic_id": "sector"})
    found = told(rows.drop(columns="therapist_id"), sectors.drop(columns="therapist_id"))
    assert set(found.itertuples(index=False, name=None)) == {
        ("clinic", "c1", "outcome", "2026-01"),
        ("clinic", "c1", "outcome", "2025-07"),
        ("sector", "c1", "outcome", "2025-10"),
    }


def test_the_last_report_is_counted_back_in_months() -> None:
    former = Former(_shown("2025-12"), NOTHING.drop(columns="therapist_id"), SECTORS, NOTHING)
    assert last_shown(former, MONTH)["apart"].tolist() == [2]


def _past(*reports: pd.DataFrame) -> pd.DataFrame:
    rows = pd.concat(reports).drop(columns="therapist_id")
    former = Former(NOTHING, rows, SECTORS, _turnover("clinic", {1: (6, 0, 0)}))
    months = [str(one) for one in trailing(MONTH, 12)]
    past = past_months(former, months)["c1", "outcome"]
    return pd.DataFrame(
        {"known": past.is_known, "kept": past.is_kept, "apart": past.apart}, index=months
    ).assign(gained=past.gained.get(FIGURE, 0))


def test_a_month_that_was_shown_is_known_wherever_it_was_shown() -> None:
    past = _past(
        _shown("2025-12", period="month"),
        _shown("2026-01", period="2025-11"),
        _shown("2026-01", "complementary", period="2025-12"),
    )
    assert list(past.index[past["known"]]) == ["2025-11", "2025-12"]
    assert not past["kept"].any()
    assert (past["apart"] == 0).all()


def test_a_month_hidden_beside_a_shown_window_stays_hidden() -> None:
    hidden = _shown("2026-01", "complementary", period="2025-12")
    beside = _past(_shown("2026-01"), hidden)
    assert list(beside.index[beside["kept"]]) == ["2025-12"]
    assert set(zip(beside["apart"], beside["gained"], strict=True)) == {(1, 6)}
    without = _past(_shown("2026-01", "complementary"), hidden)
    assert not without["kept"].any()
    carried = _past(_shown("2026-01", carried_from="2025-11"), hidden)
    assert not carried["kept"].any()


def _found(*, remembers: bool) -> list[Cell]:
    table = campaign(seed=50, n_clinics=4, closes=3, profile="standard", remembers=remembers)
    assert table["attacked"].sum() > 1000
    return [cell.cell for cells in table["cells"] for cell in cells]


def test_a_drawer_of_reports_that_know_nothing_of_each_other_gives_small_groups_away() -> None:
    assert len(_found(remembers=False)) > 10


def test_a_drawer_of_reports_that_remember_gives_no_small_group_of_a_clinic_away() -> None:
    assert [cell for cell in _found(remembers=True) if cell[0] == CLINIC] == []
