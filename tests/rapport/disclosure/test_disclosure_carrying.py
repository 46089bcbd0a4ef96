"""Where this month's figure may not be told, the one that was printed last stands, and says so."""
# ruff: noqa: ANN401 - a row of a table holds anything

from typing import Any

import pandas as pd
import pytest

from rapport.disclosure.carrying import carried, printed_last
from rapport.disclosure.editions import revised_by_few
from rapport.disclosure.history import Former
from rapport.months import Month
from rapport.statistics import NUMBERS

MONTH = Month(2026, 2)
FIGURE = "outcome.recovery"


def _row(month: str, period: str = "trailing_12", **changed: Any) -> dict[str, Any]:
    return {
        "month": month,
        "clinic_id": "c1",
        "period": period,
        "figure": FIGURE,
        **dict.fromkeys(NUMBERS, 0.5),
        "n_patients": 9,
        "n_observations": 9,
        "unit": "proportion",
        "method": "as then",
        "suppression": None,
        "carried_from": None,
    } | changed


def _table(*rows: dict[str, Any]) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"suppression": "str", "carried_from": "str"})


def _printed(*rows: dict[str, Any]) -> list[tuple[str, str, float]]:
    found = printed_last(_table(*rows), ["clinic_id"], MONTH)
    columns = zip(found["period"], found["carried_from"], found["value"], strict=True)
    return sorted(columns)


def test_the_newest_report_that_showed_its_own_figure_counts() -> None:
    assert _printed(
        _row("2025-10", value=0.1),
        _row("2025-11", value=0.2),
        _row("2025-12", value=0.2, carried_from="2025-11"),
        _row("2026-01", suppression="complementary"),
    ) == [("trailing_12", "2025-11", 0.2)]


def test_a_report_that_shares_no_month_with_this_one_does_not_count() -> None:
    assert _printed(_row("2025-02")) == []
    assert len(_printed(_row("2025-03"))) == 1
    assert _printed(_row("2026-03")) == []


def test_a_month_stands_in_the_trend_and_by_itself_only_in_its_own_editions() -> None:
    assert _printed(_row("2026-01", "month")) == [("2026-01", "2026-01", 0.5)]
    assert _printed(_row("2026-02", "month")) == [
        ("2026-02", "2026-02", 0.5),
        ("month", "2026-02", 0.5),
    ]


def test_a_month_that_an_edition_told_twice_is_told_once() -> None:
    # By itself and as the last month of the trend; of a former edition of the month that is closed.
    assert _printed(_row("2026-02", "month"), _row("2026-02", "2026-02")) == [
        ("2026-02", "2026-02", 0.5),
        ("month", "2026-02", 0.5),
    ]


def test_figures_of_one_family_come_from_one_report() -> None:
    other = {"figure": "outcome.paired"}
    found = _printed(_row("2025-11"), _row("2025-11", **other), _row("2025-12", **other))
    assert found == [("trailing_12", "2025-12", 0.5)]


def _carried(reason: str | None, printed: dict[str, Any], profile: str = "standard") -> pd.Series:
    hidden: dict[str, Any] = dict.fromkeys(NUMBERS, None) if reason else {}
    now = _table(_row("2026-02", suppression=reason, **hidden)).drop(columns="carried_from")
    before = printed_last(_table(printed), ["clinic_id"], MONTH)
    return carried(now, before, ["clinic_id"], pd.Series(profile, index=now.index)).iloc[0]


def test_what_protects_another_is_replaced_by_what_was_printed_with_its_month() -> None:
    found = _carried("complementary", _row("2025-11", value=0.25))
    assert (found["month"], found["value"], found["carried_from"]) == ("2026-02", 0.25, "2025-11")
    assert pd.isna(found["suppression"])


def test_too_few_patients_are_hidden_whatever_was_printed() -> None:
    found = _carried("small_number", _row("2025-11"))
    assert found["suppression"] == "small_number"
    assert pd.isna(found["value"])
    assert pd.isna(found["carried_from"])


def test_what_may_be_told_is_this_months_own() -> None:
    found = _carried(None, _row("2025-11", value=0.25))
    assert found["value"] == 0.5
    assert pd.isna(found["carried_from"])


@pytest.mark.parametrize(("patients", "stands"), [(9, False), (10, True)])
def test_a_profile_that_has_become_stricter_lets_no_smaller_figure_stand(
    patients: int, stands: bool
) -> None:
    found = _carried("complementary", _row("2025-11", n_patients=patients), "strict")
    assert pd.notna(found["carried_from"]) == stands


def _revised(before: dict[str, Any], now: dict[str, Any], profile: str = "standard") -> bool:
    nobody = _table(_row("2026-02")).assign(therapist_id="t1").iloc[:0]
    former = Former(nobody, _table(before), nobody, nobody)
    tables = (nobody, _table(now))
    found = revised_by_few(former, tables, {"c1": profile}, MONTH)
    return found.to_dict("records") == [
        {
            "level": "clinic",
            "clinic_id": "c1",
            "therapist_id": "",
            "period": "trailing_12",
            "family": "outcome",
        }
    ]


@pytest.mark.parametrize(
    ("changed", "waits"),
    [
        ({}, False),
        ({"n_patients": 10}, True),
        ({"n_patients": 13}, True),
        ({"n_patients": 14}, False),
        ({"n_patients": 4}, False),
        ({"value": 0.6}, True),
        ({"n_observations": 10}, True),
    ],
)
def test_an_edition_does_not_tell_what_fewer_than_five_late_patients_change(
    changed: dict[str, Any], waits: bool
) -> None:
    assert _revised(_row("2026-02"), _row("2026-02", **changed)) == waits


def test_only_what_the_former_edition_itself_has_printed_is_held_against_it() -> None:
    late = _row("2026-02", n_patients=10)
    assert not _revised(_row("2026-02", suppression="small_number"), late)
    assert not _revised(_row("2026-02", carried_from="2025-11"), late)
    assert not _revised(_row("2026-01"), late)


def test_counts_that_were_rounded_have_to_differ_by_more() -> None:
    # From 10 to 15 to the nearest five may be one patient: 12 and 13.
    assert _revised(_row("2026-02", n_patients=10), _row("2026-02", n_patients=13), "nhs")
    assert not _revised(_row("2026-02", n_patients=10), _row("2026-02", n_patients=20), "nhs")
