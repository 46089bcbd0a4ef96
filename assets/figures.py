"""Figures of a month: outcomes of the episodes that ended, aggregates, benchmarks."""

from collections.abc import Iterator

import dagster as dg

from assets.partitions import EACH_MONTH, MONTHS
from assets.resources import HomeResource
from assets.scores import scale_scores
from assets.telling import table
from rapport.monthly import closing, overview
from rapport.months import Month

_OF_EACH_CLINIC = [dg.AssetDep(scale_scores, partition_mapping=EACH_MONTH)]


@dg.asset(
    partitions_def=MONTHS,
    deps=_OF_EACH_CLINIC,
    group_name="figures",
    kinds={"pandas"},
    owners=["team:data-engineering"],
    pool="warehouse",
)
def treatment_outcomes(
    context: dg.AssetExecutionContext, home: HomeResource
) -> dg.MaterializeResult[None]:
    """Episodes that ended in the month: paired measures, change, recovery."""
    outcomes = closing.close_outcomes(home.home, Month.parse(context.partition_key))
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": len(outcomes),
            "finished": int(outcomes.is_finished.sum()),
            "paired": int(outcomes.is_paired.sum()),
        }
    )


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            name,
            deps=[*_OF_EACH_CLINIC, treatment_outcomes],
            description=description,
            group_name="figures",
            kinds={"pandas"},
            owners=["team:data-engineering"],
        )
        for name, description in (
            ("therapist_aggregates", "Figures of each therapist, as they may be published."),
            ("clinic_aggregates", "Figures of each clinic, as they may be published."),
            ("sector_benchmarks", "Figures of each sector, as they may be published."),
        )
    ],
    partitions_def=MONTHS,
    pool="warehouse",
)
def aggregates(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Compute all three together: what one level hides, another must not give back."""
    published = closing.close_aggregates(home.home, Month.parse(context.partition_key))
    for name, figures in published.items():
        yield dg.MaterializeResult(
            asset_key=name,
            metadata={
                "dagster/partition_row_count": len(figures),
                "suppressed": int(figures.suppression.notna().sum()),
                "figures": table(overview.of_figures(figures)),
                "picture": dg.MetadataValue.md(overview.picture(figures)),
            },
        )
