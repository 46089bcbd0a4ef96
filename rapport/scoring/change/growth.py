"""Change over three or more waves: a growth line for everybody, shrunken towards the group's.

A two-level linear model, y = (β₀ + u₀) + (β₁ + u₁)·t + e, fitted by restricted maximum
likelihood on each person's sufficient statistics; nothing runs over rows after they are summed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rapport.errors import Fault, StatisticsError

Array = NDArray[np.float64]

_RESTARTS = 3

LEAST_WAVES = 3
"""Scores that at least one person must have for slopes to be told from error."""


@dataclass(frozen=True, slots=True)
class GrowthChange:
    """The growth line of every person.

    Attributes:
        persons: Identities, shape (n,), in order of first appearance.
        slope: Each person's own slope β₁ + û₁, points a unit of time, shape (n,).
        deviation: û₁, how the slope differs from the group's, shape (n,).
        index: û₁ divided by its conditional standard deviation, shape (n,): the reliable-change
            index of this method. It speaks of change *beyond the group's*.
        mean_slope: β₁, the group's slope.
        residual_sd: Standard deviation of the error.
        slope_sd: Standard deviation of u₁ between people.
    """

    persons: NDArray[np.object_]
    slope: Array
    deviation: Array
    index: Array
    mean_slope: float
    residual_sd: float
    slope_sd: float


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sufficient statistics of n people: Z'Z (n,2,2), Z'y (n,2), y'y (n,), rows."""

    zz: Array
    zy: Array
    yy: Array
    n_rows: int


def growth_change(persons: ArrayLike, times: ArrayLike, scores: ArrayLike) -> GrowthChange:
    """Fit the growth model and return each person's change.

    Args:
        persons: Identity of each row, shape (m,).
        times: Time of each row, shape (m,), in any unit.
        scores: Score of each row, shape (m,), in points; rows without one are left out.

    Raises:
        StatisticsError: Shapes differ, nobody has three scores, or nothing varies.

    Source:
        Raudenbush & Bryk (2002), Hierarchical linear models; as a reliable-change index Speer &
        Greenbaum (1995), J. Consult. Clin. Psychol. 63, 1044-1048.
    """
    import pandas as pd

    rows = pd.DataFrame({"person": np.asarray(persons, dtype=object)})
    rows["t"] = np.asarray(times, dtype=np.float64)
    rows["y"] = np.asarray(scores, dtype=np.float64)
    rows = rows[np.isfinite(rows["t"]) & np.isfinite(rows["y"])]
    codes, names = pd.factorize(rows["person"])
    t, y = rows["t"].to_numpy(), rows["y"].to_numpy()
    if len(codes) == 0 or np.bincount(codes).max() < LEAST_WAVES or np.ptp(t) == 0:
        raise StatisticsError(
            Fault(
                "TOO_FEW_WAVES",
                "Nobody has three scores at different times.",
                "Use a method for two scores, such as JT.",
            )
        )
    sums = _sums(codes, t, y, len(names))
    theta = _fitted(sums)
    return _change(np.asarray(names, dtype=object), sums, theta)


def _sums(codes: NDArray[np.intp], t: Array, y: Array, n: int) -> _Sums:
    def total(values: Array) -> Array:
        return np.bincount(codes, weights=values, minlength=n).astype(np.float64)

    ones = np.ones_like(t)
    zz = np.stack([total(ones), total(t), total(t), total(t * t)], axis=-1).reshape(n, 2, 2)
    zy = np.stack([total(y), total(t * y)], axis=-1)
    return _Sums(zz=zz, zy=zy, yy=total(y * y), n_rows=len(y))


def _fitted(sums: _Sums) -> Array:
    """Return the relative covariance factor (three numbers) that maximises the likelihood."""
    from scipy.optimize import minimize

    def deviance(theta: Array) -> float:
        return _deviance(theta, sums)

    found: Array = np.array([1.0, 0.0, 0.5])
    for _ in range(_RESTARTS):
        best = minimize(
            deviance,
            found,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-11, "maxiter": 4000},
        )
        found = np.asarray(best.x, dtype=np.float64)
    return found


def _factor(theta: Array) -> Array:
    return np.array([[theta[0], 0.0], [theta[1], theta[2]]])


def _solved(theta: Array, sums: _Sums) -> tuple[Array, Array, Array, float]:
    """Return M⁻¹ (n,2,2), X'V⁻¹X (2,2), β (2,), and the residual sum of squares."""
    factor = _factor(theta)
    inverse = np.linalg.inv(factor.T @ sums.zz @ factor + np.eye(2)).astype(np.float64)
    shrink = factor @ inverse @ factor.T
    zz_v = sums.zz - sums.zz @ shrink @ sums.zz
    zy_v = sums.zy - np.einsum("nij,njk,nk->ni", sums.zz, shrink, sums.zy)
    information: Array = zz_v.sum(axis=0)
    right = zy_v.sum(axis=0)
    beta: Array = np.linalg.solve(information, right)
    yy_v = sums.yy - np.einsum("ni,nij,nj->n", sums.zy, shrink, sums.zy)
    return inverse, information, beta, float(yy_v.sum() - right @ beta)


def _deviance(theta: Array, sums: _Sums) -> float:
    """Return −2 times the restricted log-likelihood, up to a constant."""
    inverse, information, _, residual = _solved(theta, sums)
    if not residual > 0:
        return float("inf")
    log_m = -np.log(np.linalg.det(inverse)).sum()
    log_x = np.log(np.linalg.det(information))
    return float(log_m + log_x + (sums.n_rows - 2) * np.log(residual))


def _change(persons: NDArray[np.object_], sums: _Sums, theta: Array) -> GrowthChange:
    inverse, _, beta, residual = _solved(theta, sums)
    variance = residual / (sums.n_rows - 2)
    factor = _factor(theta)
    shrink = factor @ inverse @ factor.T
    effects = np.einsum("nij,nj->ni", shrink, sums.zy - sums.zz @ beta)
    spread = np.sqrt(variance * shrink[:, 1, 1])
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(spread > 0, effects[:, 1] / spread, 0.0)
    return GrowthChange(
        persons=persons,
        slope=beta[1] + effects[:, 1],
        deviation=effects[:, 1],
        index=index,
        mean_slope=float(beta[1]),
        residual_sd=float(np.sqrt(variance)),
        slope_sd=float(np.sqrt(variance * (factor @ factor.T)[1, 1])),
    )
