"""When two figures may be called different: enough patients, and intervals that do not overlap."""

from dataclasses import dataclass

from rapport.rendering.figure_book import TRAILING_12, FigureBook, Reading
from rapport.rendering.scales import scale_of

FEW_PATIENTS = 10
"""Fewer patients than this on either side: no change and no difference is claimed."""


@dataclass(frozen=True, slots=True)
class Books:
    """The books that a report is worded from.

    Attributes:
        now: The clinic's figures.
        before: Those of the month before.
        sector: Those of the clinic's sector.
        sector_name: Its name.
        together: What is said of all clinics at once.
    """

    now: FigureBook
    before: FigureBook
    sector: FigureBook
    sector_name: str
    together: FigureBook


def is_apart(one: Reading | None, other: Reading | None) -> bool:
    """Whether two readings of a figure differ beyond doubt.

    Both rest on enough patients, and their intervals do not overlap, also as they are printed:
    ``4.10 to 4.30`` beside ``3.90 to 4.10`` is not called a difference.
    """
    if not is_enough(one, other) or one is None or other is None:
        return False
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return False
    drawn = scale_of(one.figure).drawn
    return drawn(one.low) > drawn(other.high) or drawn(one.high) < drawn(other.low)


def is_enough(one: Reading | None, other: Reading | None) -> bool:
    """Whether both figures are shown with intervals, and rest on enough patients."""
    return all(
        r is not None and r.has_interval and (r.n_patients or 0) >= FEW_PATIENTS
        for r in (one, other)
    )


def quoted(book: FigureBook, reading: Reading) -> str:
    """Write a value with its interval in brackets, and whose it is if it is an earlier report's."""
    as_of = book.as_of(reading)
    told = f"{book.interval(reading)}; {as_of}" if as_of else book.interval(reading)
    return f"{book.written(reading, reading.value)} ({told})"


def beside_sector(books: Books, reading: Reading) -> str:
    """Write the sector's figure of twelve months beside the clinic's, and what may be said."""
    other = books.sector.find(reading.figure, TRAILING_12)
    if other is None or not other.is_shown:
        return f"There is no published figure of the {books.sector_name} sector beside it."
    other_words = f"{books.sector_name.capitalize()} sector: {quoted(books.sector, other)}"
    if not is_enough(reading, other):
        return f"{other_words}; too few patients to compare."
    if is_apart(reading, other):
        return f"{other_words}; a clear difference."
    return f"{other_words}; no clear difference."
