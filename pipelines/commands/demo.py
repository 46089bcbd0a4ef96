"""``rapport demo``: twelve simulated clinics, from raw exports to reports."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rapport.home import Home

TRUTH = "demo-truth.json"
FIRST_MONTH, LAST_MONTH = "2025-01", "2026-02"


def demo(
    folder: Annotated[Path, typer.Argument(help="Home of the demo; made if missing.")] = Path(
        "demo"
    ),
) -> None:
    """Run the latest month of twelve simulated clinics, with the history before it."""
    from pipelines import running
    from pipelines.summary import print_summary
    from rapport.monthly.asking import asked_slices
    from rapport.months import Month

    home = _home_with_clinics(folder)
    history = asked_slices(home, month=FIRST_MONTH, through=LAST_MONTH)
    running.collect(home, history)
    running.close(home, [str(Month.parse(LAST_MONTH).plus(-1)), LAST_MONTH])
    latest = [one for one in history if one.month == LAST_MONTH]
    running.publish(home, latest)
    print_summary(home, latest)
    typer.echo(
        "\nWhere to look next\n"
        f"  a clinic's report         {folder}/reports/{LAST_MONTH}/\n"
        f"  what an auditor opens     {folder}/dossiers/{LAST_MONTH}/dossier.html\n"
        f"  what was simulated        {folder}/{TRUTH}\n"
        f"  the Dagster UI            make dev\n"
        f"  the clinic × month grid   RAPPORT_HOME={folder} .venv/bin/rapport status\n"
        f"  that nothing was altered  RAPPORT_HOME={folder} .venv/bin/rapport verify"
    )


def _home_with_clinics(folder: Path) -> "Home":
    """Return the demo home; simulate its clinics on the first call."""
    from rapport.home import make_home

    home = make_home(folder)
    if not (folder / TRUTH).exists():
        from rapport.simulation import write_demo

        sys.stderr.write("Simulating twelve clinics ...\n")
        written = write_demo(home.root)
        sys.stderr.write(f"  {written.files} export files, {written.rows} rows\n")
    return home
