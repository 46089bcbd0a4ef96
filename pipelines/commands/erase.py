"""``rapport erase``: take one patient out of a home. Without ``--confirm`` nothing is changed."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.monthly.footprint import Footprint


def erase(
    clinic: Annotated[str, typer.Option("--clinic", help="Id of the patient's clinic.")],
    patient: Annotated[
        str,
        typer.Option(
            "--patient",
            help="The patient's id in the clinic's exports; - reads it from the keyboard, so that "
            "it stands in no history of commands.",
        ),
    ],
    *,
    reason: Annotated[
        str, typer.Option(help="Why, without the id: it is recorded.", show_default=False)
    ] = "",
    by: Annotated[
        str, typer.Option("--by", help="Who asks for it: it is recorded.", show_default=False)
    ] = "",
    approved_by: Annotated[
        str | None,
        typer.Option("--approved-by", help="Who else agreed: it is recorded.", show_default=False),
    ] = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="Do it. It cannot be undone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Show everything that is kept of one patient; with --confirm, erase it for good.

    Received files are replaced by copies without the patient's rows; stored sessions, answers,
    scores and outcomes go; the patient is recognised and left out when delivered again. The ledger
    keeps a keyed hash of the id, who asked, and why. Reports hold only aggregates and stay.

    Exit code 0: shown, or erased. 2: nothing of the patient is kept, or something is missing.
    """
    from rapport.home import open_home
    from rapport.monthly.footprint import footprint_of

    home = open_home()
    one = _read(patient)
    if not confirm:
        found = footprint_of(home, clinic, one)
        _tell(found, is_done=False, as_json=as_json)
        return
    from expectations.taking_in import take_in_and_record
    from rapport.monthly.erasing import Request, erase

    request = Request(clinic, one, reason, by, approved_by)
    found = erase(home, request, take_in_and_record)
    _tell(found, is_done=True, as_json=as_json)
    if not as_json:
        _tell_disk(home)
        _tell_stale(home)


def _read(patient: str) -> str:
    """Return the id that was given, or read it.

    Raises:
        RapportError: No id was given.
    """
    from rapport.errors import Fault, RapportError

    if patient == "-":
        if sys.stdin.isatty():
            patient = typer.prompt("Patient", hide_input=True)
        else:
            patient = sys.stdin.readline().rstrip("\r\n")
    if not patient.strip():
        raise RapportError(Fault("PATIENT_UNKNOWN", "No patient was named.", "Give --patient."))
    return patient


def described(found: "Footprint", *, is_done: bool) -> dict[str, object]:
    """Return what was found for a machine: counts and places, no id."""
    return {
        "clinic": found.clinic_id,
        "erased": is_done,
        "erased_before": found.erased_on,
        "files": len(found.copies),
        "file_rows": found.n_file_rows,
        "files_kept_as_refusal": sum(copy.is_refusal for copy in found.copies.values()),
        "clinic_months": [f"{one.clinic_id} {one.month}" for one in found.slices],
        "rows": dict(found.rows),
        "held": found.held,
        "registry_entries": len(found.registry_entries),
        "left_for_you": _left(found),
    }


def _tell(found: "Footprint", *, is_done: bool, as_json: bool) -> None:
    told = described(found, is_done=is_done)
    if as_json:
        import json

        typer.echo(json.dumps(told, indent=2))
        return
    if found.is_empty:
        when = f"erased on {found.erased_on[:10]}" if found.erased_on else "unknown here"
        typer.echo(f"Nothing of this patient is kept: {when}.")
    else:
        typer.echo("Erased:" if is_done else "This would go:")
        for line in _lines(found):
            typer.echo(f"  {line}")
    for line in _left(found):
        typer.echo(f"! {line}")
    if not is_done and not found.is_empty:
        typer.echo("Nothing was changed. Add --reason, --by and --confirm to erase it for good.")


def _lines(found: "Footprint") -> list[str]:
    refusals = sum(copy.is_refusal for copy in found.copies.values())
    lines = [
        f"{found.n_file_rows} rows in {len(found.copies) - refusals} received files, of which "
        "copies without them are kept"
    ]
    if refusals:
        lines.append(
            f"{refusals} received files that cannot be read and may hold the patient: whole"
        )
    lines += [f"{n} rows of {name}" for name, n in found.rows.items() if n]
    if found.held:
        lines.append(f"{found.held} notes of held files whose name holds the id")
    if found.registry_entries:
        lines.append(f"{len(found.registry_entries)} kept registry entries that name the patient")
    if found.slices:
        first, last = found.slices[0].month, found.slices[-1].month
        lines.append(f"{len(found.slices)} clinic-months taken in again, {first} to {last}")
    return lines


def _left(found: "Footprint") -> list[str]:
    """Return what Rapport cannot do, and a person must."""
    told = [f"inbox/{name}: holds this patient; delete it there." for name in found.inbox]
    told += [f"Also known in {name}: erase there too." for name in found.elsewhere]
    if found.is_in_registry:
        told.append("clinics.yaml names the patient in a transfer: take that line out first.")
    if found.n_alike:
        told.append(
            f"{found.n_alike} rows have an id that looks the same and is another; they stay."
        )
    if found.n_named:
        told.append(
            f"{found.n_named} entries of the ledger have the id in the name of a file; the ledger "
            "cannot be changed."
        )
    if not found.is_empty or found.erased_on:
        told.append("Backups still hold the patient: see docs/erasure.md.")
    return told


def _tell_disk(home: "Home") -> None:
    """Say what PostgreSQL keeps: only its owner can have its tables written anew."""
    if home.warehouse.engine.dialect.name == "postgresql":
        typer.echo(
            "! PostgreSQL keeps deleted rows on its disk: have `vacuum full` run on it, see "
            "docs/erasure.md."
        )


def _tell_stale(home: "Home") -> None:
    from pipelines.summary import print_stale

    print_stale(home)
