"""Many small problems at once: sums by problem, and which systems can be solved blindly.

Every sum is added up in the order of the rows, problem by problem, so that a problem's result does
not depend on the others beside it, nor on how many threads a machine has.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

Z = 1.959963984540054
"""97.5 % quantile of the normal distribution."""

_LEAST_EIGENVALUE = 1e-8
_LEAST_COLUMN = 1e-6


def sums_by(columns: Array, problem: Codes, n_problems: int) -> Array:
    """Add up columns by problem.

    Args:
        columns: Shape (n, k).
        problem: Code of each row's problem, shape (n,).
        n_problems: Number of problems.

    Returns:
        Sums, shape (problems, k).
    """
    sums = np.empty((n_problems, columns.shape[1]))
    for number, column in enumerate(columns.T):
        sums[:, number] = np.bincount(problem, column, n_problems)
    return sums


def sums_of_products(
    design: Array, outcome: Array, problem: Codes, n_problems: int
) -> tuple[Array, Array]:
    """Return X'X and X'y of every problem.

    Args:
        design: X, shape (n, p).
        outcome: y, shape (n,).
        problem: Code of each row's problem, shape (n,).
        n_problems: Number of problems, m.

    Returns:
        Shapes (m, p, p) and (m, p).
    """
    p = design.shape[1]
    xx = np.empty((n_problems, p, p))
    for i in range(p):
        for j in range(i, p):
            xx[:, i, j] = np.bincount(problem, design[:, i] * design[:, j], n_problems)
            xx[:, j, i] = xx[:, i, j]
    return xx, sums_by(design * outcome[:, np.newaxis], problem, n_problems)


def products_of_columns(columns: Array) -> Array:
    """Return X'X, added up without a library whose sums depend on the number of threads.

    Args:
        columns: X, shape (n, p).

    Returns:
        Shape (p, p).
    """
    p = columns.shape[1]
    products = np.empty((p, p))
    for i in range(p):
        for j in range(i, p):
            products[i, j] = products[j, i] = (columns[:, i] * columns[:, j]).sum()
    return products


def is_well_conditioned(xx: Array) -> Mask:
    """Say which matrices X'X are so far from singular that rounding decides nothing.

    Args:
        xx: Shape (m, p, p), symmetric.

    Returns:
        Whether, with columns of length 1, no eigenvalue is below 1e-8, and no column is shorter
        than a millionth of the longest; shape (m,).
    """
    length = np.sqrt(np.maximum(np.einsum("mii->mi", xx), 0.0))
    longest = length.max(axis=1, initial=0.0)
    is_sound = (length > _LEAST_COLUMN * longest[:, np.newaxis]).all(axis=1)
    is_sound &= np.isfinite(xx).all(axis=(1, 2))
    scale = np.where(length > 0, length, 1.0)
    unit = xx / (scale[:, :, np.newaxis] * scale[:, np.newaxis, :])
    unit[~is_sound] = np.eye(xx.shape[1])
    is_sound &= np.linalg.eigvalsh(unit)[:, 0] > _LEAST_EIGENVALUE
    return np.asarray(is_sound)


def rows_of_problems(problem: Codes, chosen: Codes) -> Iterator[tuple[int, Codes]]:
    """Yield some problems, each with the positions of its rows, in their order."""
    for one in chosen:
        yield int(one), np.flatnonzero(problem == one)


def mean_by(values: Array, group: Codes, n_groups: int) -> Array:
    """Return the mean of each group; NaN without rows.

    Args:
        values: Shape (n,).
        group: Code of each row's group, shape (n,).
        n_groups: Number of groups.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(
            np.bincount(group, values, n_groups) / np.bincount(group, minlength=n_groups)
        )


def dense(codes: Codes) -> tuple[Codes, Codes]:
    """Number codes anew, without gaps and in their order.

    Args:
        codes: Codes from 0, shape (n,).

    Returns:
        The codes that occur, sorted, and for each row its position among them.
    """
    occurs = np.zeros(int(codes.max(initial=-1)) + 1, dtype=bool)
    occurs[codes] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs) - 1)[codes]


def joint_codes(columns: Sequence[Codes]) -> tuple[Codes, Codes]:
    """Number the rows by several columns of codes at once.

    Args:
        columns: Whole numbers, shape (n,) each, the column that counts most first.

    Returns:
        For each distinct row, sorted by the columns, where it stands first; and for each row its
        position among them.
    """
    joint, room = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        codes, size = _numbered(column)
        if room > np.iinfo(np.int64).max // size:
            _, joint = np.unique(joint, return_inverse=True)
            joint, room = joint.astype(np.int64), len(joint) + 1
        joint, room = joint * size + codes, room * size
    _, first, place = np.unique(joint, return_index=True, return_inverse=True)
    return first.astype(np.int64), place.astype(np.int64)


def _numbered(column: Codes) -> tuple[Codes, int]:
    """Return codes from 0 in the order of the values, and how many there may be."""
    low = int(column.min(initial=np.iinfo(np.int64).max))
    size = int(column.max(initial=low)) - low + 1
    if size <= max(len(column), 1):
        return column - low, size
    words, codes = np.unique(column, return_inverse=True)
    return codes.astype(np.int64), len(words)


def t_limits(
    value: Array, standard_error: Array, degrees_of_freedom: npt.ArrayLike
) -> tuple[Array, Array]:
    """Return 95 % t intervals, as :func:`rapport.statistics.dyads.coefficient` does for one.

    Args:
        value: Estimates, shape (m,).
        standard_error: Of the estimates; 0 or NaN gives no interval (NaN).
        degrees_of_freedom: Of Student's t; infinite for the normal one; below 1 gives NaN.

    Returns:
        Lower and upper limits.
    """
    from scipy.special import stdtrit

    df = np.asarray(degrees_of_freedom, dtype=float)
    with np.errstate(invalid="ignore"):
        quantile = np.where(df >= 1, stdtrit(np.where(np.isfinite(df), df, 1.0), 0.975), np.nan)
        quantile = np.where(np.isinf(df), Z, quantile)
        half = quantile * np.where(standard_error > 0, standard_error, np.nan)
    return value - half, value + half


def fisher_limits(r: Array, weight: npt.ArrayLike) -> tuple[Array, Array]:
    """Return Fisher's 95 % intervals, as ``fisher_interval`` of the alliance and outcome does.

    Args:
        r: Correlations, shape (m,).
        weight: n − 3, or the degrees of freedom − 1; NaN limits where not positive.

    Returns:
        Lower and upper limits.
    """
    given = np.asarray(weight, dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.arctanh(np.clip(r, -1 + 1e-15, 1 - 1e-15))
        half = np.where(given > 0, Z / np.sqrt(given), np.nan)
    return np.tanh(z - half), np.tanh(z + half)
