"""``rapport status`` and ``rapport verify`` as people and machines call them."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipelines.commands.status import status
from pipelines.commands.verify import verify
from rapport.home import Home, make_home
from rapport.warehouse.tables import editions, exports

app = typer.Typer()
app.command()(status)
app.command()(verify)

MONTH = "2026-01"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    made = make_home(tmp_path / "home")
    monkeypatch.setenv("RAPPORT_HOME", str(made.root))
    monkeypatch.setenv("COLUMNS", "200")
    return made


@pytest.fixture
def clinic(home: Home) -> str:
    return next(iter(home.registry.clinics))


def receive(home: Home, clinic: str) -> None:
    content = home.landing.keep(b"an export")
    home.warehouse.append(
        exports,
        [{"clinic_id": clinic, "month": MONTH, "export_id": "phq", "content_sha256": content,
          "received_name": "phq.csv", "size_bytes": 9}],
    )  # fmt: skip


def notice(home: Home, clinic: str, edition: int) -> None:
    home.warehouse.append(
        editions,
        [{"clinic_id": clinic, "month": MONTH, "edition": edition, "kind": "notice",
          "pdf_sha256": "p", "pdf_bytes": 1, "pages": 1, "path": "gone.pdf", "facts_sha256": "f",
          "inputs_json": "{}", "code_version": "0.1.0"}],
    )  # fmt: skip


def test_status_of_a_new_home_says_how_to_begin(home: Home) -> None:
    told = CliRunner().invoke(app, ["status"])
    assert told.exit_code == 0
    assert "Nothing has been received yet" in told.output


def test_status_for_machines_is_one_object_a_cell(home: Home, clinic: str) -> None:
    receive(home, clinic)
    told = CliRunner().invoke(app, ["status", "--month", MONTH, "--json"])
    cells = {cell["clinic_id"]: cell for cell in json.loads(told.stdout)}
    assert cells[clinic]["state"] == "received"
    assert cells[clinic]["files"] == 1
    assert {"month", "verdict", "edition", "kind", "delivered"} <= set(cells[clinic])


def test_status_shows_the_grid_notices_and_later_editions(home: Home, clinic: str) -> None:
    receive(home, clinic)
    notice(home, clinic, 1)
    notice(home, clinic, 2)
    told = CliRunner().invoke(app, ["status"])
    assert clinic in told.output
    assert MONTH in told.output
    assert "received (notice, ed. 2)" in told.output


def test_verify_of_a_sound_home_exits_0(home: Home, clinic: str) -> None:
    receive(home, clinic)
    told = CliRunner().invoke(app, ["verify"])
    assert told.exit_code == 0
    assert "match what was recorded" in told.output


def test_verify_prints_each_finding_with_its_remedy_and_exits_1(home: Home, clinic: str) -> None:
    notice(home, clinic, 1)
    told = CliRunner().invoke(app, ["verify"])
    assert told.exit_code == 1
    assert "gone.pdf" in told.output
    assert "REPORT_MISSING" in told.output
    assert "Restore the reports" in told.output


def test_verify_of_an_unknown_pdf_exits_1(home: Home, tmp_path: Path) -> None:
    strange = tmp_path / "strange.pdf"
    strange.write_bytes(b"%PDF-1.7")
    told = CliRunner().invoke(app, ["verify", str(strange)])
    assert told.exit_code == 1
    assert "PDF_UNKNOWN" in told.output
