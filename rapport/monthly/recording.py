"""Record: what validation decided, all of it in one transaction, verdict and data together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from rapport.monthly.slices import ClinicMonth, months
from rapport.warehouse import tables
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.home import Home


NO_SCORES = pd.DataFrame(columns=[column.name for column in tables.scale_scores.columns])


@dataclass(frozen=True)
class Decided:
    """What validation decided about some clinic-months; frames with the tables' own columns.

    Attributes:
        readings: How each file was read, and what became of its rows.
        quarantine: Every refused row and the rule that it broke.
        sessions: Sessions that were accepted.
        responses: Administrations that were accepted.
        verdicts: One verdict a clinic-month, without the columns of the chain.
    """

    readings: pd.DataFrame
    quarantine: pd.DataFrame
    sessions: pd.DataFrame
    responses: pd.DataFrame
    verdicts: pd.DataFrame


def record(home: "Home", decided: Decided, slices: Sequence[ClinicMonth]) -> int:
    """Replace the slices and append the verdicts that are new; return how many those were.

    Scores that were made from what stood there before go in the same transaction, so that a crash
    before the next scoring leaves no old score behind a fresh verdict.

    A verdict that says, from the same inputs and rules, what the newest one says already is not
    written again: a second run changes nothing.
    """
    new = _new_verdicts(home, decided.verdicts, slices)
    home.warehouse.replace_slices(
        {
            tables.export_readings: decided.readings,
            tables.quarantine: decided.quarantine,
            tables.sessions: decided.sessions,
            tables.survey_responses: decided.responses,
            tables.scale_scores: NO_SCORES,
        },
        [one.key for one in slices],
        entries={tables.verdicts: new},
    )
    return len(new)


def _new_verdicts(
    home: "Home", verdicts: pd.DataFrame, slices: Sequence[ClinicMonth]
) -> list[dict[str, object]]:
    columns = list(verdicts.columns)
    newest = home.warehouse.newest_verdicts(months(slices))
    known = set(newest[columns].itertuples(index=False, name=None))
    return [
        dict(zip(columns, row, strict=True))
        for row in verdicts.itertuples(index=False, name=None)
        if row not in known
    ]


def counts(decided: Decided) -> dict[ClinicMonth, dict[str, int | str]]:
    """Return each clinic-month's verdict and row counts, by name."""
    names = [name for name in decided.verdicts.columns if name.startswith("rows_")]
    return {
        ClinicMonth(row["clinic_id"], row["month"]): {
            "verdict": row["verdict"],
            **{name: int(row[name]) for name in names},
        }
        for row in records(decided.verdicts)
    }
