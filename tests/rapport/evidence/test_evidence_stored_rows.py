"""A flipped bit in stored rows shows, and so do rows that no verdict accepted (A01, A09)."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from rapport.evidence.stored_rows import verify_rows
from rapport.home import Home
from rapport.warehouse import tables
from tests.rapport.monthly.plain_engine import without_great_expectations
from tests.rapport.monthly.small_home import MONTH, a_row, rows_of, small_home, take_in, upload

STORED = list(tables.PACKED.values())


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    made = small_home(tmp_path / "home")
    with without_great_expectations():
        upload(made, f"sessions_{MONTH}.csv", [*rows_of(8), a_row(9, 1, phq2="x")])
        take_in(made)
        upload(made, "sessions_2025-03.csv", rows_of(8, month="2025-03"))
        take_in(made, "2025-03")
        yield made
    made.warehouse.close()


def rules(home: Home) -> list[str]:
    return [fault.rule for fault in verify_rows(home.warehouse)]


def rewrite(home: Home, table: sa.Table, **changes: object) -> None:
    with home.warehouse.writing.begin() as connection:
        connection.execute(sa.update(table).where(table.c.month == MONTH).values(**changes))


def stored(home: Home, table: sa.Table) -> bytes:
    with home.warehouse.engine.connect() as connection:
        query = sa.select(table.c.parquet).where(table.c.month == MONTH)
        return bytes(connection.execute(query).scalar_one())


def test_rows_as_they_were_written_and_accepted_are_sound(home: Home) -> None:
    assert len(home.warehouse.read(tables.sessions, month=MONTH)) == 16
    assert rules(home) == []


@pytest.mark.parametrize("table", STORED, ids=str)
def test_any_flipped_bit_in_stored_rows_shows(home: Home, table: sa.Table) -> None:
    sound, chance = stored(home, table), random.Random(str(table))
    for _ in range(20):
        changed = bytearray(sound)
        changed[chance.randrange(len(sound))] ^= 1 << chance.randrange(8)
        rewrite(home, table, parquet=bytes(changed))
        assert rules(home) == ["SLICE_CHANGED"]
    rewrite(home, table, parquet=sound)
    assert rules(home) == []


@pytest.mark.parametrize("table", STORED, ids=str)
def test_another_number_of_rows_shows(home: Home, table: sa.Table) -> None:
    rewrite(home, table, n_rows=3)
    assert rules(home) == ["SLICE_CHANGED"]


@pytest.mark.parametrize("rows", [tables.sessions, tables.survey_responses], ids=str)
def test_rows_that_were_replaced_with_their_hash_are_not_those_of_the_verdict(
    home: Home, rows: sa.Table
) -> None:
    frame = home.warehouse.read(rows, month=MONTH)
    place = {"clinic_id": "alpha", "month": MONTH}
    home.warehouse.replace_slice(rows, frame.assign(therapist_id="T9"), **place)
    assert rules(home) == ["ROWS_NOT_ACCEPTED"]


def test_rows_that_were_deleted_are_missed(home: Home) -> None:
    stored_rows = tables.PACKED[tables.survey_responses]
    with home.warehouse.writing.begin() as connection:
        connection.execute(sa.delete(stored_rows).where(stored_rows.c.month == MONTH))
    assert rules(home) == ["ROWS_NOT_ACCEPTED"]


def test_a_fault_names_the_clinic_month_and_no_value(home: Home) -> None:
    rewrite(home, STORED[1], n_rows=3)
    (fault,) = verify_rows(home.warehouse)
    assert f"survey_responses, alpha {MONTH}" in fault.message
    assert "P00" not in str(fault)
