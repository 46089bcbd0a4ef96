"""``rapport clinics``: what the registry says."""

import json
from typing import Annotated

import typer


def clinics(
    as_json: Annotated[bool, typer.Option("--json", help="Print for a machine.")] = False,
) -> None:
    """List the clinics of the registry and how each one sends its data."""
    from rapport.home import open_home

    registry = open_home().registry
    if as_json:
        described = [clinic.model_dump(mode="json") for clinic in registry.clinics.values()]
        typer.echo(json.dumps(described, ensure_ascii=False, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{len(registry.clinics)} clinics", title_justify="left")
    for heading in ("id", "name", "sector", "zone", "therapists", "exports", "instruments"):
        table.add_column(heading, overflow="fold")
    for clinic in registry.clinics.values():
        table.add_row(
            clinic.id,
            clinic.name,
            clinic.sector,
            clinic.timezone,
            str(len(clinic.therapists)),
            ", ".join(f"{export.id} ({export.format})" for export in clinic.exports),
            ", ".join(clinic.instruments),
        )
    Console().print(table)
