"""The rows of one clinic of which sums are in readers' hands: therapists, all, and who is hidden.

Where the clinic's window is told, those of its therapists whose windows are not are known
together: the clinic less the others. That sum has a history too, and is subtracted from the next
one if the same therapists are hidden then, or are told.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.disclosure.deduction import Flags, Link, Numbers
from rapport.statistics.coding import WINDOW


@dataclass(frozen=True)
class ClinicRows:
    """Rows of one clinic and family: its therapists, the whole clinic, and teams of therapists.

    Attributes:
        members: The therapists of each row: rows × therapists.
        is_absent: In which months a row is known to have nobody: rows × months back.
        owner: Row of each sum, shape (sums,).
        signs: Months of each sum, as in :class:`rapport.disclosure.deduction.Sums`.
        links: Which rows sum to which.
    """

    members: Flags
    is_absent: Flags
    owner: npt.NDArray[np.int64]
    signs: Numbers
    links: tuple[Link, ...]

    @property
    def clinic(self) -> int:
        """Position of the whole clinic; therapists come before it."""
        return int(self.members.shape[1])

    def summed(self, counts: Numbers) -> Numbers:
        """Return shares × rows × months of shares × therapists × months."""
        return np.asarray(np.einsum("rt,ftm->frm", self.members.astype(float), counts))


def rows_of(is_there: Flags, shown: Sequence[frozenset[int]], whole: frozenset[int]) -> ClinicRows:
    """Find the rows whose windows are known, and what is known of them.

    Args:
        is_there: Whether a therapist has anybody: therapists × months back.
        shown: Months back of each therapist's windows that were told.
        whole: Months back of the clinic's windows that were.
    """
    n_people = len(is_there)
    closes = sorted({0, *whole, *(one for of in shown for one in of)}, reverse=True)
    reports = [slice(back, back + WINDOW) for back in closes]
    is_out = np.array([~is_there[:, months].any(axis=1) for months in reports]).T
    is_told = is_out | np.array([[back in of for back in closes] for of in shown])
    has_total = np.array([back in whole for back in closes])
    hidden = {tuple(~told) for told in is_told[:, has_total].T}
    teams = sorted(team for team in hidden if 1 < sum(team) < n_people)
    members = np.array([*np.eye(n_people, dtype=bool), np.ones(n_people, dtype=bool), *teams])
    lacks_none = ~(members[:, :, np.newaxis] & ~is_told).any(axis=1)
    others_told = ~(~members[:, :, np.newaxis] & ~is_told).any(axis=1)
    is_known = lacks_none | (has_total & others_told)
    is_known[n_people] = has_total
    absent = np.zeros(is_there.shape, dtype=bool)
    for place, months in enumerate(reports):
        absent[is_out[:, place], months] = True
    owner, signs = _windows(is_known, closes, is_there.shape[1])
    is_absent = ~(members[:, :, np.newaxis] & ~absent).any(axis=1)
    return ClinicRows(members, np.asarray(is_absent), owner, signs, tuple(_links(members)))


def _windows(
    is_known: Flags, closes: Sequence[int], n_months: int
) -> tuple[npt.NDArray[np.int64], Numbers]:
    """Return each known window, and what two that follow each other differ by."""
    owner, signs = [], []
    for row, known in enumerate(is_known):
        former = None
        for back in (one for one, is_one in zip(closes, known, strict=True) if is_one):
            window = np.zeros(n_months)
            window[back : back + WINDOW] = 1.0
            told = [window] if former is None else [window, window - former]
            owner += [row] * len(told)
            signs += told
            former = window
    return np.array(owner, dtype=np.int64), np.array(signs).reshape(len(owner), n_months)


def _links(members: Flags) -> list[Link]:
    """The therapists sum to the clinic; so do a team and all others; its members to a team."""
    clinic = members.shape[1]
    links = [Link(clinic, np.arange(clinic))]
    for row in range(clinic + 1, len(members)):
        links.append(Link(row, np.flatnonzero(members[row])))
        links.append(Link(clinic, np.append(np.flatnonzero(~members[row]), row)))
    return links
