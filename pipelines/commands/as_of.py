"""``rapport status --as-of``: what was known at a moment, and whether it can be read again."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from rapport.clinics import Registry
    from rapport.home import Home
    from rapport.monthly import ClinicMonth
    from rapport.monthly.history.known import Known, KnownEdition
    from rapport.monthly.history.rebuilding import Rebuilt
    from rapport.monthly.recording import Decided
    from rapport.sources import Delivery

MISMATCH = 3
"""Exit code where rows that are read again are not those of then."""


def show(home: "Home", as_of: str, *, month: str | None, verify: bool, as_json: bool) -> None:
    """Print what was known at a moment.

    Args:
        home: The home.
        as_of: The moment, as a person writes it.
        month: One month; all that the ledger knows of if left out.
        verify: Whether to read the files of then again.
        as_json: Whether to print for machines.

    Raises:
        RapportError: This is not a moment, or not a month.
        Exit: With ``MISMATCH``, where rows that are read again are not those of then, although
            nothing of them was erased.
    """
    from rapport.monthly.history.known import known_as_of, months_known
    from rapport.monthly.history.moments import moment_of
    from rapport.monthly.slices import grid
    from rapport.months import Month

    moment = moment_of(as_of)
    months = [str(Month.parse(month))] if month is not None else months_known(home)
    slices = grid(list(home.registry.clinics), months)
    known = [one for one in known_as_of(home, slices, moment) if month or _is_known(one)]
    rebuilt = _rebuild(home, known, moment) if verify else []
    if as_json:
        _print_json(moment, known, rebuilt)
    else:
        _print(moment, known, rebuilt)
    if any(not one.matches and one.is_reproducible for one in rebuilt):
        raise typer.Exit(MISMATCH)


def _is_known(one: "Known") -> bool:
    return bool(one.files or one.verdict or one.edition)


def _rebuild(home: "Home", known: Sequence["Known"], moment: str) -> list["Rebuilt"]:
    from expectations.catalogue import rules_sha256
    from expectations.intake import take_in
    from rapport.monthly.history.rebuilding import rebuild
    from rapport.monthly.knowing import known_patients
    from rapport.monthly.slices import ClinicMonth

    def read_again(
        deliveries: Sequence["Delivery"], registry: "Registry", one: "ClinicMonth"
    ) -> "Decided":
        return take_in(
            deliveries,
            registry=registry,
            catalogue=home.catalogue,
            expected=[one],
            known=known_patients(home, [one]),
        )

    rules = rules_sha256(home.catalogue)
    found = [
        rebuild(
            home,
            ClinicMonth(one.clinic_id, one.month),
            moment,
            take_in=read_again,
            rules_sha256=rules,
        )
        for one in known
    ]
    return [one for one in found if one is not None]


def _print_json(moment: str, known: Sequence["Known"], rebuilt: Sequence["Rebuilt"]) -> None:
    import json

    again = {(one.clinic_id, one.month): one for one in rebuilt}
    cells = []
    for one in known:
        cell = {"as_of": moment, **asdict(one)}
        if found := again.get((one.clinic_id, one.month)):
            cell["rebuilt"] = {
                **asdict(found),
                "matches": found.matches,
                "is_reproducible": found.is_reproducible,
            }
        cells.append(cell)
    typer.echo(json.dumps(cells, indent=2))


def _print(moment: str, known: Sequence["Known"], rebuilt: Sequence["Rebuilt"]) -> None:
    from pipelines.screen import screen

    console = screen()
    if not known:
        console.print(f"Nothing was known at {moment}.")
        return
    console.print(_table(moment, known))
    for one in rebuilt:
        console.print(
            f"{one.clinic_id} {one.month}: {one.files} files read again: {_said(one)}. "
            + " ".join(one.changed)
        )


def _said(one: "Rebuilt") -> str:
    if one.matches:
        return "the same rows"
    if one.is_reproducible:
        return "other rows"
    return f"not reproducible since an erasure on {one.erased_on}"


def _table(moment: str, known: Sequence["Known"]) -> "Table":
    from pipelines.screen import plain_table

    table = plain_table(
        "clinic", "month", "files", "verdict", "rows", "edition", "delivered to",
        title=f"Known at {moment}",
    )  # fmt: skip
    for one in known:
        verdict, edition = one.verdict, one.edition
        table.add_row(
            one.clinic_id,
            one.month,
            str(len(one.files)),
            f"{verdict.verdict}, {verdict.recorded_at[:16]}" if verdict else "none",
            f"{verdict.rows['accepted']} of {verdict.rows['received']}" if verdict else "",
            f"{edition.edition} ({edition.kind}), {edition.recorded_at[:16]}"
            if edition
            else "none",
            ", ".join(edition.delivered) if edition else "",
        )
    return table


def _edition(edition: "KnownEdition") -> str:
    return f"{edition.edition} ({edition.kind}), {edition.recorded_at[:16]}"
