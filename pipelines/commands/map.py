"""``rapport map``: a mapping proposed from one file, for a person to check. Prints no value."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rapport.clinics.codebook import Codebook


def map_file(
    file: Annotated[Path, typer.Argument(help="An export, as the clinic sends it.")],
    dictionary: Annotated[
        Path | None,
        typer.Option(help="REDCap's data dictionary of the project.", show_default=False),
    ] = None,
    clinic: Annotated[
        str | None,
        typer.Option(help="Id of the clinic, whose therapists are then known.", show_default=False),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Sheet of a workbook.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write here instead of the screen.", show_default=False)
    ] = None,
) -> None:
    """Propose a mapping from one export: YAML for clinics.yaml, with every doubt marked UNSURE.

    Names of columns and codes of answers are shown, never a patient's value. Check it by
    `rapport check` once it stands in the registry.
    """
    from pipelines.commands.instruments import catalogue_here
    from rapport.exports.proposing import as_yaml, propose
    from rapport.sources.delivery import printable
    from rapport.sources.given import read_given

    proposal = propose(
        read_given(file),
        printable(file.name),
        catalogue_here(),
        codebook=_codebook(dictionary),
        therapists=_therapists(clinic),
        sheet=sheet,
    )
    text = as_yaml(proposal)
    if out is None:
        typer.echo(text, nl=False)
    else:
        from pipelines.commands.score import write_file

        write_file(out, text.encode(), "--out")
    sys.stderr.write(f"{proposal.n_unsure} lines are marked UNSURE; each says why.\n")


def _codebook(dictionary: Path | None) -> "Codebook | None":
    if dictionary is None:
        return None
    from rapport.clinics.codebook import parse_codebook
    from rapport.sources.delivery import printable
    from rapport.sources.given import read_given

    return parse_codebook(read_given(dictionary), printable(dictionary.name))


def _therapists(clinic: str | None) -> tuple[str, ...]:
    if clinic is None:
        return ()
    from rapport.home import open_home

    return open_home().registry.clinic(clinic).therapists
