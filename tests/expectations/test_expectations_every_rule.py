"""Every kind of rule has a fixture that breaks it and one that holds it; a new kind needs both."""

import importlib
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from expectations.catalogue import kinds
from expectations.demands import Among, AtMost
from expectations.intake import Intake, take_in
from expectations.judging import State, judge
from expectations.rule import Rule, Suite
from rapport.clinics import Registry
from rapport.instruments import Instrument
from tests.expectations.histories import Story
from tests.expectations.small_clinic import MONTH, as_csv, clinic_named, delivery, sound_rows
from tests.expectations.test_expectations_drift import STORIES, few_phq, result_of, taken
from tests.expectations.test_expectations_row_rules import FILES, ONE_CELL
from tests.expectations.test_expectations_slice_rules import CASES

OWN = [rule for rule in kinds() if rule.is_own_check]

BY_THE_READER = {
    "KIND_KNOWN": "the reader gives every row a kind; a row without one is a mistake of Rapport",
}
"""Rules that no file can break, and why: the reader decides what they ask."""

ELSEWHERE = {
    "UNKNOWN_COLUMN": (
        "expectations.test_expectations_row_rules",
        "test_an_undeclared_column_is_told_and_refuses_nothing",
    ),
    "FIELDS_COMPLETE": (
        "expectations.test_expectations_row_rules",
        "test_a_short_row_is_refused_and_told_by_its_line",
    ),
    "KEY_UNIQUE": (
        "expectations.test_expectations_row_rules",
        "test_two_different_rows_about_one_session_are_both_refused",
    ),
    "SESSION_CONSISTENT": (
        "expectations.test_expectations_row_rules",
        "test_rows_of_one_session_that_contradict_each_other_are_all_refused",
    ),
    "ANSWERS_PLACED": (
        "expectations.test_expectations_row_rules",
        "test_answers_where_nobody_looks_for_them_refuse_the_row",
    ),
    "ROWS_VANISHED": (
        "expectations.test_expectations_time",
        "test_a_whole_export_that_lacks_more_than_two_in_a_hundred_holds_the_month",
    ),
    "PATIENT_DISTINCT": (
        "rapport.exports.faults.test_faults_identity",
        "test_an_identity_has_this_outcome",
    ),
    "PATIENT_OF_OTHER_CLINIC": (
        "rapport.exports.faults.test_faults_identity",
        "test_i47_a_patient_known_in_another_clinic_is_refused",
    ),
    "ERASED": (
        "rapport.exports.test_exports_redacting",
        "test_the_other_rows_of_every_format_are_read_as_before",
    ),
    "DATE_NOT_AFTER_END": (
        "rapport.monthly.test_monthly_changes",
        "test_rows_after_the_end_of_a_clinic_are_refused",
    ),
    "THERAPIST_IN_TERM": (
        "rapport.monthly.test_monthly_changes",
        "test_a_therapist_who_moved_within_the_month_counts_in_each_clinic_on_his_days",
    ),
    "ENDING_IN_ORDER": (
        "rapport.exports.test_exports_endings",
        "test_an_end_before_an_earlier_session_is_refused",
    ),
    "FORM_SEEN": (
        "expectations.test_expectations_drift",
        "test_a_form_that_is_rare_may_be_missing_for_a_month",
    ),
    "COVARIATE_DECLARED": (
        "expectations.test_expectations_covariates",
        "test_a_number_off_the_declaration_refuses_its_row",
    ),
}
"""Rule → module and test that breaks it, where that takes more than one spoilt cell."""


def broken_by_a_fixture() -> set[str]:
    """Rules that a table of fixtures breaks; the tests beside those tables prove each entry."""
    return {
        *FILES,
        *(rule for _, reasons in ONE_CELL.values() for _, rule in reasons),
        *(key.split("[")[0] for case in CASES.values() for key in case.broken),
        *(key.split("[")[0] for _, wanted in STORIES.values() for key in wanted),
    }


@pytest.mark.parametrize("rule", kinds(), ids=lambda rule: rule.id)
def test_every_kind_of_rule_has_a_fixture_that_breaks_it(rule: Rule) -> None:
    if rule.is_own_check or rule.id in BY_THE_READER:
        pytest.skip("no file can break it; it is broken by hand below")
    if rule.id not in ELSEWHERE:
        assert rule.id in broken_by_a_fixture()
        return
    assert_there(*ELSEWHERE[rule.id])


def assert_there(module: str, name: str) -> None:
    found = importlib.import_module(f"tests.{module}")
    assert callable(getattr(found, name))


GOOD = {"session_date": "2025-02-01", "session": "1", "attendance": "attended"}
"""Column → a value that holds what Rapport asks of its own accepted rows."""


@pytest.mark.parametrize("rule", OWN, ids=lambda rule: rule.id)
def test_every_rule_about_rapport_itself_is_broken_by_a_wrong_value_and_by_no_other(
    rule: Rule,
) -> None:
    demand = Among((1.0,)) if rule.id == "ANSWER_TYPED" else rule.demand
    numbers = isinstance(demand, AtMost) or rule.id == "ANSWER_TYPED"
    good = {"ANSWER_TYPED": 1.0}.get(rule.id, 0.0) if numbers else GOOD.get(rule.column, "P1")
    resolved = rule.at("", "asked", demand)
    frame = pd.DataFrame({"asked": pd.Series([good, 2.5 if numbers else ""], dtype=object)})
    frame[resolved.limit_column] = 0.0
    found = judge(frame, [resolved])[resolved.key]
    assert found.broken.tolist() == [False, True]
    assert found.state is State.BROKEN


@pytest.fixture(scope="module")
def sound(catalogue: Mapping[str, Instrument]) -> Intake:
    """A clinic whose months break nothing, and one with a rare form."""
    return taken({"sound": Story(), "rare": Story(few_phq(1), before=few_phq(4))}, catalogue)


@pytest.fixture(scope="module")
def held(sound: Intake, catalogue: Mapping[str, Instrument]) -> set[str]:
    """Kinds of rule that hold in one of the sound months."""
    plain = take_in(
        [delivery(as_csv(sound_rows()))],
        registry=Registry({"alpha": clinic_named()}, "0"),
        catalogue=catalogue,
    )
    told = [
        result_of(sound, "sound"),
        result_of(sound, "rare"),
        result_of(plain, "alpha", MONTH),
    ]
    return {
        key.split("/")[1].split("[")[0]
        for one in told
        for key, check in one["rules"].items()
        if check["state"] == "holds"
    }


HOLDS_ELSEWHERE = {
    "ROWS_VANISHED": (
        "expectations.test_expectations_time",
        "test_the_share_that_may_vanish_is_the_clinics_to_set",
    ),
    "COVARIATE_DECLARED": (
        "expectations.test_expectations_covariates",
        "test_covariates_are_kept_with_each_session",
    ),
    "DATE_NOT_AFTER_END": (
        "rapport.monthly.test_monthly_changes",
        "test_the_patients_of_a_merged_clinic_are_not_refused_in_the_new_one",
    ),
    "THERAPIST_IN_TERM": (
        "rapport.monthly.test_monthly_changes",
        "test_a_therapist_who_moved_within_the_month_counts_in_each_clinic_on_his_days",
    ),
    "ENDING_IN_ORDER": (
        "rapport.exports.test_exports_endings",
        "test_what_may_well_be_is_taken",
    ),
}


@pytest.mark.parametrize("rule", kinds(), ids=lambda rule: rule.id)
def test_every_kind_of_rule_has_a_fixture_that_holds_it(rule: Rule, held: set[str]) -> None:
    if rule.id in HOLDS_ELSEWHERE:
        assert_there(*HOLDS_ELSEWHERE[rule.id])
    else:
        assert rule.id in held


def test_a_sound_month_breaks_nothing(sound: Intake) -> None:
    checks = result_of(sound, "sound")["rules"]
    assert [key for key, one in checks.items() if one["state"] == "broken"] == []


def test_hundreds_of_checks_are_asked_of_a_month_and_every_one_has_a_state(
    sound: Intake,
) -> None:
    """Two forms with 21 items between them; five would give more than twice as many."""
    checks = result_of(sound, "sound")["rules"]
    assert len(checks) > 240
    assert {one["state"] for one in checks.values()} <= {state.value for state in State}
    assert {key.split("/")[0] for key in checks} == {suite.value for suite in Suite}


def test_a_check_counts_what_it_asked(sound: Intake) -> None:
    checks = result_of(sound, "sound")["rules"]
    assert checks["export_rows/ANSWER_ALLOWED[phq-9.patient.03]"] == {
        "state": "holds", "asked": 60, "broken": 0,
    }  # fmt: skip
    assert np.isclose(checks["accepted_slices/LEVEL_USUAL[phq-9.patient]"]["limit"], 3.5)
