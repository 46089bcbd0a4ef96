"""The code location: every asset, check, job, schedule and sensor, bound to a home."""

import dagster as dg

from assets import checks, documents, figures, intake, scores
from assets.partitions import configured
from assets.resources import HomeResource
from pipelines import jobs, schedules, sensors
from pipelines.alerts import alert_sensors
from pipelines.console import step_lines
from rapport.home import HOME_VARIABLE

defs = dg.Definitions(
    assets=dg.load_assets_from_modules([intake, scores, figures, documents]),
    asset_checks=dg.load_asset_checks_from_modules([checks]),
    resources={"home": HomeResource(root=dg.EnvVar(HOME_VARIABLE))},
    jobs=jobs.ALL,
    schedules=[schedules.monthly_close, schedules.daily_fetch],
    sensors=[
        sensors.new_exports,
        schedules.publish_after_close,
        schedules.document_after_publish,
        *alert_sensors(configured()),
    ],
    executor=dg.in_process_executor,
    loggers={"console": step_lines},
)
