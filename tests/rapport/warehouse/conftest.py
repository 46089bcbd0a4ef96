"""The warehouse on both databases: every test that asks for ``warehouse`` runs on each."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pandas as pd
import psycopg
import pytest

from rapport.warehouse.store import Warehouse
from tests.rapport.warehouse.postgresql_server import Server, running_server

_numbers = count(1)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A real PostgreSQL server, started once."""
    with running_server() as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'warehouse.db'}"
    return new_schema(request.getfixturevalue("postgresql"))


@pytest.fixture
def second_empty_url(empty_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of another new database of the same kind."""
    if empty_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'second.db'}"
    return new_schema(request.getfixturevalue("postgresql"))


@pytest.fixture
def warehouse(empty_url: str) -> Iterator[Warehouse]:
    """A migrated warehouse."""
    opened = Warehouse(empty_url)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def sqlite_warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    """A migrated warehouse on SQLite, for what only SQLite can be made to do."""
    opened = Warehouse(f"sqlite:///{tmp_path / 'only.db'}")
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def postgresql_warehouse(postgresql: Server) -> Iterator[Warehouse]:
    """A migrated warehouse on PostgreSQL, for what only PostgreSQL does."""
    opened = Warehouse(new_schema(postgresql))
    opened.migrate()
    yield opened
    opened.close()


def new_schema(server: Server) -> str:
    """Make an empty schema for one test; return a URL whose connections see only this schema.

    A schema costs a few milliseconds; a database of its own would cost a copy of 300 files.
    """
    name = f"test_{next(_numbers)}"
    plain = server.url("postgres").replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f"create schema {name}")
    return f"{server.url('postgres')}&options=-csearch_path%3D{name}"


@pytest.fixture
def responses() -> Callable[..., pd.DataFrame]:
    """Make ``n`` responses of one clinic-month."""

    def make(
        n: int, *, clinic: str = "north", month: str = "2026-01", answer: float = 3.0
    ) -> pd.DataFrame:
        return pd.DataFrame(
            {
                "clinic_id": [clinic] * n,
                "month": [month] * n,
                "patient_id": [f"P{number:05d}" for number in range(n)],
                "episode": ["1"] * n,
                "session": list(range(1, n + 1)),
                "instrument": ["phq-9"] * n,
                "rater": ["patient"] * n,
                "therapist_id": ["T1"] * n,
                "session_date": [f"{month}-10"] * n,
                "content_sha256": ["ab" * 32] * n,
                "line": list(range(2, n + 2)),
                "item_01": [answer] * n,
                "item_02": [None if number % 2 else 0.5 for number in range(n)],
            }
        ).astype({"item_02": "float64"})

    return make


@pytest.fixture
def verdict() -> Callable[..., dict[str, object]]:
    """Make one verdict's fields."""

    def make(
        clinic: str = "north", month: str = "2026-01", verdict: str = "passed"
    ) -> dict[str, object]:
        counts = ("received", "accepted", "quarantined", "superseded", "duplicate", "test")
        return {
            "clinic_id": clinic,
            "month": month,
            "verdict": verdict,
            **{f"rows_{name}": 1 for name in counts},
            "rules_asked": 30,
            "rules_broken": 0,
            "broken_rules": "[]",
            "result_json": "{}",
            "inputs_sha256": "a" * 64,
            "rules_sha256": "b" * 64,
            "registry_sha256": "c" * 64,
            "code_version": "0.1.0",
            "files_sha256": "d" * 64,
            "clinic_sha256": "e" * 64,
            "accepted_sha256": "f" * 64,
        }

    return make
