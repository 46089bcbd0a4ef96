"""One factor by maximum likelihood, of many correlation matrices at once.

The discrepancy, concentrated over the loadings, is a function of the uniquenesses alone. Newton's
method finds its least value in few steps: the second derivatives are known in closed form, and
replaced by their positive part where the function is not convex. Matrices that are done stand
still, so that none depends on those beside it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

SMALLEST_UNIQUENESS = 0.005
"""As in R's ``factanal``."""

_BOUNDS = (float(np.log(SMALLEST_UNIQUENESS)), 0.0)
_STEPS, _HALVINGS = 300, 40
_FLAT = 1e-10
_STILL = 1e-10
_LEAST_CURVATURE = 1e-6
_ENOUGH = 1e-4
_LONGEST_STEP = 2.0


@dataclass(frozen=True)
class Factors:
    """One factor of each matrix.

    Attributes:
        loadings: Shape (m, k); their sum is not negative.
        uniquenesses: Shape (m, k).
    """

    loadings: Array
    uniquenesses: Array


@dataclass(frozen=True)
class _Point:
    """The discrepancy at some uniquenesses; derivatives are by their logarithms."""

    value: Array
    slope: Array
    positive: Array
    curvature: Array


def one_factors(correlations: Array) -> Factors:
    """Fit one factor to every matrix.

    Args:
        correlations: Shape (m, k, k), k ≥ 3, each of full rank.

    Returns:
        Loadings and uniquenesses.

    Source:
        Jöreskog (1967), Psychometrika 32:443-482; second derivatives: Clarke (1970), Br J Math
        Stat Psychol 23:43-52; Lawley & Maxwell (1971), chapter 4.
    """
    start = 0.5 / np.einsum("mii->mi", np.linalg.inv(correlations))
    logs = np.log(np.clip(start, 2 * SMALLEST_UNIQUENESS, 0.99))
    is_open = np.ones(len(logs), dtype=bool)
    for _ in range(_STEPS):
        here = np.flatnonzero(is_open)
        if not len(here):
            break
        logs[here], is_open[here] = _stepped(logs[here], correlations[here])
    unique = np.exp(logs)
    loadings = _loadings(unique, correlations)
    sign = np.where(loadings.sum(axis=1) >= 0, 1.0, -1.0)
    return Factors(loadings * sign[:, np.newaxis], unique)


def _decomposed(logs: Array, correlations: Array) -> tuple[Array, Array]:
    scale = np.exp(-logs / 2)
    return np.linalg.eigh(correlations * (scale[:, :, np.newaxis] * scale[:, np.newaxis, :]))


def _value(values: Array) -> Array:
    rest = values[:, :-1]
    return np.asarray((rest - np.log(rest) - 1).sum(axis=1))


def _point(logs: Array, correlations: Array) -> _Point:
    values, vectors = _decomposed(logs, correlations)
    rest, first = values[:, :-1], values[:, -1:]
    v, v1 = vectors[:, :, :-1], vectors[:, :, -1]
    slope = np.einsum("mk,mik,mik->mi", 1 - rest, v, v)
    weighted = np.einsum("mik,mk,mjk->mij", v, rest, v)
    positive = weighted * np.einsum("mik,mjk->mij", v, v)
    apart = (1 - rest) * (first + rest) / np.maximum(first - rest, 1e-12)
    crossed = np.einsum("mik,mk,mjk->mij", v, apart, v)
    crossed = crossed * (v1[:, :, np.newaxis] * v1[:, np.newaxis, :])
    return _Point(_value(values), slope, positive, positive + crossed)


def _stepped(logs: Array, correlations: Array) -> tuple[Array, Mask]:
    """Go one step down within the bounds; also say which matrices have further to go."""
    low, high = _BOUNDS
    at = _point(logs, correlations)
    is_held = ((logs <= low) & (at.slope > 0)) | ((logs >= high) & (at.slope < 0))
    slope = np.where(is_held, 0.0, at.slope)
    is_open = np.abs(slope).max(axis=1) > _FLAT
    step = _newton(at, slope, is_held)
    longest = np.abs(step).max(axis=1, keepdims=True)
    step = step * np.minimum(1.0, _LONGEST_STEP / np.maximum(longest, 1e-300))
    size, is_waiting, found = np.ones(len(logs)), is_open.copy(), logs.copy()
    for _ in range(_HALVINGS):
        here = np.flatnonzero(is_waiting)
        if not len(here):
            break
        tried = np.clip(logs[here] + size[here, np.newaxis] * step[here], low, high)
        gain = np.einsum("mi,mi->m", slope[here], tried - logs[here])
        value = _value(_decomposed(tried, correlations[here])[0])
        rounding = 1e-14 * np.maximum(at.value[here], 1.0)
        is_good = value <= at.value[here] + _ENOUGH * gain + rounding
        found[here[is_good]] = tried[is_good]
        is_waiting[here[is_good]] = False
        size[here] /= 2
    moved = np.abs(found - logs).max(axis=1)
    return found, is_open & ~is_waiting & (moved > _STILL)


def _newton(at: _Point, slope: Array, is_held: Mask) -> Array:
    """Return Newton's step in the directions that are free."""
    free = ~is_held
    both = free[:, :, np.newaxis] & free[:, np.newaxis, :]
    eye = np.eye(slope.shape[1])
    exact = np.where(both, at.curvature, eye)
    is_convex = np.linalg.eigvalsh(exact)[:, 0] > _LEAST_CURVATURE
    safe = np.where(both, at.positive, eye) + _LEAST_CURVATURE * eye
    chosen = np.where(is_convex[:, np.newaxis, np.newaxis], exact, safe)
    return np.asarray(-np.linalg.solve(chosen, slope[..., np.newaxis])[..., 0], dtype=float)


def _loadings(unique: Array, correlations: Array) -> Array:
    values, vectors = _decomposed(np.log(unique), correlations)
    strength = np.sqrt(np.maximum(values[:, -1:] - 1, 0.0))
    return np.asarray(strength * vectors[:, :, -1] * np.sqrt(unique))
