"""From the frame of groups to arrays: the counts of one clinic, laid out by window and figure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from rapport.disclosure.clinic_family import WINDOWS, ClinicFamily, Counts, Hidden, Past
from rapport.disclosure.partition import Flags, Numbers
from rapport.statistics.coding import Codes
from rapport.statistics.figures import FIGURES

FLAGS = ("unsafe", "waits", "must_tell", "must_hide")
"""Columns of truth values among the groups, beside the counts."""

_COLUMNS = ("n_patients", "n_exclusive", "n_observations", "total", *FLAGS)
_OBSERVATIONS = _COLUMNS.index("n_observations")
_FIGURES = pd.Index(list(FIGURES))

FAMILIES: dict[str, tuple[str, ...]] = {
    family: tuple(one.id for one in FIGURES.values() if one.family == family)
    for family in dict.fromkeys(one.family for one in FIGURES.values())
}
"""Family → ids of its figures, in the order of the catalogue."""


COUNTED_BY = {
    "alliance": "sessions",
    **{family: "outcome" for family in FAMILIES if family.startswith("outcome.")},
}
"""Family → the family whose figures count its observations."""


@cache
def columns_of(figures: tuple[str, ...]) -> Codes:
    """Return the positions of figures in the catalogue; not to be written to."""
    codes = np.asarray(_FIGURES.get_indexer(pd.Index(figures)), dtype=np.int64)
    codes.flags.writeable = False
    return codes


@dataclass(frozen=True)
class ClinicCounts:
    """All groups of one clinic: numbers × periods × units × figures of the catalogue.

    Attributes:
        clinic_id: The clinic.
        therapists: Its therapists, sorted; the order breaks ties.
        people: Counts of the therapists in the three windows.
        whole: Counts of the clinic in the three windows, one unit.
        trend: Counts of the clinic in the twelve months, one unit.
    """

    clinic_id: str
    therapists: tuple[str, ...]
    people: Numbers
    whole: Numbers
    trend: Numbers

    @property
    def observations(self) -> tuple[Numbers, Numbers, Numbers]:
        """Observations of therapists, clinic and trend: periods × units × figures."""
        return self.people[_OBSERVATIONS], self.whole[_OBSERVATIONS], self.trend[_OBSERVATIONS]

    @property
    def is_used(self) -> Flags:
        """Which figures of the catalogue the clinic has anything for in the window."""
        return np.asarray(self.whole[_OBSERVATIONS, 1, 0] > 0)

    def family(self, name: str, counted: Hidden | None, past: Past | None) -> ClinicFamily:
        """Return the groups of one family of figures.

        Args:
            name: The family.
            counted: What is hidden of the family that counts its observations.
            past: What former reports said of its months.
        """
        figures = FAMILIES[name]
        trending = tuple(figure for figure in figures if FIGURES[figure].has_trend)
        columns = columns_of(figures)
        return ClinicFamily(
            figures=figures,
            therapists=_counts(self.people, columns),
            clinic=_counts(self.whole, columns),
            trend=_counts(self.trend[:, :, 0], columns_of(trending)) if trending else None,
            trend_figures=trending,
            ceilings=self._ceilings(name, counted),
            past=past,
        )

    def _ceilings(self, family: str, counted: Hidden | None) -> Numbers:
        """Return how many patients a therapist can have at most, where the count is shown."""
        if counted is None:
            return np.full((*self.people.shape[1:3], 1), np.inf)
        columns = columns_of(FAMILIES[COUNTED_BY[family]])
        patients = self.people[0][..., columns].max(axis=-1)
        unknown = np.vstack([counted.therapists, counted.therapists.any(axis=0)])
        return np.asarray(np.where(unknown, np.inf, patients)[..., np.newaxis])


def _counts(dense: Numbers, columns: Codes) -> Counts:
    patients, exclusive, observations, sums, *flags = dense[..., columns]
    return Counts(patients, exclusive, observations, sums, *(each.astype(bool) for each in flags))


def lay_out(groups: pd.DataFrame, months: Sequence[str]) -> Iterator[ClinicCounts]:
    """Yield the counts of each clinic.

    Args:
        groups: All groups, with :data:`FLAGS`.
        months: Names of the months of the window, oldest first.

    Yields:
        One array of counts a clinic, in the order of clinic ids.
    """
    ordered = groups.sort_values(["clinic_id", "therapist_id"], kind="stable")
    clinic, clinics = pd.factorize(ordered["clinic_id"])
    person, people = pd.factorize(ordered["therapist_id"])
    period = pd.Index([*WINDOWS, *months]).get_indexer(pd.Index(ordered["period"]))
    figure = _FIGURES.get_indexer(pd.Index(ordered["figure"]))
    values = ordered[list(_COLUMNS)].to_numpy(float).T
    starts = np.searchsorted(clinic, np.arange(len(clinics) + 1))
    for code, name in enumerate(clinics):
        rows = slice(starts[code], starts[code + 1])
        present, unit = np.unique(person[rows], return_inverse=True)
        names = [people[one] for one in present]
        order = sorted(range(len(names)), key=names.__getitem__)
        rank = np.argsort(order)
        dense = np.zeros((len(_COLUMNS), len(WINDOWS) + len(months), len(names), len(FIGURES)))
        dense[:, period[rows], rank[unit], figure[rows]] = values[:, rows]
        yield ClinicCounts(
            clinic_id=str(name),
            therapists=tuple(names[one] for one in order[1:]),
            people=dense[:, : len(WINDOWS), 1:],
            whole=dense[:, : len(WINDOWS), :1],
            trend=dense[:, len(WINDOWS) :, :1],
        )
