"""Direct identifiers never get past landing, and pseudonyms are not taken for them (I49)."""

import signal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.exports.identifiers import identifier_in
from rapport.exports.national_ids import NATIONAL_IDS
from tests.rapport.exports.faults.door import (
    GOOD,
    GOOD_2,
    HEAD,
    Case,
    Outcome,
    case,
    good,
    lines,
    refused,
    rows,
    sheet,
    taken,
    through_the_door,
)

PESELS = ("44051401359", "02070803628", "90090515836")
NHS = ("9434765919", "4010232137", "9876543210")
BSNS = ("111222333", "123456782", "100000009")
PERSONNUMMER = ("811228-9874", "670919-9530", "19811228-9874")
FODSELSNUMMER = ("13097248022", "01010750160")
STEUER_IDS = ("86095742719", "47036892816", "65929970489")
DNIS = ("12345678Z", "X1234567L", "87654321X")

TRIPS: dict[str, tuple[str, ...]] = {
    "an e-mail address": ("ann@example.org",),
    "an e-mail address in a note": ("please write to <ann.b@mail.example.co.uk>, thanks",),
    "an IPv4 address": ("192.0.2.17",),
    "an IPv4 address in a note": ("from 192.0.2.17 at noon",),
    "an IPv6 address": ("2001:db8::8a2e:370:7334",),
    "an IPv6 address written out": ("2001:0db8:0000:0000:0000:ff00:0042:8329",),
    "degrees": ("52.2297, 21.0122",),
    "degrees with a blank": ("-33.86882 151.20930",),
    "degrees, minutes, seconds": ("52°13'47\"N 21°00'42\"E",),
    "a geo address": ("geo:52.23,21.01",),
    "a British number": ("020 7946 0018",),
    "a British mobile number in a note": ("call me on 07700 900 123",),
    "a British number without blanks": ("07700900123", "07700900124", "07700900125"),
    "a Polish number": ("601 234 567",),
    "a Polish number from abroad": ("+48 601-234-567",),
    "a German number": ("030/901820",),
    "a German number with a bracket": ("(0421) 33 40 10",),
    "a French number": ("06 12 34 56 78",),
    "a Spanish number": ("612 34 56 78",),
    "a Dutch number": ("06-12345678",),
    "a Norwegian number from abroad": ("+4741234567",),
    "a Swedish number": ("08-123 456 78",),
    "a number of the USA": ("(415) 555-2671",),
    "a number of the USA with dots": ("415.555.2671",),
    "a number with two noughts": ("0048 601 234 567",),
    "a number with two noughts and no blank": ("0048601234567",),
    "PESEL numbers": PESELS,
    "a PESEL number among other ids": ("P001", "P002", "P003", PESELS[0]),
    "a PESEL number in a note": (f"PESEL {PESELS[0]}, born in May",),
    "NHS numbers": NHS,
    "an NHS number with blanks": ("943 476 5919",),
    "an NHS number in a note": ("NHS no. 9434765919",),
    "Dutch numbers": BSNS,
    "a Dutch number in a note": ("BSN: 111222333",),
    "Swedish numbers": PERSONNUMMER,
    "a Swedish number among other ids": ("P001", "P002", "P003", PERSONNUMMER[0]),
    "Norwegian numbers": FODSELSNUMMER,
    "one Norwegian number": FODSELSNUMMER[:1],
    "German tax numbers": STEUER_IDS,
    "a German tax number in a note": ("Steuer-ID 86 095 742 719",),
    "Spanish numbers": DNIS,
    "a Spanish number among other ids": ("P001", "P002", "P003", DNIS[0]),
    "an Italian code": ("RSSMRA85T10A562S",),
    "an Italian code in small letters": ("mrtmtt91d08f205j",),
    "a Belgian number": ("85.07.30-033.28",),
    "a Belgian number in a note": ("national number 17073003384",),
    "a French social security number": ("2 55 08 14 168 025 38",),
    "a Finnish code": ("131052-308T",),
    "a social security number of the USA": ("078-05-1120",),
}
"""Texts of one undeclared column, the first of which gives it away or all of them together."""

CODES: dict[str, tuple[str, ...]] = {
    "short codes": ("P001", "P002", "331-1", "AM0001", "Ł-3"),
    "numbers with noughts in front": ("0000000123", "0000000124", "0000000125", "0000000126"),
    "long numbers in order": tuple(str(11812345670 + n) for n in range(12)),
    "numbers of eleven digits, some valid by chance": (*PESELS[:2], "90090515837", "44051401358"),
    "numbers of ten digits, one valid by chance": ("9434765918", "9434765919", "9434765917"),
    "numbers of nine digits, one valid by chance": ("111222333", "111222334", "111222335"),
    "one number that is valid by chance": (NHS[0],),
    "beyond a float": ("9007199254740993", "9007199254740995"),
    "a date": ("2026-02-03", "03/02/2026", "3.2.2026", "20260203", "03-02-26"),
    "a moment": ("2026-02-03 10:20:30", "2026-02-03T10:20:30+01:00", "03/02/2026 14:05:09"),
    "a time": ("10:20:30", "10:20:30.123", "1:02:03"),
    "a date and a number": ("20260203-0001", "260203-0012", "2026-02-0012"),
    "ids of survey software": ("R_2YPOQ602ER1jkf1", "R_3nKpQ2lY9xw12ab"),
    "a UUID": ("550e8400-e29b-41d4-a716-446655440000",),
    "an OID": ("urn:oid:1.2.840.113619.6.197", "1.2.840.113619.6.197"),
    "a web address": ("http://loinc.org/44249-1",),
    "a version": ("1.2.3", "10.0.19041.1", "3.11.0rc1"),
    "an address that is none": ("10.0.0.256", "1.2.3.4.5"),
    "numbers in groups": ("123-456-789", "123-456-790"),
    "a big number": ("1,234,567", "1 234 567", "100 000 000"),
    "a decimal number": ("52.2297", "0.123456", "3.25 4.125"),
    "an e-mail address that is none": ("a@b", "@handle", "5 @ 20"),
    "a case number": ("2026/0001/0002", "AB-2026-000123", "CL01-PT-00012345"),
    "answers in words": ("nearly every day", "10 of 10 in 2026", "between 2 and 5"),
    "powers of ten": ("1.18E+11", "1e10"),
    "a checksum": ("d41d8cd98f00b204e9800998ecf8427e",),
}
"""Texts of one undeclared column that names nobody."""


def column(texts: tuple[str, ...]) -> bytes:
    """A file with these texts in an undeclared column."""
    made = [
        f'{good(patient=f"p{n}")},"{t.replace(chr(34), chr(34) * 2)}"' for n, t in enumerate(texts)
    ]
    return lines(HEAD + ",x", *made)


def first_line(texts: tuple[str, ...]) -> int:
    """The line at which a column gives itself away."""
    found = identifier_in(texts)
    return 0 if found is None else texts.index(found.text) + 2


def heading(name: str) -> Case:
    """A column whose heading says it all."""
    return case(lines(f"{HEAD},{name}", GOOD + ",x"), refused("DIRECT_IDENTIFIER", 1, name))


CASES = {
    **{f"I49 {title}": case(column(texts), refused("DIRECT_IDENTIFIER", first_line(texts), "x"))
       for title, texts in TRIPS.items()},
    **{f"no identifier: {title}": case(column(texts), rows(len(texts)))
       for title, texts in CODES.items()},
    **{f"I49 the heading {name!r}": heading(name) for name in (
        "RecipientEmail", "e-mail", "IPAddress", "first_name", "Surname", "telephone_1", "mobile",
        "dob", "Date of birth", "Geburtsdatum", "Nachname", "Nazwisko", "PESEL", "NHS Number",
        "LocationLatitude", "postcode", "zip_code", "home_address", "BSN", "personnummer",
        "codice_fiscale", "Voornaam", "passport_no", "client_name", "Steuer-ID",
    )},
    "I49 patients by their e-mail addresses": case(
        sheet(GOOD, GOOD_2.replace("p2", "ann@example.org")),
        refused("DIRECT_IDENTIFIER", 3, "patient")),
    "I49 patients by national numbers": case(
        sheet(*(good(patient=pesel) for pesel in PESELS)),
        refused("DIRECT_IDENTIFIER", 2, "patient")),
    "I49 a telephone number for an answer": case(
        sheet(GOOD, good(patient="p2", g3="+48 601 234 567")),
        refused("DIRECT_IDENTIFIER", 3, "g3")),
    "I49 an e-mail address on a test row": case(
        lines(HEAD + ",x", GOOD + ",", good(patient="test") + ",ann@example.org"),
        refused("DIRECT_IDENTIFIER", 3, "x"), test_rows={"patient": ["test"]}),
    "I49 two columns at once": case(
        lines(HEAD + ",x,y", GOOD + ",ann@example.org,192.0.2.17"),
        refused("DIRECT_IDENTIFIER", 2, "x", (2, "DIRECT_IDENTIFIER", "y"))),
    "an identifier in an ignored column": case(
        lines(HEAD + ",note_1", GOOD + ",ann@example.org"), rows(1)),
    "an identifier behind a pattern that is ignored": case(
        lines(HEAD + ",Email,IPAddress", GOOD + ",ann@example.org,192.0.2.17"), rows(1),
        ignored=["Email", "IP*"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return through_the_door(CASES)


@pytest.mark.parametrize("title", CASES)
def test_an_identifier_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[title] == CASES[title].outcome


@pytest.mark.parametrize("title", TRIPS)
def test_an_identifier_is_seen(title: str) -> None:
    assert identifier_in(TRIPS[title]) is not None


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "1 ", "a@", ":", "ab:", "1.", "+1", "0-1", "(0", "1°", "ABCDEF12A", "a@b."],
)
def test_a_text_of_many_pages_is_looked_through_at_once(piece: str) -> None:
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.alarm(60)
    try:
        for text in (piece * 8_000, piece * 8_000 + "@a", "52.1234" + " " * 60_000 + piece):
            identifier_in([text])
    finally:
        signal.alarm(0)


def test_no_identifier_is_told_or_gets_past_landing() -> None:
    intake, _ = taken({name: one for name, one in CASES.items() if name.startswith("I49 ")})
    told = f"{intake.faults} {intake.quarantine.to_dict()} {intake.readings.to_dict()}"
    for texts in TRIPS.values():
        assert not any(text in told for text in texts)
    assert intake.sessions.empty
    assert intake.responses.empty


def test_the_message_names_the_kind_of_identifier() -> None:
    intake, _ = taken({"mail": case(column(("ann@example.org",)), rows())})
    (fault,) = (one for one in intake.faults if one.rule == "DIRECT_IDENTIFIER")
    assert fault.message == "A column holds e-mail addresses."


@settings(max_examples=300, deadline=None)
@given(text=st.text(alphabet="0123456789-_ABCXYZabx", min_size=6, max_size=24))
def test_in_one_unbroken_word_no_national_number_stands_apart(text: str) -> None:
    """What lets such texts be passed over: a shape is found in them only as the whole text."""
    found = [match[0] for kind in NATIONAL_IDS for match in kind.shape.finditer(text)]
    assert set(found) <= {text}
