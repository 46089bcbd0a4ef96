"""Control charts: whether a series over months varies as chance would let it, in plain words.

A signal is a reason to ask, not a verdict. Each chart gives the centre and limits of every point;
:func:`signals` reads them by named rules.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.errors import Fault, StatisticsError

Array = npt.NDArray[np.float64]

_D2 = 1.128
"""Expected range of two normal observations, in standard deviations, as it is tabulated."""

_MR_UPPER = 3.267
_XMR_WIDTH = 2.66
_SIGMAS = 3.0
_WARNING = 2.0 / 3.0

FEWEST_POINTS = 12
"""Points under which limits are too uncertain to be read."""


@dataclass(frozen=True)
class ControlChart:
    """A series with its centre and limits; arrays have one entry a point.

    Attributes:
        values: The points, in order of time.
        centre: Central line.
        lower, upper: Control limits of each point.
        kind: ``p``, ``laney_p`` or ``xmr``.
        warning: Distance from the centre beyond which a point lies near a limit: two thirds of
            the way to the limit, before that was cut to [0, 1]; from the limits if not given.
    """

    values: Array
    centre: float
    lower: Array
    upper: Array
    kind: str
    warning: Array | None = None


@dataclass(frozen=True)
class Signal:
    """One thing that a series shows and chance rarely does.

    Attributes:
        rule: ``outside``, ``shift``, ``trend``, ``near_limit``, ``long_run``, ``few_crossings``.
        points: Positions of the points that make it, from 0; empty for the whole series.
        words: What it means, in a sentence.
    """

    rule: str
    points: tuple[int, ...]
    words: str


def p_chart(numerators: npt.ArrayLike, denominators: npt.ArrayLike) -> ControlChart:
    """Return the chart of proportions with limits ``p̄ ± 3 √(p̄(1 − p̄)/n_i)``, cut to [0, 1].

    Args:
        numerators: Counts, shape (points,), 0 ≤ numerator ≤ denominator.
        denominators: Sizes, ≥ 1.

    Raises:
        StatisticsError: There is no point, or a count is out of range.

    Source:
        Shewhart (1931), Economic Control of Quality; Montgomery (2013), section 7.2.
    """
    x, n = _proportions(numerators, denominators)
    return _proportion_chart(x, n, 1.0, "p")


def laney_p_chart(numerators: npt.ArrayLike, denominators: npt.ArrayLike) -> ControlChart:
    """Return the p′-chart: limits of the p-chart times σ_z, the spread between its z-scores.

    Args:
        numerators: Counts, shape (points,), at least two points.
        denominators: Sizes, ≥ 1.

    Raises:
        StatisticsError: There are fewer than two points, or a count is out of range.

    Source:
        Laney (2002), Qual Eng 14:531-537.
    """
    x, n = _proportions(numerators, denominators, fewest=2)
    mean = x.sum() / n.sum()
    error = np.sqrt(mean * (1 - mean) / n)
    with np.errstate(divide="ignore", invalid="ignore"):
        z = np.where(error > 0, (x / n - mean) / error, 0.0)
    return _proportion_chart(x, n, float(np.mean(np.abs(np.diff(z))) / _D2), "laney_p")


def _proportion_chart(x: Array, n: Array, spread: float, kind: str) -> ControlChart:
    mean = float(x.sum() / n.sum())
    half = _SIGMAS * spread * np.sqrt(mean * (1 - mean) / n)
    low, high = np.clip(mean - half, 0.0, 1.0), np.clip(mean + half, 0.0, 1.0)
    return ControlChart(x / n, mean, low, high, kind, _WARNING * half)


def xmr_chart(values: npt.ArrayLike, *, screen: bool = False) -> ControlChart:
    """Return the chart of single values with limits ``x̄ ± 2.66 · mean moving range``.

    Args:
        values: The points, shape (points,), at least two, finite.
        screen: Leave moving ranges above 3.267 times their mean out of the mean, once.

    Raises:
        StatisticsError: There are fewer than two points, or one is missing.

    Source:
        Wheeler (1993), Understanding Variation; Montgomery (2013), section 6.4.
    """
    x = np.asarray(values, dtype=float)
    if x.ndim != 1 or len(x) < 2 or not np.isfinite(x).all():  # noqa: PLR2004 - one range
        raise _fault("At least two points, none of them missing, make a chart.")
    ranges = np.abs(np.diff(x))
    if screen:
        ranges = ranges[ranges <= _MR_UPPER * ranges.mean()]
    half = _XMR_WIDTH * ranges.mean()
    flat = np.ones(len(x))
    return ControlChart(
        x, float(x.mean()), (x.mean() - half) * flat, (x.mean() + half) * flat, "xmr"
    )


def signals(chart: ControlChart, *, run: int = 7) -> tuple[Signal, ...]:
    """Read a chart by all rules.

    Args:
        chart: A chart with at least :data:`FEWEST_POINTS` points; with fewer, only ``outside`` is
            read.
        run: Points in a row on one side (shift), or all rising or falling (trend).

    Returns:
        The signals, by rule and then by time; none if the series varies as chance lets it.

    Source:
        Shewhart (1931) for ``outside``; NHS England, Making Data Count, for ``shift``, ``trend``
        and ``near_limit``; Anhøj & Olesen (2014), PLoS ONE 9:e113825, for ``long_run`` and
        ``few_crossings``.
    """
    found = list(_outside(chart))
    if len(chart.values) >= FEWEST_POINTS:
        found += [*_shifts(chart, run), *_trends(chart, run), *_near_limit(chart), *_runs(chart)]
    return tuple(found)


def _outside(chart: ControlChart) -> list[Signal]:
    is_out = (chart.values < chart.lower) | (chart.values > chart.upper)
    return [
        Signal(
            "outside",
            (int(point),),
            "This point lies outside what chance alone would explain: ask what was different.",
        )
        for point in np.flatnonzero(is_out)
    ]


def _shifts(chart: ControlChart, run: int) -> list[Signal]:
    words = f"{run} or more points in a row lie on one side of the average: the level has moved."
    side = np.sign(chart.values - chart.centre)
    return [Signal("shift", points, words) for points in _stretches(side, run)]


def _trends(chart: ControlChart, run: int) -> list[Signal]:
    words = f"{run} or more points in a row go one way: something is changing steadily."
    steps = np.sign(np.diff(chart.values))
    return [
        Signal("trend", (*points, points[-1] + 1), words) for points in _stretches(steps, run - 1)
    ]


def _near_limit(chart: ControlChart) -> list[Signal]:
    """Two of three points in a row in the outer third of one side.

    A limit that was cut to 0 has its outer third below 0: there, a point at 0 is no warning.
    """
    up, down = _WARNING * (chart.upper - chart.centre), _WARNING * (chart.centre - chart.lower)
    if chart.warning is not None:
        up = down = chart.warning
    high = chart.values > chart.centre + up
    low = chart.values < chart.centre - down
    words = "Two of three points in a row lie close to a limit: watch the next ones."
    found = []
    for side in (high, low):
        for start in range(len(side) - 2):
            points = tuple(int(point) for point in start + np.flatnonzero(side[start : start + 3]))
            if len(points) > 1 and Signal("near_limit", points, words) not in found:
                found.append(Signal("near_limit", points, words))
    return found


def _runs(chart: ControlChart) -> list[Signal]:
    """Anhøj's rules on runs about the median: points on the median do not count."""
    from scipy.special import bdtr

    side = np.sign(chart.values - np.median(chart.values))
    useful = side[side != 0]
    if len(useful) < FEWEST_POINTS:
        return []
    found = []
    longest = max(len(points) for points in _stretches(useful, 1))
    if longest > round(np.log2(len(useful)) + 3):
        found.append(
            Signal("long_run", (), "The longest stretch on one side is longer than chance allows.")
        )
    crossings, gaps = int((np.diff(useful) != 0).sum()), len(useful) - 1
    fewest = int(np.argmax(bdtr(np.arange(gaps + 1, dtype=float), gaps, 0.5) >= 0.05))  # noqa: PLR2004 - the published level
    if crossings < fewest:
        found.append(
            Signal("few_crossings", (), "The series crosses its middle more rarely than by chance.")
        )
    return found


def _stretches(side: Array, shortest: int) -> list[tuple[int, ...]]:
    """Return the positions of each unbroken stretch of one sign (not 0) of at least a length."""
    ends = np.flatnonzero(np.diff(side)) + 1
    stretches = np.split(np.arange(len(side)), ends)
    return [
        tuple(int(point) for point in stretch)
        for stretch in stretches
        if len(stretch) >= shortest and side[stretch[0]] != 0
    ]


def _proportions(
    numerators: npt.ArrayLike, denominators: npt.ArrayLike, *, fewest: int = 1
) -> tuple[Array, Array]:
    x, n = np.asarray(numerators, dtype=float), np.asarray(denominators, dtype=float)
    is_usable = x.ndim == 1 and x.shape == n.shape and len(x) >= fewest
    if not is_usable or not np.all((n >= 1) & (x >= 0) & (x <= n)):
        raise _fault("A chart of proportions needs counts between 0 and sizes of at least 1.")
    return x, n


def _fault(message: str) -> StatisticsError:
    return StatisticsError(Fault("CHART", message, "Leave out months without observations."))
