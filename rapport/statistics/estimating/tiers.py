"""All units of one level at once: to which one each row belongs, and their estimates as rows."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.batches import dense
from rapport.statistics.coding import Codes, Units
from rapport.statistics.dyads import Coefficient
from rapport.statistics.estimating.rows import COLUMNS
from rapport.statistics.figures import ESTIMATES, Level

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tier:
    """The clinics, or the sectors.

    Attributes:
        level: ``clinic`` or ``sector``.
        of_clinic: Code of the unit that each clinic belongs to, by clinic code.
        n_units: Number of units.
    """

    level: Level
    of_clinic: Codes
    n_units: int

    def unit_of(self, frame: pd.DataFrame) -> Codes:
        """Return the unit of each row of a coded frame."""
        return np.asarray(self.of_clinic[frame["clinic"].to_numpy(np.int64)])

    def count(self, frame: pd.DataFrame, label: str = "patient") -> Codes:
        """Return the number of distinct labels of each unit.

        Args:
            frame: Coded rows.
            label: Column of codes from 0; no label belongs to two clinics.
        """
        labels, place = dense(frame[label].to_numpy(np.int64))
        owner = np.zeros(len(labels), dtype=np.int64)
        owner[place] = self.unit_of(frame)
        return np.bincount(owner, minlength=self.n_units).astype(np.int64)

    def rows(
        self,
        figure: str,
        chosen: Mask,
        estimate: tuple[Array, Array, Array],
        *,
        patients: Codes,
        observations: Codes,
    ) -> pd.DataFrame:
        """Return one row for each chosen unit; ends beyond the figure's limits are cut there.

        Args:
            figure: Figure id.
            chosen: Which units, shape (units,).
            estimate: Value, lower and upper end of each unit.
            patients: Patients of each unit.
            observations: Observations of each unit.
        """
        unit = np.flatnonzero(chosen)
        value, low, high = (one[unit] for one in estimate)
        one = ESTIMATES[figure]
        columns = {
            "level": self.level,
            "unit": unit,
            "figure": figure,
            "n_patients": patients[unit],
            "n_observations": observations[unit],
            "value": value,
            "low": np.maximum(low, -math.inf if one.minimum is None else one.minimum),
            "high": np.minimum(high, math.inf if one.maximum is None else one.maximum),
            "note": "",
        }
        return pd.DataFrame(columns, columns=COLUMNS)


def tiers(units: Units) -> Iterator[Tier]:
    """Yield the clinics, then the sectors."""
    every = np.arange(len(units.clinics), dtype=np.int64)
    yield Tier("clinic", every, len(every))
    yield Tier("sector", units.sector_of_clinic, len(units.sectors))


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimates of units, entry by entry; NaN where there is none."""

    value: Array
    low: Array
    high: Array

    @classmethod
    def empty(cls, n_units: int) -> "Estimates":
        """Return estimates without any number."""
        return cls(*(np.full(n_units, np.nan) for _ in range(3)))

    @property
    def ends(self) -> tuple[Array, Array, Array]:
        """Value, lower and upper end."""
        return self.value, self.low, self.high

    def enter(self, unit: int, found: Coefficient) -> None:
        """Put in the estimate of one unit."""
        self.value[unit], self.low[unit], self.high[unit] = found.value, found.low, found.high
