"""What is measured of each form in use: how often it was filled in, and how fully."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from expectations.answer_measures import ENOUGH_FOR_A_LEVEL, measure_answers
from expectations.slices import Codes, Mask, Numbers, Slices
from rapport.warehouse.tables import ITEM_COLUMNS

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.instruments import Instrument

ENOUGH_FORMS = 5
"""From so many forms upwards, an item that nobody answered is no coincidence."""

LONG_FORM = 5
"""From so many items upwards, one answer throughout is worth a question."""


def measure_forms(
    responses: pd.DataFrame,
    slices: Slices,
    owners: Sequence["Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> dict[str, Numbers]:
    """Measure every form that one of the clinics uses.

    Args:
        responses: Accepted administrations.
        slices: The clinic-months.
        owners: The clinic of each.
        catalogue: Id → instrument.

    Returns:
        ``<measure>.<form>``, ``<measure>.<form>.<item>`` and ``<measure>.<form>=<answer>`` → one
        number a clinic-month, missing where the form is not in use.
    """
    codes = slices.codes(responses)
    instruments, raters = _Coded(responses.instrument), _Coded(responses.rater)
    used = [frozenset(owner.forms) for owner in owners]
    found: dict[str, Numbers] = {}
    for form in dict.fromkeys(form for owner in owners for form in owner.forms):
        instrument, rater = form.rsplit(".", 1)
        here = np.flatnonzero(instruments.equal(instrument) & raters.equal(rater))
        columns = ITEM_COLUMNS[: catalogue[instrument].n_items]
        items = np.column_stack([responses[name].to_numpy(dtype=float)[here] for name in columns])
        in_use = np.array([form in forms for forms in used], dtype=bool)
        measured = _of_form(items, codes[here], slices) | measure_answers(
            items, codes[here], slices, catalogue[instrument]
        )
        for name, values in measured.items():
            found[_named(name, form)] = np.where(in_use, values, np.nan)
    return found


def _named(name: str, form: str) -> str:
    """Put the form behind the measure: ``item_mean.03`` → ``item_mean.phq-9.patient.03``."""
    place = next((place for place, sign in enumerate(name) if sign in ".="), len(name))
    return f"{name[:place]}.{form}{name[place:]}"


class _Coded:
    """A column of few different texts, compared as numbers."""

    def __init__(self, texts: "pd.Series[str]") -> None:
        self._codes, uniques = pd.factorize(texts)
        self._places = {text: place for place, text in enumerate(uniques)}

    def equal(self, text: str) -> Mask:
        """Return which rows hold the text, shape (n,)."""
        found: Mask = self._codes == self._places.get(text, -2)
        return found


def _of_form(items: npt.NDArray[np.float64], codes: Codes, slices: Slices) -> dict[str, Numbers]:
    """Measure the administrations of one form, shape (forms, items)."""
    n_items = items.shape[1]
    is_given = ~np.isnan(items)
    given = np.stack([slices.count(codes, is_given[:, item]) for item in range(n_items)])
    n_forms = slices.count(codes)
    is_complete: Mask = np.logical_and.reduce(is_given, axis=1)
    is_straight = is_complete & np.equal(items, items[:, :1]).all(axis=1)
    n_complete = slices.count(codes, is_complete)
    is_enough = n_forms >= ENOUGH_FORMS
    asks_lines = is_enough & (n_items >= LONG_FORM) & (n_complete > 0)
    missing = 1 - given.sum(axis=0) / np.maximum(n_forms * n_items, 1)
    straight = _where(asks_lines, slices.count(codes, is_straight) / np.maximum(n_complete, 1))
    is_level = n_forms >= ENOUGH_FOR_A_LEVEL
    return {
        "administrations": n_forms,
        "items_unanswered": np.where(is_enough, (given == 0).sum(axis=0), np.nan),
        "answers_missing_share": _where(n_forms > 0, missing),
        "straight_share": straight,
        "missing_level": _where(is_level, missing),
        "straight_level": _where(is_level, straight),
    }


def _where(is_asked: npt.NDArray[np.bool_], values: Numbers) -> Numbers:
    return np.where(is_asked, values, np.nan)
