"""Display rounds half away from zero; Python's own rounding is banker's."""

import numpy as np
import pytest

from rapport.scoring import in_words, round_half_up
from rapport.scoring.rounding import whole_half_up, without_noise


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


def test_whole_numbers_are_what_rounding_gives_unless_digits_are_asked_for() -> None:
    assert (round_half_up(2.5), round_half_up(24.49), round_half_up(125.0)) == (3, 24, 125)


def test_noise_of_adding_decimals_goes_and_nothing_else() -> None:
    assert without_noise(5.1 + 2.0 + 9.7 + 8.2) == 25
    assert without_noise(1.123456789) == 1.123456789
    assert without_noise(1.1234567891) == 1.123456789
    assert np.isnan(without_noise([np.nan])).tolist() == [True]


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
