"""The page of a check: what came of one export, to be sent back to the clinic that made it.

One HTML file that needs nothing else: no script, no picture, no font and no address in it. It names
files, columns, lines and rules, and never what stands in a cell. Every text is escaped; texts from
the file (its name, its columns) are made printable first.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LINES_SHOWN = 8
"""How many runs of line numbers are shown of one place."""

LONGEST_HEADING = 120
"""Of a longer name of a column, the middle is left out where it is shown to people."""

TEMPLATE = "check/page.html"

_BACKTICKED = re.compile(r"`([^`]*)`")


@dataclass(frozen=True, slots=True)
class Place:
    """A column of the file and the lines in which something is wrong there.

    Attributes:
        column: Name of the column; empty where the row or the file as a whole is meant.
        lines: Line numbers, ascending; empty where the file as a whole is meant.
    """

    column: str
    lines: tuple[int, ...]

    @property
    def in_words(self) -> str:
        """Column and lines: ``column phq2, lines 5–7, 11``; of a whole question, its two ends."""
        parts = [f"column {_short(self.column)}" if self.column else "", lines_in_words(self.lines)]
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class FaultGroup:
    """One fault, told once however often it occurs.

    Attributes:
        rule: Id of the rule that is broken.
        refuses: Whether it refuses rows, or the file.
        what: What is wrong, or what the rule asks.
        why: Why it matters.
        remedy: What to do at the source.
        n_rows: Rows concerned; 0 where the file or the month as a whole is meant.
        places: Columns and lines.
        parts: The checks concerned, such as ``phq-9.patient.03``, for faults of the month.
    """

    rule: str
    refuses: bool
    what: str
    why: str
    remedy: str
    n_rows: int = 0
    places: tuple[Place, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def extent(self) -> str:
        """How often it occurs, as the answer to the question above it; empty if that is none."""
        if not self.n_rows:
            return ""
        return "No, in 1 row." if self.n_rows == 1 else f"No, in {self.n_rows} rows."


@dataclass(frozen=True, slots=True)
class Tally:
    """The checks of one suite, counted by state.

    Attributes:
        title: What the suite is about.
        verdict: ``passed``, ``failed``, ``error`` or ``not_applicable``.
        holds: Checks that hold.
        broken: Checks that are broken.
        not_applicable: Checks whose question did not arise.
        error: Checks that could not be asked.
    """

    title: str
    verdict: str
    holds: int
    broken: int
    not_applicable: int
    error: int

    @property
    def verdict_in_words(self) -> str:
        """The verdict as a person says it."""
        return self.verdict.replace("_", " ")


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """Everything that a check tells, without any value of a cell.

    Attributes:
        clinic_id: The clinic's id.
        clinic_name: Its name.
        file: Name of the file, made printable.
        sha256: Hash of its bytes.
        month: The month, ``YYYY-MM``.
        month_from: How the month was found out.
        read_as: How the file was read: label → value.
        exit_code: 0 every row accepted, 1 some refused, 2 the file refused.
        rows: Rows received, and what would become of them, by state.
        forms: Form → accepted administrations.
        faults: Faults of file and rows, the most frequent first.
        notes: What is odd about the month as a whole, as far as this file says.
        fine: The checks, counted.
        n_months: How many earlier months it was held against.
    """

    clinic_id: str
    clinic_name: str
    file: str
    sha256: str
    month: str
    month_from: str
    read_as: tuple[tuple[str, str], ...]
    exit_code: int
    rows: dict[str, int]
    forms: dict[str, int]
    faults: tuple[FaultGroup, ...]
    notes: tuple[FaultGroup, ...]
    fine: tuple[Tally, ...]
    n_months: int

    @property
    def account(self) -> str:
        """The law of conservation in words: every row is exactly one thing."""
        rows = self.rows
        return (
            f"{rows['received']} in = {rows['accepted']} accepted + {rows['quarantined']} refused "
            f"+ {rows['duplicate']} duplicate + {rows['superseded']} superseded + "
            f"{rows['test']} test"
        )


def check_page(facts: CheckFacts) -> str:
    """Return the page as HTML.

    Args:
        facts: What the check found.
    """
    from jinja2 import Environment, StrictUndefined

    from rapport.rendering.pdf import template_folder

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["printed"] = _in_print
    source = (template_folder() / TEMPLATE).read_text("utf-8")
    return environment.from_string(source).render(check=facts)


def _in_print(text: str) -> str:
    """Return a text with quotation marks instead of backticks."""
    return _BACKTICKED.sub(r"“\1”", text)


def _short(heading: str) -> str:
    """Return a heading, without its middle if it is the whole text of a question."""
    if len(heading) <= LONGEST_HEADING:
        return heading
    part = LONGEST_HEADING // 2 - 2
    return f"{heading[:part].rstrip()} … {heading[-part:].lstrip()}"


def lines_in_words(lines: Iterable[int]) -> str:
    """Return line numbers as people write them: ``lines 3, 5–9 and 12 others``; empty for none."""
    runs = _runs(sorted(set(lines)))
    if not runs:
        return ""
    shown = [f"{first}–{last}" if last > first else f"{first}" for first, last in runs]
    hidden = sum(last - first + 1 for first, last in runs[LINES_SHOWN:])
    word = "line" if len(runs) == 1 and runs[0][0] == runs[0][1] else "lines"
    others = "1 other" if hidden == 1 else f"{hidden} others"
    more = f" and {others}" if hidden else ""
    return f"{word} {', '.join(shown[:LINES_SHOWN])}{more}"


def _runs(lines: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for line in lines:
        if runs and runs[-1][1] == line - 1:
            runs[-1] = (runs[-1][0], line)
        else:
            runs.append((line, line))
    return runs
