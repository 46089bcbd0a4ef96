"""From the items of a form to its scores, by the instrument's own rules.

The order is fixed: hold against the scale, reverse, fill by the missing-item rule, add up,
transform. Scores are not rounded unless the instrument's rule says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from rapport.errors import Fault, ScoringError
from rapport.instruments import Instrument
from rapport.scoring.answers import Answers, Counts, Mask, Matrix, Reasons, keyed_answers
from rapport.scoring.rounding import whole_half_up, without_noise

OUT_OF_RANGE = "out_of_range"
NO_ANSWERS = "no_answers"
TOO_MANY_MISSING = "too_many_missing"
NO_SCORE_REASONS: Mapping[str, str] = {
    OUT_OF_RANGE: "an answer is not one that the item allows",
    NO_ANSWERS: "no item of the scale was answered",
    TOO_MANY_MISSING: "more items are missing than the instrument's rule allows",
}
"""Reason → what it means, for people."""

_STRAIGHT_LINE = 5
"""From how many items on the same answer throughout is worth a look."""


@dataclass(frozen=True, slots=True)
class ScaleScores:
    """Scores of n forms on one scale.

    Attributes:
        scale: ``total`` or the name of a subscale.
        score: Shape (n,), as published (transformed); NaN where there is none.
        item_mean: Shape (n,), mean of the answered items after reversal; NaN as ``score``.
        n_items: Items of the scale.
        n_answered: Shape (n,).
        is_prorated: Shape (n,): scored although items are missing.
        reason: Shape (n,), object: key of :data:`NO_SCORE_REASONS`, or ``None``.
    """

    scale: str
    score: Matrix
    item_mean: Matrix
    n_items: int
    n_answered: Counts
    is_prorated: Mask
    reason: Reasons


def score_matrix(raw: Matrix, instrument: Instrument) -> tuple[ScaleScores, ...]:
    """Score n forms on every scale of one instrument.

    Args:
        raw: Answers, shape (n, k), k = ``instrument.n_items``; NaN = not answered.
        instrument: Whose items they are.

    Returns:
        One result a scale, in the order of ``instrument.scales``.

    Raises:
        ScoringError: The shape is wrong, or the instrument's key is uncertain.
    """
    _require_usable(instrument)
    if raw.ndim != 2 or raw.shape[1] != instrument.n_items:  # noqa: PLR2004 - a matrix
        raise ScoringError(
            Fault(
                "ITEM_COUNT",
                f"{instrument.id} has {instrument.n_items} items; the table does not.",
                "Give one column for each item, in the instrument's order.",
            )
        )
    answers = keyed_answers(raw, instrument)
    if instrument.missing_rule.kind == "item_mean_rounded":
        answers = replace(answers, filled=_filled_by_subscale(answers.keyed, instrument))
    scores = {name: _score(name, answers, instrument) for name in instrument.scales}
    if instrument.missing_rule.needs_subscales and "total" in scores:
        scores["total"] = _without_gaps(scores["total"], [scores[s] for s in instrument.subscales])
    return tuple(scores.values())


def score_items(items: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    """Score a wide frame: one row an administration, one column an item.

    Args:
        items: Shape (n, k), numeric, columns in the instrument's order; missing = NaN.
        instrument: Whose items they are.

    Returns:
        On the index of ``items``, for each scale the columns ``<scale>``, ``<scale>_item_mean``,
        ``<scale>_n_answered``, ``<scale>_is_prorated``, ``<scale>_reason``; for each flag of the
        instrument ``flag_<name>``; and ``is_straight_lining``.

    Raises:
        ScoringError: Number of columns or the instrument's key does not allow scores.

    Example:
        >>> from rapport.instruments import load_catalogue
        >>> frame = score_items(pd.DataFrame([[1.0] * 9]), load_catalogue()["phq-9"])
        >>> frame["total"].tolist()
        [9.0]
    """
    raw = items.to_numpy(dtype=np.float64, na_value=np.nan)
    columns: dict[str, object] = {}
    for found in score_matrix(raw, instrument):
        columns[found.scale] = found.score
        columns[f"{found.scale}_item_mean"] = found.item_mean
        columns[f"{found.scale}_n_answered"] = found.n_answered
        columns[f"{found.scale}_is_prorated"] = found.is_prorated
        columns[f"{found.scale}_reason"] = pd.Series(found.reason, index=items.index, dtype=object)
    for name, mask in raised_flags(raw, instrument).items():
        columns[f"flag_{name}"] = mask
    columns["is_straight_lining"] = is_straight_lining(raw)
    return pd.DataFrame(columns, index=items.index)


def raised_flags(raw: Matrix, instrument: Instrument) -> Mapping[str, Mask]:
    """Return flag → shape (n,): whether an answer raises it. Uncertain flags are left out."""
    answers = keyed_answers(raw, instrument)
    valid = np.where(answers.is_foreign, np.nan, answers.keyed)
    masks: dict[str, Mask] = {}
    for name, flag in instrument.flags.items():
        if flag.status != "uncertain":
            looked_at = valid[:, [item - 1 for item in flag.items]]
            masks[name] = np.any(looked_at >= flag.at_least, axis=1)
    return masks


def is_straight_lining(raw: Matrix) -> Mask:
    """Return, shape (n,), whether all items (five or more) carry the same answer as written."""
    if raw.shape[1] < _STRAIGHT_LINE:
        return np.zeros(len(raw), dtype=np.bool_)
    same: Mask = (raw == raw[:, :1]).all(axis=1)
    return same


def _require_usable(instrument: Instrument) -> None:
    parts = {"key": instrument.key, "reversal": instrument.reversal, "scale": instrument.scale}
    if instrument.total is not None:
        parts["total"] = instrument.total
    doubtful = [name for name, part in parts.items() if not part.is_usable]
    if doubtful:
        raise ScoringError(
            Fault(
                "UNCERTAIN_KEY",
                f"{instrument.id}: {', '.join(doubtful)} could not be confirmed from a source, "
                "so it is not scored as packaged.",
                "Check the form in your hands and describe it in a file of your own "
                f"(instruments/{instrument.id}.yaml in your home, status: policy).",
            )
        )


def _score(name: str, answers: Answers, instrument: Instrument) -> ScaleScores:
    columns = [item - 1 for item in instrument.scales[name]]
    if columns == list(range(instrument.n_items)):
        keyed, is_answered, is_foreign = answers.keyed, answers.is_answered, answers.is_foreign
    else:
        keyed = answers.keyed[:, columns]
        is_answered = answers.is_answered[:, columns]
        is_foreign = answers.is_foreign[:, columns]
    n_answered = is_answered.sum(axis=1)
    reason = _reasons(n_answered, is_foreign, len(columns) - instrument.missing_rule.allowed(name))
    total, item_mean = _sums(keyed, n_answered, name, answers, instrument)
    has_none = reason != None  # noqa: E711 - elementwise
    told = _transformed(total, len(columns), name, instrument)
    if _is_plain_mean(answers, instrument):
        told = _mean_of_answered(keyed, n_answered, instrument)
    score = np.where(has_none, np.nan, told)
    return ScaleScores(
        scale=name,
        score=score,
        item_mean=np.where(has_none, np.nan, item_mean),
        n_items=len(columns),
        n_answered=n_answered,
        is_prorated=~has_none & (n_answered < len(columns)),
        reason=reason,
    )


def _reasons(n_answered: Counts, is_foreign: Mask, needed: int) -> Reasons:
    reason = np.full(len(n_answered), None, dtype=object)
    reason[n_answered < needed] = TOO_MANY_MISSING
    reason[n_answered == 0] = NO_ANSWERS
    reason[is_foreign.any(axis=1)] = OUT_OF_RANGE
    return reason


def _sums(
    keyed: Matrix,
    n_answered: Counts,
    name: str,
    answers: Answers,
    instrument: Instrument,
) -> tuple[Matrix, Matrix]:
    """Return the sum with gaps filled, and the mean of the answered items; shape (n,) each."""
    n_items = keyed.shape[1]
    answered_sum = np.nansum(keyed, axis=1)
    if any(instrument.scale_of(item).step % 1 for item in instrument.scales[name]):
        answered_sum = without_noise(answered_sum)
    with np.errstate(invalid="ignore", divide="ignore"):
        item_mean = answered_sum / n_answered
        filled = answered_sum * n_items / n_answered
    if answers.filled is not None:
        columns = [item - 1 for item in instrument.scales[name]]
        return answers.filled[:, columns].sum(axis=1), item_mean
    if instrument.missing_rule.rounds_total:
        filled = whole_half_up(filled)
    return filled, item_mean


def _filled_by_subscale(keyed: Matrix, instrument: Instrument) -> Matrix:
    has_gap = np.isnan(keyed).any(axis=1)
    gaps = keyed[has_gap]
    for items in instrument.subscales.values():
        columns = [item - 1 for item in items]
        part = gaps[:, columns]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = np.nansum(part, axis=1) / (~np.isnan(part)).sum(axis=1)
        gaps[:, columns] = np.where(np.isnan(part), whole_half_up(mean)[:, None], part)
    filled = keyed.copy()
    filled[has_gap] = gaps
    return filled


def _is_plain_mean(answers: Answers, instrument: Instrument) -> bool:
    """Return whether a score is the mean of the answered items, with nothing filled or rounded."""
    is_mean = instrument.total is not None and instrument.total.method == "mean"
    return is_mean and answers.filled is None and not instrument.missing_rule.rounds_total


def _mean_of_answered(keyed: Matrix, n_answered: Counts, instrument: Instrument) -> Matrix:
    """Return factor × sum ÷ number: one division, so that 46 ÷ 20 is 2.3 and not above it."""
    factor = 1.0 if instrument.total is None else instrument.total.factor
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Matrix = np.nansum(keyed, axis=1) * factor / n_answered
    return mean


def _transformed(total: Matrix, n_items: int, name: str, instrument: Instrument) -> Matrix:
    rule = instrument.total
    if rule is None:
        return total
    if rule.table is not None and name == "total":
        return _looked_up(total, rule.table)
    scaled = total * rule.factor
    return scaled / n_items if rule.method == "mean" else scaled


def _looked_up(total: Matrix, table: Mapping[int, float]) -> Matrix:
    raw = np.array(sorted(table), dtype=np.float64)
    metric = np.array([table[int(value)] for value in raw])
    place = np.searchsorted(raw, np.nan_to_num(total, nan=raw[0])).clip(max=len(raw) - 1)
    return np.where(raw[place] == total, metric[place], np.nan)


def _without_gaps(total: ScaleScores, parts: list[ScaleScores]) -> ScaleScores:
    """Take the total away where a subscale could not be scored."""
    has_gap = np.any([part.reason != None for part in parts], axis=0)  # noqa: E711 - elementwise
    reason = total.reason.copy()
    reason[has_gap & (reason == None)] = TOO_MANY_MISSING  # noqa: E711 - elementwise
    return ScaleScores(
        scale=total.scale,
        score=np.where(has_gap, np.nan, total.score),
        item_mean=np.where(has_gap, np.nan, total.item_mean),
        n_items=total.n_items,
        n_answered=total.n_answered,
        is_prorated=total.is_prorated & ~has_gap,
        reason=reason,
    )
