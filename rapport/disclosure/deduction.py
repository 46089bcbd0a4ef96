"""What follows from sums of counts: the smallest and largest each can be, by arithmetic alone.

The unknowns are counts of events, by share, row and month: a row is a therapist, or several
together, up to the whole clinic. What is known are single months of the clinic, and sums over the
months of a window, or of what two windows differ by; and that the months of some rows sum to
those of another. Each sum bounds each of its terms by what the others leave, again and again until
nothing changes. Whatever follows so is true; a linear programme may see more, and is the attacker
who checks it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

MANY = 1e7
"""Stands for any number."""

_ROUNDS = 30
HALF = 0.5


@dataclass(frozen=True)
class Sums:
    """Sums over months of one row each.

    Attributes:
        owner: Position of the row, shape (sums,).
        signs: 1 for months that are added, −1 for those taken off, 0 for others: sums × months.
        values: What they come to: shares × sums.
    """

    owner: npt.NDArray[np.int64]
    signs: Numbers
    values: Numbers


@dataclass(frozen=True)
class Link:
    """Some rows that sum to another in every month; positions."""

    whole: int
    parts: npt.NDArray[np.int64]


def deduced(
    least: Numbers, most: Numbers, sums: Sums, links: Sequence[Link]
) -> tuple[Numbers, Numbers]:
    """Return the bounds of each count.

    Args:
        least: Smallest value that is known beforehand, shares × rows × months.
        most: Largest value, likewise; :data:`MANY` if nothing is known.
        sums: What windows tell.
        links: Rows that sum to another.

    Returns:
        Smallest and largest value, shares × rows × months.
    """
    low, high = least.copy(), most.copy()
    for _ in range(_ROUNDS):
        before = low.copy(), high.copy()
        for link in links:
            _by_link(low, high, link)
        _by_windows(low, high, sums)
        if all(np.array_equal(old, new) for old, new in zip(before, (low, high), strict=True)):
            break
    return low, high


def _by_link(low: Numbers, high: Numbers, link: Link) -> None:
    """Bound a row by its parts, and each part by what the others leave of the row."""
    part_low, part_high = low[:, link.parts], high[:, link.parts]
    all_low, all_high = part_low.sum(axis=1), part_high.sum(axis=1)
    whole_low = np.maximum(low[:, link.whole], all_low)
    whole_high = np.minimum(high[:, link.whole], all_high)
    low[:, link.whole], high[:, link.whole] = whole_low, whole_high
    left = (whole_high - all_low)[:, np.newaxis] + part_low
    high[:, link.parts] = np.minimum(part_high, left)
    lack = (whole_low - all_high)[:, np.newaxis] + part_high
    low[:, link.parts] = np.maximum(part_low, lack)


def _by_windows(low: Numbers, high: Numbers, sums: Sums) -> None:
    """Bound the months of each sum by what its other months leave of it."""
    is_added, is_taken = sums.signs > 0, sums.signs < 0
    own_low, own_high = low[:, sums.owner], high[:, sums.owner]
    least = np.where(is_added, own_low, np.where(is_taken, -own_high, 0.0)).sum(axis=-1)
    most = np.where(is_added, own_high, np.where(is_taken, -own_low, 0.0)).sum(axis=-1)
    room = (sums.values - least)[..., np.newaxis]  # by how much the sum exceeds its least
    lack = (most - sums.values)[..., np.newaxis]
    ceiling = np.where(is_added, own_low + room, np.where(is_taken, own_low + lack, np.inf))
    floor = np.where(is_added, own_high - lack, np.where(is_taken, own_high - room, -np.inf))
    for at, owner in enumerate(sums.owner):
        high[:, owner] = np.minimum(high[:, owner], ceiling[:, at])
        low[:, owner] = np.maximum(low[:, owner], floor[:, at])


@dataclass(frozen=True)
class Patients:
    """How many patients stand behind the counts: shares × rows × months.

    Months are two years, one after the other.

    Attributes:
        there: Distinct patients of the month.
        arriving: Of these, who were not there earlier in the same year of months.
        leaving: Of these, who were not there later in it.
    """

    there: Numbers
    arriving: Numbers
    leaving: Numbers

    def at_least(self, owner: npt.NDArray[np.int64], chosen: Flags) -> Numbers:
        """Return how many distinct patients chosen months have at least.

        Args:
            owner: Row of each group of months, shape (groups,).
            chosen: The months, shares × groups × months.
        """
        largest = np.where(chosen, self.there[:, owner], 0.0).max(axis=-1, initial=0.0)
        year = chosen.shape[-1] // 2
        halves = [
            np.where(chosen, each[:, owner], 0.0)[..., months].sum(axis=-1)
            for each in (self.arriving, self.leaving)
            for months in (slice(None, year), slice(year, None))
        ]
        return np.asarray(np.maximum(largest, np.max(halves, axis=0)))


def exposed(
    bounds: tuple[Numbers, Numbers],
    sums: Sums,
    patients: Patients,
    minimum: float,
    nobody: Numbers,
) -> tuple[Flags, Flags]:
    """Say which counts of too few patients a reader can tell, and which are excused.

    Args:
        bounds: From :func:`deduced`.
        sums: What windows tell.
        patients: Who stands behind the counts.
        minimum: Patients that a figure has to rest on.
        nobody: Patients of whom together "nobody" may be said, shape (shares,).

    Returns:
        Shares × rows × months, twice. A month that is known to have none is excused where the
        same is known of all months of the row's window, or of those that two of its windows
        differ by, and these have patients enough.
    """
    low, high = bounds
    is_fixed = high - low < HALF
    is_none = is_fixed & (high < HALF)
    is_small = (patients.there > 0) & (patients.there < minimum)
    is_said, is_left = np.zeros((2, *is_none.shape), dtype=bool)
    none, fixed = is_none[:, sums.owner], is_fixed[:, sums.owner]
    for side, other in ((sums.signs > 0, sums.signs < 0), (sums.signs < 0, sums.signs > 0)):
        all_none = (none | ~side).all(axis=-1)
        together = patients.at_least(sums.owner, np.broadcast_to(side, none.shape))
        said = (all_none & (together >= nobody[:, np.newaxis]))[..., np.newaxis] & side
        rest = side & ~fixed
        few = patients.at_least(sums.owner, rest)
        is_rest = (few > 0) & (few < minimum) & (fixed | ~other).all(axis=-1)
        for at, owner in enumerate(sums.owner):
            is_said[:, owner] |= said[:, at]
            is_left[:, owner] |= is_rest[:, at, np.newaxis] & rest[:, at]
    found = is_small & (is_fixed | is_left)
    return np.asarray(found), np.asarray(is_none & is_said)
