"""A copy without erased rows says of everybody else what the file said, in every format."""

import gzip

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.clinics import Clinic
from rapport.exports import Reading, read_export
from rapport.exports.redacting import Copy, alike_rows, copy_without
from rapport.instruments import load_catalogue
from rapport.sources import Delivery
from tests.rapport.exports.fuzzing.readers import CANARY, MAPPINGS, MONTH, reader

CATALOGUE = load_catalogue()
P1 = f"{CANARY}p1"
SEEDS = [(name, seed) for name in MAPPINGS for seed in reader(name).seeds]
HEAD = "patient,therapist,session,date,mode,g1,g2,g3,g4,g5,g6,g7,sum,note"


def delivery(content: bytes, received: str = "") -> Delivery:
    return Delivery("hill", MONTH, "sessions", "a.csv", content, received_sha256=received)


def read(content: bytes, clinic: Clinic, received: str = "") -> Reading:
    return read_export(
        delivery(content, received), mapping=clinic.exports[0], clinic=clinic, catalogue=CATALOGUE
    )


RECEIVED = "0" * 64
"""What a copy is filed as: the hash of a file that was received."""


def copied(content: bytes, clinic: Clinic, *patients: str, received: str = "") -> Copy | None:
    return copy_without(
        delivery(content, received),
        lambda text: text in patients,
        mapping=clinic.exports[0],
        clinic=clinic,
        catalogue=CATALOGUE,
    )


@pytest.mark.parametrize(("name", "seed"), SEEDS)
def test_the_other_rows_of_every_format_are_read_as_before(name: str, seed: str) -> None:
    own = reader(name)
    before = read(own.seeds[seed], own.clinic)
    if before.is_refused:
        pytest.skip("this seed is refused, so that it has no rows")
    patient = str(before.rows.patient.dropna().iloc[0])
    copy = copied(own.seeds[seed], own.clinic, patient)
    assert copy is not None
    after = read(copy.content, own.clinic, delivery(own.seeds[seed]).content_sha256)
    left = before.rows[before.rows.patient.to_numpy() != patient].reset_index(drop=True)
    told = left.columns[left.notna().any()]
    assert set(told) <= set(after.rows.columns)
    pd.testing.assert_frame_equal(after.rows.reset_index(drop=True)[told], left[told])
    assert copy.n_rows == copy.n_now > 0
    assert patient.encode() not in copy.content
    assert after.file["ERASED"] == "broken"
    assert not after.is_refused


def sheet(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows, ""]).encode()


def row(patient: str, session: int = 1) -> str:
    return f"{patient},{CANARY}T1,{session},2026-02-03,v,0,1,2,3,0,1,2,9,"


DELIMITED = reader("delimited").clinic


def test_a_file_without_the_patient_is_kept_as_it_is() -> None:
    assert copied(sheet(row("a"), row("b")), DELIMITED, "c") is None


def test_lines_are_those_of_the_file_that_the_clinic_has() -> None:
    copy = copied(sheet(row("a"), row("b"), row("c")), DELIMITED, "b")
    assert copy is not None
    assert read(copy.content, DELIMITED, RECEIVED).rows.line.tolist() == [2, 4]


def test_a_second_erasure_takes_from_the_copy_and_counts_on() -> None:
    first = copied(sheet(row("a"), row("b"), row("b", 2), row("c")), DELIMITED, "b")
    assert first is not None
    second = copied(first.content, DELIMITED, "c", received=RECEIVED)
    assert second is not None
    assert (first.n_rows, first.n_now, second.n_rows, second.n_now) == (2, 2, 3, 1)
    assert read(second.content, DELIMITED, RECEIVED).rows.patient.tolist() == ["a"]


def test_a_file_of_nobody_else_is_read_as_no_rows_and_not_refused() -> None:
    copy = copied(sheet(row("a")), DELIMITED, "a")
    assert copy is not None
    reading = read(copy.content, DELIMITED, RECEIVED)
    assert (len(reading.rows), reading.is_refused, reading.file["NO_ROWS"]) == (0, False, "holds")


def test_a_row_whose_fields_have_shifted_is_searched_in_every_field() -> None:
    copy = copied(sheet(row("a"), f"{CANARY}T1,a", row("b")), DELIMITED, "a")
    assert copy is not None
    assert (copy.n_now, b'"a"' in copy.content) == (2, False)


def test_blanks_around_an_id_do_not_hide_it() -> None:
    copy = copied(sheet(row(" a "), row("b")), DELIMITED, "a")
    assert copy is not None
    assert copy.n_now == 1


def test_an_id_that_only_looks_the_same_stays_and_is_counted() -> None:
    content = sheet(row("A1"), row("a1"), row("b"))
    copy = copied(content, DELIMITED, "A1")
    assert copy is not None
    assert copy.n_now == 1
    assert alike_rows(delivery(content), "A1", DELIMITED.exports[0]) == 1


REFUSED = {
    "another header": (b"id,x\na,1\n", "MISSING_COLUMN"),
    "a patient for a header": (row("a").encode() + b"\n" + row("b").encode() + b"\n",
                               "MISSING_COLUMN"),
    "another encoding": (sheet(row("a")).decode().encode("utf-16"), "ENCODING"),
    "an open quote": (sheet(row("a"), '"' + row("b")), "UNCLOSED_QUOTE"),
    "a cut archive": (gzip.compress(sheet(row("a")))[:-9], "WRONG_FORMAT"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "WRONG_FORMAT"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_of_a_file_that_cannot_be_read_only_its_refusal_stays(name: str) -> None:
    content, rule = REFUSED[name]
    before = read(content, DELIMITED)
    copy = copied(content, DELIMITED, "a")
    assert copy is not None
    assert copy.is_refusal
    after = read(copy.content, DELIMITED, RECEIVED)
    assert after.is_refused
    for told in (rule, "rows_received", "broken_line"):
        assert after.file[told] == before.file[told]
    assert copied(copy.content, DELIMITED, "a", received=RECEIVED) is None


def test_a_readable_text_that_is_refused_and_does_not_name_the_patient_stays() -> None:
    assert copied(b"id,x\nb,1\n", DELIMITED, "a") is None


def test_a_file_that_only_looks_like_a_copy_is_read_as_what_it_is() -> None:
    copy = copied(sheet(row("a"), row("b")), DELIMITED, "a")
    assert copy is not None
    assert read(copy.content, DELIMITED).is_refused


@given(st.binary(max_size=60))
def test_a_damaged_copy_is_refused_and_does_not_raise(tail: bytes) -> None:
    copy = copied(sheet(row("a"), row("b")), DELIMITED, "a")
    assert copy is not None
    damaged = copy.content[: 40 + len(tail)] + tail
    assert read(damaged, DELIMITED, RECEIVED).is_refused


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=1, max_size=12), st.sampled_from("abcd"))
def test_no_row_is_lost_and_none_of_the_patient_left(patients: list[str], erased: str) -> None:
    content = sheet(*(row(one, place) for place, one in enumerate(patients, 1)))
    copy = copied(content, DELIMITED, erased)
    left = [one for one in patients if one != erased]
    if copy is None:
        assert left == patients
        return
    assert copy.n_now + len(left) == len(patients)
    assert read(copy.content, DELIMITED, RECEIVED).rows.patient.tolist() == left
