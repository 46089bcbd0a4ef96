"""What passed months remember is read out of their verdicts, on both databases alike."""

import json
from collections.abc import Callable

from rapport.warehouse.remembered import passed_measures
from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import verdicts

Verdict = Callable[..., dict[str, object]]
MEASURES = {"answers.phq-9.patient=3": 4.0, "item_mean.phq-9.patient.03": 1.234568, "zero": 0.0}


def result(measures: object) -> str:
    return json.dumps({"decided_by": [], "measures": measures, "rules": {"a/B[c.d]": {}}})


def test_only_the_newest_verdict_counts_and_only_if_it_passed(
    warehouse: Warehouse, verdict: Verdict
) -> None:
    entries = [
        verdict("north", "2026-01") | {"result_json": result({"old": 1.0})},
        verdict("north", "2026-01") | {"result_json": result(MEASURES), "inputs_sha256": "e" * 64},
        verdict("south", "2026-01") | {"result_json": result(MEASURES)},
        verdict("south", "2026-01", "failed"),
        verdict("north", "2026-02") | {"result_json": "{}"},
        verdict("west", "2026-01") | {"result_json": result(MEASURES)},
        verdict("north", "2026-03") | {"result_json": result(MEASURES)},
    ]
    warehouse.append(verdicts, entries)
    found = passed_measures(warehouse, ["2026-01", "2026-02"], ["north", "south"])
    assert found == [("north", "2026-01", MEASURES)]


def test_where_nothing_is_known_nothing_is_remembered(warehouse: Warehouse) -> None:
    assert passed_measures(warehouse, ["2026-01"], ["north"]) == []
