"""Answers, dates and sessions that are not what they look like."""

import pytest

from tests.rapport.exports.faults.door import (
    GOOD,
    HEAD,
    Case,
    Outcome,
    case,
    good,
    lines,
    refused,
    rows,
    sheet,
    through_the_door,
)


def answer(text: str, **export: object) -> Case:
    """A row with one answer that is no answer."""
    return case(sheet(good(g4=text)), rows(0, (2, "ANSWER_ALLOWED", "g4")), **export)


def is_answer(text: str, **export: object) -> Case:
    """A row with one answer that is one."""
    return case(sheet(good(g4=text)), rows(1), **export)


def no_day(text: str, **export: object) -> Case:
    """A row with a date that cannot be read."""
    return case(sheet(good(date=text)), rows(0, (2, "DATE_READABLE", "date")), **export)


def day(text: str, *rules: str, **export: object) -> Case:
    """A row with a date that can be read, and the rules that it breaks."""
    places = [(2, rule, "date") for rule in rules]
    return case(sheet(good(date=text)), rows(0, *places) if places else rows(1), **export)


def no_session(text: str) -> Case:
    """A row with a session that is no number."""
    return case(sheet(good(session=text)), rows(0, (2, "SESSION_READABLE", "session")))


def key(text: str) -> Case:
    """A row whose patient's id is kept as it is."""
    return case(sheet(good(patient=text)), rows(1))


LATER = ("DATE_IN_MONTH", "DATE_NOT_FUTURE")
EARLIER = ("DATE_IN_MONTH", "DATE_NOT_BEFORE_START")
DMY, DMY_2 = ["%d/%m/%Y"], ["%d.%m.%y"]

CASES = {
    # Answers: I12, I56, I57
    **{f"I56 the answer {text!r}": answer(text) for text in (
        "-1", "4", "28", "99", "1e309", "NaN", "inf", "-inf", "-0", "+1", "１", "٣", "²", "Ⅲ",
        "1_000", "0x1", "0b1", "TRUE", "yes", "1.5", "2.5", "3.", ".5", "01", "03", "1,0",
        "1 ", " 1",
        "1\t", "1\N{NO-BREAK SPACE}", "1\N{NARROW NO-BREAK SPACE}000", "1 000", "1'000",
        "1e0", "1E0",
        "--1", "−1", "1%", "l", "O", "?1", "1;2", "1\n2", "NA", "N/A", "NULL", "null", "None", ".",
        "-", "-99", "999", "9999", "#N/A", "#NULL!", "#VALUE!", "#REF!", "=1+1", "@SUM(1)",
        "{question_not_shown}", "prefer not to answer", "odmowa", "01-Feb", "2026-03-04",
        "1/1/1900",
        "3-4", "45292", "1.0000000000000001", "2147483648", "18446744073709551617", "\u200b1",
        "1\ufeff", "<b>1</b>", "1; DROP TABLE sessions", "${7*7}",
    )},
    "I56 the answer 1.0 is 1": is_answer("1.0"),
    "I12 the answer 1,0 is 1 where commas are declared": is_answer("1,0", decimal=","),
    "I12 the answer 1.0 where commas are declared": answer("1.0", decimal=","),
    "I12 the answer 2,5 on a scale of whole numbers": answer("2,5", decimal=","),
    "a declared missing code": is_answer("-9"),
    "a missing code that is not declared": answer("-8"),
    "no answer": is_answer(""),
    "no answer at all": case(sheet("p1,T1,1,2026-02-03,,,,,,,"), rows(1)),
    "I62 the same answer throughout": case(sheet("p1,T1,1,2026-02-03,3,3,3,3,3,3,3"), rows(1)),
    "two answers that are none": case(sheet(good(g1="9", g7="x")), rows(
        0, (2, "ANSWER_ALLOWED", "g1"), (2, "ANSWER_ALLOWED", "g7"))),
    "a code for an answer": case(
        lines(HEAD, "p1,T1,1,2026-02-03,a,b,c,d,a,b,c"), rows(1),
        forms=[{"instrument": "gad-7", "rater": "patient", "items": "g{item}",
                "codes": {"a": "0", "b": "1", "c": "2", "d": "3"}}]),
    "the coding 1 to 4 for 0 to 3": case(
        sheet("p1,T1,1,2026-02-03,1,2,3,4,1,2,3"), rows(0, (2, "ANSWER_ALLOWED", "g4"))),
    # A total that the clinic itself computed
    "I63 a total that is the sum": case(
        lines(HEAD + ",sum", GOOD + ",9"), rows(1),
        forms=[{"instrument": "gad-7", "rater": "patient", "items": "g{item}", "total": "sum"}]),
    "I63 a total that is not the sum": case(
        lines(HEAD + ",sum", GOOD + ",8"), rows(0, (2, "TOTAL_MATCHES", "sum")),
        forms=[{"instrument": "gad-7", "rater": "patient", "items": "g{item}", "total": "sum"}]),
    "I63 a total that is no number": case(
        lines(HEAD + ",sum", GOOD + ",nine"), rows(0, (2, "TOTAL_MATCHES", "sum")),
        forms=[{"instrument": "gad-7", "rater": "patient", "items": "g{item}", "total": "sum"}]),
    "I63 no total": case(
        lines(HEAD + ",sum", GOOD + ","), rows(1),
        forms=[{"instrument": "gad-7", "rater": "patient", "items": "g{item}", "total": "sum"}]),
    # Dates: I58, I59
    **{f"I58 the date {text!r}": no_day(text) for text in (
        "", "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-10", "2026-02-00",
        "46056", "44594", "3.2.2026", "03/02/2026", "02/03/26", "20260203", "2026/02/03",
        "3 Feb 2026",
        "2026-02-03T10:00:00", "2026-02-03 10:00", "2026-W06-2", "2026-034", "1900-01-00", "today",
        "２０２６-02-03", "2026‑02‑03", "0000-01-01", "10000-01-01",
        "-2026-02-03", "2026-02-03Z", "1,23E+09", "#######", "=TODAY()",
    )},
    **{f"I58 the date {text!r}, not clean": case(sheet(good(date=text)), rows(
        0, (2, "DATE_READABLE", "date"), (2, "TEXT_CLEAN", "date"),
    )) for text in (" 2026-02-03", "2026-02-03 ", "2026-02-03\t", "\ufeff2026-02-03")},
    "I58 29 February 2025": no_day("29/02/2025", dates=DMY),
    "I58 31 April": no_day("31/04/2026", dates=DMY),
    "I58 a day written otherwise than declared": no_day("2026-02-03", dates=DMY),
    "I58 a day as declared": day("03/02/2026", dates=DMY),
    "I58 a year of two digits, declared": day("03.02.26", dates=DMY_2),
    "I58 a year of two digits, not declared": no_day("03.02.26", dates=["%d.%m.%Y"]),
    "I58 day and month can be changed over": no_day("03/02/2026", dates=[*DMY, "%m/%d/%Y"]),
    "I58 day and month are the same": day("02/02/2026", dates=[*DMY, "%m/%d/%Y"]),
    "I58 only one order is a day": day("28/02/2026", dates=[*DMY, "%m/%d/%Y"]),
    "I58 year 1": day("0001-01-01", *EARLIER),
    "I58 year 9999": day("9999-12-31", *LATER),
    "a day that stands for none, 1900": day("1900-01-01", *EARLIER),
    "a day that stands for none, 1970": day("1970-01-01", *EARLIER),
    "a day that stands for none, 1980": day("1980-01-01", *EARLIER),
    "a day that stands for none, 2999": day("2999-12-31", *LATER),
    "I59 the day after the month": day("2026-03-01", *LATER),
    "I59 the day before the month": day("2026-01-31", "DATE_IN_MONTH"),
    "the first day of the month": day("2026-02-01"),
    "the last day of the month": day("2026-02-28"),
    "I59 before the clinic's first month": day("2025-10-31", *EARLIER),
    "a time at the month's very end": day("2026-02-28 23:59", dates=["%Y-%m-%d %H:%M"]),
    "a time of another zone that is the next month here": day(
        "2026-02-28T23:30+0000", *LATER, dates=["%Y-%m-%dT%H:%M%z"]),
    "a time of another zone that is this month here": day(
        "2026-01-31T23:30+0000", dates=["%Y-%m-%dT%H:%M%z"]),
    "an offset that no zone has": day("2026-02-03T10:00+1400", dates=["%Y-%m-%dT%H:%M%z"]),
    "an offset of more than a day": no_day("2026-02-03T10:00+9900", dates=["%Y-%m-%dT%H:%M%z"]),
    "a leap second": no_day("2026-02-03 23:59:60", dates=["%Y-%m-%d %H:%M:%S"]),
    "hour 24": no_day("2026-02-03 24:00", dates=["%Y-%m-%d %H:%M"]),
    # Sessions
    **{f"the session {text!r}": no_session(text) for text in (
        "", "-1", "1.5", "10000", "1e1", "first", "１", "#1", "1/2", "0x1", "1 of 8", "٣",
        "99999999999",
    )},
    "the session 0": case(sheet(good(session="0")), rows(1)),
    "the session 9999": case(sheet(good(session="9999")), rows(1)),
    "the session 007": case(sheet(good(session="007")), rows(1)),
    # Ids that are kept: I08 to I11
    **{f"I08 the id {text!r}": key(text) for text in (
        "007", "9007199254740993", "1E5", "2E3", "NA", "null", "None", "nan", "inf", "TRUE",
        "-0", "1.0",
        "0x10", "331-1", "1-2", "01-Feb", "=1+1", "@a", "+1", "a'b", 'a"b', "a;b", "a|b",
        "<p>", "p/../1",
        "../../p", "$HOME", "%s", "{0}", "p 1", "x" * 64, "1e400", "SEPT2", "MARCH1", "#12",
        "00000000",
    )},
    **{f"I08 the spreadsheet error {text!r} for an id": case(
        sheet(good(patient=text)),
        rows(0, (2, "TEXT_CLEAN", "patient")),
    ) for text in ("#N/A", "#REF!", "#NAME?", "#DIV/0!", "#NV", "#WERT!")},
    "I08 an id written as a formula, so that Excel keeps its noughts": case(
        (sheet(good(patient="007")), sheet(good(patient='="007"'))), rows(1, duplicate=1)),
    "an id of 65 signs": case(
        sheet(good(patient="x" * 65)), rows(0, (2, "PATIENT_ID_SHORT", "patient"))),
    "I11 a therapist called NA": case(sheet(good(therapist="NA")), rows(1)),
    "I11 a therapist called None": case(sheet(good(therapist="None")), rows(1)),
    "no patient": case(sheet(good(patient="")), rows(0, (2, "PATIENT_GIVEN", "patient"))),
    "a patient that is a missing code": case(
        sheet(good(patient="-9")), rows(0, (2, "PATIENT_GIVEN", "patient"))),
    "no therapist": case(sheet(good(therapist="")), rows(0, (2, "THERAPIST_GIVEN", "therapist"))),
    "ids in powers of ten": case(
        sheet(good(patient="1.18E+11")), refused("WRONG_FORMAT", 2, "patient")),
    "ids in powers of ten, with a comma": case(
        sheet(good(patient='1,18E+11')), refused("WRONG_FORMAT", 2, "patient")),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return through_the_door(CASES)


@pytest.mark.parametrize("title", CASES)
def test_a_value_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[title] == CASES[title].outcome
