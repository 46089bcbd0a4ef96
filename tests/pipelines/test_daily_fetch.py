"""Once a day, sources that are no folder are asked for their latest months; folders never are."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
import pytest
import yaml

from assets.resources import HomeResource
from pipelines.schedules import daily_fetch
from rapport.home import Home


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance on disk: a schedule opens no other."""
    (tmp_path / "dagster").mkdir()
    with dg.DagsterInstance.local_temp(str(tmp_path / "dagster")) as instance:
        yield instance


def tick(home: Home, instance: dg.DagsterInstance) -> list[dg.RunRequest] | dg.SkipReason:
    context = dg.build_schedule_context(
        instance=instance,
        scheduled_execution_time=datetime(2025, 6, 3, 4, tzinfo=UTC),
        resources={"home": HomeResource(root=str(home.root))},
    )
    found = daily_fetch(context)
    assert isinstance(found, list | dg.SkipReason)
    return found


def test_nothing_is_asked_where_every_source_is_a_folder(
    home: Home, kept: dg.DagsterInstance
) -> None:
    assert isinstance(tick(home, kept), dg.SkipReason)


def test_the_latest_months_of_a_server_are_requested_once_a_day(
    home: Home, kept: dg.DagsterInstance
) -> None:
    file = home.root / "clinics.yaml"
    written = yaml.safe_load(file.read_text())
    written["clinics"][0]["source"] = {
        "type": "sftp", "host": "h", "user": "u", "host_key": "SHA256:" + "A" * 43,
        "password": {"env": "NORTH_PW"},
    }  # fmt: skip
    file.write_text(yaml.safe_dump(written))
    first, again = tick(home, kept), tick(home, kept)
    assert isinstance(first, list)
    clinic = written["clinics"][0]["id"]
    assert [one.partition_key for one in first] == [
        f"{clinic}|2025-04", f"{clinic}|2025-05", f"{clinic}|2025-06",
    ]  # fmt: skip
    assert isinstance(again, list)
    assert [one.run_key for one in again] == [one.run_key for one in first]
