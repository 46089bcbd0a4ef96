"""A header that stands twice, or not where it was looked for, is told in one clear sentence."""

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import Desk

    from rapport.exports import Reading

ITEMS = [f"g{n}" for n in range(1, 8)]
ANSWERS = list("0123012")


def text(*rows: list[str], delimiter: str = ",") -> bytes:
    held = io.StringIO(newline="")
    csv.writer(held, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return held.getvalue().encode()


def fault(reading: "Reading") -> tuple[str, int | None]:
    """Return rule and line of the only fault of a refused file."""
    assert reading.is_refused
    (found,) = {(one.rule, one.line): one for one in reading.faults}.values()
    return found.rule, found.line


def test_two_exports_one_after_the_other_are_refused_at_the_second_header(desk: "Desk") -> None:
    content = desk.csv(desk.row()) + desk.csv(desk.row("p2"))
    reading = desk.read(content)
    assert fault(reading) == ("WRONG_FORMAT", 3)
    assert "header stands on this line once more" in reading.faults[0].message
    assert reading.file["rows_received"] == 3


def test_a_second_header_is_not_taken_for_rows_of_another_clinic(desk: "Desk") -> None:
    header = [*desk.header, "site"]
    content = desk.csv([*desk.row(), "A"], header, [*desk.row("p2"), "A"], header=header)
    assert fault(desk.read(content, clinic={"site": "A"})) == ("WRONG_FORMAT", 3)


def test_a_second_header_with_its_columns_in_another_order_is_one(desk: "Desk") -> None:
    content = desk.csv(desk.row(), list(reversed(desk.header)), desk.row("p2"))
    assert fault(desk.read(content)) == ("WRONG_FORMAT", 3)


def test_a_patient_called_like_a_column_is_no_header(desk: "Desk") -> None:
    assert desk.states(desk.csv(desk.row("session"), desk.row("p2"))) == ["accepted"] * 2


def test_a_second_header_of_a_long_file_is_told_before_its_items_are_asked(desk: "Desk") -> None:
    header = ["patient", "therapist", "session", "date", "item", "answer"]
    rows = [["p1", "T1", "1", "2026-02-03", name, "1"] for name in ITEMS]
    reading = desk.read(
        text(header, *rows, header, *rows), layout="long", item="item", answer="answer"
    )
    assert fault(reading) == ("WRONG_FORMAT", 9)


def test_both_header_rows_of_qualtrics_are_known_again(desk: "Desk") -> None:
    names = ["EndDate", "ResponseId", "patient", "therapist", "session", *ITEMS]
    ids = [f'{{"ImportId":"QID{n}"}}' for n in range(len(names))]
    row = ["2026-02-03 10:00:00", "R_1", "p1", "T1", "1", *ANSWERS]
    file = text(names, ["?"] * len(names), ids, row)
    mapping = {"format": "qualtrics", "date": "EndDate", "dates": ["%Y-%m-%d %H:%M:%S"]}
    assert fault(desk.read(file + file, **mapping)) == ("WRONG_FORMAT", 5)


def test_headings_with_code_and_text_are_known_again(desk: "Desk") -> None:
    codes = ["id", "submitdate", "patient", "therapist", "session", *ITEMS]
    header = [f"{code}. Question about {code}" for code in codes]
    row = ["1", "2026-02-03 10:00:00", "p1", "T1", "1", *ANSWERS]
    mapping = {"format": "limesurvey", "date": "submitdate", "dates": ["%Y-%m-%d %H:%M:%S"]}
    assert fault(desk.read(text(header, row, header, row), **mapping)) == ("WRONG_FORMAT", 3)


def test_the_first_header_row_of_surveymonkey_is_known_again(desk: "Desk") -> None:
    first = ["Respondent ID", "End Date", "Code", "Therapist", "No", "How often?", *[""] * 6]
    second = [""] * 5 + [f"row {n}" for n in range(1, 8)]
    row = ["118000000001", "2026-02-03", "p1", "T1", "1", *ANSWERS]
    form = {"instrument": "gad-7", "rater": "patient", "items": "How often? [row {item}]"}
    mapping: dict[str, Any] = {
        "format": "surveymonkey", "patient": "Code", "therapist": "Therapist", "session": "No",
        "date": "End Date", "forms": [form],
    }  # fmt: skip
    file = text(first, second, row)
    assert fault(desk.read(file + file, **mapping)) == ("WRONG_FORMAT", 4)


def test_notes_above_the_header_are_told_with_the_line_of_the_header(desk: "Desk") -> None:
    content = b"Monthly report\r\nFebruary\r\n" + desk.csv(desk.row())
    reading = desk.read(content)
    assert {one.rule for one in reading.faults} >= {"MISSING_COLUMN"}
    assert all("header_row: 3" in one.remedy for one in reading.faults if one.column)


def test_a_name_that_differs_in_its_blanks_is_told_as_such(desk: "Desk") -> None:
    header = ["Your\N{NO-BREAK SPACE}code", *desk.header[1:]]
    reading = desk.read(desk.csv(desk.row(), header=header), patient="Your  Code")
    (told,) = [one for one in reading.faults if one.rule == "MISSING_COLUMN"]
    assert "differs only in case or blanks" in told.remedy


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("record,field_name,value", "one row a field"),
        ("record,redcap_event_name,field_name,value", "one row a field"),
    ],
)
def test_redcap_s_rows_of_fields_are_recognised(desk: "Desk", header: str, said: str) -> None:
    reading = desk.read(f"{header}\n{'1,' * header.count(',')}x\n".encode(), format="redcap")
    assert fault(reading)[0] == "WRONG_FORMAT"
    assert said in reading.faults[0].message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"ASCII SPSS PORT FILE" + b" " * 40, "SPSS portable file"),
        (b"<stata_dta><header>", "Stata"),
        (b"PAR1\x15\x04", "Parquet"),
    ],
)
def test_files_of_other_statistics_software_are_recognised(
    desk: "Desk", content: bytes, said: str
) -> None:
    reading = desk.read(content)
    assert reading.is_refused
    assert said in reading.faults[0].message
