"""Published figures, looked up by period and id: the only way in which numbers reach a report.

A book is opened from a frame of ``clinic_aggregates``, ``therapist_aggregates`` (one therapist) or
``sector_benchmarks`` (one sector). It refuses frames that hold a figure twice, and figures that
are marked as suppressed and still carry a number.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rapport.errors import Fault, RenderingError
from rapport.months import Month, trailing
from rapport.rendering.facts import FigureFact, Mark
from rapport.rendering.formats import NumberStyle
from rapport.rendering.scales import scale_of
from rapport.statistics.figures import CATALOGUE, NOTE

MONTH = "month"
TRAILING_12 = "trailing_12"

NUMBERS = ("n_patients", "n_observations", "numerator", "denominator", "value", "low", "high")
COLUMNS = ("period", "figure", *NUMBERS, "unit", "method", "suppression")

ROUNDING_ERROR = 1e-9
"""How far apart two numbers may lie that are equal but for the last bits."""

SUPPRESSED = "suppressed"
TOO_FEW = "too_few"
NO_DATA = "no data"

EARLIER = "†"
"""Stands in a chart beside a figure of an earlier report; the table beside it names the month."""

REASONS: Mapping[str, str] = {
    "small_number": "too few patients to publish",
    "complementary": "protects another figure",
    "too_few": "too few to say",
}
"""Kind of suppression → the reason that is printed beside the word."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One published figure; numbers are ``None`` where they are hidden or do not apply.

    ``note`` is what is said of this one beside its method, in sentences; ``carried_from`` is the
    month whose report printed it first, where that is an earlier one.
    """

    figure: str
    suppression: str | None
    n_patients: float | None
    n_observations: float | None
    numerator: float | None
    denominator: float | None
    value: float | None
    low: float | None
    high: float | None
    note: str = ""
    carried_from: str | None = None

    @property
    def is_shown(self) -> bool:
        """Whether there is a value to print."""
        return self.suppression is None and self.value is not None

    @property
    def has_interval(self) -> bool:
        """Whether value and both ends of its interval are there."""
        return self.is_shown and self.low is not None and self.high is not None


@dataclass(frozen=True, slots=True)
class FigureBook:
    """The figures of one clinic, therapist or sector for one month's report.

    Attributes:
        month: The report's month.
        style: How numbers are written.
        readings: (period, figure id) → the figure.
    """

    month: Month
    style: NumberStyle
    readings: Mapping[tuple[str, str], Reading]

    def find(self, figure: str, period: str = MONTH) -> Reading | None:
        """Return a figure, or ``None`` if the frame has no row for it."""
        return self.readings.get((period, figure))

    def fact(self, figure: str, period: str = MONTH) -> FigureFact:
        """Return a figure as printed; one that is not there is written out as ``no data``."""
        reading = self.find(figure, period)
        title = CATALOGUE[figure].title
        month = self.month_of(reading) if period == TRAILING_12 else self.month
        window = window_in_words(period, month)
        if reading is None or (reading.suppression is None and reading.value is None):
            return FigureFact(
                figure, title, window, "no_data", NO_DATA, "no interval", NO_DATA, NO_DATA
            )
        if reading.suppression is not None:
            reason = REASONS[reading.suppression]
            word = reason if reading.suppression == TOO_FEW else SUPPRESSED
            basis = "" if reading.suppression == TOO_FEW else reason
            return FigureFact(figure, title, window, "suppressed", word, reason, basis, basis)
        as_of = self.as_of(reading)
        if CATALOGUE[figure].kind == "count":
            value = self.written(reading, reading.value)
            return FigureFact(figure, title, window, "shown", value, "", as_of, "", as_of)
        return FigureFact(
            figure, title, window, "shown",
            value=self.written(reading, reading.value),
            interval=self.interval(reading),
            basis=_joined(self.basis(reading), as_of),
            counts=self.counts(reading),
            as_of=as_of,
        )  # fmt: skip

    def month_of(self, reading: Reading | None) -> Month:
        """Return the month of the report that a figure was printed in first."""
        is_earlier = reading is not None and reading.carried_from is not None
        return Month.parse(str(reading.carried_from)) if reading and is_earlier else self.month

    def as_of(self, reading: Reading) -> str:
        """Say whose figure it is, where it is not this report's own."""
        if reading.carried_from is None:
            return ""
        if reading.carried_from == str(self.month):
            return "as in the edition before"
        return f"as of {self.month_of(reading).in_words}"

    def mark(self, figure: str, label: str, period: str = MONTH) -> Mark:
        """Return a figure as one mark of a chart, rounded as it is printed.

        A chart holds its places as numbers; they must not tell more decimals than the table does.
        """
        fact, reading = self.fact(figure, period), self.find(figure, period)
        if reading is None or fact.state != "shown":
            return Mark(label, fact.state, None, None, None, fact.value)
        scale = scale_of(figure)
        ends = (reading.value, reading.low, reading.high)
        value, low, high = (None if end is None else scale.drawn(end) for end in ends)
        sign = f" {EARLIER}" if fact.as_of and period == TRAILING_12 else ""
        return Mark(label, "shown", value, low, high, f"{fact.value} ({fact.interval}){sign}")

    def written(self, reading: Reading, number: float | None) -> str:
        """Write a number on the scale of ``reading``; a missing one as ``no data``."""
        scale = scale_of(reading.figure)
        return NO_DATA if number is None else scale.write(number, self.style)

    def interval(self, reading: Reading) -> str:
        """Write the 95 % interval of a figure; one that has no upper end says so."""
        if reading.is_shown and reading.low is not None and reading.high is None:
            return f"{self.written(reading, reading.low)} or more"
        if not reading.has_interval:
            return "no interval"
        low, high = (self.written(reading, end) for end in (reading.low, reading.high))
        return f"{low} to {high}"

    def basis(self, reading: Reading) -> str:
        """Write what a figure rests on for a sentence: ``65 of 96 sessions; 48 patients``."""
        scale = scale_of(reading.figure)
        patients = scale.basis(reading.n_patients, None, self.style)
        if reading.denominator is not None and reading.numerator is not None and scale.is_share:
            return f"{self._part(reading)} {scale.many}; {patients}"
        return scale.basis(reading.n_patients, reading.n_observations, self.style)

    def counts(self, reading: Reading) -> str:
        """Write the same for a table, whose row says what is counted: ``65 of 96; 48 patients``."""
        scale = scale_of(reading.figure)
        if reading.denominator is not None and reading.numerator is not None and scale.is_share:
            return f"{self._part(reading)}; {scale.basis(reading.n_patients, None, self.style)}"
        return self.basis(reading)

    def _part(self, reading: Reading) -> str:
        part, whole = reading.numerator or 0.0, reading.denominator or 0.0
        return f"{self.style.whole(part)} of {self.style.whole(whole)}"


def _joined(basis: str, as_of: str) -> str:
    return f"{basis}; {as_of}" if as_of else basis


def window_in_words(period: str, month: Month) -> str:
    """Return the days that a period covers: ``February 2026`` or the twelve months to it."""
    if period == MONTH:
        return month.in_words
    if period == TRAILING_12:
        return f"{trailing(month, 12)[0].in_words} to {month.in_words}"
    return Month.parse(period).in_words


def open_book(
    frame: pd.DataFrame, *, month: Month, style: NumberStyle, belongs_to: Mapping[str, str]
) -> FigureBook:
    """Open a frame of figures as a book.

    Args:
        frame: Rows with the columns of a table of figures; may be empty.
        month: The month of the report that prints it.
        style: How numbers are written.
        belongs_to: Column → the one value that it may hold, such as the clinic's id.

    Raises:
        RenderingError: A column is missing, a row belongs to someone else, a figure stands twice,
            is not in the list of figures, or is suppressed and still has a number.
    """
    if frame.empty:
        return FigureBook(month, style, {})
    faults = list(_frame_faults(frame, belongs_to))
    if faults:
        raise RenderingError(faults)
    columns = [*COLUMNS, *(["carried_from"] if "carried_from" in frame else [])]
    records = frame[columns].to_dict("records")
    readings = {(str(r["period"]), str(r["figure"])): _reading(r) for r in records}
    return FigureBook(month, style, readings)


def _reading(record: Mapping[Any, Any]) -> Reading:
    numbers = {name: _number(record[name]) for name in NUMBERS}
    return Reading(
        figure=str(record["figure"]),
        suppression=_word(record["suppression"]),
        carried_from=_word(record.get("carried_from")),
        note=str(record["method"]).partition(NOTE)[2],
        **numbers,
    )


def _word(value: object) -> str | None:
    return None if _is_missing(value) else str(value)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _number(value: object) -> float | None:
    return None if _is_missing(value) else float(value)  # type: ignore[arg-type]


def _frame_faults(frame: pd.DataFrame, belongs_to: Mapping[str, str]) -> Iterable[Fault]:
    missing = [c for c in (*COLUMNS, *belongs_to) if c not in frame.columns]
    if missing:
        yield _fault("FIGURE_COLUMNS", f"Columns are missing: {', '.join(missing)}.")
        return
    for column, value in belongs_to.items():
        if not frame[column].eq(value).all():
            yield _fault("FOREIGN_FIGURE", f"Rows in {column} belong to another report.")
    if frame.duplicated(["period", "figure"]).any():
        yield _fault("FIGURE_TWICE", "A figure stands twice for one period.")
    strange = sorted(set(frame["figure"]) - set(CATALOGUE))
    if strange:
        yield _fault("UNKNOWN_FIGURE", f"These figures have no definition: {', '.join(strange)}.")
        return
    impossible = sorted(set(frame.loc[~_is_possible(frame), "figure"]))
    if impossible:
        yield _fault("IMPOSSIBLE_FIGURE", f"Outside their range: {', '.join(impossible)}.")
    yield from _suppression_faults(frame)


def _is_possible(frame: pd.DataFrame) -> pd.Series:
    """Whether minimum ≤ low ≤ value ≤ high ≤ maximum, as far as they are known."""
    figures = [CATALOGUE[figure] for figure in frame["figure"]]
    steps = [
        pd.Series([f.minimum for f in figures], index=frame.index, dtype=float),
        *(frame[column].astype(float) for column in ("low", "value", "high")),
        pd.Series([f.maximum for f in figures], index=frame.index, dtype=float),
    ]
    ascending = pd.Series(True, index=frame.index)
    for at, below in enumerate(steps):
        for above in steps[at + 1 :]:
            ascending &= ~(below > above + ROUNDING_ERROR)
    return ascending


def _suppression_faults(frame: pd.DataFrame) -> Iterable[Fault]:
    hidden = frame["suppression"].notna()
    if not set(frame.loc[hidden, "suppression"]) <= set(REASONS):
        yield _fault("SUPPRESSION_REASON", "A figure is suppressed for a reason without words.")
    leaking = hidden & frame[list(NUMBERS)].notna().any(axis=1)
    if leaking.any():
        names = ", ".join(sorted(set(frame.loc[leaking, "figure"])))
        yield _fault("SUPPRESSED_FIGURE_HAS_NUMBERS", f"Suppressed, but with numbers: {names}.")


def _fault(rule: str, message: str) -> Fault:
    return Fault(rule, message, "Run `rapport close` for this month again; if it stays, report it.")
