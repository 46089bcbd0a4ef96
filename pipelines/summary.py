"""The short table with which a run ends, and where to look next."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rapport.monthly import ClinicMonth

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.monthly.refusals import RefusedFile

_COLOURS = {"passed": "green", "failed": "red", "error": "red", "not_applicable": "yellow"}


def print_summary(home: "Home", slices: Sequence[ClinicMonth]) -> bool:
    """Print clinic, rows, verdict and report of each clinic-month; say whether all passed."""
    from pipelines.screen import plain_table, screen
    from rapport.monthly.publishing import newest_editions

    month = slices[0].month
    verdicts = {row.clinic_id: row for row in home.warehouse.newest_verdicts([month]).itertuples()}
    editions = newest_editions(home, slices)
    table = plain_table(
        "clinic", "received", "accepted", "refused", "verdict", "report", title=month
    )
    for column in table.columns[1:4]:
        column.justify = "right"
    for one in slices:
        row, edition = verdicts.get(one.clinic_id), editions.get(one)
        verdict = str(row.verdict) if row else "not validated"
        colour = _COLOURS.get(verdict, "yellow")
        table.add_row(
            one.clinic_id,
            str(row.rows_received) if row else "–",
            str(row.rows_accepted) if row else "–",
            str(row.rows_quarantined) if row else "–",
            f"[{colour}]{verdict.replace('_', ' ')}[/]",
            str(edition.path) if edition else "–",
        )
    console = screen()
    console.print(table)
    console.print(f"Reports are below {_short(home.reports)}", soft_wrap=True)
    return all(
        row is not None and row.verdict == "passed"
        for row in (verdicts.get(one.clinic_id) for one in slices)
    )


def print_refused(found: Sequence["RefusedFile"]) -> None:
    """Say which files were refused whole, where and what to do; another clinic's rows in red."""
    if not found:
        return
    from rich.markup import escape

    from pipelines.screen import screen

    console = screen()
    files = "1 file" if len(found) == 1 else f"{len(found)} files"
    console.print(f"\n{files} refused whole:")
    for one in found:
        where = f"{one.clinic_id} {one.month}, {escape(one.place)}"
        if one.is_alarm:
            console.print(f"[bold red]ALARM: another clinic's rows[/] in {where}", soft_wrap=True)
        else:
            console.print(f"[red]{one.rule}[/] in {where}", soft_wrap=True)
        console.print(f"    → {escape(one.remedy)}", soft_wrap=True)


def _short(path: "object") -> str:
    from pathlib import Path

    whole = Path(str(path))
    return str(whole.relative_to(Path.cwd())) if whole.is_relative_to(Path.cwd()) else str(whole)


def print_stale(home: "Home") -> None:
    """Say which published months no longer rest on what is known, if there are any."""
    from expectations.catalogue import rules_sha256
    from expectations.words import rule_words
    from pipelines.screen import screen
    from rapport.monthly.editions import published_slices
    from rapport.monthly.history.staleness import stale_editions

    slices = published_slices(home)
    found = stale_editions(home, slices, rule_words(), rules_sha256(home.catalogue))
    if found:
        months = ", ".join(sorted({one.month for one in found}))
        screen().print(
            f"{len(found)} published clinic-months have become stale ({months}): "
            "`rapport status --month MONTH` says why and what to run."
        )
