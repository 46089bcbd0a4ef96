"""Errors of shrunken estimates: against matrices written out, by hand, and in small worlds."""

import numpy as np
import pandas as pd
import pytest

from rapport.statistics.prediction_errors import prediction_sd
from rapport.statistics.random_intercept import fit_random_intercept
from rapport.statistics.therapist_effects import therapist_effects


def _world(random: np.random.Generator, groups: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    code = np.repeat(np.arange(groups), random.integers(3, 20, groups))
    x = random.normal(size=len(code))
    y = 0.5 * x + random.normal(0, 0.5, groups)[code] + random.normal(size=len(code))
    return y, code, np.column_stack([np.ones(len(code)), x])


def test_without_the_part_of_the_variance_it_is_the_error_of_the_mixed_model_equations() -> None:
    # Henderson's equations: the inverse of (X'X X'Z; Z'X Z'Z + σ²/τ²) times σ².
    y, code, x = _world(np.random.default_rng(1), 15)
    fit = fit_random_intercept(y, code, x, 15)
    z = (code[:, None] == np.arange(15)).astype(float)
    whole = np.hstack([x, z])
    penalty = np.diag([0.0, 0.0] + [fit.within / fit.between] * 15)
    covariance = fit.within * np.linalg.inv(whole.T @ whole + penalty)
    own = np.array([x[code == group].mean(axis=0) for group in range(15)])
    at = np.array([1.0, 0.3])
    reach = np.hstack([np.tile(at, (15, 1)), np.eye(15)])
    total = fit.within + fit.sizes * fit.between
    by_variance = fit.within**2 * fit.sizes / total**3 * 2 / ((fit.sizes / total) ** 2).sum()
    expected = np.einsum("ji,ik,jk->j", reach, covariance, reach) + 2 * by_variance
    assert prediction_sd(fit, own, at) == pytest.approx(np.sqrt(expected), rel=1e-8)


def test_equal_groups_have_the_error_that_can_be_worked_out_by_hand() -> None:
    # Groups 1,2,3 and 7,8,9: τ² = 53/3, σ² = 1, λ = 53/54; total 1 + 3 · 53/3 = 54.
    # g₁ = 53/3 · 1/54; g₂ = (1/54)² · 54/6; g₃ = 3/54³ · 2/(2 · (3/54)²) = 1/162.
    fit = fit_random_intercept([1, 2, 3, 7, 8, 9], [0, 0, 0, 1, 1, 1], np.ones((6, 1)), 2)
    found = prediction_sd(fit, np.ones((2, 1)), [1.0])
    expected = 53 / 162 + 9 / 54**2 + 2 / 162 * 1
    assert found**2 == pytest.approx([expected] * 2, rel=1e-8)


def test_where_therapists_do_not_seem_to_differ_the_interval_still_has_a_width() -> None:
    frame = pd.DataFrame({"therapist_id": list("aabb") * 5, "y": [1.0, 9, 1.1, 9.1] * 5})
    found = therapist_effects(frame, outcome="y", minimum=1)
    assert found.between == 0
    assert (found.therapists["high"] - found.therapists["low"] > 1).all()


def test_a_group_without_patients_is_as_uncertain_as_a_new_one() -> None:
    y, code, x = _world(np.random.default_rng(2), 10)
    fit = fit_random_intercept(y, code, x, 11)
    own = np.full((11, 2), np.nan)
    own[:10] = [x[code == group].mean(axis=0) for group in range(10)]
    found = prediction_sd(fit, own, [1.0, 0.0])
    assert found[10] == pytest.approx(np.sqrt(fit.between + fit.covariance[0, 0]))
    assert found[10] > found[:10].max()


def test_ten_therapists_who_differ_little_are_covered_all_the_same() -> None:
    random = np.random.default_rng(20260302)
    covered, naive, asked = 0, 0, 0
    for _ in range(60):
        truth = random.normal(0, np.sqrt(0.02), 10)
        code = np.repeat(np.arange(10), random.integers(10, 41, 10))
        y = truth[code] + random.normal(0, np.sqrt(0.98), len(code))
        frame = pd.DataFrame({"therapist_id": code, "y": y})
        table = therapist_effects(frame, outcome="y", minimum=1).therapists
        covered += int(((table["low"] <= truth) & (truth <= table["high"])).sum())
        fit = fit_random_intercept(y, code, np.ones((len(y), 1)), 10)
        away = np.abs(fit.coefficients[0] + fit.effects - truth)
        naive += int((away <= 1.959963984540054 * fit.posterior_sd).sum())
        asked += 10
    assert 0.93 <= covered / asked <= 0.99
    assert naive / asked < 0.8
