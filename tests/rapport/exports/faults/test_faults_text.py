"""Text files that are damaged, mixed up or cut: bytes, line ends, quotes, widths."""

import gzip

import pytest

from tests.rapport.exports.faults.door import (
    GOOD,
    GOOD_2,
    HEAD,
    Outcome,
    case,
    good,
    lines,
    refused,
    rows,
    sheet,
    through_the_door,
)

NBSP = "\N{NO-BREAK SPACE}"
BOTH = sheet(GOOD, GOOD_2)
SHORT = GOOD_2[:-2]
MANY = [GOOD.replace("p1", f"p{n}") for n in range(3, 300)]

CASES = {
    # Nothing, or next to nothing
    "I01 no byte": case(b"", refused("EMPTY_FILE")),
    "I01 one line end": case(b"\n", refused("EMPTY_FILE")),
    "I01 only a byte-order mark": case(b"\xef\xbb\xbf", refused("EMPTY_FILE")),
    "I01 a mark and a line end": case(b"\xef\xbb\xbf\r\n", refused("EMPTY_FILE")),
    "I01 only blanks and tabs": case(b" \t \n \n", refused("EMPTY_FILE")),
    "I01 nothing but the hint of a delimiter": case(b"sep=,\n", refused("EMPTY_FILE")),
    "I01 an empty archive": case(gzip.compress(b""), refused("EMPTY_FILE")),
    "I02 a header alone": case(lines(HEAD), refused("NO_ROWS", 1)),
    "I02 a header alone, no line end": case(HEAD.encode(), refused("NO_ROWS", 1)),
    "I02 a header and blank lines": case(lines(HEAD, "", "", ""), refused("NO_ROWS", 1)),
    "I02 a header twice": case(lines(HEAD, HEAD), refused("WRONG_FORMAT", 2)),
    "I02 a header among the rows": case(lines(HEAD, GOOD, HEAD, GOOD_2),
                                        refused("WRONG_FORMAT", 3)),
    # Widths
    "I03 an extra field in every row": case(sheet(GOOD + ",", GOOD_2 + ","),
                                            refused("FIELD_COUNT", 2)),
    "I03 an index without a heading": case(sheet("0," + GOOD, "1," + GOOD_2),
                                           refused("FIELD_COUNT", 2)),
    "I03 an empty heading for the extra field": case(
        lines(HEAD + ",", GOOD + ",", GOOD_2 + ","), rows(2)),
    "I04 an extra field in one row": case(sheet(GOOD, GOOD_2 + ",9"), refused("FIELD_COUNT", 3)),
    "I04 a comma in a bare field": case(sheet(good(patient="p1").replace("p1", "p,1")),
                                        refused("FIELD_COUNT", 2)),
    "I05 a short row": case(sheet(GOOD, SHORT, GOOD_2), rows(2, (3, "FIELDS_COMPLETE", ""))),
    "I05 a short row of a patient's id alone": case(sheet(GOOD, "p9", GOOD_2),
                                                    rows(2, (3, "FIELDS_COMPLETE", ""))),
    "I05 a short row with a wrong therapist too": case(
        sheet(GOOD, SHORT.replace("T2", "T9"), GOOD_2), rows(2, (3, "FIELDS_COMPLETE", ""))),
    "I05 short rows above one in a hundred": case(sheet(GOOD, SHORT, SHORT.replace("p2", "p3")),
                                                  refused("FIELD_COUNT", 3)),
    "I05 short rows below one in a hundred": case(
        sheet(*MANY, SHORT, SHORT.replace("p2", "p1"), GOOD),
        rows(298, (299, "FIELDS_COMPLETE", ""), (300, "FIELDS_COMPLETE", ""))),
    "a row of delimiters alone": case(sheet(GOOD, "," * 10), rows(1, *(
        (3, rule, column) for rule, column in (
            ("PATIENT_GIVEN", "patient"), ("THERAPIST_GIVEN", "therapist"),
            ("SESSION_READABLE", "session"), ("DATE_READABLE", "date"))))),
    "a row that sums up at the bottom": case(sheet(GOOD, "Total,,,,0,1,2,3,0,1,2"), rows(1, *(
        (3, rule, column) for rule, column in (
            ("THERAPIST_GIVEN", "therapist"), ("SESSION_READABLE", "session"),
            ("DATE_READABLE", "date"))))),
    "a foot note below the table": case(sheet(GOOD, "exported 2026-03-01"),
                                        rows(1, (3, "FIELDS_COMPLETE", ""))),
    "a note above the header": case(lines("Hill Clinic, February", HEAD, GOOD),
                                    refused("MISSING_COLUMN", 1, "patient", *(
                                        (1, "MISSING_COLUMN", name)
                                        for name in HEAD.split(",")[1:]))),
    # Headers
    "I06 a mapped column twice": case(lines(HEAD + ",g1", GOOD + ",0"),
                                      refused("DUPLICATE_COLUMN", 1, "g1")),
    "I06 an undeclared column twice": case(lines(HEAD + ",x,x", GOOD + ",0,0"),
                                           refused("DUPLICATE_COLUMN", 1, "x")),
    "I06 an ignored column twice": case(lines(HEAD + ",note_1,note_1", GOOD + ",a,b"), rows(1)),
    "I07 a blank before a name": case(lines(HEAD.replace("patient", " patient"), GOOD),
                                      refused("MISSING_COLUMN", 1, "patient")),
    "I07 a blank after each comma": case(lines(HEAD.replace(",", ", "), GOOD),
                                         refused("MISSING_COLUMN", 1, "therapist", *(
                                             (1, "MISSING_COLUMN", name)
                                             for name in HEAD.split(",")[2:]))),
    "I07 a no-break blank after a name": case(lines(HEAD.replace("g1", "g1" + NBSP), GOOD),
                                              refused("MISSING_COLUMN", 1, "g1")),
    "I07 another case": case(lines(HEAD.replace("date", "Date"), GOOD),
                             refused("MISSING_COLUMN", 1, "date")),
    "I07 a zero-width blank in a name": case(lines(HEAD.replace("g2", "g\u200b2"), GOOD),
                                             refused("MISSING_COLUMN", 1, "g2")),
    "I07 a Cyrillic letter in a name": case(lines(HEAD.replace("patient", "pаtient"), GOOD),
                                            refused("MISSING_COLUMN", 1, "patient")),
    "I07 a mark before the header": case(b"\xef\xbb\xbf" + BOTH, rows(2)),
    "I07 two marks before the header": case(b"\xef\xbb\xbf\xef\xbb\xbf" + BOTH,
                                            refused("MISSING_COLUMN", 1, "patient")),
    "I50 columns in another order": case(
        lines("g7,g6,g5,g4,g3,g2,g1,date,session,therapist,patient",
              "2,1,0,3,2,1,0,2026-02-03,1,T1,p1"), rows(1)),
    "I51 an undeclared column": case(lines(HEAD + ",extra", GOOD + ",x"), rows(1)),
    "I51 an ignored column": case(lines(HEAD + ",note_1", GOOD + ",ann@example.org"), rows(1)),
    "I52 an item's column is gone": case(
        lines(HEAD.replace(",g7", ""), GOOD[:-2]), refused("MISSING_COLUMN", 1, "g7")),
    # Line ends
    "line ends of old Macintoshes": case(sheet(GOOD, GOOD_2, end="\r"), rows(2)),
    "line ends of Windows": case(sheet(GOOD, GOOD_2, end="\r\n"), rows(2)),
    "line ends mixed": case((HEAD + "\r\n" + GOOD + "\n" + GOOD_2 + "\r").encode(), rows(2)),
    "line ends doubled": case(sheet(GOOD, GOOD_2, end="\r\r\n"), rows(2)),
    "blank lines between rows": case(lines(HEAD, "", GOOD, "", GOOD_2[:-1] + "9"),
                                     rows(1, (5, "ANSWER_ALLOWED", "g7"))),
    "a form feed between rows": case(sheet(GOOD, "\f" + GOOD_2),
                                     rows(1, (3, "TEXT_CLEAN", "patient"))),
    "a line separator in an id": case(
        sheet(good(patient="p\u20281")), rows(0, (2, "TEXT_CLEAN", "patient"))),
    "a next-line sign in an id": case(
        sheet(good(patient="p\x851")), rows(0, (2, "TEXT_CLEAN", "patient"))),
    "a line end in a quoted id": case(sheet(good(patient="p\n1"), GOOD_2.replace("T2", "T9")),
                                      rows(0, (2, "TEXT_CLEAN", "patient"),
                                           (4, "THERAPIST_REGISTERED", "therapist"))),
    "a log-in page behind the rows": case(
        sheet(GOOD, GOOD_2, "<html>Session expired</html>"), refused("FIELD_COUNT", 4)),
    "an error of PHP behind the rows": case(
        sheet(GOOD, "<br />", "<b>Fatal error</b>:  Allowed memory size of 1 bytes exhausted"),
        refused("FIELD_COUNT", 3)),
    "a traceback behind the rows": case(
        sheet(GOOD, "Traceback (most recent call last):"), refused("FIELD_COUNT", 3)),
    "a short row that is no message": case(
        sheet(GOOD, "warned,p2"), rows(1, (3, "FIELDS_COMPLETE", ""))),
    "Ctrl-Z at the end": case(BOTH + b"\x1a", refused("FIELD_COUNT", 4)),
    # Quotes
    "I14 a quote that stays open": case(sheet(GOOD, '"' + GOOD_2), refused("UNCLOSED_QUOTE", 3)),
    "I14 text behind a closing quote": case(sheet(good(patient="p1").replace("p1", '"p"1')),
                                            refused("UNCLOSED_QUOTE", 2)),
    "a quote within a bare field": case(sheet(good(patient='p"1')), rows(1)),
    "all fields quoted": case(lines(*(
        ",".join(f'"{text}"' for text in row.split(",")) for row in (HEAD, GOOD, GOOD_2))),
        rows(2)),
    "single quotes are signs like others": case(sheet(GOOD.replace("p1", "'p1'")), rows(1)),
    "typographic quotes are signs like others": case(sheet(GOOD.replace("p1", "“p1”")), rows(1)),
    "quotes closed by a backslash": case(sheet(GOOD.replace("p1", '"p\\"1"')),
                                         refused("UNCLOSED_QUOTE", 2)),
    # Cut
    "I20 a cut archive": case(gzip.compress(BOTH)[:-9], refused("WRONG_FORMAT")),
    "I20 an archive cut to its head": case(gzip.compress(BOTH)[:12], refused("WRONG_FORMAT")),
    "I21 something behind an archive": case(gzip.compress(BOTH) + b"x", refused("WRONG_FORMAT")),
    "I21 an archive behind an archive": case(gzip.compress(BOTH) * 2, refused("WRONG_FORMAT")),
    "I22 cut within the last row": case(BOTH[:-6], refused("FIELD_COUNT", 3)),
    "I22 cut before the last answer": case(BOTH[:-2], rows(1, (3, "FIELDS_COMPLETE", ""))),
    "I22 no last line end, but the answer cannot go on": case(BOTH[:-1], rows(2)),
    "I22 cut where an id might go on": case(
        lines("g7,g1,g2,g3,g4,g5,g6,date,session,therapist,patient",
              "0,1,2,3,0,1,2,2026-02-03,1,T1,p1", "0,1,2,3,0,1,2,2026-02-03,1,T1,p2")[:-1],
        rows(1, (3, "FIELDS_COMPLETE", ""))),
    "I22 cut within a quoted field": case(BOTH[:-1] + b'\n"p3,', refused("UNCLOSED_QUOTE", 4)),
    # Long and binary
    "I13 NUL in an id": case(sheet(good(patient="p\0")), refused("NUL_BYTE", 2)),
    "I13 NUL bytes for the rest of a block": case(BOTH + b"\0" * 512, refused("NUL_BYTE", 4)),
    "I23 a field of a megabyte": case(sheet(good(patient="p" * 2**20)),
                                      refused("FIELD_TOO_LONG", 2)),
    "I23 a field at the limit": case(
        lines(HEAD + ",note_1", GOOD + "," + "x" * 65536, GOOD_2 + ","), rows(2)),
    "I23 a field beyond the limit": case(
        lines(HEAD + ",note_1", GOOD + "," + "x" * 65537), refused("FIELD_TOO_LONG", 2)),
    "ten million blank lines": case(
        HEAD.encode() + b"\n" * 10_000_001, refused("WRONG_FORMAT")),
    "ten million empty fields": case(lines(HEAD, "," * 10_000_001), refused("WRONG_FORMAT")),
    "a header of 16,385 columns": case(
        lines(HEAD + ",x" * 16_374, GOOD), refused("WRONG_FORMAT")),
    # Delimiters
    "a hint of Excel's": case(b"sep=,\n" + BOTH, rows(2)),
    "a hint of Excel's, quoted": case(b'"sep=,"\r\n' + BOTH, rows(2)),
    "a hint behind a mark": case(b"\xef\xbb\xbfsep=,\r\n" + BOTH, rows(2)),
    "a hint at another delimiter": case(b"sep=;\n" + BOTH, refused("WRONG_FORMAT", 1)),
    "semicolons declared": case(BOTH.replace(b",", b";"), rows(2), delimiter=";"),
    "tabs declared": case(BOTH.replace(b",", b"\t"), rows(2), delimiter="\t"),
    "pipes declared": case(BOTH.replace(b",", b"|"), rows(2), delimiter="|"),
    "carets declared": case(BOTH.replace(b",", b"^"), rows(2), delimiter="^"),
    "commas where semicolons are declared": case(
        BOTH, refused("MISSING_COLUMN", 1, "patient", *(
            (1, "MISSING_COLUMN", name) for name in HEAD.split(",")[1:])), delimiter=";"),
    "a delimiter that changes in the middle": case(
        lines(HEAD, GOOD, GOOD_2.replace(",", ";")), rows(1, (3, "FIELDS_COMPLETE", ""))),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return through_the_door(CASES)


@pytest.mark.parametrize("title", CASES)
def test_a_text_file_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[title] == CASES[title].outcome
