"""``rapport score``: a table of item responses outside any clinic, scored row by row, strictly.

A cell is an allowed answer, a declared missing code, or a fault with its line and column. A row
with such a fault is not scored; no cell's value is ever told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from rapport.errors import Fault
from rapport.exports.table import Table
from rapport.exports.values import number_text
from rapport.instruments import Instrument
from rapport.scoring.answers import Mask, Matrix
from rapport.scoring.item_mapping import ItemMapping, require_clear_codes
from rapport.scoring.items import NO_SCORE_REASONS, OUT_OF_RANGE, score_items
from rapport.scoring.readers import read_table

FIELD_COUNT = "field_count"
NOT_AN_ANSWER = "not_an_answer"
REASONS: Mapping[str, str] = {
    FIELD_COUNT: "the row has another number of fields than the header",
    NOT_AN_ANSWER: "a cell is neither an allowed answer nor a declared missing code",
    **{reason: words for reason, words in NO_SCORE_REASONS.items() if reason != OUT_OF_RANGE},
}
"""Reason why a row has no score → what it means, for people."""


@dataclass(frozen=True, slots=True)
class ScoredTable:
    """A scored table.

    Attributes:
        scores: One row a row of the table, in its order: ``line``, one column a scale,
            ``item_mean``, ``n_answered``, ``is_prorated``, one ``flag_…`` column a flag,
            ``is_straight_lining``, ``no_score_reason`` (key of :data:`REASONS`, or ``None``) and
            ``at_column`` (the columns at fault). A row that could not be read has only its line
            and the reason.
        columns: The column that was taken for each item.
        faults: Each cell or row that could not be read, with line and column.
        n_rows: Rows of the table.
        is_ended: Whether the file ends in a line end; if not, its last row may have been cut.
        n_scored: Rows with a total (or, without a total, with any scale's score).
    """

    scores: pd.DataFrame
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


def score_file(file: Path, instrument: Instrument, mapping: ItemMapping) -> ScoredTable:
    """Read and score a CSV, XLSX or SAV table.

    Raises:
        ScoringError: The table cannot be read, its item columns cannot be told, or the
            instrument's key is uncertain.
        SettingsError: The mapping's codes contradict the instrument.
    """
    require_clear_codes(mapping, instrument)
    table = read_table(file, mapping)
    columns = mapping.columns(table.header, instrument)
    return score_table(table, columns, instrument, mapping, name=file.name)


def score_table(
    table: Table,
    columns: Sequence[str],
    instrument: Instrument,
    mapping: ItemMapping,
    *,
    name: str,
) -> ScoredTable:
    """Score a table that has been read.

    Args:
        table: Header, rows and their lines.
        columns: The column of each item, in the instrument's order.
        instrument: Whose items they are.
        mapping: Declares missing codes, codes and the decimal mark.
        name: The file's name, for faults.

    Raises:
        ScoringError: The instrument's key is uncertain.
    """
    is_whole = np.array([len(row) == len(table.header) for row in table.rows], dtype=np.bool_)
    answers, is_foreign = _answers(table, is_whole, columns, instrument, mapping)
    scored = score_items(pd.DataFrame(answers), instrument)
    is_foul = ~is_whole | is_foreign.any(axis=1)
    frame = _frame(scored, instrument, is_foul)
    frame.insert(0, "line", np.asarray(table.lines, dtype=np.int64))
    frame.loc[is_foreign.any(axis=1), "no_score_reason"] = NOT_AN_ANSWER
    frame.loc[~is_whole, "no_score_reason"] = FIELD_COUNT
    frame["at_column"] = [_named(columns, row) for row in is_foreign]
    return ScoredTable(
        scores=frame,
        columns=tuple(columns),
        faults=tuple(_faults(table, columns, is_whole, is_foreign, name)),
        n_rows=len(frame),
        is_ended=table.is_ended,
        n_scored=int(frame["no_score_reason"].isna().sum()),
    )


def _answers(
    table: Table,
    is_whole: Mask,
    columns: Sequence[str],
    instrument: Instrument,
    mapping: ItemMapping,
) -> tuple[Matrix, Mask]:
    """Return answers, shape (n, k), and where a cell is neither an answer nor missing."""
    answers = np.full((len(table.rows), len(columns)), np.nan)
    is_foreign = np.zeros(answers.shape, dtype=np.bool_)
    whole = np.flatnonzero(is_whole)
    for place, name in enumerate(columns):
        allowed = frozenset(instrument.allowed_answers(place + 1))
        source = table.header.index(name)
        cells = [table.rows[index][source] for index in whole.tolist()]
        known = {cell: _answer(cell, allowed, mapping) for cell in set(cells)}
        answers[whole, place] = [known[cell] for cell in cells]
        is_foreign[whole, place] = np.isinf(answers[whole, place])
    answers[is_foreign] = np.nan
    return answers, is_foreign


def _answer(cell: str, allowed: frozenset[str], mapping: ItemMapping) -> float:
    """Return an answer's number, NaN for a missing one, infinity for what is neither."""
    if not cell or cell in mapping.missing_codes:
        return np.nan
    if mapping.codes is not None:
        text = mapping.codes.get(cell, "")
    else:
        text = number_text(cell, mapping.decimal)
    return float(text) if text in allowed else np.inf


def _frame(
    scored: pd.DataFrame,
    instrument: Instrument,
    is_foul: Mask,
) -> pd.DataFrame:
    """Return the columns that are told, empty where a row is not scored."""
    scales = list(instrument.scales)
    main = scales[0]
    told = scored[scales].copy()
    told["item_mean"] = scored[f"{main}_item_mean"]
    told.loc[is_foul] = np.nan
    told["n_answered"] = scored[f"{main}_n_answered"]
    prorated = scored[[f"{scale}_is_prorated" for scale in scales]].any(axis=1)
    told["is_prorated"] = prorated & ~is_foul
    for flag in [name for name in scored if str(name).startswith("flag_")]:
        told[flag] = scored[flag]
    told["is_straight_lining"] = scored["is_straight_lining"]
    told["no_score_reason"] = scored[f"{main}_reason"].astype(object)
    return told


def _named(columns: Sequence[str], row: Mask) -> str | None:
    return " ".join(columns[place] for place in np.flatnonzero(row).tolist()) or None


def _faults(
    table: Table,
    columns: Sequence[str],
    is_whole: Mask,
    is_foreign: Mask,
    name: str,
) -> list[Fault]:
    faults = [
        Fault(
            "FIELD_COUNT",
            f"The row has {len(table.rows[index])} fields, the header {len(table.header)}.",
            "Mend the row at its source; nothing was shifted.",
            file=name,
            line=int(table.lines[index]),
        )
        for index in np.flatnonzero(~is_whole).tolist()
    ]
    for index, place in np.argwhere(is_foreign).tolist():
        faults.append(
            Fault(
                "NOT_AN_ANSWER",
                "The cell is neither an allowed answer nor a declared missing code.",
                "Correct it, or declare its code in the file given by --map.",
                file=name,
                line=int(table.lines[index]),
                column=columns[place],
            )
        )
    return sorted(
        faults, key=lambda fault: (fault.line or 0, columns.index(fault.column or columns[0]))
    )
