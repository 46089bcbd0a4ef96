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
    from pipelines.screen import plain_table, screen

    table = plain_table(
        "id",
        "name",
        "sector",
        "zone",
        "therapists",
        "exports",
        "instruments",
        title=f"{len(registry.clinics)} clinics",
    )
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
    screen().print(table)
