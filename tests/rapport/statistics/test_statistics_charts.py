"""Funnel limits and control charts: against R, worked by hand, and false alarms at their rate."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.control_charts import laney_p_chart, p_chart, signals, xmr_chart
from rapport.statistics.funnel import (
    adjusted_z,
    approximate_limit,
    exact_limit,
    over_dispersion,
)


def test_exact_funnel_limits_are_those_of_r(expected: dict[str, list[float]]) -> None:
    names = [name for name in expected if name.startswith("funnel.")]
    assert len(names) == 24
    for name in names:
        _, size, probability = name.split(".", 2)
        found = exact_limit(0.23, [int(size)], float(probability))
        assert found[0] == pytest.approx(expected[name][0], rel=1e-9, abs=1e-12), name


def test_approximate_limits_are_the_normal_ones() -> None:
    # 0.5 ± 1.959964 * 0.5 / sqrt(100)
    assert approximate_limit(0.5, [100], 0.975)[0] == pytest.approx(0.5979981992270027, rel=1e-12)
    assert approximate_limit(0.5, [100], 0.975, dispersion=4.0)[0] == pytest.approx(
        0.6959963984540054, rel=1e-12
    )


@pytest.mark.parametrize(
    ("target", "size", "p"), [(0, 5, 0.1), (1, 5, 0.1), (0.5, 0, 0.1), (0.5, 5, 1)]
)
def test_a_funnel_without_meaning_is_refused(target: float, size: int, p: float) -> None:
    with pytest.raises(StatisticsError, match="FUNNEL"):
        exact_limit(target, [size], p)


def test_over_dispersion_by_hand() -> None:
    # z = -2, 0, 2, drawn in at the 10 % and 90 % quantiles: ±1.6. φ = 2 · 2.56/3.
    # Equal weights w = 1: τ² = (3φ − 2)/(3 − 1).
    found = over_dispersion([-2.0, 0.0, 2.0], [1.0, 1.0, 1.0], 0.0)
    assert found.multiplicative == pytest.approx(5.12 / 3, rel=1e-12)
    assert found.additive == pytest.approx((5.12 - 2) / 2, rel=1e-12)
    assert adjusted_z([2.0], [1.0], 0.0, 3.0)[0] == pytest.approx(1.0)


def test_units_that_scatter_less_than_chance_are_not_over_dispersed() -> None:
    assert over_dispersion([0.1, -0.1, 0.0], [1.0, 1.0, 1.0], 0.0).additive == 0
    assert over_dispersion([], [], 0.0) == over_dispersion(np.array([]), np.array([]), 5.0)


def test_the_p_chart_by_hand() -> None:
    # p̄ = 30/300 = 0.1; limits 0.1 ± 3 sqrt(0.09/100) = 0.1 ± 0.09
    chart = p_chart([10, 15, 5], [100, 100, 100])
    assert chart.centre == pytest.approx(0.1)
    assert chart.lower == pytest.approx([0.01] * 3)
    assert chart.upper == pytest.approx([0.19] * 3)


def test_laneys_chart_widens_by_the_spread_of_z() -> None:
    # z = 0, 5/3, -5/3: moving ranges 5/3 and 10/3, mean 2.5; σ_z = 2.5/1.128
    chart = laney_p_chart([10, 15, 5], [100, 100, 100])
    assert chart.upper[0] == pytest.approx(0.1 + 0.09 * 2.5 / 1.128, rel=1e-12)
    assert chart.lower[0] == 0


def test_the_xmr_chart_by_hand() -> None:
    # mean 12, moving ranges 2, 4, 2 with mean 8/3
    chart = xmr_chart([12.0, 14.0, 10.0, 12.0])
    assert chart.centre == 12
    assert chart.upper == pytest.approx([12 + 2.66 * 8 / 3] * 4)


def test_screening_leaves_a_wild_range_out() -> None:
    series = [10.0, 11.0, 10.0, 11.0, 10.0, 11.0, 10.0, 60.0]
    assert xmr_chart(series, screen=True).upper[0] < xmr_chart(series).upper[0]


@pytest.mark.parametrize("series", [[], [1.0], [1.0, np.nan]])
def test_a_chart_needs_two_points(series: list[float]) -> None:
    with pytest.raises(StatisticsError, match="CHART"):
        xmr_chart(series)


@pytest.mark.parametrize("counts", [([], []), ([1], [0]), ([3], [2]), ([-1], [2])])
def test_a_chart_of_proportions_needs_counts(counts: tuple[list[int], list[int]]) -> None:
    with pytest.raises(StatisticsError, match="CHART"):
        p_chart(*counts)


def test_a_point_outside_is_named() -> None:
    series = [10.0, 11.0] * 8
    series[5] = 40.0
    found = [
        signal for signal in signals(xmr_chart(series, screen=True)) if signal.rule == "outside"
    ]
    assert [signal.points for signal in found] == [(5,)]


def test_seven_on_one_side_are_a_shift() -> None:
    series = [1.0, -1.0] * 4 + [1.0, 1.5, 1.0, 1.5, 1.0, 1.5, 1.0]
    found = [signal for signal in signals(xmr_chart(series)) if signal.rule == "shift"]
    assert len(found) == 1
    assert found[0].points[-7:] == tuple(range(8, 15))


def test_seven_rising_points_are_a_trend() -> None:
    series = [5.0, 4.0, 5.0, 4.0, 5.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 4.0]
    found = [signal for signal in signals(xmr_chart(series)) if signal.rule == "trend"]
    assert [signal.points for signal in found] == [tuple(range(5, 12))]


def test_a_short_series_is_read_for_points_outside_only() -> None:
    rising = [1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert {signal.rule for signal in signals(xmr_chart(rising))} == {"outside"}
    assert {signal.rule for signal in signals(xmr_chart([*rising, 12.0]))} > {"outside"}


def test_a_flat_series_has_no_signal() -> None:
    assert signals(xmr_chart([3.0] * 20)) == ()


def test_two_halves_are_a_long_run_with_few_crossings() -> None:
    rules = {signal.rule for signal in signals(xmr_chart([1.0, 1.1] * 10 + [5.0, 5.1] * 10))}
    assert {"long_run", "few_crossings"} <= rules


def test_false_alarms_of_points_outside_come_at_their_nominal_rate() -> None:
    # Known limits of three standard deviations: 0.27 % of normal points lie outside; limits that
    # are estimated from 24 points each make it somewhat more (about 0.9 % for XmR).
    random = np.random.default_rng(5)
    charts = [xmr_chart(random.normal(size=24)) for _ in range(1500)]
    share = np.mean([len([s for s in signals(c) if s.rule == "outside"]) / 24 for c in charts])
    assert 0.002 <= share <= 0.012


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=12, max_size=30), st.floats(0.5, 9), st.floats(-50, 50)
)
def test_rescaling_a_series_leaves_its_signals(
    series: list[int], factor: float, shift: float
) -> None:
    plain = signals(xmr_chart(series))
    moved = signals(xmr_chart(np.round(np.array(series) * 2.0 ** int(factor) + int(shift), 6)))
    assert {(s.rule, s.points) for s in plain} == {(s.rule, s.points) for s in moved}


def test_a_limit_cut_to_nothing_makes_no_point_at_nothing_a_warning() -> None:
    # p̄ = 0.1, n = 20: two standard deviations below lie at 0.1 − 2·0.0671 < 0, out of reach; two
    # above at 0.234.
    numerators = [0, 0, 2, 0, 0, 4, 2, 4, 3, 5, 0, 4]
    chart = p_chart(numerators, [20] * 12)
    assert chart.centre == pytest.approx(0.1)
    assert not [one for one in signals(chart) if one.rule == "near_limit"]


@pytest.mark.parametrize("share", [0.05, 0.1, 0.9])
def test_rare_events_do_not_warn_by_being_rare(share: float) -> None:
    # Two of three beyond two standard deviations: by the binomial in under 8 % of such series.
    rng = np.random.default_rng(11)
    series = rng.binomial(20, share, size=(400, 24))
    warned = [
        any(one.rule == "near_limit" for one in signals(p_chart(one_series, [20] * 24)))
        for one_series in series
    ]
    assert np.mean(warned) < 0.08
