"""``rapport status``: the clinic × month grid, for people and for machines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from rapport.evidence.progress import Progress
    from rapport.home import Home

MONTHS_SHOWN = 6
"""How many of the latest months the grid shows when none is asked for."""

STYLES = {
    "awaited": "yellow",
    "received": "cyan",
    "refused": "bold red",
    "validated": "blue",
    "reported": "green",
    "delivered": "bold green",
}


def status(
    month: Annotated[
        str | None, typer.Option(help="One month, YYYY-MM.", show_default=False)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For machines: one object a cell.")
    ] = False,
) -> None:
    """Show for each clinic and month: awaited, received, refused, validated, reported, delivered.

    A clinic that has not delivered a month stays `awaited` or `refused`, also when it got a notice.
    """
    from rapport.evidence.progress import progress
    from rapport.home import open_home

    home = open_home()
    months = _months(home, month)
    first_months = {clinic.id: clinic.first_month for clinic in home.registry.clinics.values()}
    grid = progress(home.warehouse, first_months, months)
    if as_json:
        _print_json(grid)
        return
    _print_table(grid, list(first_months), months)


def _months(home: "Home", month: str | None) -> list[str]:
    from rapport.evidence.progress import known_months
    from rapport.months import Month

    if month is not None:
        return [str(Month.parse(month))]
    return known_months(home.warehouse)[-MONTHS_SHOWN:]


def _print_json(grid: Sequence["Progress"]) -> None:
    import json
    from dataclasses import asdict

    typer.echo(json.dumps([asdict(one) for one in grid], indent=2))


def _print_table(grid: Sequence["Progress"], clinics: Sequence[str], months: Sequence[str]) -> None:
    from pipelines.screen import screen

    console = screen()
    if not months:
        console.print(
            "Nothing has been received yet. `rapport run --month YYYY-MM` collects a month."
        )
        return
    console.print(_table(grid, clinics, months))
    counts = {state: sum(one.state == state for one in grid) for state in STYLES}
    console.print(", ".join(f"{count} {state}" for state, count in counts.items() if count))


def _table(grid: Sequence["Progress"], clinics: Sequence[str], months: Sequence[str]) -> "Table":
    from pipelines.screen import plain_table

    cells = {(one.clinic_id, one.month): _cell(one) for one in grid}
    table = plain_table("clinic", *months)
    for clinic in clinics:
        table.add_row(clinic, *(cells.get((clinic, month), "") for month in months))
    return table


def _cell(one: "Progress") -> str:
    """Write one cell: the state, a notice if one went out, the edition from the second one on."""
    extra = []
    if one.kind == "notice":
        extra.append("notice")
    if one.edition > 1:
        extra.append(f"ed. {one.edition}")
    more = f" ({', '.join(extra)})" if extra else ""
    return f"[{STYLES[one.state]}]{one.state}[/]{more}"
