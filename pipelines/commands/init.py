"""``rapport init``: a new home."""

from pathlib import Path
from typing import Annotated

import typer


def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new home; made if missing.")],
) -> None:
    """Make a home: settings, an example clinic registry, folders, a migrated database."""
    from rapport.home import make_home

    home = make_home(folder)
    typer.echo(
        f"A home is ready at {folder}.\n\n"
        f"Next:\n"
        f"  1. describe your clinics in {folder}/clinics.yaml\n"
        f"  2. export RAPPORT_HOME={home.root}\n"
        f"  3. put the first exports below {folder}/inbox and try one: "
        f"rapport check FILE --clinic ID\n"
        f"  4. rapport run --month YYYY-MM"
    )
