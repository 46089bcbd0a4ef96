"""Display rounds half away from zero; Python's own rounding is banker's."""

import numpy as np
import pytest

from rapport.scoring import in_words, round_half_up
from rapport.scoring.rounding import whole_half_up


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [
        (56.25, 1, 56.3),
        (0.5, 0, 1.0),
        (1.5, 0, 2.0),
        (2.5, 0, 3.0),
        (-0.5, 0, -1.0),
        (1.005, 2, 1.01),
    ],
)
def test_a_half_goes_up(value: float, digits: int, expected: float) -> None:
    # 9 of 16 = 56.25 % is published by NHS England as 56.3
    assert round_half_up(value, digits) == expected


def test_what_is_not_a_number_stays_so() -> None:
    assert np.isnan(round_half_up(float("nan"), 1))
    assert in_words(float("nan")) == "–"
    assert in_words(None) == "–"


def test_print_keeps_the_digits_asked_for() -> None:
    assert in_words(2.0, 1) == "2.0"
    assert in_words(56.25) == "56.3"


def test_whole_numbers_by_array() -> None:
    assert whole_half_up([0.5, 1.4999999, 20.499999999999996, -2.5]).tolist() == [
        1.0,
        1.0,
        21.0,
        -3.0,
    ]
