"""How a file is laid out, as a proposal sees it: its columns, and where forms are sought."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from rapport.exports.proposing.columns import Column
from rapport.exports.proposing.said import Said


@dataclass(frozen=True, slots=True)
class Part:
    """Columns among which the items of a form are sought.

    Attributes:
        columns: The columns, or the item codes of a long file as if they were columns.
        where: Column → value by which rows of this part are told.
    """

    columns: tuple[Column, ...]
    where: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Laid:
    """How a file is laid out.

    Attributes:
        lines: The keys of a mapping about that.
        columns: The columns of keys and session facts.
        parts: Where forms are sought.
        used: Columns that the layout itself reads.
        session: What gives the session's number, where the layout does.
        remarks: Sentences for the person who checks it.
    """

    lines: dict[str, Said]
    columns: tuple[Column, ...]
    parts: tuple[Part, ...]
    used: frozenset[str] = field(default=frozenset())
    session: str | None = None
    remarks: tuple[str, ...] = ()

    @classmethod
    def wide(cls, columns: Sequence[Column]) -> Self:
        """Return the layout of one row a session, one column an item."""
        return cls({}, tuple(columns), (Part(tuple(columns)),))
