"""``rapport instruments``: the catalogue, and one readable page an instrument."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rapport.instruments import Instrument


def instruments(
    instrument_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Show this one in full.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print for a machine.")] = False,
) -> None:
    """List the instruments, or show one with the source and status of every figure.

    A file instruments/<id>.yaml in the home replaces or adds an instrument.
    """
    from rapport.instruments import instrument_of

    catalogue = catalogue_here()
    if instrument_id is None:
        _print_list(catalogue, as_json=as_json)
        return
    found = instrument_of(catalogue, instrument_id)
    if as_json:
        described = found.model_dump(mode="json", by_alias=True)
        typer.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    from rapport.instruments.page import page_of

    typer.echo(page_of(found), nl=False)


def catalogue_here() -> "Mapping[str, Instrument]":
    """Return the catalogue, with the home's own instruments where there is a home.

    Raises:
        SettingsError: An instrument file breaks a rule.
    """
    from rapport.home import HOME_VARIABLE
    from rapport.instruments import load_catalogue

    return load_catalogue(Path(os.environ.get(HOME_VARIABLE) or "home") / "instruments")


def _print_list(catalogue: "Mapping[str, Instrument]", *, as_json: bool) -> None:
    if as_json:
        described = [found.model_dump(mode="json", by_alias=True) for found in catalogue.values()]
        typer.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(
        title=f"{len(catalogue)} instruments",
        title_justify="left",
        box=SIMPLE_HEAD,
        show_edge=False,
        padding=(0, 1, 0, 0),
    )
    for heading in ("id", "name", "measures", "items", "scored"):
        table.add_column(heading, overflow="fold", no_wrap=heading != "name")
    for found in catalogue.values():
        is_sure = found.key.is_usable and found.reversal.is_usable
        table.add_row(
            found.id,
            found.name,
            found.measures.replace("_", " "),
            f"{found.n_items} of {found.scale.minimum:g}-{found.scale.maximum:g}",
            "yes" if is_sure else "own key",
        )
    Console().print(table)
    typer.echo(
        "`rapport instruments ID` shows one with its sources and doubts. 'own key': the key could\n"
        "not be confirmed; hold your form against it (docs/adding-an-instrument.md)."
    )
