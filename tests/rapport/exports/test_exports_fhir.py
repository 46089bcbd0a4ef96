"""FHIR responses: by code and never by position, each once, unsound JSON refused."""

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import ExportRefusedError
from rapport.exports import loinc
from rapport.exports.strict_json import parse_json

if TYPE_CHECKING:
    from conftest import Desk

EXPORTS = Path(__file__).parents[4] / "shared" / "exports" / "fhir"

# In the order of the instruments, as published for panels 44249-1 and 69737-5.
PHQ = ["44250-9", "44255-8", "44259-0", "44254-1", "44251-7", "44258-2", "44252-5", "44253-3",
       "44260-8"]  # fmt: skip
GAD = ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]
SCORED = ["LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9"]

FHIR: dict[str, Any] = {
    "format": "fhir",
    "patient": "subject",
    "therapist": "encounter.participant",
    "session": "encounter",
    "date": "authored",
    "dates": ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"],
    "forms": [
        {
            "instrument": "phq-9",
            "rater": "patient",
            "items": "phq-9.{item}",
            "total": "phq-9.total",
        },
        {"instrument": "gad-7", "rater": "patient", "items": "gad-7.{item}"},
    ],
}


def coded(code: str, **more: object) -> dict[str, Any]:
    return {"valueCoding": {"system": "http://loinc.org", "code": code, **more}}


def item(link_id: str, answer: dict[str, Any] | None) -> dict[str, Any]:
    return {"linkId": link_id} | ({} if answer is None else {"answer": [answer]})


def response(codes: list[str] = GAD, scores: str = "0123012", **changes: object) -> dict[str, Any]:
    """Return one response to a questionnaire coded in LOINC."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": "r1",
        "meta": {"versionId": "1", "lastUpdated": "2026-02-03T10:00:00Z"},
        "questionnaire": "http://example.org/Questionnaire/gad7|1.0",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "encounter": {"reference": "Encounter/4"},
        "authored": "2026-02-03T09:59:30.250+01:00",
        "item": [
            item(code, coded(SCORED[int(score)])) for code, score in zip(codes, scores, strict=True)
        ],
    } | changes


def encounter(*people: str, number: str = "4") -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": number,
        "status": "finished",
        "class": {"code": "VR"},
        "participant": [{"individual": {"reference": f"Practitioner/{name}"}} for name in people],
    }


def bundle(*resources: dict[str, Any], **more: object) -> bytes:
    entries = [{"resource": resource} for resource in resources]
    made = {"resourceType": "Bundle", "type": "searchset", "entry": entries} | more
    return json.dumps(made, indent=1).encode()


def ndjson(*resources: dict[str, Any]) -> bytes:
    return "".join(json.dumps(resource) + "\n" for resource in resources).encode()


def answers(rows: pd.DataFrame, instrument: str = "gad-7") -> list[list[str | None]]:
    names = [name for name in rows.columns if name.startswith(f"{instrument}.patient.")]
    return [list(row) for row in rows[names].itertuples(index=False)]


@pytest.mark.parametrize("write", [bundle, ndjson])
def test_a_response_is_one_row_with_its_encounter_looked_up(
    desk: "Desk", write: Callable[..., bytes]
) -> None:
    reading = desk.read(write(encounter("T1"), response()), **FHIR)
    assert reading.faults == ()
    row = reading.rows.iloc[0]
    assert row[["patient", "therapist", "session", "date", "line"]].tolist() == [
        "p1", "T1", "4", "2026-02-03", 2,
    ]  # fmt: skip
    assert answers(reading.rows) == [list("0123012")]
    assert desk.judged(reading)[1].tolist() == ["accepted"]


def test_a_response_by_itself_is_read(desk: "Desk") -> None:
    reading = desk.read(json.dumps(response()).encode(), **FHIR | {"therapist": "author"})
    assert reading.faults == ()


@settings(deadline=None, max_examples=30)
@given(order=st.permutations(range(9)), scores=st.text("0123", min_size=9, max_size=9))
def test_items_are_told_by_their_code_and_never_by_their_place(
    desk: "Desk", order: list[int], scores: str
) -> None:
    asked = response([PHQ[n] for n in order], "".join(scores[n] for n in order))
    reading = desk.read(bundle(encounter("T1"), asked), **FHIR)
    assert answers(reading.rows, "phq-9") == [list(scores)]


@pytest.mark.parametrize("form", ["{}", "/{}", "/44249-1/{}", "/g1/{}"])
def test_link_ids_that_end_in_a_code_are_known(desk: "Desk", form: str) -> None:
    asked = response([form.format(code) for code in GAD])
    assert answers(desk.read(bundle(encounter("T1"), asked), **FHIR).rows) == [list("0123012")]


def test_nested_groups_and_answers_are_looked_into(desk: "Desk") -> None:
    flat = response()["item"]
    inner = item("q", {"valueBoolean": True, "item": flat[3:]})
    nested = [{"linkId": "g1", "item": [{"linkId": "g2", "item": flat[:3]}, inner]}]
    reading = desk.read(bundle(encounter("T1"), response(item=nested)), **FHIR, ignored=["item.q"])
    assert answers(reading.rows) == [list("0123012")]


def test_a_questionnaire_in_the_export_says_what_its_link_ids_mean(desk: "Desk") -> None:
    questionnaire = {
        "resourceType": "Questionnaire",
        "url": "http://example.org/Questionnaire/gad7",
        "item": [
            {
                "linkId": "g",
                "item": [
                    {"linkId": f"g1.q{n}", "code": [{"system": "http://loinc.org", "code": code}]}
                    for n, code in enumerate(GAD)
                ],
            }
        ],
    }
    asked = response([f"g1.q{n}" for n in range(7)])
    reading = desk.read(bundle(encounter("T1"), asked, questionnaire), **FHIR)
    assert reading.faults == ()
    assert answers(reading.rows) == [list("0123012")]


LOCAL = FHIR | {
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient", "items": "item.GAD.{item}",
            "codes": {"Not at all": "0", "Some": "1", "Often": "2", "a3": "3"},
        }
    ]
}  # fmt: skip


def test_local_codes_and_mere_words_are_read_where_they_are_declared(desk: "Desk") -> None:
    given_answers = [
        {"valueCoding": {"code": "Not at all"}},
        {"valueCoding": {"display": "Some"}},
        {"valueCoding": {"system": "urn:x", "code": "a3", "display": "Nearly always"}},
        {"valueString": "Often"},
        coded("LA6568-5"),
        {"valueCoding": {"code": "a3", "display": "Some"}},
        None,
    ]
    items = [item(f"GAD.{n}", one) for n, one in enumerate(given_answers, 1)]
    reading = desk.read(bundle(encounter("T1"), response(item=items)), **LOCAL)
    assert reading.faults == ()
    assert answers(reading.rows) == [["0", "1", "3", "2", "LA6568-5", "?a3", None]]


NUMBERED = FHIR | {
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "item.GAD.{item}"}]
}


def test_numbers_weights_and_gaps_are_read_as_they_are(desk: "Desk") -> None:
    weight = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 2.0}
    given_answers = [
        {"valueInteger": 3},
        {"valueDecimal": 1.0},
        {"valueCoding": {"code": "x", "extension": [weight]}},
        coded("LA6571-9", extension=[weight]),
        {"extension": [{"url": "http://example.org/absent", "valueCode": "asked-declined"}]},
        {"valueAttachment": {"title": "x"}},
        {"valueDecimal": 2.5},
    ]
    items = [item(f"GAD.{n}", one) for n, one in enumerate(given_answers, 1)]
    reading = desk.read(bundle(encounter("T1"), response(item=items)), **NUMBERED)
    assert answers(reading.rows) == [["3", "1", "2", "?LA6571-9", None, "?value", "2.5"]]


def test_several_answers_to_one_item_pass_for_none(desk: "Desk") -> None:
    two = {"linkId": "GAD.1", "answer": [{"valueInteger": 1}, {"valueInteger": 2}]}
    rows, states = desk.judged(desk.read(bundle(encounter("T1"), response(item=[two])), **NUMBERED))
    assert rows["gad-7.patient.01"].tolist() == ["?1;2"]
    assert states.tolist() == ["quarantined"]


def test_a_total_is_held_against_the_items(desk: "Desk") -> None:
    right, wrong = response(PHQ, "012301230"), response(PHQ, "012301230", id="r2")
    for asked, total in ((right, 12), (wrong, 13)):
        asked["item"].append(item("/44261-6", {"valueDecimal": total}))
    wrong["encounter"] = {"reference": "Encounter/5"}
    visits = [encounter("T1"), encounter("T1", number="5")]
    rows, _ = desk.judged(desk.read(bundle(*visits, right, wrong), **FHIR))
    assert rows["fact.total_matches"].tolist() == ["yes", "no"]


def test_two_questionnaires_of_one_session_are_two_rows_of_it(desk: "Desk") -> None:
    for named in ("http://example.org/Questionnaire/phq9", None):
        other = response(PHQ, "012301230", id="r2", questionnaire=named)
        rows, states = desk.judged(desk.read(bundle(encounter("T1"), response(), other), **FHIR))
        assert states.tolist() == ["accepted"] * 2
        sessions, responses = desk.canonical(rows, states)
        assert len(sessions) == 1
        assert responses["instrument"].tolist() == ["gad-7", "phq-9"]


def test_stu3_is_read_like_r4(desk: "Desk") -> None:
    old = response(questionnaire={"reference": "Questionnaire/gad7"}, context=None)
    old["context"] = old.pop("encounter")
    reading = desk.read(bundle(encounter("T1"), old), **FHIR)
    assert reading.rows[["session", "therapist"]].to_numpy().tolist() == [["4", "T1"]]


def test_an_encounter_of_two_people_names_no_therapist(desk: "Desk") -> None:
    rows, states = desk.judged(desk.read(bundle(encounter("T1", "T2"), response()), **FHIR))
    assert (rows["therapist"].tolist(), states.tolist()) == ([None], ["quarantined"])


@pytest.mark.parametrize(
    ("authored", "day"),
    [
        ("2026-01-31T23:30:00Z", "2026-02-01"),
        ("2026-02-01T08:00:00+09:00", "2026-02-01"),
        ("2026-02-01T07:59:59.999+09:00", "2026-01-31"),
        ("2026-02-03", "2026-02-03"),
        ("2026-02", "2026-02"),
    ],
)
def test_moments_count_on_the_clinic_s_calendar(desk: "Desk", authored: str, day: str) -> None:
    """The clinic is in Warsaw, one hour before UTC in winter."""
    reading = desk.read(bundle(encounter("T1"), response(authored=authored)), **FHIR)
    assert reading.rows["date"].tolist() == [day]


@pytest.mark.parametrize("status", ["in-progress", "stopped", "unheard-of", ""])
def test_a_response_that_is_not_finished_is_refused_as_a_row(desk: "Desk", status: str) -> None:
    states = desk.judged(desk.read(bundle(encounter("T1"), response(status=status)), **FHIR))[1]
    assert states.tolist() == ["quarantined"]


def newer(of: dict[str, Any], **changes: object) -> dict[str, Any]:
    made = copy.deepcopy(of) | changes
    number = int(of["meta"]["versionId"]) + 1
    stamp = f"2026-02-0{2 + number}T10:00:00+01:00"
    return made | {"meta": {"versionId": str(number), "lastUpdated": stamp}}


def states_of(desk: "Desk", *files: bytes) -> list[str]:
    clinic = desk.clinic(FHIR)
    readings = [desk.read_as(content, clinic, "sessions") for content in files]
    assert [reading.faults for reading in readings] == [()] * len(files)
    return desk.judged(*readings, clinic=clinic)[1].tolist()


FIRST = response()
AMENDED = newer(FIRST, status="amended", item=response(scores="3333333")["item"])
MOVED = newer(FIRST, status="amended", encounter={"reference": "Encounter/5"})
TAKEN_BACK = newer(FIRST, status="entered-in-error")
VISITS = [encounter("T1"), encounter("T1", number="5")]


@pytest.mark.parametrize("later", [AMENDED, MOVED], ids=["other answers", "another session"])
def test_a_newer_version_supersedes_the_older_one(desk: "Desk", later: dict[str, Any]) -> None:
    together = [bundle(*VISITS, FIRST, later), bundle(*VISITS, later, FIRST)]
    assert [states_of(desk, content) for content in together] == [
        ["superseded", "accepted"],
        ["accepted", "superseded"],
    ]
    apart = (bundle(*VISITS, FIRST), bundle(*VISITS, later))
    assert states_of(desk, *apart) == ["superseded", "accepted"]


def test_what_was_entered_in_error_is_withdrawn(desk: "Desk") -> None:
    assert states_of(desk, bundle(*VISITS, FIRST, TAKEN_BACK)) == ["superseded"] * 2
    apart = (bundle(*VISITS, FIRST), bundle(*VISITS, TAKEN_BACK))
    assert states_of(desk, *apart) == ["superseded"] * 2


def test_a_withdrawal_leaves_another_response_to_the_same_session_alone(desk: "Desk") -> None:
    right = response(id="r2", scores="1111111")
    assert states_of(desk, bundle(*VISITS, TAKEN_BACK, right)) == ["superseded", "accepted"]
    apart = (bundle(*VISITS, FIRST), bundle(*VISITS, TAKEN_BACK, right))
    assert states_of(desk, *apart) == ["superseded", "superseded", "accepted"]
    delta = (bundle(*VISITS, right), bundle(*VISITS, TAKEN_BACK))
    assert states_of(desk, *delta) == ["accepted", "superseded"]


def test_a_cumulative_export_repeats_and_changes_nothing(desk: "Desk") -> None:
    second = response(id="r2", encounter={"reference": "Encounter/5"})
    files = (bundle(*VISITS, FIRST), ndjson(*VISITS, FIRST, second))
    assert states_of(desk, *files) == ["accepted", "duplicate", "accepted"]
    assert states_of(desk, bundle(*VISITS, FIRST, FIRST)) == ["accepted", "duplicate"]


def test_an_older_version_that_arrives_later_changes_nothing(desk: "Desk") -> None:
    for later in (AMENDED, MOVED, TAKEN_BACK):
        newest = "superseded" if later is TAKEN_BACK else "accepted"
        files = (bundle(*VISITS, later), bundle(*VISITS, FIRST))
        assert states_of(desk, *files) == [newest, "superseded"]


@pytest.mark.parametrize(
    "stamp", ["", "soon", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+12:00", "2026-02-03"]
)
def test_a_stamp_of_any_kind_is_ranked_and_never_crashes(desk: "Desk", stamp: str) -> None:
    asked = response(meta={"versionId": "x", "lastUpdated": stamp})
    assert states_of(desk, bundle(*VISITS, asked)) == ["accepted"]


HISTORIES = st.lists(
    st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=5, unique=True),
    min_size=1,
    max_size=4,
)
"""Files of versions (response, number of its version), in any order and as often as may be."""


@settings(deadline=None, max_examples=40)
@given(files=HISTORIES, errors=st.sets(st.tuples(st.integers(0, 2), st.integers(0, 3))))
def test_of_every_response_the_newest_version_that_came_counts(
    desk: "Desk", files: list[list[tuple[int, int]]], errors: set[tuple[int, int]]
) -> None:
    def version(which: int, number: int) -> dict[str, Any]:
        return response(
            id=f"r{which}",
            encounter={"reference": f"Encounter/{which + 1}"},
            status="entered-in-error" if (which, number) in errors else "completed",
            scores=str(number) * 7,
            meta={"versionId": str(number), "lastUpdated": f"2026-02-03T1{number}:00:00Z"},
        )

    visits = [encounter("T1", number=str(number)) for number in (1, 2, 3)]
    clinic = desk.clinic(FHIR)
    readings = [
        desk.read_as(bundle(*visits, *(version(*one) for one in file)), clinic, "sessions")
        for file in files
    ]
    rows, states = desk.judged(*readings, clinic=clinic)
    _, responses = desk.canonical(rows, states)
    newest = {
        which: max(n for f in files for w, n in f if w == which) for f in files for which, _ in f
    }
    wanted = {which + 1: n for which, n in newest.items() if (which, n) not in errors}
    assert dict(zip(responses["session"], responses["item_01"], strict=True)) == wanted
    assert set(states) <= {"accepted", "superseded", "duplicate"}


@pytest.mark.parametrize("form", ["PHQ.{}", "g1.q{}", "H1/T1/Q{}", "phq{}", "/{}"])
def test_link_ids_of_any_make_can_be_mapped(desk: "Desk", form: str) -> None:
    items = [item(form.format(n), coded(SCORED[n % 4])) for n in range(1, 8)]
    pattern = "item." + form.replace("{}", "{item}")
    mapped = {"instrument": "gad-7", "rater": "patient", "items": pattern}
    reading = desk.read(bundle(*VISITS, response(item=items)), **FHIR | {"forms": [mapped]})
    assert reading.faults == ()
    assert answers(reading.rows) == [list("1230123")]


def refusal(desk: "Desk", content: bytes, **changes: object) -> str:
    reading = desk.read(content, **FHIR | changes)
    assert reading.file["WRONG_FORMAT"] == "broken"
    return reading.faults[0].message


def test_two_versions_of_which_none_is_newer_refuse_the_file(desk: "Desk") -> None:
    other = response(scores="3333333")
    assert "newer" in refusal(desk, bundle(*VISITS, FIRST, other))


def test_a_question_that_nobody_declared_refuses_the_file(desk: "Desk") -> None:
    asked = response()
    asked["item"].append(item("GAD.8", {"valueInteger": 1}))
    content = bundle(*VISITS, asked)
    reading = desk.read(content, **FHIR)
    assert (reading.file["broken_line"], reading.file["broken_column"]) == (3, "item.GAD.8")
    assert desk.read(content, **FHIR, ignored=["item.GAD.*"]).faults == ()


def test_items_that_no_one_answered_are_missing_and_no_missing_columns(desk: "Desk") -> None:
    items = [item("GAD.1", {"valueInteger": 1}), item("GAD.2", None), {"linkId": "GAD.3"}]
    reading = desk.read(bundle(*VISITS, response(item=items)), **NUMBERED)
    assert reading.faults == ()
    assert answers(reading.rows) == [["1", *[None] * 6]]


def test_a_question_answered_twice_refuses_the_file(desk: "Desk") -> None:
    asked = response()
    asked["item"].append(item("/69725-0", coded("LA6571-9")))
    assert "two places" in refusal(desk, bundle(*VISITS, asked))


def test_an_export_without_responses_has_no_rows(desk: "Desk") -> None:
    for content in (bundle(*VISITS), ndjson(*VISITS), bundle()):
        assert desk.read(content, **FHIR).file["NO_ROWS"] == "broken"


GOOD = bundle(*VISITS, FIRST).decode()
LINES = ndjson(*VISITS, FIRST)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (json.dumps({"resourceType": "Questionnaire"}).encode(), "a questionnaire"),
        (json.dumps({"resourceType": "OperationOutcome"}).encode(), "error"),
        (json.dumps({"resourceType": "Patient"}).encode(), "another kind"),
        (b'{"a": 1}', "no FHIR resource"),
        (b"[1, 2]", "no FHIR resource"),
        (b"a,b\n1,2\n", "no FHIR resource"),
        (b"<html>Log in</html>", "web page"),
        (b"<Bundle xmlns='http://hl7.org/fhir'/>", "no FHIR resource"),
        (GOOD[:-9].encode(), "damaged or cut off"),
        (LINES[:-9], "damaged or cut off"),
        (LINES + b'{"resourceType": "Patient"', "damaged or cut off"),
        (GOOD.replace('"p1"', "NaN").replace('"Patient/p1"', "NaN").encode(), "NaN"),
        (GOOD.replace('"id": "r1"', '"id": "r1", "id": "r2"').encode(), "one key twice"),
        (LINES.replace(b'"id": "r1"', b'"id": "r1", "id": "r2"'), "one key twice"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "too deeply"),
        (b'{"resourceType":"Bundle","entry":' + b"[" * 500 + b"]" * 500 + b"}", "too deeply"),
        (bundle(response(item={"linkId": "x"})), "shape"),
        (bundle(response(item=["x"])), "shape"),
        (
            bundle(response(), link=[{"relation": "next", "url": "http://example.org"}]),
            "one page of several",
        ),
        (bundle(encounter("T1"), encounter("T2"), response()), "Two versions of one Encounter"),
        (b"PK\x03\x04x", "archive"),
    ],
)
def test_what_is_no_sound_export_of_responses_is_refused(
    desk: "Desk", content: bytes, told: str
) -> None:
    assert told in refusal(desk, content)


def test_a_text_without_end_refuses_the_file(desk: "Desk") -> None:
    asked = response()
    asked["item"].append(item("note", {"valueString": "x" * 70_000}))
    reading = desk.read(bundle(*VISITS, asked), **FHIR, ignored=["item.note"])
    assert (reading.file["FIELD_TOO_LONG"], reading.file["broken_line"]) == ("broken", 3)


@pytest.mark.parametrize(
    ("code", "rule"), [(r"\u0000", "NUL_BYTE"), (r"\ud800", "ENCODING"), (r"\ud83d\ude00", None)]
)
def test_texts_that_no_database_keeps_refuse_the_file(
    desk: "Desk", code: str, rule: str | None
) -> None:
    content = ndjson(*VISITS, FIRST).replace(b"Patient/p1", b"Patient/p1" + code.encode())
    reading = desk.read(content, **FHIR)
    assert [fault.rule for fault in reading.faults] == ([rule] if rule else [])
    assert reading.file["broken_line"] == (3 if rule else None)


def test_the_line_of_a_damaged_resource_is_told(desk: "Desk") -> None:
    content = ndjson(*VISITS) + b'{"resourceType": }\n' + ndjson(FIRST)
    assert desk.read(content, **FHIR).file["broken_line"] == 3


def test_names_and_texts_of_people_stay_behind(desk: "Desk") -> None:
    asked = response(subject={"reference": "Patient/p1", "display": "Ann Lee"})
    patient = {"resourceType": "Patient", "id": "p1", "name": [{"family": "Lee"}]}
    reading = desk.read(bundle(*VISITS, patient, asked), **FHIR)
    assert reading.faults == ()
    assert "Lee" not in str(reading.rows.to_dict("list"))


@settings(deadline=None, max_examples=80)
@given(data=st.data())
def test_a_changed_byte_is_told_or_read_and_never_crashes(
    desk: "Desk", data: st.DataObject
) -> None:
    content = bytearray(ndjson(*VISITS, FIRST))
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    reading = desk.read(bytes(content), **FHIR)
    assert reading.is_refused == (len(reading.rows) == 0)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=80)
@given(VALUES)
def test_sound_json_is_parsed_like_the_standard_parser_does_with_numbers_as_text(
    value: object,
) -> None:
    text = json.dumps(value)
    assert parse_json(text) == json.loads(text, parse_int=str)


@pytest.mark.parametrize("text", ["Infinity", "-Infinity", '{"a": NaN}', "", "1 2", "\x00"])
def test_json_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ExportRefusedError):
        parse_json(text)


# ── real files, written by others ───────────────────────────────────────────────────────────────


def real(name: str) -> str:
    file = EXPORTS / name
    if not file.is_file():
        pytest.skip(f"The real export files are not beside the project: no {name}.")
    return file.read_text(encoding="utf-8")


def test_the_codes_are_those_of_a_published_questionnaire() -> None:
    published = json.loads(real("lforms_phq9_questionnaire_R4.json"))
    link_ids = [one["linkId"] for one in published["item"] if one["type"] != "display"]
    names = [loinc.column_of(link_id) for link_id in link_ids]
    assert {"phq-9.total", "phq-9.difficulty"} <= set(names)
    items = [name for name in names if name and name.rpartition(".")[2].isdigit()]
    assert items == [f"phq-9.{n}" for n in range(1, 10)]
    scores = {
        option["valueCoding"]["code"]: str(extension["valueDecimal"])
        for one in published["item"]
        for option in one.get("answerOption", [])
        for extension in option.get("extension", [])
        if extension["url"].endswith("ordinalValue")
    }
    assert scores.items() <= loinc.SCORES.items()
    assert len(scores) >= 4


def test_a_real_questionnaire_is_no_response(desk: "Desk") -> None:
    assert "a questionnaire" in refusal(desk, real("lforms_phq9_questionnaire_R4.json").encode())


def test_real_ndjson_of_many_kinds_without_a_response_has_no_rows(desk: "Desk") -> None:
    reading = desk.read(real("hl7phr_WilliamSim.ndjson").encode(), **FHIR)
    assert reading.file["NO_ROWS"] == "broken"


@pytest.mark.parametrize(("name", "instrument"), [("PHQ9", "phq-9"), ("GAD7", "gad-7")])
def test_a_real_profile_s_example_is_read(desk: "Desk", name: str, instrument: str) -> None:
    """The example is written in a shorthand; its linkIds and answers are put into a resource."""
    text = real(f"hl7phr_QuestionnaireResponse-{name}.fsh")
    link_ids = re.findall(r'linkId = "([^"]+)"', text)
    codes = re.findall(r"valueCoding = \$CodeSystemLoinc#(\S+)", text)
    items = [item(one, coded(code)) for one, code in zip(link_ids, codes, strict=True)]
    asked = response(item=items, authored="2024-12-01T12:00:00+09:00")
    reading = desk.read(bundle(*VISITS, asked), **FHIR)
    assert reading.faults == ()
    assert reading.rows["date"].tolist() == ["2024-12-01"]
    wanted = [str(SCORED.index(code)) for code in codes if code in SCORED]
    found = [text for text in answers(reading.rows, instrument)[0] if text is not None]
    assert found == wanted[: len(found)]
    assert len(found) == desk.catalogue[instrument].n_items


def test_bundles_inside_a_bundle_or_on_lines_are_read(desk: "Desk") -> None:
    inner = json.loads(bundle(encounter("T1"), response()))
    for content in (bundle(inner), ndjson(inner, encounter("T2", number="5"))):
        reading = desk.read(content, **FHIR)
        assert reading.faults == ()
        assert answers(reading.rows) == [list("0123012")]


def test_an_array_of_resources_is_read_like_lines(desk: "Desk") -> None:
    reading = desk.read(json.dumps([encounter("T1"), response()]).encode(), **FHIR)
    assert reading.faults == ()
    assert reading.rows["line"].tolist() == [2]


def outcome(severity: str) -> dict[str, Any]:
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity}]}


FAILED = {
    "an error among the lines": ndjson(response(), outcome("error")),
    "an error among the entries": bundle(response(), outcome("fatal")),
    "an entry that failed": json.dumps(
        {
            "resourceType": "Bundle",
            "type": "batch-response",
            "entry": [{"resource": response()}, {"response": {"status": "404 Not Found"}}],
        }
    ).encode(),
    "less than was found": bundle(response(), total=2),
    "the last page": bundle(response(), link=[{"relation": "previous", "url": "x"}]),
}


@pytest.mark.parametrize("content", FAILED.values(), ids=FAILED)
def test_what_a_server_could_not_give_refuses_the_rest(desk: "Desk", content: bytes) -> None:
    reading = desk.read(content, **FHIR)
    assert [fault.rule for fault in reading.faults] == ["WRONG_FORMAT"]


def test_a_warning_and_resources_that_were_included_are_no_missing_page(desk: "Desk") -> None:
    found = json.loads(bundle(response(), encounter("T1"), outcome("warning"), total=1))
    for entry, mode in zip(found["entry"], ("match", "include", "outcome"), strict=True):
        entry["search"] = {"mode": mode}
    assert desk.read(json.dumps(found).encode(), **FHIR).faults == ()


def test_an_encounter_of_r5_is_looked_up(desk: "Desk") -> None:
    visit = {
        "resourceType": "Encounter",
        "id": "4",
        "class": [{"coding": [{"code": "VR"}]}],
        "participant": [{"actor": {"reference": "Practitioner/T1"}}],
        "actualPeriod": {"start": "2026-02-03T09:00:00+01:00"},
    }
    mapping = FHIR | {"date": "encounter.start"}
    mapping["mode"] = {"column": "encounter.class", "codes": {"VR": "video"}}
    reading = desk.read(ndjson(visit, response()), **mapping)
    assert reading.rows.iloc[0][["therapist", "date", "mode"]].tolist() == [
        "T1", "2026-02-03", "video",
    ]  # fmt: skip


def test_answers_in_the_groups_of_dstu2_are_not_taken_for_none(desk: "Desk") -> None:
    old = response(group={"question": [{"linkId": "69725-0"}]})
    del old["item"]
    reading = desk.read(ndjson(response(), old), **FHIR)
    assert [(fault.rule, fault.line) for fault in reading.faults] == [("WRONG_FORMAT", 2)]


def test_an_export_without_a_response_says_so(desk: "Desk") -> None:
    reading = desk.read(ndjson(encounter("T1"), encounter("T2", number="5")), **FHIR)
    (fault,) = reading.faults
    assert (fault.rule, reading.file["rows_received"]) == ("NO_ROWS", 0)
    assert "QuestionnaireResponse" in fault.message


def test_the_rows_of_a_refused_export_are_its_responses_and_not_its_lines(desk: "Desk") -> None:
    strange = response(item=[item("mystery", coded("x"))])
    reading = desk.read(bundle(response(), strange), **FHIR)
    assert reading.is_refused
    assert reading.file["rows_received"] == 2
