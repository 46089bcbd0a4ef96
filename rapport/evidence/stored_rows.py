"""Stored rows, recomputed: are they those that were written, and those that verdicts accepted?

Each slice stands beside the hash of its bytes, which shows a flipped bit. Whoever changes both is
found by the verdict: the chain holds a fingerprint of the rows that it accepted, and the stored
rows must still have it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import sqlalchemy as sa

from rapport.errors import Fault
from rapport.evidence.fingerprints import NOTHING_SHA256, accepted_sha256
from rapport.warehouse import tables
from rapport.warehouse.packing import sha256_of
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.warehouse.store import Warehouse

_AT_ONCE = 32
"""Slices that are in memory together."""

_REMEDY = "Collect this clinic-month again, and find out what changed the warehouse."

Place = tuple[str, str]
"""Clinic and month."""


def verify_rows(warehouse: "Warehouse") -> list[Fault]:
    """Return a fault for each slice whose rows are not those that were written or accepted."""
    changed: dict[Place, list[Fault]] = {}
    for table in tables.PACKED.values():
        for place, fault in _changed(warehouse, table):
            changed.setdefault(place, []).append(fault)
    accepted = list(_not_accepted(warehouse, without=changed))
    return [*(fault for faults in changed.values() for fault in faults), *accepted]


def _changed(warehouse: "Warehouse", table: sa.Table) -> Iterator[tuple[Place, Fault]]:
    """Yield the slices whose bytes or number of rows are not those beside them."""
    query = sa.select(table).order_by(*table.primary_key.columns)
    with warehouse.engine.connect() as connection:
        for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
            if sha256_of(row.parquet) == row.parquet_sha256 and _n_rows(row.parquet) == row.n_rows:
                continue
            message = (
                f"The stored rows of {table.name}, {row.clinic_id} {row.month} are not those that "
                "were written."
            )
            yield (row.clinic_id, row.month), Fault("SLICE_CHANGED", message, _REMEDY)


def _n_rows(parquet: bytes) -> int:
    import pyarrow as pa
    from pyarrow import parquet as files

    return int(files.read_metadata(pa.BufferReader(parquet)).num_rows)


def _not_accepted(warehouse: "Warehouse", *, without: Iterable[Place]) -> Iterator[Fault]:
    """Yield the clinic-months whose stored rows are not those of their newest verdict."""
    left_out = frozenset(without)
    by_month: dict[str, dict[str, str]] = {}
    for row in records(warehouse.newest_verdicts()):
        if isinstance(row["accepted_sha256"], str):
            by_month.setdefault(row["month"], {})[row["clinic_id"]] = row["accepted_sha256"]
    for month, recorded in sorted(by_month.items()):
        clinics = [name for name in sorted(recorded) if (name, month) not in left_out]
        found = _fingerprints(warehouse, month, clinics)
        for name in clinics:
            if found.get((name, month), NOTHING_SHA256) != recorded[name]:
                message = (
                    f"The stored rows of {name} {month} are not those that its verdict accepted."
                )
                yield Fault("ROWS_NOT_ACCEPTED", message, _REMEDY)


def _fingerprints(warehouse: "Warehouse", month: str, clinics: list[str]) -> Mapping[Place, str]:
    if not clinics:
        return {}
    where = {"month": month, "clinic_id": clinics}
    return accepted_sha256(
        warehouse.read(tables.sessions, **where), warehouse.read(tables.survey_responses, **where)
    )
