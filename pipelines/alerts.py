"""Who is told when a run fails: by mail, through Dagster's own run-failure sensor."""

import os

import dagster as dg

from rapport.settings import SMTP_PASSWORD_VARIABLE, Settings


def alert_sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """Return the mail sensor that the settings ask for, or none."""
    mail = settings.mail_alerts
    if mail is None:
        return []
    return [
        dg.make_email_on_run_failure_sensor(
            email_from=mail.sender,
            email_password=os.environ.get(SMTP_PASSWORD_VARIABLE, ""),
            email_to=list(mail.recipients),
            email_subject_fn=_subject,
            email_body_fn=_body,
            smtp_host=mail.smtp_host,
            smtp_port=mail.smtp_port,
            smtp_type=mail.encryption,
            name="mail_on_run_failure",
            monitor_all_code_locations=False,
            default_status=dg.DefaultSensorStatus.RUNNING,
        )
    ]


def _subject(context: dg.RunFailureSensorContext) -> str:
    return f"Rapport: the {context.dagster_run.job_name} run failed"


def _body(context: dg.RunFailureSensorContext) -> str:
    """Say where to look. The error's own words stay in Dagster: a mail is not a safe place."""
    run = context.dagster_run
    what = run.tags.get("dagster/partition") or run.tags.get("dagster/asset_partition_range_end")
    return (
        f"Run {run.run_id} of job {run.job_name} ({what or 'no partition'}) failed.<br>"
        "Open it in Dagster, or ask the machine: rapport doctor."
    )
