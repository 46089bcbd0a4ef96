"""``rapport change``: a table of first and last scores, judged row by row and as a group."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.errors import Fault, ScoringError, StatisticsError
from rapport.exports.table import Table
from rapport.exports.values import number_text
from rapport.scoring.change.categories import CATEGORIES, categories
from rapport.scoring.change.criteria import ChangePlan, Criterion, criterion_for
from rapport.scoring.change.effects import EffectSizes, effect_sizes
from rapport.scoring.change.group_level import GroupChange, group_change
from rapport.scoring.change.samples import PairedSample, paired
from rapport.scoring.item_mapping import TableFormat
from rapport.scoring.readers import read_table

DROPPED: Mapping[str, str] = {
    "field_count": "the row has another number of fields than the header",
    "not_a_number": "a score is not a number as declared",
    "out_of_range": "a score is outside the instrument's range",
    "no_first_score": "the first score is missing",
    "no_last_score": "the last score is missing",
    "no_scores": "both scores are missing",
}
"""Reason why a row is not used → what it means, for people."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class ChangedTable:
    """A judged table.

    Attributes:
        rows: One row a row of the table: ``line``, ``pre``, ``post``, ``change``,
            ``improvement`` (positive = better), ``index``, ``category``, ``dropped`` (key of
            :data:`DROPPED`, or ``None``).
        sample: The pairs that were used.
        criterion: The yardstick.
        effects: Effect sizes; ``None`` where the pairs do not allow them.
        group: Group-level change, for the Hageman-Arrindell method.
    """

    rows: pd.DataFrame
    sample: PairedSample
    criterion: Criterion
    effects: EffectSizes | None
    group: GroupChange | None

    @property
    def counts(self) -> Mapping[str, int]:
        """Category → number of people, every category, from best to worst."""
        found = self.rows["category"].value_counts()
        return {name: int(found.get(name, 0)) for name in CATEGORIES}

    @property
    def dropped(self) -> Mapping[str, int]:
        """Reason → number of rows not used for it."""
        found = self.rows["dropped"].value_counts()
        return {reason: int(found[reason]) for reason in DROPPED if reason in found.index}


def change_file(
    file: Path, *, pre: str, post: str, plan: ChangePlan, form: TableFormat
) -> ChangedTable:
    """Read and judge a CSV, XLSX or SAV table.

    Args:
        file: One row a person.
        pre: Column of the first score.
        post: Column of the last score.
        plan: By what change is judged.
        form: How the table is to be read.

    Raises:
        ScoringError: The table cannot be read, a column is not in it once, no row has both
            scores, or the plan does not suffice.
        StatisticsError: A figure of the plan is outside its range.
    """
    table = read_table(file, form)
    limits = plan.instrument.total_range if plan.instrument is not None else None
    first, last, dropped = _scores(table, (_place(table, pre), _place(table, post)), form, limits)
    sample = paired(first, last)
    if sample.n_used == 0:
        raise ScoringError(
            Fault(
                "NO_PAIRS",
                "No row has both scores.",
                "Check the columns after --pre and --post, and the missing codes.",
                file=file.name,
            )
        )
    criterion = criterion_for(sample, plan)
    rows = _rows(table, first, last, criterion, plan.improvement_sign)
    rows["dropped"] = dropped
    return ChangedTable(
        rows=rows,
        sample=sample,
        criterion=criterion,
        effects=_effects(sample, plan),
        group=_group(sample, criterion, plan),
    )


def _place(table: Table, name: str) -> int:
    if table.header.count(name) != 1:
        how = "is not in the table" if name not in table.header else "stands more than once"
        raise ScoringError(
            Fault(
                "MISSING_COLUMN" if name not in table.header else "DUPLICATE_COLUMN",
                f"This column {how}.",
                "Compare the name with the table's first row, letter by letter.",
                column=name,
            )
        )
    return table.header.index(name)


def _scores(
    table: Table,
    places: tuple[int, int],
    form: TableFormat,
    limits: tuple[float, float] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], list[str | None]]:
    """Return first scores, last scores, and why a row is not used (its scores are then NaN)."""
    values = np.full((len(table.rows), 2), np.nan)
    dropped: list[str | None] = []
    for index, row in enumerate(table.rows):
        if len(row) != len(table.header):
            dropped.append("field_count")
            continue
        pair = [_number(row[place], form) for place in places]
        reason = _reason(pair, limits)
        if reason in {None, "no_first_score", "no_last_score"}:
            values[index] = pair
        dropped.append(reason)
    return values[:, 0], values[:, 1], dropped


def _number(cell: str, form: TableFormat) -> float:
    """Return a score, NaN for a missing one, infinity for what is no number."""
    if not cell or cell in form.missing_codes:
        return np.nan
    text = number_text(cell, form.decimal)
    return float(text) if _NUMBER.fullmatch(text) and len(text) < 30 else np.inf  # noqa: PLR2004


def _reason(pair: list[float], limits: tuple[float, float] | None) -> str | None:
    if np.isinf(pair).any():
        return "not_a_number"
    if limits is not None and any(not limits[0] <= v <= limits[1] for v in pair if v == v):  # noqa: PLR0124 - NaN
        return "out_of_range"
    missing = tuple(np.isnan(pair).tolist())
    return {
        (True, True): "no_scores",
        (True, False): "no_first_score",
        (False, True): "no_last_score",
    }.get(missing)


def _rows(
    table: Table,
    first: NDArray[np.float64],
    last: NDArray[np.float64],
    criterion: Criterion,
    sign: int,
) -> pd.DataFrame:
    is_improved, is_deteriorated = criterion.reliable(first, last, sign)
    category = categories(
        first,
        last,
        is_improved=is_improved,
        is_deteriorated=is_deteriorated,
        cut_off=criterion.cut_off,
        improvement_sign=sign,
        boundary=criterion.boundary,
    )
    return pd.DataFrame(
        {
            "line": np.asarray(table.lines, dtype=np.int64),
            "pre": first,
            "post": last,
            "change": last - first,
            "improvement": sign * (last - first),
            "index": criterion.index(first, last),
            "category": pd.Series(category, dtype=object),
        }
    )


def _effects(sample: PairedSample, plan: ChangePlan) -> EffectSizes | None:
    try:
        return effect_sizes(sample, improvement_sign=plan.improvement_sign)
    except StatisticsError:
        return None


def _group(sample: PairedSample, criterion: Criterion, plan: ChangePlan) -> GroupChange | None:
    if criterion.method != "HA" or criterion.reference is None:
        return None
    return group_change(
        sample,
        criterion.reference,
        improvement_sign=plan.improvement_sign,
        cut_off=criterion.cut_off,
    )
