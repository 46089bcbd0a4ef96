"""The columns of a file as a proposal sees them: names in words, and the different texts."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapport.exports.table import Table

_WORDS = re.compile(r"[^\W\d_]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST_JOIN = 4


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: Its name, exactly.
        place: Its place in a row, from 0.
        cells: Its texts, row by row; empty where a row has no such field.
        title: What the project's dictionary calls it; empty where there is none.
    """

    name: str
    place: int
    cells: tuple[str, ...]
    title: str = ""

    @property
    def texts(self) -> frozenset[str]:
        """The different texts in it, the empty one left out."""
        return frozenset(self.cells) - {""}


def columns_in(table: Table, titles: Mapping[str, str]) -> tuple[Column, ...]:
    """Return the columns of a file; rows with another number of fields are left out.

    A text by which the format itself says that a value is missing is no text of the column.

    Args:
        table: The file.
        titles: Column → what its dictionary calls it.
    """
    width = len(table.header)
    absent = table.missing_codes
    rows = [
        ["" if cell in absent else cell for cell in row] if absent else row
        for row in table.rows
        if len(row) == width
    ]
    cells = list(zip(*rows, strict=True)) or [()] * width
    return tuple(
        Column(name, at, cells[at], titles.get(name, "")) for at, name in enumerate(table.header)
    )


def words_of(name: str) -> tuple[str, ...]:
    """Return a name's words and numbers, in lower case: ``WAI_SR_T01`` gives wai, sr, t, 01."""
    return tuple(_WORDS.findall(_CAMEL.sub("_", name).casefold()))


def joins_of(name: str) -> frozenset[str]:
    """Return the words of a name, and each run of a few of them joined: ``phq`` + ``9``."""
    found = set()
    for words in (words_of(name), tuple(_WORDS.findall(name.casefold()))):
        for start in range(len(words)):
            for end in range(start + 1, min(start + _LONGEST_JOIN, len(words)) + 1):
                found.add("".join(words[start:end]))
    return frozenset(found)


def joined(name: str) -> str:
    """Return a name as one word: letters and digits only, in lower case."""
    return "".join(_WORDS.findall(name.casefold()))


def named(names: Iterable[str], most: int = 6) -> str:
    """Return names in a sentence; many are cut short."""
    every = list(names)
    shown = ", ".join(every[:most])
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown
