"""Therapist effects against lme4, published formulas, and worlds whose truth is known."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.random_intercept import fit_random_intercept
from rapport.statistics.therapist_effects import (
    anova_variance,
    patients_needed,
    therapist_effects,
)

Expected = dict[str, list[float]]
Read = Callable[[str], pd.DataFrame]

# lme4 stops where its optimiser is content; 2e-5 is what two optimisers of it differ by.
ITERATIVE = 2e-5


@pytest.mark.parametrize(("label", "covariates"), [("plain", ()), ("adjusted", ("severity",))])
def test_the_fit_is_that_of_lme4(
    expected: Expected, r_data: Read, label: str, covariates: tuple[str, ...]
) -> None:
    patients = r_data("patients")
    codes, ids = pd.factorize(patients["therapist_id"], sort=True)
    columns = [patients[name] - patients[name].mean() for name in covariates]
    design = np.column_stack([np.ones(len(patients)), *columns])
    fit = fit_random_intercept(patients["outcome"], codes, design, len(ids))
    assert fit.between == pytest.approx(expected[f"{label}.between"][0], rel=ITERATIVE)
    assert fit.within == pytest.approx(expected[f"{label}.within"][0], rel=ITERATIVE)
    assert fit.criterion == pytest.approx(expected[f"{label}.criterion"][0], abs=1e-8)
    assert fit.criterion <= expected[f"{label}.criterion"][0] + 1e-9
    assert fit.coefficients == pytest.approx(expected[f"{label}.coefficient"], rel=ITERATIVE)
    errors = np.sqrt(np.diag(fit.covariance))
    assert errors == pytest.approx(expected[f"{label}.error"], rel=ITERATIVE)
    assert fit.effects == pytest.approx(expected[f"{label}.effect"], abs=1e-4)
    assert fit.posterior_sd == pytest.approx(expected[f"{label}.posterior_sd"], rel=ITERATIVE)


def test_the_profile_interval_ends_where_the_likelihood_has_fallen_enough(r_data: Read) -> None:
    patients = r_data("patients")
    codes, ids = pd.factorize(patients["therapist_id"], sort=True)
    ones = np.ones((len(patients), 1))
    fit = fit_random_intercept(patients["outcome"], codes, ones, len(ids))
    for icc in (fit.icc_low, fit.icc_high):
        assert _criterion(patients["outcome"], codes, icc) - fit.criterion == pytest.approx(
            3.841458820694124, abs=1e-6
        )


def _criterion(outcome: pd.Series, codes: np.ndarray, icc: float) -> float:
    """The restricted likelihood written out with full matrices, as an independent check."""
    y, x = outcome.to_numpy(), np.ones((len(outcome), 1))
    same = codes[:, None] == codes[None, :]
    v = np.eye(len(y)) + icc / (1 - icc) * same
    inverse = np.linalg.inv(v)
    xx = x.T @ inverse @ x
    residual = y - x @ np.linalg.solve(xx, x.T @ inverse @ y)
    df = len(y) - 1
    quadratic = float(residual @ inverse @ residual)
    logs = np.linalg.slogdet(v)[1] + np.linalg.slogdet(xx)[1]
    return float(logs + df * (1 + math.log(2 * math.pi * quadratic / df)))


def test_balanced_groups_give_the_anova_estimate() -> None:
    # Groups 1,2,3 and 7,8,9: MSB = 54, MSW = 1, n = 3.
    fit = fit_random_intercept([1, 2, 3, 7, 8, 9], [0, 0, 0, 1, 1, 1], np.ones((6, 1)), 2)
    assert fit.between == pytest.approx(53 / 3, rel=1e-9)
    assert fit.within == pytest.approx(1.0, rel=1e-9)
    assert fit.reliabilities == pytest.approx([53 / 54] * 2, rel=1e-9)
    assert fit.effects == pytest.approx([-3 * 53 / 54, 3 * 53 / 54], rel=1e-9)


def test_groups_that_differ_less_than_chance_have_no_variance_between_them() -> None:
    fit = fit_random_intercept([1.0, 9, 1.1, 9.1], [0, 0, 1, 1], np.ones((4, 1)), 2)
    assert fit.icc == 0
    assert fit.between == 0
    assert np.all(fit.effects == 0)
    assert fit.icc_low == 0


def test_anova_gives_the_icc_and_interval_of_shrout_and_fleiss(expected: Expected) -> None:
    # Shrout & Fleiss (1979), Table 2; ICC(1,1) = .17. Interval as psych::ICC gives it.
    table = np.array(
        [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
    )
    found = anova_variance(np.full(6, 4), table.sum(axis=1), (table**2).sum(axis=1))
    assert [found.icc, found.icc_low, found.icc_high] == pytest.approx(expected["icc1"], abs=1e-9)


@pytest.mark.parametrize(("reliability", "icc", "n"), [(0.7, 0.05, 44.33), (0.7, 0.08, 26.83)])
def test_patients_needed_for_a_reliable_estimate(reliability: float, icc: float, n: float) -> None:
    assert patients_needed(reliability, icc) == pytest.approx(n, abs=0.01)


def test_where_patients_of_a_therapist_are_all_alike_none_is_needed() -> None:
    assert patients_needed(0.7, 1.0) == 0.0


def test_where_nobody_differs_no_number_of_patients_is_enough() -> None:
    assert patients_needed(0.7, 0.0) == math.inf


@pytest.mark.parametrize(
    ("reliability", "icc"), [(0, 0.1), (1, 0.1), (0.7, 1.1), (0.7, -0.1), (0.7, math.nan)]
)
def test_patients_needed_refuses_what_has_no_meaning(reliability: float, icc: float) -> None:
    with pytest.raises(StatisticsError, match="RELIABILITY"):
        patients_needed(reliability, icc)


def test_too_few_patients_give_no_estimate_and_no_interval(r_data: Read) -> None:
    found = therapist_effects(r_data("patients"), outcome="outcome", minimum=10).therapists
    few = found[found["n_patients"] < 10]
    assert len(few) == 8
    assert few[["estimate", "low", "high"]].isna().all(axis=None)
    assert not few["is_enough"].any()
    assert found.loc[found["is_enough"], "estimate"].notna().all()


def test_a_therapist_without_patients_changes_nothing_for_the_others(r_data: Read) -> None:
    patients = r_data("patients")
    empty = pd.DataFrame({"therapist_id": ["zz"], "outcome": [np.nan], "severity": [1.0]})
    both = pd.concat([patients, empty], ignore_index=True)
    before = therapist_effects(patients, outcome="outcome").therapists
    after = therapist_effects(both, outcome="outcome").therapists
    pd.testing.assert_frame_equal(before, after.iloc[:-1])
    assert after.iloc[-1]["n_patients"] == 0


def test_estimates_lie_between_the_own_mean_and_the_common_one(r_data: Read) -> None:
    found = therapist_effects(r_data("patients"), outcome="outcome", minimum=1)
    table = found.therapists
    nearer = (table["estimate"] - table["expected"]).abs() <= (
        table["mean"] - table["expected"]
    ).abs()
    assert nearer.all()


@settings(max_examples=20, deadline=None)
@given(factor=st.floats(0.1, 20), shift=st.floats(-100, 100), seed=st.integers(0, 2**16))
def test_rescaling_flipping_and_permuting_carry_through(
    factor: float, shift: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    group = random.integers(0, 6, 60)
    frame = pd.DataFrame(
        {
            "therapist_id": group.astype(str),
            "y": random.normal(group, 3.0),
            "x": random.normal(size=60),
        }
    )
    plain = therapist_effects(frame, outcome="y", covariates=("x",), minimum=1)
    moved = frame.assign(y=shift - factor * frame["y"]).sample(frac=1, random_state=seed)
    other = therapist_effects(moved, outcome="y", covariates=("x",), minimum=1)
    assert other.icc == pytest.approx(plain.icc, abs=1e-7)
    assert other.between == pytest.approx(plain.between * factor**2, rel=1e-5, abs=1e-7)
    assert other.therapists["estimate"].to_numpy() == pytest.approx(
        shift - factor * plain.therapists["estimate"].to_numpy(), rel=1e-6, abs=1e-5
    )
    assert other.therapists["low"].to_numpy() == pytest.approx(
        shift - factor * plain.therapists["high"].to_numpy(), rel=1e-6, abs=1e-5
    )


@pytest.mark.parametrize(
    ("rows", "rule"),
    [
        ([], "ONE_THERAPIST"),
        ([("a", 1.0)], "ONE_THERAPIST"),
        ([("a", 1.0), ("b", 2.0)], "NO_ERROR"),
        ([("a", 1.0), ("a", 1.0), ("b", 2.0), ("b", 2.0)], "NO_ERROR"),
    ],
)
def test_too_little_to_tell_is_refused(rows: list[tuple[str, float]], rule: str) -> None:
    frame = pd.DataFrame(rows, columns=["therapist_id", "y"])
    with pytest.raises(StatisticsError, match=rule):
        therapist_effects(frame, outcome="y")


def test_a_covariate_that_follows_from_another_is_refused(r_data: Read) -> None:
    frame = r_data("patients").assign(twice=lambda table: table["severity"] * 2)
    with pytest.raises(StatisticsError, match="RANK"):
        therapist_effects(frame, outcome="outcome", covariates=("severity", "twice"))


def test_in_a_known_world_shrunken_estimates_beat_raw_means_and_intervals_cover() -> None:
    random = np.random.default_rng(20260228)
    raw_error, shrunken_error, covered, asked = 0.0, 0.0, 0, 0
    for _ in range(20):
        truth = random.normal(10, 0.5, 100)
        sizes = random.integers(5, 40, 100)
        group = np.repeat(np.arange(100), sizes)
        frame = pd.DataFrame(
            {
                "therapist_id": [f"t{code:03d}" for code in group],
                "y": random.normal(truth[group], 2.0),
            }
        )
        table = therapist_effects(frame, outcome="y", minimum=1).therapists
        raw_error += float(((table["mean"] - truth) ** 2).sum())
        shrunken_error += float(((table["estimate"] - truth) ** 2).sum())
        covered += int(((table["low"] <= truth) & (truth <= table["high"])).sum())
        asked += 100
    assert shrunken_error < 0.75 * raw_error
    assert 0.93 <= covered / asked <= 0.97
