"""What a control chart says, in words for someone who has never read one.

The rules are in :mod:`rapport.statistics.control_charts`; here each signal gets its months, its
direction, what the rule means and what to do. A quiet chart is said to be quiet, and a short one
to be too short.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rapport.errors import Fault, StatisticsError
from rapport.statistics.control_charts import FEWEST_POINTS, ControlChart, Signal

MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "outside": "farther from the average than chance alone takes it about once in 370 months",
        "shift": "all on one side of the average: the level seems to have moved",
        "trend": "each one way from the one before: something seems to change steadily",
        "near_limit": "two of three in a row close to a limit: watch the next ones",
        "long_run": "the longest stretch on one side of the middle is longer than chance allows",
        "few_crossings": "the series crosses its middle more rarely than chance would have it",
    }
)
"""Rule → what it means."""

ADVICE: Mapping[str, str] = MappingProxyType(
    {
        "outside": "Ask what was different then; do not explain single months that are inside.",
        "shift": "Ask what changed before it began.",
        "trend": "Ask what is changing, before it reaches a limit.",
        "near_limit": "Nothing need be done yet.",
        "long_run": "Ask whether something changed in the middle of the series.",
        "few_crossings": "Ask whether something changed in the middle of the series.",
    }
)
"""Rule → what to do."""

QUIET = "The months vary as chance alone would let them: there is no reason to explain any of them."


def reading(
    chart: ControlChart, signals: Sequence[Signal], periods: Sequence[str]
) -> tuple[str, ...]:
    """Put a chart into sentences.

    Args:
        chart: The chart.
        signals: What :func:`rapport.statistics.control_charts.signals` found in it.
        periods: Name of each point, in order, such as ``2026-02``.

    Returns:
        One sentence or two a signal; one that says so if there is none; and first of all, where
        the chart has fewer points than rules on runs need, that only the limits were read.

    Raises:
        StatisticsError: There are not as many names as points.

    Source:
        NHS England, Making Data Count (2019), for the manner; rules as in ``control_charts``.

    Example:
        >>> from rapport.statistics.control_charts import signals, xmr_chart
        >>> chart = xmr_chart([5.0, 6, 5, 6, 5, 6, 5, 6, 5, 6, 5, 60])
        >>> reading(chart, signals(chart), [f"month {n}" for n in range(1, 13)])[0].split(":")[0]
        'month 12 (above the upper limit)'
    """
    if len(periods) != len(chart.values):
        raise StatisticsError(
            Fault("PERIODS", "There are not as many periods as points.", "Name each point once.")
        )
    short = len(chart.values) < FEWEST_POINTS
    first = [f"With fewer than {FEWEST_POINTS} months only the limits are read."] if short else []
    said = [_sentence(chart, signal, periods) for signal in signals]
    return (*first, *(said or [QUIET]))


def _sentence(chart: ControlChart, signal: Signal, periods: Sequence[str]) -> str:
    meaning, advice = MEANINGS[signal.rule], ADVICE[signal.rule]
    if not signal.points:
        return f"{meaning[0].upper()}{meaning[1:]}. {advice}"
    first, last = signal.points[0], signal.points[-1]
    when = periods[first] if first == last else f"{periods[first]} to {periods[last]}"
    return f"{when} ({_direction(chart, signal)}): {meaning}. {advice}"


def _direction(chart: ControlChart, signal: Signal) -> str:
    first, last = signal.points[0], signal.points[-1]
    is_high = bool(chart.values[last] > chart.centre)
    if signal.rule == "trend":
        return "rising" if chart.values[last] > chart.values[first] else "falling"
    if signal.rule == "outside":
        return "above the upper limit" if is_high else "below the lower limit"
    if signal.rule == "near_limit":
        return "near the upper limit" if is_high else "near the lower limit"
    return "above the average" if is_high else "below the average"
