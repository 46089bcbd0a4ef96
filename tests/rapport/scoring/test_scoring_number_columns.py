"""Columns of scores: a number, missing, out of range, or no number at all."""

import numpy as np
import pytest

from rapport.errors import ScoringError
from rapport.exports.table import Table
from rapport.scoring.item_mapping import TableFormat
from rapport.scoring.number_columns import numbers_of, place_of


def column(*cells: str) -> Table:
    return Table(header=("score",), rows=[[cell] for cell in cells], lines=range(2, 2 + len(cells)))


def test_every_cell_is_one_of_four_things() -> None:
    found = numbers_of(
        column("3", "-2.5", "", "NA", "x", "11", "1e3"),
        ("score",),
        TableFormat(missing_codes=("NA",)),
        limits=(-3, 10),
    )
    values = found.values[:, 0]
    assert values[:2].tolist() == [3, -2.5]
    assert np.isnan(values[2:]).all()
    assert np.flatnonzero(found.is_unreadable[:, 0]).tolist() == [4, 6]
    assert np.flatnonzero(found.is_out_of_range[:, 0]).tolist() == [5]


@pytest.mark.parametrize(("digits", "is_unreadable"), [(29, False), (30, True)])
def test_a_number_of_thirty_digits_is_no_score(digits: int, is_unreadable: bool) -> None:
    found = numbers_of(column("1" * digits), ("score",), TableFormat())
    assert found.is_unreadable[0, 0] == is_unreadable


@pytest.mark.parametrize(
    ("header", "rule", "message"),
    [
        (("a", "b"), "MISSING_COLUMN", "This column is not in the table."),
        (("score", "score"), "DUPLICATE_COLUMN", "This column stands more than once."),
    ],
)
def test_a_column_that_does_not_stand_once_is_told(
    header: tuple[str, ...], rule: str, message: str
) -> None:
    with pytest.raises(ScoringError) as told:
        place_of(Table(header=header, rows=[["1", "2"]], lines=(2,)), "score")
    (fault,) = told.value.faults
    assert (fault.rule, fault.message, fault.column) == (rule, message, "score")
