"""The calendar month as a value: parsing, order, neighbours, first and last day.

A month here is a label for days on a clinic's own calendar. No time zone is attached: whoever
turns an instant into a day does so in the clinic's zone, before asking which month it is.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Self

from rapport.errors import Fault, RapportError

_WRITTEN = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """One calendar month; ordered, hashable, written ``YYYY-MM``."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``YYYY-MM``.

        Raises:
            RapportError: The text is not a month written that way.
        """
        found = _WRITTEN.fullmatch(text)
        if not found or found[1] == "0000":
            raise RapportError(
                Fault("MONTH", "This is not a month.", "Write the month as YYYY-MM, like 2026-02.")
            )
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month that holds ``day``."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> "Month":
        """Return the month ``months`` later (earlier if negative)."""
        index = self.year * 12 + self.number - 1 + months
        return Month(index // 12, index % 12 + 1)

    @property
    def first_day(self) -> date:
        """The month's first day."""
        return date(self.year, self.number, 1)

    @property
    def last_day(self) -> date:
        """The month's last day."""
        return date(self.year, self.number, calendar.monthrange(self.year, self.number)[1])

    @property
    def in_words(self) -> str:
        """English name and year: ``February 2026``."""
        return f"{calendar.month_name[self.number]} {self.year}"

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def months_through(first: Month, last: Month) -> Iterator[Month]:
    """Yield every month from ``first`` to ``last``, both included; nothing if ``last < first``."""
    month = first
    while month <= last:
        yield month
        month = month.plus(1)


def trailing(month: Month, length: int) -> tuple[Month, ...]:
    """Return the ``length`` months that end with ``month``, oldest first."""
    return tuple(months_through(month.plus(1 - length), month))
