"""Intake: the bytes as they came, and the responses that every rule let through."""

import dagster as dg

from assets.partitions import CLINIC_MONTHS, slices_of
from assets.resources import HomeResource
from assets.telling import tell_each
from rapport.monthly import collecting


@dg.asset(
    partitions_def=CLINIC_MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    group_name="intake",
    kinds={"file"},
    owners=["team:data-engineering"],
    pool="warehouse",
)
def raw_exports(
    context: dg.AssetExecutionContext, home: HomeResource
) -> dg.MaterializeResult[None]:
    """Every export of a clinic-month, byte for byte, by its SHA-256, with its ledger entry."""
    collected = collecting.collect(home.home, slices_of(context))
    tell_each(context, {one: found.counts for one, found in collected.items()})
    return dg.MaterializeResult(metadata={"clinic_months_in_run": len(collected)})


@dg.asset(
    partitions_def=CLINIC_MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[raw_exports],
    group_name="intake",
    kinds={"pandas", "greatexpectations"},
    owners=["team:data-engineering"],
    pool="warehouse",
)
def survey_responses(
    context: dg.AssetExecutionContext, home: HomeResource
) -> dg.MaterializeResult[None]:
    """Accepted administrations, one row each; refused rows are in quarantine with their rule."""
    from expectations.taking_in import take_in_and_record

    slices = slices_of(context)
    tell_each(context, take_in_and_record(home.home, slices))
    return dg.MaterializeResult(metadata={"clinic_months_in_run": len(slices)})
