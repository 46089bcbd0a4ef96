"""``rapport doctor``: what is wrong with this installation, and how to mend it."""

import typer


def doctor() -> None:
    """Look at this installation: libraries, fonts, home, stores, and what each one needs."""
    from pipelines.diagnosis import examine

    broken = 0
    for finding in examine():
        typer.echo(f"{'ok  ' if finding.holds else 'FAIL'}  {finding.what}: {finding.found}")
        if not finding.holds:
            broken += 1
            typer.echo(f"      → {finding.remedy}")
    typer.echo(f"{broken} of these need mending." if broken else "Nothing needs mending.")
    if broken:
        raise typer.Exit(1)
