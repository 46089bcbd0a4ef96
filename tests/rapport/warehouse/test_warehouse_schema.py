"""The schema is what the migrations make, on both databases."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from rapport.errors import SettingsError
from rapport.warehouse.engine import open_engine
from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import (
    CHAINED,
    CLINIC_MONTH_SLICES,
    MONTH_SLICES,
    REMEMBERED,
    metadata,
)

ROOT = Path(__file__).parents[3]


def _shape(engine: sa.Engine) -> dict[str, Any]:
    """Everything the database says about its tables, in an order that does not depend on it."""
    found = sa.inspect(engine)
    return {
        name: {
            "columns": [
                (c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(name)
            ],
            "key": found.get_pk_constraint(name),
            "unique": sorted(str(one) for one in found.get_unique_constraints(name)),
            "checks": sorted(str(one) for one in found.get_check_constraints(name)),
            "indexes": sorted(str(one) for one in found.get_indexes(name)),
        }
        for name in sorted(found.get_table_names())
        if name != "alembic_version"
    }


def test_migrations_make_exactly_the_tables_of_this_version(
    warehouse: Warehouse, second_empty_url: str
) -> None:
    straight = open_engine(second_empty_url)
    metadata.create_all(straight)
    assert _shape(warehouse.engine) == _shape(straight)
    straight.dispose()


def test_alembic_finds_nothing_left_to_migrate(warehouse: Warehouse) -> None:
    with warehouse.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_table_belongs_to_one_kind_of_slice_or_to_the_chain() -> None:
    listed = [*CHAINED, *CLINIC_MONTH_SLICES, *MONTH_SLICES, *REMEMBERED]
    assert sorted(table.name for table in listed) == sorted(metadata.tables)


def test_an_empty_database_is_not_current_and_a_migrated_one_is(empty_url: str) -> None:
    warehouse = Warehouse(empty_url)
    before = warehouse.is_current()
    warehouse.migrate()
    assert (before, warehouse.is_current()) == (False, True)
    warehouse.close()


def test_migrating_twice_changes_nothing(warehouse: Warehouse) -> None:
    before = _shape(warehouse.engine)
    warehouse.migrate()
    assert _shape(warehouse.engine) == before


def test_two_processes_may_migrate_at_once(empty_url: str) -> None:
    code = (
        "import sys; from rapport.warehouse.store import Warehouse\n"
        "Warehouse(sys.argv[1]).migrate()"
    )
    both = [
        subprocess.Popen([sys.executable, "-c", code, empty_url], cwd=ROOT, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    errors = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], errors
    warehouse = Warehouse(empty_url)
    assert warehouse.is_current()
    warehouse.close()


def test_a_warehouse_of_a_newer_version_is_refused_in_words(warehouse: Warehouse) -> None:
    with warehouse.engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    assert not warehouse.is_current()
    with pytest.raises(SettingsError, match="newer version"):
        warehouse.migrate()


def test_a_percent_sign_in_the_path_is_only_a_percent_sign(tmp_path: Path) -> None:
    folder = tmp_path / "100%(here)s"
    folder.mkdir()
    warehouse = Warehouse(f"sqlite:///{folder / 'w.db'}")
    warehouse.migrate()
    assert warehouse.is_current()
    warehouse.close()


@pytest.mark.parametrize("url", ["mysql://host/database", "no url at all"])
def test_another_kind_of_database_is_refused_without_repeating_the_url(url: str) -> None:
    with pytest.raises(SettingsError, match="WAREHOUSE_URL") as error:
        Warehouse(url)
    assert url not in str(error.value)


def test_sqlite_is_opened_for_safety_before_speed(sqlite_warehouse: Warehouse) -> None:
    with sqlite_warehouse.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"pragma {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "busy_timeout": 120_000,
    }


def test_a_commit_on_postgresql_waits_for_the_disk(postgresql_warehouse: Warehouse) -> None:
    with postgresql_warehouse.engine.connect() as connection:
        found = connection.exec_driver_sql("show synchronous_commit").scalar_one()
    assert found == "on"
