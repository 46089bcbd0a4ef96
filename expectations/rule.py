"""What a validation rule is: one object for the expectation, the quarantine and the catalogue.

Great Expectations is not needed to hold, list or print a rule; only :meth:`Rule.expectation`
imports it.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Protocol


class Severity(StrEnum):
    """What a broken rule does.

    ``critical`` refuses: the file, the row, or the clinic-month. ``warning`` is told and counted,
    and refuses nothing.
    """

    CRITICAL = "critical"
    WARNING = "warning"


class Suite(StrEnum):
    """Which frame a rule is asked of; suites are judged in this order."""

    EXPORT_FILES = "export_files"
    EXPORT_ROWS = "export_rows"
    ACCEPTED_ROWS = "accepted_rows"
    ACCEPTED_SLICES = "accepted_slices"


class Demand(Protocol):
    """What a rule demands of a column, as a Great Expectations expectation."""

    @property
    def has_limit(self) -> bool:
        """Whether a value is held against a limit that stands beside it."""
        ...

    @property
    def unanswered(self) -> str | float:
        """What stands in for a missing answer that is needed; breaks the demand."""
        ...

    def expectation(self, rule: "Rule") -> Any:  # noqa: ANN401 - Great Expectations is untyped
        """Return the expectation for ``rule``, its ``meta`` filled in."""
        ...

    def in_words(self, rule: "Rule") -> str:
        """Return the demand as half a sentence."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must hold.

    Attributes:
        id: What kind of rule it is, upper snake case. Kinds stand in the catalogue.
        suite: Which frame it is asked of.
        severity: Whether breaking it refuses something.
        asks: What it asks, as a question to the data.
        rationale: Why it matters.
        remedy: What to do at the source when it is broken.
        column: Column of the judged frame that it is asked of.
        demand: What that column must hold.
        needs_answer: Whether a missing value breaks it. Otherwise a missing value means that the
            question does not arise there.
        threshold: For rules with a limit: the limit unless the clinic's registry entry names one.
        part: Where within its kind it is asked, such as ``phq-9.patient.03``; empty for rules
            that are asked once.
        is_own_check: Whether only a mistake in Rapport itself can break it. It then makes the
            verdict ``error`` and not ``failed``.
    """

    id: str
    suite: Suite
    severity: Severity
    asks: str
    rationale: str
    remedy: str
    column: str
    demand: Demand
    needs_answer: bool = False
    threshold: float | None = None
    part: str = ""
    is_own_check: bool = False

    @property
    def key(self) -> str:
        """Id with its part: ``ANSWER_ALLOWED[phq-9.patient.03]``. Unique within a suite."""
        return f"{self.id}[{self.part}]" if self.part else self.id

    @property
    def limit_column(self) -> str:
        """Column of the slice frame with the limit that holds for each clinic."""
        return f"limit.{self.key}"

    @property
    def meta(self) -> dict[str, str]:
        """What the expectation carries, and every result of it."""
        return {
            "id": self.key,
            "severity": self.severity.value,
            "rationale": self.rationale,
            "remedy": self.remedy,
        }

    @property
    def limit_in_words(self) -> str:
        """Return the default limit as people write it: ``10 %``, ``1``; empty without one."""
        if self.threshold is None:
            return ""
        if "share" in self.column:
            return f"{self.threshold:.0%}".replace("%", " %")
        return f"{self.threshold:g}"

    def at(self, part: str, column: str, demand: Demand | None = None) -> "Rule":
        """Return this kind of rule for one part, such as one item of one form."""
        return replace(self, part=part, column=column, demand=demand or self.demand)

    def expectation(self) -> Any:  # noqa: ANN401 - Great Expectations is untyped
        """Return the rule as a Great Expectations expectation."""
        return self.demand.expectation(self)
