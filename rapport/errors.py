"""How Rapport says that something is wrong: faults for people, one exception for all of them.

A *fault* is something a user can mend: data, settings, a command's arguments. A bug is never
turned into a fault; it keeps its own exception and traceback.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, where it is, and how to mend it.

    Attributes:
        rule: Id of the rule that was broken, upper snake case (``FIELD_COUNT``).
        message: What is wrong, in a sentence. Names places, never a cell's value.
        remedy: What to do about it, in a sentence.
        file: Name of the file at fault, if there is one.
        line: Line in that file, counted from 1, as an editor counts.
        column: Column or key in that file.
    """

    rule: str
    message: str
    remedy: str
    file: str | None = None
    line: int | None = None
    column: str | None = None

    @property
    def place(self) -> str:
        """File, line and column as far as they are known: ``phq.csv, line 7, column q3``."""
        parts = [
            self.file,
            f"line {self.line}" if self.line is not None else None,
            f"column {self.column}" if self.column is not None else None,
        ]
        return ", ".join(part for part in parts if part)

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        return f"{where}{self.message} [{self.rule}] Remedy: {self.remedy}"


class RapportError(Exception):
    """A user's fault, or several: told all at once and without a traceback.

    Attributes:
        faults: What is wrong; never empty.
    """

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type["RapportError"], tuple[tuple[Fault, ...]]]:
        """Let another process tell the faults, and not their text sign by sign."""
        return type(self), (self.faults,)


class SettingsError(RapportError):
    """Settings, registry or instrument catalogue cannot be used as written."""


class ExportRefusedError(RapportError):
    """A whole export file is refused; none of its rows is loaded."""


class ScoringError(RapportError):
    """A table or an instrument does not allow the scores that were asked for."""


class StatisticsError(RapportError):
    """An argument of a statistic is outside the range in which it means anything."""


class RenderingError(RapportError):
    """A report cannot be rendered without losing or inventing something."""


class EvidenceError(RapportError):
    """Something that was recorded no longer matches what is kept."""
