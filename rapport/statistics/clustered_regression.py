"""Least squares and means whose errors go together within clusters (patients, dyads, therapists).

The estimates are those of ordinary least squares; only their errors know about the clusters. All
sums are ``bincount`` and matrix products over rows; no Python function runs per cluster.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.clustered_means import clustered_errors
from rapport.statistics.dyads import NOTHING, Coefficient, coefficient
from rapport.statistics.intervals import clustered_mean

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_ROUNDING = 1e-12


@dataclass(frozen=True)
class ClusteredFit:
    """A least-squares fit with a cluster-robust covariance.

    Attributes:
        coefficients: β, one a column of the design, in units of y per unit of the column.
        covariance: ``(X'X)⁻¹ Σ_g X_g'A_g e_g e_g'A_g X_g (X'X)⁻¹`` with
            ``A_g = (I − X_g (X'X)⁻¹ X_g')^(−1/2)``: residuals of clusters that pull the fit
            towards themselves count for more.
        residuals: y − Xβ, shape (n,).
        n: Rows.
        n_clusters: G, clusters that have rows.
        inverse: (X'X)⁻¹.
        products: X_g'X_g of each cluster, shape (G, p, p).
        corrections: What turns X_g' into X_g'A_g: ``(I − X_g'X_g (X'X)⁻¹)^(−1/2)``, (G, p, p).
    """

    coefficients: Array
    covariance: Array
    residuals: Array
    n: int
    n_clusters: int
    inverse: Array
    products: Array
    corrections: Array

    def estimate(self, *weights: float) -> Coefficient:
        """Return a weighted sum of coefficients with its t interval.

        Args:
            weights: One a coefficient, in their order.

        Returns:
            Estimate, delta-method standard error (exact for a sum) and interval, on as many
            degrees of freedom as the clusters that bear the sum are worth.
        """
        w = np.asarray(weights, dtype=float)
        error = math.sqrt(max(float(w @ self.covariance @ w), 0.0))
        return coefficient(float(w @ self.coefficients), error, self.degrees_of_freedom(w))

    def degrees_of_freedom(self, weights: Array) -> float:
        """Return Satterthwaite's degrees of freedom of a weighted sum of coefficients.

        ``tr(B)²/tr(B²)``, B the G × G matrix of how much each cluster's part of the variance has
        to do with each other's, if errors were independent.

        Args:
            weights: One a coefficient, shape (p,).

        Source:
            Bell & McCaffrey (2002), Survey Methodology 28:169-181; Pustejovsky & Tipton (2018),
            J Bus Econ Stat 36:672-683.
        """
        pull = np.einsum("gji,j->gi", self.corrections, self.inverse @ weights)
        moved = np.einsum("gij,gj->gi", self.products, pull)
        own = np.einsum("gi,gi->g", pull, moved)
        shared = np.einsum("gi,ij,gj->g", moved, self.inverse, moved)
        common = self.inverse @ (moved.T @ moved)
        trace = float(own.sum() - shared.sum())
        square = float((own**2).sum() - 2 * (own * shared).sum() + np.trace(common @ common))
        return trace**2 / square if square > 0 else math.nan

    def each(self) -> tuple[Coefficient, ...]:
        """Return every coefficient with its interval, in the order of the columns."""
        return tuple(self.estimate(*row) for row in np.eye(len(self.coefficients)))


def fit_clustered(
    outcome: npt.ArrayLike, design: npt.ArrayLike, cluster: npt.ArrayLike
) -> ClusteredFit:
    """Fit by ordinary least squares; errors may go together within clusters in any way.

    Args:
        outcome: y, shape (n,), finite.
        design: Columns of x, with a column of ones for the intercept, shape (n, p), full rank.
        cluster: Any hashable label of each row, shape (n,).

    Returns:
        The fit. Time and memory grow with clusters × p², not with rows times clusters.

    Raises:
        StatisticsError: A value is not finite, shapes differ, there are no more rows than
            columns, fewer than two clusters, or a column follows from the others.

    Source:
        Liang & Zeger (1986), Biometrika 73:13-22, with the bias reduction of Bell & McCaffrey
        (2002), Survey Methodology 28:169-181; ``sandwich::vcovCL(type = "HC2")``
        in R.

    Example:
        >>> fit = fit_clustered([1.0, 3, 2, 6], np.ones((4, 1)), ["a", "a", "b", "b"])
        >>> fit.coefficients.round(9).tolist(), fit.covariance.round(9).tolist()  # 2 (2² + 2²)/4²
        ([3.0], [[1.0]])
    """
    y, x = np.asarray(outcome, dtype=float), np.asarray(design, dtype=float)
    codes, labels = pd.factorize(np.asarray(cluster))
    _check(y, x, codes, len(labels))
    inverse = np.linalg.inv(x.T @ x)
    beta = np.linalg.lstsq(x, y, rcond=None)[0]
    residuals = y - x @ beta
    products = _products(x, codes, len(labels))
    corrections = _corrections(inverse, products)
    scores = sum_by(codes, x * residuals[:, np.newaxis], len(labels))
    scores = np.einsum("gij,gj->gi", corrections, scores)
    return ClusteredFit(
        coefficients=np.asarray(beta),
        covariance=inverse @ (scores.T @ scores) @ inverse,
        residuals=residuals,
        n=len(y),
        n_clusters=len(labels),
        inverse=np.asarray(inverse),
        products=products,
        corrections=corrections,
    )


def _products(x: Array, codes: npt.NDArray[Any], clusters: int) -> Array:
    """Return X_g'X_g of each cluster, one product of columns at a time to spare memory."""
    columns = x.shape[1]
    products = np.empty((clusters, columns, columns))
    for i in range(columns):
        sums = sum_by(codes, x[:, i:] * x[:, i : i + 1], clusters)
        products[:, i, i:] = sums
        products[:, i:, i] = sums
    return products


def _corrections(inverse: Array, products: Array) -> Array:
    """Return ``(I − S_g (X'X)⁻¹)^(−1/2)`` by the symmetric ``I − L'S_gL``, (X'X)⁻¹ = LL'.

    Where a cluster alone decides a coefficient its residuals say nothing of it: such directions
    are left out, as a generalised inverse does.
    """
    lower = np.linalg.cholesky(inverse)
    values, vectors = np.linalg.eigh(lower.T @ products @ lower)
    left = 1 - values
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(left > _ROUNDING, 1 / np.sqrt(left), 0.0)
    inner = np.einsum("gij,gj,gkj->gik", vectors, root, vectors)
    return np.asarray(np.linalg.inv(lower.T) @ inner @ lower.T)


def sum_by(codes: npt.NDArray[Any], columns: Array, groups: int) -> Array:
    """Sum columns by group.

    Args:
        codes: Group of each row, 0 … groups − 1, shape (n,).
        columns: Shape (n, p).
        groups: Number of groups.

    Returns:
        Sums, shape (groups, p).
    """
    sums = [np.bincount(codes, column, groups).astype(float) for column in columns.T]
    return np.column_stack(sums) if sums else np.empty((groups, 0))


def _check(y: Array, x: Array, codes: npt.NDArray[Any], clusters: int) -> None:
    if x.ndim != 2 or not len(y) == len(x) == len(codes):  # noqa: PLR2004 - rows and columns
        raise _fault("SHAPES", "Outcome, design and clusters differ in length.", "Align the rows.")
    if not (np.isfinite(y).all() and np.isfinite(x).all()) or (codes < 0).any():
        raise _fault("NOT_FINITE", "A value or a cluster is missing.", "Drop such rows.")
    if len(y) <= x.shape[1]:
        raise _fault("TOO_FEW_ROWS", "There are no more rows than columns.", "Use fewer columns.")
    if clusters < 2:  # noqa: PLR2004 - nothing to compare one with
        raise _fault("ONE_CLUSTER", "Errors of one cluster cannot be judged.", "Add clusters.")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise _fault(
            "RANK", "A column of the design follows from the others.", "Leave that column out."
        )


def _fault(rule: str, message: str, remedy: str) -> StatisticsError:
    return StatisticsError(Fault(rule, message, remedy))


@dataclass(frozen=True)
class GroupMeans:
    """Means of groups, one entry a group; NaN where a number means nothing.

    Attributes:
        n: Observations.
        n_clusters: Distinct clusters with an observation in the group.
        mean: Mean; NaN without observation.
        standard_error: Bias-reduced, see :mod:`rapport.statistics.clustered_means`; NaN for fewer
            than two clusters.
        degrees_of_freedom: Satterthwaite's, of the standard error.
        low, high: 95 % t interval on these; NaN also where nothing varies.
    """

    n: Codes
    n_clusters: Codes
    mean: Array
    standard_error: Array
    degrees_of_freedom: Array
    low: Array
    high: Array

    def at(self, group: int) -> Coefficient:
        """Return the mean of one group with its error and interval."""
        numbers = (self.mean, self.standard_error, self.low, self.high)
        return Coefficient(*(float(one[group]) for one in numbers))


def means_by_group(
    values: npt.ArrayLike, group: npt.ArrayLike, cluster: npt.ArrayLike, n_groups: int
) -> GroupMeans:
    """Return the mean of each group with a cluster-robust interval.

    Args:
        values: Shape (n,); NaN is no observation.
        group: Code of each row's group, 0 … n_groups − 1; −1 belongs to none.
        cluster: Label of each row's cluster, such as a patient.
        n_groups: Number of groups.

    Returns:
        The means, in the unit of the values.

    Source:
        Bell & McCaffrey (2002), Survey Methodology 28:169-181, for an intercept alone.

    Example:
        >>> means_by_group([1.0, 3, 2, 6], [0, 0, 0, 0], list("aabb"), 2).mean.tolist()
        [3.0, nan]
    """
    y, codes = np.asarray(values, dtype=float), np.asarray(group, dtype=np.int64)
    used = np.isfinite(y) & (codes >= 0)
    y, codes = y[used], codes[used]
    clusters, labels = pd.factorize(np.asarray(cluster)[used])
    keys, position = np.unique(codes * max(len(labels), 1) + clusters, return_inverse=True)
    owner = keys // max(len(labels), 1)
    n = np.bincount(codes, minlength=n_groups)
    n_clusters = np.bincount(owner, minlength=n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(codes, y, n_groups) / n
        sums = np.bincount(position, y - mean[codes], len(keys))
    sizes = np.bincount(position, minlength=len(keys)).astype(float)
    error, freedom = clustered_errors(sizes, sums.astype(float), owner, n_groups)
    error = np.where(error <= _ROUNDING * np.maximum(np.abs(mean), 1), error * 0, error)
    low, high = clustered_mean(mean, error, freedom)
    return GroupMeans(n, n_clusters, mean, error, freedom, low, high)


def fitted_or_reason(
    outcome: npt.ArrayLike, design: npt.ArrayLike, cluster: npt.ArrayLike
) -> tuple[ClusteredFit | None, str | None]:
    """Fit, or say in a sentence why there is no fit.

    Args:
        outcome: As :func:`fit_clustered`.
        design: As :func:`fit_clustered`.
        cluster: As :func:`fit_clustered`.

    Returns:
        The fit and ``None``, or ``None`` and the reason.
    """
    try:
        return fit_clustered(outcome, design, cluster), None
    except StatisticsError as error:
        return None, error.faults[0].message


__all__ = [
    "NOTHING",
    "ClusteredFit",
    "GroupMeans",
    "fit_clustered",
    "fitted_or_reason",
    "means_by_group",
    "sum_by",
]
