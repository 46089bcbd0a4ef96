"""Every rule about a clinic-month, broken by one fixture, with the verdict that follows."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from expectations.intake import Intake, take_in
from expectations.judging import State
from expectations.rule import Severity
from expectations.rules.slices import FORM_PRESENT, SLICE_RULES
from expectations.thresholds import Limit, limit_in_force
from expectations.verdicts import RuleCount, Verdict, decide
from rapport.clinics import Clinic, Registry
from rapport.instruments import Instrument
from rapport.sources import Delivery
from tests.expectations.histories import WAIS, usual_rows
from tests.expectations.small_clinic import (
    HEADER,
    ITEMS,
    MONTH,
    Rows,
    as_csv,
    clinic_named,
    delivery,
    export_mapping,
    sound_rows,
)

LONG = 50
"""Sessions in the fixtures of shares: one of them is 2 %."""


@dataclass(frozen=True)
class Case:
    """A clinic's month.

    Attributes:
        rows: Rows of its one export.
        broken: Rules about the clinic-month that break, by key.
        verdict: What follows.
        changes: What is different about the clinic's registry entry.
        files: Further files: export, rows, header.
    """

    rows: Rows
    broken: set[str]
    verdict: str = "passed"
    changes: dict[str, object] = field(default_factory=dict)
    files: tuple[tuple[str, str], ...] = ()


def changed(rows: Rows, share: float, **cells: str) -> Rows:
    """Change the first rows, as many as the share says."""
    n = round(len(rows) * share)
    return [row | cells if place < n else row for place, row in enumerate(rows)]


def long_month() -> Rows:
    return sound_rows(25, 2)


def answered(rows: Rows, *answers: str) -> Rows:
    return [row | dict(zip(ITEMS, answers, strict=True)) | {"sum": ""} for row in rows]


THERAPIST_FORM = {"instrument": "wai-sr-t", "rater": "therapist", "items": "wai{item}"}
PHQ = {"instrument": "phq-9", "rater": "patient", "items": "phq{item}"}
SECOND = export_mapping(id="second", path="second_{month}.csv")


def turned(rows: Rows, item: str) -> Rows:
    return [row | {item: str(3 - int(row[item])), "sum": ""} for row in rows]


BAD = as_csv(sound_rows()).replace("phq9", "q9")


def with_wais(share: float) -> Rows:
    rows = long_month()
    empty = [row | dict.fromkeys(WAIS, "") for row in rows]
    filled = {name: str(1 + place % 5) for place, name in enumerate(WAIS)}
    return changed(empty, share, **filled)


CASES = {
    "sound": Case(long_month(), set()),
    "nothing-but-a-header": Case(
        [], {"ROWS_RECEIVED", "ROWS_ACCEPTED", "FILES_READ", "FORM_PRESENT[phq-9.patient]",
             "THERAPISTS_SEEN"}, "failed"),
    "nothing-accepted": Case(
        changed(long_month(), 1, ther="T9"),
        {"ROWS_ACCEPTED", "REFUSED_SHARE", "FORM_PRESENT[phq-9.patient]", "THERAPISTS_SEEN"},
        "failed"),
    "a-tenth-refused": Case(changed(long_month(), 0.10, ther="T9"), set()),
    "more-than-a-tenth-refused": Case(
        changed(long_month(), 0.12, ther="T9"), {"REFUSED_SHARE"}, "failed"),
    "more-refused-but-allowed": Case(
        changed(long_month(), 0.12, ther="T9"), set(), "passed",
        {"thresholds": {"REFUSED_SHARE": 0.2}}),
    "fewer-refused-but-not-allowed": Case(
        changed(long_month(), 0.04, ther="T9"), {"REFUSED_SHARE"}, "failed",
        {"thresholds": {"REFUSED_SHARE": 0.02}}),
    "an-export-is-missing": Case(
        long_month(), {"EXPORTS_DELIVERED"}, "failed",
        {"exports": [export_mapping(), SECOND]}),
    "an-optional-export-is-missing": Case(
        long_month(), set(), "passed",
        {"exports": [export_mapping(), SECOND | {"required": False}]}),
    "a-file-is-refused": Case(
        long_month(), {"FILES_READ", "REFUSED_SHARE"}, "failed", files=(("sessions", BAD),)),
    "a-form-is-missing": Case(
        answered(long_month(), *[""] * 9),
        {"FORM_PRESENT[phq-9.patient]", "PATIENT_FORMS"}, "failed"),
    "a-form-is-missing-but-allowed": Case(
        answered(long_month(), *[""] * 9), {"PATIENT_FORMS"}, "passed",
        {"thresholds": {"FORM_PRESENT[phq-9.patient]": 0}}),
    "an-item-is-never-answered": Case(
        changed(long_month(), 1, phq9="", sum=""),
        {"ITEMS_ANSWERED[phq-9.patient]", "ITEM_MISSING[phq-9.patient.09]"}, "failed"),
    "an-item-is-open-in-most-forms": Case(
        changed(long_month(), 0.52, phq9="", sum=""), {"ITEM_MISSING[phq-9.patient.09]"}),
    "an-item-is-open-in-half-of-the-forms": Case(
        changed(long_month(), 0.50, phq9="", sum=""), set()),
    "everybody-answers-an-item-alike": Case(
        changed(long_month(), 1, phq9="2", sum=""), {"ITEM_VARIES[phq-9.patient.09]"}),
    "an-item-runs-against-the-others": Case(
        turned(usual_rows(MONTH, 7), "phq4"), {"ITEM_CONTRARY[phq-9.patient.04]"}),
    "no-item-runs-against-the-others": Case(usual_rows(MONTH, 7), set()),
    "an-item-is-not-answered-in-four-forms": Case(
        answered(sound_rows(4, 1), *"01230123", ""), set()),
    "many-items-are-open": Case(
        changed(long_month(), 0.5, phq6="", phq7="", phq8="", phq9="", sum=""),
        {"ANSWERS_MISSING[phq-9.patient]"}),
    "half-of-the-forms-are-straight": Case(
        [*answered(long_month()[:25], *"111111111"), *long_month()[25:]], set()),
    "most-forms-are-straight": Case(
        [*answered(long_month()[:26], *"111111111"), *long_month()[26:]],
        {"STRAIGHT_LINES[phq-9.patient]"}),
    "few-patients-answer": Case(
        [*answered(long_month()[:26], *[""] * 9), *long_month()[26:]], {"PATIENT_FORMS"}),
    "few-therapists-answer": Case(
        with_wais(0.48), {"THERAPIST_FORMS"}, "passed",
        {"exports": [export_mapping(forms=[PHQ, THERAPIST_FORM])]}),
    "half-of-the-therapists-forms": Case(
        with_wais(0.50), set(), "passed",
        {"exports": [export_mapping(forms=[PHQ, THERAPIST_FORM])]}),
    "few-sessions-take-place": Case(
        changed(answered(long_month(), *[""] * 9)[:26], 1, att="0") + long_month()[26:],
        {"ATTENDED_SHARE"}),
    "half-of-the-team-is-missing": Case(
        long_month(), {"THERAPISTS_SEEN"}, "passed",
        {"therapists": ["T1", "T2", "T3", "T4", "T5"]}),
    "all-on-one-day": Case(
        changed(long_month(), 1, day="2025-02-28"), {"DATES_SPREAD", "SAME_DAY_SESSIONS"}),
    "nineteen-on-one-day": Case(changed(sound_rows(19, 1), 1, day="2025-02-28"), set()),
    "many-sessions-twice-a-day": Case(
        changed(long_month(), 0.12, day="2025-02-03"), {"SAME_DAY_SESSIONS"}),
    "a-session-number-begins-anew": Case(
        [long_month()[0] | {"sess": "9"}, *long_month()[1:]], {"SESSIONS_FORWARD"}),
    "most-session-numbers-are-missing": Case(
        [row | {"sess": "9"} if row["sess"] == "2" else row for row in long_month()],
        {"SESSIONS_SKIPPED"}),
    "half-of-the-session-numbers-are-missing": Case(
        [row | {"sess": "4"} if row["sess"] == "2" else row for row in long_month()], set()),
    "a-session-after-the-end": Case(
        [long_month()[0] | {"end": "1"}, *long_month()[1:]], {"SESSIONS_BEFORE_END"}),
    "a-course-that-ends-with-its-last-session": Case(
        [row | {"end": "1"} if row["sess"] == "2" else row for row in long_month()], set()),
    "many-repeated-rows": Case([*long_month(), *long_month()[:20]], {"DUPLICATE_ROWS"}),
    "many-test-rows": Case(changed(long_month(), 0.12, test="1"), {"TEST_ROWS"}),
}  # fmt: skip


@pytest.fixture(scope="module")
def months(catalogue: Mapping[str, Instrument]) -> Intake:
    """Every case as a clinic of its own, all of them taken in at once."""
    clinics = {name: clinic_named(name, **case.changes) for name, case in CASES.items()}
    return take_in(
        [one for name, case in CASES.items() for one in files_of(name, case)],
        registry=Registry(clinics, "0" * 64),
        catalogue=catalogue,
    )


def files_of(name: str, case: Case) -> list[Delivery]:
    header = [*HEADER, *WAIS] if any("wai1" in row for row in case.rows) else HEADER
    own = delivery(as_csv(case.rows, header), name)
    return [own, *(delivery(text, name, export=export) for export, text in case.files)]


def row_of(months: Intake, name: str) -> dict[str, object]:
    verdicts = months.verdicts
    (found,) = verdicts[verdicts.clinic_id == name].to_dict("records")
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_month_breaks_its_own_rules_and_has_the_verdict_that_follows(
    name: str, months: Intake
) -> None:
    case, row = CASES[name], row_of(months, name)
    told = json.loads(str(row["result_json"]))
    suite = "accepted_slices/"
    broken = {key.removeprefix(suite) for key, one in told["rules"].items()
              if key.startswith(suite) and one["state"] == "broken"}  # fmt: skip
    assert broken == case.broken
    assert row["verdict"] == case.verdict
    critical = {key for key in broken if told["rules"][suite + key]["severity"] == "critical"}
    assert set(told["decided_by"]) == critical


def test_every_rule_asked_is_counted_and_the_broken_ones_are_named(months: Intake) -> None:
    for row in months.verdicts.to_dict("records"):
        rules = json.loads(row["result_json"])["rules"]
        broken = {key for key, one in rules.items() if one["state"] == "broken"}
        asked = {key for key, one in rules.items() if one["state"] != "not_applicable"}
        assert row["rules_asked"] == len(asked)
        assert row["rules_broken"] == len(broken)
        kinds = {key.split("/")[1].split("[")[0] for key in broken}
        assert set(row["broken_rules"].split(",")) - {""} == kinds


def test_hundreds_of_rules_are_asked_of_a_clinic_with_many_forms(
    catalogue: Mapping[str, Instrument],
) -> None:
    forms = [
        {"instrument": name, "rater": "therapist" if name == "wai-sr-t" else "patient",
         "items": f"{name}_{{item}}"}
        for name in catalogue
    ]  # fmt: skip
    clinic = clinic_named(exports=[export_mapping(forms=forms)])
    items = {
        f"{name}_{item}": one.allowed_answers(item)[item % 2]
        for name, one in catalogue.items()
        for item in range(1, one.n_items + 1)
    }
    rows = [row | items for row in sound_rows()]
    found = take_in(
        [delivery(as_csv(rows, [*HEADER[:-10], *items]))],
        registry=Registry({"alpha": clinic}, "0" * 64),
        catalogue=catalogue,
    )
    assert found.verdicts.verdict.tolist() == ["passed"]
    assert found.verdicts.rules_asked.item() >= 300


def test_a_limit_is_the_check_s_own_before_the_rule_s_before_the_default() -> None:
    rule = FORM_PRESENT.at("phq-9.patient", "administrations_expected.phq-9.patient")
    assert limit_in_force(rule, clinic_named()) == Limit(1, "default")
    kind = clinic_named(thresholds={"FORM_PRESENT": 5})
    assert limit_in_force(rule, kind) == Limit(5, "thresholds.FORM_PRESENT")
    for name in ("FORM_PRESENT[phq-9.patient]", "FORM_PRESENT.phq-9.patient"):
        both = clinic_named(thresholds={"FORM_PRESENT": 5, name: 0})
        assert limit_in_force(rule, both) == Limit(0, f"thresholds.{name}")


def count(rule_id: str, state: State) -> RuleCount:
    rule = next(rule for rule in SLICE_RULES if rule.id == rule_id)
    return RuleCount(rule, state, asked=1, broken=int(state is State.BROKEN))


def test_an_error_goes_before_a_failure() -> None:
    counts = [count("ROWS_ACCEPTED", State.BROKEN), count("FILES_READ", State.ERROR)]
    assert decide(counts) == (Verdict.ERROR, ("FILES_READ",))


def test_a_mistake_of_rapport_is_an_error_and_no_failure_of_the_clinic() -> None:
    assert decide([count("ROWS_CONSERVED", State.BROKEN)]) == (Verdict.ERROR, ("ROWS_CONSERVED",))


def test_no_rule_asked_about_the_month_is_an_error() -> None:
    assert decide([]) == (Verdict.ERROR, ())


def test_warnings_close_no_gate() -> None:
    broken = [rule for rule in SLICE_RULES if rule.severity is Severity.WARNING]
    assert decide([count(rule.id, State.BROKEN) for rule in broken]) == (Verdict.PASSED, ())


def test_a_replaced_file_s_rows_do_not_count_as_refused(
    catalogue: Mapping[str, Instrument],
) -> None:
    clinic: Clinic = clinic_named()
    found = take_in(
        [delivery(BAD), delivery(as_csv(long_month()))],
        registry=Registry({"alpha": clinic}, "0" * 64),
        catalogue=catalogue,
    )
    assert found.verdicts.verdict.tolist() == ["passed"]
    assert found.verdicts.month.tolist() == [MONTH]
    assert isinstance(found.readings, pd.DataFrame)
    assert np.array_equal(found.readings.rows_quarantined, [20, 0])
