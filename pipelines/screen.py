"""Tables on a screen: one look, and wide enough in a pipe, where no terminal says its width."""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

WIDTH_IN_A_PIPE = 120
"""Columns where no terminal says how many there are: enough for a report's path."""


def screen() -> "Console":
    """Return the console to print on; numbers and paths are not coloured by guesswork."""
    from rich.console import Console

    width = None if sys.stdout.isatty() else WIDTH_IN_A_PIPE
    return Console(width=width, highlight=False)


def plain_table(*headings: str, title: str | None = None) -> "Table":
    """Return a table without a frame whose cells wrap and are never cut."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table
