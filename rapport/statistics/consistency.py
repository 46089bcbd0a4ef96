"""Internal consistency of an instrument in use: coefficients alpha and omega."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.errors import Fault, StatisticsError

Array = npt.NDArray[np.float64]

_SMALLEST_UNIQUENESS = 0.005


_NO_VARIATION = 1e-12
"""A variance of totals below this share of that of the items is rounding."""


@dataclass(frozen=True)
class Consistency:
    """How far the items of one scale go together.

    Attributes:
        n: Administrations with every item answered; all others are left out (listwise).
        n_items: Items.
        alpha: Cronbach's coefficient, ≤ 1; NaN if nothing varies.
        alpha_low, alpha_high: Its 95 % interval.
        omega: McDonald's ω total of one factor; NaN with fewer than three items.
    """

    n: int
    n_items: int
    alpha: float
    alpha_low: float
    alpha_high: float
    omega: float


def consistency(items: npt.ArrayLike) -> Consistency:
    """Return alpha and omega of keyed items.

    Args:
        items: Answers after reversal, shape (administrations, items), NaN where missing.

    Returns:
        Both coefficients, on complete administrations; NaN where an item or the total never varies.

    Raises:
        StatisticsError: There are fewer than two items.

    Source:
        Alpha: Cronbach (1951), Psychometrika 16:297-334; interval: Feldt (1965), Psychometrika
        30:357-370; omega: McDonald (1999), Test Theory, from the one-factor maximum-likelihood
        solution (Jöreskog 1967, Psychometrika 32:443-482).
    """
    given = np.asarray(items, dtype=float)
    if given.ndim != 2 or given.shape[1] < 2:  # noqa: PLR2004 - a scale has items
        raise StatisticsError(
            Fault("ONE_ITEM", "Consistency needs two items or more.", "Leave this scale out.")
        )
    complete = given[np.isfinite(given).all(axis=1)]
    n, k = complete.shape
    if n <= k or np.any(complete.std(axis=0) == 0):
        return Consistency(n, k, np.nan, np.nan, np.nan, np.nan)
    covariance = np.cov(complete, rowvar=False)
    if covariance.sum() <= _NO_VARIATION * np.trace(covariance):
        return Consistency(n, k, np.nan, np.nan, np.nan, np.nan)
    alpha = k / (k - 1) * (1 - np.trace(covariance) / covariance.sum())
    low, high = _feldt(alpha, n, k)
    return Consistency(n, k, float(alpha), low, high, _omega(covariance))


def _feldt(alpha: float, n: int, k: int) -> tuple[float, float]:
    """Return Feldt's interval: (1 − α̂)/(1 − α) is F with n − 1 and (n − 1)(k − 1) df."""
    from scipy.special import fdtri

    df, error_df = n - 1, (n - 1) * (k - 1)
    upper, lower = fdtri(df, error_df, 0.975), fdtri(df, error_df, 0.025)
    return float(1 - (1 - alpha) * upper), float(1 - (1 - alpha) * lower)


def _omega(covariance: Array) -> float:
    """Return ``(Σλ)²/((Σλ)² + Σψ)`` of the one-factor solution, on the scale of the answers.

    There is none where an item follows from the others, as when two always have the same answer.
    """
    if len(covariance) < 3:  # noqa: PLR2004 - one factor is not identified by two items
        return float("nan")
    if np.linalg.matrix_rank(covariance) < len(covariance):
        return float("nan")
    spread = np.sqrt(np.diag(covariance))
    loadings, unique = one_factor(covariance / np.outer(spread, spread))
    common = float((loadings * spread).sum()) ** 2
    return common / (common + float((unique * spread**2).sum()))


def one_factor(correlation: Array) -> tuple[Array, Array]:
    """Return loadings and uniquenesses of one factor by maximum likelihood.

    Args:
        correlation: Correlation matrix, shape (k, k), k ≥ 3, of full rank.

    Returns:
        Loadings (sum positive) and uniquenesses, each of shape (k,); uniquenesses are not less
        than 0.005, as in R's ``factanal``.

    Source:
        Jöreskog (1967), Psychometrika 32:443-482; Lawley & Maxwell (1971), chapter 4.
    """
    from scipy.optimize import minimize

    start = np.clip(0.5 / np.diag(np.linalg.inv(correlation)), 2 * _SMALLEST_UNIQUENESS, 0.99)
    found = minimize(
        _discrepancy,
        start,
        args=(correlation,),
        jac=True,
        method="L-BFGS-B",
        bounds=[(_SMALLEST_UNIQUENESS, 1.0)] * len(correlation),
        options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 5000},
    )
    unique = np.asarray(found.x)
    loadings = _loadings(unique, correlation)
    return loadings if loadings.sum() >= 0 else -loadings, unique


def _loadings(unique: Array, correlation: Array) -> Array:
    scale = 1 / np.sqrt(unique)
    values, vectors = np.linalg.eigh(correlation * np.outer(scale, scale))
    return np.asarray(np.sqrt(max(values[-1] - 1, 0.0)) * vectors[:, -1] / scale)


def _discrepancy(unique: Array, correlation: Array) -> tuple[float, Array]:
    """Return the likelihood's discrepancy concentrated over the loadings, and its gradient."""
    scale = 1 / np.sqrt(unique)
    values, _ = np.linalg.eigh(correlation * np.outer(scale, scale))
    rest = values[:-1]
    loadings = _loadings(unique, correlation)
    implied = np.outer(loadings, loadings) + np.diag(unique)
    gradient = np.diag(implied - correlation) / unique**2
    return float((rest - np.log(rest) - 1).sum()), gradient
