"""A small calibration: intervals cover, shrinkage pays, charts keep to their rates."""

import math

import numpy as np
import pytest

from benchmarks.calibrating import models, simple
from benchmarks.calibrating.cases import Case, Coverage, all_hold, holds, run
from benchmarks.calibrating.charts import RULES, false_signals, nominal
from benchmarks.calibrating.shrinkage import gains
from benchmarks.calibration import (
    CASES,
    coverage_table,
    coverages,
    gain_table,
    signal_table,
)
from rapport.statistics.dyads import NOTHING, coefficient

# Quick cases of every family, with the worlds that make the Monte-Carlo error about 1 %.
QUICK = (
    (simple.clustered_means(40), 120),
    (simple.clustered_shares(50, 0.7), 120),
    (simple.shares("Wilson", 10, 40), 100),
    (simple.correlations(20), 400),
    (simple.effects(100, "d_pre"), 400),
    (models.therapists(20, 0.08, of="each"), 60),
    (models.truths(60), 120),
    (models.surfaces(100), 160),
    (models.alone(60), 100),
)


@pytest.mark.parametrize(("case", "worlds"), QUICK, ids=[case.what for case, _ in QUICK])
def test_intervals_of_95_percent_cover_as_much(case: Case, worlds: int) -> None:
    found = run(Case(case.what, case.regime, case.draw), worlds=worlds, seed=20260303)
    assert found.asked >= worlds
    assert abs(found.coverage - 0.95) <= 0.01 + 3 * found.error


def test_every_case_draws_a_world_and_gives_intervals() -> None:
    slow = ("levels", "alpha")
    for case in CASES:
        if case.cost < 8 and not case.what.startswith(slow):
            drawn = case.draw(np.random.default_rng(1))
            assert set(drawn[np.isfinite(drawn)]) <= {0.0, 1.0}, case.what
            assert np.isfinite(drawn).any(), case.what


def test_the_case_of_sessions_taken_for_independent_is_found_short() -> None:
    found = run(simple.kappas(100, by_patient=False), worlds=300, seed=1)
    assert found.verdict == "(short)"


def test_shrunken_estimates_beat_raw_means_in_every_regime() -> None:
    for gain in gains(worlds=3, seed=20260304):
        assert gain.ratio < 1, gain.regime


def test_rules_signal_by_chance_as_often_as_is_counted_exactly() -> None:
    for found in false_signals(worlds=400, seed=20260305, charts=("xmr",)):
        error = math.sqrt(found.nominal * (1 - found.nominal) / 400)
        assert abs(found.known - found.nominal) <= 4 * error, found.rule


def test_exact_rates_are_those_of_all_tosses_and_orders() -> None:
    # Seven points: all on one side in two of 128 tosses; sorted in two of 7! orders.
    assert nominal("shift", 7) == pytest.approx(2 / 128)
    assert nominal("trend", 7) == pytest.approx(2 / math.factorial(7))
    assert [nominal("shift", 6), nominal("trend", 6)] == pytest.approx([0, 0], abs=1e-12)
    # Twelve points, six on each side: a run of more than seven cannot be.
    assert nominal("long_run", 12) == 0
    # Three points, two of them beyond two deviations on one side.
    tail = 0.5 * math.erfc(math.sqrt(2))
    assert nominal("near_limit", 3) == pytest.approx(
        2 * (3 * tail**2 * (1 - tail) + tail**3), rel=1e-9
    )
    assert all(0 < nominal(rule) < 0.15 for rule in RULES)


def test_coverage_counts_what_was_given_and_says_how_sure_it_is() -> None:
    answers = iter([np.array([1.0, 1.0, np.nan]), np.array([1.0, 0.0, 1.0])])
    found = run(Case("x", "y", lambda _: next(answers)), worlds=2, seed=0)
    assert (found.asked, found.coverage) == (5, 0.8)
    assert found.error > 0


@pytest.mark.parametrize(
    ("coverage", "is_target", "verdict"),
    [(0.95, True, "kept"), (0.90, True, "short"), (0.99, True, "wide"), (0.90, False, "(short)")],
)
def test_a_verdict_allows_for_two_monte_carlo_errors(
    coverage: float, is_target: bool, verdict: str
) -> None:
    case = Case("x", "y", lambda _: np.ones(1), is_target)
    assert Coverage(case, 100, 100, coverage, 0.005).verdict == verdict


def test_an_interval_that_is_not_given_neither_holds_nor_misses() -> None:
    assert holds([1.0, 1.0], [0.0, np.nan], [2.0, np.nan])[0] == 1
    assert math.isnan(all_hold([1.0], [NOTHING])[0])
    assert all_hold([5.0], [coefficient(1.0, 1.0)])[0] == 0


def test_the_same_seed_gives_the_same_tables_and_they_can_be_printed() -> None:
    cases = (simple.correlations(20), simple.effects(30, "d_z"))
    first, second = ([*coverages(cases, worlds=5)] for _ in range(2))
    assert first == second
    assert coverage_table(first).row_count == len(cases)
    assert gain_table(gains(worlds=2, seed=1)).row_count == 6
    assert signal_table(false_signals(worlds=2, seed=1)).row_count == 3 * len(RULES)
