"""Clinic-months as numbers."""

import pandas as pd

from expectations.slices import Slices
from rapport.monthly.slices import ClinicMonth

ONES = [
    ClinicMonth("beta", "2025-02"),
    ClinicMonth("alpha", "2025-02"),
    ClinicMonth("alpha", "2025-03"),
]
ROWS = pd.DataFrame(
    {
        "clinic_id": ["alpha", "alpha", "beta", "beta", "gamma", "alpha"],
        "month": ["2025-02", "2025-03", "2025-02", "2025-03", "2025-02", "2025-02"],
        "n": [1, 2, 4, 8, 16, 32],
    }
)


def test_each_row_belongs_to_its_own_clinic_month_or_to_none() -> None:
    assert Slices(ONES).codes(ROWS).tolist() == [1, 2, 0, -1, -1, 1]


def test_rows_of_no_known_clinic_month_are_not_counted() -> None:
    slices = Slices(ONES)
    codes = slices.codes(ROWS)
    assert slices.count(codes).tolist() == [1, 2, 1]
    assert slices.count(codes, (ROWS.n > 1).to_numpy()).tolist() == [1, 1, 1]


def test_numbers_are_added_up_by_clinic_month() -> None:
    known = ROWS.iloc[[0, 1, 2, 5]]
    slices = Slices(ONES)
    assert slices.total(slices.codes(known), known.n.to_numpy()).tolist() == [4, 33, 2]


def test_a_frame_without_rows_counts_nothing() -> None:
    slices = Slices(ONES)
    assert slices.count(slices.codes(ROWS.iloc[:0])).tolist() == [0, 0, 0]
