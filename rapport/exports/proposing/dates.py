"""Which date formats read a whole column: one, several that mean the same day, or rival ones."""

from collections.abc import Collection
from datetime import date, datetime

from rapport.exports.proposing.said import Said, unsure

_DAYS = (
    "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y%m%d",
    "%d/%m/%y", "%m/%d/%y", "%d.%m.%y", "%d %b %Y", "%d-%b-%Y", "%d %B %Y",
)  # fmt: skip
_TIMES = (
    "", " %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S", "T%H:%M:%S%z",
    "T%H:%M:%SZ", " %I:%M:%S %p %z", " %H:%M:%S %z", " %H:%M:%S.%f", "T%H:%M:%S.%f%z",
)  # fmt: skip
_FORMATS = tuple(day + time for day in _DAYS for time in _TIMES)
_LONGEST = 40
_SERIALS = range(36_000, 60_000)
_EMPTY = frozenset({"1980-01-01 00:00:00"})
_ENOUGH = 400


def is_date_column(texts: Collection[str]) -> bool:
    """Whether every text of a column is a date or moment in one of the formats."""
    return bool(texts) and bool(formats_of(texts))


def is_serial_column(texts: Collection[str]) -> bool:
    """Whether every text is a number of the size of a spreadsheet's dates since 1998."""
    return bool(texts) and all(
        text.partition(".")[0].isdecimal() and int(text.partition(".")[0]) in _SERIALS
        for text in texts
    )


def formats_of(texts: Collection[str]) -> tuple[str, ...]:
    """Return the formats that read every text, or else the fewest that together do.

    Args:
        texts: The different texts of a column, without empty ones.
    """
    some = sorted(texts)[:_ENOUGH]
    if any(len(text) > _LONGEST for text in some):
        return ()
    reading = {form: [text for text in some if _day(text, form)] for form in _FORMATS}
    whole = tuple(form for form, read in reading.items() if len(read) == len(some))
    if whole:
        return whole
    found: list[str] = []
    left = set(some)
    for form, read in sorted(reading.items(), key=lambda one: -len(one[1])):
        if left & set(read):
            found.append(form)
            left -= set(read)
    return tuple(found) if not left and len(found) <= 2 else ()  # noqa: PLR2004 - with and without time


def said_of(texts: Collection[str]) -> Said:
    """Propose the date formats of a column.

    Returns:
        The formats, sure if no other reads the same texts as other days.
    """
    found = formats_of(texts)
    if not found:
        return unsure(["%Y-%m-%d"], "no format that is known here reads every date")
    if not all(_day(text, found[0]) for text in texts):
        return unsure(list(found), "the column mixes formats; each text must be read by one alone")
    rivals = [form for form in found[1:] if _differs(texts, found[0], form)]
    if rivals:
        why = f"no day in the file decides between this and {', '.join(rivals)}"
        return unsure([found[0]], why)
    if texts and set(texts) <= _EMPTY:
        return unsure([found[0]], "every date is 1980-01-01: the survey does not record dates")
    return Said([found[0]])


def _differs(texts: Collection[str], one: str, other: str) -> bool:
    return any(_day(text, one) != _day(text, other) for text in texts)


def _day(text: str, form: str) -> date | None:
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - only the day is compared
    except ValueError:
        return None
