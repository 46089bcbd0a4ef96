"""``rapport change``: reliable and clinically significant change for a table of scores."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rapport.errors import ScoringError
    from rapport.instruments import Instrument
    from rapport.scoring.change.criteria import ChangePlan
    from rapport.scoring.change_words import Told
    from rapport.scoring.item_mapping import TableFormat


class MethodName(StrEnum):
    """The published methods, as the command line spells them."""

    JT = "JT"
    EN = "EN"
    GLN = "GLN"
    HLL = "HLL"
    NK = "NK"
    HA = "HA"
    HLM = "HLM"
    MID = "MID"
    PERCENTAGE = "percentage"


class CutOffName(StrEnum):
    """The three cut-offs of Jacobson and Truax."""

    A = "a"
    B = "b"
    C = "c"


class Better(StrEnum):
    """Which way is better; the catalogue's words are understood too."""

    LOWER = "lower"
    HIGHER = "higher"
    LOWER_IS_BETTER = "lower_is_better"
    HIGHER_IS_BETTER = "higher_is_better"


def change(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX or SAV: one row a person.")],
    *,
    pre: Annotated[str | None, typer.Option(help="Column of the first score.")] = None,
    post: Annotated[str | None, typer.Option(help="Column of the last score.")] = None,
    instrument: Annotated[
        str | None, typer.Option(help="Use this instrument's published figures.")
    ] = None,
    method: Annotated[
        MethodName | None,
        typer.Option(help="Default: the instrument's threshold; JT if --reliability is given."),
    ] = None,
    direction: Annotated[Better | None, typer.Option(help="Which way is better.")] = None,
    sd: Annotated[
        float | None, typer.Option(help="SD of first scores; else that of the table.")
    ] = None,
    reliability: Annotated[float | None, typer.Option(help="Of the instrument.")] = None,
    reliability_post: Annotated[
        float | None, typer.Option(help="At the last score (NK, HA).")
    ] = None,
    functional_mean: Annotated[float | None, typer.Option(help="Of a functional group.")] = None,
    functional_sd: Annotated[float | None, typer.Option(help="Of a functional group.")] = None,
    cut_off: Annotated[float | None, typer.Option(help="A cut-off in points.")] = None,
    cut_off_type: Annotated[
        CutOffName | None, typer.Option(help="Default: c with a functional group, else a.")
    ] = None,
    smallest: Annotated[
        float | None, typer.Option(help="Points (MID) or per cent (percentage; 50) that count.")
    ] = None,
    smallest_worsening: Annotated[
        float | None, typer.Option(help="The same for the worse; else --smallest.")
    ] = None,
    floor: Annotated[
        float | None, typer.Option(help="From where per cent count; else the lowest score.")
    ] = None,
    wave: Annotated[
        list[str] | None, typer.Option(help="HLM: a column of scores. Give it for each wave.")
    ] = None,
    time_of_wave: Annotated[
        list[float] | None, typer.Option(help="HLM: time of each wave; else 0, 1, 2 …")
    ] = None,
    person: Annotated[str | None, typer.Option(help="HLM: column of the person.")] = None,
    time: Annotated[str | None, typer.Option(help="HLM, long table: column of the time.")] = None,
    score: Annotated[str | None, typer.Option(help="HLM, long table: column of scores.")] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="YAML: encoding, delimiter, decimal, sheet, missing_codes."),
    ] = None,
    missing: Annotated[
        list[str] | None,
        typer.Option(help="A code that means 'no score': NA. May be given again."),
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Such as cp1252; else UTF-8.")] = None,
    delimiter: Annotated[str | None, typer.Option(help="One character; else found.")] = None,
    decimal: Annotated[str | None, typer.Option(help="Decimal mark: . or ,")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook with several.")] = None,
    plot: Annotated[
        Path | None, typer.Option(help="Draw first against last score: .svg or .png")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Write the rows here.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary for a machine, and no rows.")
    ] = False,
) -> None:
    """Judge change: recovered, improved, unchanged, deteriorated or harmed.

    Judged by --instrument's published threshold, by an index from --reliability (and --sd), by
    --method MID or percentage, or, over three or more waves, by --method HLM. The table's own
    columns come out again, with what was found behind. Exit code 0: every row was used; 1: some
    were not, with the reason; 2: refused.
    """
    from pipelines.commands.instruments import catalogue_here
    from pipelines.commands.score import tabbed
    from rapport.instruments import instrument_of
    from rapport.scoring.change.criteria import ChangePlan
    from rapport.scoring.item_mapping import mapping_of

    described = None if instrument is None else instrument_of(catalogue_here(), instrument)
    is_hlm = method is MethodName.HLM
    plan = ChangePlan(
        improvement_sign=_sign(described, direction),
        instrument=described,
        method=None if method is None or is_hlm else method.value,  # type: ignore[arg-type]  # HLM
        sd=sd,
        reliability=reliability,
        reliability_post=reliability_post,
        functional_mean=functional_mean,
        functional_sd=functional_sd,
        cut_off=cut_off,
        cut_off_type=None if cut_off_type is None else cut_off_type.value,
        smallest=smallest,
        smallest_worsening=smallest_worsening,
        floor=floor,
    )
    form = mapping_of(
        map_file,
        missing_codes=missing,
        encoding=encoding,
        delimiter=tabbed(delimiter),
        decimal=decimal,
        sheet=sheet,
    )
    if is_hlm:
        _forbid(("--pre", pre), ("--post", post), ("--plot", plot))
        told = _waves(file, plan, form, (person, time, score), (wave or (), time_of_wave or ()))
    else:
        _forbid(("--wave", wave), ("--time", time), ("--score", score), ("--person", person))
        told = _pairs(file, plan, form, (pre, post), plot)
    _tell(told, out, as_json=as_json)


def _waves(
    file: Path,
    plan: "ChangePlan",
    form: "TableFormat",
    columns: tuple[str | None, str | None, str | None],
    waves: "tuple[Sequence[str], Sequence[float]]",
) -> "Told":
    from rapport.scoring.change_words import growth_told
    from rapport.scoring.growth_table import growth_file, wave_shape

    person, time, score = columns
    shape = wave_shape(person=person, time=time, score=score, waves=waves[0], times=waves[1])
    return growth_told(growth_file(file, shape=shape, plan=plan, form=form))


def _pairs(
    file: Path,
    plan: "ChangePlan",
    form: "TableFormat",
    columns: tuple[str | None, str | None],
    plot: Path | None,
) -> "Told":
    from pipelines.commands.score import write_file
    from rapport.scoring.change_table import change_file
    from rapport.scoring.change_words import pairs_told

    pre, post = columns
    if pre is None or post is None:
        raise _fault("COLUMNS", "First and last score are not named.", "Give --pre and --post.")
    kind = None if plot is None else plot.suffix.lower().removeprefix(".")
    if kind not in {None, "svg", "png"}:
        raise _fault("PLOT", "The picture's format is not known.", "End its name in .svg or .png.")
    changed = change_file(file, pre=pre, post=post, plan=plan, form=form)
    if plot is not None:
        from rapport.scoring.change_plot import change_picture

        write_file(plot, change_picture(changed, "png" if kind == "png" else "svg"), "--plot")
    return pairs_told(changed)


def _tell(told: "Told", out: Path | None, *, as_json: bool) -> None:
    import json

    from pipelines.commands.score import write_text

    if not as_json or out is not None:
        write_text(told.csv, out)
    if as_json:
        typer.echo(json.dumps(told.summary, ensure_ascii=False, indent=2))
    else:
        (sys.stderr if out is None else sys.stdout).write(told.words)
    if not told.is_whole:
        raise typer.Exit(1)


def _sign(described: "Instrument | None", direction: Better | None) -> int:
    given = None if direction is None else (1 if direction.value.startswith("higher") else -1)
    known = None if described is None else described.improvement_sign
    if given is None and known is None:
        raise _fault(
            "DIRECTION",
            "Nothing says which way is better.",
            "Give --direction lower (a fall is better) or higher, or --instrument.",
        )
    if given is not None and known is not None and given != known:
        raise _fault(
            "DIRECTION",
            "The direction contradicts the instrument's.",
            "Leave --direction out, or correct the instrument's file.",
        )
    return known if given is None else given  # type: ignore[return-value]  # one is known


def _forbid(*options: tuple[str, object]) -> None:
    foreign = [name for name, value in options if value]
    if foreign:
        raise _fault(
            "METHOD",
            f"{', '.join(foreign)} does not belong to this method.",
            "--pre and --post belong to two scores, --wave, --person, --time and --score to HLM.",
        )


def _fault(rule: str, message: str, remedy: str) -> "ScoringError":
    from rapport.errors import Fault, ScoringError

    return ScoringError(Fault(rule, message, remedy))
