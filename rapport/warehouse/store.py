"""The warehouse as everyone else uses it: read, replace slices, append evidence, pass the gate."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa

from rapport.warehouse import gate, ledger, schema, slices
from rapport.warehouse.engine import open_engine, reading, writing
from rapport.warehouse.packing import BESIDE
from rapport.warehouse.reading import fetch
from rapport.warehouse.tables import PACKED, verdicts
from rapport.warehouse.unpacking import fetch_packed

Where = str | int | Sequence[str]

Rows = Sequence[Mapping[str, object]]
Entries = Mapping[sa.Table, Rows | Callable[[sa.Connection], Rows]]
"""Chained table → entries, or what finds them once nobody else can append to it."""


class Warehouse:
    """One database with the schema of :mod:`rapport.warehouse.tables`.

    Attributes:
        engine: The SQLAlchemy engine, for those who need a statement of their own.
    """

    def __init__(self, url: str, *, clock: ledger.Clock = ledger.utc_now) -> None:
        self.engine = open_engine(url)
        self._reader = reading(self.engine)
        self._writer = writing(self.engine)
        self._clock = clock

    @property
    def writing(self) -> sa.Engine:
        """The engine for a statement that writes: its transactions begin with the write lock."""
        return self._writer

    def close(self) -> None:
        """Close pooled connections; the warehouse opens new ones when it is used again."""
        self.engine.dispose()

    def migrate(self) -> None:
        """Bring the schema to this version; nothing happens where it is current."""
        schema.migrate(self._writer)

    def is_current(self) -> bool:
        """Say whether the schema is the one that this version of the code needs."""
        return schema.is_current(self.engine)

    def replace_slice(self, table: sa.Table, rows: pd.DataFrame, **key: str) -> int:
        """Replace one slice whole, in one transaction; return the rows written.

        Args:
            table: A sliced table.
            rows: All rows of the slice; key columns may be left out and are filled in.
            **key: The columns that name the slice, such as ``clinic_id`` and ``month``.

        Raises:
            ValueError: A row belongs to another slice, or does not fit the table.
            ConstraintBrokenError: The database refused a row; the old slice stands.
        """
        return self.replace_slices({table: rows}, [key])[table.name]

    def replace_slices(
        self,
        frames: Mapping[sa.Table, pd.DataFrame],
        keys: Sequence[Mapping[str, str]],
        entries: Entries | None = None,
        unless: Callable[[sa.Connection], None] | None = None,
    ) -> dict[str, int]:
        """Replace many slices of many tables in one transaction; return rows written by table.

        Args:
            frames: Table → all rows of all these slices; a frame without rows empties them.
            keys: The slices, all named by the same columns.
            entries: Chained table → entries that become true with these slices, such as their
                verdicts: written in the same transaction, so that neither is there alone. What
                they are may depend on what is recorded when nobody else can record any more.
            unless: Looks at what is recorded when nobody else can record any more, and raises
                where these slices must not be written after all.

        Raises:
            ValueError: A row belongs to none of the slices, or does not fit its table.
            ConstraintBrokenError: The database refused a row; all old slices stand.
            EvidenceError: An entry contradicts one that is recorded; all old slices stand.
        """
        with self._writer.begin() as connection:
            for table in entries or {}:
                ledger.lock(connection, table)
            if unless is not None:
                unless(connection)
            written = slices.replace(connection, frames, keys)
            for table, given in (entries or {}).items():
                rows = given(connection) if callable(given) else given
                written[table.name] = ledger.append(connection, table, rows, self._clock)
        return written

    def append(
        self,
        table: sa.Table,
        rows: Sequence[Mapping[str, object]],
        *,
        alongside: Callable[[], None] | None = None,
    ) -> int:
        """Append entries to a chained table; return how many were not there already.

        Args:
            table: A chained table.
            rows: The entries.
            alongside: What must be done with them, such as writing the file that they name: called
                once they are accepted, before anybody sees them. If it fails, nothing is appended.

        Raises:
            ValueError: The table is not chained, or a row's columns are not the table's.
            EvidenceError: An entry with the same natural key and another content is there.
        """
        with self._writer.begin() as connection:
            new = ledger.append(connection, table, rows, self._clock)
            if alongside is not None:
                alongside()
            return new

    def read(
        self, table: sa.Table, *, columns: Sequence[str] | None = None, **where: Where
    ) -> pd.DataFrame:
        """Read rows, ordered by the table's key, with dtypes that do not depend on the rows.

        Args:
            table: What to read.
            columns: Names of the columns wanted; all if left out.
            **where: Column → value, or → several values of which one must stand there.

        Raises:
            EvidenceError: A packed slice is not what was written.
        """
        chosen = _chosen(table, columns)
        stored = PACKED.get(table, table)
        query = sa.select(*(stored.columns if stored is not table else chosen))
        return self._frame(query.order_by(*stored.primary_key.columns), chosen, where)

    def newest_verdicts(self, months: Sequence[str] | None = None) -> pd.DataFrame:
        """Return the newest verdict of each clinic-month, with all columns of ``verdicts``."""
        return self._frame(gate.newest_verdicts(months), tuple(verdicts.columns))

    def passed(self, months: Sequence[str]) -> pd.DataFrame:
        """Return ``clinic_id, month`` of the clinic-months whose newest verdict is ``passed``."""
        return self._frame(gate.passed(months), (verdicts.c.clinic_id, verdicts.c.month))

    def read_passed(
        self,
        table: sa.Table,
        months: Sequence[str],
        *,
        clinics: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
        coded: bool = False,
        **where: Where,
    ) -> pd.DataFrame:
        """Read only rows of clinic-months whose newest verdict is ``passed``: the gate.

        Args:
            table: A table sliced by clinic and month.
            months: Which months.
            clinics: Which clinics; all if left out.
            columns: Names of the columns wanted; all if left out.
            coded: Whether text comes as categories, sorted, for whoever works through many rows;
                only from packed tables.
            **where: As for :meth:`read`.

        Raises:
            ValueError: The table is not sliced by clinic and month.
            EvidenceError: A packed slice is not what was written.
        """
        chosen = _chosen(table, columns)
        stored = PACKED.get(table, table)
        asked = chosen if stored is table else tuple(stored.columns)
        query = gate.passed_rows(stored, asked, months, clinics)
        return self._frame(query, chosen, where, coded=coded)

    def _frame(
        self,
        query: sa.Select[Any],
        columns: Sequence[sa.Column[Any]],
        where: Mapping[str, Where] | None = None,
        *,
        coded: bool = False,
    ) -> pd.DataFrame:
        table = columns[0].table
        with self._reader.begin() as connection:
            if table not in PACKED:
                return fetch(connection, _where(query, table, where or {}), columns)
            beside = {name: value for name, value in (where or {}).items() if name in BESIDE}
            wanted = {n: _several(v) for n, v in (where or {}).items() if n not in BESIDE}
            slices = _where(query, PACKED[table], beside)
            return fetch_packed(connection, slices, columns, wanted, coded=coded)


def _where(query: sa.Select[Any], table: sa.Table, where: Mapping[str, Where]) -> sa.Select[Any]:
    """Narrow a query to rows that hold one of the given values in each named column."""
    for name, value in where.items():
        column = table.c[name]
        one = isinstance(value, str | int)
        query = query.where(column == value if one else column.in_(_several(value)))
    return query


def _several(value: Where) -> list[str | int]:
    return [value] if isinstance(value, str | int) else list(value)


def _chosen(table: sa.Table, columns: Sequence[str] | None) -> tuple[sa.Column[Any], ...]:
    return tuple(table.columns) if columns is None else tuple(table.c[name] for name in columns)
