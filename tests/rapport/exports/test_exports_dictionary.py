"""A REDCap export with its data dictionary: labels, codings, identifiers, reasons for gaps."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.clinics import Clinic
from rapport.clinics.codebook import Codebook, parse_codebook
from rapport.clinics.registry import load_registry
from rapport.errors import SettingsError
from rapport.exports.dictionary.branching import condition_of

if TYPE_CHECKING:
    from conftest import Desk

    from rapport.exports import Reading

CHOICES = "0, Never | 1, Seldom | 2, Often | 3, Always"
HEAD = (
    "field_name,form_name,field_type,field_label,select_choices_or_calculations,identifier,"
    "branching_logic"
)
FIELDS = (
    "record_id,base,text,Record ID,,,",
    "therapist,base,text,Therapist,,,",
    "surname,base,text,Family,,y,",
    'kin,base,yesno,"Lives alone?",,,',
    "visit,visit,text,Day of the visit,,y,",
    'hints,visit,checkbox,Hints,"1, Calls | a, Group",,',
    *(f'g{n},gad7,radio,"Question {n}","{CHOICES}",,' for n in range(1, 6)),
    f'g6,gad7,radio,"Question","{CHOICES}",,"[g5] = ""3"" or [g4] > 1"',
    f'g7,gad7,radio,"Question","{CHOICES}",,"[kin] = \'1\'"',
)
NAMES = [f"g{n}" for n in range(1, 8)]
RAW = [
    "record_id", "redcap_repeat_instance", "therapist", "surname", "kin", "base_complete", "visit",
    "hints___1", "hints___a", "visit_complete", *NAMES, "gad7_complete",
]  # fmt: skip
LABELS = [
    "Record ID", "Repeat Instance", "Therapist", "Family", "Lives alone?", "Complete?",
    "Day of the visit", "Hints (choice=Calls)", "Hints (choice=Group)", "Complete?",
    *(f"Question {n}" for n in range(1, 6)), "Question", "Question", "Complete?",
]  # fmt: skip
ROW = ["1", "4", "T1", "Lee", "1", "2", "2026-02-03", "0", "1", "2", *"0123012", "2"]
WORDS = ["1", "4", "T1", "Lee", "Yes", "Complete", "2026-02-03", "Unchecked", "Checked", "Complete",
         "Never", "Seldom", "Often", "Always", "Never", "Seldom", "Often", "Complete"]  # fmt: skip
MAPPING: dict[str, Any] = {
    "format": "redcap",
    "patient": "record_id",
    "therapist": "therapist",
    "session": "redcap_repeat_instance",
    "date": "visit",
    "dictionary": "dictionary.csv",
    "ignored": ["kin", "hints___*"],
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "g{item}"}],
}


def codebook(*fields: str) -> Codebook:
    return parse_codebook(("\n".join([HEAD, *(fields or FIELDS)]) + "\n").encode(), "d.csv")


def read(desk: "Desk", content: bytes, *fields: str, **changes: object) -> "Reading":
    clinic = desk.clinic(MAPPING | changes)
    held = clinic.exports[0].with_codebook(codebook(*fields))
    clinic = clinic.model_copy(update={"exports": (held,)})
    return desk.read_as(content, clinic, "sessions")


def answers(reading: "Reading", row: int = 0) -> list[str | None]:
    return list(reading.rows.loc[row, "gad-7.patient.01":"gad-7.patient.07"])


def test_a_raw_export_is_read_and_its_identifiers_are_known(desk: "Desk") -> None:
    reading = read(desk, desk.csv(ROW, header=RAW))
    assert reading.faults == ()
    assert answers(reading) == list("0123012")
    assert "Lee" not in str(reading.rows.to_dict("list"))


def test_an_export_with_labels_says_what_the_raw_one_says(desk: "Desk") -> None:
    raw = read(desk, desk.csv(ROW, header=RAW)).rows
    labelled = read(desk, desk.csv(WORDS, header=LABELS))
    assert labelled.faults == ()
    assert raw.drop(columns="content_sha256").equals(labelled.rows.drop(columns="content_sha256"))


def test_the_format_s_own_labels_are_known_beside_the_dictionary_s(desk: "Desk") -> None:
    own = ["Survey Timestamp", "Survey Identifier"]
    labelled = read(desk, desk.csv([*WORDS, "", ""], header=[*LABELS, *own]))
    assert labelled.faults == ()


def test_choices_that_run_the_other_way_refuse_the_file(desk: "Desk") -> None:
    turned = [field.replace("0, Never", "3, Never").replace("3, Always", "0, Always")
              for field in FIELDS]  # fmt: skip
    reading = read(desk, desk.csv(ROW, header=RAW), *turned)
    assert {fault.rule for fault in reading.faults} == {"WRONG_FORMAT"}
    assert {fault.column for fault in reading.faults} == set(NAMES)


def test_labels_as_answers_under_variables_as_headings_are_read(desk: "Desk") -> None:
    assert answers(read(desk, desk.csv(WORDS, header=RAW))) == list("0123012")


def test_a_mapping_that_names_the_labels_itself_is_followed(desk: "Desk") -> None:
    codes = {"Never": "3", "Seldom": "2", "Often": "1", "Always": "0"}
    forms = [{"instrument": "gad-7", "rater": "patient", "items": "g{item}", "codes": codes}]
    reading = read(desk, desk.csv(WORDS, header=RAW), forms=forms)
    assert answers(reading) == list("3210321")


def test_headings_of_one_label_that_cannot_be_told_apart_are_missing(desk: "Desk") -> None:
    header = [name for place, name in enumerate(LABELS) if place != 16]
    row = [text for place, text in enumerate(WORDS) if place != 16]
    reading = read(desk, desk.csv(row, header=header))
    assert {fault.column for fault in reading.faults if fault.rule == "MISSING_COLUMN"} == {
        "g6", "g7",
    }  # fmt: skip


def test_a_label_of_two_codes_is_no_answer(desk: "Desk") -> None:
    fields = [field.replace("1, Seldom", "1, Often") for field in FIELDS]
    words = ["Often" if word == "Seldom" else word for word in WORDS]
    assert answers(read(desk, desk.csv(words, header=RAW), *fields))[1] == "Often"


def test_choices_that_are_no_answers_of_the_instrument_refuse_the_file(desk: "Desk") -> None:
    fields = [field.replace("0, Never | 1, S", "1, Never | 4, S") for field in FIELDS]
    reading = read(desk, desk.csv(ROW, header=RAW), *fields)
    assert {fault.rule for fault in reading.faults} == {"WRONG_FORMAT"}
    assert {fault.column for fault in reading.faults} == set(NAMES)


def test_a_choice_that_means_missing_is_no_answer(desk: "Desk") -> None:
    fields = [field.replace("3, Always", "3, Always | 9, Rather not say") for field in FIELDS]
    row = [*ROW]
    row[11] = "9"
    assert read(desk, desk.csv(row, header=RAW), *fields).faults != ()
    reading = read(desk, desk.csv(row, header=RAW), *fields, missing_codes={"9": "refused"})
    assert reading.rows["missing.gad-7.patient"].tolist() == ["02:refused"]


def test_a_mapped_identifier_refuses_the_file_but_the_date_does_not(desk: "Desk") -> None:
    reading = read(desk, desk.csv(ROW, header=RAW), patient="surname")
    assert [(fault.rule, fault.column) for fault in reading.faults] == [
        ("DIRECT_IDENTIFIER", "surname")
    ]


def row_with(**changes: str) -> list[str]:
    return [changes.get(name, cell) for name, cell in zip(RAW, ROW, strict=True)]


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({"g2": ""}, "02:skipped"),
        ({"g6": "", "g4": "0", "g5": "1"}, "06:not_asked"),
        ({"g6": "", "g4": "2"}, "06:skipped"),
        ({"g6": "", "g4": "", "g5": "0"}, "04:skipped"),
        ({"g7": "", "kin": "0"}, "07:not_asked"),
        ({"g7": "", "kin": ""}, None),
        (dict.fromkeys(NAMES, ""), None),
    ],
    ids=["always", "hidden", "shown", "undecided", "other form", "not here", "not begun"],
)
def test_gaps_have_a_reason_where_the_branching_logic_decides_it(
    desk: "Desk", changes: dict[str, str], reasons: str | None
) -> None:
    rows = read(desk, desk.csv(row_with(**changes), header=RAW)).rows
    column = rows.get("missing.gad-7.patient")
    assert (None if column is None else column.iloc[0]) == reasons


def test_an_instance_is_not_decided_by_fields_of_another_form(desk: "Desk") -> None:
    header = [*RAW, "redcap_repeat_instrument"]
    row = [*row_with(kin="0", g7=""), "gad7"]
    rows = read(desk, desk.csv(row, header=header)).rows
    assert "missing.gad-7.patient" not in rows.columns


def test_a_cut_last_field_is_never_explained(desk: "Desk") -> None:
    header = [name for name in RAW if name not in ("gad7_complete",)]
    content = desk.csv(row_with(g7="")[:-1], header=header).rstrip()
    assert read(desk, content).rows["kind"].tolist() == ["broken"]


@pytest.mark.parametrize(
    ("logic", "row", "holds"),
    [
        ("[a] = '1'", {"a": "1"}, True),
        ("[a]='1'", {"a": "1.0"}, True),
        ('[a] <> "1"', {"a": ""}, True),
        ("[a] = ''", {"a": ""}, True),
        ("[a] > 18", {"a": "19"}, True),
        ("[a] >= 18 and [b] = 'x'", {"a": "18", "b": "y"}, False),
        ("[a] = '1' or ([b] = '2' and [c] = '3')", {"a": "0", "b": "2", "c": "3"}, True),
        ("[a] = '1' and [gone] = '2'", {"a": "0"}, False),
        ("[a] = '1' and [gone] = '2'", {"a": "1"}, None),
        ("[a] > 18", {"a": ""}, None),
        ("[h(-1)] = '1'", {"h____1": "1"}, True),
    ],
)
def test_plain_conditions_are_decided(logic: str, row: dict[str, str], holds: bool | None) -> None:
    condition = condition_of(logic)
    assert condition is not None
    assert condition.holds(row.get) is holds


@pytest.mark.parametrize(
    "logic",
    [
        "datediff([a], [b], 'd') > 3", "[event_1_arm_1][a] = '1'", "[a] = [b]", "[a]", "[a] =",
        "([a] = '1'", "[a] = '1')", "[a] = '1' [b] = '2'", "[user-name] = 'x'", "[a] + 1 = 2",
        "[a] = '1' and", "or [a] = '1'", "(" * 30 + "[a] = 1" + ")" * 30,
    ],
)  # fmt: skip
def test_what_is_no_plain_condition_is_not_decided(logic: str) -> None:
    assert condition_of(logic) is None


@settings(deadline=None, max_examples=200)
@given(logic=st.text(alphabet="[]()ab1'\"=<> andor", max_size=60))
def test_no_text_breaks_the_reader_of_conditions(logic: str) -> None:
    condition = condition_of(logic)
    assert condition is None or condition.holds(lambda _: "1") in (True, False, None)


def test_events_of_a_label_export_become_the_declared_names(desk: "Desk") -> None:
    header = ["Record ID", "Event Name", *LABELS[1:]]
    row = ["1", "Intake and first talk (Arm 2: Group)", *WORDS[1:]]
    changes = {"record_rows": {"redcap_event_name": "intake_and_first_t_arm_2"}}
    assert read(desk, desk.csv(row, header=header), **changes).rows["kind"].tolist() == ["record"]


@pytest.mark.parametrize(
    ("label", "declared"),
    [
        ("GAD-7", "gad7"),
        ("Weekly form", "weekly_form"),
        ("Intake", "intake_arm_1"),
        ("Session 3 (Arm 2: Group (B))", "session_3_arm_2"),
        ("Talk & plan", "talk_plan_arm_1"),
    ],
)
def test_names_that_redcap_makes_of_labels_are_recognised(
    desk: "Desk", label: str, declared: str
) -> None:
    header = ["Record ID", "Repeat Instrument" if "arm" not in declared else "Event Name",
              *LABELS[1:]]  # fmt: skip
    name = "redcap_event_name" if "arm" in declared else "redcap_repeat_instrument"
    changes = {"record_rows": {name: declared}}
    rows = read(desk, desk.csv(["1", label, *WORDS[1:]], header=header), **changes).rows
    assert rows["kind"].tolist() == ["record"]


REGISTRY = """clinics:
- id: hill
  name: Hill
  sector: public
  timezone: Europe/Warsaw
  source: hill
  first_month: "2026-01"
  therapists: [T1]
  exports:
  - id: a
    path: "{month}.csv"
    format: redcap
    dictionary: dictionaries/hill.csv
    patient: record_id
    forms:
    - {instrument: gad-7, rater: patient, items: "g{item}"}
"""


def test_the_registry_reads_the_dictionary_and_its_hash_changes_with_it(tmp_path: Path) -> None:
    file = tmp_path / "clinics.yaml"
    file.write_text(REGISTRY)
    with pytest.raises(SettingsError) as told:
        load_registry(file)
    assert told.value.faults[0].file == "dictionaries/hill.csv"
    (tmp_path / "dictionaries").mkdir()
    hashes = set()
    for fields in (FIELDS, FIELDS[:-1]):
        (tmp_path / "dictionaries" / "hill.csv").write_text("\n".join([HEAD, *fields]))
        registry = load_registry(file)
        hashes.add(registry.sha256)
        codebook = registry.clinic("hill").exports[0].codebook
        assert codebook is not None
        assert len(codebook.questions) == len(fields)
    assert len(hashes) == 2


def test_only_redcap_has_a_dictionary(desk: "Desk") -> None:
    with pytest.raises(ValueError, match="redcap"):
        Clinic.model_validate(
            desk.clinic().model_dump() | {
                "exports": [MAPPING | {"id": "a", "path": "{month}", "format": "delimited"}]
            }
        )  # fmt: skip
