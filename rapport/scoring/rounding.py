"""Rounding for display: half away from zero, as the published tables do it.

Classification never sees a rounded number; this is the last step before print.
"""

from decimal import ROUND_HALF_UP, Decimal

import numpy as np
from numpy.typing import ArrayLike, NDArray


def round_half_up(value: float, digits: int = 0) -> float:
    """Return ``value`` rounded half away from zero: 56.25 → 56.3, 0.5 → 1, −0.5 → −1.

    Works on the shortest decimal text of the number, so that 1.005, which no float holds exactly,
    rounds to 1.01 as its reader expects. NaN and infinities come back as they are.

    Args:
        value: Any number.
        digits: Decimal places to keep, ≥ 0.

    Source:
        NHS England publishes half-up: 9 of 16 = 56.25 % is printed as 56.3.

    Example:
        >>> round_half_up(56.25, 1)
        56.3
    """
    if not np.isfinite(value):
        return float(value)
    quantum = Decimal(1).scaleb(-digits)
    return float(Decimal(str(float(value))).quantize(quantum, rounding=ROUND_HALF_UP))


def in_words(value: float | None, digits: int = 1) -> str:
    """Return a number as printed, rounded half-up: ``56.3``; an en dash where there is none."""
    if value is None or not np.isfinite(value):
        return "–"
    return f"{round_half_up(value, digits):.{digits}f}"


def whole_half_up(values: ArrayLike) -> NDArray[np.float64]:
    """Return an array rounded half away from zero to whole numbers; NaN stays NaN.

    A tiny excess (1e-9) is added first: 20.5 that arithmetic made 20.499999999999996 goes up.
    """
    array = np.asarray(values, dtype=np.float64)
    rounded: NDArray[np.float64] = np.copysign(np.floor(np.abs(array) + 0.5 + 1e-9), array)
    return rounded


def without_noise(values: ArrayLike) -> NDArray[np.float64]:
    """Return an array without the noise that adding decimals leaves: 24.999999999999996 is 25.

    Scales with decimal steps need it wherever a sum or difference meets a threshold. Whole numbers
    come back as they are; nothing published has nine decimals.

    Example:
        >>> float(without_noise(5.1 + 2.0 + 9.7 + 8.2))
        25.0
    """
    rounded: NDArray[np.float64] = np.asarray(values, dtype=np.float64).round(9)
    return rounded
