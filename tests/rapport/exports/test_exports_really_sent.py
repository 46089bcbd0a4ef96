"""What clinics really send, format by format: one test for each thing that once read wrongly."""

import datetime as dt
import gzip
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from pydantic import ValidationError

from rapport.exports.values import date_texts, session_texts

if TYPE_CHECKING:
    from conftest import Desk

ANSWERS = list("0123012")
ITEMS = [f"gad{n}" for n in range(1, 8)]
FORM = {"instrument": "gad-7", "rater": "patient", "items": "gad{item}"}
READ = [f"gad-7.patient.{n:02d}" for n in range(1, 8)]


def row(reading: Any, *names: str) -> list[str | None]:  # noqa: ANN401 - any reading
    assert [fault.rule for fault in reading.faults] == []
    found: list[str | None] = reading.rows.iloc[0][list(names)].tolist()
    return found


# ── REDCap ────────────────────────────────────────────────────────────────────────────────────

LONGITUDINAL: dict[str, Any] = {
    "format": "redcap",
    "patient": "record_id",
    "therapist": "therapist",
    "session": "redcap_event_name",
    "session_codes": {"therapy_1_arm_1": "1", "therapy_10_arm_1": "10"},
    "date": "visit",
    "record_rows": {"redcap_event_name": "intake_arm_1"},
    "inherited": ["therapist"],
    "forms": [FORM],
}
LONGITUDINAL_HEAD = ["record_id", "redcap_event_name", "therapist", "visit", *ITEMS]
INTAKE = ["331-1", "intake_arm_1", "T1", "", *[""] * 7]


def test_the_events_of_a_longitudinal_project_are_sessions_by_declaration(desk: "Desk") -> None:
    content = desk.csv(
        INTAKE,
        ["331-1", "therapy_1_arm_1", "", "2026-02-03", *ANSWERS],
        ["331-1", "therapy_10_arm_1", "", "2026-02-27", *ANSWERS],
        header=LONGITUDINAL_HEAD,
    )
    clinic = desk.clinic(LONGITUDINAL)
    rows, states = desk.judged(desk.read_as(content, clinic, "sessions"), clinic=clinic)
    assert rows["session"].tolist()[1:] == ["1", "10"]
    assert states.tolist() == ["accepted"] * 3


def test_an_event_that_nobody_declared_is_no_session(desk: "Desk") -> None:
    content = desk.csv(
        INTAKE,
        ["331-1", "therapy_2_arm_1", "", "2026-02-03", *ANSWERS],
        ["331-1", "3", "", "2026-02-10", *ANSWERS],
        header=LONGITUDINAL_HEAD,
    )
    assert desk.states(content, **LONGITUDINAL) == ["accepted", "quarantined", "quarantined"]


@pytest.mark.parametrize("number", ["01", "-1", "x", "10000", "1.0"])
def test_a_session_code_stands_for_a_session_number(desk: "Desk", number: str) -> None:
    with pytest.raises(ValidationError):
        desk.clinic(LONGITUDINAL | {"session_codes": {"a": number}})


def test_a_repeating_event_has_an_instance_and_no_instrument(desk: "Desk") -> None:
    mapping = LONGITUDINAL | {"session": "redcap_repeat_instance", "session_codes": {}}
    head = [*LONGITUDINAL_HEAD[:2], "redcap_repeat_instrument", "redcap_repeat_instance",
            *LONGITUDINAL_HEAD[2:]]  # fmt: skip
    content = desk.csv(
        [*INTAKE[:2], "", "", *INTAKE[2:]],
        ["331-1", "therapy_arm_1", "", "1", "", "2026-02-03", *ANSWERS],
        ["331-1", "therapy_arm_1", "", "2", "", "2026-02-10", *ANSWERS],
        header=head,
    )
    assert desk.states(content, **mapping) == ["accepted"] * 3


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "^", "|"])
def test_redcap_s_own_delimiters_are_read(desk: "Desk", delimiter: str) -> None:
    mapping = LONGITUDINAL | {"delimiter": delimiter}
    content = desk.csv(INTAKE, header=LONGITUDINAL_HEAD, delimiter=delimiter)
    assert row(desk.read(content, **mapping), "kind", "therapist") == ["record", "T1"]


def test_checkbox_columns_may_be_items(desk: "Desk") -> None:
    names = [f"c___{n}" for n in range(1, 7)] + ["c____90"]
    mapping = LONGITUDINAL | {"forms": [FORM | {"items": names}]}
    cells = ["331-1", "therapy_1_arm_1", "T1", "2026-02-03", *list("0110010")]
    content = desk.csv(cells, header=[*LONGITUDINAL_HEAD[:4], *names])
    assert row(desk.read(content, **mapping), *READ) == list("0110010")


def test_a_project_s_missing_code_is_missing_in_any_field(desk: "Desk") -> None:
    mapping = LONGITUDINAL | {"missing_codes": {"NASK": "not_asked"}}
    cells = ["331-1", "therapy_1_arm_1", "NASK", "NASK", "NASK", *ANSWERS[1:]]
    reading = desk.read(desk.csv(cells, header=LONGITUDINAL_HEAD), **mapping)
    assert row(reading, "therapist", "date", READ[0]) == [None, None, None]


# ── Qualtrics ─────────────────────────────────────────────────────────────────────────────────

QUALTRICS: dict[str, Any] = {
    "format": "qualtrics",
    "patient": "pid",
    "therapist": "tid",
    "session": "no",
    "date": "EndDate",
    "dates": ["%Y-%m-%d %H:%M:%S"],
    "forms": [FORM],
}
QUALTRICS_HEAD = ["EndDate", "Status", "pid", "tid", "no", *ITEMS]


def qualtrics(desk: "Desk", zone: str, *, status: str = "0") -> bytes:
    ids = [zone, *(f"{{'ImportId': 'QID{n}'}}" for n in range(11))]
    titles = ["Enddatum", "Antworttyp", *["text"] * 10]
    cells = ["2026-02-03 23:30:00", status, "p1", "T1", "1", *ANSWERS]
    return desk.csv(titles, ids, cells, header=QUALTRICS_HEAD)


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("{'ImportId': 'endDate', 'timeZone': 'UTC'}", "2026-02-04"),
        ('{"ImportId":"endDate","timeZone":"Z"}', "2026-02-04"),
        ('{"ImportId":"endDate","timeZone":"Europe/Warsaw"}', "2026-02-03"),
        ("{'ImportId': 'endDate'}", "2026-02-03"),
    ],
)
def test_the_zone_of_qualtrics_times_is_read_in_both_spellings(
    desk: "Desk", zone: str, day: str
) -> None:
    assert row(desk.read(qualtrics(desk, zone), **QUALTRICS), "date") == [day]


@pytest.mark.parametrize("status", ["1", "2", "17", "Survey Preview", "Offline Survey Preview"])
def test_every_kind_of_preview_is_a_test_row(desk: "Desk", status: str) -> None:
    content = qualtrics(desk, "{'ImportId': 'endDate'}", status=status)
    assert row(desk.read(content, **QUALTRICS), "kind") == ["test"]


# ── workbooks and text with notes above the header ────────────────────────────────────────────

NOTES = b'Report of February\r\n"Service:\r\nhill"\r\n'


def test_notes_above_the_header_of_a_text_file_are_passed_over(desk: "Desk") -> None:
    reading = desk.read(NOTES + desk.csv(desk.row()), header_row=4)
    assert row(reading, "patient", "line") == ["p1", 5]


def test_a_header_row_on_which_no_record_begins_is_told(desk: "Desk") -> None:
    reading = desk.read(NOTES + desk.csv(desk.row()), header_row=3)
    assert [(fault.rule, fault.line) for fault in reading.faults] == [("WRONG_FORMAT", 3)]


def test_only_tables_have_a_header_row(desk: "Desk") -> None:
    with pytest.raises(ValidationError, match="header_row"):
        desk.clinic(QUALTRICS | {"header_row": 2})


@pytest.mark.parametrize(
    ("calendar", "text", "day"),
    [
        ("excel", "45292", "2024-01-01"),
        ("excel", "45292.75", "2024-01-01"),
        ("excel", "45292,75", "2024-01-01"),
        ("excel1904", "43830", "2024-01-01"),
        ("excel", "4529", "4529"),
        ("excel", "2024-01-01", "?2024-01-01"),
    ],
)
def test_day_numbers_of_a_spreadsheet_are_read_where_they_are_declared(
    desk: "Desk", calendar: str, text: str, day: str
) -> None:
    mapping = desk.clinic({"dates": [calendar]}).exports[0]
    found = date_texts({text}, mapping, written=None, local="Europe/Warsaw")
    assert found == {text: day}


def test_a_session_number_loses_noughts_only_where_sessions_are_counted(desk: "Desk") -> None:
    mapping = desk.clinic().exports[0]
    assert session_texts({"07"}, mapping) == {"07": "7"}
    coded = desk.clinic({"session_codes": {"07": "3"}}).exports[0]
    assert session_texts({"07", "7"}, coded) == {"07": "3", "7": "?7"}


def workbook(*rows: list[Any]) -> bytes:
    book = openpyxl.Workbook()
    for cells in rows:
        book.active.append(cells)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


MS_FORMS: dict[str, Any] = {
    "format": "microsoft_forms",
    "patient": "Your code",
    "therapist": "Therapist",
    "session": "Session",
    "date": "Completion time",
    "forms": [FORM | {"items": [f"How often{'' if n == 1 else n}" for n in range(1, 8)]}],
}
MS_HEAD = ["Id", "Start time", "Completion time", "Email", "Name", "Your\N{NO-BREAK SPACE}code",
           "Therapist", "Session", *MS_FORMS["forms"][0]["items"]]  # fmt: skip
MORNING = dt.datetime(2026, 2, 3, 9, 1)  # noqa: DTZ001 - workbooks know no zone
MS_ROW = [1, MORNING, MORNING, "anonymous", "", "p1", "T1", 4, *map(int, ANSWERS)]


@pytest.mark.parametrize("pack", ["plain", "gzip", "zip"])
def test_microsoft_forms_is_read_with_typed_dates_packed_or_not(desk: "Desk", pack: str) -> None:
    content = workbook(MS_HEAD, MS_ROW)
    if pack == "gzip":
        content = gzip.compress(content)
    if pack == "zip":
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w") as archive:
            archive.writestr("responses.xlsx", content)
        content = held.getvalue()
    reading = desk.read(content, **MS_FORMS)
    assert row(reading, "patient", "session", "date", *READ) == ["p1", "4", "2026-02-03", *ANSWERS]


WORDS = ["Never", "Seldom", "Often", "Always"]


def several(*chosen: str) -> str:
    return "".join(f"{word};" for word in chosen)


def test_one_choice_of_several_in_microsoft_forms_is_that_choice(desk: "Desk") -> None:
    form = MS_FORMS["forms"][0] | {"codes": {word: str(n) for n, word in enumerate(WORDS)}}
    cells = [several(WORDS[int(answer)]) for answer in ANSWERS]
    reading = desk.read(workbook(MS_HEAD, [*MS_ROW[:8], *cells]), **MS_FORMS | {"forms": [form]})
    assert row(reading, *READ) == [*ANSWERS]


def test_two_choices_of_one_question_in_microsoft_forms_are_no_answer(desk: "Desk") -> None:
    form = MS_FORMS["forms"][0] | {"codes": {word: str(n) for n, word in enumerate(WORDS)}}
    cells = [several(WORDS[int(answer)]) for answer in ANSWERS]
    cells[0] = several("Never", "Often")
    reading = desk.read(workbook(MS_HEAD, [*MS_ROW[:8], *cells]), **MS_FORMS | {"forms": [form]})
    assert row(reading, *READ)[0] == "Never;Often;"


def test_a_declared_choice_with_its_semicolon_is_read_as_declared(desk: "Desk") -> None:
    form = MS_FORMS["forms"][0] | {"codes": {several(word): str(n) for n, word in enumerate(WORDS)}}
    cells = [several(WORDS[int(answer)]) for answer in ANSWERS]
    reading = desk.read(workbook(MS_HEAD, [*MS_ROW[:8], *cells]), **MS_FORMS | {"forms": [form]})
    assert row(reading, *READ) == [*ANSWERS]


QUALTRICS_BOOK = ["StartDate", "EndDate", "Status", "ResponseId", "pid", "who", "no",
                  *(f"Q1_{n}" for n in range(1, 8))]  # fmt: skip
QUALTRICS_MAPPING: dict[str, Any] = {
    "format": "qualtrics", "patient": "pid", "therapist": "who", "session": "no",
    "date": "EndDate", "dates": ["%Y-%m-%d %H:%M:%S"],
    "forms": [FORM | {"items": "Q1_{item}"}],
}  # fmt: skip


def late(status: int) -> list[Any]:
    moment = dt.datetime(2026, 2, 3, 23, 30)  # noqa: DTZ001 - workbooks know no zone
    return [moment, moment, status, "R_1", "p1", "T1", "4", *map(int, ANSWERS)]


def test_qualtrics_workbook_has_two_header_rows_and_the_clinic_s_own_times(desk: "Desk") -> None:
    titles = ["Start Date", "End Date", "Response Type", *["?"] * 11]
    reading = desk.read(workbook(QUALTRICS_BOOK, titles, late(0), late(1)), **QUALTRICS_MAPPING)
    assert reading.rows["kind"].tolist() == ["session", "test"]
    assert reading.rows.iloc[0][["patient", "session", "date"]].tolist() == [
        "p1", "4", "2026-02-03",
    ]  # fmt: skip


def test_a_zone_in_a_qualtrics_workbook_moves_late_responses_to_the_next_day(
    desk: "Desk",
) -> None:
    ids = ['{"ImportId":"endDate","timeZone":"America/Denver"}'] * len(QUALTRICS_BOOK)
    content = workbook(QUALTRICS_BOOK, ["?"] * len(QUALTRICS_BOOK), ids, late(0))
    assert row(desk.read(content, **QUALTRICS_MAPPING), "date") == ["2026-02-04"]


def test_a_qualtrics_workbook_without_its_question_texts_is_refused(desk: "Desk") -> None:
    reading = desk.read(workbook(QUALTRICS_BOOK, late(0)), **QUALTRICS_MAPPING)
    assert [fault.rule for fault in reading.faults] == ["WRONG_FORMAT"]


def test_a_long_extract_may_be_a_workbook(desk: "Desk") -> None:
    mapping = {
        "format": "workbook", "layout": "long", "item": "Item", "answer": "Answer",
        "patient": "Client", "therapist": "Therapist", "session": "No", "date": "Day",
        "forms": [FORM],
    }  # fmt: skip
    day = dt.datetime(2026, 2, 3)  # noqa: DTZ001 - a typed date of a workbook has no zone
    rows = [["p1", "T1", 1, day, f"gad{n}", int(a)] for n, a in enumerate(ANSWERS, 1)]
    content = workbook(["Client", "Therapist", "No", "Day", "Item", "Answer"], *rows)
    assert row(desk.read(content, **mapping), "date", *READ) == ["2026-02-03", *ANSWERS]


# ── FHIR ──────────────────────────────────────────────────────────────────────────────────────

FHIR: dict[str, Any] = {
    "format": "fhir",
    "patient": "subject",
    "therapist": "author",
    "session": "encounter",
    "date": "authored",
}


def response(**answer: object) -> bytes:
    return json.dumps(
        {
            "resourceType": "QuestionnaireResponse", "id": "r1", "status": "completed",
            "subject": {"reference": "Patient/p1"}, "author": {"reference": "Practitioner/T1"},
            "context": {"reference": "Encounter/4"}, "authored": "2026-02-03",
            "item": [
                {
                    "linkId": "g1",
                    "item": [
                        {"linkId": f"PHQ.{n}", "answer": [dict(answer)]} for n in range(1, 8)
                    ],
                }
            ],
        }
    ).encode()  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "codes"),
    [
        ({"valueInteger": 2}, None),
        ({"valueDecimal": 2.0}, None),
        ({"valueCoding": {"code": "half", "display": "More"}}, {"half": "2"}),
        ({"valueCoding": {"display": "More"}}, {"More": "2"}),
        ({"valueCoding": {"system": "urn:local", "code": "2"}}, None),
        ({"valueString": "2"}, None),
    ],
)
def test_local_answers_in_nested_groups_are_read_as_declared(
    desk: "Desk", answer: dict[str, Any], codes: dict[str, str] | None
) -> None:
    form = FORM | {"items": "item.PHQ.{item}", "codes": codes}
    reading = desk.read(response(**answer), **FHIR, forms=[form])
    assert row(reading, "session", *READ) == ["4", *["2"] * 7]


def test_a_questionnaire_inside_the_response_tells_its_codes(desk: "Desk") -> None:
    codes = ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]
    held = {
        "resourceType": "Questionnaire", "id": "q",
        "item": [
            {"linkId": f"PHQ.{n}", "code": [{"system": "http://loinc.org", "code": code}]}
            for n, code in enumerate(reversed(codes), 1)
        ],
    }  # fmt: skip
    made = json.loads(response(valueInteger=1)) | {"questionnaire": "#q", "contained": [held]}
    made["item"][0]["item"][0]["answer"] = [{"valueInteger": 3}]
    form = FORM | {"items": "gad-7.{item}"}
    reading = desk.read(json.dumps(made).encode(), **FHIR, forms=[form])
    assert row(reading, *READ) == ["1"] * 6 + ["3"]


# ── what is no export ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "header",
    [
        "event_name,arm_num,unique_event_name,custom_event_label,event_id",
        "arm_num,name",
        "arm_num,unique_event_name,form",
        "Answer Choices,Responses,",
        "field_name;form_name;field_type",
    ],
)
def test_lists_and_summaries_are_told_apart_from_exports(desk: "Desk", header: str) -> None:
    reading = desk.read(f"{header}\na,b,c\n".encode())
    assert [fault.rule for fault in reading.faults] == ["WRONG_FORMAT"]
    assert reading.faults[0].message.startswith("This is ")
