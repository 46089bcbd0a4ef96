"""What a calibration case is, and how one is run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.statistics.dyads import Coefficient

Array = npt.NDArray[np.float64]
Random = np.random.Generator

LOWEST, HIGHEST = 0.94, 0.96
"""Coverage that a 95 % interval is held to in the regimes that Rapport publishes in."""

_NOISE = 2.0


@dataclass(frozen=True)
class Case:
    """One interval in one regime.

    Attributes:
        what: The interval.
        regime: The world, in words.
        draw: Makes one world and says of each interval in it whether it holds the truth: 1 or 0,
            NaN for one that was not given.
        is_target: Whether 94 to 96 % is asked of it; otherwise it shows where an interval ends
            to be one.
        cost: Worlds are divided by this: models that take longer see fewer of them.
    """

    what: str
    regime: str
    draw: Callable[[Random], Array]
    is_target: bool = True
    cost: int = 1


@dataclass(frozen=True)
class Coverage:
    """What was found.

    Attributes:
        case: The case.
        worlds: Worlds drawn.
        asked: Intervals given.
        coverage: Share of them that hold the truth.
        error: Monte-Carlo standard error of the share, over worlds.
    """

    case: Case
    worlds: int
    asked: int
    coverage: float
    error: float

    @property
    def verdict(self) -> str:
        """``kept``, ``short`` or ``wide``, two Monte-Carlo errors allowed for; or no target."""
        if self.coverage + _NOISE * self.error < LOWEST:
            found = "short"
        else:
            found = "wide" if self.coverage - _NOISE * self.error > HIGHEST else "kept"
        return found if self.case.is_target else f"({found})"


def run(case: Case, *, worlds: int, seed: int) -> Coverage:
    """Draw worlds and count.

    Args:
        case: The case.
        worlds: Worlds of a case of cost 1.
        seed: Of the random numbers; the same gives the same table.

    Returns:
        The coverage.
    """
    random = np.random.default_rng(seed)
    n = max(2, worlds // case.cost)
    drawn = [case.draw(random) for _ in range(n)]
    given = [one[np.isfinite(one)] for one in drawn]
    totals = np.array([one.sum() for one in given])
    sizes = np.array([len(one) for one in given], dtype=float)
    share = float(totals.sum() / sizes.sum()) if sizes.sum() else float("nan")
    spread = np.sqrt(np.sum((totals - share * sizes) ** 2) * n / (n - 1))
    error = float(spread / sizes.sum()) if sizes.sum() else float("nan")
    return Coverage(case, n, int(sizes.sum()), share, error)


def holds(truth: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike) -> Array:
    """Say of each interval whether it holds the truth; NaN where there is no interval."""
    t, below, above = (np.atleast_1d(np.asarray(one, dtype=float)) for one in (truth, low, high))
    is_in = (below <= t) & (t <= above)
    return np.where(np.isfinite(below) & np.isfinite(above), is_in, np.nan).astype(float)


def all_hold(truths: Sequence[float], found: Sequence[Coefficient]) -> Array:
    """Say of each estimate whether its interval holds its truth."""
    return holds(truths, [one.low for one in found], [one.high for one in found])
