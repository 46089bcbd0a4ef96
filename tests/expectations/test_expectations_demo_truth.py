"""The demo world: every planted defect is found where it was planted, and nothing else is."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from expectations.intake import Intake, take_in
from rapport.clinics import load_registry
from rapport.instruments import Instrument
from rapport.monthly.slices import ClinicMonth
from rapport.simulation.demo import write_demo
from rapport.sources import Delivery

Defects = list[dict[str, Any]]


@pytest.fixture(scope="module")
def demo(
    tmp_path_factory: pytest.TempPathFactory, catalogue: Mapping[str, Instrument]
) -> tuple[Intake, Defects]:
    """The whole demo world, taken in at once, and the truth about it."""
    home = tmp_path_factory.mktemp("demo")
    write_demo(home)
    registry = load_registry(home / "clinics.yaml")
    truth = json.loads((home / "demo-truth.json").read_text())
    months = [f"{year}-{month:02d}" for year in (2025, 2026) for month in range(1, 13)][:14]
    slices = [ClinicMonth(clinic, month) for clinic in registry.clinics for month in months]
    files = [
        Delivery(one.clinic_id, one.month, export.id, file.name, file.read_bytes())
        for one in slices
        for clinic in [registry.clinic(one.clinic_id)]
        for export in clinic.exports
        for file in sorted(
            Path(home / "inbox" / clinic.source).glob(export.file_pattern(one.month))
        )
    ]
    return take_in(files, registry=registry, catalogue=catalogue, expected=slices), truth["defects"]


def of_outcome(defects: Defects, *outcomes: str) -> Defects:
    found = [one for one in defects if one["outcome"] in outcomes]
    assert found, "the demo has no such defect"
    return found


def test_exactly_the_planted_rows_are_refused_for_exactly_the_planted_reasons(
    demo: tuple[Intake, Defects],
) -> None:
    intake, defects = demo
    refused_files = set(intake.readings.content_sha256[intake.readings.refusal_rule.notna()])
    rows = intake.quarantine[~intake.quarantine.content_sha256.isin(refused_files)]
    found = Counter(rows[["clinic_id", "month", "line", "rule"]].itertuples(index=False, name=None))
    planted = Counter(
        (one["clinic_id"], one["month"], one["line"], rule)
        for one in of_outcome(defects, "row_quarantined")
        for rule in [one["rule"], *one["also"]]
    )
    assert found == planted


def test_exactly_the_planted_files_are_refused(demo: tuple[Intake, Defects]) -> None:
    intake, defects = demo
    refused = intake.readings[intake.readings.refusal_rule.notna()]
    assert set(
        refused[["clinic_id", "month", "refusal_rule"]].itertuples(index=False, name=None)
    ) == {
        (one["clinic_id"], one["month"], one["rule"]) for one in of_outcome(defects, "file_refused")
    }


def test_exactly_the_months_with_a_refused_file_fail_and_the_silent_one_is_not_applicable(
    demo: tuple[Intake, Defects],
) -> None:
    intake, defects = demo
    verdicts = {
        (row.clinic_id, row.month): row.verdict
        for row in intake.verdicts.itertuples()
        if row.verdict != "passed"
    }
    failed = {(d["clinic_id"], d["month"]): "failed" for d in of_outcome(defects, "file_refused")}
    silent = {
        (d["clinic_id"], d["month"]): "not_applicable" for d in of_outcome(defects, "nothing_sent")
    }
    assert verdicts == failed | silent


def test_every_test_row_is_counted_as_one(demo: tuple[Intake, Defects]) -> None:
    intake, defects = demo
    found = intake.readings.groupby(["clinic_id", "month"]).rows_test.sum()
    planted = Counter((d["clinic_id"], d["month"]) for d in of_outcome(defects, "test_row"))
    assert found[found > 0].to_dict() == dict(planted)
