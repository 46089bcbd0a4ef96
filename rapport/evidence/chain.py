"""Checking the chained tables: every entry carries the hash of the one before.

A chain shows any change to someone who trusts its newest hash. That hash, the *head*, is therefore
kept outside the database too: it is part of every report, and :func:`verify_anchor` holds the
tables against a head that was taken at some time in the past. Without one, a tail that was cut off,
or a chain that was written anew as a whole, looks sound.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from rapport.errors import Fault
from rapport.warehouse.entries import FIRST_PREVIOUS, entry_hash
from rapport.warehouse.tables import CHAINED

if TYPE_CHECKING:
    from rapport.warehouse.store import Warehouse

__all__ = ["Anchor", "entry_hash", "head", "verify_anchor", "verify_chain"]

_ENTRIES_AT_ONCE = 5000
_REMEDY = "Restore the warehouse from a backup made before this, and find out who changed it."


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest entry of one chained table at some time.

    Attributes:
        sequence: Its number; 0 while the table is empty.
        entry_sha256: Its hash; 64 zeros while the table is empty.
    """

    sequence: int
    entry_sha256: str


def head(warehouse: "Warehouse") -> dict[str, Anchor]:
    """Return chained table → its newest entry, for an anchor outside the database."""
    with warehouse.engine.begin() as connection:
        return {table.name: _newest(connection, table) for table in CHAINED}


def _newest(connection: sa.Connection, table: sa.Table) -> Anchor:
    query = sa.select(table.c.sequence, table.c.entry_sha256).order_by(table.c.sequence.desc())
    found = connection.execute(query.limit(1)).one_or_none()
    return Anchor(found.sequence, found.entry_sha256) if found else Anchor(0, FIRST_PREVIOUS)


def verify_anchor(warehouse: "Warehouse", anchors: Mapping[str, Anchor]) -> list[Fault]:
    """Hold the tables against heads that were taken earlier.

    Returns:
        A fault for each table whose entry of that number is missing or another one; empty if the
        tables only grew. Whether the entries up to there are sound is :func:`verify_chain`'s part.
    """
    faults = []
    with warehouse.engine.begin() as connection:
        for table in CHAINED:
            anchor = anchors.get(table.name)
            if anchor is None or anchor.sequence == 0:
                continue
            query = sa.select(table.c.entry_sha256).where(table.c.sequence == anchor.sequence)
            found = connection.execute(query).scalar_one_or_none()
            if found is None:
                message = f"was cut off before entry {anchor.sequence}, which the anchor names"
                faults.append(_fault("CHAIN_TRUNCATED", table.name, message))
            elif found != anchor.entry_sha256:
                message = f"was written anew: entry {anchor.sequence} is not the anchor's"
                faults.append(_fault("CHAIN_REWRITTEN", table.name, message))
    return faults


def verify_chain(warehouse: "Warehouse") -> list[Fault]:
    """Recompute every entry's hash and every link.

    Returns:
        A fault for each entry that was altered and each place where entries were removed,
        inserted or reordered, by table and number; empty if all is as it was recorded.
    """
    faults: list[Fault] = []
    with warehouse.engine.begin() as connection:
        for table in CHAINED:
            walk = _Walk(table.name)
            rows = connection.execution_options(yield_per=_ENTRIES_AT_ONCE).execute(
                sa.select(table).order_by(table.c.sequence)
            )
            names = table.columns.keys()
            for row in rows:
                walk.step(dict(zip(names, row, strict=True)))
            faults += walk.faults
    return faults


class _Walk:
    """One pass over a table's entries in order of their numbers."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.faults: list[Fault] = []
        self._number = 0
        self._hashes: Sequence[str] = (FIRST_PREVIOUS,)

    def step(self, entry: Mapping[str, object]) -> None:
        """Judge one entry, then let it be the one that the next must follow."""
        own = self._hash(entry)
        sequence = entry["sequence"]
        if own != entry["entry_sha256"]:
            self._tell("CHAIN_ALTERED", f"entry {sequence} was altered after it was recorded")
        elif sequence != self._number + 1:
            self._tell_gap(sequence)
        elif entry["previous_sha256"] not in self._hashes:
            self._tell(
                "CHAIN_BROKEN", f"entry {sequence} was inserted, or what it follows replaced"
            )
        self._number = sequence if isinstance(sequence, int) else self._number + 1
        self._hashes = (str(entry["entry_sha256"]), own)

    def _hash(self, entry: Mapping[str, object]) -> str:
        try:
            return entry_hash(self.table, entry, str(entry["previous_sha256"]))
        except TypeError:
            return "a value of another type stands in this entry"

    def _tell_gap(self, sequence: object) -> None:
        missing = self._number + 1
        if not isinstance(sequence, int) or sequence < missing:
            self._tell("CHAIN_BROKEN", f"entry {sequence} was inserted out of order")
        else:
            last = sequence - 1
            which = f"entry {missing}" if last == missing else f"entries {missing} to {last}"
            self._tell("CHAIN_REMOVED", f"{which} removed")

    def _tell(self, rule: str, message: str) -> None:
        self.faults.append(_fault(rule, self.table, message))


def _fault(rule: str, table: str, message: str) -> Fault:
    return Fault(rule, f"Table {table}: {message}.", _REMEDY)
