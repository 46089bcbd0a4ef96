"""``rapport check``: one export looked at before it counts. Records nothing."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from expectations.dry_run import DryRun
    from rapport.rendering.check_page import CheckFacts, FaultGroup

PLACES_SHOWN = 5
"""How many columns are shown of one fault; ``--json`` and ``--html`` list all of them."""

_OUTCOMES = {
    0: "[green]Every row is fine.[/] Nothing was recorded; put the file into the clinic's folder.",
    1: "[yellow]Some rows are refused.[/] Nothing was recorded; mend them and check again.",
    2: "[red]The whole file is refused.[/] Nothing was recorded; mend it and check again.",
}


def check(
    file: Annotated[Path, typer.Argument(help="The export, as the clinic would send it.")],
    clinic: Annotated[str, typer.Option("--clinic", help="Id of the clinic it comes from.")],
    *,
    month: Annotated[
        str | None, typer.Option(help="The month it is for, YYYY-MM.", show_default=False)
    ] = None,
    export: Annotated[
        str | None, typer.Option(help="Which of the clinic's exports it is.", show_default=False)
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print for a machine; lists every refused row and check.")
    ] = False,
    html: Annotated[
        Path | None,
        typer.Option(help="Write a page to send to the clinic.", show_default=False),
    ] = None,
) -> None:
    """Look at one export before it counts: how it is read, which rows are refused, what to do.

    Exit code 0 if every row is accepted, 1 if some are refused, 2 if the whole file is.
    """
    from expectations.dry_run import dry_run
    from expectations.history import history_if_any, is_there
    from expectations.told import check_facts
    from rapport.home import open_home
    from rapport.monthly.knowing import known_patients
    from rapport.monthly.withholding import Withholding

    home = open_home()
    has_warehouse = is_there(home)
    found = dry_run(
        file,
        clinic,
        registry=home.registry,
        catalogue=home.catalogue,
        month=month,
        export_id=export,
        history=lambda slices: history_if_any(home, slices),
        known=(lambda slices: known_patients(home, slices)) if has_warehouse else None,
        withheld=Withholding.of(home, [clinic]).shown if has_warehouse else None,
    )
    facts = check_facts(found)
    if html is not None:
        _write_page(html, facts)
    if as_json:
        typer.echo(json.dumps(described(found, facts), ensure_ascii=False, indent=2))
    else:
        _print(facts, html)
    raise typer.Exit(found.exit_code)


def _write_page(file: Path, facts: "CheckFacts") -> None:
    """Write the page.

    Raises:
        RapportError: It cannot be written there.
    """
    from rapport.errors import Fault, RapportError
    from rapport.files import write_whole
    from rapport.rendering.check_page import check_page

    try:
        write_whole(file, check_page(facts).encode())
    except OSError as error:
        raise RapportError(
            Fault(
                "PAGE_UNWRITABLE",
                f"The page cannot be written ({error.strerror}).",
                "Name a file in a folder that is there and that you may write to.",
            )
        ) from None


def described(found: "DryRun", facts: "CheckFacts") -> dict[str, object]:
    """Return a dry run for a machine: places, rules and remedies, never a cell's value."""
    from expectations.told import own_counts
    from expectations.verdicts import check_entry, suite_verdicts

    mapping, counts = found.chosen.export, own_counts(found)
    return {
        "file": found.file,
        "sha256": found.sha256,
        "clinic": found.clinic.id,
        "export": mapping.id,
        "month": found.chosen.month,
        "month_from": found.chosen.month_from,
        "format": mapping.format,
        "encoding": mapping.encoding,
        "forms": found.forms,
        "is_refused": found.is_refused,
        "exit_code": found.exit_code,
        "rows": found.rows,
        "faults": [_group(one) for one in facts.faults],
        "month_faults": [_group(one) for one in facts.notes],
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
        "history_months": found.n_months,
        "suites": {name: one.value for name, one in suite_verdicts(counts).items()},
        "checks": [
            {"id": one.rule.key, "suite": one.rule.suite.value}
            | {"severity": one.rule.severity.value, "asked": one.asked, "broken": one.broken}
            | check_entry(one)
            for one in counts
        ],
    }


def _group(one: "FaultGroup") -> dict[str, object]:
    return {
        "rule": one.rule,
        "refuses": one.refuses,
        "what": one.what,
        "why": one.why,
        "remedy": one.remedy,
        "rows": one.n_rows,
        "places": [{"column": place.column, "lines": list(place.lines)} for place in one.places],
        "parts": list(one.parts),
    }


def _print(facts: "CheckFacts", html: Path | None) -> None:
    from rich.console import Console

    console = Console(highlight=False)
    console.print(_summary(facts))
    _print_groups(console, facts.faults)
    if facts.notes:
        console.print("\n[bold]The month as a whole[/], as far as this file says:")
        _print_groups(console, facts.notes)
    console.print(f"\n{_OUTCOMES[facts.exit_code]}")
    if any(one.refuses for one in facts.notes) and facts.exit_code == 0:
        console.print(
            "[red]But the month as a whole would not pass:[/] see what is named in red above."
        )
    if html is not None:
        console.print("The page to send to the clinic is written.")


def _summary(facts: "CheckFacts") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    checks = sum(one.holds for one in facts.fine)
    broken = sum(one.broken for one in facts.fine)
    idle = sum(one.not_applicable for one in facts.fine)
    forms = ", ".join(f"{form}: {count}" for form, count in facts.forms.items())
    grid = Table.grid(padding=(0, 2))
    for label, text in (
        ("File", facts.file),
        ("Clinic", facts.clinic_id),
        ("Month", f"{facts.month} ({facts.month_from})"),
        *facts.read_as,
        ("Rows", facts.account),
        ("Filled in", forms or "no form"),
        ("Checks", f"{checks} hold, {broken} broken, {idle} not applicable"),
    ):
        grid.add_row(f"[dim]{label}[/]", escape(text))
    return grid


def _print_groups(console: "Console", groups: "Sequence[FaultGroup]") -> None:
    """Print each fault once: what, where, why, what to do."""
    from rich.markup import escape

    for one in groups:
        style = "red" if one.refuses else "yellow"
        extent = f" {one.extent}" if one.extent else ""
        console.print(f"\n[bold {style}]{one.rule}[/]  {escape(one.what)}{extent}")
        for where in _where(one):
            console.print(f"  [dim]Where:[/] {escape(where)}")
        if one.why:
            console.print(f"  [dim]Why:[/] {escape(one.why)}")
        console.print(f"  [bold]What to do:[/] {escape(one.remedy)}")


def _where(one: "FaultGroup") -> list[str]:
    places = [place.in_words for place in one.places] or list(one.parts)
    hidden = len(places) - PLACES_SHOWN
    more = [f"{hidden} more, which --json and --html list"] if hidden > 0 else []
    return [*places[:PLACES_SHOWN], *more]
