"""Documents: the report of each clinic, the dossier of the month, and what was delivered."""

import dagster as dg

from assets.figures import aggregates
from assets.partitions import CLINIC_MONTHS, EACH_MONTH, MONTHS, slices_of
from assets.resources import HomeResource
from assets.telling import tell_each
from rapport.monthly import delivering, publishing
from rapport.months import Month


@dg.asset(
    partitions_def=CLINIC_MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=list(aggregates.keys),
    group_name="documents",
    kinds={"weasyprint"},
    owners=["team:data-engineering"],
    pool="warehouse",
)
def clinic_reports(
    context: dg.AssetExecutionContext, home: HomeResource
) -> dg.MaterializeResult[None]:
    """One PDF edition a clinic-month; a one-page notice where there is nothing to report on."""
    from expectations.words import rule_words

    filed = publishing.publish(home.home, slices_of(context), rule_words())
    tell_each(context, {one: edition.counts for one, edition in filed.items()})
    return dg.MaterializeResult(metadata={"clinic_months_in_run": len(filed)})


@dg.asset(
    partitions_def=CLINIC_MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    deps=[clinic_reports],
    group_name="documents",
    owners=["team:data-engineering"],
    pool="warehouse",
)
def deliveries(context: dg.AssetExecutionContext, home: HomeResource) -> dg.MaterializeResult[None]:
    """What was handed over, to whom, with which hash; each edition to each recipient once."""
    delivered = delivering.deliver(home.home, slices_of(context))
    tell_each(context, {one: {"handed_over": count} for one, count in delivered.items()})
    return dg.MaterializeResult(metadata={"clinic_months_in_run": len(delivered)})


@dg.asset(
    partitions_def=MONTHS,
    deps=[dg.AssetDep(clinic_reports, partition_mapping=EACH_MONTH)],
    group_name="documents",
    owners=["team:data-engineering"],
    pool="warehouse",
)
def evidence_dossier(
    context: dg.AssetExecutionContext, home: HomeResource
) -> dg.MaterializeResult[None]:
    """What an auditor opens: files, rules, refused rows, verdicts, editions and their hashes."""
    from rapport.monthly.dossier import write_dossier

    written = write_dossier(home.home, Month.parse(context.partition_key))
    return dg.MaterializeResult(metadata={"sha256": written.sha256, "files": written.files})
