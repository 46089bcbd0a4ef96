"""Frames as CSV text: shortest exact numbers, yes and no, nothing for what is missing."""

import numpy as np
import pandas as pd

from rapport.scoring.csv_text import cells_of, csv_text

FRAME = pd.DataFrame(
    {
        "number": [1.0, 2.25, np.nan, -0.5],
        "truth": pd.Series([True, False, None, pd.NA], dtype=object),
        "text": ["a", 'b"c', "d,e", None],
        "whole": [1, 20, 300, 4],
    }
)


def test_cells_are_texts_and_what_is_missing_is_empty() -> None:
    assert cells_of(FRAME) == [
        ("1", "yes", "a", "1"),
        ("2.25", "no", 'b"c', "20"),
        ("", "", "d,e", "300"),
        ("-0.5", "", "", "4"),
    ]


def test_numbers_are_rounded_half_up_where_digits_are_asked_for() -> None:
    assert [row[0] for row in cells_of(FRAME, digits=1)] == ["1", "2.3", "", "-0.5"]
    assert [row[0] for row in cells_of(FRAME, digits=0)] == ["1", "2", "", "-1"]


def test_texts_are_quoted_as_csv_needs_it() -> None:
    assert csv_text(FRAME[["text"]]) == 'text\na\n"b""c"\n"d,e"\n""\n'
