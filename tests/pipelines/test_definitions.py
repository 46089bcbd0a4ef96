"""The graph: it loads, is named as designed, and no check is cut otherwise than its asset."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import dagster as dg
import pytest
import yaml

from pipelines.definitions import defs

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
ASSETS = {
    "raw_exports": "clinic × month",
    "survey_responses": "clinic × month",
    "scale_scores": "clinic × month",
    "treatment_outcomes": "month",
    "therapist_aggregates": "month",
    "clinic_aggregates": "month",
    "sector_benchmarks": "month",
    "clinic_reports": "clinic × month",
    "evidence_dossier": "month",
    "deliveries": "clinic × month",
}
GRAPH = defs.resolve_asset_graph()


def cut(partitions: dg.PartitionsDefinition | None) -> str:
    if isinstance(partitions, dg.MultiPartitionsDefinition):
        return " × ".join(sorted(one.name for one in partitions.partitions_defs))
    return "month" if isinstance(partitions, dg.TimeWindowPartitionsDefinition) else "none"


def test_the_assets_and_their_partitions_are_those_of_the_design() -> None:
    found = {
        key.to_user_string(): cut(GRAPH.get(key).partitions_def)
        for key in GRAPH.get_all_asset_keys()
    }
    assert found == ASSETS


def test_every_check_is_cut_like_its_asset() -> None:
    checks = list(GRAPH.asset_check_keys)
    assert len(checks) >= len({key.asset_key for key in checks}) >= 7
    for key in checks:
        spec = GRAPH.get_check_spec(key)
        assert spec.partitions_def == GRAPH.get(key.asset_key).partitions_def, key


@pytest.mark.parametrize("name", sorted(ASSETS))
def test_every_asset_says_what_it_is_and_whose(name: str) -> None:
    node = GRAPH.get(dg.AssetKey(name))
    assert node.description
    assert node.owners
    assert node.group_name != "default"


def test_no_asset_is_cut_by_therapist_or_patient() -> None:
    dimensions = {
        part.name
        for key in GRAPH.get_all_asset_keys()
        if isinstance(found := GRAPH.get(key).partitions_def, dg.MultiPartitionsDefinition)
        for part in found.partitions_defs
    }
    assert dimensions == {"clinic", "month"}


def test_the_first_month_is_fixed_and_not_relative_to_today() -> None:
    months = GRAPH.get(dg.AssetKey("treatment_outcomes")).partitions_def
    assert isinstance(months, dg.TimeWindowPartitionsDefinition)
    assert months.get_first_partition_key() == "2025-01"


def test_the_three_steps_and_the_dossier_are_jobs() -> None:
    names = {job.name for job in defs.resolve_all_job_defs()}
    assert {"collect", "close", "publish", "document"} <= names


def test_both_files_that_name_the_code_location_name_the_same() -> None:
    workspace = yaml.safe_load((ROOT / "workspace.yaml").read_text())
    named = workspace["load_from"][0]["python_module"]["module_name"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["dg"]["project"]
    assert named == project["code_location_target_module"] == "pipelines.definitions"


@pytest.mark.parametrize(
    "command",
    [
        ["dagster", "definitions", "validate", "-w", "workspace.yaml"],
        ["dg", "check", "defs"],
    ],
    ids=["dagster definitions validate", "dg check defs"],
)
def test_the_code_location_passes_dagsters_own_checks(command: list[str], tmp_path: Path) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("RAPPORT", "DAGSTER"))}
    done = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env={**environment, "DAGSTER_HOME": str(tmp_path), "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_definitions_load_without_the_heavy_libraries() -> None:
    script = (
        "import sys, pipelines.definitions\n"
        "print([m for m in ('great_expectations', 'weasyprint', 'matplotlib', 'scipy.stats',"
        " 'statsmodels') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


def test_the_home_that_the_project_writes_turns_telemetry_off() -> None:
    written = (ROOT / "rapport" / "starting_files" / "dagster.yaml").read_text()
    assert re.search(r"^telemetry:\n  enabled: false$", written, re.MULTILINE)
