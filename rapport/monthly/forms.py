"""The month's complete forms, item by item: what the consistency of answers is computed from."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from rapport.monthly.parts import parts_by_forms
from rapport.monthly.slices import clinic_ids, grid
from rapport.months import Month
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.statistics.estimating.forms import FormItems

_KEYS = ("clinic_id", "patient_id", "instrument", "rater")


FORMS_AT_ONCE = 60_000
"""Forms that are read at a time, unless one clinic has more."""


def forms_of_month(home: "Home", month: Month) -> "Iterator[FormItems]":
    """Yield the complete forms of passed clinic-months, reversed items turned round.

    Forms whose key is uncertain, and instruments whose consistency is not told, are left out; so
    is a form with an answer missing or off the scale. Each kind of form comes some clinics at a
    time: of all clinics only sums are needed.
    """
    slices = grid(sorted(home.registry.clinics), [str(month)])
    for part in parts_by_forms(home, slices, FORMS_AT_ONCE):
        yield from _forms_of(home, month, clinic_ids(part))


def _forms_of(home: "Home", month: Month, clinics: Sequence[str]) -> "Iterator[FormItems]":
    from rapport.scoring.answers import keyed_answers
    from rapport.statistics.estimating.forms import FormItems
    from rapport.statistics.figures.estimates import CONSISTENCY_FORMS

    names = list(dict.fromkeys(form.partition(".")[0] for form in CONSISTENCY_FORMS))
    every = home.warehouse.read_passed(
        tables.survey_responses,
        [str(month)],
        clinics=clinics,
        columns=[*_KEYS, *tables.ITEM_COLUMNS],
        coded=True,
        instrument=names,
    )
    for form in CONSISTENCY_FORMS:
        name, _, rater = form.partition(".")
        instrument = home.catalogue.get(name)
        if instrument is None or not instrument.key.is_usable:
            continue
        items = tables.ITEM_COLUMNS[: instrument.n_items]
        is_form = (every["instrument"] == name) & (every["rater"] == rater)
        rows = every.loc[is_form, [*_KEYS, *items]]
        answers = keyed_answers(rows[list(items)].to_numpy(np.float64), instrument)
        is_complete = (answers.is_answered & ~answers.is_foreign).all(axis=1)
        if is_complete.any():
            kept = rows[is_complete]
            yield FormItems(
                form=form,
                clinic=kept["clinic_id"].to_numpy(object),
                patient=kept["patient_id"].to_numpy(object),
                items=answers.keyed[is_complete],
            )
