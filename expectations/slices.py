"""Clinic-months as numbers: which one each row of a frame belongs to, and counting by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.monthly.slices import ClinicMonth

Codes = npt.NDArray[np.intp]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

NAMES = ["clinic_id", "month"]
"""The columns that say to which clinic-month a row belongs."""


@dataclass(frozen=True)
class Slices:
    """Different clinic-months, numbered from 0 in the order given."""

    ones: Sequence[ClinicMonth]

    def __len__(self) -> int:
        return len(self.ones)

    def codes(self, frame: pd.DataFrame) -> Codes:
        """Return the number of each row's clinic-month, shape (n,); -1 if it is none of these."""
        clinic_codes, clinics = pd.factorize(frame["clinic_id"])
        month_codes, months = pd.factorize(frame["month"])
        place_of_clinic = {name: place for place, name in enumerate(clinics)}
        place_of_month = {name: place for place, name in enumerate(months)}
        numbers = np.full((len(clinics) + 1, len(months) + 1), -1, dtype=np.intp)
        for number, one in enumerate(self.ones):
            if one.clinic_id in place_of_clinic and one.month in place_of_month:
                numbers[place_of_clinic[one.clinic_id], place_of_month[one.month]] = number
        found: Codes = numbers[clinic_codes, month_codes]
        return found

    def count(self, codes: Codes, among: Mask | None = None) -> Numbers:
        """Count rows in each clinic-month; rows of none of them are not counted.

        Args:
            codes: From :meth:`codes`.
            among: Which rows to count, shape (n,); all of them if it is not given.
        """
        counted = codes if among is None else codes[among]
        return np.bincount(counted[counted >= 0], minlength=len(self)).astype(float)

    def total(self, codes: Codes, values: npt.NDArray[Any]) -> Numbers:
        """Add up whole numbers in each clinic-month."""
        return np.bincount(codes, weights=values, minlength=len(self)).astype(float)

    def sums(self, codes: Codes, columns: Numbers) -> Numbers:
        """Add up each column in each clinic-month; rows of none of them are left out.

        Args:
            codes: From :meth:`codes`, ascending.
            columns: Numbers, shape (n, columns).

        Returns:
            Shape (clinic-months, columns); 0 where there is no row.
        """
        found = np.zeros((len(self), columns.shape[1]))
        present, starts = np.unique(codes, return_index=True)
        if len(starts):
            kept = present >= 0
            found[present[kept]] = np.add.reduceat(columns, starts, axis=0)[kept]
        return found
