"""Many models with a random intercept at once: the same fits as one by one, without a pass each.

The criterion of :mod:`rapport.statistics.random_intercept` depends on a group through its number
of rows and its sums alone. Sums are therefore added up by model and number of rows, and every step
of the search is one pass over these few for all models together. What one model comes to depends
on its own rows only, in their order, never on which other models are fitted beside it.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rapport.statistics.batches import is_well_conditioned, sums_of_products

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_NEARLY_ONE = 1 - 1e-9
_GRID = 64
_STEPS = 200
_EXACT = 1e-14
_LEAST_WITHIN = 1e-9
"""Share of y'y that must lie within groups; with less, rounding decides, and one looks closer."""


@dataclass(frozen=True)
class RandomIntercepts:
    """Fitted models, one entry a model.

    Attributes:
        is_fitted: Whether there is a fit, shape (m,). Where not, the data are so close to what
            cannot be fitted that :func:`rapport.statistics.random_intercept.fit_random_intercept`
            has to say whether they can.
        coefficients: β, shape (m, p).
        covariance: Estimated covariance of the coefficients, shape (m, p, p).
        between: τ², variance between groups, shape (m,).
        n_rows, n_groups: Rows and groups, shape (m,).
    """

    is_fitted: Mask
    coefficients: Array
    covariance: Array
    between: Array
    n_rows: Codes
    n_groups: Codes


@dataclass(frozen=True)
class _Strata:
    """Sums by model and number of rows of a group, and over all rows of a model.

    Attributes:
        starts: Where the strata of each model begin, shape (m,).
        model: Model of each stratum.
        sizes, counts: Rows of each of its groups, and how many groups there are.
        sums: Sums over groups of the products of (x, y) sums, shape (strata, (p+1)²).
        whole: The same products over rows, shape (m, (p+1)²).
        n_rows: Rows of each model.
    """

    starts: Codes
    model: Codes
    sizes: Array
    counts: Array
    sums: Array
    whole: Array
    n_rows: Codes

    def of(self, chosen: Codes) -> "_Strata":
        """Return the strata of some models, numbered anew."""
        place = np.full(len(self.n_rows), -1)
        place[chosen] = np.arange(len(chosen))
        kept = place[self.model] >= 0
        model = place[self.model[kept]]
        return replace(
            self,
            starts=np.searchsorted(model, np.arange(len(chosen))),
            model=model,
            sizes=self.sizes[kept],
            counts=self.counts[kept],
            sums=self.sums[kept],
            whole=self.whole[chosen],
            n_rows=self.n_rows[chosen],
        )


def fit_random_intercepts(
    outcome: Array, group: Codes, design: Array, model_of_group: Codes, n_models: int
) -> RandomIntercepts:
    """Fit every model by restricted maximum likelihood.

    Args:
        outcome: y, shape (n,), finite.
        group: Code of each row's group, 0 … groups − 1, shape (n,); every group has rows.
        design: Columns of x, with a column of ones, shape (n, p), finite.
        model_of_group: Code of each group's model, shape (groups,).
        n_models: Number of models, m; one without rows is not fitted.

    Returns:
        The fits, equal to those of :func:`fit_random_intercept` up to rounding.

    Source:
        As :func:`rapport.statistics.random_intercept.fit_random_intercept`.
    """
    model, p = model_of_group[group], design.shape[1]
    n_rows = np.bincount(model, minlength=n_models)
    xx, xy = sums_of_products(design, outcome, model, n_models)
    is_sound = (n_rows > p) & is_well_conditioned(xx)
    start = np.zeros((n_models, p))
    start[is_sound] = np.linalg.solve(xx[is_sound], xy[is_sound][..., np.newaxis])[..., 0]
    left = outcome - np.einsum("ij,ij->i", design, start[model])
    within, strata = _strata(left, group, design, model_of_group, n_models)
    is_sound &= within > _LEAST_WITHIN * np.bincount(model, outcome**2, n_models)
    found = RandomIntercepts(
        is_fitted=is_sound,
        coefficients=np.full((n_models, p), np.nan),
        covariance=np.full((n_models, p, p), np.nan),
        between=np.full(n_models, np.nan),
        n_rows=n_rows.astype(np.int64),
        n_groups=np.bincount(model_of_group, minlength=n_models).astype(np.int64),
    )
    chosen = np.flatnonzero(is_sound)
    if len(chosen):
        _fill(found, chosen, strata.of(chosen), start[chosen])
    return found


def _strata(
    left: Array, group: Codes, design: Array, model_of_group: Codes, n_models: int
) -> tuple[Array, _Strata]:
    """Add up products by model and size; also return what varies of y within groups."""
    joint = np.column_stack([design, left])
    n_groups, width = len(model_of_group), joint.shape[1]
    model = model_of_group[group]
    sizes = np.bincount(group, minlength=n_groups)
    totals = np.column_stack([np.bincount(group, one, n_groups) for one in joint.T])
    room = int(sizes.max(initial=0)) + 1
    keys, place = np.unique(model_of_group * room + sizes, return_inverse=True)
    pairs = [(i, j) for i in range(width) for j in range(width)]
    sums: Array = np.column_stack(
        [np.bincount(place, totals[:, i] * totals[:, j], len(keys)) for i, j in pairs]
    ).astype(float)
    whole: Array = np.column_stack(
        [np.bincount(model, joint[:, i] * joint[:, j], n_models) for i, j in pairs]
    ).astype(float)
    size = (keys % room).astype(float)
    own = keys // room
    within: Array = whole[:, -1] - np.bincount(own, sums[:, -1] / size, n_models)
    return within, _Strata(
        starts=np.searchsorted(own, np.arange(n_models)),
        model=own,
        sizes=size,
        counts=np.bincount(place, minlength=len(keys)).astype(float),
        sums=sums,
        whole=whole,
        n_rows=np.bincount(model, minlength=n_models),
    )


def _fill(found: RandomIntercepts, chosen: Codes, strata: _Strata, start: Array) -> None:
    """Fit the chosen models, and enter what was found."""
    icc, is_found = _best_icc(strata)
    beta, inverse, within = _least_squares(_weighted(strata, icc), strata)
    found.is_fitted[chosen] = is_found
    found.coefficients[chosen] = np.where(is_found[:, np.newaxis], start + beta, np.nan)
    spread = np.where(is_found, within, np.nan)
    found.covariance[chosen] = inverse * spread[:, np.newaxis, np.newaxis]
    found.between[chosen] = icc / (1 - icc) * spread


def _weighted(strata: _Strata, icc: Array) -> Array:
    """Return the products of (x, y) weighted by V⁻¹σ², shape (m, p + 1, p + 1)."""
    ratio = (icc / (1 - icc))[strata.model]
    weight = ratio / (1 + ratio * strata.sizes)
    taken = np.add.reduceat(strata.sums * weight[:, np.newaxis], strata.starts, axis=0)
    width = int(np.sqrt(strata.sums.shape[1]))
    return (strata.whole - taken).reshape(-1, width, width)


def _least_squares(weighted: Array, strata: _Strata) -> tuple[Array, Array, Array]:
    """Return β, its covariance over σ², and σ²."""
    xx, xy, yy = weighted[:, :-1, :-1], weighted[:, :-1, -1], weighted[:, -1, -1]
    inverse = np.asarray(np.linalg.inv(xx), dtype=float)
    beta = np.einsum("mij,mj->mi", inverse, xy)
    residual = np.maximum(yy - np.einsum("mi,mi->m", xy, beta), 0.0)
    return beta, inverse, residual / (strata.n_rows - xx.shape[1])


def _criterion(strata: _Strata, icc: Array) -> Array:
    """Return −2 × the restricted log-likelihood, profiled over β and σ²."""
    weighted = _weighted(strata, icc)
    xx, xy, yy = weighted[:, :-1, :-1], weighted[:, :-1, -1], weighted[:, -1, -1]
    df = strata.n_rows - xx.shape[1]
    solved = np.linalg.solve(xx, xy[..., np.newaxis])[..., 0]
    residual = yy - np.einsum("mi,mi->m", xy, solved)
    ratio = (icc / (1 - icc))[strata.model]
    spread = np.add.reduceat(strata.counts * np.log1p(ratio * strata.sizes), strata.starts)
    is_left = residual > np.finfo(float).eps * np.maximum(yy, 1.0)
    logarithm = np.log(2 * np.pi * np.where(is_left, residual, 1.0) / df)
    value = spread + np.linalg.slogdet(xx)[1] + df * (1 + logarithm)
    return np.where(is_left, value, -np.inf)


def _slope(strata: _Strata, icc: Array) -> Array:
    """Return the derivative of the criterion by θ at each model's intraclass correlation."""
    beta, inverse, within = _least_squares(_weighted(strata, icc), strata)
    model, width = strata.model, beta.shape[1] + 1
    inflation = 1 + (icc / (1 - icc))[model] * strata.sizes
    sums = strata.sums.reshape(-1, width, width)
    leverage = np.einsum("sij,sij->s", sums[:, :-1, :-1], inverse[model])
    residual_of = np.column_stack([-beta, np.ones(len(beta))])[model]
    squares = np.einsum("si,sij,sj->s", residual_of, sums, residual_of)
    of_stratum = strata.counts * strata.sizes / inflation
    of_stratum = of_stratum - (leverage + squares / within[model]) / inflation**2
    return np.asarray(np.add.reduceat(of_stratum, strata.starts))


def _best_icc(strata: _Strata) -> tuple[Array, Mask]:
    """Return the intraclass correlation of the largest likelihood, and whether it was found."""
    grid = np.linspace(0.0, _NEARLY_ONE, _GRID)
    m = len(strata.n_rows)
    values = np.column_stack([_criterion(strata, np.full(m, one)) for one in grid])
    best = np.argmin(values, axis=1)
    low, high = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, _GRID - 1)]
    at_low, at_high = _slope(strata, low), _slope(strata, high)
    is_nothing = (best == 0) & (at_low >= 0)
    is_between = ~is_nothing & (at_low < 0) & (at_high > 0)
    icc = np.zeros(m)
    inside = np.flatnonzero(is_between)
    if len(inside):
        icc[inside] = _root(strata.of(inside), low[inside], high[inside])
    return icc, (is_nothing | is_between) & np.isfinite(values).all(axis=1)


def _root(strata: _Strata, low: Array, high: Array) -> Array:
    """Return where each slope is nought, by regula falsi that halves the end it stays at."""
    at_low, at_high = _slope(strata, low), _slope(strata, high)
    side = np.zeros(len(low))
    middle = low
    for step in range(_STEPS):
        is_open = (high - low > _EXACT * high) & (at_low != 0) & (at_high != 0)
        if not is_open.any():
            break
        falsi = (low * at_high - high * at_low) / (at_high - at_low)
        is_inside = (falsi > low) & (falsi < high) & (step % 8 < 7)  # noqa: PLR2004 - now and then
        middle = np.where(is_inside, falsi, (low + high) / 2)
        slope = _slope(strata, middle)
        goes_up = is_open & (slope < 0)
        goes_down = is_open & ~(slope < 0)
        at_high = np.where(goes_up & (side == 1), at_high / 2, at_high)
        at_low = np.where(goes_down & (side == -1), at_low / 2, at_low)
        low, at_low = np.where(goes_up, middle, low), np.where(goes_up, slope, at_low)
        high, at_high = np.where(goes_down, middle, high), np.where(goes_down, slope, at_high)
        side = np.where(goes_up, 1, np.where(goes_down, -1, side))
    return np.where(np.abs(at_low) < np.abs(at_high), low, high)
