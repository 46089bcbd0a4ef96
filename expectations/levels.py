"""How far a clinic-month lies from the clinic's own earlier months: distances, in spreads.

The middle is the median of the clinic's passed months. The spread is the largest of: 1.4826 times
the median absolute deviation from it; the median moving range over 0.954 (both estimate a standard
deviation, and neither minds a few odd months); and what chance alone does to the measure. It is
widened by ``sqrt(1 + 1/months)``, because the middle itself is only an estimate.

Source: Wheeler (1993), Understanding Variation, for the moving range; Rousseeuw & Croux (1993),
J Am Stat Assoc 88:1273-1283, for the median absolute deviation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.answer_measures import steps_of
from expectations.coding import moved, turned
from expectations.rules.drift import LEVELS, Chance, Level, Per, level_parts, named
from expectations.rules.items import parts_of
from expectations.slices import Numbers
from expectations.thresholds import setting

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.instruments import Instrument

_OF_DEVIATION = 1.4826
_OF_MOVING_RANGE = 1 / 0.954
_OF_SHARED_PATIENTS = 1.5
_LEAST_SHARE = 0.02
_LEAST_OF_COUNT = 0.10

Past = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Band:
    """Where a measure usually lies: middle and one spread, one number a clinic-month each."""

    value: Numbers
    middle: Numbers
    spread: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class Levels:
    """What comparing with the past found.

    Attributes:
        measures: Names of columns that rules ask of → one number a clinic-month.
        bands: Name of a distance → where the measure usually lies.
    """

    measures: dict[str, Numbers] = field(default_factory=dict)
    bands: dict[str, Band] = field(default_factory=dict)


def compare(
    now: pd.DataFrame,
    past: pd.DataFrame,
    places: npt.NDArray[np.intp],
    *,
    owners: Sequence["Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> Levels:
    """Hold clinic-months against their own past.

    Args:
        now: Measures, one row a clinic-month.
        past: Remembered measures, one row an earlier clinic-month.
        places: For each clinic-month the rows of ``past`` that are its own, oldest first; shape
            (clinic-months, window), -1 where there are fewer.
        owners: The clinic of each clinic-month.
        catalogue: Id → instrument.

    Returns:
        One number for each clinic-month; missing where the clinic has too short a past.
    """
    forms = tuple(dict.fromkeys(form for owner in owners for form in owner.forms))
    enough = np.array([setting("HISTORY_MONTHS", owner) for owner in owners])
    view = _View(past, places, enough)
    found = Levels()
    for level in LEVELS:
        _compare_level(found, level, now, view, level_parts(level, forms, catalogue))
    for form in forms:
        _compare_form(found, form, now, view, catalogue[form.rsplit(".", 1)[0]])
        found.measures.update(_expected(form, now, view, owners))
    _compare_items(found, forms, now, view, catalogue)
    return found


@dataclass(frozen=True, eq=False, slots=True)
class _View:
    """The past as each clinic-month sees it."""

    past: pd.DataFrame
    places: npt.NDArray[np.intp]
    enough: Numbers

    def of(self, names: Sequence[str]) -> Past:
        """Return the past of some measures, shape (clinic-months, window, measures)."""
        table = self.past.reindex(columns=list(names)).to_numpy(dtype=float)
        table = np.vstack([table, np.full((1, len(names)), np.nan)])
        return table[self.places]

    def is_long(self, seen: Past) -> npt.NDArray[np.bool_]:
        """Return where enough months of the past are known, shape (clinic-months, measures)."""
        known: npt.NDArray[np.bool_] = (~np.isnan(seen)).sum(axis=1) >= self.enough[:, np.newaxis]
        return known

    def median(self, name: str) -> Numbers:
        """Return the median of one measure; missing where the past is too short."""
        seen = self.of([name])
        return np.where(self.is_long(seen), _median(seen), np.nan)[:, 0]


def _median(seen: Past) -> Numbers:
    """Return medians over the window; missing where nothing is known."""
    known = np.logical_not(np.logical_and.reduce(np.isnan(seen), axis=1))
    filled = np.where(known[:, np.newaxis, :], seen, 0.0)
    middle: Numbers = np.nanmedian(filled, axis=1)
    return np.where(known, middle, np.nan)


def _compare_level(
    found: Levels, level: Level, now: pd.DataFrame, view: _View, parts: Sequence[str]
) -> None:
    names = [named(level.measure, part) for part in parts]
    seen = view.of(names)
    value = _columns(now, names)
    among = _columns(now, [_of_part(level, part) for part in parts])
    middle = np.where(view.is_long(seen), _median(seen), np.nan)
    spread = np.maximum(_own_spread(seen, middle), _by_chance(level.chance, middle, among))
    n_months = np.maximum((~np.isnan(seen)).sum(axis=1), 1)
    spread = spread * np.sqrt(1 + 1 / n_months)
    with np.errstate(invalid="ignore", divide="ignore"):
        signed = (value - middle) / spread
    distance = np.maximum(signed, 0.0) if level.is_one_sided else np.abs(signed)
    for place, part in enumerate(parts):
        name = named(level.distance, part)
        found.measures[name] = distance[:, place]
        found.bands[name] = Band(value[:, place], middle[:, place], spread[:, place])


def _of_part(level: Level, part: str) -> str:
    """Return the name of what a level rests on; of shares of an item, that is its form's forms."""
    if level.among in {"sessions_accepted", "rows_received"}:
        return level.among
    is_of_form = level.per is Per.ITEM and level.among == "administrations"
    return named(level.among, part.rsplit(".", 1)[0] if is_of_form else part)


def _columns(frame: pd.DataFrame, names: Sequence[str]) -> Numbers:
    return frame.reindex(columns=list(names)).to_numpy(dtype=float)


def _own_spread(seen: Past, middle: Numbers) -> Numbers:
    deviation = _OF_DEVIATION * _median(np.abs(seen - middle[:, np.newaxis, :]))
    if seen.shape[1] < 2:  # noqa: PLR2004 - one month moves nowhere
        return deviation
    moving = _OF_MOVING_RANGE * _median(np.abs(np.diff(seen, axis=1)))
    return np.fmax(deviation, moving)


def _by_chance(chance: Chance, middle: Numbers, among: Numbers) -> Numbers:
    """Return the least spread: what chance does to the measure with so few observations."""
    with np.errstate(invalid="ignore", divide="ignore"):
        if chance is Chance.COUNT:
            return np.maximum(np.sqrt(middle + 1), _LEAST_OF_COUNT * middle)
        if chance is Chance.SHARE:
            likely = np.clip((middle * among + 1) / (among + 2), 0.0, 1.0)
            error = _OF_SHARED_PATIENTS * np.sqrt(likely * (1 - likely) / among)
            return np.maximum(error, _LEAST_SHARE)
    return among


def _compare_form(
    found: Levels, form: str, now: pd.DataFrame, view: _View, instrument: "Instrument"
) -> None:
    """Ask of one form whether its answers were moved or turned round as a whole."""
    names = [f"answers.{form}={step:g}" for step in steps_of(instrument)]
    if not names:
        found.measures[f"answers_moved.{form}"] = np.full(len(now), np.nan)
        return
    seen = view.of(names)
    is_long = view.is_long(seen).all(axis=1)
    before, given = np.nansum(seen, axis=1), _columns(now, names)
    n_forms = _columns(now, [f"administrations.{form}"])[:, 0]
    evidence = moved(before, given, n_forms)
    found.measures[f"answers_moved.{form}"] = np.where(is_long, evidence, np.nan)


def _compare_items(
    found: Levels,
    forms: Sequence[str],
    now: pd.DataFrame,
    view: _View,
    catalogue: Mapping[str, "Instrument"],
) -> None:
    """Ask of each item whether its relation to the others has changed its sign."""
    for form in forms:
        parts = parts_of(form, catalogue)
        names = [f"item_rest.{part}" for part in parts]
        seen = view.of(names)
        before = np.where(view.is_long(seen), _median(seen), np.nan)
        n = _columns(now, [f"forms_complete.{form}"])
        evidence = turned(before, _columns(now, names), n)
        for place, part in enumerate(parts):
            found.measures[f"item_turned.{part}"] = evidence[:, place]


def _expected(
    form: str, now: pd.DataFrame, view: _View, owners: Sequence["Clinic"]
) -> dict[str, Numbers]:
    """Say where a form is to be there at all, and where the clinic's own past calls it rare.

    A limit that the clinic sets for the form says that it is expected; with no long past it is,
    because nobody can know yet that it is rare.
    """
    n_forms = _columns(now, [f"administrations.{form}"])[:, 0]
    usual = view.median(f"administrations.{form}")
    least = np.array([setting("FORM_USUAL", owner) for owner in owners])
    stated = np.array([_states_a_limit(owner, form) for owner in owners], dtype=bool)
    with np.errstate(invalid="ignore"):
        is_rare = ~stated & (usual < least)
    return {
        f"administrations_expected.{form}": np.where(is_rare, np.nan, n_forms),
        f"administrations_rare.{form}": np.where(is_rare, n_forms, np.nan),
    }


def _states_a_limit(clinic: "Clinic", form: str) -> bool:
    names = {"FORM_PRESENT", f"FORM_PRESENT[{form}]", f"FORM_PRESENT.{form}"}
    return bool(names & set(clinic.thresholds))
