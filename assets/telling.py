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
    """Attach each clinic-month's own counts to its own partition."""
    for one, values in counts.items():
        context.add_asset_metadata(dict(values), partition_key=str(key_of(one)))


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
