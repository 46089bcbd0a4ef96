"""``rapport score``: a table of item responses outside any clinic, scored row by row, strictly.

A cell is an allowed answer, a declared missing code, or a fault with its line and column. A row
with such a fault is not scored; no cell's value is ever told. Every row and every column of the
table is kept as it was, with the scores behind.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from rapport.errors import Fault
from rapport.exports.table import Table
from rapport.instruments import Instrument
from rapport.scoring.answers import Mask
from rapport.scoring.classes import bands_of, beyond
from rapport.scoring.csv_text import cells_of, rows_text
from rapport.scoring.item_cells import ItemCells, item_cells
from rapport.scoring.item_mapping import ItemMapping, require_clear_codes
from rapport.scoring.items import NO_SCORE_REASONS, OUT_OF_RANGE, score_items
from rapport.scoring.readers import read_table

FIELD_COUNT = "field_count"
NOT_AN_ANSWER = "not_an_answer"
REASONS: Mapping[str, str] = {
    FIELD_COUNT: "the row has another number of fields than the header",
    NOT_AN_ANSWER: "a cell is no number, no known answer and no declared missing code",
    OUT_OF_RANGE: "a number is not one that the item allows, and not declared as missing",
    **{reason: words for reason, words in NO_SCORE_REASONS.items() if reason != OUT_OF_RANGE},
}
"""Reason why a row has no score → what it means, for people."""

_REMEDIES = {
    NOT_AN_ANSWER: "Correct it, or declare it: --missing for a code that means 'not answered', "
    "codes in the file given by --map for answers in words.",
    OUT_OF_RANGE: "Correct it, or declare it with --missing if it means 'not answered'; if many "
    "cells are like this, the form is coded otherwise: give codes in the file given by --map.",
}


@dataclass(frozen=True, slots=True)
class ScoredTable:
    """A scored table.

    Attributes:
        scores: One row a row of the table, in its order: ``line``, one column a scale,
            ``item_mean``, ``n_answered``, ``is_prorated``, ``band`` (where bands are published),
            one ``is_<cut-off>`` column a confirmed cut-off, one ``flag_…`` column a flag,
            ``is_straight_lining``, ``no_score_reason`` (key of :data:`REASONS`, or ``None``) and
            ``at_column`` (the columns at fault). A row that could not be read has only its line,
            flags and the reason.
        own: The table that was scored.
        prefix: Stands before the name of each column of scores in :meth:`csv`.
        columns: The column that was taken for each item.
        faults: Each cell or row that could not be read, with line and column.
        n_rows: Rows of the table.
        n_scored: Rows with a total (or, without a total, with any scale's score).
        is_ended: Whether the file ends in a line end; if not, its last row may have been cut.
    """

    scores: pd.DataFrame
    own: Table
    prefix: str
    columns: tuple[str, ...]
    faults: tuple[Fault, ...]
    n_rows: int
    n_scored: int
    is_ended: bool

    @property
    def reasons(self) -> Mapping[str, int]:
        """Reason → number of rows without a score for it, most frequent first."""
        counts = self.scores["no_score_reason"].value_counts()
        return {str(reason): int(number) for reason, number in counts.items()}

    def csv(self, *, digits: int | None = None) -> str:
        """Return the table's own columns as they were, and the scores behind them, as CSV.

        A row with another number of fields than the header has empty cells of its own, because
        nobody can say which field belongs where.

        Args:
            digits: Decimal places of scores, rounded half-up; exact without it.
        """
        width = len(self.own.header)
        kept = (row if len(row) == width else [""] * width for row in self.own.rows)
        found = cells_of(self.scores, digits=digits)
        header = [*self.own.header, *(f"{self.prefix}{name}" for name in self.scores)]
        return rows_text(header, ([*a, *b] for a, b in zip(kept, found, strict=True)))


def score_file(
    file: Path, instrument: Instrument, mapping: ItemMapping, *, prefix: str | None = None
) -> ScoredTable:
    """Read and score a CSV, XLSX or SAV table.

    Args:
        file: The table.
        instrument: Whose items it holds.
        mapping: How it is read.
        prefix: Stands before each name of a column of scores; if not given, nothing does, unless
            the table has a column of such a name: then the instrument's id.

    Raises:
        ScoringError: The table cannot be read, its item columns cannot be told, or the
            instrument's key is uncertain.
        SettingsError: The mapping's codes contradict the instrument.
    """
    require_clear_codes(mapping, instrument)
    table = read_table(file, mapping)
    columns = mapping.columns(table.header, instrument)
    return score_table(table, columns, instrument, mapping, name=file.name, prefix=prefix)


def score_table(
    table: Table,
    columns: Sequence[str],
    instrument: Instrument,
    mapping: ItemMapping,
    *,
    name: str,
    prefix: str | None = None,
) -> ScoredTable:
    """Score a table that has been read.

    Args:
        table: Header, rows and their lines.
        columns: The column of each item, in the instrument's order.
        instrument: Whose items they are.
        mapping: Declares missing codes, codes and the decimal mark.
        name: The file's name, for faults.
        prefix: See :func:`score_file`.

    Raises:
        ScoringError: The instrument's key is uncertain.
    """
    cells = item_cells(table, columns, instrument, mapping)
    frame = _frame(score_items(pd.DataFrame(cells.answers), instrument), instrument, cells)
    frame.insert(0, "line", np.asarray(table.lines, dtype=np.int64))
    frame["at_column"] = _named(columns, cells.is_foul)
    return ScoredTable(
        scores=frame,
        own=table,
        prefix=_prefix(frame, table, instrument) if prefix is None else prefix,
        columns=tuple(columns),
        faults=tuple(_faults(table, columns, cells, name)),
        n_rows=len(frame),
        n_scored=int(frame["no_score_reason"].isna().sum()),
        is_ended=table.is_ended,
    )


def _prefix(frame: pd.DataFrame, table: Table, instrument: Instrument) -> str:
    is_taken = not set(frame.columns).isdisjoint(table.header)
    return f"{instrument.id.replace('-', '_')}_" if is_taken else ""


def _frame(scored: pd.DataFrame, instrument: Instrument, cells: ItemCells) -> pd.DataFrame:
    """Return the columns that are told, empty where a row is not scored."""
    scales = list(instrument.scales)
    main = scales[0]
    is_out = ~cells.is_whole | cells.is_foul.any(axis=1)
    told = scored[scales].copy()
    told["item_mean"] = scored[f"{main}_item_mean"]
    told.loc[is_out] = np.nan
    _classify(told, instrument)
    told.insert(len(scales) + 1, "n_answered", scored[f"{main}_n_answered"])
    prorated = scored[[f"{scale}_is_prorated" for scale in scales]].any(axis=1)
    told.insert(len(scales) + 2, "is_prorated", prorated & ~is_out)
    for name, flag in instrument.flags.items():
        if f"flag_{name}" in scored:
            told[f"flag_{name}"] = _flag(scored[f"flag_{name}"], flag.items, cells)
    told["is_straight_lining"] = scored["is_straight_lining"]
    told["no_score_reason"] = scored[f"{main}_reason"].astype(object)
    told.loc[cells.is_out_of_range.any(axis=1), "no_score_reason"] = OUT_OF_RANGE
    told.loc[cells.is_unreadable.any(axis=1), "no_score_reason"] = NOT_AN_ANSWER
    told.loc[~cells.is_whole, "no_score_reason"] = FIELD_COUNT
    return told


def _flag(raised: "pd.Series[bool]", items: Sequence[int], cells: ItemCells) -> "pd.Series[bool]":
    """Return a flag, empty where it is not up but one of its items has no valid answer."""
    places = [item - 1 for item in items]
    is_answered = ~(np.isnan(cells.answers) | cells.is_foul)[:, places]
    is_known = raised.to_numpy() | np.all(is_answered, axis=1)
    return raised.astype(object).where(is_known, None)


def _classify(told: pd.DataFrame, instrument: Instrument) -> None:
    """Add the band of the total, and for each confirmed cut-off on which side a score lies."""
    if instrument.bands:
        total = told["total"].to_numpy(dtype=np.float64)
        told["band"] = pd.Series(bands_of(total, instrument), index=told.index, dtype=object)
    for name, cut in instrument.cut_offs.items():
        if cut.is_usable:
            score = told[cut.scale].to_numpy(dtype=np.float64)
            sides = pd.Series(beyond(score, cut), index=told.index, dtype=object)
            told[f"is_{name}"] = sides.where(~np.isnan(score), None)


def _named(columns: Sequence[str], is_foul: Mask) -> "pd.Series[str]":
    named = pd.Series(None, index=range(len(is_foul)), dtype=object)
    for index in np.flatnonzero(is_foul.any(axis=1)).tolist():
        named[index] = " ".join(columns[p] for p in np.flatnonzero(is_foul[index]).tolist())
    return named


def _faults(table: Table, columns: Sequence[str], cells: ItemCells, name: str) -> list[Fault]:
    faults = [
        Fault(
            "FIELD_COUNT",
            f"The row has {len(table.rows[index])} fields, the header {len(table.header)}.",
            "Mend the row at its source; nothing was shifted.",
            file=name,
            line=int(table.lines[index]),
        )
        for index in np.flatnonzero(~cells.is_whole).tolist()
    ]
    for rule, mask in ((NOT_AN_ANSWER, cells.is_unreadable), (OUT_OF_RANGE, cells.is_out_of_range)):
        for index, place in np.argwhere(mask).tolist():
            faults.append(
                Fault(
                    rule.upper(),
                    f"{REASONS[rule][0].upper()}{REASONS[rule][1:]}.",
                    _REMEDIES[rule],
                    file=name,
                    line=int(table.lines[index]),
                    column=columns[place],
                )
            )
    return sorted(
        faults, key=lambda fault: (fault.line or 0, columns.index(fault.column or columns[0]))
    )
