"""The rules as objects: each complete, each in the catalogue, each one expectation."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from expectations.catalogue import PAGE, find, kinds, page, rules_sha256
from expectations.rule import Rule, Severity, Suite
from expectations.rules.rows import ROW_RULES, answer_rules
from rapport.clinics import FormMapping
from rapport.errors import RapportError, SettingsError
from rapport.exports.facts import FACTS
from rapport.exports.file_rules import FILE_RULES as READERS_RULES
from rapport.exports.file_rules import WARNINGS
from rapport.instruments import Instrument

ROOT = Path(__file__).parents[2]
KINDS = kinds()


def test_there_are_at_least_25_kinds_of_rule() -> None:
    assert len(KINDS) >= 25


def test_no_two_kinds_have_one_id() -> None:
    assert len({rule.id for rule in KINDS}) == len(KINDS)


@pytest.mark.parametrize("rule", KINDS, ids=lambda rule: rule.id)
def test_every_rule_says_what_it_asks_why_and_what_to_do(rule: Rule) -> None:
    assert rule.asks.endswith("?")
    assert rule.rationale.endswith(".")
    assert rule.remedy.endswith(".")
    assert rule.id == rule.id.upper()


@pytest.mark.parametrize("rule", KINDS, ids=lambda rule: rule.id)
def test_every_rule_is_an_expectation_that_carries_it_in_its_meta(rule: Rule) -> None:
    expectation = rule.expectation()
    assert expectation.meta == {
        "id": rule.key,
        "severity": rule.severity.value,
        "rationale": rule.rationale,
        "remedy": rule.remedy,
    }
    assert str(expectation.severity.value) == rule.severity.value


def test_the_reader_and_the_rules_know_the_same_file_rules() -> None:
    own = {rule.id: rule for rule in KINDS if rule.suite is Suite.EXPORT_FILES}
    assert set(own) == set(READERS_RULES)
    assert {one for one, rule in own.items() if rule.severity is Severity.WARNING} == WARNINGS


def test_every_fact_about_a_row_is_asked_by_exactly_one_rule() -> None:
    asked = [rule.column for rule in ROW_RULES if rule.column.startswith("fact.")]
    assert sorted(asked) == sorted(f"fact.{name}" for name in FACTS)


def test_a_form_has_one_rule_for_each_of_its_items(catalogue: Mapping[str, Instrument]) -> None:
    form = FormMapping(instrument="wai-sr", rater="patient", items="wai{item}")
    rules = answer_rules([form, form], catalogue)
    assert [rule.key for rule in rules] == [
        f"ANSWER_ALLOWED[wai-sr.patient.{item:02d}]" for item in range(1, 13)
    ]


def test_a_form_of_an_unknown_instrument_is_a_fault_of_the_registry(
    catalogue: Mapping[str, Instrument],
) -> None:
    form = FormMapping(instrument="no-such", rater="patient", items="x{item}")
    with pytest.raises(SettingsError, match="UNKNOWN_INSTRUMENT"):
        answer_rules([form], catalogue)


def test_the_page_in_the_docs_is_the_one_the_rules_make() -> None:
    assert (ROOT / PAGE).read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("rule", KINDS, ids=lambda rule: rule.id)
def test_every_rule_stands_on_the_page_whole(rule: Rule) -> None:
    section = page().split(f"### {rule.key}\n", 1)[1].split("\n###", 1)[0]
    for said in (rule.asks, rule.rationale, rule.remedy, rule.severity.value, rule.suite.value):
        assert said in section


def test_a_rule_is_found_by_its_id_in_any_case_and_with_a_part_behind_it() -> None:
    assert find("key_unique").id == "KEY_UNIQUE"
    assert find("ANSWER_ALLOWED.phq-9.patient.03").id == "ANSWER_ALLOWED"


def test_an_unknown_rule_is_a_fault_that_names_the_way_to_the_list() -> None:
    with pytest.raises(RapportError, match="rapport rules"):
        find("NO_SUCH_RULE")


def test_the_hash_of_the_rules_depends_on_the_answers_that_instruments_allow(
    catalogue: Mapping[str, Instrument],
) -> None:
    assert rules_sha256(catalogue) == rules_sha256(dict(catalogue))
    assert rules_sha256(catalogue) != rules_sha256({"phq-9": catalogue["phq-9"]})


def test_the_catalogue_is_listed_without_great_expectations() -> None:
    code = (
        "import sys, expectations.catalogue as c, expectations.intake; c.page(); "
        "sys.exit('great_expectations' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
