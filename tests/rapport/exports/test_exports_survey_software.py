"""SurveyMonkey, Google Forms, LimeSurvey's headings and REDCap's labels: columns by name."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Desk

ROWS = [f"Row {item}" for item in range(1, 8)]
WORDS = {"Never": "0", "Seldom": "1", "Often": "2", "Always": "3"}
ASKED = "How often, <b>in words</b>&nbsp;?"
PLAIN = "How often, in words ?"
ANSWERS = ["Never", "Seldom", "Often", "Always", "Never", "", "Often"]
READ = ["0", "1", "2", "3", "0", None, "2"]

MONKEY = {
    "format": "surveymonkey",
    "patient": "Custom Data 1",
    "therapist": "Your therapist?",
    "session": "Which session?",
    "date": "End Date",
    "dates": ["%m/%d/%Y %I:%M:%S %p"],
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient", "codes": WORDS,
            "items": [f"{PLAIN} [{row}]" for row in ROWS],
        }
    ],
}  # fmt: skip
FIXED = ["Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "Email Address",
         "First Name", "Last Name", "Custom Data 1"]  # fmt: skip
MONKEY_1 = [*FIXED, "Your therapist?", "Which session?", ASKED, *[""] * 6]
MONKEY_2 = [*[""] * 9, "Response", "Open-Ended Response", *ROWS]
MONKEY_ROW = ["118042311574", "401", "02/03/2026 09:50:01 AM", "02/03/2026 10:02:11 AM",
              "192.0.2.7", "ann@example.org", "Ann", "Lee", "p1", "T1", "4", *ANSWERS]  # fmt: skip


def answers(reading: object) -> list[str | None]:
    rows = getattr(reading, "rows")  # noqa: B009 - any reading
    return [rows[f"gad-7.patient.{item:02d}"].iloc[0] for item in range(1, 8)]


def test_surveymonkey_s_two_header_rows_become_one_name_a_column(desk: "Desk") -> None:
    reading = desk.read(desk.csv(MONKEY_2, MONKEY_ROW, header=MONKEY_1), **MONKEY)
    assert reading.faults == ()
    row = reading.rows.iloc[0]
    assert row[["patient", "therapist", "session", "date", "line"]].tolist() == [
        "p1", "T1", "4", "2026-02-03", 3,
    ]  # fmt: skip
    assert answers(reading) == READ


def test_surveymonkey_s_addresses_and_names_stay_behind(desk: "Desk") -> None:
    reading = desk.read(desk.csv(MONKEY_2, MONKEY_ROW, header=MONKEY_1), **MONKEY)
    told = str(reading.rows.to_dict("list"))
    assert not any(value in told for value in ("192.0.2.7", "ann@example.org", "Lee"))


def test_the_older_surveymonkey_layout_is_read(desk: "Desk") -> None:
    head = ["RespondentID", "CollectorID", "StartDate", "EndDate", *MONKEY_1[4:]]
    reading = desk.read(
        desk.csv(MONKEY_2, MONKEY_ROW, header=head), **(MONKEY | {"date": "EndDate"})
    )
    assert reading.faults == ()
    assert reading.rows["date"].tolist() == ["2026-02-03"]


def test_respondent_ids_that_excel_rounded_refuse_the_file(desk: "Desk") -> None:
    row = ["1.18042E+11", *MONKEY_ROW[1:]]
    reading = desk.read(desk.csv(MONKEY_2, MONKEY_ROW, row, header=MONKEY_1), **MONKEY)
    assert (reading.file["WRONG_FORMAT"], reading.file["broken_line"]) == ("broken", 4)
    assert reading.file["broken_column"] == "Respondent ID"


@pytest.mark.parametrize(
    "rows", [[MONKEY_ROW], [], [MONKEY_2[:-1], MONKEY_ROW]], ids=["removed", "nothing", "shorter"]
)
def test_surveymonkey_without_its_second_header_row_is_told(
    desk: "Desk", rows: list[list[str]]
) -> None:
    reading = desk.read(desk.csv(*rows, header=MONKEY_1), **MONKEY)
    assert reading.file["WRONG_FORMAT"] == "broken"
    assert "two header rows" in reading.faults[0].message


def test_surveymonkey_questions_that_differ_in_markup_alone_are_the_same_column(
    desk: "Desk",
) -> None:
    head = [*MONKEY_1, "<i>Your</i> therapist?"]
    content = desk.csv([*MONKEY_2, "Response"], [*MONKEY_ROW, "T2"], header=head)
    assert desk.read(content, **MONKEY).file["DUPLICATE_COLUMN"] == "broken"


GOOGLE = {
    "format": "google_forms",
    "patient": "Code",
    "therapist": "Therapist",
    "session": "Session",
    "date": "Timestamp",
    "dates": ["%Y/%m/%d %I:%M:%S %p %z"],
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient", "codes": WORDS,
            "items": [f"How often? [{row}]" for row in ROWS],
        }
    ],
}  # fmt: skip
GOOGLE_HEAD = ["Timestamp", "Email Address", "Score", "Code", "Therapist", "Session",
               *(f"How often? [{row}]" for row in ROWS)]  # fmt: skip
GOOGLE_ROW = ["2026/02/03 2:15:07 pm GMT+1", "ann@example.org", "3 / 10", "p1", "T1", "4", *ANSWERS]


def test_google_forms_is_read_by_its_questions(desk: "Desk") -> None:
    reading = desk.read(desk.csv(GOOGLE_ROW, header=GOOGLE_HEAD), **GOOGLE)
    assert reading.faults == ()
    assert reading.rows[["patient", "session", "date"]].to_numpy().tolist() == [
        ["p1", "4", "2026-02-03"]
    ]
    assert answers(reading) == READ


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026/01/31 11:30:00 pm GMT+1", "2026-01-31"),
        ("2026/01/31 11:30:00 pm GMT", "2026-02-01"),
        ("2026/02/01 4:30:00 am GMT+5:30", "2026-02-01"),
        ("2026/02/01 4:29:59 am GMT+5:30", "2026-01-31"),
        ("2026/01/31 5:59:59 PM UTC-5", "2026-01-31"),
        ("2026/01/31 6:00:00 PM UTC-5", "2026-02-01"),
    ],
)
def test_google_s_offsets_count_on_the_clinic_s_calendar(
    desk: "Desk", moment: str, day: str
) -> None:
    """The clinic is in Warsaw, one hour before UTC in winter."""
    content = desk.csv([moment, *GOOGLE_ROW[1:]], header=GOOGLE_HEAD)
    assert desk.read(content, **GOOGLE).rows["date"].tolist() == [day]


def test_a_choice_that_is_not_declared_breaks_the_rule_of_its_item(desk: "Desk") -> None:
    row = ["2026/02/03 2:15:07 pm GMT+1", *GOOGLE_ROW[1:6], "never", *ANSWERS[1:]]
    rows, states = desk.judged(desk.read(desk.csv(row, header=GOOGLE_HEAD), **GOOGLE))
    assert rows["gad-7.patient.01"].tolist() == ["never"]
    assert states.tolist() == ["quarantined"]


def test_a_question_of_any_length_can_be_mapped(desk: "Desk") -> None:
    asked = [f"{'Please think of the last two weeks. ' * 40}[{row}]" for row in ROWS]
    form = {"instrument": "gad-7", "rater": "patient", "codes": WORDS, "items": asked}
    content = desk.csv(GOOGLE_ROW, header=[*GOOGLE_HEAD[:6], *asked])
    assert answers(desk.read(content, **(GOOGLE | {"forms": [form]}))) == READ


LIME = {
    "format": "limesurvey",
    "patient": "PID",
    "therapist": "TID",
    "session": "NO",
    "date": "submitdate",
    "dates": ["%Y-%m-%d %H:%M:%S"],
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "G[SQ{item:03d}]"}],
}
LIME_CODES = ["id", "submitdate", "lastpage", "PID", "TID", "NO",
              *(f"G[SQ{item:03d}]" for item in range(1, 8))]  # fmt: skip
LIME_TEXTS = ["Response ID", "Date submitted", "Last page", "Your code. Please", "Therapist",
              "Session", *(f"How often? [{row}]" for row in ROWS)]  # fmt: skip
LIME_ROW = ["1", "2026-02-03 10:00:00", "3", "p1", "T1", "4", *"0123", "0", "", "2"]


@pytest.mark.parametrize("between", [". ", " - ", ": ", " "])
def test_a_heading_with_code_and_text_is_known_by_its_code(desk: "Desk", between: str) -> None:
    head = [f"{code}{between}{text}" for code, text in zip(LIME_CODES, LIME_TEXTS, strict=True)]
    reading = desk.read(desk.csv(LIME_ROW, header=head), **LIME)
    assert reading.faults == ()
    assert reading.rows["patient"].tolist() == ["p1"]
    assert answers(reading) == READ


def test_headings_of_which_one_has_no_code_stay_as_they_are(desk: "Desk") -> None:
    head = [f"{code}. {text}" for code, text in zip(LIME_CODES, LIME_TEXTS, strict=True)]
    reading = desk.read(desk.csv([*LIME_ROW, "x"], header=[*head, "How are you?"]), **LIME)
    assert reading.file["MISSING_COLUMN"] == "broken"


LABELS = {
    "format": "redcap",
    "patient": "Record ID",
    "therapist": "Therapist",
    "session": "Repeat Instance",
    "date": "Date of session",
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient", "codes": WORDS, "items": ROWS,
            "where": {"Repeat Instrument": "GAD-7 form"},
        }
    ],
}  # fmt: skip
LABEL_HEAD = ["Record ID", "Event Name", "Repeat Instrument", "Repeat Instance", "Therapist",
              "Date of session", "Complete?", *ROWS, "Complete?"]  # fmt: skip
LABEL_ROW = ["1", "Treatment", "GAD-7 form", "3", "T1", "2026-02-03", "Complete", *ANSWERS,
             "Complete"]  # fmt: skip


def test_a_redcap_export_with_labels_is_read_where_its_labels_are_declared(desk: "Desk") -> None:
    reading = desk.read(desk.csv(LABEL_ROW, header=LABEL_HEAD), **LABELS)
    assert reading.faults == ()
    assert answers(reading) == READ


def test_redcap_labels_without_declared_codes_are_refused_for_that_reason(desk: "Desk") -> None:
    form = LABELS["forms"][0] | {"codes": None}  # type: ignore[index, operator]
    reading = desk.read(desk.csv(LABEL_ROW, header=LABEL_HEAD), **(LABELS | {"forms": [form]}))
    assert reading.file["WRONG_FORMAT"] == "broken"
    assert "gad-7.patient" in reading.faults[0].message
    assert "labels" in reading.faults[0].message


def test_redcap_labels_under_variable_names_are_refused_too(desk: "Desk") -> None:
    header = [*desk.header, "gad7_complete"]
    reading = desk.read(
        desk.csv([*desk.row(), "Complete"], header=header), format="redcap", session="session"
    )
    assert "declares no codes" in reading.faults[0].message
