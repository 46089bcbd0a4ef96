"""The restricted likelihood of three levels, from sums per therapist; see ``three_levels``."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.errors import Fault, StatisticsError
from rapport.statistics.clustered_regression import sum_by

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_PROFILE_DROP = 3.841458820694124
_NEARLY_ONE = 1 - 1e-6
_STARTS = ((0.05, 0.05), (0.3, 0.02), (0.02, 0.3))


@dataclass(frozen=True)
class Sums:
    """What the likelihood needs: sums over all rows and per therapist.

    Attributes:
        n: Rows.
        start: Least-squares β, taken off y beforehand, so that y'y keeps its digits.
        joint: Cross products of (x, y) over all rows, shape (p + 1, p + 1).
        sizes: Rows of each therapist.
        totals: Sums of (x, y) of each therapist, shape (therapists, p + 1).
        clinic: Clinic code of each therapist.
        n_clinics: Number of clinics.
    """

    n: int
    start: Array
    joint: Array
    sizes: Array
    totals: Array
    clinic: Codes
    n_clinics: int


@dataclass(frozen=True)
class Weights:
    """One step: what every sum is weighted by at given variances.

    Attributes:
        ratios: τ²/σ² of therapists and ω²/σ² of clinics.
        spread: 1 + n τ²/σ² of each therapist.
        mass: Σ n/spread over the therapists of each clinic.
        weight: (ω²/σ²)/(1 + ω²/σ² · mass) of each clinic.
    """

    ratios: tuple[float, float]
    spread: Array
    mass: Array
    weight: Array


def gather(
    outcome: npt.ArrayLike, therapist: npt.ArrayLike, clinic: npt.ArrayLike, design: npt.ArrayLike
) -> Sums:
    """Check the rows and sum them, once; arguments and faults as of ``fit_three_levels``."""
    y, x = np.asarray(outcome, dtype=float), np.asarray(design, dtype=float)
    codes, of = np.asarray(therapist, dtype=np.int64), np.asarray(clinic, dtype=np.int64)
    _check(y, x, codes, of)
    start = np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=float)
    joint = np.column_stack([x, y - x @ start])
    sizes = np.bincount(codes, minlength=len(of)).astype(float)
    totals = sum_by(codes, joint, len(of))
    filled = sizes > 0
    within = float(joint[:, -1] @ joint[:, -1])
    within -= float((totals[filled, -1] ** 2 / sizes[filled]).sum())
    if within <= np.finfo(float).eps * float(y @ y):
        raise _fault("NO_ERROR", "Outcomes do not vary within therapists.", "Check the outcome.")
    return Sums(len(y), start, joint.T @ joint, sizes, totals, of, int(of.max()) + 1)


def _check(y: Array, x: Array, codes: Codes, of: Codes) -> None:
    if x.ndim != 2 or not len(y) == len(x) == len(codes):  # noqa: PLR2004 - rows and columns
        raise _fault("SHAPES", "Outcome, therapists and design differ in length.", "Align them.")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise _fault("NOT_FINITE", "Outcome or design holds a missing value.", "Drop such rows.")
    if len(codes) and not (codes.min() >= 0 and codes.max() < len(of) and of.min() >= 0):
        raise _fault("GROUP_CODE", "A code of a therapist or clinic is out of range.", "Code them.")
    seen = of[np.unique(codes)] if len(codes) else of[:0]
    per_clinic = np.bincount(seen) if len(seen) else np.zeros(0)
    if (per_clinic > 0).sum() < 2 or per_clinic.max() < 2:  # noqa: PLR2004 - two of each
        raise _fault(
            "ONE_CLINIC",
            "Two clinics, and two therapists in one of them, are needed to tell levels apart.",
            "Use the model with therapists alone.",
        )
    if len(y) <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        raise _fault("RANK", "A column follows from the others, or rows are few.", "Drop it.")


def _fault(rule: str, message: str, remedy: str) -> StatisticsError:
    return StatisticsError(Fault(rule, message, remedy))


def weigh(sums: Sums, shares: Array) -> Weights:
    """Turn shares of variance (therapists, clinics) into what every sum is weighted by."""
    rest = 1 - float(shares.sum())
    own, common = float(shares[0]) / rest, float(shares[1]) / rest
    spread = 1 + own * sums.sizes
    mass: Array = np.bincount(sums.clinic, sums.sizes / spread, sums.n_clinics).astype(float)
    return Weights((own, common), spread, mass, common / (1 + common * mass))


def least_squares(sums: Sums, weights: Weights) -> tuple[Array, Array, float]:
    """Return β (less its start), its covariance over σ², and σ²."""
    information = _information(sums, weights)
    xx, xy, yy = information[:-1, :-1], information[:-1, -1], float(information[-1, -1])
    inverse: Array = np.asarray(np.linalg.inv(xx), dtype=float)
    beta: Array = inverse @ xy
    return beta, inverse, max(yy - float(xy @ beta), 0.0) / (sums.n - len(beta))


def _information(sums: Sums, weights: Weights) -> Array:
    """Return (X, y)'V⁻¹(X, y) times σ²."""
    own = sums.totals * (weights.ratios[0] / weights.spread)[:, np.newaxis]
    pulled = sum_by(sums.clinic, sums.totals / weights.spread[:, np.newaxis], sums.n_clinics)
    common = (pulled * weights.weight[:, np.newaxis]).T @ pulled
    return np.asarray(sums.joint - own.T @ sums.totals - common)


def criterion(shares: Array, sums: Sums) -> float:
    """Return −2 × the restricted log-likelihood, profiled over β and σ²."""
    weights = weigh(sums, shares)
    information = _information(sums, weights)
    xx, xy = information[:-1, :-1], information[:-1, -1]
    df = sums.n - len(xy)
    residual = float(information[-1, -1]) - float(xy @ np.linalg.solve(xx, xy))
    logs = float(np.log(weights.spread).sum())
    logs += float(np.log1p(weights.ratios[1] * weights.mass).sum())
    logs += float(np.linalg.slogdet(xx)[1])
    return logs + df * (1 + float(np.log(2 * np.pi * residual / df)))


def _split(point: Array) -> Array:
    """Turn (total share, part of it that is the clinics') into shares (therapists, clinics)."""
    return np.array([point[0] * (1 - point[1]), point[0] * point[1]])


def best_shares(sums: Sums) -> Array:
    """Return the shares of the largest likelihood, from several starts."""
    from scipy.optimize import minimize

    def of(point: Array) -> float:
        return criterion(_split(point), sums)

    box = [(0.0, _NEARLY_ONE), (0.0, 1.0)]
    tries = [
        minimize(of, [sum(one), one[1] / sum(one)], method="L-BFGS-B", bounds=box)
        for one in _STARTS
    ]
    best = min(tries, key=lambda one: float(one.fun))
    polished = minimize(
        of,
        best.x,
        method="Nelder-Mead",
        bounds=box,
        options={"xatol": 1e-11, "fatol": 1e-13, "initial_simplex": _simplex(best.x)},
    )
    corners = [np.asarray(polished.x), np.array([polished.x[0], 0.0]), np.zeros(2)]
    return _split(min(corners, key=of))


def _simplex(point: Array) -> Array:
    """Return a small triangle around a point, inside the box."""
    steps = np.where(point > 0.5, -1e-3, 1e-3)  # noqa: PLR2004 - towards the middle
    return np.asarray(point + np.vstack([np.zeros(2), np.diag(steps)]))


def profile_interval(sums: Sums, shares: Array, which: int) -> tuple[float, float, float]:
    """Return one share, and where the profile of it has fallen by the χ² quantile."""
    from scipy.optimize import brentq, minimize_scalar

    top, at = criterion(shares, sums), float(shares[which])

    def drop(share: float) -> float:
        def of(other: float) -> float:
            pair = np.array([0.0, 0.0])
            pair[which], pair[1 - which] = share, other
            return criterion(pair, sums)

        room = (1 - share) * _NEARLY_ONE
        inner = minimize_scalar(of, bounds=(0.0, room), method="bounded", options={"xatol": 1e-7})
        return min(float(inner.fun), of(0.0)) - top - _PROFILE_DROP

    low = 0.0 if drop(0.0) <= 0 else float(brentq(drop, 0.0, at, xtol=1e-8))
    high = 1.0 if drop(_NEARLY_ONE) <= 0 else float(brentq(drop, at, _NEARLY_ONE, xtol=1e-8))
    return at, low, high
