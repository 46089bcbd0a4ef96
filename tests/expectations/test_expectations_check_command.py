"""``rapport check`` and ``rapport rules``: what a person sees, what a machine reads, exit codes."""

import json
import shutil
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from expectations.catalogue import kinds
from expectations.dry_run import DryRun, dry_run
from expectations.resolving import checks_of
from expectations.rule import Suite
from pipelines.commands.check import check
from pipelines.commands.rules import rules
from rapport.clinics import Registry
from rapport.errors import RapportError
from rapport.instruments import Instrument, load_catalogue
from tests.expectations.small_clinic import (
    HEADER,
    Rows,
    as_csv,
    clinic_named,
    export_mapping,
    sound_rows,
)
from tests.rapport.monthly import small_home

SECRET = "SECRET"  # noqa: S105 - a canary


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "home"
    root.mkdir()
    starting = resources.files("rapport").joinpath("starting_files", "rapport.yaml")
    (root / "rapport.yaml").write_bytes(starting.read_bytes())
    clinic = clinic_named().model_dump(mode="json", exclude_none=True)
    (root / "clinics.yaml").write_text(yaml.safe_dump({"clinics": [clinic]}))
    monkeypatch.setenv("RAPPORT_HOME", str(root))
    monkeypatch.setenv("COLUMNS", "200")
    return root


def run_check(tmp_path: Path, content: str, *options: str, name: str = "any.csv") -> Result:
    file = tmp_path / name
    file.write_text(content)
    app = typer.Typer()
    app.command()(check)
    return CliRunner().invoke(app, [str(file), "--clinic", "alpha", *options])


def spoilt() -> Rows:
    rows = sound_rows()
    for place in (3, 4, 5, 9):
        rows[place] |= {"phq2": SECRET, "sum": ""}
    rows[7] |= {"ther": SECRET}
    rows[11] |= {"test": "1"}
    return [*rows, rows[0]]


@pytest.mark.usefixtures("home")
def test_a_sound_export_exits_with_0_and_says_so(tmp_path: Path) -> None:
    result = run_check(tmp_path, as_csv(sound_rows()))
    assert result.exit_code == 0, result.output
    assert "Every row is fine" in result.output
    assert "20 in = 20 accepted + 0 refused + 0 duplicate + 0 superseded + 0 test" in result.output
    assert "phq-9.patient: 20" in result.output


@pytest.mark.usefixtures("home")
def test_refused_rows_exit_with_1_and_are_told_with_line_column_rule_and_remedy(
    tmp_path: Path,
) -> None:
    result = run_check(tmp_path, as_csv(spoilt()))
    assert result.exit_code == 1
    assert "21 in = 14 accepted + 5 refused + 1 duplicate + 0 superseded + 1 test" in result.output
    assert (
        "ANSWER_ALLOWED  Is the answer one that the questionnaire allows? No, in 4 rows."
        in result.output
    )
    assert "Where: column phq2, lines 5–7, 11" in result.output
    assert "Where: column ther, line 9" in result.output
    assert "What to do: Correct the answer" in result.output


@pytest.mark.usefixtures("home")
def test_a_refused_file_exits_with_2_and_says_why(tmp_path: Path) -> None:
    result = run_check(tmp_path, as_csv(sound_rows(), HEADER[:-1]))
    assert result.exit_code == 2
    assert "MISSING_COLUMN" in result.output
    assert "phq9" in result.output
    assert "The whole file is refused" in result.output


@pytest.mark.usefixtures("home")
def test_a_machine_reads_every_refused_row(tmp_path: Path) -> None:
    result = run_check(tmp_path, as_csv(spoilt()), "--json")
    told = json.loads(result.output)
    assert result.exit_code == 1
    assert told["rows"] == {
        "received": 21, "accepted": 14, "quarantined": 5, "duplicate": 1, "superseded": 0,
        "test": 1,
    }  # fmt: skip
    assert [(one["line"], one["column"], one["rule"]) for one in told["refused"]] == [
        (5, "phq2", "ANSWER_ALLOWED"),
        (6, "phq2", "ANSWER_ALLOWED"),
        (7, "phq2", "ANSWER_ALLOWED"),
        (9, "ther", "THERAPIST_REGISTERED"),
        (11, "phq2", "ANSWER_ALLOWED"),
    ]
    assert all(one["remedy"] for one in told["refused"])


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_no_cell_of_the_file_is_told(tmp_path: Path, option: list[str]) -> None:
    assert SECRET not in run_check(tmp_path, as_csv(spoilt()), *option).output


def test_nothing_is_written(tmp_path: Path, home: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    run_check(tmp_path, as_csv(spoilt()), name="x.csv")
    assert set(tmp_path.rglob("*")) - set(before) == {tmp_path / "x.csv"}
    assert home.is_dir()


@pytest.mark.usefixtures("home")
def test_an_undeclared_column_is_told_and_changes_no_exit_code(tmp_path: Path) -> None:
    rows = [row | {"mood": "fine"} for row in sound_rows()]
    result = run_check(tmp_path, as_csv(rows, [*HEADER, "mood"]))
    assert result.exit_code == 0
    assert "UNKNOWN_COLUMN" in result.output
    assert "mood" in result.output


@pytest.mark.usefixtures("home")
def test_a_column_s_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    header = [*HEADER, "\x1b[31m[red]mood"]
    rows = [row | {header[-1]: "fine"} for row in sound_rows()]
    output = run_check(tmp_path, as_csv(rows, header)).output
    assert "\x1b" not in output
    assert "x1b[31m[red]mood" in output


@pytest.mark.usefixtures("home")
def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(check)
    result = CliRunner().invoke(app, [str(tmp_path / "none.csv"), "--clinic", "alpha"])
    assert isinstance(result.exception, RapportError)
    assert result.exception.faults[0].rule == "FILE_UNREADABLE"


def dry(tmp_path: Path, name: str, content: str, **options: str) -> DryRun:
    clinics = {"alpha": clinic_named(exports=[
        export_mapping(), export_mapping(id="second", path="in/second_{month}.csv"),
    ])}  # fmt: skip
    file = tmp_path / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(content)
    return dry_run(
        file, "alpha", registry=Registry(clinics, ""), catalogue=load_catalogue(None), **options
    )


def test_the_file_s_name_says_which_export_it_is_and_for_which_month(tmp_path: Path) -> None:
    for name, export in (
        ("sessions_2025-02-copy.csv", "sessions"),
        ("in/second_2025-02.csv", "second"),
    ):
        chosen = dry(tmp_path, name, as_csv(sound_rows())).chosen
        assert (chosen.export.id, chosen.month) == (export, "2025-02")
        assert chosen.month_from == "from the file's name"


def test_the_month_asked_for_goes_before_the_name(tmp_path: Path) -> None:
    found = dry(tmp_path, "sessions_2025-02.csv", as_csv(sound_rows()), month="2025-03")
    assert found.chosen.month == "2025-03"
    assert set(found.intake.quarantine.rule) == {"DATE_IN_MONTH"}


def test_without_a_telling_name_the_month_is_where_most_dates_lie(tmp_path: Path) -> None:
    rows = sound_rows()
    rows[0]["day"], rows[1]["day"] = "2025-04-01", "rubbish"
    found = dry(tmp_path, "x.csv", as_csv(rows), export_id="sessions")
    assert found.chosen.month == "2025-02"
    assert found.chosen.month_from == "from the dates: 18 of 20 lie in it"


def test_without_any_date_the_month_is_the_clinic_s_first_and_it_is_said(tmp_path: Path) -> None:
    found = dry(tmp_path, "x.csv", "", export_id="sessions")
    assert found.chosen.month == "2025-01"
    assert "no date could be read" in found.chosen.month_from
    assert found.exit_code == 2


def test_which_of_several_exports_it_is_must_be_clear(tmp_path: Path) -> None:
    with pytest.raises(RapportError, match="--export with one of: sessions, second"):
        dry(tmp_path, "x.csv", as_csv(sound_rows()))


@pytest.mark.usefixtures("home")
def test_a_fault_on_many_rows_is_told_once_with_examples(tmp_path: Path) -> None:
    rows = [row | {"phq2": SECRET, "phq7": SECRET, "sum": ""} for row in sound_rows(450)]
    output = run_check(tmp_path, as_csv(rows)).output
    assert output.count("ANSWER_ALLOWED") == 1
    assert "No, in 900 rows." in output
    assert "column phq2, lines 2–901" in output
    assert "column phq7, lines 2–901" in output


@pytest.mark.usefixtures("home")
def test_the_most_frequent_fault_is_told_first(tmp_path: Path) -> None:
    output = run_check(tmp_path, as_csv(spoilt())).output
    assert output.index("ANSWER_ALLOWED") < output.index("THERAPIST_REGISTERED")


@pytest.mark.usefixtures("home")
def test_a_machine_reads_groups_and_every_check_with_its_state(tmp_path: Path) -> None:
    told = json.loads(run_check(tmp_path, as_csv(spoilt()), "--json").output)
    assert told["exit_code"] == 1
    assert len(told["sha256"]) == 64
    group = told["faults"][0]
    assert (group["rule"], group["rows"]) == ("ANSWER_ALLOWED", 4)
    assert group["places"] == [{"column": "phq2", "lines": [5, 6, 7, 11]}]
    checks = {one["id"]: one for one in told["checks"]}
    assert checks["ANSWER_ALLOWED[phq-9.patient.02]"]["state"] == "broken"
    assert checks["ANSWER_ALLOWED[phq-9.patient.02]"]["broken"] == 4
    assert checks["ANSWER_ALLOWED[phq-9.patient.03]"]["state"] == "holds"
    assert checks["SESSIONS_USUAL"]["state"] == "not_applicable"
    assert told["suites"]["export_rows"] == "failed"
    assert set(told["suites"]) == {suite.value for suite in Suite}


@pytest.mark.usefixtures("home")
def test_a_page_for_the_clinic_is_written_and_holds_no_cell(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    header = [*HEADER, "<img src=x>"]
    rows = [row | {header[-1]: SECRET} for row in spoilt()]
    result = run_check(tmp_path, as_csv(rows, header), "--html", str(page), name="<b>x.csv")
    assert result.exit_code == 1
    html = page.read_text()
    assert "&lt;img src=x&gt;" in html
    assert "&lt;b&gt;x.csv" in html
    assert "lines 5–7, 11" in html
    assert SECRET not in html
    assert not any(f"P{patient:03d}" in html for patient in range(10))


@pytest.mark.usefixtures("home")
def test_a_page_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    result = run_check(
        tmp_path, as_csv(sound_rows()), "--html", str(tmp_path / "any.csv" / "x.html")
    )
    assert isinstance(result.exception, RapportError)
    assert result.exception.faults[0].rule == "PAGE_UNWRITABLE"


def run_rules(*options: str) -> Result:
    app = typer.Typer()
    app.command()(rules)
    return CliRunner(env={"COLUMNS": "200"}).invoke(app, list(options))


def test_all_rules_are_listed() -> None:
    output = run_rules().output
    assert all(rule.id in output for rule in kinds())


def test_one_rule_is_explained() -> None:
    output = run_rules("key_unique").output
    assert "patient, episode and session" in output
    assert "What to do" in output


def test_the_rules_are_listed_for_a_machine() -> None:
    told = json.loads(run_rules("--json").output)
    assert [one["id"] for one in told] == [rule.key for rule in kinds()]
    assert set(told[0]) == {
        "id", "suite", "severity", "asks", "holds_if", "rationale", "remedy",
    }  # fmt: skip


@pytest.mark.usefixtures("home")
def test_a_clinic_s_checks_are_listed_with_their_limits_and_whence_they_come() -> None:
    told = json.loads(run_rules("--clinic", "alpha", "--json").output)
    checks = {one["id"]: one for one in told["checks"]}
    assert told["month"] is None
    assert len(checks) == len(told["checks"]) > 130
    share = checks["REFUSED_SHARE"]
    assert (share["limit"], share["limit_from"], share["state"]) == (0.1, "default", None)
    assert checks["ANSWER_ALLOWED[phq-9.patient.03]"]["limit"] is None
    output = run_rules("--clinic", "alpha").output
    assert "ITEM_REVERSED[phq-9.patient.09]" in output
    assert "not judged yet" in output


def test_a_clinic_s_checks_tell_what_became_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = small_home.clinic(thresholds={"ITEM_VARIES[phq-9.patient.02]": 1})
    home = small_home.small_home(tmp_path / "home", entry)
    small_home.upload(home, "sessions_2025-02.csv", small_home.rows_of(30))
    small_home.take_in(home, "2025-02")
    monkeypatch.setenv("RAPPORT_HOME", str(home.root))
    told = json.loads(run_rules("--clinic", "alpha", "--month", "2025-02", "--json").output)
    checks = {one["id"]: one for one in told["checks"]}
    assert told["month"] == "2025-02"
    assert checks["ROWS_RECEIVED"]["state"] == "holds"
    assert checks["SESSIONS_USUAL"]["state"] == "not_applicable"
    assert checks["ITEM_VARIES[phq-9.patient.01]"]["state"] == "broken"
    own = checks["ITEM_VARIES[phq-9.patient.02]"]
    assert (own["state"], own["limit"]) == ("holds", 1)
    assert own["limit_from"] == "thresholds.ITEM_VARIES[phq-9.patient.02]"
    only = run_rules("ITEM_VARIES", "--clinic", "alpha").output
    assert "ITEM_VARIES[phq-9.patient.01]" in only
    assert "ROWS_RECEIVED" not in only


def test_five_instruments_resolve_into_hundreds_of_checks(
    catalogue: Mapping[str, Instrument],
) -> None:
    names = ("phq-9", "gad-7", "wai-sr", "swls", "who-5")
    forms = [{"instrument": n, "rater": "patient", "items": f"{n}_{{item}}"} for n in names]
    clinic = clinic_named(exports=[export_mapping(forms=forms)])
    checks = checks_of(clinic, catalogue)
    assert len({rule.key for rule in checks}) >= 300


EXPORTS = Path(__file__).parents[2].parent / "shared" / "exports"


@pytest.mark.skipif(not EXPORTS.is_dir(), reason="the folder of real export files is not here")
def test_a_real_export_read_under_another_mapping_is_refused_and_its_cells_are_not_told(
    tmp_path: Path, home: Path
) -> None:
    assert home.is_dir()
    for number, file in enumerate(sorted(EXPORTS.rglob("*.csv"))):
        copy = tmp_path / f"{number}.csv"
        shutil.copy(file, copy)
        app = typer.Typer()
        app.command()(check)
        result = CliRunner().invoke(app, [str(copy), "--clinic", "alpha", "--json"])
        assert result.exit_code == 2, file.name
        assert json.loads(result.output)["file_faults"]
