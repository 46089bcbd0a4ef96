"""Texts in other encodings than declared, and keys whose signs hide something."""

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

POLISH = GOOD.replace("T1", "ŁK").replace("p1", "Ąż1")
BOTH = sheet(POLISH, GOOD_2)


def text(encoding: str, *more: str) -> bytes:
    """A file with Polish letters in an encoding."""
    return sheet(POLISH, GOOD_2, *more, encoding=encoding)


def unclean(patient: str) -> object:
    """A row whose patient hides something."""
    return case(sheet(good(patient=patient)), rows(0, (2, "TEXT_CLEAN", "patient")))


def mixed(patient: str) -> object:
    """A row whose patient is written in more than plain letters of one alphabet."""
    return case(sheet(good(patient=patient)), rows(0, (2, "KEYS_PLAIN", "patient")))


CASES = {
    "UTF-8": case(text("utf-8"), rows(2)),
    "UTF-8 with a mark": case(text("utf-8-sig"), rows(2)),
    "UTF-8 with a mark, declared so": case(text("utf-8-sig"), rows(2), encoding="utf-8-sig"),
    "UTF-8 without a mark, declared with one": case(BOTH, rows(2), encoding="utf-8-sig"),
    "UTF-16 with a mark, declared": case(text("utf-16"), rows(2), encoding="utf-16"),
    "UTF-16 of Qualtrics": case(
        b"\xff\xfe" + text("utf-16-le"), rows(2), encoding="utf-16"),
    "UTF-16 the other way round": case(
        b"\xfe\xff" + text("utf-16-be"), rows(2), encoding="utf-16"),
    "UTF-16 without a mark, its order declared": case(
        text("utf-16-le"), rows(2), encoding="utf-16-le"),
    "I17 UTF-16 without a mark, its order not declared": case(
        text("utf-16-le"), refused("ENCODING", 1), encoding="utf-16"),
    "I17 UTF-16 declared in the other order": case(
        text("utf-16-le"), refused("ENCODING"), encoding="utf-16-be"),
    "I17 UTF-16 with a mark, declared as UTF-8": case(text("utf-16"), refused("ENCODING", 1)),
    "I17 UTF-16 without a mark, declared as UTF-8": case(
        sheet(GOOD, encoding="utf-16-le"), refused("NUL_BYTE", 1)),
    "I17 UTF-16 cut within a sign": case(
        text("utf-16")[:-1], refused("ENCODING", 3), encoding="utf-16"),
    "I17 UTF-16 with half a pair": case(
        b"\xff\xfe" + (HEAD + "\n" + GOOD).encode("utf-16-le") + b"\x00\xd8\n\x00",
        refused("ENCODING", 2), encoding="utf-16"),
    "I17 UTF-32 declared as UTF-8": case(text("utf-32"), refused("ENCODING", 1)),
    "I17 cp1250 declared as UTF-8": case(text("cp1250"), refused("ENCODING", 2)),
    "I17 ISO-8859-2 declared as UTF-8": case(text("iso8859-2"), refused("ENCODING", 2)),
    "I17 ISO-8859-2 declared as cp1250": case(
        text("iso8859-2"), rows(1, (2, "TEXT_CLEAN", "patient")), encoding="cp1250"),
    "I17 cp1250 declared as ISO-8859-2": case(
        sheet(GOOD.replace("p1", "Ś1"), encoding="cp1250"), refused("ENCODING", 2),
        encoding="iso8859-2"),
    "I17 UTF-8 declared as cp1250": case(text("utf-8"), refused("ENCODING", 2), encoding="cp1250"),
    "I17 UTF-8 declared as Latin-1": case(text("utf-8"), refused("ENCODING", 2),
                                          encoding="latin-1"),
    "I17 UTF-8 declared as cp1252": case(text("utf-8"), refused("ENCODING", 2), encoding="cp1252"),
    "I17 UTF-8 with a mark declared as cp1250": case(
        text("utf-8-sig"), refused("ENCODING", 1), encoding="cp1250"),
    "I17 UTF-8 declared as ASCII": case(text("utf-8"), refused("ENCODING", 2), encoding="ascii"),
    "cp1250, declared": case(text("cp1250"), rows(2), encoding="cp1250"),
    "ISO-8859-2, declared": case(text("iso8859-2"), rows(2), encoding="iso8859-2"),
    "ISO-8859-2 with a letter of the other code": case(
        sheet(GOOD.replace("p1", "Š1"), encoding="iso8859-2"), rows(1), encoding="iso8859-2"),
    "I18 UTF-8 and cp1250 in one file": case(
        lines(HEAD, POLISH) + POLISH.encode("cp1250"), refused("ENCODING", 3)),
    "I18 UTF-8 twice encoded": case(
        sheet(good(patient="Ł1".encode().decode("latin-1"))),
        rows(0, (2, "TEXT_CLEAN", "patient"))),
    "a surrogate in UTF-8": case(
        BOTH.replace(b"p2", b"\xed\xa0\x80"), refused("ENCODING", 3)),
    "a slash written too long in UTF-8": case(
        BOTH.replace(b"p2", b"p\xc0\xaf"), refused("ENCODING", 3)),
    "a NUL written too long in UTF-8": case(
        BOTH.replace(b"p2", b"p\xc0\x80"), refused("ENCODING", 3)),
    "a sign beyond Unicode in UTF-8": case(
        BOTH.replace(b"p2", b"\xf5\x80\x80\x80"), refused("ENCODING", 3)),
    "UTF-8 cut within a letter": case(BOTH.replace(b"p2", "ż".encode()[:1]),
                                      refused("ENCODING", 3)),
    "UTF-7": case(sheet(GOOD.replace("T1", "+AUE-K")),
                  rows(0, (2, "THERAPIST_REGISTERED", "therapist"))),
    # What hides in a key
    "a mark in the middle": unclean("\ufeffp1"),
    "a blank before an id": unclean(" p1"),
    "a blank behind an id": unclean("p1 "),
    "a no-break blank behind an id": unclean("p1\N{NO-BREAK SPACE}"),
    "a tab behind an id": unclean("p1\t"),
    "a zero-width blank": unclean("p\u200b1"),
    "a zero-width joiner": unclean("p\u200d1"),
    "a soft hyphen": unclean("p\u00ad1"),
    "a reversed direction": unclean("p\u202e1"),
    "an isolated direction": unclean("p\u20661"),
    "a tag sign": unclean("p\U000e0031"),
    "a vertical tab": unclean("p\v1"),
    "an escape": unclean("p\x1b[31m1"),
    "a backspace": unclean("pp\b1"),
    "a DEL": unclean("p\x7f1"),
    "a sign for private use": unclean("p\ue0001"),
    "a code without a sign": unclean("p\u03781"),
    "a lost letter": unclean("p\ufffd1"),
    "a letter of two signs": unclean("pe\u03011"),
    "a variation selector": unclean("p\ufe0f1"),
    # What looks the same
    "I48 a Cyrillic letter among Latin ones": mixed("Anа1"),
    "I48 a Greek letter among Latin ones": mixed("ΑB1"),
    "full-width letters": mixed("Ｐ1"),
    "full-width digits": mixed("P１"),
    "letters of mathematics": mixed("𝐏1"),
    "a Roman number of one sign": mixed("PⅣ"),
    "Arabic digits behind Latin letters": mixed("P١"),
    "a no-break blank within an id": mixed("p\N{NO-BREAK SPACE}1"),
    "a narrow blank within an id": mixed("p\N{NARROW NO-BREAK SPACE}1"),
    "a ligature": mixed("ﬁ1"),
    "an id all in Cyrillic": case(sheet(good(patient="ПД1")), rows(1)),
    "an id all in Greek": case(sheet(good(patient="ΣΩ1")), rows(1)),
    "an id in Chinese": case(sheet(good(patient="李1")), rows(1)),
    "an id with accents": case(sheet(good(patient="Žižka-Ł1")), rows(1)),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return through_the_door(CASES)


@pytest.mark.parametrize("title", CASES)
def test_an_encoding_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[title] == CASES[title].outcome
