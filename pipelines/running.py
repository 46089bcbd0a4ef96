"""Runs jobs in this process, against the home's own Dagster instance."""

import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rapport.home import HOME_VARIABLE, Home
from rapport.monthly import ClinicMonth

if TYPE_CHECKING:
    import dagster as dg


EVENTS_AT_ONCE = 200
"""Events that Dagster stores in one go; one by one, each costs a transaction of its own."""


@contextmanager
def instance_of(home: Home) -> Iterator["dg.DagsterInstance"]:
    """Open the Dagster instance that belongs to a home; its clinics are those of the registry."""
    os.environ[HOME_VARIABLE] = str(home.root)
    os.environ["DAGSTER_HOME"] = str(home.dagster)
    os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("DAGSTER_EVENT_BATCH_SIZE", str(EVENTS_AT_ONCE))
    import dagster as dg

    from assets.partitions import synchronise

    with dg.DagsterInstance.from_config(str(home.dagster)) as instance:
        synchronise(instance, list(home.registry.clinics))
        yield instance


def collect(home: Home, slices: Sequence[ClinicMonth]) -> None:
    """Take in these clinic-months."""
    _over_slices(home, "collect", "Collecting", slices)


def close(home: Home, months: Sequence[str]) -> None:
    """Close these months, oldest first."""
    for month in months:
        _run(home, "close", f"Closing {month}", partition_key=month)


def publish(home: Home, slices: Sequence[ClinicMonth]) -> None:
    """Publish these clinic-months, then write the dossiers of their months."""
    _over_slices(home, "publish", "Publishing", slices)
    for month in sorted({one.month for one in slices}):
        _run(home, "document", f"Documenting {month}", partition_key=month)


def _over_slices(home: Home, job: str, doing: str, slices: Sequence[ClinicMonth]) -> None:
    """Run a job once over all clinics, or once a clinic where only some were asked for."""
    months = sorted({one.month for one in slices})
    clinics = list(dict.fromkeys(one.clinic_id for one in slices))
    span = months[0] if len(months) == 1 else f"{months[0]} to {months[-1]}"
    if set(clinics) == set(home.registry.clinics) and len(slices) > 1:
        from pipelines.schedules import range_tags

        with instance_of(home) as instance:
            tags = range_tags(instance, clinics, months[0], months[-1])
        _run(home, job, f"{doing} {span}, {len(clinics)} clinics", tags=tags)
        return
    for one in slices:
        key = f"{one.clinic_id}|{one.month}"
        _run(home, job, f"{doing} {one.month}, {one.clinic_id}", partition_key=key)


def _run(
    home: Home,
    job: str,
    saying: str,
    *,
    partition_key: str | None = None,
    tags: dict[str, str] | None = None,
) -> None:
    """Execute one run; whatever a step raises is raised here."""
    sys.stderr.write(f"{saying} ...\n")
    began = time.monotonic()
    with instance_of(home) as instance:
        from pipelines.definitions import defs

        defs.resolve_job_def(job).execute_in_process(
            instance=instance,
            partition_key=partition_key,
            tags=tags,
            run_config={"loggers": {"console": {}}},
        )
    sys.stderr.write(f"  {time.monotonic() - began:.1f} s\n")
