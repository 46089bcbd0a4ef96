"""Models whose predictions are averaged over a population, and the error of that average."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.statistics.dyads import Coefficient, coefficient

Array = npt.NDArray[np.float64]

SEPARATED = "The model has no solution: a covariate tells the outcomes apart completely."
DEPENDENT = "A covariate does not vary in one sector, or follows from the others."

_STEPS = 50
_NEAR = 1e-10
_LARGEST = 30.0


@dataclass(frozen=True)
class Fitted:
    """A population's average prediction.

    Attributes:
        value: Mean prediction over the population; NaN without a solution.
        pull: What each row of the fit adds to the error of it, shape (n,), summing to 0.
        reason: Why there is none, in a sentence; ``None`` if there is one.
    """

    value: float
    pull: Array
    reason: str | None


def fit_linear(outcome: Array, design: Array, population: Array) -> Fitted:
    """Fit by least squares and average over a population.

    Args:
        outcome: y, shape (n,).
        design: x, shape (n, p), with a column of ones.
        population: x of those to be averaged over, shape (m, p), taken as given.

    Returns:
        Average and pulls ``x̄'(X'X)⁻¹ x_i e_i``, widened by √((n−1)/(n−p)).

    Source:
        Liang & Zeger (1986), Biometrika 73:13-22.
    """
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return Fitted(math.nan, np.full(len(outcome), math.nan), DEPENDENT)
    beta = np.linalg.lstsq(design, outcome, rcond=None)[0]
    slope = population.mean(axis=0)
    return Fitted(
        float(slope @ beta),
        _pull(design, outcome - design @ beta, np.ones(len(outcome)), slope),
        None,
    )


def fit_logistic(outcome: Array, design: Array, population: Array) -> Fitted:
    """Fit by logistic regression and average predicted risks over a population.

    Args:
        outcome: y, 0 or 1, shape (n,).
        design: x, shape (n, p), with a column of ones.
        population: x of those to be averaged over, shape (m, p), taken as given.

    Returns:
        Average risk in (0, 1) and pulls; no value where the outcomes are separated.

    Source:
        McCullagh & Nelder (1989), Generalized Linear Models, section 4.4 (Newton's method).
    """
    nothing = np.full(len(outcome), math.nan)
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return Fitted(math.nan, nothing, DEPENDENT)
    beta = _newton(outcome, design)
    if beta is None:
        return Fitted(math.nan, nothing, SEPARATED)
    risk, own = _risk(population @ beta), _risk(design @ beta)
    slope = ((risk * (1 - risk))[:, np.newaxis] * population).mean(axis=0)
    return Fitted(float(risk.mean()), _pull(design, outcome - own, own * (1 - own), slope), None)


def _newton(outcome: Array, design: Array) -> Array | None:
    """Return the coefficients of the largest likelihood; ``None`` if there is none."""
    beta = np.zeros(design.shape[1])
    for _ in range(_STEPS):
        if np.abs(design @ beta).max() > _LARGEST:
            return None
        own = _risk(design @ beta)
        information = (design * (own * (1 - own))[:, np.newaxis]).T @ design
        step = np.linalg.solve(information, design.T @ (outcome - own))
        beta = beta + step
        if np.abs(design @ step).max() < _NEAR:
            return beta
    return None


def _risk(linear: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-linear)))


def _pull(design: Array, residual: Array, weight: Array, slope: Array) -> Array:
    n, p = design.shape
    information = (design * weight[:, np.newaxis]).T @ design
    factor = math.sqrt((n - 1) / (n - p))
    return np.asarray(factor * (design @ np.linalg.solve(information, slope)) * residual)


def influence_error(pull: Array, cluster: npt.NDArray[np.int64], n_clusters: int) -> float:
    """Return ``√(G/(G−1) Σ_g (Σ_{i∈g} pull_i)²)``; NaN for fewer than two clusters.

    Args:
        pull: What each row adds to an estimate's error, shape (n,).
        cluster: Code of each row's cluster, from 0.
        n_clusters: G, clusters with rows in the estimate.

    Source:
        Liang & Zeger (1986), Biometrika 73:13-22, in the form of influences.
    """
    if n_clusters < 2:  # noqa: PLR2004 - one says nothing about others
        return math.nan
    sums = np.bincount(cluster, pull)
    return math.sqrt(n_clusters / (n_clusters - 1) * float(sums @ sums))


def difference(
    values: tuple[float, float],
    pulls: tuple[Array, Array],
    cluster: npt.NDArray[np.int64],
    n_clusters: tuple[int, int],
) -> Coefficient:
    """Return the first less the second estimate; a cluster in both counts with both.

    Args:
        values: The two estimates.
        pulls: What each row adds to the error of each, shape (n,); 0 where it is not in it.
        cluster: Code of each row's cluster, from 0.
        n_clusters: Clusters behind each.

    Returns:
        Difference with a t interval on Welch's degrees of freedom.

    Source:
        Welch (1947), Biometrika 34:28-35; Satterthwaite (1946), Biometrics Bull 2:110-114.
    """
    if min(n_clusters) < 2:  # noqa: PLR2004 - one says nothing about others
        return coefficient(values[0] - values[1], math.nan)
    first, second = (
        np.bincount(cluster, pull) * math.sqrt(n / (n - 1))
        for pull, n in zip(pulls, n_clusters, strict=True)
    )
    error = math.sqrt(float(((first - second) ** 2).sum()))
    parts = float(first @ first), float(second @ second)
    spent = sum(part**2 / (n - 1) for part, n in zip(parts, n_clusters, strict=True))
    df = sum(parts) ** 2 / spent if spent > 0 else math.nan
    return coefficient(values[0] - values[1], error, df)
