"""The same files, code and configuration give the same bytes, whichever database keeps them."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest
import yaml

from assets.partitions import synchronise
from rapport.home import make_home, open_home
from rapport.settings import WAREHOUSE_URL_VARIABLE
from rapport.warehouse import tables
from tests.pipelines.conftest import MONTH, Runner, a_row, deliver, registered, sound_rows
from tests.rapport.warehouse.conftest import new_schema
from tests.rapport.warehouse.postgresql_server import Server, running_server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with running_server() as started:
        yield started


def reports_of(root: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Run a month in a new home and return each report's hash."""
    make_home(root).warehouse.close()
    clinics = [registered("north", "public"), registered("south", "private")]
    (root / "clinics.yaml").write_text(yaml.safe_dump({"clinics": clinics}))
    (root / "rapport.yaml").write_text("report_processes: 1\n")
    home = open_home(root)
    deliver(home, "north", [*sound_rows("north", 20), a_row("north", 30, 1, phq1="8")])
    monkeypatch.setenv("RAPPORT_HOME", str(root))
    with dg.DagsterInstance.ephemeral() as instance:
        synchronise(instance, list(home.registry.clinics))
        runner = Runner(home, instance)
        for clinic in ("north", "south"):
            runner.job("collect", f"{clinic}|{MONTH}")
        runner.job("close", MONTH)
        for clinic in ("north", "south"):
            runner.job("publish", f"{clinic}|{MONTH}")
    editions = home.warehouse.read(tables.editions)
    assert editions.kind.tolist() == ["report", "notice"]
    home.warehouse.close()
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(home.reports.rglob("*.pdf"))
    }


def test_a_month_on_postgresql_gives_the_reports_of_sqlite(
    tmp_path: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_sqlite = reports_of(tmp_path / "sqlite", monkeypatch)
    monkeypatch.setenv(WAREHOUSE_URL_VARIABLE, new_schema(server))
    on_postgresql = reports_of(tmp_path / "postgresql", monkeypatch)
    assert on_sqlite
    assert on_sqlite == on_postgresql
