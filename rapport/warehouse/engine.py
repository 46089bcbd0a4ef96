"""Opening the warehouse's database: SQLite with durable settings, or PostgreSQL by psycopg.

What belongs here is how a connection behaves. No error that leaves a connection may carry a cell's
value: SQLAlchemy hides its parameters, and what PostgreSQL adds (``DETAIL: Key (patient_id)=…``)
is cut off by :func:`refusal_of`.
"""

import sqlite3

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

from rapport.errors import Fault, SettingsError

BUSY_MILLISECONDS = 120_000
"""How long a writer waits for another one: longer than the largest month takes to load."""

_WRITE = "rapport_write"

_REFUSED = {"22", "23"}
"""Classes of SQLSTATE: data exceptions and broken constraints."""


class ConstraintBrokenError(RuntimeError):
    """The database refused rows: a bug upstream. Names table and constraint, never a value."""


def open_engine(url: str) -> sa.Engine:
    """Return an engine for ``sqlite:///…`` or ``postgresql://…``; nothing is opened yet.

    Raises:
        SettingsError: The URL cannot be read, or names another kind of database.
    """
    parsed = _parse(url)
    if parsed.get_backend_name() == "postgresql":
        engine = sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True
        )
    else:
        engine = sa.create_engine(parsed, hide_parameters=True)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    sa.event.listen(engine, "handle_error", _tell_without_values)
    return engine


def writing(engine: sa.Engine) -> sa.Engine:
    """Return the same engine; on SQLite its transactions take the write lock as they begin.

    A transaction that reads first and asks for the lock later could be refused in the middle.
    """
    return engine.execution_options(**{_WRITE: True})


def reading(engine: sa.Engine) -> sa.Engine:
    """Return the same engine; a transaction of it sees one snapshot, however much it asks."""
    if engine.dialect.name == "postgresql":
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    return engine


def refusal_of(error: BaseException) -> ConstraintBrokenError | None:
    """Return what to raise instead when a driver says that it refused a row; None for the rest."""
    if isinstance(error, sqlite3.IntegrityError):
        return ConstraintBrokenError(f"The database refused to write: {error}.")
    state = getattr(error, "sqlstate", None) or ""
    if state[:2] not in _REFUSED:
        return None
    diagnosis = getattr(error, "diag", None)
    places = (getattr(diagnosis, name, None) for name in ("table_name", "constraint_name"))
    told = " ".join([state, *(place for place in places if place)])
    return ConstraintBrokenError(f"The database refused to write: {told}.")


def _parse(url: str) -> URL:
    remedy = "Write it as sqlite:///path/to/file.db or postgresql://user@host/database."
    try:
        parsed = make_url(url)
    except sa.exc.ArgumentError:
        fault = Fault("WAREHOUSE_URL", "The warehouse's URL cannot be read.", remedy)
        raise SettingsError(fault) from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        kind = parsed.get_backend_name()
        raise SettingsError(
            Fault("WAREHOUSE_URL", f"The warehouse cannot live in {kind!r}.", remedy)
        )
    return parsed


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy's begin event says BEGIN, also before DDL
    for pragma in (
        f"busy_timeout={BUSY_MILLISECONDS}",
        "page_size=8192",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "cache_size=-65536",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    write = connection.get_execution_options().get(_WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _tell_without_values(context: sa.ExceptionContext) -> None:
    refusal = refusal_of(context.original_exception)
    if refusal is not None:
        raise refusal from None
