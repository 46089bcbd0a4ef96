"""What therapists differ by, beyond chance and case mix; with too little said rather than too much.

No ranks: an estimate is drawn towards the mean by as much as it is unreliable, and where it rests
on too few patients it is not given.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.prediction_errors import prediction_sd
from rapport.statistics.random_intercept import fit_random_intercept

_Z = 1.959963984540054


@dataclass(frozen=True)
class TherapistEffects:
    """Estimates for all therapists, and how much of the variance they are.

    Attributes:
        therapists: One row a therapist, in the order of ids: ``therapist_id``, ``n_patients``,
            ``mean`` (raw), ``expected`` (from the case mix), ``estimate`` (shrunken, at the
            average case mix), ``low``, ``high`` (95 % interval, which allows for mean and
            variances being estimated), ``reliability`` (λ in [0, 1)), ``is_enough``. Estimate
            and interval are NaN where it is not.
        coefficients: Covariate → slope, in points of the outcome per unit.
        between: τ², variance between therapists.
        within: σ², variance between patients of one therapist.
        icc: Share of the variance that lies between therapists, in [0, 1).
        icc_low, icc_high: 95 % profile-likelihood interval of that share.
    """

    therapists: pd.DataFrame
    coefficients: dict[str, float]
    between: float
    within: float
    icc: float
    icc_low: float
    icc_high: float


def therapist_effects(
    outcomes: pd.DataFrame, *, outcome: str, covariates: tuple[str, ...] = (), minimum: int = 10
) -> TherapistEffects:
    """Estimate each therapist's mean outcome by restricted likelihood and empirical Bayes.

    Args:
        outcomes: One row a patient: ``therapist_id``, the outcome, the covariates. Rows with a
            missing outcome or covariate are left out, and count nowhere.
        outcome: Column of the outcome, oriented so that higher is better.
        covariates: Columns of the case mix, known before treatment; they are centred.
        minimum: Patients that an estimate must rest on to be given.

    Returns:
        The estimates.

    Raises:
        StatisticsError: Fewer than two therapists have patients, there are too few rows, or a
            covariate follows from the others.

    Source:
        Estimates: Robinson (1991), Stat Sci 6:15-32; errors: Prasad & Rao (1990), JASA
        85:163-171 (:mod:`rapport.statistics.prediction_errors`); use for therapists: Wampold &
        Brown (2005), J Consult Clin Psychol 73:914-923.
    """
    complete = outcomes.dropna(subset=[outcome, *covariates])
    codes, ids = pd.factorize(outcomes["therapist_id"], sort=True)
    group = codes[outcomes.index.get_indexer(complete.index)]
    if len(np.unique(group)) < 2:  # noqa: PLR2004 - nothing differs between fewer
        raise StatisticsError(
            Fault("ONE_THERAPIST", "Fewer than two therapists have patients.", "Add therapists.")
        )
    x = complete[list(covariates)].to_numpy(float)
    centred = x - x.mean(axis=0) if covariates else x
    y = complete[outcome].to_numpy(float)
    fit = fit_random_intercept(y, group, np.column_stack([np.ones(len(y)), centred]), len(ids))
    sizes = fit.sizes
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(group, y, len(ids)) / sizes
        mix = [np.bincount(group, column, len(ids)) / sizes for column in centred.T]
    slopes = fit.coefficients[1:]
    expected = fit.coefficients[0] + (np.column_stack(mix) @ slopes if mix else 0.0 * mean)
    enough = sizes >= minimum
    estimate = np.where(enough, fit.coefficients[0] + fit.effects, np.nan)
    at = np.eye(1 + len(covariates))[0]
    half = _Z * prediction_sd(fit, np.column_stack([np.ones(len(ids)), *mix]), at)
    table = pd.DataFrame(
        {
            "therapist_id": ids,
            "n_patients": sizes.astype(int),
            "mean": mean,
            "expected": expected,
            "estimate": estimate,
            "low": estimate - half,
            "high": estimate + half,
            "reliability": fit.reliabilities,
            "is_enough": enough,
        }
    )
    return TherapistEffects(
        therapists=table,
        coefficients=dict(zip(covariates, map(float, slopes), strict=True)),
        between=fit.between,
        within=fit.within,
        icc=fit.icc,
        icc_low=fit.icc_low,
        icc_high=fit.icc_high,
    )


def patients_needed(reliability: float, icc: float) -> float:
    """Return how many patients a therapist needs for an estimate of a given reliability.

    Args:
        reliability: λ*, in (0, 1).
        icc: Intraclass correlation, in [0, 1]; 0 gives infinity: nobody differs. 1, which the
            upper end of an interval may be, gives 0.

    Returns:
        ``λ*/(1 − λ*) · (1 − ICC)/ICC``, not rounded.

    Raises:
        StatisticsError: An argument is outside its range.

    Source:
        Spearman (1910) and Brown (1910), Br J Psychol 3:271-322, solved for length.

    Example:
        >>> round(patients_needed(0.7, 0.05)), round(patients_needed(0.7, 0.08))
        (44, 27)
    """
    if not (0 < reliability < 1 and 0 <= icc <= 1):
        raise StatisticsError(
            Fault(
                "RELIABILITY",
                "A reliability must lie in (0, 1) and an intraclass correlation in [0, 1].",
                "Use 0.7 and 0.05, say.",
            )
        )
    return math.inf if icc == 0 else reliability / (1 - reliability) * (1 - icc) / icc


@dataclass(frozen=True)
class AnovaVariance:
    """Variance components by the method of moments, with the exact interval for equal sizes.

    Attributes:
        between: max(0, (MSB − MSW)/n₀).
        within: MSW.
        icc: (MSB − MSW)/(MSB + (n₀ − 1) MSW), which may be negative.
        icc_low, icc_high: 95 % interval by the F distribution; exact for equal sizes.
    """

    between: float
    within: float
    icc: float
    icc_low: float
    icc_high: float


def anova_variance(sizes: np.ndarray, sums: np.ndarray, squares: np.ndarray) -> AnovaVariance:
    """Return variance components from each group's size, sum and sum of squares.

    Args:
        sizes: Observations of each group, shape (groups,); empty groups are left out.
        sums: Sum of the observations of each group.
        squares: Sum of their squares.

    Raises:
        StatisticsError: There are fewer than two groups, or no group has two observations.

    Source:
        Shrout & Fleiss (1979), Psychol Bull 86:420-428, ICC(1) and its interval; n₀ for unequal
        sizes: Snedecor & Cochran (1989), Statistical Methods, section 13.7.
    """
    from scipy.special import fdtri

    n, total = sizes[sizes > 0].astype(float), sums[sizes > 0]
    groups, rows = len(n), float(n.sum())
    if groups < 2 or rows <= groups:  # noqa: PLR2004 - degrees of freedom
        raise StatisticsError(
            Fault("NO_VARIANCE", "Variance cannot be split.", "Use groups of two and more.")
        )
    between_squares = float((total**2 / n).sum() - total.sum() ** 2 / rows)
    within_squares = float(squares.sum() - (total**2 / n).sum())
    msb, msw = between_squares / (groups - 1), within_squares / (rows - groups)
    n0 = (rows - float((n**2).sum()) / rows) / (groups - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.float64(msb) / msw
        low = ratio / fdtri(groups - 1, rows - groups, 0.975)
        high = ratio * fdtri(rows - groups, groups - 1, 0.975)
        limits = [float((f - 1) / (f + n0 - 1)) for f in (ratio, low, high)]
    return AnovaVariance(max(0.0, (msb - msw) / n0), msw, *limits)
