"""Names of files as a source lists them: which look finished, and which belong to which month."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from rapport.clinics import Clinic, ExportMapping

DONE = ".done"
"""Behind the name of a file: a marker that says that the file is whole."""

_UNFINISHED = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
_ANY_MONTH = "[0-9]{4}-[0-9]{2}"
_MONTHS_IN = re.compile(f"(?=({_ANY_MONTH}))")
"""Finds every month in a text, also where two overlap."""


def is_finished_name(name: str) -> bool:
    """Whether a name is neither hidden, nor a marker, nor that of a file still being written."""
    return not (name.startswith(".") or name.endswith(DONE) or name.lower().endswith(_UNFINISHED))


def segments(pattern: str) -> tuple[str, ...]:
    """Turn a path pattern into one regular expression a folder; only ``*`` has a meaning."""
    return tuple(
        ".*".join(re.escape(part) for part in segment.split("*"))
        for segment in pattern.split("/")
        if segment
    )


@dataclass(frozen=True)
class WantedNames:
    """The path patterns of a clinic's exports, for one month and for all of them.

    Attributes:
        clinic: The clinic.
    """

    clinic: Clinic

    @cached_property
    def of_any_month(self) -> tuple[tuple[str, ...], ...]:
        """One row of expressions, folder by folder, for each export; any month matches."""
        return tuple(
            tuple(part.replace(re.escape("{month}"), _ANY_MONTH) for part in segments(one.pattern))
            for one in self.clinic.exports
        )

    def export_of(self, parts: tuple[str, ...], month: str) -> str | None:
        """Return the first export that a path belongs to in a month; ``None`` if it has none.

        Args:
            parts: The path below the clinic's source, folder by folder.
            month: The month, ``YYYY-MM``.
        """
        for export in self.clinic.exports:
            if fits(parts, segments(export.file_pattern(month))):
                return export.id
        return None


@dataclass(frozen=True)
class ExportNames:
    """The names of one export's files over some months.

    Attributes:
        export: The export, with its path pattern.
        months: The months that are asked for, ``YYYY-MM``.
    """

    export: ExportMapping
    months: tuple[str, ...]

    @cached_property
    def of_some_month(self) -> tuple[str, ...]:
        """Expressions, folder by folder, that match every file of the months, and perhaps more."""
        if len(self.months) == 1:
            return self._of_month[self.months[0]]
        several = re.escape("{month}")
        return tuple(part.replace(several, _ANY_MONTH) for part in segments(self.export.pattern))

    def months_of(self, parts: tuple[str, ...]) -> Iterator[str]:
        """Yield the months that a path belongs to: more than one only if it names more."""
        named = set(_MONTHS_IN.findall("/".join(parts)))
        for month in self.months:
            if month in named and fits(parts, self._of_month[month]):
                yield month

    @cached_property
    def _of_month(self) -> dict[str, tuple[str, ...]]:
        return {month: segments(self.export.file_pattern(month)) for month in self.months}


def fits(parts: tuple[str, ...], wanted: tuple[str, ...]) -> bool:
    """Whether every part of a path matches the expression in its place."""
    return len(parts) == len(wanted) and all(
        compiled(expression).fullmatch(part) for part, expression in zip(parts, wanted, strict=True)
    )


@lru_cache(maxsize=4096)
def compiled(expression: str) -> re.Pattern[str]:
    """Return a regular expression, compiled once."""
    return re.compile(expression, re.DOTALL)
