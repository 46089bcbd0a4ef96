"""A printed figure leads back to the very rows it was computed from, and an altered PDF to none."""

from pathlib import Path

import pytest

from rapport.errors import EvidenceError
from rapport.evidence import tracing
from rapport.home import Home
from rapport.warehouse import tables
from tests.pipelines.conftest import MONTH, Runner


@pytest.fixture
def report(closed: Runner, home: Home) -> Path:
    closed.job("publish", f"north|{MONTH}")
    return home.reports / home.warehouse.read(tables.editions).path.iloc[0]


@pytest.mark.parametrize("figure", ["alliance.patient.total", "alliance.therapist.bond"])
def test_the_lines_of_an_alliance_figure_are_as_many_as_its_forms(
    report: Path, home: Home, figure: str
) -> None:
    document = tracing.open_document(home, report)
    found = tracing.trace(home, document, figure=figure, who="clinic", period="month")
    assert found.files.lines.sum() == found.figure["n_observations"] == 48
    assert found.files.ranges.tolist() == ["2-49"]


def test_an_outcome_leads_to_the_measures_of_the_episodes_that_ended(
    report: Path, home: Home
) -> None:
    document = tracing.open_document(home, report)
    found = tracing.trace(
        home, document, figure="outcome.recovery", who="clinic", period="trailing_12"
    )
    assert found.figure["n_patients"] == 12
    assert found.files.lines.sum() == 48


def test_every_published_figure_of_a_report_can_be_traced(report: Path, home: Home) -> None:
    document = tracing.open_document(home, report)
    rows = document.figures[document.figures.who == "clinic"]
    assert len(rows) > 60
    for row in rows.itertuples():
        found = tracing.trace(home, document, figure=row.figure, who=row.who, period=row.period)
        if not found.is_hidden and row.n_observations:
            assert len(found.files), row.figure


def test_of_a_hidden_figure_no_line_and_no_count_is_told(report: Path, home: Home) -> None:
    document = tracing.open_document(home, report)
    hidden = document.figures[document.figures.suppression.notna()].iloc[0]
    found = tracing.trace(
        home, document, figure=hidden.figure, who=hidden.who, period=hidden.period
    )
    assert found.is_hidden
    assert found.files.lines.isna().all()
    assert set(found.files.ranges) <= {""}


def test_an_altered_pdf_leads_nowhere(report: Path, home: Home, tmp_path: Path) -> None:
    altered = tmp_path / "altered.pdf"
    altered.write_bytes(report.read_bytes().replace(b"North", b"Sorth", 1) + b" ")
    with pytest.raises(EvidenceError, match="NOT_AN_EDITION"):
        tracing.open_document(home, altered)


def test_a_figure_that_is_not_there_is_said_with_where_it_is(report: Path, home: Home) -> None:
    document = tracing.open_document(home, report)
    with pytest.raises(EvidenceError, match="clinic in month"):
        tracing.trace(
            home, document, figure="alliance.patient.total", who="T9", period="trailing_12"
        )
