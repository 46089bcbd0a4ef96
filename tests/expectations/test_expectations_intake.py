"""From files to verdicts: conservation, agreement, independence, and the four verdicts."""

import json
import random
from collections.abc import Mapping

import pandas as pd
import pytest

from expectations.engine import Detail, ask
from expectations.files import read_files
from expectations.rules.rows import ROW_RULES, answer_rules
from rapport.errors import SettingsError
from rapport.exports.facts import add_facts
from rapport.instruments import Instrument
from rapport.monthly.slices import ClinicMonth
from rapport.warehouse import tables
from tests.expectations.conftest import Taken
from tests.expectations.small_clinic import (
    MONTH,
    Rows,
    as_csv,
    clinic_named,
    delivery,
    only_verdict,
    sound_rows,
)

FATES = ["rows_accepted", "rows_quarantined", "rows_superseded", "rows_duplicate", "rows_test"]


def mixed_rows(seed: int = 1, n_spoilt: int = 9) -> Rows:
    """Rows of which some break one rule, some several, some are tests and some repeated."""
    rows = sound_rows(20, 3)
    dice = random.Random(seed)
    spoils = [
        {"phq1": "8", "phq2": "9", "sum": ""}, {"ther": "T9"}, {"day": "2025-13-01"}, {"pid": ""},
        {"mode": "?", "phq5": "2.5", "sum": ""}, {"test": "1", "phq1": "77"}, {"sess": "x"},
    ]  # fmt: skip
    for place in dice.sample(range(len(rows)), n_spoilt):
        rows[place] = rows[place] | dice.choice(spoils)
    return [*rows, *dice.sample(rows, 4)]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_row_of_every_file_ends_in_exactly_one_state(seed: int, taken: Taken) -> None:
    found = taken(as_csv(mixed_rows(seed)), as_csv(mixed_rows(seed, n_spoilt=3)), "broken")
    assert (found.readings[FATES].sum(axis=1) == found.readings.rows_received).all()
    (verdict,) = found.verdicts.to_dict("records")
    assert verdict["rows_received"] == sum(verdict[name] for name in FATES)
    assert verdict["rows_received"] == found.readings.rows_received.sum()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_great_expectations_and_the_quarantine_agree_row_for_row(
    seed: int, taken: Taken, catalogue: Mapping[str, Instrument]
) -> None:
    clinic = clinic_named()
    file = delivery(as_csv(mixed_rows(seed)))
    found = taken(file)
    read = read_files([file], clinics={"alpha": clinic}, catalogue=catalogue)
    rows = add_facts(read.rows, clinics={"alpha": clinic}, catalogue=catalogue)
    counting = rows[(rows.kind != "test") & (rows.standing == "current")]
    rules = [*ROW_RULES, *answer_rules(clinic.exports[0].forms, catalogue)]
    plain = ask(counting, rules, Detail.ROWS)
    said = {(int(rows.line[row]), rule.id, rule.key)
            for rule in rules for row in plain[rule.key].rows}  # fmt: skip
    assert {(line, rule) for line, rule, _ in said} == set(
        found.quarantine[["line", "rule"]].itertuples(index=False, name=None)
    )
    assert len(said) == len(found.quarantine)
    counted = json.loads(found.verdicts.result_json[0])["rules"]
    for rule in rules:
        told = counted.get(f"export_rows/{rule.key}", {})  # not asked: no count
        assert told.get("broken", 0) == plain[rule.key].broken


def test_the_frames_have_the_columns_of_their_tables(taken: Taken) -> None:
    for found in (taken(as_csv(mixed_rows())), taken(""), taken()):
        chain = {"sequence", "recorded_at", "previous_sha256", "entry_sha256"}
        for frame, table in (
            (found.readings, tables.export_readings),
            (found.quarantine, tables.quarantine),
            (found.sessions, tables.sessions),
            (found.responses, tables.survey_responses),
            (found.verdicts, tables.verdicts),
        ):
            assert list(frame.columns) == [c.name for c in table.columns if c.name not in chain]


def test_the_quarantine_has_no_key_twice(taken: Taken) -> None:
    key = [column.name for column in tables.quarantine.primary_key.columns]
    assert not taken(as_csv(mixed_rows())).quarantine.duplicated(key).any()


def test_a_sound_file_passes(taken: Taken) -> None:
    found = taken(as_csv(sound_rows()))
    assert only_verdict(found) == "passed"
    assert found.verdicts.rules_broken.tolist() == [0]
    assert found.quarantine.empty


def test_nothing_received_is_not_applicable(taken: Taken) -> None:
    found = taken(expected=[ClinicMonth("alpha", MONTH)])
    assert only_verdict(found) == "not_applicable"
    assert found.verdicts.rows_received.tolist() == [0]
    assert found.verdicts.rules_asked.tolist() == [0]


def test_nothing_at_all_gives_no_verdict(taken: Taken) -> None:
    assert taken().verdicts.empty


def test_every_expected_clinic_month_has_one_verdict(taken: Taken) -> None:
    clinics = [clinic_named("alpha"), clinic_named("beta")]
    expected = [ClinicMonth(name, MONTH) for name in ("alpha", "beta")]
    found = taken(as_csv(sound_rows()), clinics=clinics, expected=expected)
    assert found.verdicts[["clinic_id", "verdict"]].to_numpy().tolist() == [
        ["alpha", "passed"],
        ["beta", "not_applicable"],
    ]


def test_a_clinic_s_outcome_does_not_depend_on_who_else_is_taken_in(taken: Taken) -> None:
    clinics = [clinic_named(name) for name in ("alpha", "beta", "gamma")]
    texts = {"alpha": as_csv(mixed_rows(1)), "beta": as_csv(sound_rows()), "gamma": "rubbish"}
    together = taken(*(delivery(t, c) for c, t in texts.items()), clinics=clinics)
    for name, text in texts.items():
        alone = taken(delivery(text, name), clinics=[clinic_named(name)])
        for part in ("readings", "quarantine", "sessions", "responses", "verdicts"):
            here = getattr(together, part)
            pd.testing.assert_frame_equal(
                here[here.clinic_id == name].reset_index(drop=True),
                getattr(alone, part).reset_index(drop=True),
                check_dtype=False,
                check_categorical=False,
            )


def test_the_order_of_the_rows_changes_nothing_but_lines(taken: Taken) -> None:
    rows = mixed_rows()
    shuffled = random.Random(3).sample(rows, len(rows))
    one, other = taken(as_csv(rows)), taken(as_csv(shuffled))
    drop = ["content_sha256", "line"]
    pd.testing.assert_frame_equal(
        one.sessions.drop(columns=drop), other.sessions.drop(columns=drop)
    )
    pd.testing.assert_frame_equal(
        one.responses.drop(columns=drop), other.responses.drop(columns=drop)
    )
    assert one.verdicts.result_json.tolist() == other.verdicts.result_json.tolist()


def test_the_same_bytes_twice_count_once(taken: Taken) -> None:
    text = as_csv(mixed_rows())
    once, twice = taken(text), taken(text, text)
    pd.testing.assert_frame_equal(once.verdicts, twice.verdicts)
    pd.testing.assert_frame_equal(once.readings, twice.readings)


def test_the_same_input_gives_the_same_verdict_letter_for_letter(taken: Taken) -> None:
    text = as_csv(mixed_rows())
    pd.testing.assert_frame_equal(taken(text).verdicts, taken(text).verdicts)


def test_a_corrected_file_mends_the_month(taken: Taken) -> None:
    refused = as_csv(sound_rows()).replace(",phq9", ",phq_9")
    assert only_verdict(taken(refused)) == "failed"
    mended = taken(refused, as_csv(sound_rows()))
    assert only_verdict(mended) == "passed"
    assert mended.readings.rows_quarantined.tolist() == [20, 0]


def test_a_refused_file_after_a_good_one_still_fails_the_month(taken: Taken) -> None:
    refused = as_csv(sound_rows()).replace(",phq9", ",phq_9")
    found = taken(as_csv(sound_rows()), refused)
    assert only_verdict(found) == "failed"
    assert "FILES_READ" in json.loads(found.verdicts.result_json[0])["decided_by"]


def test_test_rows_are_not_judged(taken: Taken) -> None:
    rows = sound_rows()
    rows[3] |= {"test": "1", "phq1": "77", "pid": "", "ther": "nobody"}
    found = taken(as_csv(rows))
    assert found.quarantine.empty
    assert found.readings.rows_test.tolist() == [1]


def test_an_unknown_clinic_or_export_is_a_fault(taken: Taken) -> None:
    with pytest.raises(SettingsError, match="UNKNOWN_CLINIC"):
        taken(delivery("x", "nobody"))
    with pytest.raises(SettingsError, match="UNKNOWN_EXPORT"):
        taken(delivery("x", export="nothing"))


def test_a_threshold_that_no_rule_looks_at_is_a_fault(taken: Taken) -> None:
    clinic = clinic_named(thresholds={"REFUSED_SHAER": 0.2, "FORM_PRESENT[gad-7.patient]": 0})
    with pytest.raises(SettingsError) as caught:
        taken(as_csv(sound_rows()), clinics=[clinic])
    assert [fault.column for fault in caught.value.faults] == [
        "thresholds.FORM_PRESENT[gad-7.patient]",
        "thresholds.REFUSED_SHAER",
    ]


def test_what_the_inputs_were_is_part_of_the_verdict(taken: Taken) -> None:
    one, other = taken(as_csv(sound_rows(5))), taken(as_csv(sound_rows(6)))
    assert one.verdicts.inputs_sha256[0] != other.verdicts.inputs_sha256[0]
    assert one.verdicts.registry_sha256[0] == "0" * 64
    assert one.verdicts.rules_sha256[0] == other.verdicts.rules_sha256[0]
