"""``rapport status``: the grid, what has become stale, and what was known when."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from rapport.home import Home
from rapport.monthly import ClinicMonth, collecting
from tests.rapport.monthly.plain_engine import without_great_expectations
from tests.rapport.monthly.small_home import (
    MONTH,
    Clock,
    close,
    publish,
    rows_of,
    set_clock,
    small_home,
    take_in,
    upload,
)

FILE = f"sessions_{MONTH}.csv"
FIRST_DAY = "2025-03-01"
LATER = "2025-03-20T12:00"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A month that was sent, closed and published on the first of March; late data came after."""
    made = small_home(tmp_path / "home")
    clock = Clock()
    set_clock(made, clock)
    monkeypatch.setenv("RAPPORT_HOME", str(made.root))
    with without_great_expectations():
        upload(made, FILE, rows_of(30))
        take_in(made)
        close(made)
        publish(made)
        clock.now = clock.now.replace(day=10)
        upload(made, f"sessions_{MONTH}_late.csv", rows_of(40))
        collecting.collect(made, [ClinicMonth("alpha", MONTH)])
        yield made
    made.warehouse.close()


def told(*options: str) -> list[dict[str, Any]]:
    result = CliRunner().invoke(app, ["status", *options, "--json"])
    assert result.exit_code == 0, result.output
    cells: list[dict[str, Any]] = json.loads(result.stdout)
    return [cell for cell in cells if cell["month"] == MONTH]


def test_a_stale_month_is_told_with_its_reason_and_what_to_run(home: Home) -> None:
    (cell,) = told()
    assert cell["edition"] == 1
    assert [reason["kind"] for reason in cell["stale"]] == ["files"]
    assert cell["run"] == [f"rapport run --month {MONTH} --clinic alpha"]
    shown = CliRunner().invoke(app, ["status"]).stdout
    assert "no longer resting on what is known" in shown
    assert "A file was received" in shown


def test_a_month_that_is_up_to_date_has_no_reason(home: Home) -> None:
    take_in(home)
    close(home)
    publish(home)
    (cell,) = told()
    assert (cell["edition"], cell["stale"], cell["run"]) == (2, [], [])


def test_what_was_known_on_a_day(home: Home) -> None:
    (then,) = told("--as-of", FIRST_DAY)
    (later,) = told("--as-of", LATER)
    assert [len(cell["files"]) for cell in (then, later)] == [1, 2]
    assert then["verdict"]["rows"]["accepted"] == 60
    assert then["edition"]["edition"] == 1
    assert told("--as-of", "2025-02-27") == []


def test_the_files_of_then_are_read_again(home: Home) -> None:
    take_in(home)
    (then,) = told("--as-of", FIRST_DAY, "--verify")
    assert then["rebuilt"]["matches"] is True
    assert then["rebuilt"]["rows"]["accepted"] == 60
    assert then["rebuilt"]["changed"] == []


def test_people_can_read_it_too(home: Home) -> None:
    shown = CliRunner().invoke(app, ["status", "--as-of", FIRST_DAY, "--verify"]).stdout
    assert "60 of 60" in shown
    assert "the same rows" in shown


def test_what_is_no_moment_is_a_fault_without_a_traceback(home: Home) -> None:
    result = CliRunner().invoke(app, ["status", "--as-of", "soon"])
    assert result.exit_code != 0


def test_verify_goes_with_as_of(home: Home) -> None:
    assert CliRunner().invoke(app, ["status", "--verify"]).exit_code == 2
