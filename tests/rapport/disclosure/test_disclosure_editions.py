"""A corrected edition does not tell what too few late patients have changed in a printed one."""
# ruff: noqa: ANN401 - the makers come from conftest, which cannot be imported

from typing import Any

import pandas as pd
import pytest

from rapport.disclosure import Former, publish
from rapport.disclosure.editions import revised_by_few
from rapport.months import Month
from rapport.statistics import NUMBERS
from rapport.statistics.turnover import COUNTS, KEYS

MONTH = Month(2026, 2)
NOTHING_MOVED = pd.DataFrame(columns=[*KEYS, "apart", *COUNTS])


def _row(**changed: Any) -> dict[str, Any]:
    return {
        "month": "2026-02",
        "clinic_id": "c1",
        "therapist_id": "t1",
        "period": "trailing_12",
        "figure": "outcome.recovery",
        **dict.fromkeys(NUMBERS, 0.5),
        "n_patients": 10,
        "n_observations": 10,
        "suppression": None,
        "carried_from": None,
    } | changed


def _table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(_row())).astype(
        {"suppression": "str", "carried_from": "str"}
    )


def _revised(
    before: list[dict[str, Any]],
    now: list[dict[str, Any]],
    *,
    level: str = "clinic",
    profile: str = "standard",
) -> list[tuple[str, str, str, str]]:
    """Clinic, therapist, period and family of what stands, all of one level."""
    nothing = _table()
    printed, computed = _table(*before), _table(*now)
    if level == "clinic":
        printed, computed = (one.drop(columns="therapist_id") for one in (printed, computed))
        former, tables = Former(nothing, printed, nothing, NOTHING_MOVED), (nothing, computed)
    else:
        former, tables = Former(printed, nothing, nothing, NOTHING_MOVED), (computed, nothing)
    found = revised_by_few(former, tables, {"c1": profile, "c2": profile}, MONTH)
    assert found["level"].eq(level).all()
    units = ["clinic_id", "therapist_id", "period", "family"]
    return sorted(found[units].itertuples(index=False, name=None))


@pytest.mark.parametrize(("level", "therapist"), [("clinic", ""), ("therapist", "t1")])
def test_a_figure_that_one_late_patient_has_changed_stands(level: str, therapist: str) -> None:
    found = _revised([_row()], [_row(n_patients=11)], level=level)
    assert found == [("c1", therapist, "trailing_12", "outcome")]


@pytest.mark.parametrize("level", ["clinic", "therapist"])
@pytest.mark.parametrize(("patients", "stands"), [(14, True), (15, False), (6, True), (5, False)])
def test_a_figure_that_five_patients_have_changed_is_told_anew(
    level: str, patients: int, stands: bool
) -> None:
    late = _row(n_patients=patients, value=0.9)
    assert bool(_revised([_row()], [late], level=level)) is stands


@pytest.mark.parametrize("level", ["clinic", "therapist"])
def test_a_figure_that_did_not_change_is_told(level: str) -> None:
    assert _revised([_row()], [_row()], level=level) == []


@pytest.mark.parametrize("number", [name for name in NUMBERS if name != "n_patients"])
def test_any_number_that_changed_while_the_patients_are_as_many_makes_a_figure_stand(
    number: str,
) -> None:
    assert _revised([_row()], [_row(**{number: 0.625})])


def test_a_number_that_was_not_there_before_makes_a_figure_stand() -> None:
    without = {"low": None, "high": None}
    assert _revised([_row(**without)], [_row()])
    assert _revised([_row()], [_row(**without)])
    assert not _revised([_row(**without)], [_row(**without)])


def test_what_stands_is_named_by_unit_and_window_and_nothing_beside_it_stands() -> None:
    others: list[dict[str, Any]] = [
        {"therapist_id": "t2"},
        {"clinic_id": "c2"},
        {"figure": "completion.both"},
    ]
    before = [_row(), *(_row(**other) for other in others)]
    now = [_row(n_patients=11), *(_row(**other) for other in others)]
    found = _revised(before, now, level="therapist")
    assert found == [("c1", "t1", "trailing_12", "outcome")]


def test_month_and_window_are_held_each_against_its_own() -> None:
    before = [_row(), _row(period="month")]
    found = _revised(before, [_row(), _row(period="month", n_patients=11)])
    assert found == [("c1", "", "month", "outcome")]


@pytest.mark.parametrize("month", ["2026-01", "2025-02", "2026-03"])
def test_the_report_of_another_month_is_no_edition_of_this_one(month: str) -> None:
    assert _revised([_row(month=month)], [_row(n_patients=11)]) == []


def test_what_the_former_edition_hid_or_took_from_an_earlier_month_is_not_held() -> None:
    late = [_row(n_patients=11)]
    hidden: dict[str, Any] = dict.fromkeys(NUMBERS)
    assert _revised([_row(suppression="complementary", **hidden)], late) == []
    assert _revised([_row(carried_from="2025-11")], late) == []


def test_what_an_edition_took_from_the_one_before_it_is_held_against_the_third() -> None:
    second = _row(carried_from="2026-02")
    assert _revised([second], [_row(n_patients=11)])
    assert not _revised([second], [_row(n_patients=15)])


# Printed to the nearest five, two counts d apart may come from groups that differ by d - 4 only.
@pytest.mark.parametrize(
    ("profile", "printed", "patients", "stands"),
    [
        ("nhs", 20, 25, True),  # 22 and 23 would look the same: one patient
        ("nhs", 20, 30, False),  # at least 22 and 28: six
        ("opensafely", 20, 30, True),  # six, and eight are asked for
        ("opensafely", 20, 35, False),  # eleven
        ("strict", 20, 30, True),  # six, and ten are asked for
        ("strict", 20, 35, False),  # eleven
    ],
)
def test_rounded_counts_differ_by_the_minimum_plus_what_rounding_may_add(
    profile: str, printed: int, patients: int, stands: bool
) -> None:
    before = _row(n_patients=printed)
    assert bool(_revised([before], [_row(n_patients=patients)], profile=profile)) is stands


def test_a_change_that_rounding_hides_is_no_difference() -> None:
    now = _row(n_patients=12, n_observations=12, numerator=2, denominator=2, value=0.504)
    before = _row(numerator=0, denominator=0)
    assert _revised([before], [now], profile="nhs") == []


def test_an_interval_that_changed_beside_a_rounded_value_makes_a_figure_stand() -> None:
    zero = {"numerator": 0, "denominator": 0}
    assert _revised([_row(**zero)], [_row(**zero, value=0.504, high=0.504)], profile="nhs")


def _editions(computed: Any, *of_t1: int) -> list[tuple[str, str, float, bool]]:
    """Publish one edition after the other; say how many patients the last one prints."""
    former = None
    for patients in of_t1:
        aggregates, clinics = computed({"c1": {"t1": patients, "t2": 9}})
        shown = publish(
            aggregates, profiles_by_clinic={"c1": "standard"}, clinics=clinics, former=former
        )
        former = Former(shown.therapists, shown.clinics, shown.sectors, NOTHING_MOVED)
    rows = pd.concat([shown.clinics.assign(therapist_id=""), shown.therapists])
    rows = rows[rows["figure"].eq("patients.seen") & rows["period"].isin(["month", "trailing_12"])]
    columns = zip(
        rows["therapist_id"],
        rows["period"],
        rows["value"],
        rows["carried_from"].eq("2026-02").fillna(False),
        strict=True,
    )
    return sorted(columns)


FIRST = [
    ("", "month", 18.0, True),
    ("", "trailing_12", 18.0, True),
    ("t1", "trailing_12", 9.0, True),
    ("t2", "trailing_12", 9.0, True),  # beside t1's, which may not be told by subtraction
]


def test_a_second_edition_prints_the_figures_of_the_first_where_one_patient_was_late(
    computed: Any,
) -> None:
    assert _editions(computed, 9, 10) == FIRST


def test_a_third_edition_of_the_same_data_still_prints_the_figures_of_the_first(
    computed: Any,
) -> None:
    assert _editions(computed, 9, 10, 10) == FIRST


def test_an_edition_with_five_late_patients_prints_its_own_figures(computed: Any) -> None:
    assert _editions(computed, 9, 10, 14) == [
        ("", "month", 23.0, False),
        ("", "trailing_12", 23.0, False),
        ("t1", "trailing_12", 14.0, False),
        ("t2", "trailing_12", 9.0, False),
    ]
