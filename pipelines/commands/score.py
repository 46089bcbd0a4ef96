"""``rapport score``: item responses outside any clinic, scored strictly."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rapport.scoring.scored_table import ScoredTable

_TOLD = 20


def score(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX or SAV: one row a form.")],
    *,
    instrument: Annotated[str, typer.Option(help="Id of the instrument: phq-9.")],
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="YAML: items, codes, missing_codes, encoding, delimiter …"),
    ] = None,
    missing: Annotated[
        list[str] | None,
        typer.Option(help="A code that means 'not answered': NA. May be given again."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Such as cp1252; else UTF-8.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="One character; else found.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark: . or ,")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook with several.")] = None,
    digits: Annotated[
        int | None,
        typer.Option("--round", min=0, max=9, help="Round scores half-up; else exact."),
    ] = None,
    prefix: Annotated[str | None, typer.Option(help="Before the names of score columns.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the table with its scores here.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary for a machine; needs --out.")
    ] = False,
) -> None:
    """Score a table of item responses: CSV out, the table's own columns and the scores behind.

    An empty cell is missing; any other code only if it is declared. Exit code 0: every row has a
    score; 1: some have none, with the reason; 2: refused.
    """
    from pipelines.commands.instruments import catalogue_here
    from rapport.instruments import instrument_of
    from rapport.scoring.item_mapping import mapping_of
    from rapport.scoring.scored_table import score_file

    found = instrument_of(catalogue_here(), instrument)
    mapping = mapping_of(
        map_file,
        missing_codes=missing,
        encoding=encoding,
        delimiter=tabbed(delimiter),
        decimal=decimal,
        sheet=sheet,
    )
    if as_json and out is None:
        raise typer.BadParameter(
            "the scores need a file of their own: give --out", param_hint="--json"
        )
    scored = score_file(file, found, mapping, prefix=prefix)
    write_text(scored.csv(digits=digits), out)
    if as_json:
        typer.echo(json.dumps(_summary(scored, found.id), ensure_ascii=False, indent=2))
    else:
        sys.stderr.write(f"{found.name} ({found.id}), items in {_span(scored.columns)}\n")
        _tell(scored)
    if scored.n_scored < scored.n_rows:
        raise typer.Exit(1)


def tabbed(delimiter: str | None) -> str | None:
    r"""Return a delimiter as typed, with ``tab`` and ``\t`` for the tab."""
    return "\t" if delimiter in {"tab", "\\t"} else delimiter


def _summary(scored: "ScoredTable", instrument_id: str) -> dict[str, object]:
    return {
        "instrument": instrument_id,
        "items": scored.columns,
        "rows": scored.n_rows,
        "scored": scored.n_scored,
        "without_score": scored.reasons,
        "prefix": scored.prefix,
        "last_row_is_whole": scored.is_ended,
        "faults": [
            {"rule": f.rule, "line": f.line, "column": f.column, "remedy": f.remedy}
            for f in scored.faults
        ],
    }


def write_text(text: str, out: Path | None) -> None:
    """Write a text to a file or to standard output.

    Raises:
        ScoringError: The file cannot be written.
    """
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
    n_rows = "1 row" if scored.n_rows == 1 else f"{scored.n_rows} rows"
    told.write(f"{n_rows} = {scored.n_scored} scored + {n_without} without a score\n")
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
    if scored.prefix:
        told.write(f"  the columns of scores begin with {scored.prefix}\n")
    if not scored.is_ended:
        told.write("  the file does not end in a line end: check that its last row is whole\n")
