"""What was refused whole is told with place and remedy; another clinic's rows are an alarm."""

import json
from pathlib import Path

import pytest

from pipelines.commands.status import status
from pipelines.summary import print_refused
from rapport.home import Home
from rapport.monthly.refusals import refused_files
from tests.rapport.monthly.small_home import (
    MONTH,
    as_csv,
    clinic,
    mapping,
    rows_of,
    small_home,
    take_in,
    upload,
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose clinic sent a sound file, and before it one that holds a neighbour's row."""
    made = small_home(tmp_path / "home", clinic(export=mapping(clinic={"site": "A"})))
    monkeypatch.setenv("RAPPORT_HOME", str(made.root))
    lines = as_csv(rows_of(30)).splitlines()
    own = [lines[0] + ",site", *(f"{line},A" for line in lines[1:])]
    mixed = [*own[:4], own[4].removesuffix("A") + "B", *own[5:]]
    upload(made, f"sessions_{MONTH}_1.csv", "\n".join(mixed) + "\n")
    assert take_in(made) == "failed"
    upload(made, f"sessions_{MONTH}_2.csv", "\n".join(own) + "\n")
    assert take_in(made) == "passed"
    return made


def test_a_refused_file_is_told_by_its_name_and_the_place_of_its_fault(home: Home) -> None:
    (found,) = refused_files(home, [MONTH])
    assert (found.clinic_id, found.month, found.rule) == ("alpha", MONTH, "WRONG_CLINIC")
    assert found.place == f"sessions_{MONTH}_1.csv, line 5, column site"
    assert found.remedy


def test_another_clinic_s_rows_stay_an_alarm_when_the_month_passes(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    status()
    told = capsys.readouterr().out
    assert "ALARM: another clinic's rows in alpha" in told
    assert "line 5, column site" in told
    print_refused(refused_files(home, [MONTH]))
    assert "ALARM" in capsys.readouterr().out


@pytest.mark.usefixtures("home")
def test_a_machine_is_told_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    status(as_json=True)
    (cell,) = json.loads(capsys.readouterr().out)
    (file,) = cell["refused_files"]
    assert (file["rule"], file["line"], file["column"]) == ("WRONG_CLINIC", 5, "site")


def test_of_a_month_that_does_not_pass_the_rules_are_named(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    upload(home, f"sessions_{MONTH}_3.csv", "")
    assert take_in(home) == "failed"
    status()
    told = capsys.readouterr().out
    assert f"alpha {MONTH} does not pass: " in told
    assert "EMPTY_FILE" in told
    assert f"sessions_{MONTH}_3.csv" in told


def test_where_nothing_is_refused_nothing_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = small_home(tmp_path / "quiet")
    upload(made, f"sessions_{MONTH}.csv", rows_of(30))
    take_in(made)
    assert refused_files(made, [MONTH]) == []
    print_refused([])
    assert capsys.readouterr().out == ""
