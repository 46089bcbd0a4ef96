"""Why an answer is missing is carried from the export to the warehouse, never invented."""

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.exports.missing import reason_texts
from rapport.warehouse.tables import survey_responses

if TYPE_CHECKING:
    from conftest import Desk

COLUMN = "missing.gad-7.patient"
CODES = {"-9": "skipped", "-8": "refused", "NASK": "not_asked", "ERR": "technical"}


def test_a_declared_code_says_which_item_is_missing_and_why(desk: "Desk") -> None:
    row = desk.row(g2="-9", g4="NASK", g6="-8", g7="ERR")
    reading = desk.read(desk.csv(row), missing_codes=CODES)
    stated = "02:skipped 04:not_asked 06:refused 07:technical"
    assert reading.rows[COLUMN].tolist() == [stated]
    assert reading.rows["gad-7.patient.02"].tolist() == [None]


def test_an_empty_field_is_missing_without_a_reason(desk: "Desk") -> None:
    reading = desk.read(desk.csv(desk.row(g2=""), desk.row("p2", g3="-9")), missing_codes=CODES)
    assert reading.rows[COLUMN].tolist() == [None, "03:skipped"]


def test_a_file_that_states_no_reason_has_no_column_of_reasons(desk: "Desk") -> None:
    assert COLUMN not in desk.read(desk.csv(desk.row(g2=""))).rows.columns


def test_a_form_has_missing_codes_of_its_own(desk: "Desk") -> None:
    form = {
        "instrument": "gad-7",
        "rater": "patient",
        "items": "g{item}",
        "missing_codes": {"99": "refused"},
    }
    reading = desk.read(desk.csv(desk.row("99", g3="99")), forms=[form])
    assert reading.rows[["patient", COLUMN]].to_numpy().tolist() == [["99", "03:refused"]]


def test_no_reason_is_stated_on_rows_where_the_form_is_not_looked_for(desk: "Desk") -> None:
    form = {
        "instrument": "gad-7", "rater": "patient", "items": "g{item}", "where": {"patient": "p1"},
    }  # fmt: skip
    content = desk.csv(desk.row(g1="-9"), desk.row("p2", **{f"g{n}": "-9" for n in range(1, 8)}))
    assert desk.read(content, forms=[form]).rows[COLUMN].tolist() == ["01:skipped", None]


LIMESURVEY = {
    "format": "limesurvey",
    "delimiter": "\t",
    "patient": "PID",
    "therapist": "TID",
    "session": "NO",
    "date": "submitdate",
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "G[SQ{item:03d}]"}],
}
CODES_OF_VV = ["id", "submitdate", "PID", "TID", "NO", *(f"G[SQ{n:03d}]" for n in range(1, 8))]


def vv(*, therapist: str = "T1", second: str = "1") -> bytes:
    titles = ["Response ID", "Date submitted", *["text"] * 10]
    row = ["1", "2026-02-03", "p1", therapist, "1", "0", second, "2", "3", "0", "1", "2"]
    return "".join("\t".join(cells) + "\n" for cells in (titles, CODES_OF_VV, row)).encode()


def test_limesurvey_s_mark_of_a_question_not_shown_is_not_asked(desk: "Desk") -> None:
    reading = desk.read(vv(second="{question_not_shown}"), **LIMESURVEY)
    assert reading.rows[COLUMN].tolist() == ["02:not_asked"]


def test_a_key_that_was_not_shown_is_no_key(desk: "Desk") -> None:
    rows = desk.read(vv(therapist="{question_not_shown}"), **LIMESURVEY).rows
    assert rows["therapist"].tolist() == [None]


FHIR: dict[str, Any] = {
    "format": "fhir",
    "patient": "subject",
    "therapist": "author",
    "session": "encounter",
    "date": "authored",
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "gad-7.{item}"}],
}
GAD = ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]


def response(place: int = 0, **change: object) -> dict[str, Any]:
    items: list[dict[str, Any]] = [
        {"linkId": code, "answer": [{"valueInteger": 1}]} for code in GAD
    ]
    if change:
        items[place] = {"linkId": GAD[place]} | change
    return {
        "resourceType": "QuestionnaireResponse", "id": "r1", "status": "completed",
        "subject": {"reference": "Patient/p1"}, "author": {"reference": "Practitioner/T1"},
        "encounter": {"reference": "Encounter/4"}, "authored": "2026-02-03", "item": items,
    }  # fmt: skip


ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def absent(code: str) -> dict[str, Any]:
    return {"extension": [{"url": ABSENT, "valueCode": code}]}


@pytest.mark.parametrize(
    "change",
    [
        absent("asked-declined"),
        {"answer": [absent("asked-declined")]},
        {"answer": [{"_valueInteger": absent("asked-declined")}]},
        {"answer": [{"valueCoding": absent("asked-declined")}]},
        {
            "answer": [
                {
                    "valueCoding": {
                        "system": "http://terminology.hl7.org/CodeSystem/data-absent-reason",
                        "code": "asked-declined",
                    }
                }
            ]
        },
    ],
    ids=["item", "answer", "value", "coding", "system"],
)
def test_fhir_says_why_an_answer_is_absent(desk: "Desk", change: dict[str, Any]) -> None:
    reading = desk.read(json.dumps(response(2, **change)).encode(), **FHIR)
    assert reading.faults == ()
    assert reading.rows[COLUMN].tolist() == ["03:refused"]
    assert reading.rows["gad-7.patient.03"].tolist() == [None]


def test_a_reason_that_is_in_no_code_system_breaks_the_rule_of_its_item(desk: "Desk") -> None:
    rows = desk.read(json.dumps(response(2, **absent("whatever"))).encode(), **FHIR).rows
    assert rows["gad-7.patient.03"].tolist() == ["{whatever}"]


def test_an_absent_answer_to_an_unmapped_question_needs_no_mapping(desk: "Desk") -> None:
    made = response()
    made["item"].append({"linkId": "free-text"} | absent("not-asked"))
    assert desk.read(json.dumps(made).encode(), **FHIR).faults == ()


def test_reasons_reach_the_typed_frame_beside_their_answers(desk: "Desk") -> None:
    content = desk.csv(desk.row("p1", g2="-9"), desk.row("p2"), desk.row("p3", g1="-9"))
    rows, states = desk.judged(desk.read(content))
    _, responses = desk.canonical(rows, states)
    assert list(responses.columns) == [column.name for column in survey_responses.columns]
    assert responses["missing_reasons"].tolist() == ["02:skipped", None, "01:skipped"]
    assert np.isnan(responses["item_02"].iloc[0])


def test_a_corrected_reason_supersedes_the_row(desk: "Desk") -> None:
    first, second = (desk.csv(desk.row(g2=code)) for code in ("-9", "-8"))
    assert desk.states(first, second, missing_codes=CODES) == ["superseded", "accepted"]


@settings(deadline=None, max_examples=60)
@given(
    cells=st.lists(
        st.lists(st.sampled_from(["0", "1", "", *CODES]), min_size=3, max_size=3),
        min_size=1,
        max_size=6,
    )
)
def test_every_declared_code_is_named_once_and_nothing_else(cells: list[list[str]]) -> None:
    found = reason_texts(np.array(cells, dtype=object), CODES)  # type: ignore[arg-type]
    for row in range(3):
        wanted = [
            f"{item:02d}:{CODES[answers[row]]}"
            for item, answers in enumerate(cells, 1)
            if answers[row] in CODES
        ]
        assert (found[row] if found is not None else None) == (" ".join(wanted) or None)
