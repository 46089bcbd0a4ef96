"""Intake: the bytes as they came, and the responses that every rule let through."""

import dagster as dg

from assets.partitions import CLINIC_MONTHS, slices_of
from assets.resources import HomeResource
from assets.telling import tell_each
from rapport.monthly import collecting, recording


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
    from expectations.intake import take_in

    slices = slices_of(context)
    intake = take_in(
        collecting.kept_deliveries(home.home, slices),
        registry=home.home.registry,
        catalogue=home.home.catalogue,
        expected=slices,
    )
    recording.record(home.home, intake, slices)
    tell_each(context, recording.counts(intake))
    return dg.MaterializeResult(metadata={"clinic_months_in_run": len(slices)})
