"""Every way in which a file can be bad that is known so far, each with the outcome it must have.

A case is one file and what must become of it: the broken file rule and its place, or the states of
the rows and the facts that are a no.
"""

import gzip
import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.exports import FILE_RULES
from rapport.exports.facts import FACTS

if TYPE_CHECKING:
    from conftest import Desk

HEAD = "patient,therapist,session,date,g1,g2,g3,g4,g5,g6,g7"
GOOD = "p1,T1,1,2026-02-03,0,1,2,3,0,1,2"
GOOD_2 = "p2,T2,4,2026-02-28,3,3,3,3,3,3,3"


def lines(*rows: str, end: str = "\n") -> bytes:
    return (end.join(rows) + end).encode()


def workbook() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return packed.getvalue()


REFUSED: dict[str, tuple[bytes, str, int | None, str | None]] = {
    "I01 empty file": (b"", "EMPTY_FILE", None, None),
    "I01 only a byte-order mark": (b"\xef\xbb\xbf", "EMPTY_FILE", None, None),
    "I01 only blank lines": (b"\n\r\n  \n", "EMPTY_FILE", None, None),
    "I02 header only": (lines(HEAD), "NO_ROWS", 1, None),
    "I03 one field too many in every row": (
        lines(HEAD, GOOD + ",", GOOD_2 + ","), "FIELD_COUNT", 2, None,
    ),
    "I03 index column without a heading": (
        lines(HEAD, "1," + GOOD, "2," + GOOD_2), "FIELD_COUNT", 2, None,
    ),
    "I04 one field too many in one row": (
        lines(HEAD, GOOD, GOOD_2 + ",9"), "FIELD_COUNT", 3, None,
    ),
    "I04 an unquoted delimiter in a field": (
        lines(HEAD, GOOD, GOOD_2.replace("T2", "T,2")), "FIELD_COUNT", 3, None,
    ),
    "I05 many short rows": (
        lines(HEAD, GOOD, GOOD_2[:-2], GOOD_2[:-2]), "FIELD_COUNT", 3, None,
    ),
    "I06 a mapped column twice": (
        lines(HEAD + ",g1", GOOD + ",0"), "DUPLICATE_COLUMN", 1, "g1",
    ),
    "I06 an unknown column twice": (
        lines(HEAD + ",x,x", GOOD + ",0,0"), "DUPLICATE_COLUMN", 1, "x",
    ),
    "I07 a blank before a name": (
        lines(HEAD.replace("patient", " patient"), GOOD), "MISSING_COLUMN", 1, "patient",
    ),
    "I07 a no-break space in a name": (
        lines(HEAD.replace("g1", "g1\N{NO-BREAK SPACE}"), GOOD), "MISSING_COLUMN", 1, "g1",
    ),
    "I07 another case": (
        lines(HEAD.replace("date", "Date"), GOOD), "MISSING_COLUMN", 1, "date",
    ),
    "I13 NUL in an id": (lines(HEAD, GOOD.replace("p1", "p\0")), "NUL_BYTE", 2, None),
    "I14 unclosed quote at the end": (
        lines(HEAD, GOOD, '"' + GOOD_2), "UNCLOSED_QUOTE", 3, None,
    ),
    "I14 text behind a closing quote": (
        lines(HEAD, GOOD.replace("p1", '"p"1')), "UNCLOSED_QUOTE", 2, None,
    ),
    "I17 cp1250 declared as UTF-8": (
        lines(HEAD).decode().encode() + GOOD.replace("T1", "ŁK").encode("cp1250") + b"\n",
        "ENCODING", 2, None,
    ),
    "I17 UTF-16 declared as UTF-8": (
        lines(HEAD, GOOD).decode().encode("utf-16"), "ENCODING", 1, None,
    ),
    "I17 UTF-16 without a mark": (
        lines(HEAD, GOOD).decode().encode("utf-16-le"), "NUL_BYTE", 1, None,
    ),
    "I18 two encodings": (
        lines(HEAD, GOOD.replace("T1", "ŁK")) + GOOD_2.replace("T2", "ŁK").encode("cp1250"),
        "ENCODING", 3, None,
    ),
    "I20 a truncated gzip archive": (
        gzip.compress(lines(HEAD, GOOD))[:-9], "WRONG_FORMAT", None, None,
    ),
    "I21 a gzip archive with something behind it": (
        gzip.compress(lines(HEAD, GOOD)) + b"x", "WRONG_FORMAT", None, None,
    ),
    "I22 cut within the last row": (
        lines(HEAD, GOOD, GOOD_2)[:-6], "FIELD_COUNT", 3, None,
    ),
    "I23 a field of a megabyte": (
        lines(HEAD, GOOD.replace("p1", "p" * 2**20)), "FIELD_TOO_LONG", 2, None,
    ),
    "I29 a workbook named .csv": (workbook(), "WRONG_FORMAT", 1, None),
    "I30 an old or protected workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 64, "WRONG_FORMAT", 1, None,
    ),
    "a log-in page": (
        b"\n<!DOCTYPE html>\n<html><body>Log in</body></html>\n", "WRONG_FORMAT", 1, None,
    ),
    "an error of an interface": (b'{"error": "no permission"}\n', "WRONG_FORMAT", 1, None),
    "a bundle of resources": (b'{\n "resourceType": "Bundle"}\n', "WRONG_FORMAT", 1, None),
    "an SPSS file": (b"$FL2@(#) SPSS DATA FILE", "WRONG_FORMAT", 1, None),
    "a PDF": (b"%PDF-1.7\n", "WRONG_FORMAT", 1, None),
    "a survey's structure in XML": (
        b'<?xml version="1.0"?>\n<document/>\n', "WRONG_FORMAT", 1, None,
    ),
    "a survey's structure in text": (
        b"id\trelated_id\tclass\ttype/scale\tname\trelevance\ttext\n\n1\t\tS\t\tsid\t\t1\n",
        "WRONG_FORMAT", 1, None,
    ),
    "a REDCap data dictionary": (
        lines('"Variable / Field Name","Form Name","Section Header","Field Type"', "a,b,,text"),
        "WRONG_FORMAT", 1, None,
    ),
    "REDCap metadata": (
        lines("field_name,form_name,section_header,field_type", "a,b,,text"),
        "WRONG_FORMAT", 1, None,
    ),
    "another delimiter than declared": (
        lines(HEAD, GOOD).replace(b",", b";"), "MISSING_COLUMN", 1, "patient",
    ),
    "another delimiter hinted than declared": (
        b"sep=;\n" + lines(HEAD, GOOD), "WRONG_FORMAT", 1, None,
    ),
    "I49 e-mail addresses for patients": (
        lines(HEAD, GOOD, GOOD_2.replace("p2", "ann@example.org")),
        "DIRECT_IDENTIFIER", 3, "patient",
    ),
    "I49 an undeclared column of e-mail addresses": (
        lines(HEAD + ",contact", GOOD + ",", GOOD_2 + ",write to ann@example.org"),
        "DIRECT_IDENTIFIER", 3, "contact",
    ),
    "I49 an undeclared column of IP addresses": (
        lines(HEAD + ",from", GOOD + ",192.0.2.17"), "DIRECT_IDENTIFIER", 2, "from",
    ),
    "I49 an undeclared column of telephone numbers": (
        lines(HEAD + ",x", GOOD + ",+48 601 000 000"), "DIRECT_IDENTIFIER", 2, "x",
    ),
    "I49 an undeclared column of surnames": (
        lines(HEAD + ",last_name", GOOD + ",Nowak"), "DIRECT_IDENTIFIER", 1, "last_name",
    ),
    "I49 national numbers for patients": (
        lines(
            HEAD, *(GOOD.replace("p1", pesel)
            for pesel in ("44051401359", "02070803628", "90090515836")),
        ),
        "DIRECT_IDENTIFIER", 2, "patient",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_bad_file_is_refused_whole_for_its_true_reason(desk: "Desk", case: str) -> None:
    content, rule, line, column = REFUSED[case]
    reading = desk.read(content)
    assert reading.is_refused
    assert reading.file[rule] == "broken"
    assert (reading.file["broken_line"], reading.file["broken_column"]) == (line, column)
    assert reading.rows.empty
    assert reading.faults[0].rule == rule
    assert all(fault.message and fault.remedy for fault in reading.faults)


@pytest.mark.parametrize("case", REFUSED)
def test_every_file_rule_says_what_became_of_it(desk: "Desk", case: str) -> None:
    file = desk.read(REFUSED[case][0]).file
    first = FILE_RULES.index(REFUSED[case][1])
    assert {file[rule] for rule in FILE_RULES[:first]} <= {"holds", "broken"}
    assert {file[rule] for rule in FILE_RULES} <= {"holds", "broken", "not_reached"}


@pytest.mark.parametrize("case", REFUSED)
def test_no_fault_quotes_what_stands_in_a_cell(desk: "Desk", case: str) -> None:
    content = REFUSED[case][0].replace(b"p1", b"CANARY").replace(b"T1", b"CANARY")
    assert "CANARY" not in str(desk.read(content).faults)


def test_a_file_without_a_header_does_not_tell_its_first_patient(desk: "Desk") -> None:
    reading = desk.read(lines("CANARY,T1,1,2026-02-03,0,1,2,3,0,1,2", GOOD))
    assert reading.file["MISSING_COLUMN"] == "broken"
    assert "CANARY" not in str(reading.faults) + str(reading.file)


ROWS: dict[str, tuple[bytes, list[str], set[str]]] = {
    "I05 one short row": (
        lines(HEAD, GOOD, GOOD_2[:-2]), ["accepted", "quarantined"], {"fields_complete"},
    ),
    "I08 ids with leading noughts": (lines(HEAD, GOOD.replace("p1", "007")), ["accepted"], set()),
    "I09 ids beyond a float": (
        lines(HEAD, GOOD.replace("p1", "9007199254740993")), ["accepted"], set(),
    ),
    "I10 ids like powers of ten": (lines(HEAD, GOOD.replace("p1", "1E5")), ["accepted"], set()),
    "I11 a therapist called NA": (lines(HEAD, GOOD.replace("T1", "NA")), ["accepted"], set()),
    "I11 a patient called null": (lines(HEAD, GOOD.replace("p1", "null")), ["accepted"], set()),
    "I12 a decimal comma that is not declared": (
        lines(HEAD, GOOD.replace(",0,1,", ',"0,0",1,', 1)), ["quarantined"], set(),
    ),
    "I22 cut where an id might go on": (
        lines(HEAD.removesuffix(",g7").replace("patient", "g7") + ",patient",
              "2,T1,1,2026-02-03,0,1,2,3,0,1,p1", "2,T1,1,2026-02-04,0,1,2,3,0,1,p2")[:-1],
        ["accepted", "quarantined"], {"fields_complete"},
    ),
    "I22 cut before an answer": (
        lines(HEAD, GOOD, GOOD_2)[:-2], ["accepted", "quarantined"], {"fields_complete"},
    ),
    "I22 no line end, but the last answer cannot go on": (
        lines(HEAD, GOOD, GOOD_2)[:-1], ["accepted", "accepted"], set(),
    ),
    "I48 a therapist nobody knows": (
        lines(HEAD, GOOD.replace("T1", "T9")), ["quarantined"], {"therapist_registered"},
    ),
    "I48 a therapist in another case": (
        lines(HEAD, GOOD.replace("T1", "t1")), ["quarantined"], {"therapist_spelt"},
    ),
    "I48 a therapist in letters that look the same": (
        lines(HEAD, GOOD.replace("T1", "\N{CYRILLIC CAPITAL LETTER TE}1")),
        ["quarantined"], {"therapist_spelt"},
    ),
    "I50 columns in another order": (
        lines("g7,g6,g5,g4,g3,g2,g1,date,session,therapist,patient",
              "2,1,0,3,2,1,0,2026-02-03,1,T1,p1"),
        ["accepted"], set(),
    ),
    "I51 an unknown column": (lines(HEAD + ",extra", GOOD + ",x"), ["accepted"], set()),
    "I51 an ignored column": (
        lines(HEAD + ",note_1", GOOD + ",ann@example.org"), ["accepted"], set(),
    ),
    "I58 a day that does not exist": (
        lines(HEAD, GOOD.replace("02-03", "02-29")), ["quarantined"], {"date_readable"},
    ),
    "I58 an Excel serial": (
        lines(HEAD, GOOD.replace("2026-02-03", "46056")), ["quarantined"], {"date_readable"},
    ),
    "I58 a date that is not in the declared format": (
        lines(HEAD, GOOD.replace("2026-02-03", "03/02/2026")), ["quarantined"], {"date_readable"},
    ),
    "I58 full-width digits": (
        lines(HEAD, GOOD.replace("2026", "２０２６")), ["quarantined"], {"date_readable"},
    ),
    "I58 year 9999": (
        lines(HEAD, GOOD.replace("2026", "9999")),
        ["quarantined"], {"date_in_month", "date_not_future"},
    ),
    "I59 after the month": (
        lines(HEAD, GOOD.replace("02-03", "03-01")),
        ["quarantined"], {"date_in_month", "date_not_future"},
    ),
    "I59 before the month": (
        lines(HEAD, GOOD.replace("02-03", "01-31")), ["quarantined"], {"date_in_month"},
    ),
    "I59 before the clinic's first month": (
        lines(HEAD, GOOD.replace("2026-02-03", "2025-10-31")),
        ["quarantined"], {"date_in_month", "date_not_before_start"},
    ),
    "no date": (
        lines(HEAD, GOOD.replace("2026-02-03", "")), ["quarantined"], {"date_readable"},
    ),
    "no patient": (lines(HEAD, GOOD.replace("p1", "")), ["quarantined"], {"patient_given"}),
    "no therapist": (lines(HEAD, GOOD.replace("T1", "")), ["quarantined"], {"therapist_given"}),
    "a patient that is a declared missing code": (
        lines(HEAD, GOOD.replace("p1", "-9")), ["quarantined"], {"patient_given"},
    ),
    "no session": (
        lines(HEAD, GOOD.replace("T1,1", "T1,")), ["quarantined"], {"session_readable"},
    ),
    "a session between two": (
        lines(HEAD, GOOD.replace("T1,1", "T1,1.5")), ["quarantined"], {"session_readable"},
    ),
    "a session beyond reason": (
        lines(HEAD, GOOD.replace("T1,1", "T1,10000")), ["quarantined"], {"session_readable"},
    ),
    "a blank before an id": (
        lines(HEAD, GOOD.replace("p1", " p1")), ["quarantined"], {"text_clean"},
    ),
    "a zero-width space in an id": (
        lines(HEAD, GOOD.replace("p1", "p\u200b1")), ["quarantined"], {"text_clean"},
    ),
    "a line end in an id": (
        lines(HEAD, GOOD.replace("p1", '"p\n1"')), ["quarantined"], {"text_clean"},
    ),
    "a reversed direction in an id": (
        lines(HEAD, GOOD.replace("p1", "p\u202e1")), ["quarantined"], {"text_clean"},
    ),
    "an id of two code points for one letter": (
        lines(HEAD, GOOD.replace("p1", "pe\u0301")), ["quarantined"], {"text_clean"},
    ),
    "an id with a lost letter": (
        lines(HEAD, GOOD.replace("p1", "p\ufffd")), ["quarantined"], {"text_clean"},
    ),
    "I67 the same row twice": (lines(HEAD, GOOD, GOOD), ["accepted", "duplicate"], set()),
    "I67 the same row twice, its session written otherwise": (
        lines(HEAD, GOOD, GOOD.replace("T1,1,", "T1,01,")), ["accepted", "duplicate"], set(),
    ),
    "I68 two rows that contradict each other": (
        lines(HEAD, GOOD, GOOD[:-1] + "3"), ["quarantined", "quarantined"], {"key_unique"},
    ),
    "a row of nothing but delimiters": (
        lines(HEAD, GOOD, ",,,,,,,,,,"), ["accepted", "quarantined"],
        {"patient_given", "therapist_given", "session_readable", "date_readable"},
    ),
    "a summary row at the bottom": (
        lines(HEAD, GOOD, "Sum,,,,3,4,5,6,3,4,5"), ["accepted", "quarantined"],
        {"therapist_given", "session_readable", "date_readable"},
    ),
    "a whole form missing": (
        lines(HEAD, "p1,T1,1,2026-02-03,,,,-9,,,"), ["accepted"], set(),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ROWS)
def test_a_bad_row_is_refused_alone_and_for_its_true_reason(desk: "Desk", case: str) -> None:
    content, states, refusals = ROWS[case]
    reading = desk.read(content)
    assert not reading.is_refused
    rows, found = desk.judged(reading)
    assert found.tolist() == states
    assert {name for name in FACTS if (rows[f"fact.{name}"] == "no").any()} == refusals
    assert reading.file["rows_received"] == len(states)


@pytest.mark.parametrize(
    "answer",
    ["-1", "4", "99", "1e309", "NaN", "inf", "-0", "４", "1_000", "0x10", "TRUE", "2.5", "+1", " 1",
     "1 ", "01", "1,0", "=1+1", "?1", "l"],
)  # fmt: skip
def test_an_answer_that_is_not_on_the_scale_is_never_turned_into_one(
    desk: "Desk", answer: str
) -> None:
    content = desk.csv(desk.row(g4=answer), desk.row("p2"))
    rows, states = desk.judged(desk.read(content))
    assert states.tolist() == ["quarantined", "accepted"]
    assert desk.canonical(rows, states)[1]["patient_id"].tolist() == ["p2"]


@settings(deadline=None, max_examples=60)
@given(content=st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail(desk: "Desk", content: bytes) -> None:
    for native in ("delimited", "redcap", "qualtrics", "limesurvey"):
        reading = desk.read(content, format=native)
        assert reading.is_refused
        assert reading.rows.empty


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_no_damage_to_a_good_file_makes_the_reader_fail_or_lose_a_row(
    desk: "Desk", data: st.DataObject
) -> None:
    content = bytearray(lines(HEAD, *(GOOD.replace("p1", f"p{n}") for n in range(9))))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        kind = data.draw(st.sampled_from(["change", "cut", "insert"]))
        sign = data.draw(st.sampled_from(b'",;\n\r\0\xff\xc5 0Tp'))
        if kind == "change":
            content[place] = sign
        elif kind == "insert":
            content.insert(place, sign)
        else:
            del content[place : place + 3]
    reading = desk.read(bytes(content))
    if reading.is_refused:
        assert reading.rows.empty
    else:
        _, states = desk.judged(reading)
        assert len(states) == reading.file["rows_received"] == len(reading.rows)
