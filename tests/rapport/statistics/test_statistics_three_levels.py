"""Patients in therapists in clinics: against lme4, dense matrices, and known truth."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.random_intercept import fit_random_intercept
from rapport.statistics.three_levels import ThreeLevels, fit_three_levels

Expected = dict[str, list[float]]
Read = Callable[[str], pd.DataFrame]

# lme4 stops where its optimiser is content.
ITERATIVE = 2e-5


def _fit(nested: pd.DataFrame) -> ThreeLevels:
    therapist, ids = pd.factorize(nested["therapist"], sort=True)
    clinic, _ = pd.factorize(pd.Series(ids).str[:3], sort=True)
    x = nested["x"] - nested["x"].mean()
    return fit_three_levels(nested["y"], therapist, clinic, np.column_stack([np.ones(len(x)), x]))


def test_the_fit_is_that_of_lme4(relations: Expected, r_data: Read) -> None:
    fit = _fit(r_data("nested"))
    assert fit.criterion <= relations["nested.criterion"][0] + 1e-8
    assert fit.criterion == pytest.approx(relations["nested.criterion"][0], abs=1e-7)
    found = [fit.therapists.variance, fit.clinics.variance, fit.within]
    names = ["nested.therapist", "nested.clinic", "nested.within"]
    assert found == pytest.approx([relations[name][0] for name in names], rel=ITERATIVE)
    assert fit.coefficients == pytest.approx(relations["nested.coefficient"], rel=ITERATIVE)
    errors = np.sqrt(np.diag(fit.covariance))
    assert errors == pytest.approx(relations["nested.error"], rel=ITERATIVE)


def test_shrunken_effects_and_their_errors_are_those_of_lme4(
    relations: Expected, r_data: Read
) -> None:
    fit = _fit(r_data("nested"))
    assert fit.clinics.effects == pytest.approx(relations["nested.effect.clinic"], abs=1e-4)
    assert fit.clinics.posterior_sd == pytest.approx(relations["nested.sd.clinic"], rel=1e-4)
    name = "therapist:clinic"
    assert fit.therapists.effects == pytest.approx(relations[f"nested.effect.{name}"], abs=1e-4)
    assert fit.therapists.posterior_sd == pytest.approx(relations[f"nested.sd.{name}"], rel=1e-4)


def test_posteriors_are_those_of_the_whole_covariance_matrix(r_data: Read) -> None:
    nested = r_data("nested")
    fit = _fit(nested)
    therapist, ids = pd.factorize(nested["therapist"], sort=True)
    clinic, _ = pd.factorize(pd.Series(ids).str[:3], sort=True)
    own = (therapist[:, None] == np.arange(len(ids))).astype(float)
    common = (clinic[therapist][:, None] == np.arange(clinic.max() + 1)).astype(float)
    prior = np.diag(
        [fit.therapists.variance] * own.shape[1] + [fit.clinics.variance] * common.shape[1]
    )
    z = np.hstack([own, common])
    posterior = np.linalg.inv(np.linalg.inv(prior) + z.T @ z / fit.within)
    both = np.hstack([np.eye(len(ids)), clinic[:, None] == np.arange(clinic.max() + 1)])
    assert fit.combined_sd == pytest.approx(np.sqrt(np.diag(both @ posterior @ both.T)), rel=1e-9)
    assert fit.combined == pytest.approx(fit.therapists.effects + fit.clinics.effects[clinic])


def test_profile_intervals_hold_the_estimate_and_end_inside_the_range(r_data: Read) -> None:
    for level in (_fit(r_data("nested")).clinics, _fit(r_data("nested")).therapists):
        assert 0 <= level.share_low < level.share < level.share_high < 1


def test_balanced_levels_give_the_estimates_of_the_analysis_of_variance() -> None:
    # Pairs 1,2 | 5,6 in one clinic, 11,12 | 15,16 in the other. Mean squares: clinics 200,
    # therapists 16, patients 0.5; so (200 − 16)/4, (16 − 0.5)/2 and 0.5.
    y = [1, 2, 5, 6, 11, 12, 15, 16]
    fit = fit_three_levels(y, [0, 0, 1, 1, 2, 2, 3, 3], [0, 0, 1, 1], np.ones((8, 1)))
    found = [fit.clinics.variance, fit.therapists.variance, fit.within]
    assert found == pytest.approx([46.0, 7.75, 0.5], rel=1e-6)


def test_clinics_that_do_not_differ_leave_the_model_of_therapists() -> None:
    random = np.random.default_rng(0)
    therapist = np.repeat(np.arange(12), 8)
    means = np.array([1.0, -1.0] * 6)
    y = means[therapist] + random.normal(size=96)
    fit = fit_three_levels(y, therapist, np.arange(12) // 2, np.ones((96, 1)))
    two = fit_random_intercept(y, therapist, np.ones((96, 1)), 12)
    assert fit.clinics.variance == pytest.approx(0.0, abs=1e-8)
    assert np.all(np.abs(fit.clinics.effects) < 1e-6)
    assert fit.clinics.share_low == 0
    assert fit.therapists.variance == pytest.approx(two.between, rel=1e-5)
    assert fit.criterion == pytest.approx(two.criterion, abs=1e-7)


def test_empty_therapists_and_clinics_change_nothing_for_the_others(r_data: Read) -> None:
    nested = r_data("nested")
    therapist, ids = pd.factorize(nested["therapist"], sort=True)
    clinic, _ = pd.factorize(pd.Series(ids).str[:3], sort=True)
    ones = np.ones((len(nested), 1))
    before = fit_three_levels(nested["y"], therapist, clinic, ones)
    after = fit_three_levels(nested["y"], therapist, [*clinic, 0, 12], ones)
    assert after.criterion == pytest.approx(before.criterion, abs=1e-9)
    assert after.combined[:-2] == pytest.approx(before.combined, abs=1e-6)
    assert after.therapists.effects[-2:].tolist() == [0.0, 0.0]
    assert after.therapists.reliabilities[-2:] == pytest.approx([0.0, 0.0], abs=1e-12)
    assert after.clinics.effects[-1] == 0


@settings(max_examples=10, deadline=None)
@given(factor=st.floats(0.1, 20), shift=st.floats(-50, 50), seed=st.integers(0, 2**16))
def test_rescaling_flipping_and_permuting_carry_through(
    factor: float, shift: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    therapist = random.integers(0, 16, 160)
    clinic = np.arange(16) // 4
    y = random.normal(clinic[therapist] + therapist % 3, 2.0)
    order = random.permutation(160)
    plain = fit_three_levels(y, therapist, clinic, np.ones((160, 1)))
    other = fit_three_levels(
        (shift - factor * y)[order], therapist[order], clinic, np.ones((160, 1))
    )
    assert other.clinics.share == pytest.approx(plain.clinics.share, abs=1e-4)
    assert other.therapists.share == pytest.approx(plain.therapists.share, abs=1e-4)
    assert other.combined == pytest.approx(-factor * plain.combined, abs=2e-3 * factor)


@pytest.mark.parametrize(
    ("y", "therapist", "clinic", "rule"),
    [
        ([], [], [0, 0, 1], "ONE_CLINIC"),
        ([1.0], [0], [0, 0, 1], "ONE_CLINIC"),
        ([1.0, 2.0], [0, 1], [0, 0, 1], "ONE_CLINIC"),
        ([1.0, 2.0, 3.0, 4.0], [0, 0, 1, 1], [0, 1], "ONE_CLINIC"),
        ([1.0, 2.0, 3.0], [0, 1, 2], [0, 0, 1], "NO_ERROR"),
        ([1.0, 1.0, 2.0, 2.0, 3.0, 3.0], [0, 0, 1, 1, 2, 2], [0, 0, 1], "NO_ERROR"),
        ([1.0, math.nan, 2.0], [0, 1, 2], [0, 0, 1], "NOT_FINITE"),
        ([1.0, 2.0, 2.0], [0, 1, 3], [0, 0, 1], "GROUP_CODE"),
    ],
)
def test_what_cannot_be_told_apart_is_refused(
    y: list[float], therapist: list[int], clinic: list[int], rule: str
) -> None:
    with pytest.raises(StatisticsError, match=rule):
        fit_three_levels(y, therapist, clinic, np.ones((len(y), 1)))


def test_two_thousand_therapists_need_no_pass_over_their_patients() -> None:
    random = np.random.default_rng(0)
    clinic, therapist = random.integers(0, 100, 2000), random.integers(0, 2000, 100_000)
    y = random.normal(0, 0.4, 100)[clinic][therapist] + random.normal(0, 0.6, 2000)[therapist]
    y += random.normal(0, 2, 100_000)
    fit = fit_three_levels(y, therapist, clinic, np.ones((100_000, 1)))
    assert fit.clinics.share_low < 0.16 / 4.52 < fit.clinics.share_high
    assert fit.therapists.share_low < 0.36 / 4.52 < fit.therapists.share_high
