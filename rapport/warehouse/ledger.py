"""Appending to the chained tables: one entry after the other, under a lock.

An entry that stands already is not written again. An entry with the same natural key but another
content is a contradiction in the evidence and is refused. Nothing here changes or removes entries;
triggers in the database forbid it to everyone else.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from rapport.errors import EvidenceError, Fault
from rapport.warehouse.entries import FIRST_PREVIOUS, LINKS, entry_hash

Clock = Callable[[], datetime]

GIVEN_BY_CHAIN = ("sequence", "recorded_at", *LINKS)
"""Columns that :func:`append` fills in."""

FIRST_TOLD = frozenset({"received_name", "export_id"})
"""What may differ when the same content arrives again: the first entry stands."""


_KEYS_AT_ONCE = 1000


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


def append(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, object]], clock: Clock
) -> int:
    """Append entries to a chained table in the caller's transaction; return how many were new.

    Args:
        connection: A connection in a transaction that holds the write lock on SQLite.
        table: A chained table.
        rows: Column → value for each entry, without the columns in ``GIVEN_BY_CHAIN``; columns
            that may be empty may be left out.
        clock: Gives the time of recording, with time zone.

    Raises:
        ValueError: The table is not chained, or a row's columns are not the table's.
        EvidenceError: An entry with the same natural key and another content is there already.
    """
    columns = _fields(table)
    empty = {column.name: None for column in table.columns if column.nullable}
    rows = [{**empty, **row} for row in rows]
    if any(set(row) != columns for row in rows):
        raise ValueError(f"an entry of {table.name} has exactly the fields {sorted(columns)}")
    lock(connection, table)
    sequence, previous = _newest(connection, table)
    new = []
    for row in _not_there(connection, table, rows):
        sequence += 1
        entry = {**row, "sequence": sequence, "recorded_at": _written(clock())}
        own = entry_hash(table.name, entry, previous)
        new.append({**entry, "previous_sha256": previous, "entry_sha256": own})
        previous = own
    if new:
        connection.execute(sa.insert(table), new)
    return len(new)


def _fields(table: sa.Table) -> set[str]:
    names = {column.name for column in table.columns}
    if not names.issuperset(GIVEN_BY_CHAIN):
        raise ValueError(f"{table.name} is not a chained table")
    return names.difference(GIVEN_BY_CHAIN)


def _written(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def lock(connection: sa.Connection, table: sa.Table) -> None:
    """Let nobody else append to a table until this transaction ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"),
            {"name": f"rapport chain {table.name}"},
        )


def _newest(connection: sa.Connection, table: sa.Table) -> tuple[int, str]:
    newest = connection.execute(
        sa.select(table.c.sequence, table.c.entry_sha256).order_by(table.c.sequence.desc()).limit(1)
    ).one_or_none()
    return (newest.sequence, newest.entry_sha256) if newest else (0, FIRST_PREVIOUS)


def _natural_key(table: sa.Table) -> tuple[str, ...]:
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint) and len(constraint.columns) > 1:
            return tuple(column.name for column in constraint.columns)
    return ()


def _not_there(
    connection: sa.Connection, table: sa.Table, rows: Sequence[Mapping[str, object]]
) -> list[Mapping[str, object]]:
    """Return the rows that no entry has recorded, and each of them once."""
    key = _natural_key(table)
    if not key:
        return list(rows)
    keys = [tuple(row[name] for name in key) for row in rows]
    known = _recorded(connection, table, key, keys)
    new = []
    for natural, row in zip(keys, rows, strict=True):
        if natural not in known:
            known[natural] = row
            new.append(row)
        elif differing := _differing(known[natural], row):
            raise _contradiction(table.name, key, differing)
    return new


def _recorded(
    connection: sa.Connection,
    table: sa.Table,
    key: tuple[str, ...],
    keys: Sequence[tuple[object, ...]],
) -> dict[tuple[object, ...], Mapping[str, object]]:
    """Return natural key → entry, for those of ``keys`` that are recorded."""
    known: dict[tuple[object, ...], Mapping[str, object]] = {}
    columns = sa.tuple_(*(table.c[name] for name in key))
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        some = sa.select(table).where(columns.in_(keys[start : start + _KEYS_AT_ONCE]))
        for found in connection.execute(some).mappings():
            known[tuple(found[name] for name in key)] = dict(found)
    return known


def _differing(recorded: Mapping[str, object], row: Mapping[str, object]) -> list[str]:
    return [n for n in row if n not in FIRST_TOLD and recorded[n] != row[n]]


def _contradiction(table: str, key: tuple[str, ...], differing: list[str]) -> EvidenceError:
    return EvidenceError(
        Fault(
            "ENTRY_CONTRADICTED",
            f"In {table}, an entry with the same {', '.join(key)} is recorded already, "
            f"and differs in {', '.join(differing)}.",
            "Record it as something new (for a report: the next edition); "
            "what is recorded is never changed.",
        )
    )
