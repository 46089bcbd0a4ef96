"""False signals of control charts in a world where nothing happens, rule by rule.

What a rule *should* do is what it does when centre and limits are known. In use both come from the
points themselves; the second rate shows what that costs.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.calibrating.cases import Array, Random
from rapport.statistics.control_charts import (
    ControlChart,
    laney_p_chart,
    p_chart,
    signals,
    xmr_chart,
)

RULES = ("outside", "shift", "trend", "near_limit", "long_run", "few_crossings")
CHARTS = ("xmr", "p", "laney_p")
POINTS = 24
_SHARE, _SIZE = 0.5, 100


@dataclass(frozen=True)
class FalseSignals:
    """How often a rule signals where nothing happens.

    Attributes:
        chart: The chart.
        rule: The rule.
        nominal: Exact rate per series of normal points with known centre and limits.
        known, estimated: Simulated rates per series, with known and with estimated limits.
        error: Monte-Carlo standard error of ``estimated``.
    """

    chart: str
    rule: str
    nominal: float
    known: float
    estimated: float
    error: float


def false_signals(
    *, worlds: int, seed: int, charts: Sequence[str] = CHARTS
) -> tuple[FalseSignals, ...]:
    """Count series with a signal, of each chart and rule.

    Args:
        worlds: Series of 24 points.
        seed: Of the random numbers.
        charts: Which of :data:`CHARTS`.
    """
    random = np.random.default_rng(seed)
    found = []
    for chart in charts:
        pairs = [_series(random, chart) for _ in range(worlds)]
        rates = np.array(
            [[[rule in _rules(one) for rule in RULES] for one in pair] for pair in pairs]
        ).mean(axis=0)
        for position, rule in enumerate(RULES):
            known, estimated = (float(rates[which, position]) for which in (0, 1))
            error = math.sqrt(max(estimated * (1 - estimated), 1 / worlds) / worlds)
            found.append(FalseSignals(chart, rule, nominal(rule), known, estimated, error))
    return tuple(found)


def _series(random: Random, chart: str) -> tuple[ControlChart, ControlChart]:
    """Return one series with known and with estimated centre and limits."""
    if chart == "xmr":
        values = random.normal(size=POINTS)
        return _known(values, 0.0, 3.0), xmr_chart(values)
    counts = random.binomial(_SIZE, _SHARE, POINTS)
    made = (p_chart if chart == "p" else laney_p_chart)(counts, np.full(POINTS, _SIZE))
    half = 3 * math.sqrt(_SHARE * (1 - _SHARE) / _SIZE)
    return _known(counts / _SIZE, _SHARE, half), made


def _known(values: Array, centre: float, half: float) -> ControlChart:
    ones = np.ones(len(values))
    return ControlChart(values, centre, (centre - half) * ones, (centre + half) * ones, "known")


def _rules(chart: ControlChart) -> set[str]:
    return {signal.rule for signal in signals(chart)}


def nominal(rule: str, points: int = POINTS) -> float:
    """Return a rule's exact rate per series of independent normal points, limits being known.

    Args:
        rule: One of :data:`RULES`.
        points: Points in the series, an even number.

    Returns:
        The chance that nothing but chance gives a signal; counted, not simulated. For the two
        rules about the median half of the points lie on each side, by its definition.
    """
    tosses = [math.comb(points - 1, k) for k in range(points)]
    fewest = next(k for k in range(points) if sum(tosses[: k + 1]) >= 0.05 * sum(tosses))
    longest = round(math.log2(points) + 3)
    exact = {
        "outside": lambda: 1 - (1 - math.erfc(3 / math.sqrt(2))) ** points,
        "shift": lambda: _run(points, 7),
        "trend": lambda: _monotone(points, 7),
        "near_limit": lambda: _pairs_near(points),
        "long_run": lambda: 1 - _balanced(points, lambda run, _: run <= longest),
        "few_crossings": lambda: 1 - _balanced(points, lambda _, crossings: crossings >= fewest),
    }
    return exact[rule]()


def _monotone(points: int, length: int) -> float:
    """Return the chance of a run up or down over a number of points, by relative ranks.

    The next of k + 1 points has each relative rank with equal chance; it lies above the last one
    if its rank is above that one's.
    """
    states = {(0, 0, 1): 1.0}  # relative rank of the last point, direction, length of its run
    for k in range(1, points):
        after: dict[tuple[int, int, int], float] = {}
        for (rank, way, run), weight in states.items():
            for new in range(k + 1):
                step = 1 if new > rank else -1
                together = run + 1 if step == way else 2
                if together < length:
                    key = (new, step, together)
                    after[key] = after.get(key, 0.0) + weight / (k + 1)
        states = after
    return 1 - sum(states.values())


def _balanced(points: int, is_quiet: Callable[[int, int], bool]) -> float:
    """Return the share of quiet arrangements, half of the points above and half below.

    Args:
        points: How many, even.
        is_quiet: Whether a longest run and a number of crossings are quiet.
    """
    half = points // 2
    # Left on this side and on the other; present run, longest run, crossings.
    states: dict[tuple[int, ...], int] = {(half - 1, half, 1, 1, 0): 1}
    for _ in range(points - 1):
        after: dict[tuple[int, ...], int] = {}
        for (here, there, run, longest, crossings), ways in states.items():
            stay = (here - 1, there, run + 1, max(longest, run + 1), crossings)
            cross = (there - 1, here, 1, longest, crossings + 1)
            for key in (stay, cross):
                if key[0] >= 0:
                    after[key] = after.get(key, 0) + ways
        states = after
    quiet = sum(ways for key, ways in states.items() if is_quiet(key[3], key[4]))
    return quiet / sum(states.values())


def _run(points: int, length: int) -> float:
    """Return the chance of a run of a length among tosses of a coin, by its complement."""
    none = [0.0] * length  # none[r]: no run of the length yet, and the present one has r tosses
    none[1] = 1.0
    for _ in range(points - 1):
        alive = sum(none)
        none = [0.0, 0.5 * alive, *[0.5 * one for one in none[1 : length - 1]]]
    return 1 - sum(none)


def _pairs_near(points: int) -> float:
    """Return the chance that two of three points in a row lie beyond two deviations on one side."""
    tail = 0.5 * math.erfc(2 / math.sqrt(2))
    chance = {-1: tail, 0: 1 - 2 * tail, 1: tail}
    states = {(0, 0): 1.0}
    for _ in range(points):
        after: dict[tuple[int, int], float] = {}
        for (older, last), weight in states.items():
            for side, p in chance.items():
                if side and side in (older, last):
                    continue
                after[last, side] = after.get((last, side), 0.0) + weight * p
        states = after
    return 1 - sum(states.values())
