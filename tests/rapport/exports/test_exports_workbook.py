"""Workbooks: the declared or only sheet, typed cells as text; hostile ones are refused."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from rapport.exports.cells import Cell, cell_text, day_text
from rapport.exports.children import Refused, parsed

if TYPE_CHECKING:
    from conftest import Desk

ROW = ["p1", "T1", 1, date(2026, 2, 3), 0, 1, 2, 3, 0, 1, 2]
SHEET: dict[str, object] = {"format": "workbook"}


def book(
    *rows: Sequence[object], change: Callable[[openpyxl.Workbook], None] | None = None
) -> bytes:
    """Write rows into the one sheet of a workbook."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))
    if change is not None:
        change(made)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def rewritten(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Change one part of a workbook's archive; a part that is not there is added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", 8) as new:
        parts = {part: old.read(part) for part in old.namelist()}
        parts[name] = change(parts.get(name, b""))
        for part, inside in parts.items():
            new.writestr(part, inside)
    return out.getvalue()


PART = "xl/worksheets/sheet1.xml"


def test_a_sheet_is_read_with_the_number_of_each_row(desk: "Desk") -> None:
    reading = desk.read(book(desk.header, ROW, [None], [], ["p2", *ROW[1:]]), **SHEET)
    assert reading.faults == ()
    assert reading.rows["line"].tolist() == [2, 5]
    row = reading.rows.iloc[0]
    assert row[["patient", "session", "date"]].tolist() == ["p1", "1", "2026-02-03"]
    assert [row[f"gad-7.patient.{item:02d}"] for item in range(1, 8)] == list("0123012")


def test_a_workbook_says_the_same_as_the_text_file(desk: "Desk") -> None:
    from_sheet = desk.read(book(desk.header, ROW), **SHEET).rows
    from_text = desk.read(desk.csv(desk.row())).rows
    stamps = ["content_sha256"]
    assert from_sheet.drop(columns=stamps).equals(from_text.drop(columns=stamps))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), (True, "TRUE"), (False, "FALSE"), (7, "7"), (7.0, "7"), (-0.0, "-0"),
        (2.5, "2.5"), (0.1, "0.1"), (1e-7, "0.0000001"), (118042311574.0, "118042311574"),
        (float("inf"), "inf"), ("007", "007"), (" x ", " x "), ("#N/A", "#N/A"),
        (["date", "2026-02-03 00:00:00"], "2026-02-03"),
        (["date", "2026-02-03 10:15:00"], "2026-02-03 10:15:00"),
    ],
)  # fmt: skip
def test_a_typed_cell_has_one_text(cell: Cell, text: str) -> None:
    assert cell_text(cell) == text


def test_numbers_come_with_the_declared_decimal_mark() -> None:
    assert cell_text(2.5, ",") == "2,5"


def test_a_column_of_days_leaves_the_time_of_day_behind() -> None:
    assert day_text(["date", "2026-02-03 10:15:00"]) == "2026-02-03"
    assert day_text("03.02.2026 10:15") == "03.02.2026 10:15"


def test_days_are_those_of_the_1904_system_where_the_workbook_says_so(desk: "Desk") -> None:
    def to_1904(made: openpyxl.Workbook) -> None:
        made.epoch = CALENDAR_MAC_1904

    content = book(desk.header, ROW, change=to_1904)
    assert b'date1904="1"' in zipfile.ZipFile(io.BytesIO(content)).read("xl/workbook.xml")
    assert desk.read(content, **SHEET).rows["date"].tolist() == ["2026-02-03"]


def test_a_number_that_is_no_typed_date_is_no_date(desk: "Desk") -> None:
    rows, states = desk.judged(desk.read(book(desk.header, [*ROW[:3], 46056, *ROW[4:]]), **SHEET))
    assert rows["fact.date_readable"].tolist() == ["no"]
    assert states.tolist() == ["quarantined"]


def test_an_item_that_became_a_date_breaks_the_rule_of_its_item(desk: "Desk") -> None:
    content = book(desk.header, [*ROW[:4], date(2026, 2, 1), *ROW[5:]])
    rows, states = desk.judged(desk.read(content, **SHEET))
    assert rows["gad-7.patient.01"].tolist() == ["2026-02-01"]
    assert states.tolist() == ["quarantined"]


@pytest.mark.parametrize(
    ("patient", "told"),
    [
        ("1.18E+11", "rounded ids"), ("1,2e+15", "rounded ids"), (1234567890123456, "15 digits"),
        (1.5e20, "15 digits"), (datetime(2026, 2, 1), "into a date"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_destroyed_ids_refuse_the_file_at_their_place(
    desk: "Desk", patient: object, told: str
) -> None:
    reading = desk.read(book(desk.header, ROW, [patient, *ROW[1:]]), **SHEET)
    assert told in reading.faults[0].message
    assert (reading.file["broken_line"], reading.file["broken_column"]) == (3, "patient")


@pytest.mark.parametrize("patient", [118042311574, 999999999999999, "007", "1E5"])
def test_ids_that_are_whole_are_kept(desk: "Desk", patient: object) -> None:
    rows = desk.read(book(desk.header, [patient, *ROW[1:]]), **SHEET).rows
    assert rows["patient"].tolist() == [str(patient)]


def second_sheet(made: openpyxl.Workbook) -> None:
    made.active.title = "Responses"
    made.create_sheet("Notes").sheet_state = "hidden"


def test_of_several_sheets_only_the_declared_one_is_read(desk: "Desk") -> None:
    content = book(desk.header, ROW, change=second_sheet)
    told = desk.read(content, **SHEET)
    assert "2 sheets, hidden ones included" in told.faults[0].message
    assert desk.read(content, **SHEET, sheet="Responses").faults == ()
    assert "declared name" in desk.read(content, **SHEET, sheet="responses").faults[0].message
    assert desk.read(content, **SHEET, sheet="Notes").file["EMPTY_FILE"] == "broken"


def test_notes_above_the_header_are_skipped_where_its_row_is_declared(desk: "Desk") -> None:
    content = book(["Clinic report"], [], desk.header, ROW)
    assert desk.read(content, **SHEET).file["MISSING_COLUMN"] == "broken"
    reading = desk.read(content, **SHEET, header_row=3)
    assert reading.faults == ()
    assert reading.rows["line"].tolist() == [4]
    assert "header should stand" in desk.read(content, **SHEET, header_row=2).faults[0].message


def test_a_cell_beyond_the_header_refuses_the_file(desk: "Desk") -> None:
    reading = desk.read(book(desk.header, ROW, [*ROW, "x"]), **SHEET)
    assert (reading.file["FIELD_COUNT"], reading.file["broken_line"]) == ("broken", 3)


def test_a_formula_without_a_stored_result_refuses_the_file(desk: "Desk") -> None:
    reading = desk.read(book(desk.header, ROW, [*ROW[:-1], "=1+1"]), **SHEET)
    assert "stored result" in reading.faults[0].message
    assert reading.file["broken_line"] == 3


def test_a_formula_with_a_stored_result_is_that_result(desk: "Desk") -> None:
    content = rewritten(
        book(desk.header, [*ROW[:-1], "=1+1"]),
        PART,
        lambda part: re.sub(rb"(<f>1\+1</f>)<v ?/>|(<f>1\+1</f>)<v></v>", rb"\1\2<v>2</v>", part),
    )
    reading = desk.read(content, **SHEET)
    assert reading.faults == ()
    assert reading.rows["gad-7.patient.07"].tolist() == ["2"]


def test_a_sheet_that_declares_itself_smaller_than_it_is_is_read_whole(desk: "Desk") -> None:
    content = rewritten(
        book(desk.header, ROW, ["p2", *ROW[1:]]),
        PART,
        lambda part: re.sub(rb'<dimension ref="[^"]+"', b'<dimension ref="A1:B2"', part),
    )
    reading = desk.read(content, **SHEET)
    assert reading.faults == ()
    assert reading.rows["patient"].tolist() == ["p1", "p2"]


def test_rows_out_of_order_refuse_the_file(desk: "Desk") -> None:
    content = rewritten(
        book(desk.header, ROW, ["p2", *ROW[1:]]),
        PART,
        lambda part: part.replace(b'<row r="3"', b'<row r="2"'),
    )
    assert "out of order" in desk.read(content, **SHEET).faults[0].message


def test_merged_cells_refuse_the_file(desk: "Desk") -> None:
    content = book(desk.header, ROW, change=lambda made: made.active.merge_cells("A2:A3"))
    assert "merged" in desk.read(content, **SHEET).faults[0].message


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def shared(rows: Sequence[Sequence[str]], strings: str | None = None) -> bytes:
    """Write rows of text as Excel does: each text once, and numbers of texts in the cells."""
    texts = sorted({cell for row in rows for cell in row})
    cells = "".join(
        "<row>" + "".join(f'<c t="s"><v>{texts.index(cell)}</v></c>' for cell in row) + "</row>"
        for row in rows
    )

    def with_strings(part: bytes) -> bytes:
        found = f'<Relationship Id="rS" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        return part.replace(b"</Relationships>", found.encode() + b"</Relationships>")

    def with_type(part: bytes) -> bytes:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        found = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/>'
        return part.replace(b"</Types>", found.encode() + b"</Types>")

    items = "".join(f"<si><t>{text}</t></si>" for text in texts)
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
    content = rewritten(book([]), PART, lambda _: sheet.encode())
    content = rewritten(content, "xl/_rels/workbook.xml.rels", with_strings)
    content = rewritten(content, "[Content_Types].xml", with_type)
    written = strings or f'<sst xmlns="{MAIN}">{items}</sst>'
    return rewritten(content, "xl/sharedStrings.xml", lambda _: written.encode())


def test_texts_that_the_workbook_keeps_apart_are_read(desk: "Desk") -> None:
    reading = desk.read(shared([desk.header, desk.row()]), **SHEET)
    assert reading.faults == ()
    assert reading.rows["patient"].tolist() == ["p1"]
    assert reading.rows["gad-7.patient.02"].tolist() == ["1"]


def test_texts_that_are_cut_off_refuse_the_file(desk: "Desk") -> None:
    cut = f'<sst xmlns="{MAIN}"><si><t>patient</t></si></sst>'
    reading = desk.read(shared([desk.header, desk.row()], cut), **SHEET)
    assert "damaged" in reading.faults[0].message


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<si><t>&b;</t></si></sst>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    b"<si><t>&a;</t></si></sst>"
)


@pytest.mark.parametrize(
    ("name", "part", "told"),
    [
        ("xl/sharedStrings.xml", BOMB, "XML entities"),
        ("xl/sharedStrings.xml", OUTSIDE, "XML entities"),
        ("xl/sharedStrings.xml", OUTSIDE.decode().encode("utf-16"), "XML entities"),
        ("xl/styles.xml", b"<styleSheet", "damaged"),
        ("xl/workbook.xml", b'<workbook xmlns="http://purl.oclc.org/ooxml/x"/>', "Strict"),
        (PART, b"<worksheet><sheetData><row>", "damaged"),
        ("xl/vbaProject.bin", b"x", "macros"),
        ("xl/embeddings/a.docx", b"x", "macros or other files"),
        ("xl/media/image1.png", b"\0" * 2_000_000, "far too much"),
    ],
    ids=[
        "laughs",
        "XXE",
        "XXE in UTF-16",
        "styles",
        "strict",
        "sheet",
        "macro",
        "embedded",
        "bomb",
    ],
)
def test_hostile_workbooks_are_refused(desk: "Desk", name: str, part: bytes, told: str) -> None:
    reading = desk.read(rewritten(book(desk.header, ROW), name, lambda _: part), **SHEET)
    assert reading.file["WRONG_FORMAT"] == "broken"
    assert told in reading.faults[0].message
    assert reading.file["rows_received"] == 0


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04x"])
def test_what_is_no_workbook_is_told(desk: "Desk", content: bytes) -> None:
    assert desk.read(content, **SHEET).is_refused


def test_a_row_with_more_cells_than_any_sheet_has_is_refused(desk: "Desk") -> None:
    wide = f'<worksheet xmlns="{MAIN}"><sheetData>%s</sheetData></worksheet>' % (
        "<row><c r='AAAAA1'><v>1</v></c></row>"
    )
    reading = desk.read(rewritten(book([]), PART, lambda _: wide.encode()), **SHEET)
    assert reading.file["WRONG_FORMAT"] == "broken"


def test_google_s_sheet_saved_as_a_workbook_is_read(desk: "Desk") -> None:
    head = ["Timestamp", *desk.header]
    done = datetime(2026, 2, 3, 14, 15, 7)  # noqa: DTZ001 - a sheet's times have no zone
    content = book(head, [done, *ROW])
    reading = desk.read(content, format="google_forms", date="Timestamp", ignored=["date"])
    assert reading.faults == ()
    assert reading.rows["date"].tolist() == ["2026-02-03"]


def test_a_child_that_takes_too_long_is_ended() -> None:
    found = parsed("workbook", book(["a"]), seconds=0.01)
    assert isinstance(found, Refused)
    assert "too long" in found.message


def test_a_child_that_crashes_is_a_refusal() -> None:
    assert isinstance(parsed("workbook", b"garbage"), Refused)


FORMS: dict[str, object] = {
    "format": "microsoft_forms",
    "patient": "Your code",
    "therapist": "Therapist",
    "session": "Session",
    "date": "Completion time",
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient",
            "items": [f"Item {item} of the form" for item in range(1, 8)],
            "codes": {"Never": "0", "Seldom": "1", "Often": "2", "Always": "3"},
        }
    ],
}  # fmt: skip


def test_microsoft_forms_is_read_with_its_no_break_spaces_and_typed_times(desk: "Desk") -> None:
    head = ["ID", "Start time", "Completion time", "Email", "Name", "Your\N{NO-BREAK SPACE}code",
            "Therapist\N{NO-BREAK SPACE}", "Session",
            *(f"Item\N{NO-BREAK SPACE}{item} of the form" for item in range(1, 8)),
            "Total points", "Points - Session"]  # fmt: skip
    done = datetime(2026, 2, 3, 23, 59, 59)  # noqa: DTZ001 - a workbook's times have no zone
    row = [1, done, done, "anonymous", "Ann Lee", "p1", "T1", 4, "Never", "Seldom", "Often",
           "Always", "Never", None, "Often", 3, 0]  # fmt: skip
    reading = desk.read(book(head, row), **FORMS)
    assert reading.faults == ()
    found = reading.rows.iloc[0]
    assert found[["patient", "therapist", "session", "date"]].tolist() == [
        "p1", "T1", "4", "2026-02-03",
    ]  # fmt: skip
    assert found["gad-7.patient.06"] is None
    assert "Ann" not in str(reading.rows.to_dict("list"))


def test_surveymonkey_s_workbook_in_an_archive_is_read(desk: "Desk") -> None:
    head = ["Respondent ID", "End Date", "Code", "Therapist", "Session", "How?", *[""] * 6]
    parts = ["", "", "Response", "Response", "Response", *(f"R{item}" for item in range(1, 8))]
    row = [118042311574, datetime(2026, 2, 3, 10), "p1", "T1", 4, *[1] * 7]  # noqa: DTZ001
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("Survey.xlsx", book(head, parts, row))
    reading = desk.read(
        packed.getvalue(), format="surveymonkey", patient="Code", therapist="Therapist",
        session="Session", date="End Date",
        forms=[
            {
                "instrument": "gad-7", "rater": "patient",
                "items": [f"How? [R{item}]" for item in range(1, 8)],
            }
        ],
    )  # fmt: skip
    assert reading.faults == ()
    assert reading.rows[["patient", "date", "line"]].to_numpy().tolist() == [
        ["p1", "2026-02-03", 3]
    ]
