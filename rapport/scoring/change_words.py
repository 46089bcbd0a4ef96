"""What ``rapport change`` says: the rows, a summary for people, and the same for a machine."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

from rapport.scoring.change.effects import EffectSizes
from rapport.scoring.change_table import DROPPED, ChangedTable
from rapport.scoring.growth_table import NOT_USED, GrowthTable
from rapport.scoring.rounding import in_words

_EFFECTS = {
    "d_pre": "by the SD of first scores",
    "d_av": "by the mean of both SDs",
    "d_rm": "as between independent groups",
    "d_z": "by the SD of the change",
}


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of ``rapport change``.

    Attributes:
        csv: The rows.
        words: The summary for people, lines of text.
        summary: The summary for a machine: numbers unrounded, shares in per cent.
        is_whole: Whether everything in the table was used.
    """

    csv: str
    words: str
    summary: Mapping[str, object]
    is_whole: bool


def pairs_told(changed: ChangedTable) -> Told:
    """Tell of a table of pairs."""
    return Told(
        csv=changed.csv(),
        words="\n".join(_pairs_lines(changed)) + "\n",
        summary=_pairs_summary(changed),
        is_whole=changed.sample.n_used == len(changed.rows),
    )


def growth_told(found: GrowthTable) -> Told:
    """Tell of a table of waves."""
    return Told(
        csv=found.csv(),
        words="\n".join(_growth_lines(found)) + "\n",
        summary=_growth_summary(found),
        is_whole=found.n_used == found.n_given,
    )


def _pairs_lines(changed: ChangedTable) -> Iterator[str]:
    n_used, n_rows = changed.sample.n_used, len(changed.rows)
    rows = "row" if n_rows == 1 else "rows"
    yield f"{n_rows} {rows} = {n_used} used + {n_rows - n_used} dropped"
    for reason, number in changed.dropped.items():
        yield f"  {number} {reason}: {DROPPED[reason]}"
    yield f"Judged by: {changed.criterion.words}"
    yield f"Cut-off: {changed.criterion.cut_off_words}"
    yield _direction(changed.improvement_sign)
    yield from _counted(changed.counts)
    sample = changed.sample
    yield (
        f"First {in_words(sample.mean_pre, 2)} (SD {in_words(sample.sd_pre, 2)}), "
        f"last {in_words(sample.mean_post, 2)} (SD {in_words(sample.sd_post, 2)}), n = {n_used}"
    )
    if changed.effects is None:
        yield "Effect sizes: none, the pairs are too few or do not vary"
    else:
        yield from _effect_lines(changed.effects)
    if changed.group is not None:
        share = in_words(100 * changed.group.share_improved)
        words = f"Group level (Hageman-Arrindell): {share} % truly improved"
        if changed.group.share_functional is not None:
            words += (
                f", {in_words(100 * changed.group.share_functional)} % truly functional at last"
            )
        yield words


def _direction(sign: int) -> str:
    return f"Direction: a {'rise' if sign > 0 else 'fall'} is better"


def _counted(counts: Mapping[str, int]) -> Iterator[str]:
    n_judged = sum(counts.values())
    for name, number in counts.items():
        share = in_words(100 * number / n_judged if n_judged else None)
        yield f"  {name:<13} {number:>6}  {share} %"


def _effect_lines(effects: EffectSizes) -> Iterator[str]:
    yield (
        f"Effect sizes, positive = better, with 95 % interval and Hedges' correction for small "
        f"samples; n = {effects.n}, r = {in_words(effects.correlation, 3)}"
    )
    for name, words in _EFFECTS.items():
        found = getattr(effects, name)
        yield (
            f"  {name:<6} {in_words(found.value, 2)} [{in_words(found.low, 2)}, "
            f"{in_words(found.high, 2)}], corrected {in_words(found.corrected, 2)}  ({words})"
        )


def _shares(counts: Mapping[str, int]) -> dict[str, float | None]:
    n_judged = sum(counts.values())
    return {name: 100 * n / n_judged if n_judged else None for name, n in counts.items()}


def _pairs_summary(changed: ChangedTable) -> dict[str, object]:
    criterion, sample = changed.criterion, changed.sample
    reference = criterion.reference
    return {
        "rows": len(changed.rows),
        "used": sample.n_used,
        "dropped": dict(changed.dropped),
        "method": criterion.method or "published threshold",
        "judged_by": criterion.words,
        "direction": "higher_is_better" if changed.improvement_sign > 0 else "lower_is_better",
        "threshold": criterion.threshold,
        "threshold_worsening": criterion.threshold_worsening,
        "critical": criterion.critical,
        "standard_error_of_difference": reference.standard_error_of_difference
        if reference
        else None,
        "cut_off": criterion.cut_off,
        "cut_off_words": criterion.cut_off_words,
        "counts": dict(changed.counts),
        "percent": _shares(changed.counts),
        "first": {"mean": _number(sample.mean_pre), "sd": _number(sample.sd_pre)},
        "last": {"mean": _number(sample.mean_post), "sd": _number(sample.sd_post)},
        "effect_sizes": None if changed.effects is None else asdict(changed.effects),
        "group_level": None if changed.group is None else asdict(changed.group),
    }


def _number(value: float) -> float | None:
    """Return a number as JSON knows it: not-a-number is null."""
    return None if value != value else value  # noqa: PLR0124 - NaN


def _growth_lines(found: GrowthTable) -> Iterator[str]:
    left = found.n_given - found.n_used
    yield f"{found.n_given} scores = {found.n_used} used + {left} not used"
    for reason, number in found.not_used.items():
        yield f"  {number} {reason}: {NOT_USED[reason]}"
    n_people, n_judged = len(found.rows), sum(found.counts.values())
    yield f"{n_people} people = {n_judged} judged + {n_people - n_judged} with one score only"
    yield (
        f"Judged by: a growth line for each person (hierarchical linear model, restricted maximum "
        f"likelihood); a slope farther than {found.critical:.3f} standard errors from 0 is reliable"
    )
    yield f"Cut-off, for the first and the last score: {found.cut_off_words}"
    yield _direction(found.improvement_sign)
    yield from _counted(found.counts)
    growth = found.growth
    yield (
        f"The group's slope {in_words(growth.mean_slope, 3)} points a unit of time; SD of slopes "
        f"between people {in_words(growth.slope_sd, 3)}; SD of the error "
        f"{in_words(growth.residual_sd, 3)}"
    )


def _growth_summary(found: GrowthTable) -> dict[str, object]:
    return {
        "scores": found.n_given,
        "used": found.n_used,
        "not_used": dict(found.not_used),
        "people": len(found.rows),
        "judged": sum(found.counts.values()),
        "method": "HLM",
        "direction": "higher_is_better" if found.improvement_sign > 0 else "lower_is_better",
        "critical": found.critical,
        "cut_off": found.cut_off_words,
        "counts": dict(found.counts),
        "percent": _shares(found.counts),
        "mean_slope": found.growth.mean_slope,
        "slope_sd": found.growth.slope_sd,
        "residual_sd": found.growth.residual_sd,
    }
