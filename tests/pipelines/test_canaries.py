"""No cell value leaves landing, responses and quarantine: canaries are planted and searched for.

The canaries stand where a value may stand in an export: in a direct identifier that the mapping
ignores, in free text, in an answer that no scale knows, in a date, in a code, in a therapist id
that nobody registered, in a column nobody mapped, and in the name of the file.
"""

import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from rapport.home import make_home
from tests.pipelines.conftest import HEADER, MONTH, a_row, registered, sound_rows

CANARY = "KANARIENVOGEL"
ROOT = Path(__file__).parents[2]
SPOILT = {
    "phq1": f"{CANARY}01",
    "date": f"{CANARY}02",
    "status": f"{CANARY}03",
    "therapist": f"{CANARY}04",
    "session": f"{CANARY}05",
    "wai7": f"{CANARY}06",
    "ending": f"{CANARY}07",
}


def a_home_with_canaries(root: Path) -> None:
    make_home(root).warehouse.close()
    clinic = registered("north", "public")
    export = clinic["exports"][0]  # type: ignore[index]
    export["ignored"] = ["name", "note"]
    (root / "clinics.yaml").write_text(yaml.safe_dump({"clinics": [clinic]}))
    rows = sound_rows("north", 20)
    rows += [
        a_row("north", 21 + index, 1) | {column: value}
        for index, (column, value) in enumerate(SPOILT.items())
    ]
    header = [*HEADER, "name", "note", f"{CANARY}08"]
    lines = [",".join(header)]
    lines += [
        ",".join([*(row[name] for name in HEADER), f"{CANARY}09", f'"{CANARY}10, told twice"', "x"])
        for row in rows
    ]
    folder = root / "inbox" / "north"
    folder.mkdir(parents=True)
    (folder / f"sessions_{MONTH}_{CANARY}11.csv").write_text("\n".join(lines) + "\n")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run the month as a user would, and keep what it printed."""
    root = tmp_path_factory.mktemp("canaries") / "home"
    a_home_with_canaries(root)
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", "run", "--month", MONTH],
        cwd=ROOT,
        env={**os.environ, "RAPPORT_HOME": str(root), "RAPPORT_LOG_LEVEL": "DEBUG"},
        capture_output=True,
        text=True,
        check=False,
    )
    return root, done


def holds_canary(content: bytes) -> bool:
    return CANARY.encode() in content or CANARY.encode("utf-16-le") in content


def test_the_month_runs_and_refuses_the_spoilt_rows(
    run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    root, done = run
    assert done.returncode in (0, 1), done.stderr
    with sqlite3.connect(root / "warehouse.db") as warehouse:
        refused = warehouse.execute("select count(distinct line) from quarantine").fetchone()[0]
    assert refused == len(SPOILT)


def test_nothing_that_a_run_prints_holds_a_value(
    run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    _, done = run
    assert CANARY not in done.stdout + done.stderr


@pytest.mark.parametrize("where", ["dagster", "reports", "dossiers", "outbox"])
def test_no_file_outside_landing_and_warehouse_holds_a_value(
    run: tuple[Path, subprocess.CompletedProcess[str]], where: str
) -> None:
    root, _ = run
    files = [file for file in (root / where).rglob("*") if file.is_file()]
    assert files
    leaking = [str(file) for file in files if holds_canary(file.read_bytes())]
    assert leaking == []


def test_the_text_of_the_report_holds_no_value(
    run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    import pikepdf

    root, _ = run
    reports = list((root / "reports").rglob("*.pdf"))
    assert reports
    for report in reports:
        with pikepdf.open(report) as pdf:
            streams = [thing for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
            assert not any(holds_canary(bytes(stream.read_bytes())) for stream in streams)


def test_in_the_warehouse_only_the_received_name_of_the_file_holds_one(
    run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    root, _ = run
    with sqlite3.connect(root / "warehouse.db") as warehouse:
        dump = list(warehouse.iterdump())
    leaking = {
        match[1]
        for line in dump
        if CANARY in line and (match := re.match(r'INSERT INTO "?(\w+)"?', line))
    }
    assert leaking == {"exports"}
