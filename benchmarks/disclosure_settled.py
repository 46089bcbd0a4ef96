"""What does not count as found: a single month that follows from a larger group's "nobody".

"Nobody of nine missed an appointment" is printed of nine patients; that none of the two of March
did follows from it. This is group disclosure, and is decided where the sentence about the nine
is: by the primary rule, which asks more patients of such a share where it speaks of outcomes. So
it is with a sentence that is not printed but is what two printed windows differ by, and with one
about the clinic's month. A value between nobody and everybody is found, whatever it follows from.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import pairwise
from typing import Any

from benchmarks.disclosure_programme import CLINIC, Cell
from benchmarks.disclosure_search import Search
from benchmarks.disclosure_spans import Closes, Span
from benchmarks.disclosure_ties import ENDS
from rapport.disclosure import Profile
from rapport.months import Month, trailing
from rapport.statistics import FIGURES

Reports = Mapping[Month, dict[Cell, dict[str, Any]]]
"""Close → what one clinic's report of it says."""


def follows_from_larger(
    span: Span, closes: Closes, clinic: str, profile: Profile, search: Search
) -> bool:
    """Whether each month of a span is settled by a group that may be spoken of by itself."""
    reports = closes.readings_of(clinic)
    if FIGURES[span.figure].kind != "proportion":
        return all(
            _is_printed(Span(span.unit, span.figure, (one,)), reports) for one in span.months
        )
    return all(
        _is_settled_in(Span(span.unit, span.figure, (month,)), closes, clinic, profile, search)
        for month in span.months
    ) or _any_says(_groups(span, reports), closes, clinic, profile, search)


def _is_settled_in(
    month: Span, closes: Closes, clinic: str, profile: Profile, search: Search
) -> bool:
    if month not in search.settled:
        reports = closes.readings_of(clinic)
        search.settled[month] = (
            _is_printed(month, reports)
            or _any_says(_groups(month, reports), closes, clinic, profile, search)
            or _is_of_the_rest(month, closes, clinic, profile, search)
        )
    return search.settled[month]


def _any_says(
    groups: Iterable[Span], closes: Closes, clinic: str, profile: Profile, search: Search
) -> bool:
    """Whether one of some groups is known to be nobody or everybody, and may be spoken of."""
    return any(
        closes.may_be_said([one], clinic, profile)
        and (search.is_nobody(one) or search.is_everybody(one))
        for one in groups
    )


def _is_of_the_rest(
    span: Span, closes: Closes, clinic: str, profile: Profile, search: Search
) -> bool:
    """Whether the same is known of enough patients of other therapists in the same month."""
    units = sorted(unit for unit, figure in closes.truth[clinic] if figure == span.figure)
    people = [Span(unit, span.figure, span.months) for unit in units if unit != CLINIC]
    for is_known in (search.is_nobody, search.is_everybody):
        if is_known(span):
            alike = [one for one in people if is_known(one)]
            return closes.may_be_said(alike, clinic, profile)
    return False


def _groups(span: Span, reports: Reports) -> Iterator[Span]:
    """Yield groups that one subtraction gives: of the unit, and of the clinic, which is larger.

    Windows; what two windows that follow each other differ by; either without the months that are
    told by themselves; months of the clinic, and the span's months together.
    """
    yield Span(CLINIC, span.figure, span.months)
    told = {
        name
        for month, rows in reports.items()
        for name in (*_window(month), "month")
        if _is_told(rows.get((CLINIC, name, span.figure)))
        for name in (str(month) if name == "month" else name,)
    }
    for unit in dict.fromkeys((span.unit, CLINIC)):
        for months in _of_windows(unit, span.figure, reports):
            untold = tuple(one for one in months if one not in told)
            for group in (months, untold) if unit == CLINIC else (months,):
                if set(group).issuperset(span.months):
                    yield Span(unit, span.figure, group)


def _of_windows(unit: str, figure: str, reports: Reports) -> Iterator[tuple[str, ...]]:
    own = [
        month
        for month, rows in sorted(reports.items())
        if _is_told(rows.get((unit, "trailing_12", figure)))
    ]
    for month in own:
        yield tuple(sorted(_window(month)))
    for before, month in pairwise(own):
        yield tuple(sorted(_window(month) - _window(before)))
        yield tuple(sorted(_window(before) - _window(month)))


def _is_told(row: dict[str, Any] | None) -> bool:
    return row is not None and not isinstance(row["suppression"], str)


@cache
def _window(month: Month) -> frozenset[str]:
    return frozenset(str(one) for one in trailing(month, 12))


def _is_printed(span: Span, reports: Reports) -> bool:
    """Whether a larger group of which "nobody" or "everybody" is printed settles the span."""
    definition = FIGURES[span.figure]
    ends = [(span.figure, definition.minimum), (span.figure, definition.maximum)]
    for month, rows in reports.items():
        window = _window(month)
        periods = [*(["trailing_12"] if window.issuperset(span.months) else []), *span.months]
        if str(month) in span.months:
            periods.append("month")
        for unit in (span.unit, CLINIC):
            for period in periods:
                for name, value in [*ends, *ENDS.get(span.figure, [])]:
                    row = rows.get((unit, period, name))
                    if row is not None and row["value"] == value:
                        return True
    return False
