"""Revised since: which printed figures differ from those of the edition that is replaced.

What an edition printed is kept as text with its entry in the ledger. Only texts that were printed
are compared, so nothing comes to light here that one of the two editions hides.
"""

import json
from collections.abc import Mapping
from dataclasses import fields

from rapport.rendering.facts import (
    SILENT_STATES,
    FigureFact,
    FigureTable,
    NoticeFacts,
    ReportFacts,
    State,
    TableRow,
)

MOST_ROWS = 24
"""Rows that the table has at most; how many more there are is said in its caption."""

_STATES: dict[str, State] = {"shown": "shown", "suppressed": "suppressed", "no_data": "no_data"}

_Place = tuple[str, str, str]
"""Caption of a table, heading of a row, heading of a column."""


def figures_said(facts: ReportFacts | NoticeFacts) -> str | None:
    """Return every figure in the tables of a report as text, for the ledger; none of a notice."""
    if isinstance(facts, NoticeFacts):
        return None
    said = [[*place, *_said(fact)] for place, fact in _printed(facts).items()]
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def revised_since(edition: int, before: str | None, now: ReportFacts) -> FigureTable | None:
    """Return the table of the figures that differ.

    Args:
        edition: Number of the replaced edition.
        before: What it printed, from :func:`figures_said`; nothing if that is not known.
        now: The facts of the edition that replaces it.

    Returns:
        One row a figure: as it was printed, and as it is now; nothing if no figure differs.
    """
    if before is None:
        return None
    was = {tuple(one[:3]): tuple(one[3:]) for one in json.loads(before)}
    told = {place: _said(fact) for place, fact in _printed(now).items()}
    changed = [place for place in dict.fromkeys([*told, *was]) if was.get(place) != told.get(place)]
    if not changed:
        return None
    more = len(changed) - MOST_ROWS
    left_out = f"; {more} further figures differ" if more > 0 else ""
    return FigureTable(
        caption=f"Revised since edition {edition}: figures that differ{left_out}",
        corner="Figure",
        columns=(f"Edition {edition}", "This edition"),
        rows=tuple(_row(place, was, told) for place in changed[:MOST_ROWS]),
    )


def _printed(facts: ReportFacts) -> dict[_Place, FigureFact]:
    """Return every figure of every table that has data, with its place."""
    tables = [getattr(facts, one.name) for one in fields(facts) if one.name != "revised"]
    return {
        (table.caption, row.heading, column): cell
        for table in tables
        if isinstance(table, FigureTable)
        for row in table.rows
        for column, cell in zip(table.columns, row.cells, strict=True)
        if cell.state not in SILENT_STATES
    }


def _said(fact: FigureFact) -> tuple[str, str, str]:
    return fact.state, fact.value, fact.interval


def _row(
    place: _Place,
    was: Mapping[tuple[str, ...], tuple[str, ...]],
    told: Mapping[_Place, tuple[str, ...]],
) -> TableRow:
    caption, heading, column = place
    return TableRow(
        heading=heading,
        note=f"{column}; {caption}",
        cells=(_cell(was.get(place)), _cell(told.get(place))),
    )


def _cell(said: tuple[str, ...] | None) -> FigureFact:
    state, value, interval = said or ("no_data", "no data", "")
    return FigureFact(
        id="",
        title="",
        window="",
        state=_STATES[state],
        value=value,
        interval=interval,
        basis="",
        counts="",
    )
