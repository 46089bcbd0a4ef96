"""Asset checks: the stored verdicts and counts, shown where people look.

They tell; they do not gate. The gate is the verdict in the warehouse, which every reader of
figures passes, in this run or in any other: a blocking check would hold only inside its own run,
and one clinic's bad file would stop all others.
"""

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus

from assets.documents import clinic_reports
from assets.figures import aggregates
from assets.intake import raw_exports, survey_responses
from assets.partitions import CLINIC_MONTHS, MONTHS, key_of, slices_of
from assets.resources import HomeResource
from assets.scores import scale_scores
from rapport.monthly import ClinicMonth, findings
from rapport.monthly.findings import Finding
from rapport.months import Month

HISTORY = 10_000
"""How many earlier failed evaluations are looked at: more than a check has in years."""


def _told(
    context: dg.AssetCheckExecutionContext, found: dict[ClinicMonth, Finding]
) -> dg.AssetCheckResult:
    """Return one result for the step, and log those clinic-months that stand out beside it.

    Dagster 1.13 records the result of a run over a range without a partition. The evaluation of a
    partition is therefore logged by the step itself: where the finding does not hold, and where
    an earlier one did not. Logging all of them would cost 30 ms each, for nothing to look at.
    """
    if len(context.partition_keys) > 1:
        step = context.op_execution_context.get_step_execution_context()
        (key,) = context.selected_asset_check_keys
        broken_before = _told_broken(context.instance, key)
        for one, finding in found.items():
            if finding.holds and str(key_of(one)) not in broken_before:
                continue
            evaluation = dg.AssetCheckEvaluation(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=finding.holds,
                severity=dg.AssetCheckSeverity(finding.severity),
                metadata={name: dg.MetadataValue.int(n) for name, n in finding.counts.items()},
                description=finding.sentence,
                partition=str(key_of(one)),
            )
            dg.DagsterEvent.asset_check_evaluation(step, evaluation)
    return _summary(list(found.values()))


def _told_broken(instance: dg.DagsterInstance, key: dg.AssetCheckKey) -> set[str | None]:
    """Return the partitions of which a failed evaluation of this check is on record."""
    history = instance.event_log_storage.get_asset_check_execution_history(
        key, limit=HISTORY, status={AssetCheckExecutionRecordStatus.FAILED}
    )
    return {record.partition for record in history}


def _summary(found: list[Finding]) -> dg.AssetCheckResult:
    broken = [finding for finding in found if not finding.holds]
    worst = "ERROR" if any(finding.severity == "ERROR" for finding in broken) else "WARN"
    counts: dict[str, int] = {"asked": len(found), "broken": len(broken)}
    for finding in found:
        for name, count in finding.counts.items():
            counts[name] = counts.get(name, 0) + count
    return dg.AssetCheckResult(
        passed=not broken,
        severity=dg.AssetCheckSeverity(worst),
        metadata=counts,
        description=" ".join(finding.sentence for finding in (broken or found)[:3]),
    )


@dg.asset_check(asset=raw_exports, partitions_def=CLINIC_MONTHS)
def exports_arrived(
    context: dg.AssetCheckExecutionContext, home: HomeResource
) -> dg.AssetCheckResult:
    """Every kind of file that the registry requires has arrived."""
    return _told(context, findings.exports_arrived(home.home, slices_of(context)))


@dg.asset_check(asset=survey_responses, partitions_def=CLINIC_MONTHS)
def responses_pass(
    context: dg.AssetCheckExecutionContext, home: HomeResource
) -> dg.AssetCheckResult:
    """The newest verdict of the clinic-month is passed."""
    return _told(context, findings.responses_pass(home.home, slices_of(context)))


@dg.asset_check(asset=survey_responses, partitions_def=CLINIC_MONTHS)
def rows_are_conserved(
    context: dg.AssetCheckExecutionContext, home: HomeResource
) -> dg.AssetCheckResult:
    """Rows received = accepted + quarantined + superseded + duplicate + test, file by file."""
    return _told(context, findings.rows_are_conserved(home.home, slices_of(context)))


@dg.asset_check(asset=scale_scores, partitions_def=CLINIC_MONTHS)
def scores_within_range(
    context: dg.AssetCheckExecutionContext, home: HomeResource
) -> dg.AssetCheckResult:
    """Every score lies within its instrument's range, and a missing one says why."""
    return _told(context, findings.scores_within_range(home.home, slices_of(context)))


@dg.asset_check(asset=clinic_reports, partitions_def=CLINIC_MONTHS)
def reports_are_filed(
    context: dg.AssetCheckExecutionContext, home: HomeResource
) -> dg.AssetCheckResult:
    """The newest edition stands in the reports folder with the bytes of the ledger."""
    return _told(context, findings.reports_are_filed(home.home, slices_of(context)))


def _figures_check(name: str) -> dg.AssetChecksDefinition:
    @dg.asset_check(
        asset=name,
        name="hidden_figures_hold_no_number",
        partitions_def=MONTHS,
        description="A suppressed figure has a reason and no number in any column.",
    )
    def check(context: dg.AssetCheckExecutionContext, home: HomeResource) -> dg.AssetCheckResult:
        finding = findings.hidden_figures(home.home, name, Month.parse(context.partition_key))
        return _summary([finding])

    return check


FIGURE_CHECKS = [_figures_check(key.to_user_string()) for key in sorted(aggregates.keys)]
