"""Each item's cells are held against its own scale."""

import numpy as np
import pytest

from rapport.exports.table import Table
from rapport.instruments import load_catalogue
from rapport.scoring.item_cells import item_cells
from rapport.scoring.item_mapping import ItemMapping

RUPTURE = load_catalogue()["psq-rupture"]  # first item 0-1, the others 1-5


def test_items_of_different_scales_allow_different_answers() -> None:
    rows = [["0", "1", "5"], ["1", "0", "0"], ["5", "5", "6"], ["", "3", ""]]
    table = Table(header=("a", "b", "c"), rows=rows, lines=(2, 3, 4, 5))
    found = item_cells(table, ("a", "b", "c"), RUPTURE, ItemMapping())
    assert found.is_out_of_range.tolist() == [
        [False, False, False], [False, True, True], [True, False, True], [False, False, False],
    ]  # fmt: skip
    assert found.answers.tolist()[0] == [0, 1, 5]
    assert np.isnan(found.answers[3]).tolist() == [True, False, True]
    assert not found.is_unreadable.any()
    assert found.is_whole.all()


@pytest.mark.parametrize("name", ["b", "c"])
def test_columns_are_taken_by_name_and_not_by_place(name: str) -> None:
    table = Table(header=("a", "b", "c"), rows=[["0", "2", "4"]], lines=(2,))
    other = "c" if name == "b" else "b"
    found = item_cells(table, ("a", name, other), RUPTURE, ItemMapping())
    assert found.answers.tolist() == [[0, 2, 4] if name == "b" else [0, 4, 2]]
