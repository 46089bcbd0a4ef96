"""Whose row it is: other clinics, unknown people, ids that look alike, two who are one."""

from typing import Any

import pytest

from expectations.intake import take_in
from rapport.clinics import Registry
from rapport.exports.elsewhere import KnownPatients
from rapport.instruments import load_catalogue
from rapport.sources import Delivery
from tests.rapport.exports.faults.door import (
    GOOD,
    GOOD_2,
    HEAD,
    MONTH,
    Case,
    Outcome,
    case,
    clinic_of,
    good,
    lines,
    refused,
    rows,
    sheet,
    through_the_door,
)

SITE: dict[str, Any] = {"clinic": {"site": "A"}}


def site(*sites: str) -> bytes:
    """One row for each code of a clinic."""
    texts = [f"{good(patient=f'p{n}')},{code}" for n, code in enumerate(sites)]
    return lines(HEAD + ",site", *texts)


def therapist(text: str, rule: str, column: str = "therapist") -> Case:
    """A row whose therapist is refused by a rule."""
    return case(sheet(good(therapist=text)), rows(0, (2, rule, column)))


def alike(first: str, second: str) -> Case:
    """Two patients whose ids look the same; a third is not concerned."""
    texts = (good(patient=first), good(patient=second), good(patient="x7"))
    places = [(line, "PATIENT_DISTINCT", "patient") for line in (2, 3)]
    return case(sheet(*texts), rows(1, *places))


def apart(first: str, second: str) -> Case:
    """Two patients whose ids differ."""
    return case(sheet(good(patient=first), good(patient=second)), rows(2))


CASES = {
    # Which clinic a row says that it belongs to
    "the clinic's own code": case(site("A", "A"), rows(2), **SITE),
    "I44 another clinic's rows": case(site("B", "B"), refused("WRONG_CLINIC", 2, "site"), **SITE),
    "I45 one row of another clinic": case(
        site("A", "A", "B"), refused("WRONG_CLINIC", 4, "site"), **SITE),
    "I45 the code in another case": case(
        site("A", "a"), refused("WRONG_CLINIC", 3, "site"), **SITE),
    "I45 the code in Greek": case(site("A", "Α"), refused("WRONG_CLINIC", 3, "site"), **SITE),
    "I45 the code and a blank": case(site("A", "A "), refused("WRONG_CLINIC", 3, "site"), **SITE),
    "a row that names no clinic": case(
        site("A", ""), rows(1, (3, "CLINIC_MATCHES", "site")), **SITE),
    "no row names a clinic": case(
        site("", ""), rows(0, (2, "CLINIC_MATCHES", "site"), (3, "CLINIC_MATCHES", "site")),
        **SITE),
    "I45 another clinic's row among declared tests": case(
        site("A", "B"), refused("WRONG_CLINIC", 3, "site"), **SITE, test_rows={"patient": ["p1"]}),
    # Who treated
    "I48 nobody knows the therapist": therapist("T9", "THERAPIST_REGISTERED"),
    "I48 a therapist's name for the id": therapist("Dr Example", "THERAPIST_REGISTERED"),
    "I48 the therapist in another case": therapist("t1", "THERAPIST_SPELT"),
    "I48 the therapist in another case, with accents": therapist("łk", "THERAPIST_SPELT"),
    "I48 the therapist all in Cyrillic": case(
        sheet(good(therapist="ТАТ"), good(patient="p2", therapist="TAT")),
        rows(1, (2, "THERAPIST_SPELT", "therapist")),
        clinic_entry={"therapists": ["TAT"]}),
    "I48 a Cyrillic letter and a Latin digit": therapist("Т1", "THERAPIST_SPELT"),
    "I48 a full-width therapist": therapist("Ｔ1", "KEYS_PLAIN", "therapist"),
    "I48 a blank behind the therapist": therapist("T1 ", "TEXT_CLEAN", "therapist"),
    "I48 a hidden sign in the therapist": therapist("T\u200b1", "TEXT_CLEAN", "therapist"),
    "I48 a nought lost": case(
        sheet(good(therapist="7")), rows(0, (2, "THERAPIST_SPELT", "therapist")),
        clinic_entry={"therapists": ["007"]}),
    "two therapists who differ in case, both registered": case(
        sheet(good(therapist="ab"), good(patient="p2", therapist="AB")), rows(2),
        clinic_entry={"therapists": ["ab", "AB"]}),
    # Patients
    "P01 and p01": alike("P01", "p01"),
    "a Cyrillic Р and a Latin P": alike("Р", "P"),
    "a Greek word and a Latin one": alike("ΤΑΟ", "TAO"),
    "capitals with accents": alike("ŻÓŁĆ", "żółć"),
    "a sharp s and two": alike("Weiß", "WEISS"),
    "007 and 7": alike("007", "7"),
    "P007 and P7": apart("P007", "P7"),
    "an o and a nought": apart("PO1", "P01"),
    "an accent and none": apart("ŁK1", "LK1"),
    "1-2 and 12": apart("1-2", "12"),
    "P01 in a file and p01 in the next": case(
        (sheet(good(patient="P01")), sheet(good(patient="p01", session="2"))),
        rows(0, (2, "PATIENT_DISTINCT", "patient"), quarantined=2)),
    "one spelling of three": case(
        sheet(*(good(patient=text, session=number)
                for text, number in (("P01", "1"), ("P01", "2"), ("p01", "3")))),
        rows(0, *((line, "PATIENT_DISTINCT", "patient") for line in (2, 3, 4)))),
    "a declared test row does not count as a twin": case(
        sheet(good(patient="TEST"), good(patient="test")), rows(1, test=1),
        test_rows={"patient": ["TEST"]}),
    # Test rows
    "declared test rows": case(
        sheet(GOOD, good(patient="Mickey"), good(patient="asdf")), rows(1, test=2),
        test_rows={"patient": ["Mickey", "asdf"]}),
    "a test row with everything wrong": case(
        sheet(GOOD, "Mickey,,x,,9,9,9,9,9,9,9"), rows(1, test=1),
        test_rows={"patient": ["Mickey"]}),
    "a test row that is short": case(
        sheet(GOOD, "Mickey,T1"), rows(1, (3, "FIELDS_COMPLETE", "")),
        test_rows={"patient": ["Mickey"]}),
    "a mark for tests in another case": case(
        sheet(GOOD, good(patient="mickey")), rows(2), test_rows={"patient": ["Mickey"]}),
}  # fmt: skip


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    return through_the_door(CASES)


@pytest.mark.parametrize("title", CASES)
def test_an_identity_has_this_outcome(outcomes: dict[str, Outcome], title: str) -> None:
    assert outcomes[title] == CASES[title].outcome


def refusals(
    files: dict[str, str], known: KnownPatients | None = None, **entries: dict[str, Any]
) -> set[tuple[str, int, str]]:
    """Take one file of each clinic in; return clinic, line and rule of each refused row."""
    shared = {"patient_id_scheme": "region"}
    clinics = {
        name: clinic_of(name, Case(b"", rows(), clinic={**shared, **entries.get(name, {})}))
        for name in ("east", "west", "north")
    }
    taken = take_in(
        [
            Delivery(name, MONTH, "sessions", f"sessions_{MONTH}.csv", sheet(text))
            for name, text in files.items()
        ],
        registry=Registry(clinics, "0" * 64),
        catalogue=load_catalogue(),
        known=known or KnownPatients(),
    )
    places = taken.quarantine[["clinic_id", "line", "rule"]]
    return set(places.itertuples(index=False, name=None))


def known_in(*names: str, patient: str = "p1") -> KnownPatients:
    clinics = {
        name: clinic_of(name, Case(b"", rows(), clinic={"patient_id_scheme": "region"}))
        for name in names
    }
    return KnownPatients.of([(name, patient) for name in names], clinics)


REFUSED_IN_EAST = {("east", 2, "PATIENT_OF_OTHER_CLINIC")}
MOVED = {"transfers": [{"patient": "p1", "from_clinic": "west"}]}


def test_i47_a_patient_known_in_another_clinic_is_refused() -> None:
    assert refusals({"east": GOOD}, known_in("west")) == REFUSED_IN_EAST


def test_i47_a_patient_known_in_this_clinic_alone_is_accepted() -> None:
    assert refusals({"east": GOOD}, known_in("east")) == set()


def test_i47_a_transfer_on_record_lets_the_patient_through() -> None:
    assert refusals({"east": GOOD}, known_in("west"), east=MOVED) == set()


def test_i47_the_clinic_that_a_patient_left_is_not_refused_for_it() -> None:
    assert refusals({"west": GOOD}, known_in("east"), east=MOVED) == set()


def test_i47_a_transfer_from_one_clinic_does_not_speak_for_a_third() -> None:
    assert refusals({"east": GOOD}, known_in("west", "north"), east=MOVED) == REFUSED_IN_EAST


def test_i47_a_transfer_of_one_patient_does_not_speak_for_another() -> None:
    found = refusals({"east": GOOD_2}, known_in("west", patient="p2"), east=MOVED)
    assert found == REFUSED_IN_EAST


def test_i47_two_clinics_that_send_one_patient_in_one_month_are_both_refused() -> None:
    both = REFUSED_IN_EAST | {("west", 2, "PATIENT_OF_OTHER_CLINIC")}
    assert refusals({"east": GOOD, "west": GOOD}) == both
    assert refusals({"east": GOOD, "west": GOOD}, east=MOVED) == set()


def test_i47_clinics_with_ids_of_their_own_are_not_compared() -> None:
    own = {"patient_id_scheme": None}
    assert refusals({"east": GOOD, "west": GOOD}, east=own, west=own) == set()
    assert refusals({"east": GOOD}, known_in("west"), east=own) == set()


def test_i47_what_is_known_elsewhere_holds_no_id() -> None:
    assert "p1" not in repr(known_in("west"))
