"""No gate, no figure: only clinic-months whose newest verdict is ``passed`` are read."""

from collections.abc import Callable

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import sector_benchmarks, survey_responses, verdicts

Make = Callable[..., pd.DataFrame]
Verdict = Callable[..., dict[str, object]]


def _load(warehouse: Warehouse, responses: Make, *clinics: str, month: str = "2026-01") -> None:
    for clinic in clinics:
        rows = responses(2, clinic=clinic, month=month)
        warehouse.replace_slice(survey_responses, rows, clinic_id=clinic, month=month)


@pytest.mark.parametrize("outcome", ["failed", "error", "not_applicable"])
def test_only_passed_is_passed(
    warehouse: Warehouse, responses: Make, verdict: Verdict, outcome: str
) -> None:
    _load(warehouse, responses, "north", "south", "west")
    warehouse.append(verdicts, [verdict("north"), verdict("south", verdict=outcome)])
    read = warehouse.read_passed(survey_responses, ["2026-01"])
    assert read["clinic_id"].tolist() == ["north", "north"]


def test_the_newest_verdict_counts(warehouse: Warehouse, responses: Make, verdict: Verdict) -> None:
    _load(warehouse, responses, "north")
    outcomes = []
    for outcome in ("passed", "failed", "passed", "error"):
        warehouse.append(verdicts, [verdict(verdict=outcome)])
        outcomes.append(len(warehouse.read_passed(survey_responses, ["2026-01"])))
    assert outcomes == [2, 0, 2, 0]


def test_a_verdict_opens_the_gate_for_its_own_clinic_month_only(
    warehouse: Warehouse, responses: Make, verdict: Verdict
) -> None:
    _load(warehouse, responses, "north", "south")
    _load(warehouse, responses, "north", month="2026-02")
    warehouse.append(verdicts, [verdict("south"), verdict("north", "2026-02")])
    read = warehouse.read_passed(survey_responses, ["2026-01", "2026-02"])
    found = set(zip(read["clinic_id"], read["month"], strict=True))
    assert found == {("south", "2026-01"), ("north", "2026-02")}


def test_months_and_clinics_that_are_not_asked_for_are_not_read(
    warehouse: Warehouse, responses: Make, verdict: Verdict
) -> None:
    _load(warehouse, responses, "north", "south")
    warehouse.append(verdicts, [verdict("north"), verdict("south")])
    assert warehouse.read_passed(survey_responses, ["2026-02"]).empty
    some = warehouse.read_passed(survey_responses, ["2026-01"], clinics=["south"])
    assert some["clinic_id"].unique().tolist() == ["south"]


def test_columns_may_be_chosen_behind_the_gate(
    warehouse: Warehouse, responses: Make, verdict: Verdict
) -> None:
    _load(warehouse, responses, "north")
    warehouse.append(verdicts, [verdict("north")])
    read = warehouse.read_passed(survey_responses, ["2026-01"], columns=["item_01", "clinic_id"])
    assert list(read.columns) == ["item_01", "clinic_id"]


def test_passed_names_the_clinic_months(warehouse: Warehouse, verdict: Verdict) -> None:
    warehouse.append(
        verdicts, [verdict("south"), verdict("north"), verdict("west", verdict="failed")]
    )
    assert warehouse.passed(["2026-01"]).to_dict("list") == {
        "clinic_id": ["north", "south"],
        "month": ["2026-01", "2026-01"],
    }


def test_newest_verdicts_are_one_for_each_clinic_month(
    warehouse: Warehouse, verdict: Verdict
) -> None:
    warehouse.append(verdicts, [verdict(verdict="failed"), verdict(), verdict("south", "2026-02")])
    newest = warehouse.newest_verdicts()
    assert newest["sequence"].tolist() == [2, 3]
    assert warehouse.newest_verdicts(["2026-02"])["clinic_id"].tolist() == ["south"]


def test_a_table_without_clinics_has_no_gate(warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match="no gate fits"):
        warehouse.read_passed(sector_benchmarks, ["2026-01"])


PLACES = st.tuples(st.sampled_from(["north", "south"]), st.sampled_from(["2026-01", "2026-02"]))
HISTORIES = st.lists(
    st.tuples(PLACES, st.sampled_from(["passed", "failed", "error", "not_applicable"])), max_size=9
)


@given(history=HISTORIES)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_gate_agrees_with_a_dictionary_after_any_history(
    sqlite_warehouse: Warehouse, verdict: Verdict, history: list[tuple[tuple[str, str], str]]
) -> None:
    places = [(c, m) for c in ("north", "south") for m in ("2026-01", "2026-02")]
    model = dict.fromkeys(places, "failed")
    sqlite_warehouse.append(verdicts, [verdict(*place, verdict="failed") for place in places])
    sqlite_warehouse.append(
        verdicts, [verdict(*place, verdict=outcome) for place, outcome in history]
    )
    model.update(history)
    passed = sqlite_warehouse.passed(["2026-01", "2026-02"])
    found = set(zip(passed["clinic_id"], passed["month"], strict=True))
    assert found == {place for place, outcome in model.items() if outcome == "passed"}
