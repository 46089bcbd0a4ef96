"""Scores: what the accepted answers of a clinic-month add up to."""

import dagster as dg

from assets.intake import survey_responses
from assets.partitions import CLINIC_MONTHS, slices_of
from assets.resources import HomeResource
from assets.telling import tell_each
from rapport.monthly import scoring


@dg.asset(
    partitions_def=CLINIC_MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[survey_responses],
    group_name="measurement",
    kinds={"pandas"},
    owners=["team:data-engineering"],
    pool="warehouse",
)
def scale_scores(
    context: dg.AssetExecutionContext, home: HomeResource
) -> dg.MaterializeResult[None]:
    """Totals and subscales, where the newest verdict is passed; nothing where it is not."""
    scored = scoring.score(home.home, slices_of(context))
    tell_each(context, {one: {"scores": count} for one, count in scored.items()})
    return dg.MaterializeResult(metadata={"clinic_months_in_run": len(scored)})
