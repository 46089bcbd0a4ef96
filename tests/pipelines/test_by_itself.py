"""What happens by itself: the sensor notices files, the schedule closes, each thing once."""

import os
import time
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from assets.resources import HomeResource
from pipelines.schedules import monthly_close
from pipelines.sensors import new_exports
from rapport.home import Home
from tests.pipelines.conftest import MONTH, Runner, deliver, sound_rows


def tick(home: Home, instance: dg.DagsterInstance, cursor: str | None = None) -> dg.SensorResult:
    context = dg.build_sensor_context(
        instance=instance, cursor=cursor, resources={"home": HomeResource(root=str(home.root))}
    )
    result = new_exports(context)
    assert isinstance(result, dg.SensorResult)
    return result


def rested(file: Path) -> None:
    """Make a file look as if nobody had touched it for an hour."""
    an_hour_ago = time.time() - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))


def keys(result: dg.SensorResult) -> list[str | None]:
    return [request.partition_key for request in result.run_requests or []]


def test_a_rested_file_requests_its_clinic_month(home: Home, instance: dg.DagsterInstance) -> None:
    rested(deliver(home, "north", sound_rows("north")))
    assert keys(tick(home, instance)) == [f"north|{MONTH}"]


def test_a_file_is_requested_once(home: Home, instance: dg.DagsterInstance) -> None:
    rested(deliver(home, "north", sound_rows("north")))
    first = tick(home, instance)
    assert keys(tick(home, instance, first.cursor)) == []


def test_a_fresh_file_is_requested_when_a_second_look_finds_it_unchanged(
    home: Home, instance: dg.DagsterInstance
) -> None:
    deliver(home, "north", sound_rows("north"))
    first = tick(home, instance)
    assert keys(first) == []
    assert keys(tick(home, instance, first.cursor)) == [f"north|{MONTH}"]


def test_a_growing_file_is_left_alone(home: Home, instance: dg.DagsterInstance) -> None:
    cursor = None
    for n_patients in (2, 3, 4):
        deliver(home, "north", sound_rows("north", n_patients))
        result = tick(home, instance, cursor)
        assert keys(result) == []
        cursor = result.cursor


def test_a_file_under_a_temporary_name_is_no_file(home: Home, instance: dg.DagsterInstance) -> None:
    rested(deliver(home, "north", sound_rows("north"), name=f"sessions_{MONTH}.csv.part"))
    assert keys(tick(home, instance)) == []


def test_what_the_ledger_has_is_not_requested_again(
    home: Home, instance: dg.DagsterInstance, runner: Runner
) -> None:
    rested(deliver(home, "north", sound_rows("north")))
    runner.job("collect", f"north|{MONTH}")
    assert keys(tick(home, instance)) == []


def test_the_same_content_has_the_same_key_and_another_content_another(
    home: Home, instance: dg.DagsterInstance
) -> None:
    rested(deliver(home, "north", sound_rows("north")))
    first, again = tick(home, instance), tick(home, instance)
    rested(deliver(home, "north", sound_rows("north", 13)))
    changed = tick(home, instance, first.cursor)
    run_keys = [r.run_key for result in (first, again, changed) for r in result.run_requests or []]
    assert len(run_keys) == 3
    assert run_keys[0] == run_keys[1] != run_keys[2]


def test_the_schedule_closes_the_month_before_across_the_year() -> None:
    context = dg.build_schedule_context(
        scheduled_execution_time=datetime(2026, 1, 5, 6, tzinfo=UTC)
    )
    request = monthly_close(context)
    assert isinstance(request, dg.RunRequest)
    assert (request.partition_key, request.run_key) == ("2025-12", "close 2025-12")
