"""Archives and workbooks: wrong ones, hostile ones, and cells that are not what they were."""

import gzip
import io
import os
import socket
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.rapport.exports.faults.boxes import (
    ROW,
    SHEET,
    book,
    flagged,
    lying,
    replaced,
    rewritten,
    row,
    with_part,
    zipped,
)
from tests.rapport.exports.faults.door import (
    COLUMNS,
    GOOD,
    GOOD_2,
    Case,
    Outcome,
    Place,
    case,
    refused,
    rows,
    sheet,
    through_the_door,
)

CSV = sheet(GOOD, GOOD_2)
WRONG = refused("WRONG_FORMAT")
BOMB = b"0" * 40_000_000
NO_WORKBOOK = refused("WRONG_FORMAT", 1)


def xlsx(content: bytes, outcome: Outcome, **export: object) -> Case:
    """A case of a workbook."""
    return case(content, outcome, format="workbook", **export)


def cell(outcome: Outcome, **changes: object) -> Case:
    """A workbook of one row with changed cells."""
    return xlsx(book(row(**changes)), outcome)


def bad(*places: tuple[str, str]) -> Outcome:
    """The one row refused."""
    found: list[Place] = [(2, rule, column) for rule, column in places]
    return rows(0, *found)


def changed(change: Callable[[openpyxl.Workbook], None]) -> bytes:
    return book(ROW, change=change)


def second_sheet(made: openpyxl.Workbook, state: str = "visible") -> None:
    made.create_sheet("More").sheet_state = state


def hide(made: openpyxl.Workbook, row: int) -> None:
    made.active.row_dimensions[row].hidden = True


def hide_column(made: openpyxl.Workbook) -> None:
    made.active.column_dimensions["A"].hidden = True


CASES = {
    # Archives
    "an export in gzip": case(gzip.compress(CSV), rows(2)),
    "an export in a ZIP archive": case(zipped(("a.csv", CSV)), rows(2)),
    "an export in a ZIP archive with a comment": case(
        zipped(("a.csv", CSV), comment=b"from us"), rows(2)),
    "an export in a folder of an archive": case(zipped(("in/", b""), ("in/a.csv", CSV)), rows(2)),
    "an export beside what macOS adds": case(
        zipped(("a.csv", CSV), ("__MACOSX/._a.csv", b"x")), rows(2)),
    "two files in an archive": case(zipped(("a.csv", CSV), ("b.csv", CSV)), WRONG),
    "no file in an archive": case(zipped(), WRONG),
    "only folders in an archive": case(zipped(("in/", b"")), WRONG),
    "an archive in an archive": case(zipped(("a.zip", zipped(("a.csv", CSV)))), WRONG),
    "gzip in a ZIP archive": case(zipped(("a.csv.gz", gzip.compress(CSV))), WRONG),
    "gzip in gzip": case(gzip.compress(gzip.compress(CSV)), WRONG),
    "a ZIP archive in gzip": case(gzip.compress(zipped(("a.csv", CSV))), WRONG),
    "a name that climbs": case(zipped(("../../etc/passwd", CSV)), rows(2)),
    "a name that is a path": case(zipped(("/etc/cron.d/x", CSV)), rows(2)),
    "a name for Windows": case(zipped(("C:\\con", CSV)), rows(2)),
    "a protected archive": case(flagged(zipped(("a.csv", CSV))), WRONG),
    "a strongly protected archive": case(flagged(zipped(("a.csv", CSV)), 0x41), WRONG),
    "an archive packed by bzip2": case(zipped(("a.csv", CSV), method=zipfile.ZIP_BZIP2), WRONG),
    "an archive packed by LZMA": case(zipped(("a.csv", CSV), method=zipfile.ZIP_LZMA), WRONG),
    "an archive cut in its middle": case(zipped(("a.csv", CSV))[:80], WRONG),
    "an archive without its last byte": case(zipped(("a.csv", CSV))[:-1], WRONG),
    "something behind an archive": case(zipped(("a.csv", CSV)) + b"x", WRONG),
    "a directory that claims less": case(lying(zipped(("a.csv", CSV)), size=5), WRONG),
    "a directory that claims more": case(lying(zipped(("a.csv", CSV)), size=500), WRONG),
    "a directory that claims ZIP64 sizes": case(
        lying(zipped(("a.csv", CSV)), size=0xFFFFFFFF), WRONG),
    "I27 a ZIP bomb": case(zipped(("a.csv", BOMB)), WRONG),
    "I28 a gzip bomb": case(gzip.compress(BOMB, 9), WRONG),
    "too many members": case(zipped(*((f"{n}", b"") for n in range(1001))), WRONG),
    "bzip2": case(b"BZh91AY&SY" + CSV, NO_WORKBOOK),
    "xz": case(b"\xfd7zXZ\x00" + CSV, NO_WORKBOOK),
    "7-Zip": case(b"7z\xbc\xaf\x27\x1c" + CSV, NO_WORKBOOK),
    "RAR": case(b"Rar!\x1a\x07\x00" + CSV, NO_WORKBOOK),
    "Zstandard": case(b"\x28\xb5\x2f\xfd" + CSV, NO_WORKBOOK),
    "the archive of a survey": case(zipped(("a.lss", b"<x/>"), ("b.lsr", b"")), WRONG),
    # Files that are something else
    "I29 a workbook named .csv": case(book(ROW), NO_WORKBOOK),
    "I29 text named .xlsx": xlsx(CSV, WRONG),
    "I30 an old workbook": xlsx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), NO_WORKBOOK),
    "I30 an old workbook named .csv": case(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), NO_WORKBOOK),
    "I30 a workbook with macros": xlsx(with_part("xl/vbaProject.bin"), WRONG),
    "I30 a binary workbook": xlsx(
        zipped(("xl/workbook.bin", b"x"), ("[Content_Types].xml", b"<Types/>")), WRONG),
    "a text document": xlsx(
        zipped(("word/document.xml", b"<x/>"), ("[Content_Types].xml", b"<Types/>")), WRONG),
    "an OpenDocument sheet": xlsx(
        zipped(("mimetype", b"application/vnd.oasis"), ("x", b"")), WRONG),
    "a PDF": case(b"%PDF-1.7\n", NO_WORKBOOK),
    "a picture": case(b"\x89PNG\r\n\x1a\n", NO_WORKBOOK),
    "a database": case(b"SQLite format 3\0", NO_WORKBOOK),
    "an SPSS file": case(b"$FL2@(#) SPSS", NO_WORKBOOK),
    "a log-in page": case(b"\n<!DOCTYPE html><html>Log in</html>\n", NO_WORKBOOK),
    "a log-in page in capitals": case(b"<HTML><BODY>Log in</BODY></HTML>\n", NO_WORKBOOK),
    "an error in JSON": case(b'{"error": "no permission"}\n', NO_WORKBOOK),
    "a survey's structure": case(b'<?xml version="1.0"?><document/>', NO_WORKBOOK),
    # Workbooks
    "a workbook": xlsx(book(ROW), rows(1)),
    "a cut workbook": xlsx(book(ROW)[:-200], WRONG),
    "a workbook without its sheet": xlsx(
        zipped(("xl/workbook.xml", b"<workbook/>"), ("[Content_Types].xml", b"<Types/>")), WRONG),
    "an empty sheet": xlsx(book(header=()), refused("EMPTY_FILE")),
    "a sheet with a header alone": xlsx(book(), refused("NO_ROWS", 1)),
    "I32 a second sheet": xlsx(changed(second_sheet), WRONG),
    "I32 a hidden second sheet": xlsx(changed(lambda b: second_sheet(b, "hidden")), WRONG),
    "I32 a very hidden second sheet": xlsx(changed(lambda b: second_sheet(b, "veryHidden")), WRONG),
    "I32 the declared sheet of two": xlsx(changed(second_sheet), rows(1), sheet="Sheet"),
    "I32 a declared sheet that is not there": xlsx(book(ROW), WRONG, sheet="Data"),
    "I32 a row that a filter hides": xlsx(
        changed(lambda b: hide(b, 2)), refused("WRONG_FORMAT", 2)),
    "I32 a row without height": xlsx(replaced(
        book(ROW), SHEET, b'<row r="2"', b'<row r="2" ht="0" customHeight="1"'),
        refused("WRONG_FORMAT", 2)),
    "I32 a hidden row below the data": xlsx(changed(lambda b: hide(b, 9)), rows(1)),
    "I32 a hidden column": xlsx(changed(hide_column), rows(1)),
    "merged cells": xlsx(changed(lambda b: b.active.merge_cells("A2:A3")), WRONG),
    "notes above the header": xlsx(
        book(COLUMNS, ROW, header=("Hill Clinic",)),
        refused("MISSING_COLUMN", 1, "patient", *(
            (1, "MISSING_COLUMN", name) for name in COLUMNS[1:]))),
    "notes above the header, its row declared": xlsx(
        book(COLUMNS, ROW, header=("Hill Clinic",)), rows(1), header_row=2),
    "a cell beyond the header": xlsx(book([*ROW, "x"]), refused("FIELD_COUNT", 2)),
    "a row below, without a patient": xlsx(
        book(ROW, ["", *ROW[1:]]), rows(1, (3, "PATIENT_GIVEN", "patient"))),
    "I31 links to other workbooks": xlsx(with_part("xl/externalLinks/externalLink1.xml"), rows(1)),
    "I31 a picture": xlsx(with_part("xl/media/image1.png"), rows(1)),
    "I31 an embedded document": xlsx(with_part("xl/embeddings/a.docx"), WRONG),
    "I31 an embedded program": xlsx(with_part("xl/embeddings/a.EXE"), WRONG),
    "strict Open XML": xlsx(replaced(
        book(ROW), "xl/workbook.xml", b"<workbook ", b'<workbook x="purl.oclc.org/ooxml" '), WRONG),
    "rows out of order": xlsx(
        replaced(book(ROW, ROW), SHEET, b'<row r="3"', b'<row r="2"'), refused("WRONG_FORMAT", 2)),
    "a bomb of cells": xlsx(with_part(SHEET, b"<worksheet>" + b" " * 30_000_000), WRONG),
    "XML that is cut": xlsx(rewritten(book(ROW), SHEET, lambda xml: xml[:-40]), WRONG),
    "a formula without its result": xlsx(book(row(g1="=1+1")), refused("WRONG_FORMAT", 2)),
    # Cells
    "I58 a typed date": cell(rows(1), date=datetime(2026, 2, 3, 10, 15)),  # noqa: DTZ001
    "I58 a day of the 1904 system": xlsx(
        changed(lambda made: setattr(made, "epoch", CALENDAR_MAC_1904)), rows(1)),
    "I58 a serial number for a date": cell(bad(("DATE_READABLE", "date")), date=46056),
    "I58 a date as text": cell(rows(1), date="2026-02-03"),
    "an hour for a date": cell(bad(("DATE_READABLE", "date")), date=time(10, 15)),
    "the day nought of 1900": cell(bad(("DATE_READABLE", "date")), date=0),
    "an answer that became a date": cell(bad(("ANSWER_ALLOWED", "g1")), g1=date(2026, 2, 1)),
    "an answer that is a truth value": cell(bad(("ANSWER_ALLOWED", "g1")), g1=True),
    "an answer that is an error": cell(bad(("ANSWER_ALLOWED", "g1")), g1="#DIV/0!"),
    "an answer as text": cell(rows(1), g1="1"),
    "an answer of 1.0": cell(rows(1), g1=1.0),
    "an answer of 1.5": cell(bad(("ANSWER_ALLOWED", "g1")), g1=1.5),
    "an answer of 1e-9": cell(bad(("ANSWER_ALLOWED", "g1")), g1=1e-9),
    "a blank for an answer": cell(bad(("ANSWER_ALLOWED", "g1")), g1=" "),
    "an id that became a date": cell(
        refused("WRONG_FORMAT", 2, "patient"), patient=date(2026, 2, 1)),
    "an id of 16 digits as a number": cell(
        refused("WRONG_FORMAT", 2, "patient"), patient=1234567890123456),
    "an id of 15 digits as a number": cell(rows(1), patient=123456789012345),
    "an id of 16 digits as text": cell(rows(1), patient="1234567890123456"),
    "an id in powers of ten": cell(refused("WRONG_FORMAT", 2, "patient"), patient="1.18E+11"),
    "an id with noughts in front, as text": cell(rows(1), patient="007"),
    "a session as text": cell(rows(1), session="1"),
    "a session of 1.5": cell(bad(("SESSION_READABLE", "session")), session=1.5),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return through_the_door(CASES)


@pytest.mark.parametrize("title", CASES)
def test_a_box_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[title] == CASES[title].outcome


@pytest.mark.parametrize("part", [SHEET, "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"])
def test_i25_i26_entities_are_refused_and_nothing_is_fetched(tmp_path: Path, part: str) -> None:
    os.mkfifo(tmp_path / "secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        head = (
            f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "http://127.0.0.1:{port}/">'
            f'<!ENTITY b SYSTEM "file://{tmp_path}/secret"><!ENTITY c "&a;&b;">]>'
        ).encode()
        inside = zipfile.ZipFile(io.BytesIO(book(ROW))).read(part)
        content = with_part(part, head + inside.replace(b">", b">&c;", 1))
        found = through_the_door({"entities": xlsx(content, WRONG)})
        assert found["entities"] == WRONG
        with pytest.raises(BlockingIOError):
            server.accept()
        with pytest.raises(OSError, match="No such device"):
            os.open(tmp_path / "secret", os.O_WRONLY | os.O_NONBLOCK)
