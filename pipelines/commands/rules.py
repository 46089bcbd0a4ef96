"""``rapport rules``: what is asked of an export, why, and what to do when it does not hold.

Without a clinic the kinds of rule; with one every check that they resolve into there, the limit in
force and whence it comes, and what became of it in a month.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from expectations.rule import Rule
    from rapport.clinics import Clinic
    from rapport.home import Home

_STYLES = {"holds": "green", "broken": "bold red", "error": "bold magenta"}
_UNKNOWN = "not judged yet"


def rules(
    rule_id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="One rule, such as KEY_UNIQUE.")
    ] = None,
    clinic: Annotated[
        str | None,
        typer.Option(help="List this clinic's checks with their limits.", show_default=False),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(
            help="With --clinic: the month, YYYY-MM, whose outcome is shown; else its newest.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print for a machine.")] = False,
) -> None:
    """List the rules that exports are held to, or explain one; with --clinic, its checks."""
    from expectations.catalogue import find, kinds

    found = [find(rule_id)] if rule_id else list(kinds())
    if clinic is not None:
        _checks(clinic, month, found, as_json=as_json)
    elif as_json:
        typer.echo(json.dumps([_described(rule) for rule in found], ensure_ascii=False, indent=2))
    elif rule_id:
        _print_one(found[0])
    else:
        _print_all(found)


def _checks(clinic_id: str, month: str | None, kinds: "Sequence[Rule]", *, as_json: bool) -> None:
    from expectations.resolving import checks_of
    from rapport.home import open_home

    home = open_home()
    clinic = home.registry.clinic(clinic_id)
    wanted = {kind.id for kind in kinds}
    judged, outcomes = _outcomes(home, clinic, month)
    checks = [
        _check(rule, clinic, outcomes)
        for rule in checks_of(clinic, home.catalogue)
        if rule.id in wanted
    ]
    if as_json:
        told = {"clinic": clinic.id, "month": judged, "checks": checks}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print_checks(clinic, judged, checks)


def _outcomes(
    home: "Home", clinic: "Clinic", month: str | None
) -> tuple[str | None, Mapping[str, Any]]:
    """Return the month whose newest verdict is shown, and its checks by suite and id."""
    from expectations.history import is_there
    from rapport.months import Month

    wanted = None if month is None else [str(Month.parse(month))]
    if not is_there(home):
        return None, {}
    newest = home.warehouse.newest_verdicts(wanted)
    own = newest[newest.clinic_id == clinic.id]
    if own.empty:
        return None, {}
    row = own.sort_values("month").iloc[-1]
    return str(row.month), json.loads(row.result_json)["rules"]


def _check(rule: "Rule", clinic: "Clinic", outcomes: Mapping[str, Any]) -> dict[str, Any]:
    from expectations.thresholds import limit_in_force

    limit = limit_in_force(rule, clinic)
    outcome = outcomes.get(f"{rule.suite.value}/{rule.key}")
    if outcome is None:
        outcome = {"state": "not_applicable"} if outcomes else {"state": None}
    has_limit = limit.value is not None
    return {
        "id": rule.key,
        "suite": rule.suite.value,
        "severity": rule.severity.value,
        "limit": limit.value,
        "limit_from": limit.source if has_limit else None,
        "asked": 0,
        "broken": 0,
        **{name: value for name, value in outcome.items() if name != "limit"},
    }


def _print_checks(clinic: "Clinic", month: str | None, checks: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("check", "severity", "limit", "from", "outcome", "asked", "broken")
    judged = f"outcome of {month}" if month else _UNKNOWN
    table.title = f"{clinic.name}: {len(checks)} checks, {judged}"
    suite = checks[0]["suite"] if checks else ""
    for one in checks:
        if one["suite"] != suite:
            table.add_section()
            suite = one["suite"]
        table.add_row(*_cells(one))
    console = Console(highlight=False)
    console.print(table)
    _print_tally(console, checks)


def _cells(one: Mapping[str, Any]) -> tuple[str, ...]:
    from rich.markup import escape

    state = str(one["state"] or _UNKNOWN)
    style = _STYLES.get(state, "dim")
    limit = "" if one["limit"] is None else f"{one['limit']:g}"
    return (
        escape(one["id"]),
        one["severity"],
        limit,
        escape(one["limit_from"] or ""),
        f"[{style}]{state.replace('_', ' ')}[/]{_band(one)}",
        str(one["asked"]),
        str(one["broken"]),
    )


def _band(one: Mapping[str, Any]) -> str:
    if "now" not in one:
        return ""
    return f" ({one['now']:.3g}, usually {one['low']:.3g} to {one['high']:.3g})"


def _print_tally(console: "Console", checks: "Iterable[Mapping[str, Any]]") -> None:
    from collections import Counter

    states = Counter(str(one["state"] or _UNKNOWN).replace("_", " ") for one in checks)
    console.print(", ".join(f"{count} {state}" for state, count in states.most_common()) + ".")
    console.print("Limits are set by `thresholds` of the clinic in clinics.yaml, by a check's id.")


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
    from rich.markup import escape
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
        table.add_row(escape(rule.key), f"[{style}]{rule.severity.value}[/]", rule.asks)
    console = Console()
    console.print(table)
    console.print("`rapport rules ID` says why a rule is there, and what to do when it is broken.")
    console.print("`rapport rules --clinic ID` lists a clinic's checks with the limits in force.")


def _print_one(rule: "Rule") -> None:
    from rich.console import Console
    from rich.markup import escape
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
        grid.add_row(f"[dim]{label}[/]", escape(said[key]))
    console = Console(highlight=False)
    console.print(f"[bold]{escape(said['id'])}[/]  {said['asks']}")
    console.print(grid)
