"""Benchmarks of two reports, laid side by side, do not let a clinic shine through either."""
# ruff: noqa: ANN401 - a row of a table holds anything, and the makers come from conftest

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import pytest

from rapport.disclosure import Former, publish
from rapport.disclosure.sectors import hidden_in_sectors, waiting_sectors
from rapport.months import Month
from rapport.statistics import NUMBERS
from rapport.statistics.turnover import COUNTS, KEYS

MONTH = Month(2026, 2)
FIGURE = "outcome.recovery"
MARKS = ("waits", "month_waits", "must_tell", "must_hide")
SAFE = (5, 5, 5)

Counts = Mapping[str, Sequence[int]]
"""Column of the turnover → patients of each clinic, the largest groups first."""


def _benchmark(month: str = "2026-01", **changed: Any) -> dict[str, Any]:
    return {
        "month": month,
        "sector": "public",
        "period": "trailing_12",
        "figure": FIGURE,
        **dict.fromkeys(NUMBERS, 0.5),
        "n_patients": 90,
        "suppression": None,
        "carried_from": None,
    } | changed


def _table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_benchmark())).astype(
        {"suppression": "str", "carried_from": "str"}
    )


def _parts(counts: Counts, *, apart: int = 1, figure: str = FIGURE) -> pd.DataFrame:
    """Turnover of clinics c0, c1 …: in the columns of counts so many patients, else nobody."""
    n = max(len(sizes) for sizes in counts.values())
    rows = [
        {"level": "part", "clinic_id": f"c{at}", "therapist_id": "", "figure": figure}
        | {"apart": apart, **dict.fromkeys(COUNTS, 0)}
        | {column: sizes[at] for column, sizes in counts.items() if at < len(sizes)}
        for at in range(n)
    ]
    return pd.DataFrame(rows, columns=[*KEYS, "apart", *COUNTS])


def _marks(
    moved: pd.DataFrame,
    before: Sequence[dict[str, Any]],
    now: Sequence[dict[str, Any]] = (),
    profile: str = "standard",
    **other: str,
) -> dict[tuple[str, str], tuple[str, ...]]:
    """Sector and family → the marks they have."""
    former = Former(_table(), _table(), _table(*before), moved)
    names = [f"c{at}" for at in range(6)]
    profiles = dict.fromkeys(names, profile) | other
    found = waiting_sectors(former, _table(*now), dict.fromkeys(names, "public"), profiles, MONTH)
    return {
        (row["sector"], row["family"]): tuple(mark for mark in MARKS if row[mark])
        for row in found.to_dict("records")
        if any(row[mark] for mark in MARKS)
    }


def _outcome(counts: Counts, **given: Any) -> tuple[str, ...]:
    return _marks(_parts(counts), [_benchmark()], **given).get(("public", "outcome"), ())


@pytest.mark.parametrize(
    ("came", "marks"),
    [
        ((0, 0, 0), ()),  # nobody: nothing to subtract
        (SAFE, ()),
        ((8, 8), ("must_tell",)),  # two clinics: each subtracts itself
        ((30, 1, 1), ("must_tell",)),  # one clinic shines through
        ((45, 45, 10), ()),  # two have exactly nine tenths
        ((46, 45, 9), ("must_tell",)),  # two have more
        ((4, 2, 2), ("must_tell",)),  # without the largest, fewer than five patients
        ((4, 3, 2), ()),
    ],
)
def test_who_came_since_the_last_benchmark_must_not_shine_through(
    came: tuple[int, ...], marks: tuple[str, ...]
) -> None:
    assert _outcome({"n_untold": came}) == marks


@pytest.mark.parametrize(
    ("left", "marks"), [((0, 0, 0), ()), (SAFE, ()), ((9, 9), ("waits",)), ((1,), ("waits",))]
)
def test_a_benchmark_waits_while_those_who_left_would_shine_through(
    left: tuple[int, ...], marks: tuple[str, ...]
) -> None:
    assert _outcome({"n_untold": SAFE, "n_lost_untold": left}) == marks


@pytest.mark.parametrize(
    ("with_month_hidden", "with_month_told", "marks"),
    [
        (SAFE, (0,), ()),
        ((2, 2), (0,), ("must_tell",)),
        (SAFE, (2, 2), ("must_hide",)),
        ((2, 2), (2, 2), ("waits",)),
    ],
)
def test_whether_the_newest_month_is_told_decides_what_a_reader_can_subtract(
    with_month_hidden: tuple[int, ...], with_month_told: tuple[int, ...], marks: tuple[str, ...]
) -> None:
    found = _outcome({"n_untold": with_month_hidden, "n_untold_before": with_month_told})
    assert found == marks


def test_a_family_that_has_no_single_months_waits() -> None:
    moved = _parts({"n_untold": (2, 2)}, figure="dropout.first")
    found = _marks(moved, [_benchmark(figure="dropout.first")])
    assert found == {("public", "dropout"): ("waits",)}


def test_the_untold_months_of_the_whole_window_count_though_it_was_never_shown() -> None:
    counts = {"n_untold": SAFE, "n_untold_before": (2, 2)}
    assert _marks(_parts(counts, apart=12), []) == {("public", "outcome"): ("must_hide",)}
    assert _marks(_parts(counts, apart=11), []) == {}
    few = _parts({"n_untold": (2, 2)}, apart=12)
    assert _marks(few, []) == {("public", "outcome"): ("must_tell",)}


def test_what_counts_is_the_benchmark_that_was_shown_last() -> None:
    hidden: dict[str, Any] = dict.fromkeys(NUMBERS) | {"suppression": "complementary"}
    came = {"n_untold": (2, 2)}
    for newer in (_benchmark("2025-12", **hidden), _benchmark("2025-12", carried_from="2025-11")):
        reports = [_benchmark("2025-11"), newer]
        assert _marks(_parts(came, apart=2), reports) == {}
        assert _marks(_parts(came, apart=3), reports)


# Five clinics, 29 patients, the two largest 20: nine are left, and strict asks for ten.
@pytest.mark.parametrize(
    ("came", "profile", "marks"),
    [
        ((10, 10, 4, 3, 2), "strict", ("must_tell",)),
        ((10, 10, 4, 3, 3), "strict", ()),
        ((10, 10, 4, 3, 2), "opensafely", ()),
        ((20, 20, 20, 20), "strict", ("must_tell",)),  # four clinics
    ],
)
def test_under_strict_enough_patients_remain_when_two_clinics_collude(
    came: tuple[int, ...], profile: str, marks: tuple[str, ...]
) -> None:
    assert _outcome({"n_untold": came}, profile=profile) == marks


def test_the_strictest_profile_among_its_clinics_holds_for_a_sector() -> None:
    came = {"n_untold": (20, 20, 20, 20)}
    assert _outcome(came) == ()
    assert _outcome(came, c1="strict") == ("must_tell",)


@pytest.mark.parametrize(
    ("period", "marks"), [("month", ("month_waits",)), ("trailing_12", ("waits",))]
)
def test_a_benchmark_that_differs_at_all_from_a_former_edition_stands(
    period: str, marks: tuple[str, ...]
) -> None:
    nobody = _parts({"n_untold": (0,)})
    printed = _benchmark("2026-02", period=period)
    for changed in ({"n_patients": 91}, {"n_patients": 190}, {"value": 0.51}, {"high": 0.51}):
        now = [printed | changed]
        assert _marks(nobody, [printed], now) == {("public", "outcome"): marks}


def test_a_benchmark_that_did_not_change_is_told() -> None:
    printed = _benchmark("2026-02")
    assert _marks(_parts({"n_untold": (0,)}), [printed], [printed]) == {}


def test_an_edition_without_a_difference_leaves_what_former_months_ask_for() -> None:
    reports = [_benchmark("2026-01"), _benchmark("2026-02")]
    found = _marks(_parts({"n_untold": (8, 8)}), reports, [_benchmark("2026-02")])
    assert found == {("public", "outcome"): ("must_tell",)}


@pytest.mark.parametrize(
    ("period", "marks"),
    [("month", ("month_waits", "must_tell")), ("trailing_12", ("waits", "must_tell"))],
)
def test_what_a_former_edition_asks_for_comes_on_top_of_what_former_months_ask_for(
    period: str, marks: tuple[str, ...]
) -> None:
    reports = [_benchmark("2026-01"), _benchmark("2026-02", period=period)]
    now = [_benchmark("2026-02", period=period, n_patients=91)]
    found = _marks(_parts({"n_untold": (8, 8)}), reports, now)
    assert {key: set(told) for key, told in found.items()} == {("public", "outcome"): set(marks)}


def test_the_benchmark_of_another_month_is_no_edition_of_this_one() -> None:
    now = [_benchmark("2026-02", n_patients=91)]
    assert _marks(_parts({"n_untold": (0,)}), [_benchmark("2026-01")], now) == {}


def test_what_an_edition_took_from_the_one_before_it_is_held_against_the_third() -> None:
    now = [_benchmark("2026-02", n_patients=91)]
    second = _benchmark("2026-02", carried_from="2026-02")
    assert _marks(_parts({"n_untold": (0,)}), [second], now) == {("public", "outcome"): ("waits",)}
    earlier = _benchmark("2026-02", carried_from="2025-11")
    assert _marks(_parts({"n_untold": (0,)}), [earlier], now) == {}


def _hidden(sizes_of_month: tuple[int, ...], *marks: str) -> dict[str, str]:
    """Period → reason, of a sector whose window is large and that has some marks of the past."""
    rows = [
        (f"c{at}", "outcome", FIGURE, period, n)
        for period, sizes in (("month", sizes_of_month), ("trailing_12", (40, 40, 40)))
        for at, n in enumerate(sizes)
    ]
    groups = pd.DataFrame(rows, columns=["clinic_id", "family", "figure", "period", "n_patients"])
    past = pd.DataFrame(
        [{"sector": "public", "family": "outcome"} | {m: m in marks for m in MARKS}]
    )
    found = hidden_in_sectors(
        groups,
        pd.Series("public", index=groups.index),
        dict.fromkeys(groups["clinic_id"], "standard"),
        past,
    )
    return dict(zip(found["period"], found["reason"], strict=True))


@pytest.mark.parametrize(
    ("of_month", "marks", "hidden"),
    [
        (SAFE, (), {}),
        (SAFE, ("waits",), {"trailing_12": "complementary"}),
        (SAFE, ("month_waits",), {"month": "complementary"}),
        (SAFE, ("must_hide",), {"month": "complementary"}),
        (SAFE, ("must_tell",), {}),
        ((2, 2), ("must_tell",), {"month": "small_number", "trailing_12": "complementary"}),
    ],
)
def test_what_the_past_asks_of_a_benchmark_is_done(
    of_month: tuple[int, ...], marks: tuple[str, ...], hidden: dict[str, str]
) -> None:
    assert _hidden(of_month, *marks) == hidden


def test_six_late_patients_are_told_of_their_clinic_and_not_of_its_sector(computed: Any) -> None:
    # The two other clinics know their own patients: what is left of the change is theirs to read.
    moved, former = pd.DataFrame(columns=[*KEYS, "apart", *COUNTS]), None
    for of_c1 in (20, 26):
        aggregates, clinics = computed({"c1": {"t1": of_c1}, "c2": {"t2": 20}, "c3": {"t3": 20}})
        profiles = dict.fromkeys(clinics["clinic_id"], "standard")
        shown = publish(aggregates, profiles_by_clinic=profiles, clinics=clinics, former=former)
        former = Former(shown.therapists, shown.clinics, shown.sectors, moved)
    asked = "figure == 'patients.seen' and period == 'trailing_12'"
    of_clinics = shown.clinics.query(asked).set_index("clinic_id")
    of_sector = shown.sectors.query(asked).iloc[0]
    assert of_clinics["value"].to_dict() == {"c1": 26, "c2": 20, "c3": 20}
    assert of_clinics["carried_from"].isna().all()
    assert (of_sector["value"], of_sector["carried_from"]) == (60, "2026-02")
