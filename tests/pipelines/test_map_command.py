"""``rapport map``: from a file to the registry, and from there through ``rapport check``."""

from importlib import resources
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner, Result

from pipelines.cli import app

SECRET = "Kowalska"  # noqa: S105 - a name that must never be told
HEAD = "client_id,clinician,session,session_date,email," + ",".join(
    f"phq9_{n}" for n in range(1, 10)
)
ROWS = "".join(
    f"p{n},T1,1,2026-02-{12 + n},{SECRET}{n}@example.org,0,1,2,3,0,1,2,3,{n}\n" for n in (1, 2, 3)
)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "home"
    root.mkdir()
    starting = resources.files("rapport").joinpath("starting_files", "rapport.yaml")
    (root / "rapport.yaml").write_bytes(starting.read_bytes())
    monkeypatch.setenv("RAPPORT_HOME", str(root))
    monkeypatch.setenv("COLUMNS", "200")
    return root


@pytest.fixture
def export(tmp_path: Path) -> Path:
    file = tmp_path / "phq_2026-02.csv"
    file.write_text(f"{HEAD}\n{ROWS}")
    return file


def registry(home: Path, mapping: object) -> None:
    clinic = {
        "id": "hill", "name": "Hill", "sector": "public", "timezone": "Europe/Warsaw",
        "source": "hill", "first_month": "2026-01", "therapists": ["T1"], "exports": [mapping],
    }  # fmt: skip
    (home / "clinics.yaml").write_text(yaml.safe_dump({"clinics": [clinic]}))


def test_a_proposal_goes_into_the_registry_and_check_accepts_the_file(
    home: Path, export: Path
) -> None:
    proposed = run("map", str(export), "--out", str(home / "map.yaml"))
    assert proposed.exit_code == 0, proposed.output
    text = (home / "map.yaml").read_text()
    assert SECRET not in text + proposed.output
    registry(home, yaml.safe_load(text))
    checked = run("check", str(export), "--clinic", "hill")
    assert checked.exit_code == 0, checked.output


def test_doubts_are_marked_on_their_lines_and_counted(home: Path, export: Path) -> None:
    found = run("map", str(export))
    marked = [line for line in found.stdout.splitlines() if "# UNSURE: " in line]
    assert found.exit_code == 0
    assert marked
    assert f"{len(marked)} lines are marked UNSURE" in found.stderr


def test_the_clinic_s_therapists_tell_their_column(home: Path, export: Path) -> None:
    registry(home, yaml.safe_load(run("map", str(export)).stdout))
    export.write_text(f"{HEAD}\n{ROWS}".replace("clinician", "who"))
    found = yaml.safe_load(run("map", str(export), "--clinic", "hill").stdout)
    assert found["therapist"] == "who"


def test_a_dictionary_is_read_beside_the_file(home: Path, export: Path, tmp_path: Path) -> None:
    fields = "\n".join(
        ["field_name,form_name,field_type,field_label,identifier", "client_id,a,text,Id,",
         "clinician,a,text,Who,", "session,a,text,No,", "session_date,a,text,Day,",
         "email,a,text,Mail,y",
         *(f"phq9_{n},a,text,Item {n}," for n in range(1, 10))]
    )  # fmt: skip
    (tmp_path / "dictionary.csv").write_text(fields)
    found = run("map", str(export), "--dictionary", str(tmp_path / "dictionary.csv"))
    assert yaml.safe_load(found.stdout)["format"] == "redcap"


def test_a_missing_file_and_no_export_are_told_without_a_traceback(
    home: Path, tmp_path: Path
) -> None:
    from rapport.errors import RapportError

    page = tmp_path / "page.csv"
    page.write_text("<!doctype html><html></html>")
    for file in (tmp_path / "gone.csv", page):
        assert isinstance(run("map", str(file)).exception, RapportError)
