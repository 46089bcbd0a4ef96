"""Each native shape gives the same table of text, and says what belongs to the shape itself."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Desk

EXPORTS = Path(__file__).parents[4] / "shared" / "exports"
GAD = "g1,g2,g3,g4,g5,g6,g7"

REDCAP = {
    "format": "redcap",
    "patient": "record_id",
    "therapist": "therapist",
    "session": "redcap_repeat_instance",
    "date": "session_date",
    "record_rows": {"redcap_event_name": "intake_arm_1"},
    "inherited": ["therapist"],
    "clinic": {"redcap_data_access_group": "hill"},
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient", "items": "g{item}",
            "where": {"redcap_repeat_instrument": "gad7"},
        }
    ],
}  # fmt: skip
REDCAP_HEAD = (
    "record_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,"
    f"redcap_data_access_group,therapist,session_date,{GAD},gad7_complete"
)


def redcap(*rows: str) -> bytes:
    return ("\n".join([REDCAP_HEAD, *rows]) + "\n").encode()


INTAKE = "331-1,intake_arm_1,,,hill,T1,,,,,,,,,"
SESSION = "331-1,treatment_arm_1,session,3,hill,,2026-02-03,,,,,,,,"
FORM = "331-1,treatment_arm_1,gad7,3,hill,,,0,1,2,3,0,1,2,2"


def test_redcap_joins_record_event_and_instance_into_one_session(desk: "Desk") -> None:
    clinic = desk.clinic(REDCAP)
    reading = desk.read_as(redcap(INTAKE, SESSION, FORM), clinic, "sessions")
    assert reading.faults == ()
    rows, states = desk.judged(reading, clinic=clinic)
    assert states.tolist() == ["accepted"] * 3
    assert rows["kind"].tolist() == ["record", "session", "session"]
    sessions, responses = desk.canonical(rows, states)
    assert sessions[
        ["patient_id", "therapist_id", "session", "session_date"]
    ].to_numpy().tolist() == [["331-1", "T1", 3, "2026-02-03"]]
    assert responses.iloc[0].loc["item_01":"item_07"].tolist() == [0, 1, 2, 3, 0, 1, 2]


def test_redcap_rows_of_another_access_group_refuse_the_file(desk: "Desk") -> None:
    reading = desk.read(redcap(INTAKE, FORM.replace("hill", "vale")), **REDCAP)
    assert (reading.file["WRONG_CLINIC"], reading.file["broken_line"]) == ("broken", 3)


def test_redcap_answers_where_the_mapping_does_not_look_are_told(desk: "Desk") -> None:
    clinic = desk.clinic(REDCAP)
    stray = FORM.replace("gad7", "gad7_old")
    rows, states = desk.judged(
        desk.read_as(redcap(INTAKE, SESSION, stray), clinic, "sessions"), clinic=clinic
    )
    assert states.tolist() == ["accepted", "accepted", "quarantined"]
    assert rows["fact.answers_placed"].tolist() == ["yes", "yes", "no"]


def test_a_redcap_export_with_labels_is_told_apart(desk: "Desk") -> None:
    content = b"Record ID,Event Name,Repeat Instance,Therapist\n1,Intake,,T1\n"
    reading = desk.read(content, **REDCAP)
    assert reading.file["WRONG_FORMAT"] == "broken"
    assert "raw" in reading.faults[0].remedy


QUALTRICS = {
    "format": "qualtrics",
    "patient": "pid",
    "therapist": "tid",
    "session": "no",
    "date": "StartDate",
    "dates": ["%Y-%m-%d %H:%M:%S"],
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "Q1_{item}"}],
}
QUESTIONS = ",".join(f"Q1_{item}" for item in range(1, 8))
QUALTRICS_HEAD = f"StartDate,Status,IPAddress,DistributionChannel,pid,tid,no,{QUESTIONS}"
TITLES = 'Anfangsdatum,Antworttyp,IP-Adresse,Kanal,pid,tid,no,"Wie oft,\nin Worten",2,3,4,5,6,7'
IMPORT_IDS = ",".join(
    f'"{{""ImportId"":""{name}""{extra}}}"'
    for name, extra in [("startDate", ',""timeZone"":""UTC""'), *((f"Q{n}", "") for n in range(13))]
)
ANSWERED = "2026-02-03 10:00:00,0,192.0.2.17,anonymous,p1,T1,1,0,1,2,3,0,1,2"


def qualtrics(*rows: str, import_ids: str = IMPORT_IDS) -> bytes:
    return ("\n".join([QUALTRICS_HEAD, TITLES, import_ids, *rows]) + "\n").encode()


def test_qualtrics_has_three_header_rows_and_lines_are_those_of_the_file(desk: "Desk") -> None:
    reading = desk.read(qualtrics(ANSWERED), **QUALTRICS)
    assert reading.faults == ()
    assert reading.rows["line"].tolist() == [5]
    assert reading.rows["date"].tolist() == ["2026-02-03"]


def test_qualtrics_previews_are_test_rows(desk: "Desk") -> None:
    rows = [
        ANSWERED,
        ANSWERED.replace(",0,192", ",1,192"),
        ANSWERED.replace(",0,192", ",Survey Preview,192"),
        ANSWERED.replace("anonymous", "preview"),
    ]
    assert desk.states(qualtrics(*rows), **QUALTRICS) == ["accepted", "test", "test", "test"]


def test_qualtrics_times_count_on_the_clinic_s_calendar(desk: "Desk") -> None:
    late = ANSWERED.replace("2026-02-03 10:00:00", "2026-01-31 23:30:00")
    assert desk.read(qualtrics(late), **QUALTRICS).rows["date"].tolist() == ["2026-02-01"]


def test_the_older_spelling_of_import_ids_is_read(desk: "Desk") -> None:
    older = ",".join(f"{{'ImportId': 'QID{n}'}}" for n in range(14))
    assert desk.read(qualtrics(ANSWERED, import_ids=older), **QUALTRICS).faults == ()


def test_qualtrics_in_utf_16_separated_by_tabs_is_read(desk: "Desk") -> None:
    ids = "\t".join(f'{{"ImportId":"QID{n}"}}' for n in range(14))
    titles = "\t".join("abcdefghijklmn")
    head, row = (line.replace(",", "\t") for line in (QUALTRICS_HEAD, ANSWERED))
    content = "".join(f"{line}\r\n" for line in (head, titles, ids, row)).encode("utf-16")
    reading = desk.read(content, encoding="utf-16", delimiter="\t", **QUALTRICS)
    assert reading.faults == ()
    assert reading.rows["patient"].tolist() == ["p1"]


def test_a_qualtrics_file_whose_header_rows_were_removed_is_told_apart(desk: "Desk") -> None:
    content = f"{QUALTRICS_HEAD}\n{ANSWERED}\n".encode()
    assert desk.read(content, **QUALTRICS).file["WRONG_FORMAT"] == "broken"


def test_legacy_qualtrics_has_two_header_rows(desk: "Desk") -> None:
    content = (
        f"V1,V2,V7,pid,tid,no,{QUESTIONS},\n"
        "ResponseID,StartDate,Status,pid,tid,no,1,2,3,4,5,6,7,\n"
        "R_1,2026-02-03 10:00:00,0,p1,T1,1,0,1,2,3,0,1,2,\n"
        "R_2,2026-02-03 10:00:00,1,p2,T1,1,0,1,2,3,0,1,2,\n"
    ).encode("utf-8-sig")
    reading = desk.read(content, **(QUALTRICS | {"date": "V2"}))
    assert reading.faults == ()
    assert reading.rows["kind"].tolist() == ["session", "test"]


LIMESURVEY = {
    "format": "limesurvey",
    "patient": "PID",
    "therapist": "TID",
    "session": "NO",
    "date": "submitdate",
    "dates": ["%Y-%m-%d %H:%M:%S"],
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient", "items": "G[SQ{item:03d}]",
            "codes": {"AO01": "0", "AO02": "1", "AO03": "2", "AO04": "3"},
        }
    ],
}  # fmt: skip
LIME_ITEMS = [f"G[SQ{item:03d}]" for item in range(1, 8)]
LIME_HEAD = [
    "id",
    "submitdate",
    "lastpage",
    "startlanguage",
    "seed",
    "PID",
    "TID",
    "NO",
    *LIME_ITEMS,
]
LIME_ROW = ["1", "2026-02-03 10:00:00", "3", "pl", "17", "p1", "T1", "1",
            "AO01", "AO02", "AO03", "AO04", "AO01", "", "AO01"]  # fmt: skip


def test_limesurvey_question_codes_are_read(desk: "Desk") -> None:
    reading = desk.read(desk.csv(LIME_ROW, header=LIME_HEAD), **LIMESURVEY)
    assert reading.faults == ()
    answers = [reading.rows[f"gad-7.patient.{item:02d}"].tolist() for item in range(1, 8)]
    assert answers == [["0"], ["1"], ["2"], ["3"], ["0"], [None], ["0"]]


def test_a_question_code_in_brackets_can_be_ignored_by_its_name(desk: "Desk") -> None:
    content = desk.csv([*LIME_ROW, "text"], header=[*LIME_HEAD, "Q[other]"])
    assert desk.read(content, **LIMESURVEY).file["UNKNOWN_COLUMN"] == "broken"
    read = desk.read(content, **LIMESURVEY, ignored=["Q[other]"])
    assert read.file["UNKNOWN_COLUMN"] == "holds"


def test_a_vv_file_is_read_by_its_second_header_row_and_unescaped(desk: "Desk") -> None:
    titles = ["Response ID", "Date submitted", "Last page", "Language", "Seed", *["text"] * 10]
    row = [*LIME_ROW]
    row[5], row[13] = "p{lbrace}newline}{tab}1", "{question_not_shown}"
    content = "".join("\t".join(cells) + "\n" for cells in (titles, LIME_HEAD, row)).encode()
    reading = desk.read(content, **LIMESURVEY, delimiter="\t")
    assert reading.faults == ()
    assert reading.rows["patient"].tolist() == ["p{newline}\t1"]
    assert reading.rows["gad-7.patient.06"].tolist() == [None]
    assert reading.rows["line"].tolist() == [3]


def real(name: str) -> bytes:
    file = EXPORTS / name
    if not file.is_file():
        pytest.skip(f"The real export files are not beside the project: no {name}.")
    return file.read_bytes()


def some_form(*items: str) -> list[dict[str, object]]:
    """Seven columns that are no GAD-7, mapped as one: what matters is that they are read."""
    return [{"instrument": "gad-7", "rater": "patient", "items": list(items)}]


def test_the_real_longitudinal_redcap_file_is_read(desk: "Desk") -> None:
    gym = [f"gym___{choice}" for choice in range(5)]
    reading = desk.read(
        real("redcap/longitudinal/data.csv"),
        format="redcap",
        patient="study_id",
        therapist="redcap_event_name",
        session=None,
        date="date_enrolled",
        forms=some_form(*gym, "aerobics___0", "aerobics___1"),
        ignored=["*"],
    )
    assert reading.faults == ()
    assert set(reading.rows["patient"]) == {"100", "220", "304"}
    # Notes in this file run over several lines: the last row starts far below its number.
    assert reading.file["rows_received"] == len(reading.rows)
    lines = reading.rows["line"].tolist()
    text = real("redcap/longitudinal/data.csv").decode().splitlines()
    assert [text[line - 1].split(",")[0] for line in lines] == reading.rows["patient"].tolist()


@pytest.mark.parametrize("folder", ["repeating-instruments", "repeating-instruments-sparse"])
def test_the_real_repeating_instruments_are_told_from_their_records(
    desk: "Desk", folder: str
) -> None:
    columns = ["age", "ethnicity", "race", "sex", "bp_systolic", "bp_diastolic", "bp_complete"]
    reading = desk.read(
        real(f"redcap/{folder}/data.csv"),
        format="redcap",
        patient="record_id",
        therapist=None,
        session="redcap_repeat_instance",
        date="date_bp",
        record_rows={"redcap_repeat_instrument": ""},
        forms=some_form(*columns),
        ignored=["first_name", "dob", "date_enrolled", "demographics_complete"],
    )
    assert reading.faults == ()
    sessions = reading.rows[reading.rows["kind"] == "session"]
    assert sessions[["patient", "session"]].to_numpy().tolist() == [
        ["1", "1"], ["1", "2"], ["1", "3"], ["2", "1"],
    ]  # fmt: skip


def test_the_real_access_groups_are_other_clinics(desk: "Desk") -> None:
    names = ["age", "ethnicity", "race", "sex", "height", "weight", "bmi"]
    changes = {
        "format": "redcap", "patient": "record_id", "therapist": None, "session": None,
        "date": None, "clinic": {"redcap_data_access_group": "daga"},
        "forms": some_form(*names),
    }  # fmt: skip
    told = desk.read(
        real("redcap/dag/data.csv"), **changes, ignored=["*name", "address", "telephone", "email",
        "dob", "comments"],
    )  # fmt: skip
    assert (told.file["WRONG_CLINIC"], told.file["broken_line"]) == ("broken", 4)
    named = desk.read(real("redcap/dag/data.csv"), **changes)
    assert named.file["DIRECT_IDENTIFIER"] == "broken"


def test_the_real_decimal_commas_are_read_beside_calculated_points(desk: "Desk") -> None:
    reading = desk.read(
        real("redcap/decimal-comma/data.csv"),
        format="redcap",
        decimal=",",
        patient="record_id",
        therapist=None,
        session=None,
        date=None,
        forms=[
            {
                "instrument": "swls", "rater": "patient", "total": "bmi",
                "items": ["height", "weight", "record_id", "bmi", "demographics_complete"],
            }
        ],
        ignored=["name"],
    )  # fmt: skip
    assert reading.faults == ()
    assert reading.rows["swls.patient.01"].tolist() == ["1.54", "1.84", "1.95", "1.61"]
    assert reading.rows["swls.patient.04"].tolist() == ["?22.1", "?27.3", "?32.5", "?17.7"]
    assert reading.rows["total.swls.patient"].tolist() == ["22.1", "27.3", "32.5", "17.7"]


def test_a_real_data_dictionary_is_told_apart(desk: "Desk") -> None:
    reading = desk.read(real("redcap/dag/dictionary.csv"), format="redcap")
    assert reading.file["WRONG_FORMAT"] == "broken"
    assert "dictionary" in reading.faults[0].message


def test_the_real_qualtrics_file_is_read_and_its_addresses_left_behind(desk: "Desk") -> None:
    reading = desk.read(
        real("qualtrics/qualtRics_sample.csv"),
        format="qualtrics",
        patient="ResponseId",
        therapist=None,
        session=None,
        date="StartDate",
        dates=["%Y-%m-%d %H:%M:%S"],
        forms=some_form(*["Q1"] * 7),
        ignored=["Q2*"],
    )
    assert reading.faults == ()
    assert reading.rows["line"].tolist() == [4]
    assert reading.rows["patient"].str.startswith("R_").all()
    assert "130.92" in real("qualtrics/qualtRics_sample.csv").decode()
    assert "130.92" not in str(reading.rows.to_dict("list"))


def test_the_real_legacy_qualtrics_file_is_read(desk: "Desk") -> None:
    reading = desk.read(
        real("qualtrics/qualtRics_sample_legacy.csv"),
        format="qualtrics",
        patient="V1",
        therapist=None,
        session=None,
        date="V8",
        dates=["%Y-%m-%d %H:%M:%S"],
        forms=some_form(*["Q1"] * 7),
        ignored=["Q2"],
    )
    assert reading.faults == ()
    assert reading.rows[["line", "date"]].to_numpy().tolist() == [[3, "2017-07-18"]]


def test_the_real_limesurvey_file_is_read_once_its_addresses_are_declared_as_ignored(
    desk: "Desk",
) -> None:
    content = real("limesurvey/survey_998192_R_data_file.csv")
    changes = {
        "format": "limesurvey", "patient": "Response ID", "therapist": None, "session": None,
        "date": "Date submitted", "dates": ["%Y-%m-%d %H:%M:%S"],
        "forms": some_form(*["Response ID"] * 7),
    }  # fmt: skip
    unknown = desk.read(content, **changes)
    assert {fault.rule for fault in unknown.faults} == {"DIRECT_IDENTIFIER", "UNKNOWN_COLUMN"}
    known = desk.read(content, **changes, ignored=["*"])
    assert known.faults == ()
    assert known.file["rows_received"] == len(known.rows) > 0


def test_the_real_items_file_is_read(desk: "Desk") -> None:
    reading = desk.read(
        real("items/isixhosa_phq9_full_data.csv"),
        patient="PID",
        therapist=None,
        session=None,
        date="PHQ9.date",
        dates=["%Y/%m/%d"],
        missing_codes={"NA": "skipped"},
        forms=[{"instrument": "phq-9", "rater": "patient", "items": "q{item}", "total": "total"}],
        ignored=["*"],
    )
    assert reading.faults == ()
    rows, _ = desk.judged(reading)
    assert set(rows["fact.total_matches"]) <= {"yes", "no", None}
    assert (rows["fact.total_matches"] == "yes").sum() >= len(rows) - 3
