"""What the Dagster UI shows of a step: counts by partition, small tables, one picture.

Nothing here is a patient's: only counts, figures that may be published, names of rules.
"""

from collections.abc import Mapping

import dagster as dg
import pandas as pd

from assets.partitions import key_of
from rapport.monthly import ClinicMonth

CountsBySlice = Mapping[ClinicMonth, Mapping[str, int | str]]

TABLE_ROWS = 40
"""Rows of a table that are shown; more do not help in a side panel."""


def tell_each(context: dg.AssetExecutionContext, counts: CountsBySlice) -> None:
    """Attach each clinic-month's own counts to its own partition.

    ``add_asset_metadata`` lists the whole range of partitions again on every call, which takes
    minutes for 500 clinics; the partitions here are those of the step by construction.
    """
    step = context.op_execution_context.get_step_execution_context()
    told = step._metadata_accumulator
    for one, values in counts.items():
        told = told.with_additional_asset_metadata(
            asset_key=context.asset_key, metadata=dict(values), partition_key=str(key_of(one))
        )
    step._metadata_accumulator = told


def table(rows: pd.DataFrame) -> dg.MetadataValue[str]:
    """Return a small table as Markdown; says how many rows are not shown."""
    shown = rows.head(TABLE_ROWS)
    lines = [
        "| " + " | ".join(map(str, shown.columns)) + " |",
        "|" + "---|" * len(shown.columns),
        *("| " + " | ".join(map(_cell, row)) + " |" for row in shown.itertuples(index=False)),
    ]
    if len(rows) > len(shown):
        lines.append(f"\n{len(rows) - len(shown)} more rows are in the warehouse.")
    return dg.MetadataValue.md("\n".join(lines))


def _cell(value: object) -> str:
    if value is None or value is pd.NA or value != value:  # noqa: PLR0124 - NaN differs from itself
        return "–"
    return f"{value:.2f}" if isinstance(value, float) else str(value).replace("|", "/")
