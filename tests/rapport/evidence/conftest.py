"""A warehouse in which every chained table holds some entries."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import (
    closings,
    deliveries,
    editions,
    erasures,
    exports,
    redactions,
    verdicts,
)

ENTRIES = 5
"""Entries in each chained table."""

COUNTS = ("received", "accepted", "quarantined", "superseded", "duplicate", "test")


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """A migrated warehouse whose clock ticks one second at each entry."""
    seconds = count()
    start = datetime(2026, 2, 1, tzinfo=UTC)
    opened = Warehouse(
        f"sqlite:///{tmp_path / 'w.db'}", clock=lambda: start + timedelta(seconds=next(seconds))
    )
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def ledger(warehouse: Warehouse) -> Warehouse:
    """The same, with ``ENTRIES`` entries in each chained table."""
    for number in range(ENTRIES):
        place = {"clinic_id": f"clinic-{number}", "month": "2026-01"}
        content, pdf = f"{number}" * 64, f"{number + 5}" * 64
        warehouse.append(
            exports,
            [{**place, "export_id": "phq", "content_sha256": content, "received_name": "phq.csv",
              "size_bytes": 10 + number}],
        )  # fmt: skip
        warehouse.append(
            verdicts,
            [{**place, "verdict": "passed", **{f"rows_{name}": number for name in COUNTS},
              "rules_asked": 30, "rules_broken": 0, "broken_rules": "[]", "result_json": "{}",
              "inputs_sha256": content, "rules_sha256": "b" * 64, "registry_sha256": "c" * 64,
              "code_version": "0.1.0", "files_sha256": content, "clinic_sha256": "d" * 64,
              "accepted_sha256": "e" * 64}],
        )  # fmt: skip
        warehouse.append(
            closings,
            [{"month": "2026-01", "verdicts_until": number + 1, "figures_sha256": content,
              "instruments_sha256": "a" * 64, "registry_sha256": "c" * 64,
              "code_version": "0.1.0"}],
        )  # fmt: skip
        warehouse.append(
            editions,
            [{**place, "edition": 1, "kind": "report", "pdf_sha256": pdf, "pdf_bytes": 100,
              "pages": 5, "path": f"clinic-{number}/2026-01.pdf", "facts_sha256": "f" * 64,
              "inputs_json": "{}", "code_version": "0.1.0", "figures_json": "[]"}],
        )  # fmt: skip
        warehouse.append(
            deliveries,
            [{**place, "edition": 1, "recipient": "a@example.org", "channel": "folder",
              "state": "delivered", "pdf_sha256": pdf}],
        )  # fmt: skip
        warehouse.append(
            erasures,
            [{"clinic_id": place["clinic_id"], "patient_hmac": content, "key_id": "k" * 16,
              "reason": "letter", "requested_by": "Dr Alder", "approved_by": "Dr Birch",
              "n_files": 1, "n_rows": number, "n_months": 1}],
        )  # fmt: skip
        warehouse.append(
            redactions,
            [{"clinic_id": place["clinic_id"], "export_id": "phq", "from_sha256": content,
              "to_sha256": pdf, "n_rows": number}],
        )  # fmt: skip
    return warehouse
