"""How rows of a file become rows of a session: the keys of a mapping about that, and ``{block}``.

Most files are *wide*: one row a session or form, one column an item. Vendors also send *long*
extracts (one row an item) and *blocks* (one row a referral, its sessions beside each other in
columns that differ in a number).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

BLOCK = "{block}"
"""As the whole name of a column: the number of the block, from 1."""

MOST_BLOCKS = 400
"""More sessions side by side than any row has."""

_PLACE = re.compile(r"\{block(?::([^{}]*))?\}")
_TABLES = ("delimited", "workbook", "spss")

BlockName = Annotated[str, Field(min_length=1, max_length=64)]


class Layout(BaseModel):
    """The part of an export's mapping that says what one row of the file is.

    Attributes:
        layout: ``wide``, or ``long`` for one row an item.
        item: Column with the code of the item, in a long file. The items of a form are then codes
            instead of columns, and ``where`` tells instruments and raters apart.
        answer: Column with the answer, in a long file.
        unread_rows: Column → values; rows of a long file with one of these values are items of
            forms that are not read.
        blocks: How many sessions stand beside each other at most, or what they are called
            (``[pre, post]``). ``{block}`` in the name of a column stands for that number or name;
            alone, for the number.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    layout: Literal["wide", "long"] = "wide"
    item: str | None = None
    answer: str | None = None
    unread_rows: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    blocks: (
        Annotated[int, Field(ge=1, le=MOST_BLOCKS)]
        | Annotated[tuple[BlockName, ...], Field(min_length=1, max_length=MOST_BLOCKS)]
        | None
    ) = None

    @model_validator(mode="after")
    def _long_files_name_item_and_answer(self) -> Self:
        is_long = self.layout == "long"
        named = (self.item is not None, self.answer is not None)
        if is_long and not all(named):
            raise ValueError("layout: a long file needs `item` and `answer`, its two columns")
        if not is_long and (any(named) or self.unread_rows):
            raise ValueError("item, answer and unread_rows belong to `layout: long`")
        if is_long and self.blocks is not None:
            raise ValueError("blocks: a long file has none")
        return self

    @model_validator(mode="after")
    def _blocks_are_named(self) -> Self:
        texts = list(_texts(self.model_dump(exclude={"id", "path"})))
        is_used = any(has_block(text) for text in texts)
        if self.blocks is not None and not is_used:
            raise ValueError("blocks: no column is named by {block}")
        if self.blocks is None and is_used:
            raise ValueError("blocks: {block} is used, but not how many there are")
        is_plain = self.layout == "wide" and self.blocks is None
        if not is_plain and getattr(self, "format", "delimited") not in _TABLES:
            raise ValueError(f"layout: only {', '.join(_TABLES)} files are long or in blocks")
        return self

    @property
    def block_names(self) -> tuple[str | int, ...]:
        """What stands in the place of ``{block}``, in order; nothing if there are no blocks."""
        if isinstance(self.blocks, int):
            return tuple(range(1, self.blocks + 1))
        return self.blocks or ()


def has_block(name: str) -> bool:
    """Whether ``{block}`` stands in a column's name."""
    return _PLACE.search(name) is not None


def in_block(name: str, block: str | int) -> str:
    """Return a column's name in one block: ``Date_{block:02d}`` and 3 give ``Date_03``."""
    return _PLACE.sub(lambda found: format(block, found[1] or ""), name)


def other_blocks(name: str) -> re.Pattern[str]:
    """Return what a column's name looks like in any numbered block."""
    bits = _PLACE.split(name)[::2]
    return re.compile(r"(\d{1,4})".join(map(re.escape, bits)), re.ASCII)


class Kept:
    """Formats as ``{block}`` itself, so that a pattern can be filled in with the item alone."""

    def __format__(self, spec: str) -> str:
        return f"{{block:{spec}}}" if spec else BLOCK


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, held in value.items():
            yield from _texts(key)
            yield from _texts(held)
    elif isinstance(value, Sequence):
        for held in value:
            yield from _texts(held)
