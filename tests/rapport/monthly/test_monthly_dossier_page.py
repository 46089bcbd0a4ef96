"""The dossier's page tells every kind of rule that ran, worst first, and how often it broke."""

import json

import pytest

from rapport.monthly.dossier_page import moment, rules_told

RESULT = json.dumps(
    {
        "rules": {
            "accepted_slices/ITEM_MISSING[phq-9.patient.01]": {
                "state": "holds", "asked": 1, "broken": 0,
            },
            "accepted_slices/ITEM_MISSING[phq-9.patient.02]": {
                "state": "broken", "asked": 1, "broken": 1,
            },
            "accepted_slices/FORM_SEEN": {"state": "not_applicable"},
            "export_rows/DATE_READABLE": {"state": "holds", "asked": 41, "broken": 0},
            "export_rows/KEY_UNIQUE": {"state": "error"},
        }
    }
)  # fmt: skip


def test_rules_of_one_kind_stand_on_one_line_with_their_sums() -> None:
    (kind,) = (one for one in rules_told(RESULT) if one.rule == "ITEM_MISSING")
    assert (kind.n_rules, kind.n_values, kind.n_broken) == (2, 2, 1)
    assert (kind.state, kind.broken) == ("broken", ("phq-9.patient.02",))


def test_no_rule_of_the_stored_result_is_left_out() -> None:
    assert sum(one.n_rules for one in rules_told(RESULT)) == len(json.loads(RESULT)["rules"])


def test_what_broke_or_could_not_be_asked_comes_first() -> None:
    assert [one.rule for one in rules_told(RESULT)] == [
        "KEY_UNIQUE", "ITEM_MISSING", "DATE_READABLE", "FORM_SEEN",
    ]  # fmt: skip


@pytest.mark.parametrize("nothing", ["", "{}"])
def test_where_nothing_was_asked_no_rule_is_told(nothing: str) -> None:
    assert rules_told(nothing) == []


def test_a_time_of_the_ledger_is_told_to_the_second() -> None:
    assert moment("2026-03-05T09:12:44.965137Z") == "2026-03-05 09:12:44"
