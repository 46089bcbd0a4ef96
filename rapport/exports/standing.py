"""Which row counts when a clinic says something more than once: duplicates and corrections.

Rows have the same *key* when they are the same part of the same session of a patient, in one kind
of export of one clinic-month. Of one key, the file received last decides:

- rows that say what it says are repetitions; the first of them, by receipt and line, is kept;
- rows that say something else, in files received before, are superseded;
- if the last file itself says different things under one key, no row of them is right by itself.

A correction that breaks a rule still supersedes what it corrects: the clinic has said that the old
row is wrong, and is told that the new one cannot be read. Rows without a usable key can only be
repetitions of each other. Declared test rows and rows with a wrong field count are not compared.

Where the format names its rows (the id of a resource), a row is also superseded by a newer version
of that name, whatever its key and whichever file came first; only where the versions are the same
does the later file decide. A row that the format itself withdraws is superseded.

Files count in the order in which they were made, where that is known; "received" here means that
order. Rows of other months (in cumulative exports) are compared with nothing.
"""

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.exports.grouping import (
    Ids,
    Mask,
    any_of,
    column_arrays,
    group_ids,
    is_shared,
    is_varied,
)
from rapport.exports.other_months import other_months_of
from rapport.exports.positions import BLOCK_COLUMN, LINES
from rapport.exports.text_rows import DELIVERED, FILE_COLUMNS, RESOURCE, VERSION

SESSION_KEY = ("clinic_id", "month", "patient", "episode", "session")
"""What tells sessions apart."""

STANDINGS = ("current", "repeated", "superseded", "vanished", "other_month")
"""What a row can be among all that a clinic has said."""

ROW_KEY = ("export_id", "kind", "slot")
"""With the session, what tells rows apart."""

_NO_CONTENT = frozenset(
    {*FILE_COLUMNS, "line", "received", BLOCK_COLUMN, RESOURCE, VERSION, DELIVERED}
)
_NO_ROWS: Mask = np.zeros(0, dtype=bool)
_RESOURCE_KEY = ("clinic_id", "month", "export_id", RESOURCE)


@dataclass(frozen=True)
class Standing:
    """What became of each row among all rows of its key.

    Attributes:
        is_superseded: A file received later says something else, or the row is withdrawn.
        is_repeated: An earlier row says the same.
        is_in_conflict: Of a row that counts: the last file says several things under its key; of a
            superseded one: its own file did.
        is_other_month: The row counts in another month.
        is_vanished: A later file of the whole month lacks the row.
    """

    is_superseded: Mask
    is_repeated: Mask
    is_in_conflict: Mask
    is_other_month: Mask = field(default_factory=lambda: _NO_ROWS)
    is_vanished: Mask = field(default_factory=lambda: _NO_ROWS)

    def __post_init__(self) -> None:
        """Let masks that are left out hold for no row."""
        for name in ("is_other_month", "is_vanished"):
            if len(getattr(self, name)) != len(self.is_repeated):
                object.__setattr__(self, name, np.zeros(len(self.is_repeated), dtype=bool))

    @property
    def is_current(self) -> Mask:
        """Rows that count."""
        gone = self.is_superseded | self.is_repeated | self.is_other_month | self.is_vanished
        return ~gone

    def words(self) -> npt.NDArray[np.object_]:
        """Return for each row one of :data:`STANDINGS`."""
        words = np.full(len(self.is_repeated), "current", dtype=object)
        words[self.is_repeated] = "repeated"
        words[self.is_superseded] = "superseded"
        words[self.is_vanished] = "vanished"
        words[self.is_other_month] = "other_month"
        return words


def standing_of(rows: pd.DataFrame, session_ids: Ids, is_keyed: Mask) -> Standing:
    """Compare the rows of each key.

    Args:
        rows: The text frame, with ``received`` and ``line``.
        session_ids: Number of each row's session, shape (n,).
        is_keyed: Rows whose key can be used: patient and session are known.

    Returns:
        The standing of every row. It does not depend on the order of the rows.
    """
    n_rows = len(rows)
    keys = group_ids([session_ids, *column_arrays(rows, ROW_KEY)], n_rows)
    is_other = other_months_of(rows)
    is_gone = _replaced_by_name(rows) | (rows["kind"] == "withdrawn").to_numpy()
    is_compared = rows["kind"].isin(("session", "record")).to_numpy() & ~is_gone & ~is_other
    several = np.flatnonzero(is_shared(keys, is_compared))
    found = Standing(*(np.zeros(n_rows, dtype=bool) for _ in range(3)))
    if len(several):
        shared = group_ids([keys[several]], len(several))
        part = _standing_of_shared(rows.iloc[several], shared, is_keyed[several])
        found.is_superseded[several] = part.is_superseded
        found.is_repeated[several] = part.is_repeated
        found.is_in_conflict[several] = part.is_in_conflict
    found.is_superseded[is_gone] = True
    return replace(found, is_other_month=is_other)


def _replaced_by_name(rows: pd.DataFrame) -> Mask:
    """Whether a newer version says something else than a row of its name, or takes it back."""
    replaced = np.zeros(len(rows), dtype=bool)
    if RESOURCE not in rows.columns or not rows[RESOURCE].notna().any():
        return replaced
    names = group_ids(column_arrays(rows, _RESOURCE_KEY), len(rows))
    is_named = rows[RESOURCE].notna().to_numpy()
    places = np.flatnonzero(is_shared(names, is_named))
    if not len(places):
        return replaced
    part = rows.iloc[places]
    keys = group_ids([names[places]], len(places))
    contents = content_ids(part, keys)
    kinds, received = part["kind"].to_numpy(), part["received"].to_numpy()
    _, versions = np.unique(part[VERSION].to_numpy().astype(str), return_inverse=True)
    ranks = versions.astype(np.int64) * (int(received.max()) + 1) + received
    newest = np.full(keys.max() + 1, -1, dtype=np.int64)
    np.maximum.at(newest, keys, ranks)
    is_said = any_of((ranks == newest[keys]) & (kinds != "withdrawn"), contents)
    replaced[places] = ~is_said
    return replaced


def _standing_of_shared(rows: pd.DataFrame, keys: Ids, is_keyed: Mask) -> Standing:
    """Compare rows that share their key with another row."""
    n_rows = len(rows)
    contents = content_ids(rows, keys)
    received = rows["received"].to_numpy()
    last = np.full(keys.max() + 1, -1, dtype=np.int64)
    np.maximum.at(last, keys, received)
    is_last_said = any_of(received == last[keys], contents)
    is_first = _first_of(contents, received, rows["line"].to_numpy())
    in_file = group_ids([keys, received], n_rows)
    is_disputed = is_last_said & is_varied(contents, keys, is_last_said)
    is_disputed |= ~is_last_said & is_varied(contents, in_file, np.ones(n_rows, dtype=bool))
    return Standing(
        is_superseded=is_keyed & ~is_last_said,
        is_repeated=~is_first & (~is_keyed | is_last_said),
        is_in_conflict=is_keyed & is_disputed,
    )


def content_ids(rows: pd.DataFrame, keys: Ids) -> Ids:
    """Number the rows so that rows of one key have one number if they say the same.

    Args:
        rows: Some rows of the text frame.
        keys: Number of each row's key, from 0, shape (n,).

    Most keys are shared by mere repetitions: each row is held against the first of its key, and
    only the rows of keys in which one differs are compared all with all.
    """
    columns = [
        rows[name].to_numpy()
        for name in rows.columns
        if name not in _NO_CONTENT and not name.startswith(LINES)
    ]
    first = np.unique(keys, return_index=True)[1][keys]
    differs = np.zeros(len(keys), dtype=bool)
    for column in columns:
        differs |= column != column[first]
    contents = keys.copy()
    places = np.flatnonzero(any_of(differs, keys))
    contents[places] = (
        keys.max() + 1 + group_ids([keys[places], *(c[places] for c in columns)], len(places))
    )
    return contents


def _first_of(
    contents: Ids, received: npt.NDArray[np.generic], lines: npt.NDArray[np.generic]
) -> Mask:
    """Whether a row is the first of its content, by receipt and then by line."""
    order = np.lexsort((lines, received))
    is_first = np.zeros(len(contents), dtype=bool)
    is_first[order[np.unique(contents[order], return_index=True)[1]]] = True
    return is_first
