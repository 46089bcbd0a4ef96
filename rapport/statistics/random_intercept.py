"""A linear model with one random intercept, fitted from sums: no pass over rows per step.

``y_ij = x_ij'β + u_j + e_ij`` with ``u_j ~ N(0, τ²)`` and ``e_ij ~ N(0, σ²)``. For a given ratio
θ = τ²/σ² everything is linear algebra on sums per group, so that the restricted likelihood is a
function of one number, whose largest value is looked for between no and full intraclass
correlation.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rapport.errors import Fault, StatisticsError
from rapport.statistics.batches import products_of_columns, sums_by, sums_of_products

Array = npt.NDArray[np.float64]

_NEARLY_ONE = 1 - 1e-9
_GRID = 64
_PROFILE_DROP = 3.841458820694124
"""95 % quantile of χ² with one degree of freedom."""


@dataclass(frozen=True)
class RandomIntercept:
    """A fitted model.

    Attributes:
        coefficients: β, one a column of the design, in units of y per unit of the column.
        covariance: Estimated covariance of the coefficients.
        between: τ², variance between groups.
        within: σ², variance within groups.
        icc: τ²/(τ²+σ²), in [0, 1).
        icc_low, icc_high: 95 % profile-likelihood interval of the intraclass correlation.
        criterion: −2 × the restricted log-likelihood.
        sizes: Observations of each group, shape (groups,).
        effects: Shrunken u_j, shape (groups,).
        reliabilities: λ_j = n_j τ²/(n_j τ² + σ²), in [0, 1).
        posterior_sd: Standard deviation of each u_j given the data, ``sqrt(τ²(1 − λ_j))``.
    """

    coefficients: Array
    covariance: Array
    between: float
    within: float
    icc: float
    icc_low: float
    icc_high: float
    criterion: float
    sizes: Array
    effects: Array
    reliabilities: Array
    posterior_sd: Array


@dataclass(frozen=True)
class _Sums:
    """What the likelihood needs: sums over all rows, and per group, of y less ``start`` · x.

    Attributes:
        n: Rows.
        start: Least-squares β, taken off y beforehand.
        joint: Products of (x, y) summed over rows, shape (p + 1, p + 1).
        sizes, x, y: Rows, sums of x and sum of y of each group.
        widths, counts: Each number of rows that a group has, and how many groups have it.
        products: Products of the groups' sums of (x, y), summed over groups of each number of
            rows, shape (widths, p + 1, p + 1): all that a step needs.
    """

    n: int
    start: Array
    joint: Array
    sizes: Array
    x: Array
    y: Array
    widths: Array
    counts: Array
    products: Array


def fit_random_intercept(
    outcome: npt.ArrayLike, group: npt.ArrayLike, design: npt.ArrayLike, n_groups: int
) -> RandomIntercept:
    """Fit by restricted maximum likelihood.

    Args:
        outcome: y, shape (n,), no NaN.
        group: Code of each row's group, 0 … n_groups − 1, shape (n,).
        design: Columns of x, with a column of ones for the intercept, shape (n, p); full rank.
        n_groups: Number of groups; a group without rows has effect 0 and reliability 0.

    Returns:
        The fitted model.

    Raises:
        StatisticsError: A value is not finite, shapes differ, the design has not full rank,
            there are no more rows than columns, or nothing varies within groups.

    Source:
        Patterson & Thompson (1971), Biometrika 58:545-554; the one-parameter profile as in
        Bates et al. (2015), J Stat Softw 67(1), section 3.

    Example:
        >>> fit = fit_random_intercept([1, 2, 3, 7, 8, 9], [0, 0, 0, 1, 1, 1], np.ones((6, 1)), 2)
        >>> round(fit.between, 6), round(fit.within, 6)  # ANOVA: (54 - 1)/3 and 1
        (17.666667, 1.0)
    """
    sums = _sums(outcome, group, design, n_groups)
    icc = _best_icc(sums)
    beta, covariance, within = _generalised_least_squares(sums, icc)
    ratio = icc / (1 - icc)
    shrinkage = sums.sizes * ratio / (1 + sums.sizes * ratio)
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = np.where(sums.sizes > 0, (sums.y - sums.x @ beta) / sums.sizes, 0.0)
    low, high = _profile_interval(sums, icc)
    return RandomIntercept(
        coefficients=sums.start + beta,
        covariance=covariance * within,
        between=ratio * within,
        within=within,
        icc=icc,
        icc_low=low,
        icc_high=high,
        criterion=_criterion(icc, sums),
        sizes=sums.sizes,
        effects=shrinkage * residual,
        reliabilities=shrinkage,
        posterior_sd=np.sqrt(ratio * within * (1 - shrinkage)),
    )


def _sums(
    outcome: npt.ArrayLike, group: npt.ArrayLike, design: npt.ArrayLike, n_groups: int
) -> _Sums:
    y, x = np.asarray(outcome, dtype=float), np.asarray(design, dtype=float)
    codes: npt.NDArray[Any] = np.asarray(group)
    _check(y, codes, x, n_groups)
    given = products_of_columns(np.column_stack([x, y]))
    rounding = np.finfo(float).eps * float(given[-1, -1])
    start = np.asarray(np.linalg.lstsq(given[:-1, :-1], given[:-1, -1], rcond=None)[0], dtype=float)
    y = y - np.einsum("ij,j->i", x, start)  # the likelihood is the same, and y'y keeps its digits
    columns = np.column_stack([x, y])
    joint, totals = products_of_columns(columns), sums_by(columns, codes, n_groups)
    sizes = np.bincount(codes, minlength=n_groups).astype(float)
    within = float(joint[-1, -1]) - float((totals[sizes > 0, -1] ** 2 / sizes[sizes > 0]).sum())
    if within <= rounding:
        raise _fault("NO_ERROR", "Outcomes do not vary within groups.", "Check the outcome.")
    widths, place = np.unique(sizes, return_inverse=True)
    products, _ = sums_of_products(totals, totals[:, -1], place, len(widths))
    return _Sums(
        n=len(y),
        start=start,
        joint=joint,
        sizes=sizes,
        x=totals[:, :-1],
        y=totals[:, -1],
        widths=widths,
        counts=np.bincount(place, minlength=len(widths)).astype(float),
        products=products,
    )


def _check(y: Array, codes: npt.NDArray[Any], x: Array, n_groups: int) -> None:
    if x.ndim != 2 or not len(y) == len(codes) == len(x):  # noqa: PLR2004 - rows and columns
        raise _fault("SHAPES", "Outcome, groups and design differ in length.", "Align the rows.")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise _fault("NOT_FINITE", "Outcome or design holds a missing value.", "Drop such rows.")
    if len(y) <= x.shape[1]:
        raise _fault("TOO_FEW_ROWS", "There are no more rows than columns.", "Use fewer columns.")
    if len(codes) and not (codes.min() >= 0 and codes.max() < n_groups):
        raise _fault("GROUP_CODE", "A group code is out of range.", "Code groups from 0.")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise _fault(
            "RANK", "A column of the design follows from the others.", "Leave that column out."
        )


def _fault(rule: str, message: str, remedy: str) -> StatisticsError:
    return StatisticsError(Fault(rule, message, remedy))


def _weighted(sums: _Sums, icc: float) -> tuple[Array, Array, float]:
    """Return X'V⁻¹X, X'V⁻¹y and y'V⁻¹y, all times σ²."""
    ratio = icc / (1 - icc)
    weight = ratio / (1 + ratio * sums.widths)
    weighted = sums.joint - np.einsum("s,sij->ij", weight, sums.products)
    return weighted[:-1, :-1], weighted[:-1, -1], float(weighted[-1, -1])


def _generalised_least_squares(sums: _Sums, icc: float) -> tuple[Array, Array, float]:
    """Return β, its covariance over σ², and σ²."""
    xx, xy, yy = _weighted(sums, icc)
    inverse = np.linalg.inv(xx)
    beta = inverse @ xy
    residual = max(yy - float(xy @ beta), 0.0)
    return np.asarray(beta), np.asarray(inverse), residual / (sums.n - len(beta))


def _criterion(icc: float, sums: _Sums) -> float:
    """Return −2 × the restricted log-likelihood, profiled over β and σ²."""
    xx, xy, yy = _weighted(sums, icc)
    df = sums.n - len(xy)
    residual = yy - float(xy @ np.linalg.solve(xx, xy))
    if residual <= np.finfo(float).eps * max(yy, 1.0):
        return -np.inf
    ratio = icc / (1 - icc)
    spread = float((sums.counts * np.log1p(ratio * sums.widths)).sum())
    spread += float(np.linalg.slogdet(xx)[1])
    return spread + df * (1 + float(np.log(2 * np.pi * residual / df)))


def _slope(icc: float, sums: _Sums) -> float:
    """Return the derivative of the criterion by θ at a given intraclass correlation."""
    beta, inverse, within = _generalised_least_squares(sums, icc)
    inflation = 1 + icc / (1 - icc) * sums.widths
    leverage = np.einsum("sij,ij->s", sums.products[:, :-1, :-1], inverse)
    away = np.append(-beta, 1.0)
    squares = np.einsum("i,sij,j->s", away, sums.products, away)
    pull = sums.counts * sums.widths / inflation
    return float((pull - (leverage + squares / within) / inflation**2).sum())


def _best_icc(sums: _Sums) -> float:
    """Return the intraclass correlation of the largest likelihood; 0 at the boundary."""
    from scipy.optimize import brentq, minimize_scalar

    grid = np.linspace(0.0, _NEARLY_ONE, _GRID)
    values = [_criterion(float(icc), sums) for icc in grid]
    best = int(np.argmin(values))
    low, high = float(grid[max(best - 1, 0)]), float(grid[min(best + 1, _GRID - 1)])
    if best == 0 and _slope(0.0, sums) >= 0:
        return 0.0
    if _slope(low, sums) < 0 < _slope(high, sums):
        return float(brentq(_slope, low, high, args=(sums,), xtol=1e-15, rtol=1e-14))
    found = minimize_scalar(
        _criterion, bounds=(low, high), args=(sums,), method="bounded", options={"xatol": 1e-10}
    )
    return float(found.x)


def _profile_interval(sums: _Sums, icc: float) -> tuple[float, float]:
    """Return where the likelihood has fallen by the χ² quantile; 0 or 1 if it never does."""
    from scipy.optimize import brentq

    top = _criterion(icc, sums)

    def drop(value: float) -> float:
        return _criterion(value, sums) - top - _PROFILE_DROP

    low = 0.0 if drop(0.0) <= 0 else float(brentq(drop, 0.0, icc, xtol=1e-12))
    is_open = drop(_NEARLY_ONE) <= 0
    high = 1.0 if is_open else float(brentq(drop, icc, _NEARLY_ONE, xtol=1e-12))
    return low, high
