"""What the answers of a form look like in each clinic-month: levels, spreads, how items go along.

These are the measures that a later month is held against (``expectations.levels``). They are given
from :data:`ENOUGH_FOR_A_LEVEL` forms upwards: of fewer, chance says too much, and a figure would
say too much about single patients.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from expectations.slices import Codes, Mask, Numbers, Slices
from rapport.scoring.answers import keyed_answers

if TYPE_CHECKING:
    from rapport.instruments import Instrument

ENOUGH_FOR_A_LEVEL = 20
"""From so many forms upwards, a month's average says something about the month."""

ENOUGH_TO_VARY = 50
"""From so many forms upwards, one and the same answer from everybody is no coincidence."""

FEWEST_ITEMS = 4
"""With fewer items than this, nobody can say which of them runs against the others."""

MOST_STEPS = 12
"""Scales with more answers than this (visual analogue scales) have no coding to be moved."""

_CONTRARY = -0.2
_GOES_ALONG = 0.3
_OF_SHARED_PATIENTS = 1.5
_RANGE = 0.02


@dataclass(frozen=True, eq=False, slots=True)
class _Moments:
    """Sums over forms, shape (clinic-months,) or (clinic-months, items)."""

    n_forms: Numbers
    given: Numbers
    mean: Numbers
    spread: Numbers
    n_complete: Numbers
    form_mean: Numbers
    form_spread: Numbers
    rest: Numbers


def measure_answers(
    items: Numbers, codes: Codes, slices: Slices, instrument: "Instrument"
) -> dict[str, Numbers]:
    """Measure the administrations of one form.

    Args:
        items: Answers as they were sent, shape (forms, items); NaN where there is none.
        codes: Number of each form's clinic-month, shape (forms,).
        slices: The clinic-months.
        instrument: The questionnaire.

    Returns:
        Name → one number a clinic-month. Names of items end in ``.<item>``, names of counts of
        answers in ``=<answer>``; a number that there are too few forms for is missing.
    """
    order = np.argsort(codes, kind="stable")
    items, codes = items[order], codes[order]
    moments = _moments(items, codes, slices, instrument)
    is_enough = moments.n_forms >= ENOUGH_FOR_A_LEVEL
    found = {
        **_of_whole_forms(moments, instrument),
        **_of_items(moments, instrument),
        **_answers_used(items, codes, slices, instrument),
    }
    told = {name: np.where(is_enough, values, np.nan) for name, values in found.items()}
    return told | _variety(items, codes, slices, moments.n_forms)


def _moments(items: Numbers, codes: Codes, slices: Slices, instrument: "Instrument") -> _Moments:
    n_items = items.shape[1]
    is_given = ~np.isnan(items)
    answers = np.where(is_given, items, 0.0)
    given = slices.sums(codes, is_given.astype(float))
    mean = _ratio(slices.sums(codes, answers), given)
    spread = _spread(slices.sums(codes, answers * answers), given, mean)
    is_complete: Mask = np.logical_and.reduce(is_given, axis=1)
    keyed = keyed_answers(items[is_complete], instrument).keyed
    own = codes[is_complete]
    totals = keyed.sum(axis=1)
    sums = slices.sums(own, np.column_stack([totals, totals * totals]))
    n_complete = slices.count(own)
    form_mean = _ratio(sums[:, 0], n_complete)
    return _Moments(
        n_forms=slices.count(codes),
        given=given,
        mean=mean,
        spread=spread,
        n_complete=n_complete,
        form_mean=form_mean / n_items,
        form_spread=_spread(sums[:, 1], n_complete, form_mean) / n_items,
        rest=_rest_correlations(keyed, totals, own, slices),
    )


def _rest_correlations(keyed: Numbers, totals: Numbers, codes: Codes, slices: Slices) -> Numbers:
    """Return each item's correlation with the sum of the others, shape (clinic-months, items)."""
    whole = totals[:, np.newaxis]
    n = slices.count(codes)[:, np.newaxis]
    centre = _ratio(slices.sums(codes, keyed), n)
    middle = _ratio(slices.sums(codes, whole), n)
    deviations, others = keyed - centre[codes], whole - middle[codes]
    square = slices.sums(codes, deviations * deviations)
    shared = slices.sums(codes, deviations * others)
    whole_square = slices.sums(codes, others * others)
    rest_square = whole_square - 2 * shared + square
    with np.errstate(invalid="ignore", divide="ignore"):
        found: Numbers = (shared - square) / np.sqrt(square * rest_square)
    is_known = (square > 1e-9) & (rest_square > 1e-9)  # noqa: PLR2004 - rounding of sums
    return np.where(is_known, np.clip(found, -0.999, 0.999), np.nan)


def _of_whole_forms(moments: _Moments, instrument: "Instrument") -> dict[str, Numbers]:
    """Levels of the mean answer of complete forms, and what chance does to them."""
    n = np.maximum(moments.n_complete, 2)
    least = _RANGE * _width(instrument)
    error = _OF_SHARED_PATIENTS * moments.form_spread / np.sqrt(n)
    relative = _OF_SHARED_PATIENTS / np.sqrt(2 * (n - 1))
    is_known = moments.n_complete >= ENOUGH_FOR_A_LEVEL
    found = {
        "form_mean": moments.form_mean,
        "form_mean_error": np.maximum(error, least),
        "form_spread": moments.form_spread,
        "form_spread_error": np.maximum(moments.form_spread * relative, least),
        "forms_complete": moments.n_complete,
    }
    return {name: np.where(is_known, values, np.nan) for name, values in found.items()}


def _of_items(moments: _Moments, instrument: "Instrument") -> dict[str, Numbers]:
    n_forms = np.maximum(moments.n_forms, 1)[:, np.newaxis]
    with np.errstate(invalid="ignore", divide="ignore"):
        error = _OF_SHARED_PATIENTS * moments.spread / np.sqrt(np.maximum(moments.given, 1))
    widths = np.array([_width(instrument, item) for item in _numbers(instrument)])
    is_known = moments.given >= ENOUGH_FOR_A_LEVEL
    rest = np.where(
        (moments.n_complete >= ENOUGH_FOR_A_LEVEL)[:, np.newaxis]
        & (instrument.n_items >= FEWEST_ITEMS),
        moments.rest,
        np.nan,
    )
    by_item = {
        "item_missing_share": 1 - moments.given / n_forms,
        "item_mean": np.where(is_known, moments.mean, np.nan),
        "item_mean_error": np.where(is_known, np.maximum(error, _RANGE * widths), np.nan),
        "item_rest": rest,
        "item_contrary": _contrary(rest, moments.n_complete),
    }
    return _split(by_item)


def _contrary(rest: Numbers, n_complete: Numbers) -> Numbers:
    """Return how surely an item runs against the others, in standard errors; 0 if it does not.

    Fisher's z of the correlation with the rest, where half of the items go along with theirs.
    """
    known = ~np.isnan(rest).all(axis=1)
    middle = np.full(len(rest), np.nan)
    middle[known] = np.nanmedian(rest[known], axis=1)
    with np.errstate(invalid="ignore"):
        sure = -np.arctanh(rest) * np.sqrt(np.maximum(n_complete, 4) - 3)[:, np.newaxis]
        found: Numbers = np.where(rest <= _CONTRARY, sure, 0.0)
        is_asked = (middle >= _GOES_ALONG)[:, np.newaxis] & ~np.isnan(rest)
    return np.where(is_asked, found, np.nan)


def _variety(items: Numbers, codes: Codes, slices: Slices, n_forms: Numbers) -> dict[str, Numbers]:
    """Return how many different answers each item has: 1, or 2 for several."""
    low = np.full((len(slices), items.shape[1]), np.inf)
    high = -low
    present, starts = np.unique(codes, return_index=True)
    if len(starts):
        kept = present >= 0
        low[present[kept]] = np.fmin.reduceat(items, starts, axis=0)[kept]
        high[present[kept]] = np.fmax.reduceat(items, starts, axis=0)[kept]
    is_asked = (n_forms >= ENOUGH_TO_VARY)[:, np.newaxis] & ~np.isnan(low)
    return _split({"item_answers_used": np.where(is_asked, np.where(high > low, 2.0, 1.0), np.nan)})


def _answers_used(
    items: Numbers, codes: Codes, slices: Slices, instrument: "Instrument"
) -> dict[str, Numbers]:
    """Count how often each answer of the common scale was given, over all items that have it."""
    steps = steps_of(instrument)
    if not steps:
        return {}
    common = [item - 1 for item in _numbers(instrument) if item not in instrument.item_scales]
    answers = items[:, common]
    counted = np.column_stack([(answers == step).sum(axis=1) for step in steps]).astype(float)
    sums = slices.sums(codes, counted)
    return {f"answers={step:g}": sums[:, place] for place, step in enumerate(steps)}


def steps_of(instrument: "Instrument") -> tuple[float, ...]:
    """Return the answers of the common scale, ascending; none if it has no coding to be moved."""
    steps = tuple(sorted({float(text) for text in instrument.allowed_answers()}))
    return steps if 2 < len(steps) <= MOST_STEPS else ()  # noqa: PLR2004 - yes and no


def _split(by_item: Mapping[str, Numbers]) -> dict[str, Numbers]:
    return {
        f"{name}.{item + 1:02d}": values[:, item]
        for name, values in by_item.items()
        for item in range(values.shape[1])
    }


def _numbers(instrument: "Instrument") -> range:
    return range(1, instrument.n_items + 1)


def _width(instrument: "Instrument", item: int | None = None) -> float:
    scale = instrument.scale if item is None else instrument.scale_of(item)
    return float(scale.maximum - scale.minimum)


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    found: Numbers = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=whole > 0)
    return found


def _spread(squares: Numbers, n: Numbers, mean: Numbers) -> Numbers:
    """Return the standard deviation from a sum of squares; missing below two values."""
    with np.errstate(invalid="ignore"):
        inner = np.maximum(squares - n * mean * mean, 0.0)
    return np.sqrt(_ratio(inner, np.where(n > 1, n - 1, 0)))
