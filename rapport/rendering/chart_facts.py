"""Which charts the report holds, and from which published figures each is drawn."""

from collections.abc import Iterable, Mapping

from rapport.months import Month, trailing
from rapport.rendering.facts import Axis, Chart, Mark, Series
from rapport.rendering.figure_book import EARLIER, TRAILING_12, FigureBook
from rapport.rendering.formats import NumberStyle
from rapport.statistics.figures import SCALES

ROWS_IN_A_CHART = 24
"""Most therapists in one chart: more would not fit on a page."""

LABEL_LENGTH = 20
"""Most characters of a therapist's id in a chart; the table beside it has the whole id."""

_SCALE_LABELS = {"total": "Whole alliance", "goal": "Goals", "task": "Tasks", "bond": "Bond"}
_OUTCOMES = {
    "outcome.reliable_improvement": "Reliable improvement",
    "outcome.recovery": "Recovery",
    "outcome.reliable_recovery": "Reliable recovery",
    "outcome.reliable_deterioration": "Reliable deterioration",
}
_RATERS = {"patient": "Patients", "therapist": "Therapists"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_STAGES = {
    "first": "First contact",
    "agreeing": "Goals and tasks",
    "working": "Working",
    "ending": "Ending",
}
_MOST_TICKS = 8
_WHOLE_SCALE = (1.0, 5.0)
_NARROWEST = 1.0


def alliance_charts(book: FigureBook) -> tuple[Chart, Chart]:
    """Return the two-sided trend of twelve months and the month's scales by rater."""
    return (_trend(book), _scales(book))


def outcome_charts(clinic: FigureBook, sector: FigureBook, sector_name: str) -> tuple[Chart]:
    """Return the outcomes of twelve months beside the sector's."""
    series = [
        Series(name, tuple(book.mark(f, label, TRAILING_12) for f, label in _OUTCOMES.items()))
        for name, book in (
            ("This clinic", clinic),
            (f"{sector_name.capitalize()} sector", sector),
        )
    ]
    return (
        Chart(
            "intervals",
            "Outcomes beside the sector",
            _with_sign(
                f"Twelve months to {clinic.month.in_words}, with 95% intervals. Where they "
                "overlap, no difference can be claimed.",
                series,
            ),
            tuple(series),
            _percentages(series),
        ),
    )


def course_charts(book: FigureBook) -> tuple[Chart, ...]:
    """Return the alliance over the four stages of treatment, where it may be shown."""
    series = tuple(
        Series(
            name,
            tuple(
                book.mark(f"stage.{stage}.{rater}", label, TRAILING_12)
                for stage, label in _STAGES.items()
            ),
        )
        for rater, name in _RATERS.items()
    )
    if not _ends(series):
        return ()
    return (
        Chart(
            "intervals",
            "The alliance over the stages of treatment",
            _with_sign(
                f"Mean answer from 1 to 5 in twelve months to {book.month.in_words}, with 95% "
                "interval. Later stages hold only those who stayed.",
                series,
            ),
            series,
            _points(series, book.style),
        ),
    )


def adjusted_charts(books: Mapping[str, FigureBook], clinic: FigureBook) -> tuple[Chart, ...]:
    """Return the therapists' adjusted improvement on the PHQ-9, in the order of their ids."""
    names = list(books)
    parts = [names[at : at + ROWS_IN_A_CHART] for at in range(0, len(names), ROWS_IN_A_CHART)]
    charts = (_adjusted({name: books[name] for name in part}, clinic) for part in parts)
    return tuple(chart for chart in charts if _is_worth_drawing(chart))


def _adjusted(books: Mapping[str, FigureBook], clinic: FigureBook) -> Chart:
    figure = "adjusted.phq-9"
    marks = tuple(book.mark(figure, _fitting(name), TRAILING_12) for name, book in books.items())
    series = (Series("Improvement on the PHQ-9, adjusted", marks),)
    whole = clinic.mark(figure, "Clinic", TRAILING_12)
    return Chart(
        "intervals",
        "Improvement on the PHQ-9, adjusted, by therapist",
        _with_sign(
            "Points that a patient of average case mix could expect, drawn towards the mean of all "
            f"as far as the numbers are small; twelve months to {clinic.month.in_words}, 95% "
            "posterior interval. Order of ids; the thin upright line is the whole clinic.",
            series,
        ),
        series,
        _score_points(series, clinic.style, whole),
        None if whole.value is None else (whole.value, "clinic"),
    )


def _score_points(series: tuple[Series, ...], style: NumberStyle, extra: Mark) -> Axis:
    """Return an axis of whole points that holds every interval, with at most eight steps."""
    ends = _ends(series, extra)
    low, high = int(min(ends, default=0.0) // 1), -int(-max(ends, default=1.0) // 1)
    step = next(one for one in (1, 2, 5, 10, 20, 50, 100, 500) if (high - low) / one <= _MOST_TICKS)
    low, high = low // step * step, -(-high // step) * step
    ticks = tuple((float(at), style.whole(at)) for at in range(low, high + 1, step))
    return Axis(float(low), float(high), ticks, "points")


def therapist_charts(books: Mapping[str, FigureBook], clinic: FigureBook) -> tuple[Chart, ...]:
    """Return the therapists' intervals in the order of their ids: several charts if they are many.

    A chart in which fewer than two may be shown is left out; the table says why of each therapist.
    """
    names = list(books)
    parts = [names[at : at + ROWS_IN_A_CHART] for at in range(0, len(names), ROWS_IN_A_CHART)]
    charts = (_therapists({name: books[name] for name in part}, clinic) for part in parts)
    return tuple(chart for chart in charts if _is_worth_drawing(chart))


def _is_worth_drawing(chart: Chart) -> bool:
    """Whether at least two marks are drawn: one alone stands better in its table."""
    drawn = [mark for one in chart.series for mark in one.marks if mark.value is not None]
    return len(drawn) > 1


def _trend(book: FigureBook) -> Chart:
    months = trailing(book.month, 12)
    series = tuple(
        Series(
            name,
            tuple(
                book.mark(f"alliance.{rater}.total", _short(month), str(month)) for month in months
            ),
        )
        for rater, name in _RATERS.items()
    )
    return Chart(
        "trend",
        "The alliance from both sides, month by month",
        "Mean answer on the scale from 1 to 5; the band around each line is the 95% interval. "
        "Months without a point are suppressed or without data.",
        series,
        _points(series, book.style),
    )


def _scales(book: FigureBook) -> Chart:
    series = tuple(
        Series(
            name,
            tuple(book.mark(f"alliance.{rater}.{scale}", _SCALE_LABELS[scale]) for scale in SCALES),
        )
        for rater, name in _RATERS.items()
    )
    return Chart(
        "intervals",
        f"Goals, tasks and bond in {book.month.in_words}",
        "Mean answer on the scale from 1 to 5, with 95% interval.",
        series,
        _points(series, book.style),
    )


def _therapists(books: Mapping[str, FigureBook], clinic: FigureBook) -> Chart:
    figure = "alliance.patient.total"
    marks = tuple(book.mark(figure, _fitting(name), TRAILING_12) for name, book in books.items())
    series = (Series("Alliance rated by patients", marks),)
    whole = clinic.mark(figure, "Clinic", TRAILING_12)
    reference = None if whole.value is None else (whole.value, "clinic")
    return Chart(
        "intervals",
        "Alliance rated by patients, by therapist",
        _with_sign(
            f"Mean answer from 1 to 5 in twelve months to {clinic.month.in_words}, with 95% "
            "interval; therapists stand in the order of their ids. The thin upright line is the "
            "whole clinic.",
            series,
        ),
        series,
        _points(series, clinic.style, extra=whole),
        reference,
    )


def _with_sign(caption: str, series: Iterable[Series]) -> str:
    """Explain the sign of figures of earlier reports, where it stands in the chart."""
    signs = [mark for one in series for mark in one.marks if mark.text.endswith(EARLIER)]
    words = f"{EARLIER} As of an earlier month, which the table names."
    return f"{caption} {words}" if signs else caption


def _fitting(name: str) -> str:
    return name if len(name) <= LABEL_LENGTH else f"{name[: LABEL_LENGTH - 1]}…"


def _short(month: Month) -> str:
    name = _MONTHS[month.number - 1]
    return f"{name} {month.year}" if month.number == 1 else name


def _ends(series: Iterable[Series], extra: Mark | None = None) -> list[float]:
    marks = [mark for one in series for mark in one.marks] + ([extra] if extra else [])
    ends = [end for mark in marks for end in (mark.low, mark.value, mark.high)]
    return [end for end in ends if end is not None]


def _points(series: tuple[Series, ...], style: NumberStyle, extra: Mark | None = None) -> Axis:
    """Return the part of the scale from 1 to 5 that holds every interval, in half points."""
    ends = _ends(series, extra) or list(_WHOLE_SCALE)
    low = max(_WHOLE_SCALE[0], (min(ends) * 2) // 1 / 2)
    high = min(_WHOLE_SCALE[1], -((-max(ends) * 2) // 1) / 2)
    if high - low < _NARROWEST:
        high = min(_WHOLE_SCALE[1], low + _NARROWEST)
        low = high - _NARROWEST
    count = round((high - low) * 2)
    ticks = tuple((low + step / 2, style.fixed(low + step / 2, 1)) for step in range(count + 1))
    return Axis(low, high, ticks, "mean answer, 1 to 5")


def _percentages(series: list[Series]) -> Axis:
    top = max(_ends(series), default=100.0)
    high = min(100, -int(-top // 20) * 20) or 20
    return Axis(0, high, tuple((at, f"{at}%") for at in range(0, high + 1, 20)), "share")
