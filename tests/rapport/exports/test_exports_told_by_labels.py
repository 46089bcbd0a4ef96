"""Answers that are told by more than their code: by labels, by questionnaire, by measure."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyreadstat
import pytest
import yaml

from rapport.errors import ExportRefusedError
from rapport.exports.proposing import as_yaml, propose

if TYPE_CHECKING:
    from conftest import Desk

WORDS = ["Not at all", "Several days", "More than half the days", "Nearly every day"]
FHIR: dict[str, Any] = {
    "format": "fhir",
    "patient": "subject",
    "therapist": "author",
    "date": "authored",
    "dates": ["%Y-%m-%d"],
    "session": None,
    "session_by_date": True,
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "item.{item}"}],
}


def proposed(desk: "Desk", content: bytes, name: str = "x_2026-02.csv") -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(as_yaml(propose(content, name, desk.catalogue)))
    return found


def response(
    number: int, codes: list[int], *, day: str = "2026-02-03", shift: int = 0, turn: bool = False,
    questionnaire: str = "http://x/Questionnaire/gad7",
) -> dict[str, Any]:  # fmt: skip
    """Return a response whose codes are the answers, shifted or turned over, and in words."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": f"r{number}",
        "status": "completed",
        "questionnaire": questionnaire,
        "subject": {"reference": f"Patient/p{number}"},
        "author": {"reference": "Practitioner/T1"},
        "authored": day,
        "item": [
            {
                "linkId": str(place),
                "answer": [
                    {
                        "valueCoding": {
                            "system": "http://x",
                            "code": str((3 - code if turn else code) + shift),
                            "display": WORDS[code],
                        }
                    }
                ],
            }
            for place, code in enumerate(codes, 1)
        ],
    }


def lines(*responses: dict[str, Any]) -> bytes:
    return "\n".join(map(json.dumps, responses)).encode()


def test_codes_that_run_against_what_they_are_called_refuse_the_file(desk: "Desk") -> None:
    reading = desk.read(lines(response(1, [0, 1, 2, 3, 0, 1, 2], turn=True)), **FHIR)
    assert {fault.rule for fault in reading.faults} == {"WRONG_FORMAT"}
    assert "stand for other answers" in reading.faults[0].message


def test_codes_from_one_are_told_by_what_they_are_called_though_all_are_answers(
    desk: "Desk",
) -> None:
    """Nobody answered the highest, so 1 to 3 would pass for answers, one point too high."""
    reading = desk.read(lines(response(1, [0, 1, 2, 0, 0, 1, 2], shift=1)), **FHIR)
    assert {fault.rule for fault in reading.faults} == {"WRONG_FORMAT"}


def test_codes_that_are_what_they_are_called_are_read(desk: "Desk") -> None:
    reading = desk.read(lines(response(1, [0, 1, 2, 3, 0, 1, 2])), **FHIR)
    assert reading.faults == ()
    assert reading.rows["gad-7.patient.04"].tolist() == ["3"]


def test_codes_that_a_mapping_declares_are_believed(desk: "Desk") -> None:
    forms = [FHIR["forms"][0] | {"codes": {str(3 - code): str(code) for code in range(4)}}]
    content = lines(response(1, [0, 1, 2, 3, 0, 1, 2], turn=True))
    reading = desk.read(content, **(FHIR | {"forms": forms}))
    assert reading.rows["gad-7.patient.04"].tolist() == ["3"]


@pytest.mark.parametrize(("shift", "turn"), [(1, False), (0, True)], ids=["from one", "turned"])
def test_the_coding_is_proposed_by_what_the_codes_are_called(
    desk: "Desk", shift: int, turn: bool
) -> None:
    codes = [[0, 1, 2, 1, 0, 1, 2], [2, 0, 1, 0, 1, 2, 0]]
    content = lines(
        *(response(n, codes[n % 2], shift=shift, turn=turn) | {
            "questionnaire": "http://x/Questionnaire/gad7"} for n in range(4))
    )  # fmt: skip
    (form,) = proposed(desk, content, "x_2026-02.ndjson")["forms"]
    wanted = {3 - code if turn else code + shift: code for code in range(4)}
    assert form["codes"] == {str(code): str(answer) for code, answer in wanted.items()}


@pytest.mark.parametrize("instrument", ["gad-7", "phq-9"])
def test_questions_of_two_questionnaires_are_not_read_as_one_form(
    desk: "Desk", instrument: str
) -> None:
    """Seven answers are not the first seven of nine, and the first seven of nine are no seven."""
    other = response(2, [1] * 9, questionnaire="http://x/Questionnaire/phq9")
    form = FHIR["forms"][0] | {"instrument": instrument}
    mapping = FHIR | {"forms": [form], "ignored": ["item.8", "item.9"]}
    reading = desk.read(lines(response(1, [1] * 7), other), **mapping)
    (fault,) = reading.faults
    assert (fault.rule, fault.column, fault.line) == ("WRONG_FORMAT", "questionnaire", 2)
    assert "where" in fault.remedy


def test_where_names_the_questionnaire_and_a_copy_of_it_may_fill_the_same_form(
    desk: "Desk",
) -> None:
    other = response(2, [1] * 9, questionnaire="http://x/Questionnaire/phq9")
    form = FHIR["forms"][0] | {"where": {"questionnaire": "http://x/Questionnaire/gad7"}}
    told = FHIR | {"forms": [form], "ignored": ["item.*"]}
    assert desk.read(lines(response(1, [1] * 7), other), **told).faults == ()
    copy = response(2, [1] * 7, questionnaire="http://x/Questionnaire/copy")
    assert desk.read(lines(response(1, [1] * 7), copy), **FHIR).faults == ()


def test_questionnaires_with_the_same_names_of_questions_are_proposed_apart(desk: "Desk") -> None:
    content = lines(
        *(response(n, [(n + k) % 4 for k in range(7)]) for n in range(4)),
        *(
            response(
                n + 4, [(n + k) % 4 for k in range(9)], questionnaire="http://x/Questionnaire/phq9"
            )
            for n in range(4)
        ),
    )
    forms = proposed(desk, content, "x_2026-02.ndjson")["forms"]
    assert {(one["instrument"], one["where"]["questionnaire"]) for one in forms} == {
        ("gad-7", "http://x/Questionnaire/gad7"),
        ("phq-9", "http://x/Questionnaire/phq9"),
    }


def test_a_history_in_which_a_response_was_deleted_is_refused(desk: "Desk") -> None:
    deleted = {"request": {"method": "DELETE", "url": "QuestionnaireResponse/r1"}}
    kept = {"resource": response(1, [1] * 7), "request": {"method": "POST", "url": "x"}}
    bundle = {"resourceType": "Bundle", "type": "history", "entry": [deleted, kept]}
    reading = desk.read(json.dumps(bundle).encode(), **FHIR)
    assert (reading.file["WRONG_FORMAT"], reading.file["broken_line"]) == ("broken", 1)
    assert "deleted" in reading.faults[0].message


def sav(tmp_path: Path, labels: dict[int, str]) -> bytes:
    items = {f"g{n}": [float(code) for code in (0, 1, 2, 3)] for n in range(1, 8)}
    frame = pd.DataFrame(
        {"patient": list("abcd"), "therapist": "T1", "session": 1.0, "date": "2026-02-03", **items}
    )
    file = tmp_path / "x.sav"
    pyreadstat.write_sav(frame, file, variable_value_labels=dict.fromkeys(items, labels))
    return file.read_bytes()


@pytest.mark.parametrize(
    "label", ["{word} ({code})", "{code} = {word}", "{code}. {word}"], ids=["behind", "=", "."]
)
def test_labels_with_their_number_in_them_still_tell_a_form_turned_over(
    desk: "Desk", tmp_path: Path, label: str
) -> None:
    turned = {3 - n: label.format(word=word, code=3 - n) for n, word in enumerate(WORDS)}
    reading = desk.read(sav(tmp_path, turned), format="spss")
    assert reading.file["WRONG_FORMAT"] == "broken"
    right = {n: label.format(word=word, code=n) for n, word in enumerate(WORDS)}
    assert desk.read(sav(tmp_path, right), format="spss").faults == ()


def test_labels_in_other_languages_tell_a_form_turned_over(desk: "Desk", tmp_path: Path) -> None:
    words = ["Jamais", "Plusieurs jours", "Plus de la moitié du temps", "Presque tous les jours"]
    turned = {3 - n: word for n, word in enumerate(words)}
    assert desk.read(sav(tmp_path, turned), format="spss").file["WRONG_FORMAT"] == "broken"


MEASURED = ["Patient ID", "Clinician", "Measure", "Date Completed", "Score",
            *(f"Item {n}" for n in range(1, 10))]  # fmt: skip


def measured(n: int) -> list[list[str]]:
    first = [str((n + k) % 4) for k in range(9)]
    second = [str((n + 2 * k) % 4) for k in range(7)]
    return [
        [f"p{n}", "T1", "PHQ-9", "2026-02-03", str(sum(map(int, first))), *first],
        [f"p{n}", "T1", "GAD-7", "2026-02-10", str(sum(map(int, second))), *second, "", ""],
    ]


def test_rows_of_two_measures_in_the_same_columns_are_proposed_apart_and_read(
    desk: "Desk",
) -> None:
    content = desk.csv(*(row for n in range(6) for row in measured(n)), header=MEASURED)
    found = proposed(desk, content)
    assert [(one["instrument"], one["where"], one["total"]) for one in found["forms"]] == [
        ("gad-7", {"Measure": "GAD-7"}, "Score"),
        ("phq-9", {"Measure": "PHQ-9"}, "Score"),
    ]
    mapping = {name: found[name] for name in found if name not in ("path", "id")}
    reading = desk.read(content, **(mapping | {"session": None}))
    assert reading.rows["phq-9.patient.01"].notna().tolist() == [True, False] * 6


def test_subscales_named_in_words_are_proposed_in_their_order_without_the_total(
    desk: "Desk",
) -> None:
    parts = ["ORS_Individually", "ORS_Interpersonally", "ORS_Socially", "ORS_Overall"]
    rows = []
    for n in range(6):
        marks = [n + 0.5, n + 1.0, 9.5 - n, 3.3]
        rows.append(
            [f"p{n}", "T1", "1", "2026-02-03", f"{sum(marks):.1f}", *(f"{m:.1f}" for m in marks)]
        )
    head = ["ClientID", "TherapistID", "SessionNumber", "SessionDate", "ORS_Total", *parts]
    (form,) = proposed(desk, desk.csv(*rows, header=head))["forms"]
    assert (form["instrument"], form["items"], form["total"]) == ("ors", parts, "ORS_Total")


def test_answers_in_unknown_words_are_proposed_as_a_form_for_a_person_to_order(
    desk: "Desk",
) -> None:
    words = ["ez da", "zenbait", "gehienak", "beti"]
    head = ["patient", "therapist", "session", "date", *(f"Galdera bat [{n}]" for n in range(1, 8))]
    rows = [
        [f"p{n}", "T1", "1", "2026-02-03", *(words[(n + k) % 4] for k in range(7))]
        for n in range(6)
    ]
    (form,) = proposed(desk, desk.csv(*rows, header=head))["forms"]
    assert (form["instrument"], set(form["codes"].values())) == ("gad-7", {"FILL_IN"})


REDCAP = ["record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
          "ther_id", "visit_date", *(f"gad7_{n}" for n in range(1, 8)), "gad7_complete", "ae_grade",
          "adverse_events_complete"]  # fmt: skip


def project() -> list[list[str]]:
    rows = []
    for n in range(3):
        own, empty = f"001-{n}", [""] * 7
        rows.append([own, "screening_arm_1", "", "", "T1", "", *empty, "", "", ""])
        for event, day in (("1_day_arm_1", "2026-02-03"), ("1_week_arm_1", "2026-02-10"),
                           ("28_day_arm_1", "2026-02-28")):  # fmt: skip
            rows.append([own, event, "", "", "", day, *"0123012", "2", "", ""])
        for instance in "12":
            rows.append(
                [
                    own,
                    "adverse_event_arm_1",
                    "adverse_events",
                    instance,
                    "",
                    "",
                    *empty,
                    "",
                    "2",
                    "2",
                ]
            )
    return rows


def test_instances_of_another_form_are_not_taken_for_sessions(desk: "Desk") -> None:
    found = proposed(desk, desk.csv(*project(), header=REDCAP))
    assert found["session"] == "redcap_event_name"
    assert found["session_codes"] == {"28_day_arm_1": "28"}, "two events would both be session 1"
    assert found["record_rows"] == {"redcap_event_name": ["adverse_event_arm_1", "screening_arm_1"]}


def test_rows_of_several_events_can_be_records_and_sessions_take_over_from_them(
    desk: "Desk",
) -> None:
    mapping = {
        "format": "redcap", "patient": "record_id", "therapist": "ther_id", "date": "visit_date",
        "session": "redcap_event_name", "inherited": ["therapist"],
        "record_rows": {"redcap_event_name": ["adverse_event_arm_1", "screening_arm_1"]},
        "session_codes": {"1_day_arm_1": "1", "1_week_arm_1": "7", "28_day_arm_1": "28"},
        "forms": [{"instrument": "gad-7", "rater": "patient", "items": "gad7_{item}"}],
    }  # fmt: skip
    clinic = desk.clinic(mapping)
    reading = desk.read_as(desk.csv(*project(), header=REDCAP), clinic, "sessions")
    rows, states = desk.judged(reading, clinic=clinic)
    is_session = rows["kind"] == "session"
    assert states[is_session].tolist() == ["accepted"] * 9
    assert set(rows["therapist"][is_session]) == {"T1"}
    assert not states.isin(["quarantined"]).any()


@pytest.mark.parametrize(
    ("header", "what"),
    [
        (["tid", "firstname", "emailstatus", "token", "usesleft"], "list of participants"),
        (["id", "interviewtime", "12X3time", "12X3X45time"], "table of times"),
    ],
)
def test_what_limesurvey_exports_beside_the_responses_is_recognised(
    desk: "Desk", header: list[str], what: str
) -> None:
    with pytest.raises(ExportRefusedError, match=what):
        propose(desk.csv(["1"] * len(header), header=header), "x.csv", desk.catalogue)
