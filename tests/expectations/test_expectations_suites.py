"""The four states of a check, and the four verdicts of each suite and of the month."""

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from expectations.catalogue import kinds
from expectations.judging import State
from expectations.rule import Rule, Severity, Suite
from expectations.verdicts import (
    ROW_STATES,
    Past,
    Provenance,
    RuleCount,
    Verdict,
    check_entry,
    decide,
    suite_verdicts,
    verdict_row,
)
from rapport.monthly.slices import ClinicMonth

NO_ROWS = {f"rows_{state}": 0 for state in ROW_STATES}


def rule_of(suite: Suite, *, critical: bool) -> Rule:
    """A rule of a suite that can be broken by a clinic, or by Rapport in the suite about that."""
    severity = Severity.CRITICAL if critical else Severity.WARNING
    own = suite is Suite.ACCEPTED_ROWS
    return next(
        rule
        for rule in kinds()
        if rule.suite is suite and rule.severity is severity and rule.is_own_check is own
    )


def count(rule: Rule, state: State) -> RuleCount:
    asked = {State.HOLDS: 3, State.BROKEN: 3}.get(state, 0)
    return RuleCount(rule, state, asked, int(state is State.BROKEN))


STATES: Sequence[tuple[Sequence[State], Verdict]] = (
    ([State.HOLDS], Verdict.PASSED),
    ([State.HOLDS, State.NOT_APPLICABLE], Verdict.PASSED),
    ([State.HOLDS, State.BROKEN], Verdict.FAILED),
    ([State.BROKEN, State.ERROR], Verdict.ERROR),
    ([State.HOLDS, State.ERROR], Verdict.ERROR),
    ([State.NOT_APPLICABLE], Verdict.NOT_APPLICABLE),
    ([], Verdict.NOT_APPLICABLE),
)


@pytest.mark.parametrize("suite", Suite, ids=lambda suite: suite.value)
@pytest.mark.parametrize(("states", "verdict"), STATES)
def test_a_suite_has_the_verdict_of_its_checks(
    suite: Suite, states: Sequence[State], verdict: Verdict
) -> None:
    rule = rule_of(suite, critical=True)
    wanted = verdict
    if suite is Suite.ACCEPTED_ROWS and verdict is Verdict.FAILED:
        wanted = Verdict.ERROR  # only a mistake of Rapport can break these rules
    found = suite_verdicts([count(rule, state) for state in states])
    assert found.pop(suite.value) is wanted
    assert set(found.values()) == {Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("suite", [Suite.EXPORT_FILES, Suite.ACCEPTED_SLICES])
def test_a_broken_warning_fails_no_suite(suite: Suite) -> None:
    broken = count(rule_of(suite, critical=False), State.BROKEN)
    assert suite_verdicts([broken])[suite.value] is Verdict.PASSED


def test_a_month_of_which_nothing_was_asked_has_not_passed() -> None:
    rule = rule_of(Suite.ACCEPTED_SLICES, critical=True)
    assert decide([count(rule, State.NOT_APPLICABLE)]) == (Verdict.ERROR, ())


@pytest.mark.parametrize("state", State, ids=lambda state: state.value)
def test_a_check_tells_its_state_and_counts_only_what_was_asked(state: State) -> None:
    told = check_entry(count(rule_of(Suite.EXPORT_ROWS, critical=True), state))
    assert told["state"] == state.value
    assert ("asked" in told) == (state is not State.NOT_APPLICABLE)
    assert ("severity" in told) == (state in {State.BROKEN, State.ERROR})


def test_the_recorded_result_is_the_canonical_json_of_its_checks() -> None:
    counts = [
        count(rule_of(Suite.EXPORT_ROWS, critical=True), State.HOLDS),
        count(rule_of(Suite.ACCEPTED_SLICES, critical=False), State.BROKEN),
    ]
    counts.append(count(rule_of(Suite.EXPORT_FILES, critical=True), State.NOT_APPLICABLE))
    counts.append(
        replace(
            count(rule_of(Suite.ACCEPTED_SLICES, critical=True), State.HOLDS),
            told={"measured": 0.5, "limit": 1.0},
        )
    )
    row = verdict_row(
        ClinicMonth("alpha", "2026-02"),
        readings=[{**NO_ROWS, "content_sha256": "0" * 64, "rows_received": 3}],
        counts=counts,
        provenance=Provenance("r", "g", "v"),
        past=Past(measures={"b": 2.0, "a": 1.0}),
    )
    told = json.loads(str(row["result_json"]))
    assert row["result_json"] == json.dumps(told, sort_keys=True, separators=(",", ":"))
    assert told["rules"] == {one.name: check_entry(one) for one in counts}
    assert told["measures"] == {"a": 1.0, "b": 2.0}


def test_the_states_have_the_names_that_people_read() -> None:
    assert {state.value for state in State} == {"holds", "broken", "not_applicable", "error"}
