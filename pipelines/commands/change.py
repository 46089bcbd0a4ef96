"""``rapport change``: reliable and clinically significant change for a table of pairs."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

if TYPE_CHECKING:
    from rapport.instruments import Instrument
    from rapport.scoring.change.effects import EffectSizes
    from rapport.scoring.change_table import ChangedTable


class MethodName(StrEnum):
    """The published indices, as the command line spells them."""

    JT = "JT"
    EN = "EN"
    GLN = "GLN"
    HLL = "HLL"
    NK = "NK"
    HA = "HA"


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
    file: Annotated[Path, typer.Argument(help="CSV, XLSX or SAV: one row a person.")],
    *,
    pre: Annotated[str, typer.Option(help="Column of the first score.")],
    post: Annotated[str, typer.Option(help="Column of the last score.")],
    instrument: Annotated[
        str | None, typer.Option(help="Use this instrument's published figures.")
    ] = None,
    sd: Annotated[
        float | None, typer.Option(help="SD of first scores; else that of the table.")
    ] = None,
    reliability: Annotated[float | None, typer.Option(help="Of the instrument.")] = None,
    reliability_post: Annotated[float | None, typer.Option(help="At the last score (NK).")] = None,
    functional_mean: Annotated[float | None, typer.Option(help="Of a functional group.")] = None,
    functional_sd: Annotated[float | None, typer.Option(help="Of a functional group.")] = None,
    cut_off: Annotated[float | None, typer.Option(help="A cut-off in points.")] = None,
    cut_off_type: Annotated[
        CutOffName | None, typer.Option(help="Default: c with a functional group, else a.")
    ] = None,
    direction: Annotated[Better | None, typer.Option(help="Which way is better.")] = None,
    method: Annotated[MethodName | None, typer.Option(help="Default: JT.")] = None,
    map_file: Annotated[
        Path | None,
        typer.Option("--map", help="YAML: encoding, delimiter, decimal, sheet, missing_codes."),
    ] = None,
    plot: Annotated[Path | None, typer.Option(help="Draw first against last score (SVG).")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the rows here.")] = None,
) -> None:
    """Judge each pair of scores: recovered, improved, unchanged, deteriorated or harmed.

    Judged by --instrument's published threshold, or by an index from --reliability and --sd.
    Exit code 0: every row was used; 1: some were not, with the reason; 2: refused.
    """
    from pipelines.commands.instruments import catalogue_here
    from pipelines.commands.score import write_csv, write_file
    from rapport.instruments import instrument_of
    from rapport.scoring.change.criteria import ChangePlan
    from rapport.scoring.change_table import change_file
    from rapport.scoring.item_mapping import ItemMapping, load_mapping

    described = None if instrument is None else instrument_of(catalogue_here(), instrument)
    plan = ChangePlan(
        improvement_sign=_sign(described, direction),
        instrument=described,
        method=None if method is None else method.value,
        sd=sd,
        reliability=reliability,
        reliability_post=reliability_post,
        functional_mean=functional_mean,
        functional_sd=functional_sd,
        cut_off=cut_off,
        cut_off_type=None if cut_off_type is None else cut_off_type.value,
    )
    form = ItemMapping() if map_file is None else load_mapping(map_file)
    changed = change_file(file, pre=pre, post=post, plan=plan, form=form)
    if plot is not None:
        from rapport.scoring.change_plot import change_svg

        write_file(plot, change_svg(changed, pre=pre, post=post), "--plot")
    write_csv(changed.rows, out)
    _tell(changed, sys.stderr if out is None else sys.stdout)
    if changed.sample.n_used < len(changed.rows):
        raise typer.Exit(1)


def _sign(described: "Instrument | None", direction: Better | None) -> int:
    from rapport.errors import Fault, ScoringError

    given = None if direction is None else (1 if direction.value.startswith("higher") else -1)
    known = None if described is None else described.improvement_sign
    if given is None and known is None:
        raise ScoringError(
            Fault(
                "DIRECTION",
                "Nothing says which way is better.",
                "Give --direction lower (a fall is better) or higher, or --instrument.",
            )
        )
    if given is not None and known is not None and given != known:
        raise ScoringError(
            Fault(
                "DIRECTION",
                "The direction contradicts the instrument's.",
                "Leave --direction out, or correct the instrument's file.",
            )
        )
    return known if given is None else given  # type: ignore[return-value]  # one is known


def _tell(changed: "ChangedTable", told: TextIO) -> None:
    from rapport.scoring.change_table import DROPPED
    from rapport.scoring.rounding import in_words

    n_used, n_rows = changed.sample.n_used, len(changed.rows)
    told.write(f"{n_rows} rows = {n_used} used + {n_rows - n_used} dropped\n")
    for reason, number in changed.dropped.items():
        told.write(f"  {number} {reason}: {DROPPED[reason]}\n")
    told.write(f"Judged by: {changed.criterion.words}\n")
    told.write(f"Cut-off: {changed.criterion.cut_off_words}\n")
    for name, number in changed.counts.items():
        told.write(f"  {name:<13} {number:>6}  {in_words(100 * number / n_used)} %\n")
    sample = changed.sample
    told.write(
        f"First {in_words(sample.mean_pre, 2)} (SD {in_words(sample.sd_pre, 2)}), "
        f"last {in_words(sample.mean_post, 2)} (SD {in_words(sample.sd_post, 2)})\n"
    )
    if changed.effects is None:
        told.write("Effect sizes: none, the pairs are too few or do not vary\n")
    else:
        _tell_effects(changed.effects, told)
    if changed.group is not None:
        share = in_words(100 * changed.group.share_improved)
        told.write(f"Group level (Hageman-Arrindell): {share} % truly improved")
        if changed.group.share_functional is not None:
            told.write(f", {in_words(100 * changed.group.share_functional)} % functional at last")
        told.write("\n")


def _tell_effects(effects: "EffectSizes", told: TextIO) -> None:
    from rapport.scoring.rounding import in_words

    told.write(
        f"Effect sizes, positive = better, 95 % interval; r = {in_words(effects.correlation, 3)}\n"
    )
    for name in ("d_pre", "d_av", "d_rm", "d_z"):
        found = getattr(effects, name)
        told.write(
            f"  {name:<6} {in_words(found.value, 2)} [{in_words(found.low, 2)}, "
            f"{in_words(found.high, 2)}], corrected {in_words(found.corrected, 2)}\n"
        )
