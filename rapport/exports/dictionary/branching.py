"""REDCap's branching logic, as far as one row decides it: comparisons joined by and, or, brackets.

``[sex] = '0' and [age] > 18``, ``[symptoms(3)] = '1'``. What needs functions, other events or smart
variables is not decided, and neither is a comparison of size with an empty field.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rapport.clinics.codebook import checkbox_column

Lookup = Callable[[str], str | None]
"""Column → its text in a row, or ``None`` where the row cannot say."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<field>\[[a-z][a-z0-9_]*(?:\([^()\[\]]+\))?\])
      | (?P<text>'[^']*'|"[^"]*"|-?\d+(?:\.\d+)?)
      | (?P<sign><>|!=|<=|>=|=|<|>)
      | (?P<word>and\b|or\b)
      | (?P<bracket>[()])
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_FIELD = re.compile(r"\[([a-z0-9_]+)(?:\(([^()]+)\))?\]", re.IGNORECASE)
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class _Comparison:
    """A field held against a text."""

    column: str
    sign: str
    text: str

    def holds(self, lookup: Lookup) -> bool | None:
        """Decide by a row."""
        found = lookup(self.column)
        if found is None:
            return None
        if self.sign in {"=", "<>", "!="}:
            return _is_same(found, self.text) == (self.sign == "=")
        if not (_NUMBER.fullmatch(found) and _NUMBER.fullmatch(self.text)):
            return None
        left, right = float(found), float(self.text)
        return {"<": left < right, ">": left > right, "<=": left <= right, ">=": left >= right}[
            self.sign
        ]


@dataclass(frozen=True, slots=True)
class _Joined:
    """Conditions of which all, or one, must hold."""

    parts: tuple["Condition", ...]
    is_all: bool

    def holds(self, lookup: Lookup) -> bool | None:
        """Decide by a row; what cannot be decided counts only where it matters."""
        found = [part.holds(lookup) for part in self.parts]
        if (not self.is_all) in found:
            return not self.is_all
        return None if None in found else self.is_all


Condition = _Comparison | _Joined


@lru_cache(maxsize=2048)
def condition_of(logic: str) -> Condition | None:
    """Return the condition that a field's branching logic states, or ``None`` if it is not plain.

    Args:
        logic: As the dictionary has it, not empty.
    """
    tokens: list[str] = []
    place = 0
    text = logic.strip()
    while place < len(text):
        found = _TOKEN.match(text, place)
        if not found:
            return None
        tokens.append(found[0].strip())
        place = found.end()
    reader = _Reader(tokens)
    condition = reader.either(0)
    return condition if reader.is_at_end else None


@dataclass(slots=True)
class _Reader:
    """Reads tokens from the left; ``None`` means that they are no plain condition."""

    tokens: Sequence[str]
    place: int = field(default=0)

    @property
    def is_at_end(self) -> bool:
        """Whether every token was read."""
        return self.place == len(self.tokens)

    def _next(self) -> str:
        return "" if self.is_at_end else self.tokens[self.place]

    def either(self, depth: int) -> Condition | None:
        """Read conditions joined by ``or``."""
        return self._joined("or", lambda: self._joined("and", lambda: self._one(depth)))

    def _joined(self, word: str, one: Callable[[], Condition | None]) -> Condition | None:
        parts = [one()]
        while self._next().lower() == word:
            self.place += 1
            parts.append(one())
        whole = tuple(part for part in parts if part is not None)
        if len(whole) != len(parts):
            return None
        return whole[0] if len(whole) == 1 else _Joined(whole, is_all=word == "and")

    def _one(self, depth: int) -> Condition | None:
        if self._next() == "(" and depth < _DEEPEST:
            self.place += 1
            inner = self.either(depth + 1)
            if self._next() != ")":
                return None
            self.place += 1
            return inner
        name, sign, text = (*self.tokens[self.place : self.place + 3], "", "", "")[:3]
        named = _FIELD.fullmatch(name)
        if not named or not sign or sign[0] not in "=<>!" or not text or text[0] in "[()":
            return None
        self.place += 3
        column = checkbox_column(named[1], named[2]) if named[2] else named[1]
        return _Comparison(column, sign, text.strip("'\""))


def _is_same(one: str, other: str) -> bool:
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        return float(one) == float(other)
    return one == other
