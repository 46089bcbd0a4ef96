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
_NO_ERROR = 1e-10

LEAST_WAVES = 3
"""Scores that at least one person must have for slopes to be told from error."""


@dataclass(frozen=True, slots=True)
class GrowthChange:
    """The growth line of every person.

    Attributes:
        persons: Identities, shape (n,), in order of first appearance.
        slope: Each person's own slope β₁ + û₁, points a unit of time, shape (n,).
        slope_error: Standard error of ``slope``: of β₁ + û₁ − (β₁ + u₁), with the uncertainty of
            the group's line in it, shape (n,).
        deviation: û₁, how the slope differs from the group's, shape (n,).
        index: û₁ divided by its conditional standard deviation, shape (n,). It speaks of change
            *beyond the group's*: where everybody improves alike, it is 0 for everybody.
        slope_index: ``slope`` / ``slope_error``, shape (n,): whether the person changed at all.
        mean_slope: β₁, the group's slope.
        residual_sd: Standard deviation of the error.
        slope_sd: Standard deviation of u₁ between people.
    """

    persons: NDArray[np.object_]
    slope: Array
    slope_error: Array
    deviation: Array
    index: Array
    slope_index: Array
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


@dataclass(frozen=True, slots=True)
class _Patterns:
    """The same, of g groups of people with the same times: all that the likelihood needs.

    Z'Z (g,2,2), people (g,), sum of Z'y (g,2), sum of Z'y·y'Z (g,2,2), y'y of all, rows.
    """

    zz: Array
    n_people: Array
    zy: Array
    zyyz: Array
    yy: float
    n_rows: int


def growth_change(persons: ArrayLike, times: ArrayLike, scores: ArrayLike) -> GrowthChange:
    """Fit the growth model and return each person's change.

    Args:
        persons: Identity of each row, shape (m,).
        times: Time of each row, shape (m,), in any unit.
        scores: Score of each row, shape (m,), in points; rows without one are left out.

    Raises:
        StatisticsError: Nobody has three scores at different times, or everybody's scores lie on
            a straight line.

    Source:
        Raudenbush & Bryk (2002), Hierarchical linear models; as a reliable-change index Speer &
        Greenbaum (1995), J. Consult. Clin. Psychol. 63, 1044-1048; the error of a person's own
        line Henderson (1975), Biometrics 31, 423-447.
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
    unit = float(t.std())
    sums = _sums(codes, (t - t.mean()) / unit, y, len(names))
    _require_error(sums)
    patterns = _patterns(sums)
    people = np.asarray(names, dtype=object)
    return _change(people, sums, patterns, _fitted(patterns), unit=unit)


def _sums(codes: NDArray[np.intp], t: Array, y: Array, n: int) -> _Sums:
    def total(values: Array) -> Array:
        return np.bincount(codes, weights=values, minlength=n).astype(np.float64)

    ones = np.ones_like(t)
    zz = np.stack([total(ones), total(t), total(t), total(t * t)], axis=1).reshape(n, 2, 2)
    zy = np.stack([total(y), total(t * y)], axis=1)
    return _Sums(zz=zz, zy=zy, yy=total(y * y), n_rows=len(y))


def _require_error(sums: _Sums) -> None:
    """Refuse scores that lie on straight lines: without error no slope can be held against it."""
    lines = np.linalg.pinv(sums.zz, rcond=1e-9, hermitian=True)
    left_over = sums.yy - np.einsum("ni,nij,nj->n", sums.zy, lines, sums.zy)
    if not left_over.sum() > _NO_ERROR * sums.yy.sum():
        raise StatisticsError(
            Fault(
                "NO_ERROR",
                "Everybody's scores lie on a straight line, so that nothing shows their error.",
                "Use a method for two scores, such as JT.",
            )
        )


def _patterns(sums: _Sums) -> _Patterns:
    times = sums.zz.reshape(-1, 4)
    unique, group = np.unique(times, axis=0, return_inverse=True)
    n_groups = len(unique)
    zy, zyyz = np.zeros((n_groups, 2)), np.zeros((n_groups, 2, 2))
    np.add.at(zy, group, sums.zy)
    np.add.at(zyyz, group, sums.zy[:, :, None] * sums.zy[:, None, :])
    return _Patterns(
        zz=unique.reshape(-1, 2, 2),
        n_people=np.bincount(group).astype(np.float64),
        zy=zy,
        zyyz=zyyz,
        yy=float(sums.yy.sum()),
        n_rows=sums.n_rows,
    )


def _fitted(patterns: _Patterns) -> Array:
    """Return the relative covariance factor (three numbers) that maximises the likelihood."""
    from scipy.optimize import minimize

    def deviance(theta: Array) -> float:
        return _deviance(theta, patterns)

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


def _inner(theta: Array, zz: Array) -> Array:
    """Return M = F'·Z'Z·F + I for each Z'Z, shape (n, 2, 2)."""
    factor = _factor(theta)
    return factor.T @ zz @ factor + np.eye(2)


def _shrink(theta: Array, zz: Array) -> Array:
    """Return S = F·M⁻¹·F' for each Z'Z, shape (n, 2, 2): û = S·(Z'y − Z'Z·β)."""
    factor = _factor(theta)
    shrink: Array = factor @ np.linalg.inv(_inner(theta, zz)) @ factor.T
    return shrink


def _solved(theta: Array, patterns: _Patterns) -> tuple[Array, Array, float]:
    """Return X'V⁻¹X (2,2), β (2,), and the residual sum of squares, all over σ²."""
    zz, shrink = patterns.zz, _shrink(theta, patterns.zz)
    left_over = np.eye(2) - zz @ shrink
    information: Array = np.einsum("g,gij->ij", patterns.n_people, left_over @ zz)
    right = np.einsum("gij,gj->i", left_over, patterns.zy)
    beta: Array = np.linalg.solve(information, right)
    explained = float((shrink * patterns.zyyz).sum())
    return information, beta, patterns.yy - explained - float(right @ beta)


def _deviance(theta: Array, patterns: _Patterns) -> float:
    """Return −2 times the restricted log-likelihood, up to a constant."""
    information, _, residual = _solved(theta, patterns)
    log_m = patterns.n_people @ np.log(np.linalg.det(_inner(theta, patterns.zz)))
    log_x = np.log(np.linalg.det(information))
    return float(log_m + log_x + (patterns.n_rows - 2) * np.log(residual))


def _change(
    persons: NDArray[np.object_],
    sums: _Sums,
    patterns: _Patterns,
    theta: Array,
    *,
    unit: float,
) -> GrowthChange:
    """Return everybody's change; ``unit`` leads back to the user's unit of time."""
    information, beta, residual = _solved(theta, patterns)
    variance = residual / (sums.n_rows - 2)
    factor = _factor(theta)
    shrink = _shrink(theta, sums.zz)
    deviation = np.einsum("nij,nj->ni", shrink, sums.zy - sums.zz @ beta)[:, 1]
    slope = beta[1] + deviation
    error = np.sqrt(variance * _own_line_variance(shrink, sums.zz, information)[:, 1, 1])
    return GrowthChange(
        persons=persons,
        slope=slope / unit,
        slope_error=error / unit,
        deviation=deviation / unit,
        index=deviation / np.sqrt(variance * shrink[:, 1, 1]),
        slope_index=slope / error,
        mean_slope=float(beta[1]) / unit,
        residual_sd=float(np.sqrt(variance)),
        slope_sd=float(np.sqrt(variance * (factor @ factor.T)[1, 1])) / unit,
    )


def _own_line_variance(shrink: Array, zz: Array, information: Array) -> Array:
    """Return the error variance of β + û for each person, over σ², shape (n, 2, 2).

    With S = ``shrink``: S + (I − S·Z'Z) · (X'V⁻¹X)⁻¹ · (I − S·Z'Z)' (Henderson 1975).
    """
    from_group = np.eye(2) - shrink @ zz
    fixed = np.linalg.inv(information)
    variance: Array = shrink + from_group @ fixed @ from_group.transpose(0, 2, 1)
    return variance
