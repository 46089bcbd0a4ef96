"""`rapport map`: what is proposed is read, doubts are marked, and no patient's value is told."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.clinics import Clinic, ExportMapping
from rapport.clinics.codebook import Codebook, parse_codebook
from rapport.errors import ExportRefusedError
from rapport.exports.proposing import Proposal, as_yaml, propose
from rapport.exports.proposing.dates import formats_of, said_of
from rapport.exports.proposing.said import FILL_IN

if TYPE_CHECKING:
    from conftest import Desk

REAL = Path(__file__).parents[4] / "shared" / "exports"
SECRET = "Kowalska"  # noqa: S105 - a name that must never be told
WORDS = ["Never", "Seldom", "Often", "Always"]


def table(header: Sequence[str], *rows: Sequence[object], delimiter: str = ",") -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows([header, *rows])
    return text.getvalue().encode()


def answers(n: int, seed: int, top: int = 3, low: int = 0) -> list[str]:
    return [str(low + (item * 7 + seed) % (top - low + 1)) for item in range(n)]


def proposed(desk: "Desk", content: bytes, **more: Any) -> tuple[Proposal, dict[str, Any]]:  # noqa: ANN401 - any option
    proposal = propose(content, "sessions_2026-02.csv", desk.catalogue, **more)
    text = as_yaml(proposal)
    assert SECRET not in text
    found = yaml.safe_load(text)
    ExportMapping.model_validate(found)
    return proposal, found


def accepted(
    desk: "Desk", content: bytes, found: Mapping[str, Any], codebook: Codebook | None = None
) -> list[str]:
    """Return the state of every row of a file when it is read as proposed."""
    given = desk.clinic().model_dump()
    clinic = Clinic.model_validate(given | {"exports": [dict(found)]})
    if codebook is not None:
        held = clinic.exports[0].with_codebook(codebook)
        clinic = clinic.model_copy(update={"exports": (held,)})
    reading = desk.read_as(content, clinic, clinic.exports[0].id)
    assert [fault.rule for fault in reading.faults] == []
    return desk.judged(reading, clinic=clinic)[1].tolist()


def doubts(proposal: Proposal) -> dict[str, str]:
    return {key: said.why for key, said in proposal.lines.items() if not said.is_sure}


VENDOR_HEAD = ["ClientID", "Therapist", "Session No", "Contact Date", "Email",
               *(f"PHQ9_{n}" for n in range(1, 10)), "PHQ9 Total", "Comment"]  # fmt: skip


def vendor(*days: str, **changes: str) -> bytes:
    rows = []
    for seed, day in enumerate(days or ("13/02/2026", "02/02/2026")):
        own = answers(9, seed)
        total = str(sum(map(int, own)))
        row = [f"p{seed}", "T1", "1", day, f"{SECRET}@example.org", *own, total, SECRET]
        rows.append([changes.get(name, cell) for name, cell in zip(VENDOR_HEAD, row, strict=True)])
    return table(VENDOR_HEAD, *rows, delimiter=";")


def test_a_vendor_s_table_is_proposed_and_read(desk: "Desk") -> None:
    proposal, found = proposed(desk, vendor())
    assert found["delimiter"] == ";"
    assert (found["patient"], found["therapist"]) == ("ClientID", "Therapist")
    assert (found["session"], found["date"]) == ("Session No", "Contact Date")
    assert found["dates"] == ["%d/%m/%Y"]
    assert found["forms"] == [
        {"instrument": "phq-9", "rater": "patient", "items": "PHQ9_{item}", "total": "PHQ9 Total"}
    ]
    assert found["ignored"] == ["Email", "Comment"]
    assert "dates" not in doubts(proposal)
    assert accepted(desk, vendor(), found) == ["accepted", "accepted"]


def test_days_that_could_be_months_are_marked_and_both_formats_are_named(desk: "Desk") -> None:
    proposal, _ = proposed(desk, vendor("02/03/2026", "04/05/2026"))
    assert "%m/%d/%Y" in doubts(proposal)["dates"]


def test_the_month_in_the_name_of_the_file_is_taken_for_its_pattern(desk: "Desk") -> None:
    assert proposed(desk, vendor())[1]["path"] == "sessions_{month}*.csv"


def test_a_therapist_column_is_known_by_the_clinic_s_ids(desk: "Desk") -> None:
    content = vendor().replace(b"Therapist", b"Who")
    _, found = proposed(desk, content, therapists=["T1", "T2"])
    assert found["therapist"] == "Who"


def test_answers_beside_the_scale_are_flagged_and_never_silently_shifted(desk: "Desk") -> None:
    rows = [["p1", "T1", "1", "2026-02-13", *answers(9, seed, top=4, low=1)] for seed in (0, 1)]
    content = table(["patient", "therapist", "session", "date", *(f"phq{n}" for n in range(1, 10))],
                    *rows)  # fmt: skip
    proposal, found = proposed(desk, content)
    assert found["forms"][0]["codes"] == {"1": "0", "2": "1", "3": "2", "4": "3"}
    assert all(not said.is_sure for said in proposal.forms[0].details["codes"].values())


def test_answers_that_fit_no_shift_are_left_to_a_person(desk: "Desk") -> None:
    own = [*answers(8, 0), "5"]
    content = table(["patient", "therapist", "session", "date", *(f"phq{n}" for n in range(1, 10))],
                    ["p1", "T1", "1", "2026-02-13", *own])  # fmt: skip
    codes = proposed(desk, content)[1]["forms"][0]["codes"]
    assert set(codes.values()) == {FILL_IN}


@pytest.mark.parametrize("code", ["-99", "999", "NA", "#NULL!", "odmowa", "prefer not to answer"])
def test_suspicious_codes_are_proposed_as_missing_and_marked(desk: "Desk", code: str) -> None:
    content = vendor(PHQ9_4=code)
    proposal, found = proposed(desk, content)
    reason = "refused" if code[0] in "op" else "skipped"
    assert found["forms"][0]["missing_codes"] == {code: reason}
    assert not proposal.forms[0].details["missing_codes"][code].is_sure


def test_words_of_a_known_scale_become_numbers_to_be_checked(desk: "Desk") -> None:
    head = ["patient", "therapist", "session", "date", *(f"gad7_{n}" for n in range(1, 8))]
    rows = [["p1", "T1", "1", "2026-02-13", *(WORDS[(n + k) % 4] for n in range(7))] for k in "01"
            for k in [int(k)]]  # fmt: skip
    proposal, found = proposed(desk, table(head, *rows))
    assert found["forms"][0]["codes"] == dict(zip(WORDS, "0123", strict=True))
    assert all(not said.is_sure for said in proposal.forms[0].details["codes"].values())


def test_free_text_in_an_item_is_never_told(desk: "Desk") -> None:
    content = vendor(PHQ9_4=f"{SECRET} said no")
    codes = proposed(desk, content)[1]["forms"][0]["codes"]
    assert codes == {FILL_IN: FILL_IN}


def test_a_form_of_two_raters_is_told_apart_by_a_column(desk: "Desk") -> None:
    head = [
        "patient",
        "therapist",
        "session",
        "date",
        "Rater",
        *(f"wai_sr_{n}" for n in range(1, 13)),
    ]
    rows = [
        ["p1", "T1", "1", "2026-02-13", rater, *answers(12, seed, top=5, low=1)]
        for seed, rater in enumerate(("patient", "therapist"))
    ]
    _, found = proposed(desk, table(head, *rows))
    assert [(f["instrument"], f["rater"], f["where"]) for f in found["forms"]] == [
        ("wai-sr", "patient", {"Rater": "patient"}),
        ("wai-sr-t", "therapist", {"Rater": "therapist"}),
    ]


def test_columns_without_a_name_are_proposed_by_count_and_range_and_marked(desk: "Desk") -> None:
    head = ["patient", "therapist", "session", "date", *(f"q{n}" for n in range(1, 10))]
    rows = [["p1", "T1", str(n), "2026-02-13", *answers(9, n)] for n in range(1, 4)]
    proposal, found = proposed(desk, table(head, *rows))
    assert found["forms"][0]["instrument"] == "phq-9"
    assert not proposal.forms[0].lines["instrument"].is_sure


def test_columns_called_like_an_instrument_but_too_few_are_told(desk: "Desk") -> None:
    head = ["patient", "therapist", "session", "date", *(f"oq45_{n}" for n in range(1, 11))]
    proposal, found = proposed(
        desk, table(head, ["p1", "T1", "1", "2026-02-13", *answers(10, 1, 4)])
    )
    assert any("45" in remark for remark in proposal.remarks)
    assert found["forms"][0]["instrument"] == FILL_IN


def test_decimal_answers_and_their_sum_are_recognised(desk: "Desk") -> None:
    head = [
        "Klient",
        "Therapeut",
        "Sitzung",
        "Datum",
        *(f"ORS{n}" for n in range(1, 5)),
        "ORS Summe",
    ]
    rows = [
        ["p1", "T1", n, f"{12 + n}.02.2026", "7,5", "10", f"{n},1", "0,4", f"{18 + n},0"]
        for n in (1, 2)
    ]
    content = table(head, *rows, delimiter=";")
    _, found = proposed(desk, content)
    assert (found["decimal"], found["dates"]) == (",", ["%d.%m.%Y"])
    assert found["forms"] == [
        {"instrument": "ors", "rater": "patient", "items": "ORS{item}", "total": "ORS Summe"}
    ]
    assert accepted(desk, content, found) == ["accepted"] * 2


def test_a_bare_id_is_the_patient_s_only_with_a_doubt(desk: "Desk") -> None:
    head = ["id", "therapist", "session", "date", *(f"gad7_{n}" for n in range(1, 8))]
    proposal, found = proposed(desk, table(head, ["p1", "T1", "1", "2026-02-13", *answers(7, 1)]))
    assert (found["patient"], "patient" in doubts(proposal)) == ("id", True)


def test_session_facts_with_known_words_are_proposed(desk: "Desk") -> None:
    head = [*VENDOR_HEAD[:4], "Mode", "Attendance", *VENDOR_HEAD[5:14]]
    rows = [
        ["p1", "T1", "1", "2026-02-13", "Face to face", "Attended", *answers(9, 1)],
        ["p1", "T1", "2", "2026-02-14", "Telephone", "DNA", *[""] * 9],
        ["p1", "T1", "3", "2026-02-15", SECRET, "Attended", *answers(9, 2)],
    ]
    proposal, found = proposed(desk, table(head, *rows))
    assert found["mode"]["codes"] == {"Face to face": "in_person", "Telephone": "telephone"}
    assert "1 further codes" in doubts(proposal)["mode"]
    assert found["attendance"]["codes"] == {"Attended": "attended", "DNA": "missed"}


REDCAP_HEAD = ["record_id", "redcap_event_name", "redcap_repeat_instrument",
               "redcap_repeat_instance", "therapist", "visit_date", "phone",
               *(f"gad{n}" for n in range(1, 8)), "gad7_complete"]  # fmt: skip


def redcap() -> bytes:
    return table(
        REDCAP_HEAD,
        ["1", "intake_arm_1", "", "", "T1", "", SECRET, *[""] * 7, ""],
        ["1", "therapy_arm_1", "gad7", "1", "", "2026-02-13", "", *answers(7, 1), "2"],
        ["1", "therapy_arm_1", "gad7", "2", "", "2026-02-20", "", *answers(7, 2), "2"],
    )


def test_redcap_s_events_and_repeats_are_proposed_and_read(desk: "Desk") -> None:
    _, found = proposed(desk, redcap())
    assert found["format"] == "redcap"
    assert found["record_rows"] == {"redcap_event_name": "intake_arm_1"}
    assert found["inherited"] == ["therapist"]
    assert found["forms"][0]["where"] == {"redcap_repeat_instrument": "gad7"}
    assert accepted(desk, redcap(), found) == ["accepted"] * 3


def dictionary() -> Codebook:
    head = "field_name,form_name,field_type,field_label,select_choices_or_calculations,identifier"
    choices = '"0, Never|1, Seldom|2, Often|3, Always|9, Refused"'
    words = "restless worry sleep calm tired cross afraid".split()  # noqa: SIM905
    fields = [
        "record_id,base,text,Record,,",
        "who,base,text,Your therapist,,",
        "alias,base,text,Alias,,y",
        "visit_no,gad7,text,Visit,,",
        "visit_date,gad7,text,Day,,",
        *(f"{word},gad7,radio,{word.title()},{choices}," for word in words),
    ]
    return parse_codebook("\n".join([head, *fields]).encode(), "d.csv")


def test_a_dictionary_tells_forms_codes_and_identifiers_without_telling_names(
    desk: "Desk",
) -> None:
    codebook = dictionary()
    names = [question.name for question in codebook.questions]
    content = table(
        [*names, "gad7_complete"],
        ["1", "T1", SECRET, "1", "2026-02-13", "0", "9", *answers(5, 1), "2"],
    )
    proposal, found = proposed(desk, content, codebook=codebook)
    (form,) = found["forms"]
    assert (form["instrument"], form["items"]) == ("gad-7", names[5:])
    assert form["missing_codes"] == {"9": "refused"}
    assert found["ignored"] == ["alias"]
    assert found["dictionary"] == "dictionary.csv"
    assert found["therapist"] == "who"
    assert accepted(desk, content, found, codebook) == ["accepted"]
    assert "dictionary" in doubts(proposal)


def qualtrics() -> bytes:
    names = ["StartDate", "EndDate", "Status", "IPAddress", "ResponseId", "pid",
             "therapist", "session", *(f"GAD7_{n}" for n in range(1, 8))]  # fmt: skip
    ids = [json.dumps({"ImportId": f"QID{n}"}) for n in range(len(names))]
    row = ["2026-02-13 09:00:00", "2026-02-13 09:30:00", "0", "192.0.2.1", "R_1", "p1", "T1", "1"]
    return table(names, ["Text"] * len(names), ids, [*row, *answers(7, 1)])


def limesurvey() -> bytes:
    names = ["id", "submitdate", "lastpage", "startlanguage", "PatientCode",
             "Therapist", "SessionNo", *(f"GAD7[SQ{n:03d}]" for n in range(1, 8))]  # fmt: skip
    return table(names, ["1", "2026-02-13 09:00:00", "2", "en", "p1", "T1", "1", *answers(7, 1)])


def surveymonkey() -> bytes:
    names = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address",
             "Custom Data 1", "Therapist", "Session", "GAD-7: how often?", *[""] * 6]  # fmt: skip
    parts = [*[""] * 6, "Response", "Response", *(f"Row {n}" for n in range(1, 8))]
    row = ["118042311574", "401", "02/13/2026 09:50:01 AM", "02/13/2026 10:02:11 AM", "192.0.2.7",
           "p1", "T1", "4", *(WORDS[n % 4] for n in range(7))]  # fmt: skip
    return table(names, parts, row, [*row[:5], "p2", *row[6:8], *(WORDS[n % 3] for n in range(7))])


def google_forms() -> bytes:
    names = ["Timestamp", "Email Address", "Your code", "Therapist", "Session",
             *(f"GAD-7, how often? [Row {n}]" for n in range(1, 8))]  # fmt: skip
    row = ["2026/02/13 2:15:07 pm GMT+1", f"{SECRET}@example.org", "p1", "T1", "4"]
    return table(names, *([*row, *(WORDS[(n + k) % 4] for n in range(7))] for k in (0,)),
                 [*row[:2], "p2", *row[3:], *(WORDS[(n + 1) % 4] for n in range(7))])  # fmt: skip


def long_file() -> bytes:
    rows = [
        [f"p{seed}", "T1", "1", "2026-02-13", name, f"{code}{n}", answer]
        for seed in (1, 2)
        for name, code, n_items in (("PHQ-9", "PHQ", 9), ("GAD-7", "GAD", 7))
        for n, answer in enumerate(answers(n_items, seed), 1)
    ]
    head = ["client_id", "clinician", "session", "session_date", "measure", "item", "score"]
    return table(head, *rows)


def blocks() -> bytes:
    named = [n for b in (1, 2, 3) for n in (f"Date_{b}", *(f"PHQ9_{b}_{i}" for i in range(1, 10)))]
    row = [c for day in ("13", "20", "27") for c in (f"{day}/02/2026", *answers(9, int(day)))]
    return table(["ReferralID", "Therapist", *named], ["p1", "T1", *row])


FORMATS: Mapping[str, tuple[Callable[[], bytes], dict[str, Any]]] = {
    "qualtrics": (qualtrics, {}),
    "limesurvey": (limesurvey, {}),
    "surveymonkey": (surveymonkey, {"patient": "Custom Data 1"}),
    "google_forms": (google_forms, {}),
    "long": (long_file, {}),
    "blocks": (blocks, {}),
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_proposed_and_read_as_proposed(desk: "Desk", name: str) -> None:
    make, filled = FORMATS[name]
    _, found = proposed(desk, make())
    text = yaml.safe_dump(found)
    assert FILL_IN not in text
    assert set(accepted(desk, make(), found | filled)) == {"accepted"}


def test_fhir_is_proposed_and_read_as_proposed(desk: "Desk") -> None:
    codes = ["69725-0", "68509-9", "69733-4", "69734-2", "69735-9", "69689-8", "69736-7"]
    made = {
        "resourceType": "QuestionnaireResponse", "id": "r1", "status": "completed",
        "subject": {"reference": "Patient/p1"}, "author": {"reference": "Practitioner/T1"},
        "encounter": {"reference": "Encounter/4"}, "authored": "2026-02-13T09:00:00+01:00",
        "item": [{"linkId": code, "answer": [{"valueInteger": 1}]} for code in codes],
    }  # fmt: skip
    content = json.dumps(made).encode()
    _, found = proposed(desk, content)
    assert found["forms"] == [{"instrument": "gad-7", "rater": "patient", "items": "gad-7.{item}"}]
    found["therapist"] = "author"
    assert accepted(desk, content, found) == ["accepted"]


def test_an_spss_file_s_labels_tell_missing_codes_and_their_reasons(
    desk: "Desk", tmp_path: Path
) -> None:
    import pandas as pd
    import pyreadstat

    names = [f"gad7_{n}" for n in range(1, 8)]
    frame = pd.DataFrame(
        [["p1", "T1", 1.0, *map(float, answers(7, 1))], ["p2", "T1", 1.0, 99.0, *[1.0] * 6]],
        columns=["patient", "therapist", "session", *names],
    )
    labels = {0.0: "Never", 1.0: "Seldom", 2.0: "Often", 3.0: "Always", 99.0: "Refused"}
    file = tmp_path / "a.sav"
    pyreadstat.write_sav(
        frame, str(file), variable_value_labels=dict.fromkeys(names, labels),
        missing_ranges={name: [99] for name in names},
    )  # fmt: skip
    _, found = proposed(desk, file.read_bytes())
    (form,) = found["forms"]
    assert (form["items"], form["missing_codes"]) == ("gad7_{item}", {"99": "refused"})
    assert "codes" not in form


def test_a_form_s_status_is_no_attendance_and_a_visit_s_name_no_session_number(
    desk: "Desk",
) -> None:
    made = {
        "resourceType": "QuestionnaireResponse", "id": "r1", "status": "completed",
        "subject": {"reference": "Patient/p1"}, "author": {"reference": "Practitioner/T1"},
        "encounter": {"reference": "Encounter/visit-a"}, "authored": "2026-02-13T09:00:00+01:00",
        "item": [{"linkId": "69725-0", "answer": [{"valueInteger": 1}]}],
    }  # fmt: skip
    _, found = proposed(desk, json.dumps(made).encode())
    assert "attendance" not in found
    assert "session" not in found
    assert found["session_by_date"] is True


def test_a_format_s_own_mark_of_an_absent_answer_is_no_code_of_the_answers(desk: "Desk") -> None:
    names = [f"GAD7_SQ{n:03d}" for n in range(1, 8)]
    head = ["id", "submitdate", "client", "therapist", "session", *names]
    rows = [
        [n, f"2026-02-1{n} 09:00:00", f"p{n}", "T1", 1, *(f"A{one}" for one in answers(7, n))]
        for n in (1, 2, 3, 4)
    ]
    rows[0][-1] = "{question_not_shown}"
    titles = ["Response ID", "Date submitted", *(f"Text of {name}" for name in head[2:])]
    _, found = proposed(desk, table(titles, head, *rows, delimiter="\t"))
    assert set(found["forms"][0]["codes"]) == {"A0", "A1", "A2", "A3"}


def test_a_column_of_dates_without_a_telling_name_is_proposed_with_a_doubt(desk: "Desk") -> None:
    content = vendor().replace(b"Contact Date", b"sdat")
    proposal, found = proposed(desk, content)
    assert found["date"] == "sdat"
    assert "content" in doubts(proposal)["date"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_tells_the_encoding(desk: "Desk", encoding: str) -> None:
    content = vendor().decode().encode(encoding)
    proposal, found = proposed(desk, content)
    assert found["encoding"] == encoding.removesuffix("-sig")
    assert proposal.lines["encoding"].is_sure
    assert accepted(desk, content, found) == ["accepted"] * 2


def test_an_encoding_that_bytes_cannot_tell_is_marked_with_its_rivals(desk: "Desk") -> None:
    content = vendor().decode().replace("Comment", "Bemerkung über").encode("cp1252")
    proposal, _ = proposed(desk, content)
    assert not proposal.lines["encoding"].is_sure
    assert "cp1250" in f"{proposal.lines['encoding'].why} {proposal.lines['encoding'].value}"


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html></html>",
        b"field_name,form_name,field_type\na,b,text\n",
        b'{"resourceType": "Questionnaire"}',
        b"p1,T1,1,2026-02-13\np2,T1,1,2026-02-14\n",
        b"",
        b"just a line of text\nand another\n",
        b"one@example.org,2,3\nx@example.org,2,3\n",
    ],
    ids=["web page", "dictionary", "questionnaire", "no header", "empty", "text", "address"],
)
def test_what_is_no_export_is_refused(desk: "Desk", content: bytes) -> None:
    with pytest.raises(ExportRefusedError) as told:
        propose(content, "a.csv", desk.catalogue)
    assert "example.org" not in str(told.value)


@pytest.mark.parametrize(
    "name",
    [
        str(file.relative_to(REAL))
        for file in (sorted(REAL.rglob("*")) if REAL.is_dir() else [])
        if file.is_file() and file.suffix in {".csv", ".sav", ".ndjson"}
        if file.name not in {"dictionary.csv", "arm.csv", "event.csv"}
    ]
    or ["none"],
)
def test_every_real_file_gets_a_proposal_that_parses(desk: "Desk", name: str) -> None:
    if not REAL.is_dir():
        pytest.skip("The real export files are not beside the project.")
    file = REAL / name
    beside = file.parent / "dictionary.csv"
    codebook = parse_codebook(beside.read_bytes(), "d.csv") if beside.is_file() else None
    if file.suffix == ".ndjson" and b"QuestionnaireResponse" not in file.read_bytes():
        with pytest.raises(ExportRefusedError, match="no QuestionnaireResponse"):
            propose(file.read_bytes(), file.name, desk.catalogue)
        return
    found = yaml.safe_load(
        as_yaml(propose(file.read_bytes(), file.name, desk.catalogue, codebook=codebook))
    )
    assert ExportMapping.model_validate(found).format == found["format"]


def test_the_real_phq_9_is_recognised_with_its_total(desk: "Desk") -> None:
    file = REAL / "items" / "isixhosa_phq9_full_data.csv"
    if not file.is_file():
        pytest.skip("The real export files are not beside the project.")
    found = yaml.safe_load(as_yaml(propose(file.read_bytes(), file.name, desk.catalogue)))
    assert found["forms"] == [
        {"instrument": "phq-9", "rater": "patient", "items": "q{item}", "total": "total"}
    ]


@settings(deadline=None, max_examples=80)
@given(
    day=st.dates(min_value=date(1900, 1, 1)),
    form=st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%d"]),
)
def test_the_format_in_which_dates_were_written_is_always_among_those_found(
    day: date, form: str
) -> None:
    texts = {day.strftime(form)}
    assert form in formats_of(texts)
    said = said_of(texts)
    is_undecidable = day.day <= 12 and day.day != day.month and "/" in form
    assert said.is_sure != is_undecidable


def workbook(*rows: Sequence[object], sheets: Sequence[str] = ("Sheet1",)) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for cells in rows:
        book[sheets[0]].append(list(cells))
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def test_microsoft_forms_with_typed_dates_is_proposed_and_read(desk: "Desk") -> None:
    moment = datetime(2026, 2, 13, 9, 30)  # noqa: DTZ001 - workbooks know no zone
    head = ["Id", "Start time", "Completion time", "Email", "Name", "Your code", "Therapist",
            "Session", *(f"Over the last weeks, how often {n}" for n in "abcdefg")]  # fmt: skip
    rows = [
        [n, moment, moment, "anonymous", SECRET, f"p{n}", "T1", n,
         *(WORDS[(n + k) % 4] for k in range(7))]
        for n in (1, 2, 3)
    ]  # fmt: skip
    proposal, found = proposed(desk, workbook(head, *rows))
    assert (found["format"], found["date"]) == ("microsoft_forms", "Completion time")
    assert found["forms"][0]["instrument"] == "gad-7"
    assert not proposal.forms[0].lines["instrument"].is_sure
    assert set(accepted(desk, workbook(head, *rows), found)) == {"accepted"}


def test_notes_above_the_header_and_several_sheets_are_seen_and_marked(desk: "Desk") -> None:
    head = ["ClientID", "Therapist", "Session", "Date", *(f"GAD7_{n}" for n in range(1, 8))]
    rows = [["p1", "T1", 1, "2026-02-13", *map(int, answers(7, 1))]]
    content = workbook(["Monthly report"], [], head, *rows, sheets=("Data", "Notes"))
    proposal, found = proposed(desk, content)
    assert (found["header_row"], found["sheet"]) == (3, "Data")
    assert {"header_row", "sheet"} <= doubts(proposal).keys()
    assert accepted(desk, content, found) == ["accepted"]


def test_a_total_without_items_is_told(desk: "Desk") -> None:
    head = [
        "ClientID",
        "Therapist",
        "Session",
        "Date",
        "GAD7 Total",
        *(f"PHQ9_{n}" for n in range(1, 10)),
    ]
    proposal, _ = proposed(desk, table(head, ["p1", "T1", "1", "2026-02-13", "7", *answers(9, 1)]))
    assert any("GAD7 Total" in remark for remark in proposal.remarks)


def test_a_text_that_names_no_instrument_is_never_told(desk: "Desk") -> None:
    rows = [
        ["p1", "T1", "1", "2026-02-13", name, f"GAD{n}", answer]
        for name in ("GAD-7", SECRET)
        for n, answer in enumerate(answers(7, 1), 1)
    ]
    head = ["client_id", "clinician", "session", "session_date", "measure", "item", "score"]
    proposal, found = proposed(desk, table(head, *rows))
    assert [form["where"] for form in found["forms"]] == [{"measure": "GAD-7"}]
    assert any("unread_rows" in remark for remark in proposal.remarks)


CELLS = st.sampled_from(["", "0", "1", "3", "9", "-99", "2026-02-13", "02/03/2026", "T1", "Often"])
NAMES = st.sampled_from(
    ["id", "patient", "date", "item", "answer", "form", "score", "phq9_1", "phq9_2", "phq9_3",
     "wai_1", "Date_1", "Date_2", "PHQ_1_1", "redcap_event_name", "x_complete", "q{1}", "Q [a]",
     "Timestamp"]
)  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(
    header=st.lists(NAMES, min_size=2, max_size=12),
    rows=st.lists(st.lists(CELLS, min_size=12, max_size=12), max_size=6),
    place=st.integers(0, 11),
)
def test_any_table_gets_a_proposal_that_parses_and_tells_no_name(
    desk: "Desk", header: list[str], rows: list[list[str]], place: int
) -> None:
    cut = [cells[: len(header)] for cells in rows]
    for cells in cut[:1]:
        cells[place % len(header)] = SECRET
    text, told = "", ""
    try:
        text = as_yaml(propose(table(header, *cut), "a.csv", desk.catalogue))
        ExportMapping.model_validate(yaml.safe_load(text))
    except ExportRefusedError as error:
        told = str(error)
    assert SECRET not in text + told
