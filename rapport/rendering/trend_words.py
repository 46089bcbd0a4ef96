"""What the clinic's twelve months say beyond chance: control charts, read in plain words.

Only published months are read; a month that is suppressed or without data ends the reading of its
series, because a gap would be read as a step.
"""

from rapport.months import trailing
from rapport.rendering.figure_book import FigureBook, Reading
from rapport.rendering.formats import listed
from rapport.statistics.control_chart_words import reading
from rapport.statistics.control_charts import (
    FEWEST_POINTS,
    ControlChart,
    laney_p_chart,
    signals,
    xmr_chart,
)

SERIES = {
    "alliance.patient.total": "The alliance as patients rate it",
    "alliance.therapist.total": "The alliance as therapists rate it",
    "alliance.difference.total": "The difference between the two sides",
    "completion.patient": "The share of sessions with the patient’s form",
    "completion.therapist": "The share of sessions with the therapist’s form",
}
"""Series that are read, and how a sentence calls them."""

MONTHS = 12


def trend_readings(book: FigureBook) -> tuple[str, ...]:
    """Return what each series shows, and which show nothing or cannot be read."""
    months = [str(month) for month in trailing(book.month, MONTHS)]
    found, quiet, unread = [], [], []
    for figure, name in SERIES.items():
        readings = [book.find(figure, month) for month in months]
        shown = [one for one in readings if one is not None and one.is_shown]
        if len(shown) < FEWEST_POINTS:
            unread.append(name)
            continue
        told = _told(name, shown, [month.in_words for month in trailing(book.month, MONTHS)])
        found += told
        if not told:
            quiet.append(name)
    if quiet:
        found.append(f"{_joined(quiet)}: no more change over twelve months than chance brings.")
    if unread:
        found.append(f"{_joined(unread)}: too few published months to be read.")
    return tuple(found)


def _told(name: str, shown: list[Reading], months: list[str]) -> list[str]:
    """Return what a series shows: every point outside its limits, or the first rule that fires.

    The rules overlap: where the level has moved, the middle is crossed rarely too, and points lie
    near a limit. One of them is enough to ask a question.
    """
    chart = _chart(shown)
    found = signals(chart)
    outside = [signal for signal in found if signal.rule == "outside"]
    told = [*outside, *[signal for signal in found if signal.rule != "outside"][:1]]
    return [f"{name}: {sentence}" for sentence in reading(chart, told, months)] if told else []


def _chart(shown: list[Reading]) -> ControlChart:
    """Return a chart of shares by their counts, of anything else by its values."""
    if all(one.numerator is not None and one.denominator for one in shown):
        return laney_p_chart(
            [one.numerator or 0.0 for one in shown], [one.denominator or 1.0 for one in shown]
        )
    return xmr_chart([one.value or 0.0 for one in shown])


def _joined(names: list[str]) -> str:
    first, *rest = names
    return listed((first, *(f"{name[:1].lower()}{name[1:]}" for name in rest)))
