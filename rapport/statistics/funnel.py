"""Funnel limits for proportions: what chance alone would do to units of each size.

Units inside are unremarkable; units outside are to be asked about, not blamed. Wide scatter of all
units (over-dispersion) widens the limits, multiplicatively or additively.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.errors import Fault, StatisticsError

Array = npt.NDArray[np.float64]

WINSORISED = 0.1
"""Share of units at each end whose z-scores are drawn in before over-dispersion is judged."""


def exact_limit(target: float, denominators: npt.ArrayLike, probability: float) -> Array:
    """Return the exact binomial funnel limit, interpolated between whole counts.

    Args:
        target: θ₀, in (0, 1).
        denominators: Sizes of units, whole numbers ≥ 1, any shape.
        probability: Tail probability up to the limit, such as 0.025 or 0.999.

    Returns:
        ``(r − α)/n``, with r the smallest count whose cumulated probability reaches
        ``probability`` and ``α = (P(R ≤ r) − probability)/P(R = r)``.

    Raises:
        StatisticsError: The target or the probability is not in (0, 1), or a size is below 1.

    Source:
        Spiegelhalter (2005), Stat Med 24:1185-1202, appendix A.1.1.
    """
    from scipy.special import bdtr, gammaln, xlog1py, xlogy

    n = _sizes(denominators, target, probability)
    count = _binomial_quantile(target, n, probability)
    log_probability = (
        gammaln(n + 1)
        - gammaln(count + 1)
        - gammaln(n - count + 1)
        + xlogy(count, target)
        + xlog1py(n - count, -target)
    )
    over = bdtr(count, n.astype(np.int64), target) - probability
    return np.asarray((count - over / np.exp(log_probability)) / n)


def _binomial_quantile(target: float, n: Array, probability: float) -> Array:
    """Return the smallest r with P(R ≤ r) ≥ probability, by bisection over whole numbers."""
    from scipy.special import bdtr

    low, high = np.zeros_like(n), n.copy()
    size = n.astype(np.int64)
    while np.any(low < high):
        middle = np.floor((low + high) / 2)
        reached = bdtr(middle, size, target) >= probability
        high = np.where(reached, middle, high)
        low = np.where(reached, low, np.minimum(middle + 1, high))
    return low


def approximate_limit(
    target: float, denominators: npt.ArrayLike, probability: float, *, dispersion: float = 1.0
) -> Array:
    """Return the normal funnel limit ``θ₀ + z √(φ θ₀(1 − θ₀)/n)``, cut to [0, 1].

    Args:
        target: θ₀, in (0, 1).
        denominators: Sizes of units, ≥ 1.
        probability: Tail probability up to the limit.
        dispersion: φ ≥ 1 of :func:`over_dispersion`; 1 for none.

    Raises:
        StatisticsError: The target or the probability is not in (0, 1), or a size is below 1.

    Source:
        Spiegelhalter (2005), Stat Med 24:1185-1202, sections 2 and 3.
    """
    from scipy.special import ndtri

    n = _sizes(denominators, target, probability)
    error = np.sqrt(dispersion * target * (1 - target) / n)
    return np.asarray(np.clip(target + ndtri(probability) * error, 0.0, 1.0))


@dataclass(frozen=True)
class OverDispersion:
    """How much more units scatter than chance.

    Attributes:
        multiplicative: φ, mean of squared winsorised z-scores; limits widen by √φ if above 1.
        additive: τ², variance between units beyond chance, ≥ 0, in squared units of the value.
    """

    multiplicative: float
    additive: float


def over_dispersion(
    values: npt.ArrayLike, standard_errors: npt.ArrayLike, target: float
) -> OverDispersion:
    """Estimate over-dispersion from the units themselves.

    Args:
        values: Value of each unit, shape (units,).
        standard_errors: Standard error of each under the target, > 0.
        target: θ₀, in the unit of the values.

    Returns:
        Both estimates; from no unit, 1 and 0.

    Raises:
        StatisticsError: A standard error is not positive, or shapes differ.

    Source:
        Spiegelhalter (2005), Qual Saf Health Care 14:347-351; Spiegelhalter et al. (2012),
        J R Stat Soc A 175:1-47, section 4.
    """
    y, s = np.asarray(values, dtype=float), np.asarray(standard_errors, dtype=float)
    if y.shape != s.shape or not np.all(s > 0):
        raise StatisticsError(
            Fault("STANDARD_ERROR", "Standard errors must be positive, one a unit.", "Check them.")
        )
    if not len(y):
        return OverDispersion(1.0, 0.0)
    z = (y - target) / s
    z = np.clip(z, *np.quantile(z, [WINSORISED, 1 - WINSORISED]))
    phi, weight, units = float(np.mean(z**2)), s**-2, len(y)
    spread = float(weight.sum() - (weight**2).sum() / weight.sum())
    excess = units * phi - (units - 1)
    return OverDispersion(phi, max(0.0, excess / spread) if spread > 0 else 0.0)


def adjusted_z(
    values: npt.ArrayLike, standard_errors: npt.ArrayLike, target: float, additive: float
) -> Array:
    """Return ``(y − θ₀)/√(s² + τ²)`` for each unit.

    Source:
        Spiegelhalter (2005), Qual Saf Health Care 14:347-351.
    """
    y, s = np.asarray(values, dtype=float), np.asarray(standard_errors, dtype=float)
    return np.asarray((y - target) / np.sqrt(s**2 + additive))


def _sizes(denominators: npt.ArrayLike, target: float, probability: float) -> Array:
    n = np.asarray(denominators, dtype=float)
    if not (0 < target < 1 and 0 < probability < 1 and np.all(n >= 1)):
        raise StatisticsError(
            Fault(
                "FUNNEL",
                "Target and probability must lie in (0, 1), and sizes be at least 1.",
                "Leave out empty units; a target of 0 or 1 has no funnel.",
            )
        )
    return n
