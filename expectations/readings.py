"""How each file was read, and what became of its rows: every row exactly one thing.

The law of conservation is asserted here, file by file: a row that went nowhere is a mistake in
Rapport, and stops everything.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.files import Files
from expectations.verdicts import ROW_STATES
from rapport.errors import Fault
from rapport.exports.reconcile import ConservationError
from rapport.exports.vanished import KNOWN_TO, NOBODY
from rapport.warehouse.tables import export_readings as table

_COLUMNS = [column.name for column in table.columns]
_FILE = ["clinic_id", "month", "content_sha256"]


def export_readings(files: Files, rows: pd.DataFrame, states: "pd.Series[str]") -> pd.DataFrame:
    """Return one row a file, as the table ``export_readings`` wants it, in order of receipt.

    Args:
        files: The files.
        rows: The text frame of those that could be read.
        states: What became of each row of it, one of :data:`ROW_STATES`.

    Raises:
        ConservationError: More rows came out of a file than were in it, or fewer, or one has no
            state.
    """
    counted = _states_by_file(rows, states, files.frame)
    received = files.frame.rows_received.to_numpy()
    counted["quarantined"] = np.where(files.is_refused, received, counted["quarantined"])
    if not (counted.sum(axis=1).to_numpy() == received).all():
        raise ConservationError(
            "rows in are not rows accepted, refused, superseded, repeated and test"
        )
    first = _first_refusals(files)
    return files.frame.assign(
        **{f"rows_{state}": counted[state].to_numpy() for state in ROW_STATES},
        **_told_of_time(files, rows),
        refusal_rule=pd.Series([one.rule if one else None for one in first], dtype=object),
        refusal_place=pd.Series([_place(one) for one in first], dtype=object),
    )[_COLUMNS]


def _told_of_time(files: Files, rows: pd.DataFrame) -> dict[str, npt.NDArray[np.int64]]:
    """Count in each file rows of other months, sessions known before it, and those it lacks."""
    n_files = len(files.frame)
    places = np.flatnonzero(~files.is_refused)
    file_of = places[rows.received.to_numpy()] if len(rows) else np.empty(0, dtype=np.intp)
    known_to = rows[KNOWN_TO].to_numpy()
    is_known = known_to != NOBODY
    is_missed = is_known & (rows.standing == "vanished").to_numpy()
    is_other = (rows.standing == "other_month").to_numpy()
    return {
        "n_other_month": np.bincount(file_of[is_other], minlength=n_files),
        "n_known_before": np.bincount(places[known_to[is_known]], minlength=n_files),
        "n_lacking": np.bincount(places[known_to[is_missed]], minlength=n_files),
    }


def _states_by_file(
    rows: pd.DataFrame, states: "pd.Series[str]", files: pd.DataFrame
) -> pd.DataFrame:
    unknown = ~states.isin(ROW_STATES)
    if unknown.any() or len(states) != len(rows):
        raise ConservationError("a row was given no state")
    index = pd.MultiIndex.from_frame(files[_FILE])
    sizes = rows[_FILE].assign(state=states).groupby([*_FILE, "state"]).size()
    counted = sizes.unstack("state", fill_value=0) if len(sizes) else pd.DataFrame(index=index)
    return counted.reindex(index=index, columns=list(ROW_STATES), fill_value=0).astype("int64")


def _first_refusals(files: Files) -> list[Fault | None]:
    """Return of each refused file what the quarantine names first."""
    first: dict[tuple[str, str, str], Fault] = {}
    for clinic, month, content, line, column, rule, remedy in files.quarantine.to_numpy().tolist():
        told = Fault(rule, "", remedy, line=line or None, column=column or None)
        first.setdefault((clinic, month, content), told)
    return [first.get(key) for key in files.frame[_FILE].itertuples(index=False, name=None)]


def _place(fault: Fault | None) -> str | None:
    return (fault.place or None) if fault else None
