"""Record: what validation decided, all of it in one transaction, verdict and data together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from rapport.monthly.history.registries import keep_clinics
from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.warehouse import gate, tables
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
    written again: a second run changes nothing. A clinic-month of which a file was received while
    it was being judged is left as it is: whoever received the file takes it in.
    """
    keep_clinics(home, clinic_ids(slices))
    wanted = list(slices)
    while wanted:
        try:
            return _record(home, _of(decided, wanted), wanted)
        except _OutdatedError as error:
            wanted = [one for one in wanted if one not in error.slices]
    return 0


class _OutdatedError(Exception):
    """Files were received for these clinic-months after they were read."""

    def __init__(self, slices: frozenset[ClinicMonth]) -> None:
        super().__init__()
        self.slices = slices


def _record(home: "Home", decided: Decided, slices: Sequence[ClinicMonth]) -> int:
    written = home.warehouse.replace_slices(
        {
            tables.export_readings: decided.readings,
            tables.quarantine: decided.quarantine,
            tables.sessions: decided.sessions,
            tables.survey_responses: decided.responses,
            tables.scale_scores: NO_SCORES,
        },
        [one.key for one in slices],
        entries={tables.verdicts: lambda connection: _new(connection, decided.verdicts)},
        unless=lambda connection: _check_inputs(connection, decided.readings, slices),
    )
    return written[tables.verdicts.name]


def _of(decided: Decided, slices: Sequence[ClinicMonth]) -> Decided:
    """Return what was decided about these clinic-months."""
    index = pd.MultiIndex.from_tuples([(one.clinic_id, one.month) for one in slices])
    frames = {one.name: getattr(decided, one.name) for one in fields(Decided)}
    if all(ClinicMonth(*key) in set(slices) for key in _keys(decided.verdicts)):
        return Decided(**frames)
    return Decided(
        **{
            name: rows[pd.MultiIndex.from_frame(rows[["clinic_id", "month"]]).isin(index)]
            for name, rows in frames.items()
        }
    )


def _keys(rows: pd.DataFrame) -> Iterator[tuple[str, str]]:
    return rows[["clinic_id", "month"]].itertuples(index=False, name=None)


def _check_inputs(
    connection: sa.Connection, readings: pd.DataFrame, slices: Sequence[ClinicMonth]
) -> None:
    """Refuse what was decided about a clinic-month without one of its files.

    Raises:
        _OutdatedError: There are such clinic-months.
    """
    ledger = tables.exports.c
    received = connection.execute(
        sa.select(ledger.clinic_id, ledger.month, ledger.content_sha256).where(
            ledger.clinic_id.in_(clinic_ids(slices)), ledger.month.in_(months(slices))
        )
    )
    names = ["clinic_id", "month", "content_sha256"]
    read = set(readings[names].itertuples(index=False, name=None))
    missed = {ClinicMonth(row.clinic_id, row.month) for row in received if tuple(row) not in read}
    if missed & set(slices):
        raise _OutdatedError(frozenset(missed))


def _new(connection: sa.Connection, verdicts: pd.DataFrame) -> list[dict[str, object]]:
    """Return the verdicts that are not the newest of their clinic-month already."""
    columns = list(verdicts.columns)
    newest = connection.execute(
        gate.newest_verdicts(sorted(set(verdicts.month)), sorted(set(verdicts.clinic_id)))
    )
    known = {tuple(row[name] for name in columns) for row in newest.mappings()}
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
