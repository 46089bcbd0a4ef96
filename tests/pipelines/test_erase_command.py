"""``rapport erase``: a look first, the deed only when confirmed; and what ``check`` says then."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipelines.cli import app
from rapport.errors import RapportError
from rapport.home import Home
from rapport.warehouse import tables
from tests.rapport.monthly.plain_engine import without_great_expectations
from tests.rapport.monthly.small_home import (
    MONTH,
    Clock,
    a_row,
    as_csv,
    clinic,
    close,
    publish,
    register,
    rows_of,
    set_clock,
    small_home,
    take_in,
    upload,
)

CANARY = "KANAREK-77"
SIGNED = ("--reason", "letter of 3 March", "--by", "Dr Alder", "--confirm")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    made = small_home(tmp_path / "home")
    set_clock(made, Clock())
    monkeypatch.setenv("RAPPORT_HOME", str(made.root))
    monkeypatch.setenv("COLUMNS", "200")
    with without_great_expectations():
        upload(made, f"sessions_{MONTH}.csv", [*rows_of(20), a_row(7, 1, pid=CANARY)])
        take_in(made)
        yield made
    made.warehouse.close()


def run(*options: str, given: str | None = None) -> Result:
    return CliRunner().invoke(app, ["erase", "--clinic", "alpha", *options], input=given)


def test_without_confirm_it_is_told_what_would_go_and_nothing_goes(home: Home) -> None:
    result = run("--patient", CANARY)
    assert result.exit_code == 0, result.output
    assert "This would go" in result.output
    assert "1 rows of sessions" in result.output
    assert "Nothing was changed" in result.output
    assert not home.warehouse.read(tables.sessions, patient_id=CANARY).empty
    assert home.warehouse.read(tables.erasures).empty


def test_with_confirm_it_goes(home: Home) -> None:
    result = run("--patient", CANARY, *SIGNED)
    assert result.exit_code == 0, result.output
    assert "Erased" in result.output
    assert home.warehouse.read(tables.sessions, patient_id=CANARY).empty


def test_the_id_is_read_from_the_keyboard_and_never_printed(home: Home) -> None:
    result = run("--patient", "-", *SIGNED, "--json", given=f"{CANARY}\n")
    assert result.exit_code == 0, result.output
    assert CANARY not in result.output
    told = json.loads(result.stdout)
    assert (told["files"], told["file_rows"], told["erased"]) == (1, 1, True)
    assert told["clinic_months"] == [f"alpha {MONTH}"]
    assert home.warehouse.read(tables.sessions, patient_id=CANARY).empty


def test_a_typing_mistake_is_told_and_nothing_recorded(home: Home) -> None:
    look = run("--patient", "KANAREK")
    assert "unknown here" in look.output
    result = run("--patient", "KANAREK", *SIGNED)
    assert isinstance(result.exception, RapportError)
    assert result.exception.faults[0].rule == "PATIENT_UNKNOWN"
    assert home.warehouse.read(tables.erasures).empty


def test_an_unsigned_erasure_is_refused(home: Home) -> None:
    result = run("--patient", CANARY, "--confirm")
    assert isinstance(result.exception, RapportError)
    assert result.exception.faults[0].rule == "ERASURE_UNSIGNED"
    assert home.warehouse.read(tables.erasures).empty


def test_published_months_that_became_stale_are_told(home: Home) -> None:
    close(home)
    publish(home)
    result = run("--patient", CANARY, *SIGNED)
    assert "become stale" in result.output


def test_verify_is_content_and_as_of_says_why_it_cannot_read_again(home: Home) -> None:
    run("--patient", CANARY, *SIGNED)
    verified = CliRunner().invoke(app, ["verify"])
    assert verified.exit_code == 0, verified.output
    moment = home.warehouse.read(tables.verdicts).recorded_at.min()[:19] + "+00:00"
    options = ["status", "--as-of", moment.replace(":00+", ":59+"), "--verify"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    assert "not reproducible since an erasure on" in result.output


def test_check_leaves_erased_patients_out_and_says_so(home: Home, tmp_path: Path) -> None:
    run("--patient", CANARY, *SIGNED)
    file = tmp_path / f"sessions_{MONTH}_new.csv"
    file.write_text(as_csv([*rows_of(20), a_row(7, 1, pid=CANARY)]))
    result = CliRunner().invoke(app, ["check", str(file), "--clinic", "alpha", "--json"])
    told = json.loads(result.stdout)
    assert told["rows"]["accepted"] == 40
    assert "ERASED" in {one["rule"] for one in told["file_faults"]}
    assert len(home.warehouse.read(tables.redactions)) == 1


def test_check_asks_whom_the_other_clinics_of_the_scheme_know(home: Home, tmp_path: Path) -> None:
    home = register(
        home,
        clinic(patient_id_scheme="town"),
        clinic("beta", patient_id_scheme="town"),
    )
    file = tmp_path / f"sessions_{MONTH}.csv"
    file.write_text(as_csv([a_row(1, 1), a_row(99, 1)]))
    result = CliRunner().invoke(app, ["check", str(file), "--clinic", "beta", "--json"])
    told = json.loads(result.stdout)
    assert (told["rows"]["accepted"], told["rows"]["quarantined"]) == (1, 1)
    assert {one["rule"] for one in told["faults"]} == {"PATIENT_OF_OTHER_CLINIC"}
