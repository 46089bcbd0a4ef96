"""Running a query into a frame, in bulk and in one snapshot.

Columns of numbers that are empty in all rows asked for are found by the database first and never
fetched: of an instrument with nine items, the other columns of ``survey_responses`` cost nothing.
PostgreSQL answers by ``COPY``; SQLite's cursor is drained in batches.
"""

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import sqlalchemy as sa

from rapport.warehouse.frames import arrow_type, frame_of_arrow, from_database

if TYPE_CHECKING:
    import pyarrow as pa

_WORTH_ASKING = 8
"""From this many columns of numbers on, asking which are empty costs less than fetching them."""

_ROWS_AT_ONCE = 256
"""Rows that are Python tuples at a time: so few that Python's garbage collector is never woken."""

_ROWS_A_BATCH = 16_384
"""Rows of which a batch of Arrow's is made."""

_ROWS_A_BLOCK = 65_536
"""Rows of CSV parsed at a time."""


def fetch(
    connection: sa.Connection, query: sa.Select[Any], columns: Sequence[sa.Column[Any]]
) -> pd.DataFrame:
    """Run a query and return its rows, columns in the order given, index 0 … n-1.

    Args:
        connection: A connection in a transaction that sees one snapshot.
        query: Selects exactly ``columns``, in that order.
        columns: Columns of the warehouse's tables.
    """
    empty = _empty(connection, query, columns)
    wanted = [column for column in columns if column.name not in empty]
    narrow = query.with_only_columns(*(query.selected_columns[c.name] for c in wanted))
    if connection.dialect.name == "postgresql":
        batches = _copied(connection, narrow, wanted)
    else:
        batches = _drained(connection, narrow, wanted)
    return frame_of_arrow(batches, wanted, columns)


def _empty(
    connection: sa.Connection, query: sa.Select[Any], columns: Sequence[sa.Column[Any]]
) -> set[str]:
    """Return names of number columns that hold nothing in any row of the query."""
    numbers = [column.name for column in columns if isinstance(column.type, sa.Double)]
    if len(numbers) < _WORTH_ASKING:
        return set()
    rows = query.order_by(None).subquery()
    counted = sa.select(*(sa.func.count(rows.c[name]) for name in numbers))
    counts = connection.execute(counted).one()
    return {name for name, count in zip(numbers, counts, strict=True) if not count}


def _drained(
    connection: sa.Connection, query: sa.Select[Any], columns: Sequence[sa.Column[Any]]
) -> Iterator["pa.RecordBatch"]:
    import pyarrow as pa

    names = [column.name for column in columns]
    for cells in _columns(connection.execute(query).cursor, len(names)):
        yield pa.record_batch(
            [from_database(c, column) for c, column in zip(cells, columns, strict=True)], names
        )


def _columns(cursor: Any, n_columns: int) -> Iterator[list[list[Any]]]:  # noqa: ANN401 - DBAPI
    """Yield the cells of a batch of rows, column by column."""
    cells: list[list[Any]] = [[] for _ in range(n_columns)]
    while cursor is not None and (rows := cursor.fetchmany(_ROWS_AT_ONCE)):
        for column, more in zip(cells, zip(*rows, strict=True), strict=True):
            column.extend(more)
        if len(cells[0]) >= _ROWS_A_BATCH:
            yield cells
            cells = [[] for _ in range(n_columns)]
    if cells[0]:
        yield cells


def _copied(
    connection: sa.Connection, query: sa.Select[Any], columns: Sequence[sa.Column[Any]]
) -> Iterator["pa.RecordBatch"]:
    from pyarrow import csv

    names = [column.name for column in columns]
    read = csv.ReadOptions(column_names=names)
    parse = csv.ParseOptions(newlines_in_values=True)
    convert = csv.ConvertOptions(
        column_types={column.name: arrow_type(column) for column in columns},
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["t"],
        false_values=["f"],
    )
    for block in _blocks(connection, query):
        yield from csv.read_csv(block, read, parse, convert).to_batches()


def _blocks(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[io.BytesIO]:
    """Yield the rows as CSV, whole rows at a time."""
    compiled = query.compile(connection, compile_kwargs={"render_postcompile": True})
    driver: Any = connection.connection.driver_connection
    statement = f"copy ({compiled}) to stdout with (format csv)"
    with driver.cursor() as cursor, cursor.copy(statement, compiled.params) as copy:
        block, rows = io.BytesIO(), 0
        for row in copy:
            block.write(row)
            rows += 1
            if rows == _ROWS_A_BLOCK:
                block.seek(0)
                yield block
                block, rows = io.BytesIO(), 0
        if rows:
            block.seek(0)
            yield block
