"""A family of several figures beside one total, as small as can be worked by hand."""

from collections.abc import Mapping, Sequence

import numpy as np

from rapport.disclosure import profile_of
from rapport.disclosure.partition import Partition

STANDARD = profile_of("standard")
SHARE, OTHER_SHARE = "outcome.recovery", "outcome.reliable_improvement"
MEAN, DIFFERENCE = "alliance.patient.total", "alliance.difference.total"
COUNT, PER_EPISODE = "patients.seen", "sessions.attended_per_episode"

Column = tuple[Sequence[float], Sequence[float]]
"""Patients of each part, who are nobody else's and have one observation each; and their sums."""


def family(columns: Mapping[str, Column], *, totals: Sequence[float] | None = None) -> Partition:
    """Return parts by figure; the clinic has the sum of them unless said otherwise."""
    patients = np.array([people for people, _ in columns.values()], dtype=float).T
    sums = np.array([values for _, values in columns.values()], dtype=float).T
    return Partition(
        figures=tuple(columns),
        patients=patients,
        exclusive=patients,
        observations=patients,
        sums=sums,
        unsafe=(patients > 0) & (patients < STANDARD.minimum_patients),
        total_patients=patients.sum(axis=0) if totals is None else np.array(totals, dtype=float),
        ceilings=np.full((len(patients), 1), np.inf),
        is_settled=np.zeros(patients.shape, dtype=bool),
        is_listed=np.asarray((patients > 0).any(axis=1)),
        colleagues=True,
    )


def protects(parts: Partition, *hidden: int) -> bool:
    """Say whether hiding these keeps them from an outside reader, under the standard profile."""
    return parts.protects(np.array(hidden, dtype=bool), STANDARD)


def from_colleagues(parts: Partition, *hidden: int) -> bool:
    """Say whether hiding these keeps each of them from the others."""
    return parts.protects_from_colleagues(np.array(hidden, dtype=bool), STANDARD.minimum_patients)
