"""Many least-squares fits with cluster-robust errors at once: the same as one by one.

See :mod:`rapport.statistics.clustered_regression` for what is computed, and for how far the errors
are corrected. A fit depends on its own rows only, in their order.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.statistics.batches import is_well_conditioned, sums_by, sums_of_products

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_ROUNDING = 1e-12
_SMALL_LEVERAGE = ((1e-3, 5), (0.03, 10), (0.2, 22))
"""Leverage of a cluster up to which so many terms of a series give every digit of its root."""


@dataclass(frozen=True)
class ClusteredFits:
    """Fits, one entry a model.

    Attributes:
        is_fitted: Whether there is a fit, shape (m,). Where not, the data are so close to what
            cannot be fitted that :func:`rapport.statistics.clustered_regression.fit_clustered`
            has to say whether they can.
        coefficients: β, shape (m, p); 0 for a column that a model does not have.
        standard_errors: Cluster-robust, shape (m, p); NaN where not asked for.
        degrees_of_freedom: Satterthwaite's, shape (m, p); NaN where not asked for.
    """

    is_fitted: Mask
    coefficients: Array
    standard_errors: Array
    degrees_of_freedom: Array


def fit_many_clustered(
    outcome: Array,
    design: Array,
    cluster: Codes,
    model_of_cluster: Codes,
    *,
    has_column: Mask,
    wanted: tuple[int, ...],
) -> ClusteredFits:
    """Fit every model by ordinary least squares.

    Args:
        outcome: y, shape (n,), finite.
        design: Columns of x, shape (n, p), finite; 0 in the rows of models without the column.
        cluster: Code of each row's cluster, 0 … clusters − 1, shape (n,); each has rows.
        model_of_cluster: Code of each cluster's model, shape (clusters,).
        has_column: Which columns each model has, shape (m, p).
        wanted: Columns whose errors are wanted.

    Returns:
        The fits, equal to those of :func:`fit_clustered` up to rounding.

    Source:
        As :func:`rapport.statistics.clustered_regression.fit_clustered`.
    """
    n_models, p = has_column.shape
    model = model_of_cluster[cluster]
    xx, xy = sums_of_products(design, outcome, model, n_models)
    xx += np.eye(p) * ~has_column[:, np.newaxis, :]
    rows, clusters = (np.bincount(one, minlength=n_models) for one in (model, model_of_cluster))
    is_sound = (rows > has_column.sum(axis=1)) & (clusters > 1)
    is_sound &= _is_well_conditioned(xx, has_column)
    xx[~is_sound] = np.eye(p)
    inverse = np.asarray(np.linalg.inv(xx), dtype=float)
    beta = np.einsum("mij,mj->mi", inverse, xy)
    left = outcome - np.einsum("ij,ij->i", design, beta[model])
    beta = beta + _refined(design, left, model, inverse)
    left = outcome - np.einsum("ij,ij->i", design, beta[model])
    products = sums_of_products(design, left, cluster, len(model_of_cluster))
    errors, df = _errors(*products, inverse, model_of_cluster, wanted)
    return ClusteredFits(is_sound, beta, errors, df)


def _is_well_conditioned(xx: Array, has_column: Mask) -> Mask:
    """Judge only the columns that a model has: the others get the length of its first."""
    scaled = xx.copy()
    first = xx[:, 0, 0]
    for column in range(xx.shape[1]):
        own = scaled[:, column, column]
        scaled[:, column, column] = np.where(has_column[:, column], own, first)
    return is_well_conditioned(scaled)


def _refined(design: Array, left: Array, model: Codes, inverse: Array) -> Array:
    """Return what one more step takes off the rounding of the first solution."""
    moment = sums_by(design * left[:, np.newaxis], model, len(inverse))
    return np.asarray(np.einsum("mij,mj->mi", inverse, moment))


def _errors(
    products: Array, scores: Array, inverse: Array, model: Codes, wanted: tuple[int, ...]
) -> tuple[Array, Array]:
    """Return standard errors and degrees of freedom of the wanted coefficients.

    Args:
        products: X_g'X_g of each cluster, shape (G, p, p).
        scores: X_g'e_g of each cluster, shape (G, p).
        inverse: (X'X)⁻¹ of each model, shape (m, p, p).
        model: Model of each cluster.
        wanted: Columns.
    """
    n_models, p = len(inverse), inverse.shape[1]
    errors, df = np.full((n_models, p), np.nan), np.full((n_models, p), np.nan)
    own = inverse[model]
    # Of X_g'A_g e_g only its product with (X'X)⁻¹w is needed, and A_g is symmetric: one root
    # applied to each wanted column serves the variance and the degrees of freedom alike.
    pulls = _pulled(products, own, own[:, :, list(wanted)])
    for place, column in enumerate(wanted):
        pull = pulls[:, :, place]
        moved = np.einsum("gij,gj->gi", products, pull)
        part = np.einsum("gi,gi->g", pull, scores)
        errors[:, column] = np.sqrt(np.bincount(model, part**2, n_models))
        df[:, column] = _degrees_of_freedom(pull, moved, own, inverse, model)
    return errors, df


def _degrees_of_freedom(
    pull: Array, moved: Array, own_inverse: Array, inverse: Array, model: Codes
) -> Array:
    """Return ``tr(B)²/tr(B²)`` of every model, B as for one."""
    n_models, p = len(inverse), inverse.shape[1]
    own = np.einsum("gi,gi->g", pull, moved)
    shared = np.einsum("gi,gij,gj->g", moved, own_inverse, moved)
    outer = (moved[:, :, np.newaxis] * moved[:, np.newaxis, :]).reshape(-1, p * p)
    common = inverse @ sums_by(outer, model, n_models).reshape(-1, p, p)
    trace = np.bincount(model, own - shared, n_models)
    square = np.bincount(model, own**2 - 2 * own * shared, n_models)
    square = square + np.einsum("mij,mji->m", common, common)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(square > 0, trace**2 / square, np.nan)


def _pulled(products: Array, inverse: Array, columns: Array) -> Array:
    """Return ``(I − (X'X)⁻¹ S_g)^(−1/2)`` times columns, for every cluster.

    By its power series where the cluster's leverage is small, by eigenvalues elsewhere.

    Args:
        products: S_g, shape (G, p, p).
        inverse: (X'X)⁻¹ of each cluster's model, shape (G, p, p).
        columns: Shape (G, p, k).
    """
    leverage = np.einsum("gij,gji->g", inverse, products)
    found, floor = np.empty_like(columns), -np.inf
    for most, terms in _SMALL_LEVERAGE:
        here = np.flatnonzero((leverage > floor) & (leverage <= most))
        found[here] = _by_series(products[here], inverse[here], columns[here], terms)
        floor = most
    here = np.flatnonzero(~(leverage <= floor))
    found[here] = _by_eigenvalues(products[here], inverse[here], columns[here])
    return found


def _by_series(products: Array, inverse: Array, columns: Array, terms: int) -> Array:
    """Sum ``Σ c_k (M S)^k v`` with ``c_k = c_{k−1} (2k − 1)/(2k)``."""
    step, power, factor = inverse @ products, columns, 1.0
    total = columns.copy()
    for k in range(1, terms + 1):
        power, factor = step @ power, factor * (2 * k - 1) / (2 * k)
        total += factor * power
    return total


def _by_eigenvalues(products: Array, inverse: Array, columns: Array) -> Array:
    """Take the root by the symmetric ``I − L'S_gL``; directions of leverage 1 are left out."""
    if not len(products):
        return columns
    lower = np.linalg.cholesky(inverse)
    upper = np.swapaxes(lower, 1, 2)
    values, vectors = np.linalg.eigh(upper @ products @ lower)
    left = 1 - values
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.where(left > _ROUNDING, 1 / np.sqrt(left), 0.0)
    inner = (vectors * root[:, np.newaxis, :]) @ np.swapaxes(vectors, 1, 2)
    return np.asarray(lower @ (inner @ np.linalg.solve(lower, columns)))
