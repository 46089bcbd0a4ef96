"""Internal consistency of an instrument in use: coefficients alpha and omega."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.errors import Fault, StatisticsError
from rapport.statistics.batches import mean_by, sums_of_products
from rapport.statistics.one_factor import one_factors

Array = npt.NDArray[np.float64]

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
    found = consistencies_by(complete, np.zeros(n, dtype=np.int64), 1)
    numbers = (found.alpha, found.alpha_low, found.alpha_high, found.omega)
    return Consistency(n, k, *(float(one[0]) for one in numbers))


@dataclass(frozen=True)
class Consistencies:
    """Coefficients of many groups, entry by entry, as :class:`Consistency` has them of one."""

    n: npt.NDArray[np.int64]
    alpha: Array
    alpha_low: Array
    alpha_high: Array
    omega: Array


def consistencies_by(items: Array, group: npt.NDArray[np.int64], n_groups: int) -> Consistencies:
    """Return alpha and omega of every group of administrations.

    Args:
        items: Answers after reversal, shape (n, k), k ≥ 2, no NaN.
        group: Code of the group of each administration, 0 … n_groups − 1, shape (n,).
        n_groups: Number of groups.

    Returns:
        The coefficients; NaN as for one.
    """
    return consistencies_of(*covariances_by(items, group, n_groups))


def consistencies_of(n: npt.NDArray[np.int64], covariance: Array) -> Consistencies:
    """Return alpha and omega of every group from its size and covariance matrix.

    Args:
        n: Administrations of each group, shape (m,).
        covariance: Shape (m, k, k), k ≥ 2.
    """
    k = covariance.shape[1]
    trace, total = np.einsum("mii->m", covariance), covariance.sum(axis=(1, 2))
    varies = (n > k) & (np.einsum("mii->mi", covariance) > 0).all(axis=1)
    varies &= total > _NO_VARIATION * trace
    with np.errstate(invalid="ignore", divide="ignore"):
        alpha = np.where(varies, k / (k - 1) * (1 - trace / total), np.nan)
    low, high = _feldt(alpha, np.where(varies, n, 2), k)
    omega = np.full(len(n), np.nan)
    omega[varies] = _omegas(covariance[varies])
    return Consistencies(n, alpha, low, high, omega)


def covariances_by(
    items: Array, group: npt.NDArray[np.int64], n_groups: int
) -> tuple[npt.NDArray[np.int64], Array]:
    """Return size and covariance matrix of every group, shape (n_groups, k, k)."""
    n = np.bincount(group, minlength=n_groups).astype(np.int64)
    own = items - np.column_stack([mean_by(one, group, n_groups)[group] for one in items.T])
    products, _ = sums_of_products(own, np.zeros(len(own)), group, n_groups)
    return n, products / np.maximum(n - 1, 1)[:, np.newaxis, np.newaxis]


def _feldt(alpha: Array, n: npt.NDArray[np.int64], k: int) -> tuple[Array, Array]:
    """Return Feldt's interval: (1 − α̂)/(1 − α) is F with n − 1 and (n − 1)(k − 1) df."""
    from scipy.special import fdtri

    df, error_df = n - 1.0, (n - 1.0) * (k - 1.0)
    upper, lower = fdtri(df, error_df, 0.975), fdtri(df, error_df, 0.025)
    return np.asarray(1 - (1 - alpha) * upper), np.asarray(1 - (1 - alpha) * lower)


def _omegas(covariance: Array) -> Array:
    """Return ``(Σλ)²/((Σλ)² + Σψ)`` of the one-factor solution, on the scale of the answers.

    There is none where an item follows from the others, as when two always have the same answer.
    """
    k = covariance.shape[1]
    omega = np.full(len(covariance), np.nan)
    if k < 3 or not len(covariance):  # noqa: PLR2004 - one factor is not identified by two items
        return omega
    is_whole = np.linalg.matrix_rank(covariance) == k
    spread = np.sqrt(np.einsum("mii->mi", covariance))[is_whole]
    factors = one_factors(
        covariance[is_whole] / (spread[:, :, np.newaxis] * spread[:, np.newaxis, :])
    )
    common = (factors.loadings * spread).sum(axis=1) ** 2
    omega[is_whole] = common / (common + (factors.uniquenesses * spread**2).sum(axis=1))
    return omega


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
    found = one_factors(np.asarray(correlation, dtype=float)[np.newaxis])
    return found.loadings[0], found.uniquenesses[0]
