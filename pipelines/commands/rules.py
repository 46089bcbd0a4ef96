"""``rapport rules``: what is asked of an export, why, and what to do when it does not hold."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from expectations.rule import Rule


def rules(
    rule_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One rule, such as KEY_UNIQUE.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print for a machine.")] = False,
) -> None:
    """List the rules that exports are held to, or explain one of them."""
    from expectations.catalogue import find, kinds

    found = [find(rule_id)] if rule_id else list(kinds())
    if as_json:
        typer.echo(json.dumps([_described(rule) for rule in found], ensure_ascii=False, indent=2))
    elif rule_id:
        _print_one(found[0])
    else:
        _print_all(found)


def _described(rule: "Rule") -> dict[str, str]:
    from expectations.catalogue import demand_in_words

    return {
        "id": rule.key,
        "suite": rule.suite.value,
        "severity": rule.severity.value,
        "asks": rule.asks,
        "holds_if": f"{rule.column} {demand_in_words(rule)}",
        "rationale": rule.rationale,
        "remedy": rule.remedy,
    }


def _print_all(found: "list[Rule]") -> None:
    from rich.console import Console
    from rich.table import Table

    from expectations.rule import Severity

    table = Table("rule", "severity", "what it asks", title_justify="left")
    table.title = f"{len(found)} kinds of rule"
    suite = found[0].suite
    for rule in found:
        if rule.suite is not suite:
            table.add_section()
            suite = rule.suite
        style = "red" if rule.severity is Severity.CRITICAL else "yellow"
        table.add_row(rule.key, f"[{style}]{rule.severity.value}[/]", rule.asks)
    console = Console()
    console.print(table)
    console.print("`rapport rules ID` says why a rule is there, and what to do when it is broken.")


def _print_one(rule: "Rule") -> None:
    from rich.console import Console
    from rich.table import Table

    said = _described(rule)
    grid = Table.grid(padding=(0, 2))
    for label, key in (
        ("Suite", "suite"),
        ("Severity", "severity"),
        ("Holds if", "holds_if"),
        ("Why", "rationale"),
        ("What to do", "remedy"),
    ):
        grid.add_row(f"[dim]{label}[/]", said[key])
    console = Console(highlight=False)
    console.print(f"[bold]{said['id']}[/]  {said['asks']}")
    console.print(grid)
