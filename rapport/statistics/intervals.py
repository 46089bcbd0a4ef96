"""Intervals for proportions and for means of clustered observations; vectorised, 95 % by default.

Everything takes and returns arrays of one shape; NaN stands where an interval means nothing
(no observation, one patient, no variation). SciPy's special functions are imported inside.
"""

import numpy as np
import numpy.typing as npt

from rapport.errors import Fault, StatisticsError

Array = npt.NDArray[np.float64]

LEVEL = 0.95
"""Confidence of every interval that is printed."""


def wilson(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, *, level: float = LEVEL
) -> tuple[Array, Array]:
    """Return Wilson's score interval for proportions.

    Args:
        numerator: Successes, any shape, 0 ≤ numerator ≤ denominator; need not be whole.
        denominator: Trials, same shape; 0 gives NaN.
        level: Confidence, in (0, 1).

    Returns:
        Lower and upper limits, in [0, 1].

    Raises:
        StatisticsError: A numerator lies outside [0, denominator], or the level outside (0, 1).

    Source:
        Wilson (1927), JASA 22:209-212; Newcombe (1998), Stat Med 17:857-872, method 3.

    Example:
        >>> low, high = wilson([81], [263])
        >>> float(low[0].round(4)), float(high[0].round(4))
        (0.2553, 0.3662)
    """
    from scipy.special import ndtri

    x, n = _counts(numerator, denominator)
    return _wilson(x, n, np.asarray(ndtri(_upper_tail(level))))


def _wilson(x: Array, n: Array, z: Array) -> tuple[Array, Array]:
    with np.errstate(divide="ignore", invalid="ignore"):
        p = x / n
        spread = 1 + z**2 / n
        centre = (p + z**2 / (2 * n)) / spread
        half = z / spread * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low = np.where(x == 0, np.where(n > 0, 0.0, np.nan), centre - half)
    high = np.where(x == n, np.where(n > 0, 1.0, np.nan), centre + half)
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def exact(
    numerator: npt.ArrayLike, denominator: npt.ArrayLike, *, level: float = LEVEL
) -> tuple[Array, Array]:
    """Return the exact (Clopper–Pearson) interval for proportions.

    Args:
        numerator: Successes, whole numbers, 0 ≤ numerator ≤ denominator.
        denominator: Trials; 0 gives NaN.
        level: Confidence, in (0, 1); coverage is at least this.

    Returns:
        Lower and upper limits, in [0, 1].

    Raises:
        StatisticsError: A numerator lies outside [0, denominator], or the level outside (0, 1).

    Source:
        Clopper & Pearson (1934), Biometrika 26:404-413, by the beta quantiles.

    Example:
        >>> low, high = exact([81], [263])
        >>> float(low[0].round(4)), float(high[0].round(4))
        (0.2527, 0.3676)
    """
    from scipy.special import betaincinv

    x, n = _counts(numerator, denominator)
    tail = 1 - _upper_tail(level)
    low = np.asarray(betaincinv(np.maximum(x, 1), n - np.minimum(x, n) + 1, tail))
    high = np.asarray(betaincinv(x + 1, np.maximum(n - x, 1), 1 - tail))
    low = np.where(x == 0, 0.0, low)
    high = np.where(x == n, 1.0, high)
    return np.where(n > 0, low, np.nan), np.where(n > 0, high, np.nan)


def clustered_mean(
    value: Array, standard_error: Array, degrees_of_freedom: Array, *, level: float = LEVEL
) -> tuple[Array, Array]:
    """Return t intervals around means whose errors are clustered.

    Args:
        value: Means, shape (n,).
        standard_error: Cluster-robust standard errors, same shape and unit; 0 gives NaN, because
            a spread that was not seen is not known to be absent.
        degrees_of_freedom: Of the standard errors, > 0; NaN gives NaN.
        level: Confidence, in (0, 1).

    Returns:
        Lower and upper limits, in the unit of ``value``.

    Source:
        Bell & McCaffrey (2002), Survey Methodology 28:169-181; errors and degrees of freedom from
        :mod:`rapport.statistics.clustered_means`.
    """
    half = _t(degrees_of_freedom, level) * np.where(standard_error > 0, standard_error, np.nan)
    return value - half, value + half


def clustered_wilson(
    numerator: Array,
    denominator: Array,
    standard_error: Array,
    n_clusters: Array,
    degrees_of_freedom: Array,
    *,
    level: float = LEVEL,
) -> tuple[Array, Array]:
    """Return Wilson intervals on the effective number of observations.

    The design effect is the cluster-robust variance over the binomial one, not less than 1. Where
    all observations agree no variance is seen; the number of clusters is then the effective
    number, as if the observations of one cluster said one thing.

    Args:
        numerator: Successes, shape (n,).
        denominator: Observations, same shape.
        standard_error: Cluster-robust standard error of the proportion.
        n_clusters: Clusters (patients) behind each proportion.
        degrees_of_freedom: Of the standard errors, > 0; NaN (fewer than two clusters) gives NaN.
        level: Confidence, in (0, 1).

    Returns:
        Lower and upper limits, in [0, 1].

    Source:
        Korn & Graubard (1998), Survey Methodology 24:193-201, put into Wilson's interval as
        compared by Franco et al. (2019), J Surv Stat Methodol 7:334-364.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        p = numerator / denominator
        binomial = p * (1 - p) / denominator
        effect = np.maximum(standard_error**2 / binomial, 1.0)
        effective = np.where(binomial > 0, denominator / effect, n_clusters)
    return _wilson(p * effective, effective, _t(degrees_of_freedom, level))


def _t(degrees_of_freedom: Array, level: float) -> Array:
    from scipy.special import stdtrit

    df = np.where(degrees_of_freedom > 0, degrees_of_freedom, np.nan)
    return np.asarray(stdtrit(df, _upper_tail(level)), dtype=float)


def _upper_tail(level: float) -> float:
    if not 0 < level < 1:
        raise StatisticsError(
            Fault("LEVEL", "A confidence level must lie between 0 and 1.", "Use 0.95, say.")
        )
    return 0.5 + level / 2


def _counts(numerator: npt.ArrayLike, denominator: npt.ArrayLike) -> tuple[Array, Array]:
    x = np.asarray(numerator, dtype=float)
    n = np.asarray(denominator, dtype=float)
    if not np.all((x >= 0) & (x <= n)):
        raise StatisticsError(
            Fault(
                "NUMERATOR_OUTSIDE_DENOMINATOR",
                "A numerator is negative or larger than its denominator.",
                "Count numerator and denominator on the same rows.",
            )
        )
    return x, n
