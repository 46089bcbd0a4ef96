"""``rapport score``: item responses outside any clinic, scored strictly."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import pandas as pd

    from rapport.scoring.scored_table import ScoredTable

_TOLD = 20


def score(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or SAV: one row a form.")],
    instrument: Annotated[str, typer.Option(help="Id of the instrument: phq-9.")],
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="YAML: items, codes, missing_codes, encoding, delimiter …"),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the scores here.")] = None,
) -> None:
    """Score a table of item responses: CSV out, one row a row of the table.

    Exit code 0: every row has a score; 1: some have none, with the reason; 2: refused.
    """
    from pipelines.commands.instruments import catalogue_here
    from rapport.instruments import instrument_of
    from rapport.scoring.item_mapping import ItemMapping, load_mapping
    from rapport.scoring.scored_table import score_file

    found = instrument_of(catalogue_here(), instrument)
    mapping = ItemMapping() if map_file is None else load_mapping(map_file)
    scored = score_file(file, found, mapping)
    write_csv(scored.scores, out)
    sys.stderr.write(f"{found.name} ({found.id}), items in {_span(scored.columns)}\n")
    _tell(scored)
    if scored.n_scored < scored.n_rows:
        raise typer.Exit(1)


def write_csv(frame: "pd.DataFrame", out: Path | None) -> None:
    """Write a frame as CSV, whole numbers without a point, to a file or standard output.

    Raises:
        ScoringError: The file cannot be written.
    """
    from rapport.scoring.csv_text import csv_text

    text = csv_text(frame)
    if out is None:
        sys.stdout.write(text)
    else:
        write_file(out, text.encode(), "--out")


def write_file(out: Path, content: bytes, option: str) -> None:
    """Write a file whole, or not at all.

    Args:
        out: Where.
        content: What.
        option: The option that named it, for the remedy.

    Raises:
        ScoringError: The file cannot be written.
    """
    from rapport.errors import Fault, ScoringError
    from rapport.files import write_whole

    try:
        write_whole(out, content)
    except OSError as error:
        raise ScoringError(
            Fault(
                "OUTPUT_FILE",
                f"The file cannot be written ({error.strerror}).",
                f"Give a path after {option} that you may write to.",
                file=out.name,
            )
        ) from None


def _span(columns: tuple[str, ...]) -> str:
    return columns[0] if len(columns) == 1 else f"{columns[0]} … {columns[-1]}"


def _tell(scored: "ScoredTable") -> None:
    from rapport.scoring.scored_table import REASONS

    told = sys.stderr
    n_without = scored.n_rows - scored.n_scored
    told.write(f"{scored.n_rows} rows = {scored.n_scored} scored + {n_without} without a score\n")
    for reason, number in scored.reasons.items():
        told.write(f"  {number} {reason}: {REASONS[reason]}\n")
    rows = scored.scores[scored.scores["no_score_reason"].notna()]
    for line, reason in rows[["line", "no_score_reason"]].head(_TOLD).itertuples(index=False):
        told.write(f"    line {line}: {reason}\n")
    for fault in scored.faults[:_TOLD]:
        told.write(f"  {fault}\n")
    hidden = max(len(rows) - _TOLD, 0)
    if hidden:
        told.write(f"  … and {hidden} more rows; the CSV names every one\n")
    if not scored.is_ended:
        told.write("  the file does not end in a line end: check that its last row is whole\n")
