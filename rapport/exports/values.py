"""From a clinic's spelling to Rapport's words, still as text: codes, numbers, dates, gaps.

Each function works on the *different* texts of a column and returns a dictionary; nothing is done
cell by cell. What is not declared stays as it came, and so breaks the rule of its column; where it
could be mistaken for a declared answer it gets a mark in front, ``missing.UNDECLARED``.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

import numpy as np
import numpy.typing as npt

from rapport.clinics.mapping import CodedColumn, ExportMapping, FormMapping
from rapport.exports.missing import UNDECLARED, codes_of

Texts = dict[str, str | None]
"""Text as exported → text in Rapport's words, or ``None`` where it is missing."""

_POINT = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"-?\d+(,\d+)?", re.ASCII)
_SERIAL = re.compile(r"([1-9]\d{4})(?:[.,]\d+)?", re.ASCII)
_SERIAL_EPOCHS = {"excel": date(1899, 12, 30), "excel1904": date(1904, 1, 1)}
"""Name of a calendar → the day of which a spreadsheet's day number 0 is, from March 1900 on."""
_WHOLE = re.compile(r"\d{1,9}", re.ASCII)
_ISO_LIKE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def key_texts(values: Iterable[str], mapping: ExportMapping) -> Texts:
    """Keys are kept as they are; only blanks and declared missing codes become ``None``."""
    return {value: _present(value, mapping) for value in values}


def session_texts(values: Iterable[str], mapping: ExportMapping) -> Texts:
    """Session numbers lose leading noughts (``07`` is session 7); anything else is kept.

    Where sessions are named, a declared name becomes its number, and no other text is one.
    """
    return {
        value: None if kept is None else _session(value, mapping.session_codes)
        for value, kept in key_texts(values, mapping).items()
    }


def _session(value: str, codes: Mapping[str, str]) -> str:
    if codes:
        return codes.get(value, f"{UNDECLARED}{value}")
    return str(int(value)) if _WHOLE.fullmatch(value) else value


def sessions_of_days(days: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return the number of the session of each day: ``20260203`` for ``2026-02-03``.

    Args:
        days: ISO days, other text where a day could not be read, or ``None``; shape (n,).

    Returns:
        Numbers as text, ``None`` where there is no day; shape (n,).
    """
    numbers = {
        day: day.replace("-", "") if day and _ISO_LIKE.fullmatch(day) else None for day in set(days)
    }
    found = np.empty(len(days), dtype=object)
    found[:] = [numbers[day] for day in days]
    return found


def coded_texts(
    values: Iterable[str], coded: CodedColumn, mapping: ExportMapping, words: Collection[str]
) -> Texts:
    """Codes become Rapport's words.

    Args:
        values: The different texts of the column.
        coded: The declared codes.
        mapping: Declares the missing codes, which go first.
        words: Every word a code of this column may stand for.
    """
    return {
        value: coded.codes.get(value, f"{UNDECLARED}{value}" if value in words else value)
        if _present(value, mapping) is not None
        else None
        for value in values
    }


def item_texts(values: Iterable[str], form: FormMapping, mapping: ExportMapping) -> Texts:
    """Answers come on the instrument's scale, with ``.`` for decimal mark: ``3,50`` is ``3.5``."""
    missing = codes_of(form, mapping)
    return {
        value: _answer(value, form.codes, mapping.decimal)
        if value and value not in missing
        else None
        for value in values
    }


def total_texts(values: Iterable[str], mapping: ExportMapping) -> Texts:
    """Totals come with ``.``; calculated fields keep it even in a file with decimal commas."""
    texts: Texts = {}
    for value in values:
        kept = _present(value, mapping)
        is_pointed = kept is not None and _POINT.fullmatch(kept)
        texts[value] = kept if is_pointed or kept is None else number_text(kept, mapping.decimal)
    return texts


def date_texts(
    values: Iterable[str], mapping: ExportMapping, *, written: str | None, local: str
) -> Texts:
    """Dates become ISO days on the clinic's calendar.

    Args:
        values: The different texts of the column.
        mapping: Declares the formats. If two of them read different days, the date is unreadable.
        written: Zone of the times, where the file names it; otherwise they are the clinic's own.
        local: The clinic's zone.
    """
    zones = _Zones(written, local)
    return {
        value: _day(value, mapping.dates, zones) if _present(value, mapping) is not None else None
        for value in values
    }


def number_text(value: str, decimal: str) -> str:
    """Return a number in canonical form; anything else as it is, marked if it looks like one."""
    if decimal == ",":
        if not _COMMA.fullmatch(value):
            return f"{UNDECLARED}{value}" if _POINT.fullmatch(value) else value
        value = value.replace(",", ".")
    if "." in value and _POINT.fullmatch(value):
        return value.rstrip("0").rstrip(".")
    return value


def _present(value: str, mapping: ExportMapping) -> str | None:
    return None if not value or value in mapping.missing_codes else value


def _answer(value: str, codes: Mapping[str, str] | None, decimal: str) -> str:
    if codes is None:
        return number_text(value, decimal)
    if value in codes:
        return codes[value]
    is_mistakable = value in codes.values() or _POINT.fullmatch(number_text(value, decimal))
    return f"{UNDECLARED}{value}" if is_mistakable else value


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


class _Zones:
    """The zone in which times are written, and the one in which days are counted."""

    def __init__(self, written: str | None, local: str) -> None:
        self.local = ZoneInfo(local)
        self.is_known = written is None or written in _zone_names()
        self.written = ZoneInfo(written) if written is not None and self.is_known else None

    def day(self, moment: datetime) -> date:
        """Return the clinic's day of a moment; a time without any zone is the clinic's own."""
        if moment.tzinfo is None and self.written is not None:
            moment = moment.replace(tzinfo=self.written)
        if moment.tzinfo is None:
            return moment.date()
        try:
            return moment.astimezone(UTC).astimezone(self.local).date()
        except OverflowError:
            return moment.date()


def _day(value: str, formats: Iterable[str], zones: _Zones) -> str:
    """Return the ISO day, or the text as it came if no format, or more than one, reads it."""
    days = set()
    if zones.is_known and not _has_foreign_digits(value):
        for written in formats:
            if written in _SERIAL_EPOCHS:
                days |= _serial_day(value, _SERIAL_EPOCHS[written])
                continue
            try:
                moment = datetime.strptime(value, written)  # noqa: DTZ007 - zoned in _Zones.day
            except ValueError:
                continue
            days.add(zones.day(moment) if _has_time(written) else moment.date())
    if len(days) == 1:
        return days.pop().isoformat()
    return f"{UNDECLARED}{value}" if _ISO_LIKE.fullmatch(value) else value


def _serial_day(value: str, epoch: date) -> set[date]:
    """Return the day of a spreadsheet's day number, with or without a fraction for the time."""
    whole = _SERIAL.fullmatch(value)
    return {epoch + timedelta(days=int(whole[1]))} if whole else set()


def _has_time(written: str) -> bool:
    return any(sign in written for sign in ("%H", "%I", "%c", "%X", "%s"))


def _has_foreign_digits(value: str) -> bool:
    """Whether the text holds digits that :func:`datetime.strptime` reads and no clinic means."""
    return not value.isascii() and any(
        unicodedata.category(sign) == "Nd" and not sign.isascii() for sign in value
    )
