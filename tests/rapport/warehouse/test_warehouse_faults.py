"""Whatever breaks while a slice is written, the old slice stands whole, and a rerun mends it."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import exports, survey_responses, verdicts
from tests.rapport.warehouse.conftest import new_schema
from tests.rapport.warehouse.postgresql_server import Server

Make = Callable[..., pd.DataFrame]
ROOT = Path(__file__).parents[3]
NORTH = {"clinic_id": "north", "month": "2026-01"}


def start(
    url: str, clinic: str, answer: int, rows: int, *, times: int = 1, death: str = "never"
) -> subprocess.Popen[str]:
    module = "tests.rapport.warehouse.slice_writer"
    arguments = [url, clinic, str(answer), str(rows), str(times), death]
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def end(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=120)
    return process.returncode, output.strip()


def answers(warehouse: Warehouse, clinic: str = "north") -> dict[float, int]:
    read = warehouse.read(survey_responses, clinic_id=clinic)
    return read["item_01"].value_counts().to_dict()


def test_a_process_killed_at_any_step_leaves_the_old_slice_whole(
    tmp_path: Path, responses: Make
) -> None:
    url = f"sqlite:///{tmp_path / 'w.db'}"
    warehouse = Warehouse(url)
    warehouse.migrate()
    code, steps = end(start(url, "south", 1, 20_000, death="count"))
    assert code == 0
    assert int(steps) > 20
    warehouse.replace_slice(survey_responses, responses(7, answer=1.0), **NORTH)
    deaths = [f"step:{int(steps) * part // 5}" for part in (1, 2, 3, 4)]
    for death in [*deaths, "commit"]:
        code, _ = end(start(url, "north", 2, 20_000, death=death))
        assert code == -signal.SIGKILL
        assert answers(warehouse) == {1.0: 7}
    with warehouse.engine.connect() as connection:
        assert connection.exec_driver_sql("pragma integrity_check").scalar_one() == "ok"
    assert end(start(url, "north", 2, 20_000))[0] == 0
    assert answers(warehouse) == {2.0: 20_000}
    warehouse.close()


def _fill(warehouse: Warehouse, pages: int) -> None:
    """Let the database grow by no more than so many pages."""
    warehouse.close()

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        used = connection.execute("pragma page_count").fetchone()[0]
        connection.execute(f"pragma max_page_count = {used + pages}")

    sa.event.listen(warehouse.engine, "connect", limit)


@pytest.mark.parametrize("pages", [0, 1, 10, 100])
def test_a_full_disk_leaves_the_old_slice_whole(
    sqlite_warehouse: Warehouse, responses: Make, pages: int
) -> None:
    sqlite_warehouse.replace_slice(survey_responses, responses(50, answer=1.0), **NORTH)
    _fill(sqlite_warehouse, pages)
    rows = responses(30_000).assign(item_01=np.random.default_rng(1).random(30_000))
    with pytest.raises(sa.exc.OperationalError, match="full"):
        sqlite_warehouse.replace_slice(survey_responses, rows, **NORTH)
    assert answers(sqlite_warehouse) == {1.0: 50}


def test_a_full_disk_leaves_no_verdict_without_its_slice(
    sqlite_warehouse: Warehouse, responses: Make, verdict: Callable[..., dict[str, object]]
) -> None:
    _fill(sqlite_warehouse, 5)
    huge = {**verdict(), "result_json": "x" * 1_000_000}
    with pytest.raises(sa.exc.OperationalError, match="full"):
        sqlite_warehouse.replace_slices(
            {survey_responses: responses(5)}, [NORTH], {verdicts: [huge]}
        )
    assert sqlite_warehouse.read(survey_responses).empty
    assert sqlite_warehouse.read(verdicts).empty


def test_a_full_disk_leaves_the_chain_as_it_was(sqlite_warehouse: Warehouse) -> None:
    entry = {"clinic_id": "north", "month": "2026-01", "export_id": "phq",
             "received_name": "x" * 100_000, "size_bytes": 1}  # fmt: skip
    sqlite_warehouse.append(exports, [{**entry, "content_sha256": "a"}])
    _fill(sqlite_warehouse, 20)
    many = [{**entry, "content_sha256": str(number)} for number in range(50)]
    with pytest.raises(sa.exc.OperationalError, match="full"):
        sqlite_warehouse.append(exports, many)
    assert sqlite_warehouse.read(exports)["sequence"].tolist() == [1]


def test_two_processes_write_different_slices_at_once(warehouse: Warehouse, empty_url: str) -> None:
    both = [start(empty_url, clinic, 1, 3000, times=3) for clinic in ("north", "south")]
    assert [end(process)[0] for process in both] == [0, 0]
    counts = warehouse.read(survey_responses).groupby("clinic_id").size()
    assert counts.to_dict() == {"north": 3000, "south": 3000}


def test_of_two_processes_writing_the_same_slice_one_wins_whole(
    warehouse: Warehouse, empty_url: str
) -> None:
    both = [
        start(empty_url, "north", answer, rows, times=4) for answer, rows in ((1, 3000), (2, 2000))
    ]
    assert [end(process)[0] for process in both] == [0, 0]
    assert answers(warehouse) in ({1.0: 3000}, {2.0: 2000})


def test_a_reader_sees_the_old_slice_until_the_new_one_is_whole(
    warehouse: Warehouse, empty_url: str, responses: Make
) -> None:
    warehouse.replace_slice(survey_responses, responses(7, answer=1.0), **NORTH)
    writer = start(empty_url, "north", 2, 20_000)
    seen = []
    while writer.poll() is None:
        seen.append(answers(warehouse))
    assert end(writer)[0] == 0
    assert all(one in ({1.0: 7}, {2.0: 20_000}) for one in seen)
    assert answers(warehouse) == {2.0: 20_000}


def test_a_connection_that_the_server_cuts_leaves_the_old_slice(
    postgresql: Server, responses: Make
) -> None:
    warehouse = Warehouse(new_schema(postgresql))
    warehouse.migrate()
    warehouse.replace_slice(survey_responses, responses(7, answer=1.0), **NORTH)

    @sa.event.listens_for(warehouse.engine, "commit")
    def cut(connection: sa.Connection) -> None:
        with sa.create_engine(warehouse.engine.url).connect() as other:
            pid = connection.connection.driver_connection.info.backend_pid
            other.execute(sa.text("select pg_terminate_backend(:pid)"), {"pid": pid})

    with pytest.raises(sa.exc.OperationalError):
        warehouse.replace_slice(survey_responses, responses(9, answer=2.0), **NORTH)
    sa.event.remove(warehouse.engine, "commit", cut)
    assert answers(warehouse) == {1.0: 7}
    warehouse.close()
