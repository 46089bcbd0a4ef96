"""``rapport change``: a table of first and last scores, judged row by row and as a group."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.errors import Fault, ScoringError, StatisticsError
from rapport.exports.table import Table
from rapport.scoring.change.categories import CATEGORIES, categories
from rapport.scoring.change.criteria import ChangePlan, criterion_for, lowest_score
from rapport.scoring.change.criterion import Criterion
from rapport.scoring.change.effects import EffectSizes, effect_sizes
from rapport.scoring.change.group_level import GroupChange, group_change
from rapport.scoring.change.relevance import percentage_change
from rapport.scoring.change.samples import PairedSample, paired
from rapport.scoring.csv_text import cells_of, rows_text
from rapport.scoring.item_mapping import TableFormat
from rapport.scoring.number_columns import Numbers, numbers_of
from rapport.scoring.readers import read_table
from rapport.scoring.rounding import without_noise

DROPPED: Mapping[str, str] = {
    "field_count": "the row has another number of fields than the header",
    "not_a_number": "a score is not a number as declared",
    "out_of_range": "a score is outside the instrument's range",
    "no_first_score": "the first score is missing",
    "no_last_score": "the last score is missing",
    "no_scores": "both scores are missing",
    "no_percentage": "the first score is the lowest there is: no percentage of it exists",
}
"""Reason why a row is not used → what it means, for people."""


@dataclass(frozen=True, slots=True)
class ChangedTable:
    """A judged table.

    Attributes:
        rows: One row a row of the table: ``line``, ``pre``, ``post``, ``change``,
            ``improvement`` (positive = better), ``percent`` (improvement in per cent of the first
            score), ``index``, ``category``, ``dropped`` (key of :data:`DROPPED`, or ``None``); by
            Hageman and Arrindell also ``cut_off_index``.
        own: The table that was judged.
        names: Its columns of first and last scores.
        sample: The pairs that were used.
        criterion: The yardstick.
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        effects: Effect sizes; ``None`` where the pairs do not allow them.
        group: Group-level change, for the Hageman-Arrindell method.
    """

    rows: pd.DataFrame
    own: Table
    names: tuple[str, str]
    sample: PairedSample
    criterion: Criterion
    improvement_sign: int
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

    def csv(self) -> str:
        """Return the table's own columns as they were, and what was found behind them, as CSV.

        ``pre`` and ``post`` are left out where the table calls its own columns so. If another
        name is taken, every name of a column that was found begins with ``change_``.
        """
        found = self.rows.drop(columns=[n for n in ("pre", "post") if n in self.names])
        return beside(self.own, found, "change_")


def beside(own: Table, found: pd.DataFrame, prefix: str) -> str:
    """Return a table's own columns and what was found behind them, as CSV.

    Args:
        own: The table; a row of another length than the header has empty cells of its own.
        found: One row a row of the table.
        prefix: Stands before each name of ``found`` if one of them is taken.
    """
    width = len(own.header)
    is_taken = not set(found.columns).isdisjoint(own.header)
    names = [f"{prefix}{name}" if is_taken else str(name) for name in found.columns]
    kept = (row if len(row) == width else [""] * width for row in own.rows)
    rows = ([*a, *b] for a, b in zip(kept, cells_of(found), strict=True))
    return rows_text([*own.header, *names], rows)


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
    numbers = numbers_of(table, (pre, post), form, limits=limits)
    dropped = _dropped(numbers, lowest_score(plan) if plan.method == "percentage" else None)
    is_used = np.array([reason is None for reason in dropped], dtype=np.bool_)
    sample = paired(numbers.values[is_used, 0], numbers.values[is_used, 1])
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
    rows = _rows(table, numbers.values, criterion, plan, dropped)
    return ChangedTable(
        rows=rows,
        own=table,
        names=(pre, post),
        sample=sample,
        criterion=criterion,
        improvement_sign=plan.improvement_sign,
        effects=_effects(sample, plan),
        group=_group(sample, criterion, plan),
    )


def _dropped(numbers: Numbers, floor: float | None) -> NDArray[np.object_]:
    """Return why a row is not used, ``None`` where it is; a floor if percentages are asked for."""
    no_first, no_last = np.isnan(numbers.values).T
    dropped = np.full(len(numbers.values), None, dtype=object)
    if floor is not None:
        dropped[numbers.values[:, 0] <= floor] = "no_percentage"
    dropped[no_last] = "no_last_score"
    dropped[no_first] = "no_first_score"
    dropped[no_first & no_last] = "no_scores"
    dropped[numbers.is_out_of_range.any(axis=1)] = "out_of_range"
    dropped[numbers.is_unreadable.any(axis=1)] = "not_a_number"
    dropped[~numbers.is_whole] = "field_count"
    return dropped


def _rows(
    table: Table,
    scores: NDArray[np.float64],
    criterion: Criterion,
    plan: ChangePlan,
    dropped: NDArray[np.object_],
) -> pd.DataFrame:
    first, last = scores.T
    sign = plan.improvement_sign
    change = without_noise(last - first)
    is_improved, is_deteriorated = criterion.reliable(first, last, sign)
    sides = criterion.sides(first, last, sign)
    category = categories(
        first, last, is_improved=is_improved, is_deteriorated=is_deteriorated, sides=sides
    )
    percent = percentage_change(first, last, improvement_sign=sign, floor=lowest_score(plan))
    category[dropped != None] = None  # noqa: E711 - elementwise
    found = {
        "line": np.asarray(table.lines, dtype=np.int64),
        "pre": first,
        "post": last,
        "change": change,
        "improvement": sign * change,
        "percent": without_noise(percent),
        "index": criterion.index(first, last),
        "category": pd.Series(category, dtype=object),
        "dropped": pd.Series(dropped, dtype=object),
    }
    if criterion.true_cut_off is not None:
        beyond = criterion.true_cut_off.index(last)
        found["cut_off_index"] = np.where(dropped == None, beyond, np.nan)  # noqa: E711 - elementwise
    return pd.DataFrame(found)


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
