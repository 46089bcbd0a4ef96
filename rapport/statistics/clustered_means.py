"""Errors of means whose observations go together in clusters, fit for few and unequal clusters.

The bias-reduced (CR2) covariance of Bell and McCaffrey and Satterthwaite's degrees of freedom, for
an intercept alone, where both have a closed form: with ``h_g = n_g/n`` the share of the
observations that cluster g holds, its residuals count ``1/√(1 − h_g)`` times. For clusters of one
size it is ``√(G/(G−1))`` and G − 1 degrees of freedom; a cluster that holds half of everything
leaves hardly two.
"""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

_ALL_BUT_NOTHING = 1e-12


def clustered_errors(sizes: Array, sums: Array, group: Codes, n_groups: int) -> tuple[Array, Array]:
    """Return each group's standard error and degrees of freedom.

    Args:
        sizes: Observations of each cluster, shape (clusters,), > 0.
        sums: Sum of each cluster's residuals from its group's mean, same shape.
        group: Code of each cluster's group, 0 … n_groups − 1; a cluster with rows in two groups
            stands twice.
        n_groups: Number of groups.

    Returns:
        Standard error of the mean in its unit, and degrees of freedom in (0, clusters − 1], shape
        (n_groups,) each; NaN for fewer than two clusters.

    Source:
        Bell & McCaffrey (2002), Survey Methodology 28:169-181; Imbens & Kolesár (2016), Rev Econ
        Stat 98:701-712; in R ``clubSandwich::coef_test(lm(y ~ 1), "CR2", test = "Satterthwaite")``.

    Example:
        >>> error, df = clustered_errors(np.ones(2), np.array([-1.0, 1.0]), np.zeros(2, int), 1)
        >>> float(error[0]), float(df[0])  # √(2/(2 − 1) · (1² + 1²))/2
        (1.0, 1.0)
    """
    n = np.bincount(group, sizes, n_groups)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = sizes / n[group]
        left = np.where(1 - share > _ALL_BUT_NOTHING, 1 - share, np.nan)
        error = np.sqrt(np.bincount(group, sums**2 / left, n_groups)) / n
        own = share / left
        spread = np.bincount(group, own**2 * (1 - 2 * share), n_groups)
        df = 1 / (spread + np.bincount(group, own * share, n_groups) ** 2)
    several = np.bincount(group, minlength=n_groups) > 1
    return np.where(several, error, np.nan), np.where(several, df, np.nan)
