"""Rows that a re-export of the whole month no longer holds.

A *whole* file holds everything of its clinic-month. Where the mapping does not say so, a file
counts as whole if it repeats more than half of the sessions known before it, or if it says nothing
new at all and is not an earlier file sent again: someone exported the month once more. What it
lacks was deleted at the clinic, or the export was cut short. Rows it lacks no longer count; how
many sessions that are is told, and beyond a limit a rule holds the month back.

Rows that could not be read, in files before a whole one, no longer count either, unless it holds
them too: otherwise a mended export could never put them right.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.clinics import Clinic, ExportMapping
from rapport.exports.grouping import Ids, Mask, column_arrays, group_ids
from rapport.exports.standing import ROW_KEY, Standing, content_ids

KNOWN_TO = "known_to"
"""Of a row that stands for a session known before a whole file: that file, by ``received``."""

NOBODY = -1
"""Stands there for all other rows."""

_EXPORT = ("clinic_id", "month", "export_id")
_MOST = 0.5
_NAMES_ROWS = ("fhir",)
"""Formats that name each row and say themselves when one is taken back."""


Places = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Vanished:
    """What whole files lack.

    Attributes:
        standing: The standing of every row, with rows that vanished.
        known_to: For one row of each session known before a whole file, that file's ``received``;
            :data:`NOBODY` for all others, shape (n,).
    """

    standing: Standing
    known_to: Ids


def vanished_of(
    rows: pd.DataFrame,
    standing: Standing,
    session_ids: Ids,
    *,
    is_keyed: Mask,
    clinics: Mapping[str, Clinic],
) -> Vanished:
    """Find what whole files lack.

    Args:
        rows: The text frame, with ``received``.
        standing: What duplicates and corrections make of each row.
        session_ids: Number of each row's session, shape (n,).
        is_keyed: Rows whose key can be used, shape (n,).
        clinics: Clinics by id; their mappings say which files are whole.
    """
    is_vanished = np.zeros(len(rows), dtype=bool)
    known_to = np.full(len(rows), NOBODY, dtype=np.int64)
    exports = list(_sent_several_times(rows, clinics))
    if exports:
        keys = group_ids([session_ids, *column_arrays(rows, ROW_KEY)], len(rows))
        kinds = rows["kind"].to_numpy()
        is_known = is_keyed & (kinds == "session") & ~standing.is_other_month
        is_unread = (~is_keyed & (kinds == "session")) | (kinds == "broken")
        received = rows["received"].to_numpy()
    for places, mapping in exports:
        known = places[is_known[places]]
        said = _Said(keys[known], received[known], standing.is_repeated[known])
        whole = _newest_whole(said, received[places], mapping)
        if whole is None:
            continue
        before = known[received[known] < whole]
        gone = before[~np.isin(keys[before], keys[known[received[known] >= whole]])]
        unread = _unread_before(rows, places[is_unread[places]], whole)
        is_vanished[gone], is_vanished[unread] = standing.is_current[gone], True
        known_to[_one_each(rows, keys, before, standing.is_current)] = whole
    return Vanished(replace(standing, is_vanished=is_vanished), known_to)


def _sent_several_times(
    rows: pd.DataFrame, clinics: Mapping[str, Clinic]
) -> Iterator[tuple[Places, ExportMapping]]:
    """Yield the rows of each clinic-month's export that came in more than one file."""
    kinds = group_ids(column_arrays(rows, _EXPORT), len(rows))
    files = pd.DataFrame({"kind": kinds, "received": rows["received"].to_numpy()})
    counts = files.drop_duplicates()["kind"].value_counts()
    for kind in sorted(counts.index[counts > 1]):
        places = np.flatnonzero(kinds == kind)
        first = rows.iloc[places[0]]
        exports = clinics[first["clinic_id"]].exports
        yield places, next(one for one in exports if one.id == first["export_id"])


@dataclass(frozen=True, slots=True)
class _Said:
    """What is known of an export: the part of a session each row is, its file, repetitions."""

    keys: Ids
    received: Ids
    is_repeated: Mask

    def of(self, file: int) -> Ids:
        """Return what one file says, each part of a session once."""
        return np.unique(self.keys[self.received == file])

    def before(self, file: int) -> Ids:
        """Return what is known before a file."""
        return np.unique(self.keys[self.received < file])

    def is_nothing_new(self, file: int) -> bool:
        """Whether a file only repeats, and what it repeats is not one earlier file."""
        is_own = self.received == file
        own = self.of(file)
        earlier = np.unique(self.received[self.received < file]).tolist()
        is_again = any(np.array_equal(own, self.of(one)) for one in earlier)
        return len(own) > 0 and bool(self.is_repeated[is_own].all()) and not is_again


def _newest_whole(said: _Said, files: Ids, mapping: ExportMapping) -> int | None:
    """Return the last file that holds the whole month, if there is a file before it.

    Args:
        said: What is known of the export.
        files: The file of every row of the export, also of those without a usable key.
        mapping: Says whether files are whole.
    """
    if mapping.complete is False or (mapping.complete is None and mapping.format in _NAMES_ROWS):
        return None
    for file in np.unique(files)[:0:-1].tolist():
        own, before = said.of(file), said.before(file)
        is_declared = mapping.complete or (mapping.cumulative and len(own))
        is_most = np.isin(before, own).sum() > _MOST * len(before)
        if is_declared or is_most or said.is_nothing_new(file):
            return int(file)
    return None


def _unread_before(rows: pd.DataFrame, places: Places, whole: int) -> Places:
    """Return rows without a usable key, in files before a whole one, that are not in it too."""
    is_before = rows["received"].to_numpy()[places] < whole
    if not is_before.any():
        return places[is_before]
    contents = content_ids(rows.iloc[places], np.zeros(len(places), dtype=np.int64))
    is_broken = (rows["kind"].to_numpy() == "broken")[places]
    found: Places = places[is_before & (is_broken | ~np.isin(contents, contents[~is_before]))]
    return found


def _one_each(rows: pd.DataFrame, keys: Ids, places: Places, is_current: Mask) -> Places:
    """Return one place of each key: the first row that counts, where there is one."""
    part = rows.iloc[places]
    columns = (part["line"].to_numpy(), part["received"].to_numpy(), ~is_current[places])
    ordered: Places = places[np.lexsort(columns)]
    found: Places = ordered[np.unique(keys[ordered], return_index=True)[1]]
    return found
