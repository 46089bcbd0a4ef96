"""Charts as SVG, with the same content in words; drawn from facts, so nothing hidden is in them.

Two raters or two groups differ by shape, line and lightness, not by colour alone, so that a chart
reads in grey and by colour-blind readers. A mark that is suppressed is written as that word.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rapport.rendering.facts import Chart, Mark, Series

if TYPE_CHECKING:
    from rapport.rendering.canvas import Place, Sheet, Stroke

WIDTH = 493.0
"""Width of every chart in points: the text width of the page."""

INK, QUIET, RULE = "#1d2a33", "#5b6870", "#d9dfe2"
COLOURS = ("#14506e", "#c2611a")
"""First and second series: dark blue and mid orange, apart in hue and in lightness."""

_TREND_HEIGHT = 150.0
_ROW_HEIGHT = {1: 16.0, 2: 23.0}
_MANY_ROWS, _LOW_ROW = 10, 13.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 112.0, 122.0, 22.0, 24.0
_LABEL_GAP = 11.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawn chart and its alternative text."""

    svg: bytes
    alt: str

    @property
    def url(self) -> str:
        """The chart as a data URL."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.svg).decode()


def draw(chart: Chart) -> Drawing:
    """Draw a chart of one or two series."""
    from rapport.rendering.canvas import own_settings

    with own_settings():
        svg = _draw_trend(chart) if chart.kind == "trend" else _draw_intervals(chart)
    return Drawing(svg, alternative_text(chart))


def alternative_text(chart: Chart) -> str:
    """Return the whole content of a chart in words."""
    parts = [f"{chart.title}."]
    for series in chart.series:
        marks = "; ".join(f"{mark.label}: {mark.text}" for mark in series.marks)
        parts.append(f"{series.name}: {marks}.")
    return " ".join(parts)


# ── trend ─────────────────────────────────────────────────────────────────────────────────────


def _draw_trend(chart: Chart) -> bytes:
    from rapport.rendering.canvas import Sheet

    sheet = Sheet(WIDTH, _TREND_HEIGHT)
    frame = _Frame(chart, left=26, right=WIDTH - 74, bottom=_BOTTOM, top=_TREND_HEIGHT - 8)
    _draw_months(sheet, frame)
    for number, series in enumerate(chart.series):
        _draw_course(sheet, frame, series, number)
    _draw_names(sheet, frame)
    return sheet.svg()


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the plot lies on the sheet, and the way from values and positions to points."""

    chart: Chart
    left: float
    right: float
    bottom: float
    top: float

    def up(self, value: float) -> float:
        """Return the height of a value on an upright axis."""
        return self.bottom + self._part(value) * (self.top - self.bottom)

    def along(self, value: float) -> float:
        """Return the place of a value on a level axis."""
        return self.left + self._part(value) * (self.right - self.left)

    def month(self, position: int) -> float:
        """Return the place of the n-th month."""
        steps = max(1, len(self.chart.series[0].marks) - 1)
        return self.left + 12 + position / steps * (self.right - self.left - 24)

    def _part(self, value: float) -> float:
        axis = self.chart.axis
        return (value - axis.low) / (axis.high - axis.low)


def _draw_months(sheet: "Sheet", frame: _Frame) -> None:
    from rapport.rendering.canvas import Stroke

    for value, label in frame.chart.axis.ticks:
        height = frame.up(value)
        sheet.line([(frame.left, height), (frame.right, height)], Stroke(RULE, 0.6))
        sheet.text((frame.left - 6, height), label, colour=QUIET, anchor="right")
    for position, mark in enumerate(frame.chart.series[0].marks):
        place = (frame.month(position), frame.bottom - 13)
        sheet.text(place, mark.label, colour=QUIET, anchor="center")


def _draw_course(sheet: "Sheet", frame: _Frame, series: Series, number: int) -> None:
    stroke = _stroke(number)
    for run in _runs(series):
        upper = [(frame.month(p), frame.up(m.high)) for p, m in run if m.high is not None]
        lower = [(frame.month(p), frame.up(m.low)) for p, m in run if m.low is not None]
        points = [(frame.month(p), frame.up(m.value)) for p, m in run if m.value is not None]
        if len(upper) == len(lower) == len(points) > 1:
            sheet.area([*upper, *reversed(lower)], stroke.colour, 0.14)
        elif len(upper) == len(lower) == 1:
            sheet.line([*upper, *lower], _plain(stroke))
        sheet.line(points, stroke)


def _runs(series: Series) -> Iterator[list[tuple[int, Mark]]]:
    """Yield stretches of months that are shown and have an interval, or one month alone."""
    run: list[tuple[int, Mark]] = []
    for position, mark in enumerate(series.marks):
        has_band = mark.low is not None and mark.high is not None
        if run and (mark.value is None or not has_band):
            yield run
            run = []
        if mark.value is not None and has_band:
            run.append((position, mark))
        elif mark.value is not None:
            yield [(position, mark)]
    if run:
        yield run


def _draw_names(sheet: "Sheet", frame: _Frame) -> None:
    """Name each line at its right end, apart from each other."""
    ends = []
    for number, series in enumerate(frame.chart.series):
        values = [mark.value for mark in series.marks if mark.value is not None]
        if values:
            ends.append((frame.up(values[-1]), number, series.name))
    ends.sort()
    below = -_LABEL_GAP
    for height, number, name in ends:
        below = max(height, below + _LABEL_GAP)
        place = (frame.right + 6, below)
        sheet.line([place], _stroke(number))
        sheet.text((place[0] + 7, below), name, colour=COLOURS[number], weight=600)


# ── intervals ─────────────────────────────────────────────────────────────────────────────────


def _draw_intervals(chart: Chart) -> bytes:
    from rapport.rendering.canvas import Sheet

    rows = len(chart.series[0].marks)
    is_long = len(chart.series) == 1 and rows > _MANY_ROWS
    row_height = _LOW_ROW if is_long else _ROW_HEIGHT[len(chart.series)]
    height = _TOP + _BOTTOM + rows * row_height
    sheet = Sheet(WIDTH, height)
    frame = _Frame(chart, _LEFT, WIDTH - _RIGHT, _BOTTOM, height - _TOP)
    _draw_scale(sheet, frame)
    for row in range(rows):
        middle = frame.top - (row + 0.5) * row_height
        label = chart.series[0].marks[row].label
        sheet.text((0, middle), label, colour=INK, size=8.5)
        for number, series in enumerate(chart.series):
            lift = 0.0 if len(chart.series) == 1 else row_height * (0.19 if number == 0 else -0.19)
            _draw_mark(sheet, frame, series.marks[row], middle + lift, number)
    return sheet.svg()


def _draw_scale(sheet: "Sheet", frame: _Frame) -> None:
    from rapport.rendering.canvas import Stroke

    for value, label in frame.chart.axis.ticks:
        at = frame.along(value)
        sheet.line([(at, frame.bottom), (at, frame.top)], Stroke(RULE, 0.6))
        sheet.text((at, frame.bottom - 11), label, colour=QUIET, anchor="center")
    if frame.chart.reference:
        value, name = frame.chart.reference
        at = frame.along(value)
        sheet.line([(at, frame.bottom), (at, frame.top)], Stroke(QUIET, 0.8, dashes=(3, 2)))
        sheet.text((at, frame.top + 8), name, colour=QUIET, anchor="center")
    if len(frame.chart.series) > 1:
        _draw_key(sheet, frame)


def _draw_key(sheet: "Sheet", frame: _Frame) -> None:
    at = frame.left + 4
    for number, series in enumerate(frame.chart.series):
        sheet.line([(at, frame.top + 10)], _stroke(number))
        sheet.text((at + 7, frame.top + 10), series.name, colour=COLOURS[number], weight=600)
        at += 24 + 4.6 * len(series.name)


def _draw_mark(sheet: "Sheet", frame: _Frame, mark: Mark, height: float, number: int) -> None:
    if mark.value is None:
        sheet.text((frame.right + 10, height), mark.text, colour=QUIET, size=8)
        return
    stroke = _stroke(number)
    if mark.low is not None and mark.high is not None:
        ends: list[Place] = [(frame.along(mark.low), height), (frame.along(mark.high), height)]
        sheet.line(ends, _plain(stroke))
    sheet.line([(frame.along(mark.value), height)], stroke)
    sheet.text((frame.right + 10, height), mark.text, colour=INK, size=8)


def _stroke(number: int) -> "Stroke":
    """Return how the n-th series is drawn: filled circles, or open squares on a dashed line."""
    from rapport.rendering.canvas import Stroke

    if number == 0:
        return Stroke(COLOURS[0], 1.5, marker="o", fill=COLOURS[0])
    return Stroke(COLOURS[1], 1.5, dashes=(4, 1.6), marker="s", fill="white")


def _plain(stroke: "Stroke") -> "Stroke":
    """Return the same stroke as a solid line without markers: an interval."""
    from dataclasses import replace

    return replace(stroke, dashes=None, marker="", width=1.3)
