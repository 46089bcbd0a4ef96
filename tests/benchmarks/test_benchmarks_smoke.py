"""The benchmarks run at the smallest size, and measure what they say. No time is asserted."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from benchmarks import bare_query, chromium, data_path, month_path, sensor_path, tables
from benchmarks.attribution import Place
from benchmarks.budgets import Budget
from benchmarks.children import ROOT, ChildFailedError, run_child
from benchmarks.new_home import empty_stores, fill
from benchmarks.sizes import QUICK, Sizes
from benchmarks.stages import PLACES, SHARES

SMALLEST = Sizes(files=2, small=4_000, large=8_000, repeats=1, large_repeats=1, clinics=2)


def told(*, seconds: float, cpu: float = 1.0, **more: object) -> dict[str, object]:
    return {"seconds": seconds, "cpu": cpu, "peak_mb": 100.0, "stages": {"read": seconds}} | more


def path_of(responses: int, seconds: float) -> data_path.DataPath:
    return data_path.DataPath(
        responses, responses // 40, told(seconds=seconds), told(seconds=0.5), (seconds,)
    )


def test_both_data_paths_run_and_every_row_is_accounted_for(tmp_path: Path) -> None:
    small, large = data_path.measure(tmp_path, SMALLEST)
    assert (small.responses, large.responses) == (4_000, 8_000)
    assert large.ours["rows"] == large.rows == 200
    assert set(small.ours["stages"]) <= {place.stage for place in PLACES} | {"between the stages"}
    assert len(tables.of_data_path([small, large])) == 2


def test_memory_is_told_after_every_step_for_each_number_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_path, "RESPONSES_A_FILE", 400)
    uses = data_path.memory(tmp_path, replace(SMALLEST, files=1))
    assert [one.files for one in uses] == [1, 1, 2]
    assert all(
        list(one.peaks) == ["collect", "take in", "score", "outcomes", "aggregates"] for one in uses
    )
    assert list(tmp_path.iterdir()) == []
    assert tables.of_memory(uses).row_count == 5


def test_the_sensor_looks_three_times_and_its_cursor_ends_short(tmp_path: Path) -> None:
    path = sensor_path.measure(tmp_path, 30)
    assert (path.files, path.cursor_bytes < 120) == (30, True)
    assert tables.of_sensor(path).row_count == 5


@pytest.mark.parametrize("is_declared", [True, False])
def test_the_bare_query_finds_the_means_that_rapport_finds(
    tmp_path: Path, is_declared: bool
) -> None:
    fill(tmp_path, files=2, responses=16_000)
    run_child("whole_path", tmp_path)
    query = bare_query.query(tmp_path, is_declared=is_declared)
    rows = duckdb.connect().execute(query).fetchall()
    theirs = {(Path(row[0]).parts[-3], row[1]): row[2] for row in rows}
    assert theirs == pytest.approx(_mean_of_whole_wai_forms(tmp_path))


def _mean_of_whole_wai_forms(root: Path) -> dict[tuple[str, str], float]:
    """Return clinic and therapist → mean sum of patients' WAI-SR items, from Rapport's store."""
    from rapport.home import open_home
    from rapport.warehouse import tables as store

    home = open_home(root)
    forms = home.warehouse.read(store.survey_responses, instrument="wai-sr", rater="patient")
    items = forms[[f"item_{number:02d}" for number in range(1, 13)]]
    refused = home.warehouse.read(store.quarantine)
    assert refused.empty, "the query does not refuse rows; choose a size without a spoilt one"
    sums = items.sum(axis=1).where(items.notna().all(axis=1))
    means = sums.groupby([forms.clinic_id, forms.therapist_id]).mean().rename("mean").reset_index()
    keys = zip(means.clinic_id, means.therapist_id, strict=True)
    return dict(zip(keys, means["mean"], strict=True))


def test_a_home_is_emptied_of_what_was_taken_in_and_keeps_what_clinics_sent(tmp_path: Path) -> None:
    fill(tmp_path, files=1, responses=400)
    first = run_child("whole_path", tmp_path)
    empty_stores(tmp_path)
    assert not list((tmp_path / "landing").rglob("*"))
    assert run_child("whole_path", tmp_path)["rows"] == first["rows"] == 10


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(ChildFailedError, match="NO_HOME"):
        run_child("whole_path", tmp_path / "nowhere")


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.module}.{place.attribute}")
def test_there_is_a_function_at_every_place_that_is_timed(place: Place) -> None:
    assert callable(getattr(place.owner, place.name))


def test_every_stage_of_a_month_is_counted_in_exactly_one_share() -> None:
    counted = [stage for stages in SHARES.values() for stage in stages]
    assert sorted(counted) == sorted({place.stage for place in PLACES} | {"Dagster"})


def test_shares_of_a_month_are_parts_of_its_seconds() -> None:
    path = month_path.MonthPath(
        clinics=2,
        start=9.0,
        seconds=10.0,
        jobs={},
        stages={"Dagster": 2.0, "Great Expectations": 1.5, "evidence chain": 0.5, "render": 6.0},
        peak_mb=300.0,
    )
    assert path.shares["orchestration"] == pytest.approx(0.2)
    assert sum(path.shares.values()) == pytest.approx(1.0)
    assert path.overhead == pytest.approx(0.4)


def test_growth_is_the_factor_and_its_exponent() -> None:
    growth = data_path.growth(path_of(1_000, 2.0), path_of(10_000, 20.0))
    assert (growth.factor, growth.exponent) == pytest.approx((10.0, 1.0))


@pytest.mark.parametrize(
    ("most", "measured", "is_least", "verdict"),
    [
        (5, 5.0, False, "kept"),
        (5, 5.1, False, "not kept"),
        (1.8, 1.8, True, "kept"),
        (1.8, 1.7, True, "not kept"),
        (1.5, None, False, "not measured"),
    ],
)
def test_a_budget_is_kept_or_not_or_not_measured(
    most: float, measured: float | None, is_least: bool, verdict: str
) -> None:
    assert Budget("it", most, measured, is_least=is_least).verdict == verdict


def test_without_chromium_there_is_none_to_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert chromium.installed() is None


def test_the_command_prints_a_budget_and_its_verdict() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--part", "help", "--repeats", "1"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert "rapport --help to importing Typer" in printed
    assert "kept" in printed
    assert QUICK.files < Sizes().files
