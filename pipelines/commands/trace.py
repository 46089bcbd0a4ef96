"""``rapport trace``: a printed figure back to files, rows, rules, code and configuration."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rapport.evidence.tracing import Document, Trace

RANGES_SHOWN = 60
"""Characters of line numbers that fit beside a hash; ``--json`` has all of them."""


def trace(
    pdf: Annotated[Path, typer.Argument(help="A report of this home.", exists=True)],
    figure: Annotated[
        str | None, typer.Argument(help="A figure's id, such as alliance.patient.total.")
    ] = None,
    who: Annotated[str, typer.Option(help="clinic, a therapist's id, or the sector.")] = "clinic",
    period: Annotated[str, typer.Option(help="month, trailing_12 or YYYY-MM.")] = "trailing_12",
    as_json: Annotated[bool, typer.Option("--json", help="Print for a machine.")] = False,
) -> None:
    """Trace a report, or one figure in it, back to files, rows, rules and code."""
    from rapport.evidence import tracing
    from rapport.home import open_home

    home = open_home()
    document = tracing.open_document(home, pdf)
    found = tracing.trace(home, document, figure=figure, who=who, period=period) if figure else None
    if as_json:
        typer.echo(json.dumps(_told(document, found), ensure_ascii=False, indent=1, default=str))
        return
    _print_document(document)
    if found is None:
        _print_figures(document)
    else:
        _print_trace(found)


def _told(document: "Document", found: "Trace | None") -> dict[str, Any]:
    told: dict[str, Any] = {"edition": dict(document.edition), "verdict": document.verdict}
    if found is None:
        return told | {"figures": json.loads(document.figures.to_json(orient="records"))}
    return told | {
        "figure": dict(found.figure),
        "files": json.loads(found.files.to_json(orient="records")),
    }


def _print_document(document: "Document") -> None:
    edition, verdict = document.edition, document.verdict or {}
    typer.echo(
        f"{edition['clinic_id']} {edition['month']}, edition {edition['edition']} "
        f"({edition['kind']}), recorded {edition['recorded_at']}\n"
        f"  PDF               {edition['pdf_sha256']}\n"
        f"  code version      {edition['code_version']}\n"
        f"  verdict           {verdict.get('verdict', 'none')}, "
        f"{verdict.get('rules_asked', 0)} rules asked\n"
        f"  rule catalogue    {verdict.get('rules_sha256', '–')}\n"
        f"  clinic registry   {verdict.get('registry_sha256', '–')}"
    )


def _print_figures(document: "Document") -> None:
    from pipelines.screen import plain_table, screen
    from rapport.warehouse.records import records

    table = plain_table(
        "figure",
        "who",
        "period",
        "patients",
        "value",
        "suppressed",
        title="Figures behind this document",
    )
    shown = document.figures[document.figures.period.isin(["month", "trailing_12"])]
    for row in records(shown):
        hidden = row["suppression"] if isinstance(row["suppression"], str) else ""
        has_value = not hidden and row["value"] == row["value"]
        table.add_row(
            row["figure"],
            row["who"],
            row["period"],
            "" if hidden else str(row["n_patients"]),
            f"{row['value']:.4f}" if has_value else "",
            hidden.replace("_", " "),
        )
    screen().print(table)


def _print_trace(found: "Trace") -> None:
    from rapport.evidence.tracing import definition_of
    from rapport.warehouse.records import records

    row = found.figure
    definition, method, source = definition_of(row["figure"])
    value = f"suppressed ({row['suppression']})" if found.is_hidden else f"{row['value']:.6g}"
    typer.echo(
        f"\n{row['figure']}, {row['who']}, {row['period']}: {value}\n"
        f"  definition        {definition}\n"
        f"  method            {row['method'] or method}\n"
        f"  source            {source}"
    )
    if not found.is_hidden:
        typer.echo(
            f"  n                 {row['n_patients']} patients, "
            f"{row['n_observations']} observations"
        )
    if isinstance(row["carried_from"], str):
        typer.echo(f"  as printed in     the report of {row['carried_from']}")
    typer.echo("\nFiles and lines it was computed from")
    for file in records(found.files):
        lines = file["ranges"]
        if len(lines) > RANGES_SHOWN:
            lines = lines[:RANGES_SHOWN].rsplit(",", 1)[0] + ", …"
        count = "" if found.is_hidden else f"{file['lines']:>5} rows: {lines}"
        typer.echo(
            f"  {file['month']} {file['export_id']:<18} {file['content_sha256'][:16]}…  {count}"
        )
