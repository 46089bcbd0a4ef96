"""Every change to a recorded entry shows, and says which entry of which table."""

import random
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from rapport.errors import Fault
from rapport.evidence.chain import Anchor, head, verify_anchor, verify_chain
from rapport.warehouse.entries import FIRST_PREVIOUS, entry_hash
from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import CHAINED, exports

ENTRIES = 5
COLUMNS = [(table, column) for table in CHAINED for column in table.columns]


@pytest.fixture
def tampered(ledger: Warehouse) -> Iterator[sa.Connection]:
    """The connection of someone who may do everything, also drop triggers."""
    with ledger.engine.connect() as connection:
        connection.exec_driver_sql("pragma ignore_check_constraints = on")
        for table in CHAINED:
            for name in ("no_update", "no_delete", "follows"):
                connection.exec_driver_sql(f"drop trigger {table.name}_{name}")
        yield connection


def rules(faults: list[Fault]) -> list[str]:
    return [fault.rule for fault in faults]


def flip(value: str | int, generator: random.Random) -> str | int:
    """Change one bit of a value."""
    if isinstance(value, int):
        return value ^ (1 << generator.randrange(4, 8))  # another number than any entry has
    if not value:
        return "x"
    place = generator.randrange(len(value))
    return value[:place] + chr(ord(value[place]) ^ 64) + value[place + 1 :]


def test_what_was_recorded_is_sound(ledger: Warehouse) -> None:
    assert verify_chain(ledger) == []


def test_an_empty_ledger_is_sound(warehouse: Warehouse) -> None:
    assert verify_chain(warehouse) == []
    assert set(head(warehouse).values()) == {Anchor(0, FIRST_PREVIOUS)}


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[str(c) for _, c in COLUMNS])
def test_one_flipped_bit_in_any_column_of_any_entry_shows(
    ledger: Warehouse, tampered: sa.Connection, table: sa.Table, column: sa.Column[str | int]
) -> None:
    for sequence in range(1, ENTRIES + 1):
        entry = table.c.sequence == sequence
        old = tampered.execute(sa.select(column).where(entry)).scalar_one()
        new = flip(old, random.Random(f"{column} {sequence}"))
        number = new if column.name == "sequence" else sequence
        tampered.execute(sa.update(table).where(entry).values({column.name: new}))
        tampered.commit()
        faults = verify_chain(ledger)
        told = " ".join(fault.message for fault in faults)
        assert f"Table {table.name}: entry {number} was altered" in told
        assert "CHAIN_ALTERED" in rules(faults)
        assert len(faults) == 1 or column.name == "sequence"
        tampered.execute(
            sa.update(table).where(table.c.sequence == number).values({column.name: old})
        )
        tampered.commit()
    assert verify_chain(ledger) == []


def test_an_altered_entry_whose_own_hash_was_mended_breaks_the_next_link(
    ledger: Warehouse, tampered: sa.Connection
) -> None:
    entry = dict(
        tampered.execute(sa.select(exports).where(exports.c.sequence == 2)).mappings().one()
    )
    entry["size_bytes"] = 99
    entry["entry_sha256"] = entry_hash("exports", entry, entry["previous_sha256"])
    tampered.execute(sa.update(exports).where(exports.c.sequence == 2).values(entry))
    tampered.commit()
    assert rules(verify_chain(ledger)) == ["CHAIN_BROKEN"]
    assert "entry 3" in verify_chain(ledger)[0].message


def test_another_type_of_value_shows(ledger: Warehouse, tampered: sa.Connection) -> None:
    tampered.exec_driver_sql("update exports set received_name = x'ff00' where sequence = 4")
    tampered.commit()
    assert rules(verify_chain(ledger)) == ["CHAIN_ALTERED"]


@pytest.mark.parametrize("sequence", range(1, ENTRIES))
@pytest.mark.parametrize("table", CHAINED, ids=str)
def test_a_removed_entry_shows(
    ledger: Warehouse, tampered: sa.Connection, table: sa.Table, sequence: int
) -> None:
    tampered.execute(sa.delete(table).where(table.c.sequence == sequence))
    tampered.commit()
    (fault,) = verify_chain(ledger)
    assert fault.rule == "CHAIN_REMOVED"
    assert f"Table {table.name}: entry {sequence} " in fault.message


def test_several_removed_entries_show_as_one_gap(
    ledger: Warehouse, tampered: sa.Connection
) -> None:
    tampered.execute(sa.delete(exports).where(exports.c.sequence.in_([2, 3])))
    tampered.commit()
    (fault,) = verify_chain(ledger)
    assert "entries 2 to 3" in fault.message


def forged(connection: sa.Connection, *, sequence: int, previous: str) -> dict[str, object]:
    """An entry that someone made with the right hash of its own."""
    first = dict(connection.execute(sa.select(exports)).mappings().first() or {})
    entry = {**first, "content_sha256": "forged", "sequence": sequence, "previous_sha256": previous}
    return {**entry, "entry_sha256": entry_hash("exports", entry, previous)}


@pytest.mark.parametrize("sequence", [-1, 0, ENTRIES + 1, ENTRIES + 7])
def test_an_inserted_entry_shows(ledger: Warehouse, tampered: sa.Connection, sequence: int) -> None:
    entry = forged(tampered, sequence=sequence, previous="9" * 64)
    tampered.execute(sa.insert(exports).values(entry))
    tampered.commit()
    assert verify_chain(ledger)


def test_two_entries_that_change_places_show(ledger: Warehouse, tampered: sa.Connection) -> None:
    for old, new in ((2, 50), (3, 2), (50, 3)):
        tampered.execute(sa.update(exports).where(exports.c.sequence == old).values(sequence=new))
    tampered.commit()
    assert {"entry 2", "entry 3"} <= {
        " ".join(fault.message.split(": ")[1].split()[:2]) for fault in verify_chain(ledger)
    }


def test_two_clinics_that_change_places_show(ledger: Warehouse, tampered: sa.Connection) -> None:
    for old, new in (("clinic-1", "x"), ("clinic-2", "clinic-1"), ("x", "clinic-2")):
        tampered.exec_driver_sql(
            "update verdicts set clinic_id = ? where clinic_id = ?", (new, old)
        )
    tampered.commit()
    assert len(verify_chain(ledger)) == 2


@pytest.mark.parametrize("kept", range(ENTRIES))
@pytest.mark.parametrize("table", CHAINED, ids=str)
def test_a_tail_that_was_cut_off_shows_against_an_anchor(
    ledger: Warehouse, tampered: sa.Connection, table: sa.Table, kept: int
) -> None:
    anchor = head(ledger)
    tampered.execute(sa.delete(table).where(table.c.sequence > kept))
    tampered.commit()
    assert verify_chain(ledger) == []  # which is why a head is kept elsewhere
    (fault,) = verify_anchor(ledger, anchor)
    assert (fault.rule, f"Table {table.name}:" in fault.message) == ("CHAIN_TRUNCATED", True)


def test_a_chain_that_was_written_anew_shows_against_an_anchor(
    ledger: Warehouse, tampered: sa.Connection
) -> None:
    anchor = head(ledger)
    previous = FIRST_PREVIOUS
    for entry in tampered.execute(sa.select(exports).order_by(exports.c.sequence)).mappings().all():
        new = {**entry, "received_name": "other.csv", "previous_sha256": previous}
        new["entry_sha256"] = previous = entry_hash("exports", new, previous)
        tampered.execute(
            sa.update(exports).where(exports.c.sequence == new["sequence"]).values(new)
        )
    tampered.commit()
    assert verify_chain(ledger) == []
    assert rules(verify_anchor(ledger, anchor)) == ["CHAIN_REWRITTEN"]


def test_a_ledger_that_only_grew_matches_an_older_anchor(ledger: Warehouse) -> None:
    anchor = head(ledger)
    entry = {"clinic_id": "north", "month": "2026-02", "export_id": "phq",
             "content_sha256": "new", "received_name": "n", "size_bytes": 1}  # fmt: skip
    ledger.append(exports, [entry])
    assert verify_anchor(ledger, anchor) == []
    assert head(ledger)["exports"].sequence == ENTRIES + 1


def test_a_column_added_later_leaves_old_hashes_as_they_are() -> None:
    fields = {"clinic_id": "north"}
    assert entry_hash("t", {**fields, "later": None}, "0") == entry_hash("t", fields, "0")
