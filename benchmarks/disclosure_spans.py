"""What an attacker with several reports must not find: small groups in the months of a world.

The truth about a world, of which the attacker knows nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.disclosure_attack import readings
from benchmarks.disclosure_programme import CLINIC, Cell
from benchmarks.disclosure_worlds import MONTH
from rapport.disclosure import Profile
from rapport.disclosure.primary import is_unsafe
from rapport.months import Month, trailing
from rapport.statistics import FIGURES, Aggregates
from rapport.statistics.coding import encode
from rapport.statistics.courses import with_stages
from rapport.statistics.observations import collapse, observe

SPANS = (1, 2, 3)
"""Lengths, in months, of the small groups that are looked for."""

People = Mapping[str, Mapping[int, tuple[int, float]]]
"""Month → patient → observations and their sum, of one unit and figure."""

Truth = Mapping[str, Mapping[tuple[str, str], People]]
"""Clinic → unit and figure → who was there."""


@dataclass(frozen=True)
class Closes:
    """Reports of several months of one world, exact where they are shown."""

    published: Mapping[Month, Aggregates]
    world: Mapping[str, pd.DataFrame]
    truth: Truth
    _read: dict[Month, dict[str, dict[Cell, dict[str, Any]]]] = field(default_factory=dict)

    def readings_of(self, clinic: str) -> dict[Month, dict[Cell, dict[str, Any]]]:
        """Return what each report of one clinic says."""
        if not self._read:
            self._read.update({month: readings(one) for month, one in self.published.items()})
        return {month: told.get(clinic, {}) for month, told in self._read.items()}

    def group(self, clinic: str, spans: "Sequence[Span]") -> tuple[int, int, float]:
        """Return patients, observations and sum of some spans together."""
        found = [
            one
            for span in spans
            for month in span.months
            for one in self.truth[clinic].get((span.unit, span.figure), {}).get(month, {}).items()
        ]
        n, total = (sum(pair[place] for _, pair in found) for place in (0, 1))
        return len({patient for patient, _ in found}), int(n), float(total)

    def may_be_said(self, spans: "Sequence[Span]", clinic: str, profile: Profile) -> bool:
        """Whether what is known of some spans together could be printed of a group by itself."""
        patients, n, total = self.group(clinic, spans)
        kind = 0 if total == 0 else 1 if total == n else 2
        return patients >= _demanded(spans[0].figure, kind, profile)


@cache
def _demanded(figure: str, kind: int, profile: Profile) -> int:
    """Return of how many patients nobody (0), everybody (1) or some (2) may be said."""
    for patients in range(profile.minimum_alike):
        row = (figure, patients, 2 * patients, (0, 2 * patients, 1)[kind])
        names = ["figure", "n_patients", "n_observations", "total"]
        if not is_unsafe(pd.DataFrame([row], columns=names), pd.Series([profile.id])).iloc[0]:
            return patients
    return profile.minimum_alike


@dataclass(frozen=True)
class Span:
    """Months of a unit and figure."""

    unit: str
    figure: str
    months: tuple[str, ...]

    @property
    def cell(self) -> Cell:
        """The cell that stands for their sum."""
        return self.unit, f"{self.months[0]}+{len(self.months)}", self.figure


def small_spans(
    closes: Closes, clinic: str, figures: Sequence[str], profile: Profile
) -> Iterator[Span]:
    """Yield what must not be found of a clinic and its therapists: one to three months of few."""
    last = max(closes.published)
    months = [str(one) for one in trailing(last, 11 + len(closes.published))]
    for (unit, figure), by_month in closes.truth.get(clinic, {}).items():
        if figure not in figures:
            continue
        for length in SPANS:
            for start in range(len(months) - length + 1):
                chosen = tuple(months[start : start + length])
                people = [by_month[one] for one in chosen if one in by_month]
                if len(people) == length and len(set().union(*people)) < profile.minimum_patients:
                    yield Span(unit, figure, chosen)


def truth_of(world: Mapping[str, pd.DataFrame]) -> Truth:
    """Return who was there, of clinics and therapists."""
    frames = {name: frame for name, frame in world.items() if name != "clinics"}
    sessions = with_stages(frames["sessions"], world["clinics"])
    who = sessions.groupby(["clinic_id", "patient_id"]).ngroup()
    frames["sessions"] = sessions.assign(who=who)
    found: dict[str, Any] = {}
    for end in (MONTH.plus(-12), MONTH):
        _observed(found, frames, world["clinics"], end)
    return found


def _observed(
    found: dict[str, Any], frames: dict[str, pd.DataFrame], clinics: pd.DataFrame, end: Month
) -> None:
    """Enter the observations of the twelve months up to one; patients by their number."""
    coded, units = encode(frames, clinics, end)
    seen = coded["sessions"].drop_duplicates("patient").set_index("patient")["who"]
    cells = collapse(observe(coded, units))
    months, ids = [str(one) for one in units.months], list(FIGURES)
    is_share = np.array([one.kind != "count" for one in FIGURES.values()])
    own = cells[is_share[cells["figure"]]]
    own = own.assign(patient=own["patient"].map(seen))
    columns = ("therapist", "figure", "when", "patient", "n", "total")
    for person, figure, when, patient, n, total in zip(
        *(own[name].tolist() for name in columns), strict=True
    ):
        of_clinic = found.setdefault(units.clinics[units.clinic_of_therapist[person]], {})
        for unit in (CLINIC, units.therapists[person]):
            people = of_clinic.setdefault((unit, ids[figure]), {}).setdefault(months[when], {})
            before = people.get(patient, (0, 0.0))
            people[patient] = (before[0] + n, before[1] + total)
