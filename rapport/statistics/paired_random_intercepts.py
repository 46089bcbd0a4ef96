"""Two outcomes of a pair, over sessions, with a random intercept for each: fitted from sums.

``y_dsm = z_ds'β_m + u_dm + e_dsm`` for the members m of dyad d at session s, with ``u_d ~ N(0, T)``
between dyads and ``e_ds ~ N(0, Σ)`` within: both 2 × 2, variances of each member's own (members
are distinguishable) and a correlation within the pair. Both members have the same predictors z, so
that a dyad's likelihood depends on its number of sessions and its sums alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.errors import Fault, StatisticsError
from rapport.statistics.clustered_regression import sum_by

Array = npt.NDArray[np.float64]
_LOWER = np.tril_indices(2)


@dataclass(frozen=True)
class PairedFit:
    """A fitted model.

    Attributes:
        coefficients: β, shape (p, 2): one row a column of the design, one column a member.
        standard_errors: Of the coefficients, same shape.
        between: T, covariance of the two random intercepts, shape (2, 2).
        within: Σ, covariance of the two errors of one session, shape (2, 2).
        criterion: −2 × the restricted log-likelihood.
        n_dyads, n_pairs: Dyads and sessions.
    """

    coefficients: Array
    standard_errors: Array
    between: Array
    within: Array
    criterion: float
    n_dyads: int
    n_pairs: int


@dataclass(frozen=True)
class _Stratum:
    """Cross products of (z, y) whose 2 × 2 covariance is Σ + size · T, and how many there are."""

    size: float
    count: float
    products: Array


def fit_paired(outcomes: npt.ArrayLike, design: npt.ArrayLike, dyad: npt.ArrayLike) -> PairedFit:
    """Fit by restricted maximum likelihood.

    Args:
        outcomes: The two outcomes of each session, shape (n, 2), finite.
        design: Columns of z, with a column of ones, shape (n, p), full rank.
        dyad: Code of each row's dyad from 0, shape (n,); every code occurs.

    Returns:
        The fit.

    Raises:
        StatisticsError: Too few sessions or dyads, a predictor that follows from others, or an
            outcome that does not vary within dyads.

    Source:
        Kenny, Kashy & Cook (2006), Dyadic Data Analysis, chapters 7 and 14; in R ``nlme::lme``
        with ``corCompSymm`` within sessions, ``varIdent`` and a random intercept a member.
    """
    from scipy.optimize import minimize

    y, z = np.asarray(outcomes, dtype=float), np.asarray(design, dtype=float)
    codes = np.asarray(dyad, dtype=np.int64)
    _check(y, z, codes)
    scale = y.std(axis=0)
    strata, columns = _strata(np.column_stack([z, y / scale]), codes), z.shape[1]
    found = minimize(
        _criterion,
        _start(strata, columns),
        args=(strata, columns),
        jac=True,
        method="BFGS",
        options={"gtol": 1e-9, "maxiter": 500},
    )
    within, between = _covariances(found.x)
    beta, covariance = _least_squares(strata, columns, within, between)
    errors = np.sqrt(np.diag(covariance)).reshape(2, columns).T
    unscale = np.outer(scale, scale)
    shift = 2 * (len(y) - columns) * float(np.log(scale).sum())
    return PairedFit(
        coefficients=beta * scale,
        standard_errors=errors * scale,
        between=between * unscale,
        within=within * unscale,
        criterion=float(found.fun) + shift,
        n_dyads=int(codes.max()) + 1,
        n_pairs=len(y),
    )


def _check(y: Array, z: Array, codes: npt.NDArray[np.int64]) -> None:
    is_whole = np.isfinite(y).all() and np.isfinite(z).all()
    dyads = int(codes.max(initial=-1)) + 1
    if not is_whole or dyads < 3 or len(y) <= dyads + z.shape[1]:  # noqa: PLR2004 - T has 3
        raise _fault(
            "TOO_FEW_ROWS", "There are too few dyads or sessions, or a value is missing.", "Wait."
        )
    if np.linalg.matrix_rank(z) < z.shape[1]:
        raise _fault("RANK", "A predictor does not vary, or follows from the others.", "Drop it.")
    sizes = np.bincount(codes)
    own = sum_by(codes, y, dyads) / sizes[:, np.newaxis]
    if np.any(((y - own[codes]) ** 2).sum(axis=0) <= 1e-12 * (y**2).sum(axis=0)):
        raise _fault("NO_ERROR", "An outcome does not vary within dyads.", "Check the outcome.")


def _fault(rule: str, message: str, remedy: str) -> StatisticsError:
    return StatisticsError(Fault(rule, message, remedy))


def _strata(joint: Array, codes: npt.NDArray[np.int64]) -> list[_Stratum]:
    """Split cross products into those within dyads and those of means, by number of sessions."""
    sizes = np.bincount(codes).astype(float)
    means = sum_by(codes, joint, len(sizes)) / np.sqrt(sizes)[:, np.newaxis]
    within = joint.T @ joint - means.T @ means
    strata = [_Stratum(0.0, float(len(codes) - len(sizes)), within)]
    for size in np.unique(sizes):
        chosen = means[sizes == size]
        strata.append(_Stratum(float(size), float(len(chosen)), chosen.T @ chosen))
    return strata


def _start(strata: list[_Stratum], columns: int) -> Array:
    """Start from equal parts between and within of each outcome's residual variance."""
    products = np.sum([one.products for one in strata], axis=0)
    rows = sum(one.count for one in strata)
    zz, zy = products[:columns, :columns], products[:columns, columns:]
    residual = (products[columns:, columns:] - zy.T @ np.linalg.solve(zz, zy)) / rows
    spread = np.sqrt(np.diag(residual) / 2)
    return np.array([np.log(spread[0]), 0.0, np.log(spread[1]), spread[0], 0.0, spread[1]])


def _factors(parameters: Array) -> tuple[Array, Array]:
    """Return lower triangles whose squares are Σ (logarithm on its diagonal) and T."""
    within, between = np.zeros((2, 2)), np.zeros((2, 2))
    within[_LOWER], between[_LOWER] = parameters[:3], parameters[3:]
    within[[0, 1], [0, 1]] = np.exp(np.diag(within))
    return within, between


def _covariances(parameters: Array) -> tuple[Array, Array]:
    within, between = _factors(parameters)
    return within @ within.T, between @ between.T


def _least_squares(
    strata: list[_Stratum], columns: int, within: Array, between: Array
) -> tuple[Array, Array]:
    """Return β, shape (p, 2), and the covariance of its columns laid one under the other."""
    information, moment = np.zeros((2 * columns, 2 * columns)), np.zeros((2, columns))
    for one in strata:
        inverse = np.linalg.inv(within + one.size * between)
        information += np.kron(inverse, one.products[:columns, :columns])
        moment += inverse @ one.products[columns:, :columns]
    covariance = np.linalg.inv(information)
    beta: Array = (covariance @ moment.ravel()).reshape(2, columns).T
    return beta, np.asarray(covariance, dtype=float)


def _criterion(parameters: Array, strata: list[_Stratum], columns: int) -> tuple[float, Array]:
    """Return −2 × the restricted log-likelihood at its best β, and its gradient."""
    within, between = _covariances(parameters)
    beta, covariance = _least_squares(strata, columns, within, between)
    blocks = covariance.reshape(2, columns, 2, columns)
    residual_of = np.vstack([-beta, np.eye(2)])
    rows = sum(one.count for one in strata)
    value = 2 * (rows - columns) * float(np.log(2 * np.pi)) - float(
        np.linalg.slogdet(covariance)[1]
    )
    by_within, by_between = np.zeros((2, 2)), np.zeros((2, 2))
    for one in strata:
        inverse = np.linalg.inv(within + one.size * between)
        squares = residual_of.T @ one.products @ residual_of
        value += float(np.trace(inverse @ squares)) - one.count * float(
            np.linalg.slogdet(inverse)[1]
        )
        spent = np.einsum("aibj,ij->ab", blocks, one.products[:columns, :columns])
        slope = one.count * inverse - inverse @ (squares + spent) @ inverse
        by_within += slope
        by_between += one.size * slope
    return value, _chain(parameters, by_within, by_between)


def _chain(parameters: Array, by_within: Array, by_between: Array) -> Array:
    """Turn derivatives by Σ and T into derivatives by their triangles."""
    within, between = _factors(parameters)
    first, second = (2 * by_within @ within), (2 * by_between @ between)
    first[[0, 1], [0, 1]] *= np.diag(within)
    return np.concatenate([first[_LOWER], second[_LOWER]])
