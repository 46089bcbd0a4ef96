"""``rapport verify``: recompute hashes, and say what does not match."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rapport.errors import Fault


def verify(
    pdf: Annotated[
        Path | None, typer.Argument(help="A report to look up in the ledger.", show_default=False)
    ] = None,
) -> None:
    """Check ledger, landing and reports, or one PDF, against what was recorded.

    Exit code 0: everything matches. 1: something does not; each finding is printed.
    """
    from rapport.evidence.verify import verify_home, verify_pdf
    from rapport.home import open_home

    home = open_home()
    if pdf is None:
        landing = home.root / home.settings.landing
        _tell(verify_home(home.warehouse, landing, home.reports, home.dossiers))
        typer.echo("Ledger, landing, reports and dossiers match what was recorded.")
    else:
        _tell(verify_pdf(pdf, home.warehouse))
        typer.echo("This report is an edition in the ledger, unchanged.")


def _tell(faults: list["Fault"]) -> None:
    """Print what does not match; with anything to print, end with exit code 1."""
    for fault in faults:
        where = f"{fault.place}\n    " if fault.place else ""
        typer.echo(f"{where}{fault.message} [{fault.rule}]\n    → {fault.remedy}", err=True)
    if faults:
        typer.echo(f"{len(faults)} finding(s): what is kept is not what was recorded.", err=True)
        raise typer.Exit(1)
