"""One line of a proposed mapping: a value, how sure it is, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from rapport.clinics.filled_in import PLACEHOLDER

Plain: TypeAlias = "str | int | bool | Sequence[Plain] | Mapping[str, Plain]"
"""What stands in YAML."""

FILL_IN = PLACEHOLDER
"""Stands where a person must say what no file can."""


@dataclass(frozen=True, slots=True)
class Said:
    """A value of a key.

    Attributes:
        value: The value.
        why: Why it was proposed, or why it is doubtful, in words; names columns, never a value.
        is_sure: Whether the file leaves no doubt.
    """

    value: Plain
    why: str = ""
    is_sure: bool = True


def unsure(value: Plain, why: str) -> Said:
    """Return a value that a person must confirm."""
    return Said(value, why, is_sure=False)


@dataclass(frozen=True, slots=True)
class ProposedForm:
    """Where one instrument was found.

    Attributes:
        lines: Key of a form's mapping → value; ``codes`` and ``where`` may hold values of their
            own, see ``details``.
        details: Key → the entries of a mapping below it, each with its own doubt.
        columns: The columns that it reads.
    """

    lines: Mapping[str, Said]
    details: Mapping[str, Mapping[str, Said]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposed mapping.

    Attributes:
        lines: Key of the mapping → value, in order.
        details: Key → the entries of a mapping below it.
        forms: The instruments found.
        ignored: Columns to be left, each with the reason.
        remarks: Further sentences for the person who checks it.
    """

    lines: Mapping[str, Said]
    details: Mapping[str, Mapping[str, Said]]
    forms: tuple[ProposedForm, ...]
    ignored: tuple[Said, ...]
    remarks: tuple[str, ...] = ()

    @property
    def n_unsure(self) -> int:
        """How many lines a person must confirm."""
        every = [*self.lines.values(), *self.ignored]
        every += [one for entries in self.details.values() for one in entries.values()]
        for form in self.forms:
            every += form.lines.values()
            every += [one for entries in form.details.values() for one in entries.values()]
        return sum(not one.is_sure for one in every)
