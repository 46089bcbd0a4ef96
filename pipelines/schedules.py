"""When things happen by the calendar: the close, and what follows it."""

import dagster as dg

from assets.partitions import configured, key_of, synchronise
from assets.resources import HomeResource
from pipelines.jobs import close, collect, document, publish
from rapport.monthly.fetching import fetched_by_calendar
from rapport.months import Month

_SETTINGS = configured()
RANGE_START = "dagster/asset_partition_range_start"
RANGE_END = "dagster/asset_partition_range_end"


@dg.schedule(
    job=close,
    name="monthly_close",
    cron_schedule=f"0 {_SETTINGS.closing_hour} {_SETTINGS.closing_day} * *",
    execution_timezone=_SETTINGS.timezone,
    description="Closes the month before, on the closing day.",
)
def monthly_close(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Request the close of the month before the scheduled day."""
    ended = Month.of(context.scheduled_execution_time.date()).plus(-1)
    return dg.RunRequest(run_key=f"close {ended}", partition_key=str(ended))


@dg.schedule(
    job=collect,
    name="daily_fetch",
    cron_schedule=f"0 {_SETTINGS.fetch_hour} * * *",
    execution_timezone=_SETTINGS.timezone,
    description="Asks every source that is no folder for its latest months, once a day.",
)
def daily_fetch(
    context: dg.ScheduleEvaluationContext, home: HomeResource
) -> list[dg.RunRequest] | dg.SkipReason:
    """Request the latest clinic-months of SFTP, S3, REDCap, LimeSurvey and HTTPS sources."""
    day = context.scheduled_execution_time.date()
    slices = fetched_by_calendar(home.home, Month.of(day))
    if not slices:
        return dg.SkipReason("Every clinic's source is a folder; the sensor watches those.")
    synchronise(context.instance, list(home.home.registry.clinics))
    return [
        dg.RunRequest(
            run_key=f"fetch {one.clinic_id} {one.month} {day}", partition_key=str(key_of(one))
        )
        for one in slices
    ]


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[close],
    request_jobs=[publish],
    name="publish_after_close",
    description="Publishes every clinic's report once a month is closed.",
)
def publish_after_close(
    context: dg.RunStatusSensorContext, home: HomeResource
) -> dg.RunRequest | dg.SkipReason:
    """Request one publishing run over all clinics of the month that was closed."""
    month = context.dagster_run.tags.get("dagster/partition")
    clinics = list(home.home.registry.clinics)
    if month is None or not clinics:
        return dg.SkipReason("The run names no month, or no clinic is registered.")
    synchronise(context.instance, clinics)
    return dg.RunRequest(
        run_key=f"publish after {context.dagster_run.run_id}",
        job_name=publish.name,
        tags=range_tags(context.instance, clinics, month, month),
    )


@dg.run_status_sensor(
    run_status=dg.DagsterRunStatus.SUCCESS,
    monitored_jobs=[publish],
    request_jobs=[document],
    name="document_after_publish",
    description="Writes the month's dossier once its reports are out.",
)
def document_after_publish(context: dg.RunStatusSensorContext) -> dg.RunRequest | dg.SkipReason:
    """Request the dossier of the month that was published."""
    tags = context.dagster_run.tags
    key = tags.get(RANGE_END) or tags.get("dagster/partition")
    if not key:
        return dg.SkipReason("The run names no clinic-month.")
    return dg.RunRequest(
        run_key=f"document after {context.dagster_run.run_id}",
        job_name=document.name,
        partition_key=key.rsplit("|", 1)[-1],
    )


def range_tags(
    instance: dg.DagsterInstance, clinics: list[str], first: str, last: str
) -> dict[str, str]:
    """Return the tags of one run over all these clinics and months.

    A range of partitions goes from one clinic to another in the order in which Dagster learnt of
    them; ``clinics`` must therefore be all that are registered.
    """
    known = [one for one in instance.get_dynamic_partitions("clinics") if one in set(clinics)]
    return {RANGE_START: f"{known[0]}|{first}", RANGE_END: f"{known[-1]}|{last}"}
