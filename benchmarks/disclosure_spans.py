"""What an attacker with several reports must not find: small groups in the months of a world.

The truth about a world, of which the attacker knows nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.disclosure_attack import readings
from benchmarks.disclosure_programme import CLINIC, Cell
from benchmarks.disclosure_worlds import MONTH
from rapport.disclosure import Profile
from rapport.months import Month, trailing
from rapport.statistics import FIGURES, Aggregates
from rapport.statistics.coding import encode
from rapport.statistics.courses import with_stages
from rapport.statistics.observations import collapse, observe

SPANS = (1, 2, 3)
"""Lengths, in months, of the small groups that are looked for."""


@dataclass(frozen=True)
class Closes:
    """Reports of several months of one world, exact where they are shown."""

    published: Mapping[Month, Aggregates]
    world: Mapping[str, pd.DataFrame]
    truth: pd.DataFrame
    _read: dict[str, dict[Month, dict[Cell, dict[str, Any]]]] = field(default_factory=dict)

    def readings_of(self, clinic: str) -> dict[Month, dict[Cell, dict[str, Any]]]:
        """Return what each report of one clinic says."""
        if clinic not in self._read:
            self._read.clear()  # one clinic is attacked after the other
            self._read[clinic] = {
                month: readings(one, clinic) for month, one in self.published.items()
            }
        return self._read[clinic]


@dataclass(frozen=True)
class Span:
    """Consecutive months of a unit and figure that rest on few patients."""

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
    """Yield what must not be found of a clinic and its therapists."""
    last = max(closes.published)
    months = [str(one) for one in trailing(last, 11 + len(closes.published))]
    own = closes.truth[(closes.truth["clinic"] == clinic) & closes.truth["figure"].isin(figures)]
    for unit, rows in [(CLINIC, own), *own.groupby("therapist")]:
        for figure, of_figure in rows.groupby("figure"):
            by_month = of_figure.groupby("month")["patient"].agg(set).to_dict()
            for length in SPANS:
                for start in range(len(months) - length + 1):
                    span = tuple(months[start : start + length])
                    people = [by_month[one] for one in span if one in by_month]
                    if len(people) == length and _are_few(people, profile):
                        yield Span(str(unit), str(figure), span)


def _are_few(people: Sequence[set[int]], profile: Profile) -> bool:
    return len(set().union(*people)) < profile.minimum_patients


def truth_of(world: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return who was there: ``clinic``, ``therapist``, ``patient``, ``month``, ``figure``."""
    frames = {name: frame for name, frame in world.items() if name != "clinics"}
    frames["sessions"] = with_stages(frames["sessions"], world["clinics"])
    ids = np.array(list(FIGURES), dtype=object)
    parts: list[pd.DataFrame] = []
    for end in (MONTH.plus(-12), MONTH):
        coded, units = encode(frames, world["clinics"], end)
        cells = collapse(observe(coded, units))
        therapist = cells["therapist"].to_numpy()
        names = np.array([str(one) for one in units.months], dtype=object)
        clinic = np.array(units.clinics, dtype=object)[units.clinic_of_therapist[therapist]]
        found = pd.DataFrame(
            {
                "clinic": clinic,
                "therapist": np.array(units.therapists, dtype=object)[therapist],
                "month": names[cells["when"].to_numpy()],
                "figure": ids[cells["figure"].to_numpy()],
            }
        )
        patient = pd.factorize(pd.Series(zip(clinic, cells["patient"], strict=True)))[0]
        parts.append(found.assign(patient=patient + len(parts) * len(cells)))
    return pd.concat(parts, ignore_index=True)
