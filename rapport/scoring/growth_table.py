"""``rapport change --method HLM``: three or more waves a person, judged by each person's own line.

The table is long (one row a score: person, time, score) or wide (one row a person, one column a
wave). A person's line is shrunken towards the group's; change is reliable when the line's slope is
farther from nought than its own error allows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.errors import Fault, ScoringError
from rapport.exports.table import Table
from rapport.scoring.change.categories import CATEGORIES, categories, sides_of
from rapport.scoring.change.criteria import ChangePlan, known_cut_off
from rapport.scoring.change.growth import GrowthChange, growth_change
from rapport.scoring.change.indices import critical_value
from rapport.scoring.csv_text import csv_text
from rapport.scoring.item_mapping import TableFormat
from rapport.scoring.number_columns import Numbers, numbers_of, place_of
from rapport.scoring.readers import read_table

NOT_USED: Mapping[str, str] = {
    "field_count": "the row has another number of fields than the header",
    "not_a_number": "a score or time is not a number as declared",
    "out_of_range": "a score is outside the instrument's range",
    "no_score": "the score is missing",
    "no_time": "the time is missing",
    "no_person": "the person is missing",
}
"""Reason why a score is not used → what it means, for people."""


@dataclass(frozen=True, slots=True)
class LongTable:
    """Where the scores stand in a table with one row a score."""

    person: str
    time: str
    score: str


@dataclass(frozen=True, slots=True)
class WideTable:
    """Where the scores stand in a table with one row a person.

    Attributes:
        waves: The columns of the waves, in order of time.
        times: Their times, in any unit; 0, 1, 2 … if empty.
        person: Column that names the person; the line of the row if not given.
    """

    waves: tuple[str, ...]
    times: tuple[float, ...] = ()
    person: str | None = None


@dataclass(frozen=True, slots=True)
class GrowthTable:
    """A judged table of waves.

    Attributes:
        rows: One row a person: ``person``, ``n_scores``, ``first``, ``last``, ``slope`` (points a
            unit of time), ``slope_error``, ``index`` (slope / error), ``deviation`` (from the
            group's slope), ``deviation_index``, ``category``. Who has one score only has none.
        growth: The fitted lines.
        improvement_sign: +1 where a rise is better, −1 where a fall is.
        n_given: Cells of scores in the table.
        n_used: Scores that were used.
        not_used: Reason → number of scores not used for it.
        critical: The size beyond which an index is reliable.
        cut_off_words: The cut-off in words.
    """

    rows: pd.DataFrame
    growth: GrowthChange
    improvement_sign: int
    n_given: int
    n_used: int
    not_used: Mapping[str, int]
    critical: float
    cut_off_words: str

    @property
    def counts(self) -> Mapping[str, int]:
        """Category → number of people, every category, from best to worst."""
        found = self.rows["category"].value_counts()
        return {name: int(found.get(name, 0)) for name in CATEGORIES}

    def csv(self) -> str:
        """Return the rows as CSV."""
        return csv_text(self.rows)


def growth_file(
    file: Path, *, shape: LongTable | WideTable, plan: ChangePlan, form: TableFormat
) -> GrowthTable:
    """Read and judge a CSV, XLSX or SAV table of waves.

    Args:
        file: The table.
        shape: Where the scores stand.
        plan: Direction, instrument and cut-off; its method is not looked at.
        form: How the table is to be read.

    Raises:
        ScoringError: The table cannot be read, or a column is not in it once.
        StatisticsError: Nobody has three scores, or nothing varies.
    """
    table = read_table(file, form)
    limits = plan.instrument.total_range if plan.instrument is not None else None
    if isinstance(shape, LongTable):
        scores = _from_long(table, shape, form, limits)
    else:
        scores = _from_wide(table, shape, form, limits)
    reasons = scores["reason"].value_counts()
    used = scores[scores["reason"].isna()]
    growth = growth_change(used["person"], used["time"], used["score"])
    known = known_cut_off(plan)
    critical = critical_value("JT", plan.significance)
    return GrowthTable(
        rows=_rows(used, growth, plan, critical),
        growth=growth,
        improvement_sign=plan.improvement_sign,
        n_given=len(scores),
        n_used=len(used),
        not_used={name: int(reasons[name]) for name in NOT_USED if name in reasons.index},
        critical=critical,
        cut_off_words="none" if known is None else known[2],
    )


def _from_long(
    table: Table, shape: LongTable, form: TableFormat, limits: tuple[float, float] | None
) -> pd.DataFrame:
    place = place_of(table, shape.person)
    times = numbers_of(table, (shape.time,), form)
    scores = numbers_of(table, (shape.score,), form, limits=limits)
    persons = [row[place] if len(row) == len(table.header) else "" for row in table.rows]
    reason = _reasons(scores).ravel()
    is_known = ~np.isnan(times.values.ravel())
    reason[~is_known & (reason == None)] = "no_time"  # noqa: E711 - elementwise
    reason[times.is_unreadable.ravel()] = "not_a_number"
    has_none = np.array([not person for person in persons], dtype=np.bool_)
    reason[has_none & (reason == None)] = "no_person"  # noqa: E711 - elementwise
    return pd.DataFrame(
        {
            "person": persons,
            "time": times.values.ravel(),
            "score": scores.values.ravel(),
            "reason": pd.Series(reason, dtype=object),
        }
    )


def _from_wide(
    table: Table, shape: WideTable, form: TableFormat, limits: tuple[float, float] | None
) -> pd.DataFrame:
    times = shape.times or tuple(float(place) for place in range(len(shape.waves)))
    if len(times) != len(shape.waves):
        raise ScoringError(
            Fault(
                "TIMES",
                f"{len(shape.waves)} waves were named, and {len(times)} times.",
                "Give one --time-of-wave for each --wave, in the same order.",
            )
        )
    scores = numbers_of(table, shape.waves, form, limits=limits)
    names = _names(table, shape)
    n_waves = len(times)
    return pd.DataFrame(
        {
            "person": np.repeat(np.array(names, dtype=object), n_waves),
            "time": np.tile(np.array(times), len(table.rows)),
            "score": scores.values.ravel(),
            "reason": pd.Series(_reasons(scores).ravel(), dtype=object),
        }
    )


def _names(table: Table, shape: WideTable) -> list[str]:
    """Return who stands in each row; a person who stands in two rows is refused."""
    if shape.person is None:
        return [str(line) for line in table.lines]
    place = place_of(table, shape.person)
    names = [
        row[place] if len(row) == len(table.header) and row[place] else f"line {line}"
        for row, line in zip(table.rows, table.lines, strict=True)
    ]
    doubled = pd.Series(names).duplicated()
    if doubled.any():
        raise ScoringError(
            Fault(
                "PERSON_TWICE",
                "A person stands in more than one row.",
                "Give one row a person, or a long table with --person, --time and --score.",
                line=int(table.lines[int(np.flatnonzero(doubled)[0])]),
                column=shape.person,
            )
        )
    return names


def _reasons(scores: Numbers) -> NDArray[np.object_]:
    reason = np.full(scores.values.shape, None, dtype=object)
    reason[np.isnan(scores.values)] = "no_score"
    reason[scores.is_out_of_range] = "out_of_range"
    reason[scores.is_unreadable] = "not_a_number"
    reason[~scores.is_whole] = "field_count"
    return reason


def _rows(
    used: pd.DataFrame,
    growth: GrowthChange,
    plan: ChangePlan,
    critical: float,
) -> pd.DataFrame:
    in_time = used.sort_values("time", kind="stable").groupby("person", sort=False)["score"]
    ends = in_time.agg(n_scores="size", first="first", last="last").reindex(growth.persons)
    first, last = (ends[name].to_numpy(dtype=np.float64) for name in ("first", "last"))
    sign = plan.improvement_sign
    sides = None
    if (known := known_cut_off(plan)) is not None:
        sides = sides_of(first, last, cut_off=known[0], improvement_sign=sign, boundary=known[1])
    category = categories(
        first,
        last,
        is_improved=sign * growth.slope_index > critical,
        is_deteriorated=sign * growth.slope_index < -critical,
        sides=sides,
    )
    n_scores = ends["n_scores"].to_numpy(dtype=np.int64)
    category[n_scores == 1] = None
    return pd.DataFrame(
        {
            "person": growth.persons,
            "n_scores": n_scores,
            "first": first,
            "last": last,
            "slope": growth.slope,
            "slope_error": growth.slope_error,
            "index": growth.slope_index,
            "deviation": growth.deviation,
            "deviation_index": growth.index,
            "category": pd.Series(category, dtype=object),
        }
    )


def wave_shape(
    *,
    person: str | None,
    time: str | None,
    score: str | None,
    waves: Sequence[str],
    times: Sequence[float],
) -> LongTable | WideTable:
    """Return where the scores stand, from the names of columns.

    Args:
        person: Column of the person.
        time: Column of the time, in a long table.
        score: Column of the score, in a long table.
        waves: Columns of the waves, in a wide table.
        times: Times of the waves; none for 0, 1, 2 …

    Raises:
        ScoringError: The names make neither a long nor a wide table.
    """
    if waves and time is None and score is None:
        return WideTable(waves=tuple(waves), times=tuple(times), person=person)
    if not waves and person is not None and time is not None and score is not None:
        return LongTable(person=person, time=time, score=score)
    raise ScoringError(
        Fault(
            "WAVES",
            "Waves are told neither by a long nor by a wide table.",
            "Give --person, --time and --score (one row a score), or --wave for each wave (one "
            "row a person).",
        )
    )
