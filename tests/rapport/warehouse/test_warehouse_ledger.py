"""Chained tables take the next entry and give none back."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pandas as pd
import pytest
import sqlalchemy as sa

from rapport.errors import EvidenceError
from rapport.evidence.chain import head, verify_chain
from rapport.warehouse.engine import ConstraintBrokenError
from rapport.warehouse.entries import FIRST_PREVIOUS, entry_hash
from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import (
    CHAINED,
    closings,
    deliveries,
    editions,
    erasures,
    exports,
    quarantine,
    redactions,
    verdicts,
)

Verdict = Callable[..., dict[str, object]]


def received(content: str, *, name: str = "phq.csv", clinic: str = "north") -> dict[str, object]:
    return {
        "clinic_id": clinic,
        "month": "2026-01",
        "export_id": "phq",
        "content_sha256": content,
        "received_name": name,
        "size_bytes": 10,
    }


def edition(number: int, *, pdf: str = "p" * 64) -> dict[str, object]:
    return {
        "clinic_id": "north", "month": "2026-01", "edition": number, "kind": "report",
        "pdf_sha256": pdf, "pdf_bytes": 100, "pages": 5, "path": f"north/{number}.pdf",
        "facts_sha256": "f" * 64, "inputs_json": "{}", "code_version": "0.1.0",
    }  # fmt: skip


def test_entries_are_numbered_and_linked(warehouse: Warehouse) -> None:
    assert warehouse.append(exports, [received("a"), received("b")]) == 2
    assert warehouse.append(exports, [received("c")]) == 1
    read = warehouse.read(exports)
    assert read["sequence"].tolist() == [1, 2, 3]
    assert read["previous_sha256"].tolist() == [FIRST_PREVIOUS, *read["entry_sha256"][:2]]


def test_an_entry_is_hashed_with_all_its_fields_and_the_one_before(warehouse: Warehouse) -> None:
    warehouse.append(exports, [received("a"), received("b")])
    first, second = warehouse.read(exports).to_dict("records")
    assert second["entry_sha256"] == entry_hash("exports", second, first["entry_sha256"])


def test_the_hash_of_an_entry_is_sha256_of_its_canonical_json() -> None:
    # printf '{"fields":{"a":"\\u00e9","n":1},"previous":"00","table":"t"}' | sha256sum
    expected = "318e5a2f9fdfcb9eabcd707a2d60b34b5d5c4b42922d5094622fc8a7288da9f4"
    assert entry_hash("t", {"n": 1, "a": "é", "missing": None}, "00") == expected


@pytest.mark.parametrize("value", [1.5, True, b"x", ["x"]])
def test_only_text_and_whole_numbers_are_hashed(value: object) -> None:
    with pytest.raises(TypeError, match=r"t\.a is neither"):
        entry_hash("t", {"a": value}, "00")


def test_the_same_content_again_is_not_news(warehouse: Warehouse) -> None:
    warehouse.append(exports, [received("a")])
    assert warehouse.append(exports, [received("a"), received("b"), received("b")]) == 1
    assert warehouse.append(exports, [received("a", name="other.csv")]) == 0
    assert warehouse.read(exports)["received_name"].tolist() == ["phq.csv"] * 2


def test_the_same_edition_with_another_pdf_is_a_contradiction(warehouse: Warehouse) -> None:
    warehouse.append(editions, [edition(1)])
    with pytest.raises(EvidenceError, match="differs in pdf_sha256"):
        warehouse.append(editions, [edition(2), edition(1, pdf="q" * 64)])
    assert warehouse.read(editions)["edition"].tolist() == [1]


def test_verdicts_of_one_clinic_month_follow_each_other(
    warehouse: Warehouse, verdict: Verdict
) -> None:
    assert warehouse.append(verdicts, [verdict()]) == 1
    assert warehouse.append(verdicts, [verdict()]) == 1


@pytest.mark.parametrize("change", [{"surplus": "x"}, {"size_bytes": None}])
def test_an_entry_has_exactly_the_fields_of_its_table(
    warehouse: Warehouse, change: dict[str, object]
) -> None:
    row = {**received("a"), **change}
    if "surplus" not in change:
        del row["size_bytes"]
    with pytest.raises(ValueError, match="has exactly the fields"):
        warehouse.append(exports, [row])


def test_a_table_of_slices_takes_no_entries(warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match="not a chained table"):
        warehouse.append(quarantine, [])


def test_a_chained_table_is_not_sliced(warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match="append-only"):
        warehouse.replace_slice(verdicts, pd.DataFrame(), clinic_id="north", month="2026-01")


def test_the_time_of_recording_is_utc_to_the_microsecond(empty_url: str) -> None:
    local = timezone(timedelta(hours=2))
    warehouse = Warehouse(empty_url, clock=lambda: datetime(2026, 2, 1, 1, 30, tzinfo=local))
    warehouse.migrate()
    warehouse.append(exports, [received("a")])
    assert warehouse.read(exports)["recorded_at"].tolist() == ["2026-01-31T23:30:00.000000Z"]
    warehouse.close()


def test_the_same_entries_at_the_same_time_give_the_same_head(
    empty_url: str, second_empty_url: str
) -> None:
    heads = []
    for url in (empty_url, second_empty_url):
        warehouse = Warehouse(url, clock=lambda: datetime(2026, 2, 1, tzinfo=UTC))
        warehouse.migrate()
        warehouse.append(exports, [received("a"), received("b")])
        heads.append(head(warehouse))
        warehouse.close()
    assert heads[0] == heads[1]
    assert heads[0]["exports"].sequence == 2


def _forbidden(table: sa.Table) -> list[sa.UpdateBase]:
    return [
        sa.update(table).values(previous_sha256="2026-02"),
        sa.update(table).values(recorded_at=table.c.recorded_at),
        sa.delete(table),
        sa.delete(table).where(table.c.sequence == 1),
    ]


def _one_entry_each(warehouse: Warehouse, verdict: Verdict) -> None:
    warehouse.append(exports, [received("a")])
    warehouse.append(verdicts, [verdict()])
    warehouse.append(editions, [edition(1)])
    delivery = {
        "clinic_id": "north", "month": "2026-01", "edition": 1, "recipient": "a@example.org",
        "channel": "folder", "state": "delivered", "pdf_sha256": "p" * 64,
    }  # fmt: skip
    warehouse.append(deliveries, [delivery])
    closing = {
        "month": "2026-01", "verdicts_until": 1, "figures_sha256": "f" * 64,
        "instruments_sha256": "i" * 64, "registry_sha256": "r" * 64, "code_version": "0.1.0",
    }  # fmt: skip
    warehouse.append(closings, [closing])
    erasure = {
        "clinic_id": "north", "patient_hmac": "h" * 64, "key_id": "k" * 16, "reason": "letter",
        "requested_by": "Dr Alder", "n_files": 1, "n_rows": 2, "n_months": 1,
    }  # fmt: skip
    warehouse.append(erasures, [erasure])
    redaction = {
        "clinic_id": "north", "export_id": "phq", "from_sha256": "a", "to_sha256": "b", "n_rows": 2,
    }  # fmt: skip
    warehouse.append(redactions, [redaction])


@pytest.mark.parametrize("table", CHAINED, ids=str)
def test_the_database_refuses_to_change_or_remove_an_entry(
    warehouse: Warehouse, verdict: Verdict, table: sa.Table
) -> None:
    _one_entry_each(warehouse, verdict)
    before = warehouse.read(table)
    for statement in _forbidden(table):
        with (
            pytest.raises(ConstraintBrokenError),
            warehouse.engine.begin() as connection,
        ):
            connection.execute(statement)
    pd.testing.assert_frame_equal(warehouse.read(table), before)


@pytest.mark.parametrize("table", CHAINED, ids=str)
def test_postgresql_refuses_to_truncate(postgresql_warehouse: Warehouse, table: sa.Table) -> None:
    with (
        pytest.raises(ConstraintBrokenError),
        postgresql_warehouse.engine.begin() as connection,
    ):
        connection.execute(sa.text(f"truncate {table.name}"))


@pytest.mark.parametrize(
    "change", [{"sequence": 9}, {"sequence": 1}, {"previous_sha256": "0" * 64}]
)
def test_the_database_takes_only_the_next_entry(
    warehouse: Warehouse, change: dict[str, Any]
) -> None:
    warehouse.append(exports, [received("a"), received("b")])
    newest = warehouse.read(exports).iloc[-1]
    follower = {
        **received("c"), "sequence": 3, "recorded_at": "now",
        "previous_sha256": newest["entry_sha256"], "entry_sha256": "e" * 64, **change,
    }  # fmt: skip
    with pytest.raises(ConstraintBrokenError), warehouse.engine.begin() as connection:
        connection.execute(sa.insert(exports).values(**follower))


def test_sqlite_refuses_to_replace_an_entry_by_inserting_it_again(
    sqlite_warehouse: Warehouse,
) -> None:
    sqlite_warehouse.append(exports, [received("a")])
    statement = "insert or replace into exports select * from exports"
    with pytest.raises(ConstraintBrokenError), sqlite_warehouse.engine.begin() as connection:
        connection.execute(sa.text(statement))


def test_many_writers_make_one_chain(warehouse: Warehouse) -> None:
    appended: list[int] = []

    def write(writer: int) -> None:
        for number in range(5):
            own, shared = f"{writer}-{number}", f"shared-{number}"
            appended.append(warehouse.append(exports, [received(own), received(shared)]))

    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(appended) == 8 * 5 + 5
    assert warehouse.read(exports)["sequence"].tolist() == list(range(1, 46))
    assert verify_chain(warehouse) == []
