"""``rapport check``: one export looked at before it counts. Writes nothing."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from expectations.dry_run import DryRun

LINES_SHOWN = 12
"""How many line numbers are shown of one rule and column; ``--json`` lists all of them."""

_STATES = {
    "accepted": "accepted",
    "quarantined": "refused",
    "duplicate": "duplicate",
    "superseded": "superseded",
    "test": "test",
}
_OUTCOMES = {
    0: "[green]Every row is fine.[/] Nothing was written; put the file into the clinic's folder.",
    1: "[yellow]Some rows are refused.[/] Nothing was written; mend them and check again.",
    2: "[red]The whole file is refused.[/] Nothing was written; mend it and check again.",
}


def check(
    file: Annotated[Path, typer.Argument(help="The export, as the clinic would send it.")],
    clinic: Annotated[str, typer.Option("--clinic", help="Id of the clinic it comes from.")],
    month: Annotated[
        str | None, typer.Option(help="The month it is for, YYYY-MM.", show_default=False)
    ] = None,
    export: Annotated[
        str | None, typer.Option(help="Which of the clinic's exports it is.", show_default=False)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print for a machine; lists every refused row.")
    ] = False,
) -> None:
    """Look at one export before it counts: how it is read, which rows are refused, what to do.

    Exit code 0 if every row is accepted, 1 if some are refused, 2 if the whole file is.
    """
    from expectations.dry_run import dry_run
    from rapport.home import open_home

    home = open_home()
    found = dry_run(
        file,
        clinic,
        registry=home.registry,
        catalogue=home.catalogue,
        month=month,
        export_id=export,
    )
    if as_json:
        typer.echo(json.dumps(described(found), ensure_ascii=False, indent=2))
    else:
        _print(found)
    raise typer.Exit(found.exit_code)


def described(found: "DryRun") -> dict[str, object]:
    """Return a dry run for a machine: places, rules and remedies, never a cell's value."""
    mapping = found.chosen.export
    return {
        "file": found.file,
        "clinic": found.clinic_id,
        "export": mapping.id,
        "month": found.chosen.month,
        "month_from": found.chosen.month_from,
        "format": mapping.format,
        "encoding": mapping.encoding,
        "forms": found.forms,
        "is_refused": found.is_refused,
        "rows": found.rows,
        "file_faults": [
            {
                "rule": one.rule,
                "line": one.line,
                "column": one.column,
                "message": one.message,
                "remedy": one.remedy,
            }
            for one in found.intake.faults
        ],
        "refused": found.intake.quarantine[["line", "column", "rule", "remedy"]].to_dict("records"),
    }


def _print(found: "DryRun") -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_summary(found))
    _print_file_faults(console, found)
    if not found.is_refused:
        _print_refused_rows(console, found)
    console.print(f"\n{_OUTCOMES[found.exit_code]}")


def _summary(found: "DryRun") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    mapping, chosen, rows = found.chosen.export, found.chosen, found.rows
    fates = " + ".join(f"{rows[state]} {word}" for state, word in _STATES.items())
    forms = ", ".join(f"{form}: {count}" for form, count in found.forms.items())
    grid = Table.grid(padding=(0, 2))
    for label, text in (
        ("File", found.file),
        ("Clinic", found.clinic_id),
        ("Month", f"{chosen.month} ({chosen.month_from})"),
        ("Read as", f"{mapping.id}: {mapping.format}, {mapping.encoding}, {_columns(found)}"),
        ("Rows", f"{rows['received']} in = {fates}"),
        ("Forms filled in", forms),
    ):
        grid.add_row(f"[dim]{label}[/]", escape(text))
    return grid


def _columns(found: "DryRun") -> str:
    mapping = found.chosen.export
    keys = [mapping.patient, mapping.therapist, mapping.session, mapping.date, mapping.episode]
    named = sum(key is not None for key in keys)
    return f"{named} key columns, {len(mapping.forms)} forms"


def _print_file_faults(console: "Console", found: "DryRun") -> None:
    from rich.markup import escape

    from expectations.catalogue import find
    from expectations.rule import Severity
    from rapport.sources.delivery import printable

    for fault in found.intake.faults:
        is_warning = find(fault.rule).severity is Severity.WARNING
        style = "yellow" if is_warning else "red"
        place = ", ".join(
            part
            for part in (f"line {fault.line}" if fault.line else "", fault.column or "")
            if part
        )
        console.print(f"\n[bold {style}]{fault.rule}[/]  {escape(printable(place))}")
        console.print(f"  {escape(printable(fault.message))}")
        console.print(f"  [bold]What to do:[/] {escape(fault.remedy)}")


def _print_refused_rows(console: "Console", found: "DryRun") -> None:
    """Print refused rows by rule and column, the most frequent first."""
    from rich.markup import escape

    from expectations.catalogue import find

    groups: dict[tuple[str, str], list[int]] = {}
    for line, column, rule_id in found.intake.quarantine[["line", "column", "rule"]].itertuples(
        index=False, name=None
    ):
        groups.setdefault((rule_id, column), []).append(line)
    for (rule_id, column), lines in sorted(groups.items(), key=lambda one: -len(one[1])):
        rule = find(rule_id)
        where = f"column {column}, " if column else ""
        console.print(f"\n[bold yellow]{rule.id}[/]  {escape(where)}{lines_in_words(lines)}")
        console.print(f"  {escape(rule.asks)} {escape(rule.rationale)}")
        console.print(f"  [bold]What to do:[/] {escape(rule.remedy)}")


def lines_in_words(lines: Iterable[int]) -> str:
    """Return line numbers as people write them: ``lines 3, 5–9 and 12 others``."""
    runs = _runs(sorted(set(lines)))
    shown = [f"{first}–{last}" if last > first else f"{first}" for first, last in runs]
    hidden = sum(last - first + 1 for first, last in runs[LINES_SHOWN:])
    word = "line" if len(runs) == 1 and runs[0][0] == runs[0][1] else "lines"
    more = f" and {hidden} others" if hidden else ""
    return f"{word} {', '.join(shown[:LINES_SHOWN])}{more}"


def _runs(lines: Sequence[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for line in lines:
        if runs and runs[-1][1] == line - 1:
            runs[-1] = (runs[-1][0], line)
        else:
            runs.append((line, line))
    return runs
