"""What happens by itself when a clinic delivers: each finished file is taken in once."""

import dagster as dg

from assets.partitions import configured, key_of, synchronise
from assets.resources import HomeResource
from pipelines.jobs import collect
from rapport.monthly import watching


@dg.sensor(
    job=collect,
    name="new_exports",
    minimum_interval_seconds=configured().watch_seconds,
    description="Requests a clinic-month when a finished file of it has arrived, once per content.",
)
def new_exports(context: dg.SensorEvaluationContext, home: HomeResource) -> dg.SensorResult:
    """Look into every clinic's folder; a file that is still growing is left for a later look."""
    opened = home.home
    looked = watching.look(opened, watching.Memory.read(context.cursor))
    synchronise(context.instance, list(opened.registry.clinics))
    return dg.SensorResult(
        run_requests=[
            dg.RunRequest(run_key=news.key, partition_key=str(key_of(news.slice)))
            for news in looked.news
        ],
        skip_reason=None if looked.news else looked.sentence,
        cursor=looked.memory.written,
    )
