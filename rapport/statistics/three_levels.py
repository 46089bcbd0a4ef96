"""Patients in therapists in clinics: how much of the variance lies where, shrunken estimates.

``y_kji = x_kji'β + v_k + u_kj + e_kji`` with variances ω² between clinics, τ² between therapists of
one clinic and σ² between patients of one therapist. Everything is computed from sums per therapist,
so that a step costs as many operations as there are therapists, not patients.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.statistics.three_level_likelihood import (
    Sums,
    Weights,
    best_shares,
    criterion,
    gather,
    least_squares,
    profile_interval,
    weigh,
)

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_PROFILE_DROP = 3.841458820694124
_NEARLY_ONE = 1 - 1e-6
_STARTS = ((0.05, 0.05), (0.3, 0.02), (0.02, 0.3))


@dataclass(frozen=True)
class Level:
    """What one level contributes, and its units' shrunken deviations.

    Attributes:
        variance: Variance between units of the level, ≥ 0.
        share: Its share of the total variance, in [0, 1): the intraclass correlation.
        share_low, share_high: 95 % profile-likelihood interval of that share.
        effects: Shrunken deviation of each unit, shape (units,); 0 for a unit without rows.
        posterior_sd: Standard deviation of each deviation given the data and the variances.
        reliabilities: 1 − posterior variance / variance, in [0, 1); 0 where nothing varies.
        sizes: Rows of each unit.
    """

    variance: float
    share: float
    share_low: float
    share_high: float
    effects: Array
    posterior_sd: Array
    reliabilities: Array
    sizes: Array


@dataclass(frozen=True)
class ThreeLevels:
    """A fitted model.

    Attributes:
        coefficients, covariance: β and its estimated covariance.
        clinics: ω² and the clinics' v_k.
        therapists: τ² and the therapists' u_kj: how they differ from their own clinic.
        combined, combined_sd: v_k + u_kj of each therapist, and its posterior deviation.
        estimate_sd: Error of ``β₀ + v_k + u_kj``, β being estimated too: of each therapist at the
            average case mix, if the first column of the design is ones and the others are
            centred. The variances are taken as known: too small where few clinics differ little
            (compare :mod:`rapport.statistics.prediction_errors`).
        within: σ², variance between patients of one therapist.
        criterion: −2 × the restricted log-likelihood.
    """

    coefficients: Array
    covariance: Array
    clinics: Level
    therapists: Level
    combined: Array
    combined_sd: Array
    estimate_sd: Array
    within: float
    criterion: float


def fit_three_levels(
    outcome: npt.ArrayLike,
    therapist: npt.ArrayLike,
    clinic_of_therapist: npt.ArrayLike,
    design: npt.ArrayLike,
) -> ThreeLevels:
    """Fit by restricted maximum likelihood.

    Args:
        outcome: y, shape (n,), no NaN.
        therapist: Code of each row's therapist from 0, shape (n,). A therapist belongs to one
            clinic: code the pair if ids repeat between clinics.
        clinic_of_therapist: Clinic code of each *therapist code*, shape (therapists,), from 0, not
            of each row; therapists and
            clinics without rows have effect 0.
        design: Columns of x, with a column of ones, shape (n, p), full rank.

    Returns:
        The fitted model.

    Raises:
        StatisticsError: A value is not finite, shapes differ, the design has not full rank,
            fewer than two clinics have rows, fewer than two therapists share a clinic, or
            nothing varies within therapists.

    Source:
        Patterson & Thompson (1971), Biometrika 58:545-554; Robinson (1991), Stat Sci 6:15-32; in
        R ``lme4::lmer(y ~ x + (1 | clinic/therapist))``.

    Example:
        >>> y = [1, 2, 5, 6, 11, 12, 15, 16]
        >>> fit = fit_three_levels(y, [0, 0, 1, 1, 2, 2, 3, 3], [0, 0, 1, 1], np.ones((8, 1)))
        >>> [round(v, 4) for v in (fit.clinics.variance, fit.therapists.variance, fit.within)]
        [46.0, 7.75, 0.5]
    """
    sums = gather(outcome, therapist, clinic_of_therapist, design)
    shares = best_shares(sums)
    weights = weigh(sums, shares)
    beta, inverse, within = least_squares(sums, weights)
    by_clinic, own = _shrunken(sums, weights, sums.totals @ np.append(-beta, 1.0))
    return ThreeLevels(
        coefficients=sums.start + beta,
        covariance=inverse * within,
        clinics=_clinics(sums, weights, within, by_clinic, profile_interval(sums, shares, 1)),
        therapists=_therapists(sums, weights, within, own, profile_interval(sums, shares, 0)),
        combined=by_clinic[sums.clinic] + own,
        combined_sd=_combined_sd(sums, weights, within),
        estimate_sd=_estimate_sd(sums, weights, inverse, within),
        within=within,
        criterion=criterion(shares, sums),
    )


def _clinics(
    sums: Sums, weights: Weights, within: float, effects: Array, share: tuple[float, float, float]
) -> Level:
    ratio = weights.ratios[1]
    left = 1 / (1 + ratio * weights.mass)
    sizes: Array = np.bincount(sums.clinic, sums.sizes, sums.n_clinics).astype(float)
    sd = np.sqrt(within * ratio * left)
    return Level(within * ratio, *share, effects, sd, (1 - left) * (ratio > 0), sizes)


def _therapists(
    sums: Sums, weights: Weights, within: float, effects: Array, share: tuple[float, float, float]
) -> Level:
    ratio = weights.ratios[0]
    known = ratio * sums.sizes / weights.spread
    variance = ratio / weights.spread + known**2 * weights.weight[sums.clinic]
    reliability = 1 - variance / ratio if ratio > 0 else np.zeros_like(variance)
    sd = np.sqrt(within * variance)
    return Level(within * ratio, *share, effects, sd, reliability, sums.sizes)


def _shrunken(sums: Sums, weights: Weights, total: Array) -> tuple[Array, Array]:
    """Return the clinics' and the therapists' effects of sums of residuals per therapist."""
    pulled = np.bincount(sums.clinic, total / weights.spread, sums.n_clinics)
    by_clinic = weights.weight * pulled
    own = weights.ratios[0] * (total - sums.sizes * by_clinic[sums.clinic]) / weights.spread
    return by_clinic, own


def _estimate_sd(sums: Sums, weights: Weights, inverse: Array, within: float) -> Array:
    """Add what the estimate of β brings: d'Cov(β̂)d, d the first column less what is shrunken."""
    columns = [_shrunken(sums, weights, total) for total in sums.totals[:, :-1].T]
    away = -np.column_stack([by_clinic[sums.clinic] + own for by_clinic, own in columns])
    away[:, 0] += 1
    by_mean = within * np.einsum("ji,ik,jk->j", away, inverse, away)
    return np.asarray(np.sqrt(_combined_sd(sums, weights, within) ** 2 + by_mean))


def _combined_sd(sums: Sums, weights: Weights, within: float) -> Array:
    own = weights.ratios[0] / weights.spread + weights.weight[sums.clinic] / weights.spread**2
    return np.asarray(np.sqrt(within * own))
