"""One row an estimate, before disclosure control: whose it is, what it rests on, its interval."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.coding import Units
from rapport.statistics.dyads import Coefficient
from rapport.statistics.figures import ESTIMATES, Level

ALL = "all"
"""The sector of what is said of all clinics together."""

TOO_FEW = "too_few"
"""Why there is no number: an estimate of so few patients would say nothing."""

COLUMNS = [
    "level", "unit", "figure", "n_patients", "n_observations", "value", "low", "high", "note",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom an estimate is of: some rows of the frames, by level and code.

    Attributes:
        level: ``clinic`` or ``sector``.
        unit: Code of the clinic or sector; −1 for all clinics together.
        clinics: Codes of the clinics whose rows it rests on.
    """

    level: Level
    unit: int
    clinics: npt.NDArray[np.int64]

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of a coded frame that belong to it."""
        return frame[np.isin(frame["clinic"].to_numpy(np.int64), self.clinics)]


def scopes(units: Units) -> Iterator[Scope]:
    """Yield every clinic, then every sector."""
    every = np.arange(len(units.clinics))
    for clinic in every:
        yield Scope("clinic", int(clinic), every[clinic : clinic + 1])
    for sector in range(len(units.sectors)):
        yield Scope("sector", sector, every[units.sector_of_clinic == sector])


def everybody(units: Units) -> Scope:
    """Return the scope of all clinics together."""
    return Scope("sector", -1, np.arange(len(units.clinics)))


def row(
    scope: Scope,
    figure: str,
    estimate: Coefficient | tuple[float, float, float],
    *,
    patients: int,
    observations: int,
) -> dict[str, object]:
    """Return one row; ends beyond the figure's limits are cut there.

    ``note`` is what is to be said of this one beside the figure's method, in sentences: here none.
    """
    value, low, high = (
        (estimate.value, estimate.low, estimate.high)
        if isinstance(estimate, Coefficient)
        else estimate
    )
    one = ESTIMATES[figure]
    bottom = -math.inf if one.minimum is None else one.minimum
    top = math.inf if one.maximum is None else one.maximum
    return {
        "level": scope.level,
        "unit": scope.unit,
        "figure": figure,
        "n_patients": patients,
        "n_observations": observations,
        "value": value,
        "low": max(low, bottom),
        "high": min(high, top),
        "note": "",
    }


def table(rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    """Return the rows that hold a number, or say that there are too few for one.

    Infinite ends of an interval are none.
    """
    found = pd.DataFrame(list(rows), columns=COLUMNS)
    numbers = ["value", "low", "high"]
    found[numbers] = found[numbers].astype(float).replace([np.inf, -np.inf], np.nan)
    return found
