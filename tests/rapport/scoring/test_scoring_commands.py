"""The commands ``instruments``, ``score`` and ``change``: output, summary and exit code."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from pipelines.commands.change import change
from pipelines.commands.instruments import instruments
from pipelines.commands.score import score
from rapport.errors import RapportError

APP = typer.Typer()
for command in (instruments, score, change):
    APP.command()(command)

HEADER = ",".join(f"q{n}" for n in range(1, 10))


@pytest.fixture(autouse=True)
def no_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path / "home"))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(APP, list(arguments))


def written(folder: Path, *lines: str) -> str:
    file = folder / "table.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(file)


def test_the_catalogue_is_listed() -> None:
    found = run("instruments", "--json")
    assert found.exit_code == 0
    assert len(json.loads(found.stdout)) == 27
    assert "phq-9" in run("instruments").stdout


def test_one_instrument_is_shown_with_its_sources() -> None:
    assert "Kroenke et al. (2001)" in run("instruments", "phq-9").stdout
    assert json.loads(run("instruments", "phq-9", "--json").stdout)["construct"] == "symptoms"


def test_an_unknown_instrument_is_a_user_s_fault() -> None:
    assert isinstance(run("instruments", "phq-99").exception, RapportError)


def test_an_instrument_of_the_home_is_used(tmp_path: Path) -> None:
    folder = tmp_path / "home/instruments"
    folder.mkdir(parents=True)
    own = json.loads(run("instruments", "gad-7", "--json").stdout)
    own["missing_rule"] |= {"status": "policy", "source": "this clinic"}
    (folder / "gad-7.yaml").write_text(json.dumps(own), encoding="utf-8")
    table = written(tmp_path, ",".join(f"q{n}" for n in range(1, 8)), "1,1,1,1,1,1,")
    assert run("score", table, "--instrument", "gad-7").exit_code == 0


def test_scores_go_to_standard_output_and_the_summary_beside(tmp_path: Path) -> None:
    found = run("score", written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,1"), "--instrument", "phq-9")
    assert found.exit_code == 0
    assert found.stdout.splitlines() == [
        "line,total,item_mean,n_answered,is_prorated,flag_risk,is_straight_lining,"
        "no_score_reason,at_column",
        "2,9,1,9,no,yes,yes,,",
    ]
    assert "1 rows = 1 scored + 0 without a score" in found.stderr


def test_rows_without_a_score_make_exit_code_1_and_are_named(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,9", "1,1,1", "2,2,2,2,2,2,2,2,2")
    found = run("score", table, "--instrument", "phq-9")
    assert found.exit_code == 1
    assert "line 2: not_an_answer" in found.stderr
    assert "line 3: field_count" in found.stderr
    assert "3 rows = 1 scored + 2 without a score" in found.stderr


def test_scores_go_to_a_file(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,1")
    found = run("score", table, "--instrument", "phq-9", "--out", str(tmp_path / "out.csv"))
    assert found.stdout == ""
    assert (tmp_path / "out.csv").read_text(encoding="utf-8").startswith("line,total")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    table = written(tmp_path, HEADER, "1,1,1,1,1,1,1,1,1")
    found = run("score", table, "--instrument", "phq-9", "--out", table + "/x.csv")
    assert isinstance(found.exception, RapportError)


def test_a_map_declares_what_the_header_does_not(tmp_path: Path) -> None:
    table = written(tmp_path, ";".join("abcdefghi"), ";".join("1" * 8 + "9"))
    file = tmp_path / "map.yaml"
    file.write_text("items: [a,b,c,d,e,f,g,h,i]\ndelimiter: ';'\nmissing_codes: ['9']\n")
    found = run("score", table, "--instrument", "phq-9", "--map", str(file))
    assert found.exit_code == 0
    assert found.stdout.splitlines()[1] == "2,9,1,8,yes,no,no,,"


def test_change_prints_rows_and_summary(tmp_path: Path) -> None:
    table = written(tmp_path, "a,b", "20,8", "20,18", "9,20")
    found = run("change", table, "--pre", "a", "--post", "b", "--instrument", "phq-9")
    assert found.exit_code == 0
    assert found.stdout.splitlines()[1] == "2,20,8,-12,12,,recovered,"
    assert "3 rows = 3 used + 0 dropped" in found.stderr
    assert "recovered          1  33.3 %" in found.stderr


def test_change_by_an_index_draws_and_writes(tmp_path: Path) -> None:
    table = written(tmp_path, "a,b", "20,8", "20,18", "9,20", "5,")
    found = run(
        "change", table, "--pre", "a", "--post", "b", "--sd", "5", "--reliability", "0.84",
        "--functional-mean", "3.3", "--functional-sd", "3.8", "--direction", "lower_is_better",
        "--method", "HA", "--plot", str(tmp_path / "p.svg"), "--out", str(tmp_path / "o.csv"),
    )  # fmt: skip
    assert found.exit_code == 1
    assert "1 no_last_score" in found.stdout
    assert "Group level (Hageman-Arrindell)" in found.stdout
    assert (tmp_path / "p.svg").read_bytes().startswith(b"<?xml")
    assert len((tmp_path / "o.csv").read_text(encoding="utf-8").splitlines()) == 5


@pytest.mark.parametrize(
    "more",
    [("--sd", "5", "--reliability", "0.84"), ("--instrument", "phq-9", "--direction", "higher")],
    ids=["unknown", "contradicted"],
)
def test_the_direction_must_be_known_and_not_contradicted(
    tmp_path: Path, more: tuple[str, ...]
) -> None:
    found = run("change", written(tmp_path, "a,b", "20,8"), "--pre", "a", "--post", "b", *more)
    assert isinstance(found.exception, RapportError)
    assert found.exception.faults[0].rule == "DIRECTION"
