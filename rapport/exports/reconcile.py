"""What becomes of every row: the conservation law, rows in = the sum of five states."""

import numpy as np
import pandas as pd

STATES = ("accepted", "quarantined", "superseded", "duplicate", "test")
"""Every row of an export ends in exactly one of these."""


class ConservationError(RuntimeError):
    """Rows were lost, or counted twice: a bug, never a user's fault."""


def reconcile(rows: pd.DataFrame, broken: "pd.Series[bool] | pd.Index[int]") -> "pd.Series[str]":
    """Give every row its state.

    Args:
        rows: The text frame with facts, from :func:`~rapport.exports.facts.add_facts`.
        broken: Rows that break a row rule: a Boolean for each row, or the index of those rows.

    Returns:
        One of :data:`STATES` a row, on the index of ``rows``. A declared test row is that,
        whatever is wrong with it; then come rows that a later file has corrected or, holding the
        whole month, lacks (superseded), and what an earlier row has said (duplicate), and only of
        what is left the broken rows and wrong field counts (quarantined). A row of another month in
        a cumulative export is a duplicate of what is counted there.

    Raises:
        ConservationError: ``broken`` speaks of other rows, or a row has no state.
    """
    is_broken = _as_mask(rows, broken)
    states = np.full(len(rows), "accepted", dtype=object)
    kinds = rows["kind"].to_numpy()
    states[is_broken | (kinds == "broken")] = "quarantined"
    standing = rows["standing"].to_numpy()
    states[standing == "repeated"] = "duplicate"
    states[np.isin(standing, ("superseded", "vanished"))] = "superseded"
    states[kinds == "test"] = "test"
    states[standing == "other_month"] = "duplicate"
    found = pd.Series(states, index=rows.index, dtype=object, name="state")
    _check_conservation(rows, found)
    return found


def _as_mask(
    rows: pd.DataFrame, broken: "pd.Series[bool] | pd.Index[int]"
) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    if isinstance(broken, pd.Series):
        if not broken.index.sort_values().equals(rows.index.sort_values()):
            raise ConservationError("the broken rows are not told row for row")
        return broken.reindex(rows.index).to_numpy(dtype=bool)
    if not broken.isin(rows.index).all():
        raise ConservationError("a broken row is not among the rows")
    return rows.index.isin(broken)


def _check_conservation(rows: pd.DataFrame, states: "pd.Series[str]") -> None:
    counts = states.value_counts()
    known = int(sum(counts.get(state, 0) for state in STATES))
    if not rows.index.is_unique or known != len(rows):
        raise ConservationError(f"{len(rows)} rows in, {known} accounted for")
