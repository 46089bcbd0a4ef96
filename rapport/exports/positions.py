"""Where the parts of a row stand in the file, when they do not all stand on the row's own line.

Two columns of the text frame say it: ``lines.<form>`` (``03:17 07:21``: item and line) for forms
put together out of several lines, and ``block`` for rows that stand beside each other on one line.
"""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rapport.clinics.layouts import in_block

if TYPE_CHECKING:
    from rapport.exports.source import Source

LINES = "lines."
"""Stands before the form's key in the column that names the lines of items."""

BLOCK_COLUMN = "block"
"""Which block of its line a row is; ``None`` where there are no blocks."""

Texts = npt.NDArray[np.object_]


def position_columns(source: "Source") -> dict[str, Texts]:
    """Return the columns that say where parts of rows stand; none if every row has its own line."""
    table, found = source.table, {}
    if table.blocks:
        names = np.array([name or None for name in table.blocks], dtype=object)
        found[BLOCK_COLUMN] = names[source.whole]
    if any(table.cell_lines):
        lines = [table.cell_lines[place] for place in source.whole.tolist()]
        for form in source.mapping.forms:
            names_of_items = form.columns(source.catalogue[form.instrument].n_items)
            texts = [_text(names_of_items, own) for own in lines]
            found[LINES + form.key] = np.array(texts, dtype=object)
    return found


def line_of(stated: str | None, item: int, line: int) -> int:
    """Return the line of one item.

    Args:
        stated: Text of the row's ``lines.<form>``.
        item: The item, counted from 1.
        line: The line of the row.
    """
    found = re.search(rf"(?:^| ){item:02d}:(\d+)", stated or "")
    return int(found[1]) if found else line


def column_of(name: str, block: str | None) -> str:
    """Return the file's own name of a column, in the block in which the row stands."""
    if not block:
        return name
    return in_block(name, int(block) if block.isdigit() else block)


def _text(names: tuple[str, ...], lines: Mapping[str, int]) -> str | None:
    stated = [f"{item:02d}:{lines[name]}" for item, name in enumerate(names, 1) if name in lines]
    return " ".join(stated) or None
