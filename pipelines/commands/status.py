"""``rapport status``: the clinic × month grid, what has become stale, and what was known when."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from rapport.evidence.progress import Progress
    from rapport.home import Home
    from rapport.monthly.history.staleness import Stale
    from rapport.monthly.refusals import RefusedFile

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
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of",
            help="What was known at the end of a day, YYYY-MM-DD, or at a time (UTC), "
            "YYYY-MM-DDTHH:MM.",
            show_default=False,
        ),
    ] = None,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="With --as-of: read the files of then again, and compare."),
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="For machines: one object a cell.")
    ] = False,
) -> None:
    """Show for each clinic and month: awaited, received, refused, validated, reported, delivered.

    A clinic that has not delivered a month stays `awaited` or `refused`, also when it got a notice.
    Below the grid stands which reports no longer rest on what is known, why, and what to run.
    """
    from pipelines.summary import print_refused
    from rapport.evidence.progress import progress
    from rapport.home import open_home
    from rapport.monthly.refusals import refused_files

    home = open_home()
    if as_of is not None:
        from pipelines.commands.as_of import show

        show(home, as_of, month=month, verify=verify, as_json=as_json)
        return
    if verify:
        raise typer.BadParameter("--verify goes with --as-of")
    months = _months(home, month)
    clinics = home.registry.clinics.values()
    first_months = {clinic.id: clinic.first_month for clinic in clinics}
    last_months = {clinic.id: clinic.last_month for clinic in clinics if clinic.last_month}
    grid = progress(home.warehouse, first_months, months, last_months)
    stale, held = _stale(home, grid), _held(home, months)
    open_cells = {(one.clinic_id, one.month) for one in grid if one.state == "refused"}
    refused = [
        one
        for one in refused_files(home, months)
        if one.is_alarm or (one.clinic_id, one.month) in open_cells
    ]
    if as_json:
        _print_json(grid, stale, held, refused)
        return
    _print_table(grid, list(first_months), months, stale)
    _print_why(home, grid)
    print_refused(refused)
    _print_held(held)


def _held(home: "Home", months: Sequence[str]) -> list[dict[str, str]]:
    """Return what the last collection left alone: clinic, month, file and reason of each."""
    from rapport.monthly.holding import held_files
    from rapport.warehouse.records import records

    wanted = ("clinic_id", "month", "file", "reason")
    return [{key: row[key] for key in wanted} for row in records(held_files(home, months))]


def _stale(home: "Home", grid: Sequence["Progress"]) -> list["Stale"]:
    """Return the published cells of the grid that no longer rest on what is known."""
    published = [one for one in grid if one.edition]
    if not published:
        return []
    from expectations.catalogue import rules_sha256
    from expectations.words import rule_words
    from rapport.monthly import ClinicMonth
    from rapport.monthly.history.staleness import stale_editions

    slices = [ClinicMonth(one.clinic_id, one.month) for one in published]
    return stale_editions(home, slices, rule_words(), rules_sha256(home.catalogue))


def _months(home: "Home", month: str | None) -> list[str]:
    from rapport.evidence.progress import known_months
    from rapport.months import Month

    if month is not None:
        return [str(Month.parse(month))]
    return known_months(home.warehouse)[-MONTHS_SHOWN:]


def _print_json(
    grid: Sequence["Progress"],
    stale: Sequence["Stale"],
    held: Sequence[dict[str, str]],
    refused: Sequence["RefusedFile"],
) -> None:
    import json
    from dataclasses import asdict

    found = {(one.clinic_id, one.month): asdict(one) for one in stale}
    cells = []
    for one in grid:
        told = found.get((one.clinic_id, one.month), {"reasons": [], "run": []})
        left = [
            {"file": file["file"], "reason": file["reason"]}
            for file in held
            if (file["clinic_id"], file["month"]) == (one.clinic_id, one.month)
        ]
        files = [
            {"file": file.file, "rule": file.rule, "line": file.line or None}
            | {"column": file.column or None, "remedy": file.remedy}
            for file in refused
            if (file.clinic_id, file.month) == (one.clinic_id, one.month)
        ]
        more = {"stale": told["reasons"], "run": told["run"], "held": left, "refused_files": files}
        cells.append({**asdict(one), **more})
    typer.echo(json.dumps(cells, indent=2))


def _print_table(
    grid: Sequence["Progress"],
    clinics: Sequence[str],
    months: Sequence[str],
    stale: Sequence["Stale"],
) -> None:
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
    if stale:
        console.print(f"\n{len(stale)} published, and no longer resting on what is known:")
        console.print(_stale_table(stale))


def _print_why(home: "Home", grid: Sequence["Progress"]) -> None:
    """Say of each refused clinic-month which rules its newest verdict names."""
    refused = {(one.clinic_id, one.month) for one in grid if one.state == "refused"}
    if not refused:
        return
    from pipelines.screen import screen
    from rapport.warehouse.records import records

    console = screen()
    verdicts = home.warehouse.newest_verdicts(sorted({month for _, month in refused}))
    console.print()
    for row in records(verdicts):
        if (row["clinic_id"], row["month"]) in refused and row["broken_rules"]:
            rules = str(row["broken_rules"]).replace(",", ", ")
            console.print(
                f"{row['clinic_id']} {row['month']} does not pass: {rules}. "
                "`rapport rules RULE` says what each asks.",
                soft_wrap=True,
            )


def _print_held(held: Sequence[dict[str, str]]) -> None:
    """Say which files the last collection left alone, and why."""
    if not held:
        return
    from rich.markup import escape

    from pipelines.screen import plain_table, screen

    table = plain_table("clinic", "month", "file", "why")
    for one in held:
        table.add_row(
            one["clinic_id"], one["month"], escape(one["file"]) or "–", escape(one["reason"])
        )
    console = screen()
    console.print(f"\n{len(held)} held at the last collection, to be tried again:")
    console.print(table)


def _stale_table(stale: Sequence["Stale"]) -> "Table":
    from pipelines.screen import plain_table

    table = plain_table("clinic", "month", "edition", "why", "run")
    for one in stale:
        why = "\n".join(reason.sentence for reason in one.reasons)
        table.add_row(one.clinic_id, one.month, str(one.edition), why, "\n".join(one.run))
    return table


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
