"""Intervals of proportions and clustered means, against published tables and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.intervals import clustered_mean, clustered_wilson, exact, wilson

# Newcombe (1998), Stat Med 17:857-872, Table I: methods 3 (Wilson) and 5 (Clopper-Pearson).
NEWCOMBE = [
    ((81, 263), (0.2553, 0.3662), (0.2527, 0.3676)),
    ((15, 148), (0.0624, 0.1605), (0.0578, 0.1617)),
    ((0, 20), (0.0000, 0.1611), (0.0000, 0.1684)),
    ((1, 29), (0.0061, 0.1718), (0.0009, 0.1776)),
]


@pytest.mark.parametrize(("counts", "expected", "_"), NEWCOMBE)
def test_wilson_gives_the_limits_of_newcombes_table(
    counts: tuple[int, int], expected: tuple[float, float], _: tuple[float, float]
) -> None:
    low, high = wilson([counts[0]], [counts[1]])
    assert (round(float(low[0]), 4), round(float(high[0]), 4)) == expected


@pytest.mark.parametrize(("counts", "_", "expected"), NEWCOMBE)
def test_exact_gives_the_limits_of_newcombes_table(
    counts: tuple[int, int], _: tuple[float, float], expected: tuple[float, float]
) -> None:
    low, high = exact([counts[0]], [counts[1]])
    assert (round(float(low[0]), 4), round(float(high[0]), 4)) == expected


@pytest.mark.parametrize("interval", [wilson, exact])
def test_no_observation_has_no_interval(interval) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    low, high = interval([0], [0])
    assert math.isnan(low[0])
    assert math.isnan(high[0])


@pytest.mark.parametrize(("numerator", "denominator"), [(-1, 5), (6, 5), (math.nan, 5)])
def test_a_numerator_outside_its_denominator_is_refused(
    numerator: float, denominator: float
) -> None:
    with pytest.raises(StatisticsError, match="NUMERATOR_OUTSIDE_DENOMINATOR"):
        wilson([numerator], [denominator])


@pytest.mark.parametrize("level", [0.0, 1.0, -0.5, math.nan])
def test_a_level_outside_zero_and_one_is_refused(level: float) -> None:
    with pytest.raises(StatisticsError, match="LEVEL"):
        wilson([1], [2], level=level)


@given(n=st.integers(1, 500), data=st.data())
def test_intervals_hold_the_proportion_and_mirror_with_it(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    for interval in (wilson, exact):
        low, high = interval([x], [n])
        mirrored_low, mirrored_high = interval([n - x], [n])
        assert 0 <= low[0] <= x / n <= high[0] <= 1
        assert low[0] == pytest.approx(1 - mirrored_high[0], abs=1e-9)
        assert high[0] == pytest.approx(1 - mirrored_low[0], abs=1e-9)


def test_clustered_wilson_with_one_observation_a_patient_is_nearly_wilson() -> None:
    # 40 patients, 12 successes: the design effect is 40/39, and t(39) takes the place of z.
    p, n = 12 / 40, 40
    error = math.sqrt(p * (1 - p) / (n - 1))
    low, high = clustered_wilson(
        np.array([12.0]), np.array([40.0]), np.array([error]), np.array([40.0]), np.array([39.0])
    )
    plain_low, plain_high = wilson([12], [40])
    assert low[0] == pytest.approx(plain_low[0], abs=0.01)
    assert high[0] == pytest.approx(plain_high[0], abs=0.01)
    assert high[0] - low[0] > plain_high[0] - plain_low[0]


def test_sessions_that_all_agree_count_as_many_as_patients() -> None:
    low, high = clustered_wilson(
        np.array([60.0]), np.array([60.0]), np.array([0.0]), np.array([6.0]), np.array([5.0])
    )
    # Wilson for 6 of 6 with t(5, .975) = 2.570582: low = 1/(1 + t²/6)
    assert low[0] == pytest.approx(1 / (1 + 2.5705818356363146**2 / 6), rel=1e-9)
    assert high[0] == 1


def test_one_patient_has_no_interval_however_many_sessions() -> None:
    nothing = np.array([np.nan])
    low, _ = clustered_wilson(np.array([3.0]), np.array([9.0]), nothing, np.array([1.0]), nothing)
    mean_low, _ = clustered_mean(np.array([3.0]), nothing, nothing)
    assert math.isnan(low[0])
    assert math.isnan(mean_low[0])


def test_a_mean_without_variation_has_no_interval() -> None:
    low, high = clustered_mean(np.array([3.0]), np.array([0.0]), np.array([5.0]))
    assert math.isnan(low[0])
    assert math.isnan(high[0])
