"""Replacing slices: delete and insert in the caller's transaction, in bulk.

A slice of a packed table is one row. Of other tables, SQLite takes prepared tuples in one
``executemany``, PostgreSQL CSV by ``COPY``; columns that hold nothing at all are not sent. Who
writes the same slice at the same time waits for the other.
"""

import hashlib
import io
import sqlite3
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from rapport.warehouse.engine import refusal_of
from rapport.warehouse.frames import arrow_of, tuples_of
from rapport.warehouse.packing import BESIDE, Packed, pack
from rapport.warehouse.tables import CHAINED, PACKED

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 16_384
"""Rows turned into Python objects or text at a time: memory stays flat, caches stay warm."""


def replace(
    connection: sa.Connection,
    frames: Mapping[sa.Table, pd.DataFrame],
    keys: Sequence[Mapping[str, str]],
) -> dict[str, int]:
    """Delete the slices ``keys`` of every table in ``frames`` and write its rows instead.

    Args:
        connection: A connection in a transaction, which the caller commits.
        frames: Table → all rows of all these slices; a frame without rows empties them.
        keys: The slices, all named by the same columns, such as clinic_id and month.

    Returns:
        Table name → rows written.

    Raises:
        ValueError: A row belongs to none of the slices, or does not fit its table.
        ConstraintBrokenError: The database refused a row, for example a key that stands twice.
    """
    if not keys and all(rows.empty for rows in frames.values()):
        return {table.name: 0 for table in frames}
    names = _key_columns(keys)
    ready = {
        table: _ready(_stamped(rows, table, keys, names), table) for table, rows in frames.items()
    }
    _lock(connection, keys)
    for table, cells in ready.items():
        _delete(connection, table, keys, names)
        if isinstance(cells, list):
            _insert_packed(connection, PACKED[table], cells)
        else:
            _insert(connection, table, cells)
    return {table.name: len(rows) for table, rows in frames.items()}


def _ready(rows: pd.DataFrame, table: sa.Table) -> "pa.Table | list[Packed]":
    """Return what the database is to hold of these rows."""
    if table in PACKED:
        return list(pack(arrow_of(rows, table, coded=True), table))
    return arrow_of(rows, table)


def _key_columns(keys: Sequence[Mapping[str, str]]) -> tuple[str, ...]:
    named = {tuple(sorted(key)) for key in keys}
    if len(named) != 1 or () in named:
        raise ValueError("every slice must be named by the same columns, and by one at least")
    return named.pop()


def _stamped(
    rows: pd.DataFrame, table: sa.Table, keys: Sequence[Mapping[str, str]], names: tuple[str, ...]
) -> pd.DataFrame:
    """Return the rows with their key columns; refuse a row of another slice."""
    if table in CHAINED:
        raise ValueError(f"{table.name} is append-only and has no slices")
    if missing := [name for name in names if name not in table.columns]:
        raise ValueError(f"{table.name} is not sliced by {missing}")
    if table in PACKED and names != BESIDE:
        raise ValueError(f"a slice of {table.name} is named by clinic and month")
    if rows.empty:
        return rows.reindex(columns=[column.name for column in table.columns])
    if len(keys) == 1:
        rows = rows.assign(**{n: v for n, v in keys[0].items() if n not in rows})
    allowed = pd.MultiIndex.from_tuples([tuple(key[n] for n in names) for key in keys])
    found = pd.MultiIndex.from_frame(rows.loc[:, list(names)].drop_duplicates())
    if not found.isin(allowed).all():
        raise ValueError(f"rows for {table.name} belong to a slice that is not being replaced")
    return rows


def _lock(connection: sa.Connection, keys: Sequence[Mapping[str, str]]) -> None:
    """Make writers of the same slice wait for each other; SQLite has one writer anyway."""
    if connection.dialect.name != "postgresql":
        return
    locks = sorted({_lock_number(repr(sorted(key.items()))) for key in keys})
    connection.execute(
        sa.text("select pg_advisory_xact_lock(k) from unnest(cast(:locks as bigint[])) as k"),
        {"locks": locks},
    )


def _lock_number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def _delete(
    connection: sa.Connection,
    table: sa.Table,
    keys: Sequence[Mapping[str, str]],
    names: tuple[str, ...],
) -> None:
    quote = connection.dialect.identifier_preparer.quote
    own, columns = quote(table.name), [quote(name) for name in names]
    if connection.dialect.name == "postgresql":
        arrays = ", ".join(f"cast(:of_{name} as text[])" for name in names)
        same = " and ".join(f"{own}.{column} = k.{column}" for column in columns)
        connection.execute(
            sa.text(  # names of our own tables, quoted
                f"delete from {own} using unnest({arrays}) as k({', '.join(columns)}) where {same}"  # noqa: S608 - own names, quoted; values are bound
            ),
            {f"of_{name}": [key[name] for key in keys] for name in names},
        )
        return
    same = " and ".join(f"{column} = ?" for column in columns)
    _dbapi(connection).executemany(
        f"delete from {own} where {same}",  # noqa: S608 - own names, quoted; values are bound
        [tuple(key[name] for name in names) for key in keys],
    )


def _insert(connection: sa.Connection, table: sa.Table, cells: "pa.Table") -> None:
    if not cells.num_rows:
        return
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in cells.column_names)
    if connection.dialect.name == "postgresql":
        target = f"{quote(table.name)} ({columns})"
        _copy(connection, f"copy {target} from stdin with (format csv)", cells)
        return
    marks = ", ".join("?" * cells.num_columns)
    cursor = _dbapi(connection).cursor()
    statement = f"insert into {quote(table.name)} ({columns}) values ({marks})"  # noqa: S608 - own names, quoted; values are bound
    try:
        for batch in cells.to_batches(max_chunksize=_ROWS_AT_ONCE):
            cursor.executemany(statement, tuples_of(batch))
    except sqlite3.IntegrityError as error:
        raise refusal_of(error) or error from None
    cursor.close()


def _insert_packed(connection: sa.Connection, table: sa.Table, slices: Sequence[Packed]) -> None:
    names = [column.name for column in table.columns]
    if slices:
        rows = [dict(zip(names, one.row, strict=True)) for one in slices]
        connection.execute(sa.insert(table), rows)


def _copy(connection: sa.Connection, statement: str, cells: "pa.Table") -> None:
    import psycopg
    from pyarrow import csv

    options = csv.WriteOptions(include_header=False)
    try:
        with _dbapi(connection).cursor() as cursor, cursor.copy(statement) as copy:
            for batch in cells.to_batches(max_chunksize=_ROWS_AT_ONCE):
                buffer = io.BytesIO()
                csv.write_csv(batch, buffer, options)
                copy.write(buffer.getbuffer())
    except psycopg.Error as error:  # whatever it is, its text quotes the row
        said = f"COPY to {statement.split()[1]} failed: {error.sqlstate}"
        raise (refusal_of(error) or type(error)(said)) from None


def _dbapi(connection: sa.Connection) -> Any:  # noqa: ANN401 - another type for each database
    return connection.connection.driver_connection
