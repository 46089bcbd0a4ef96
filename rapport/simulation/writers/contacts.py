"""What one clinic's software knows of one month: appointments with the answers given at them.

Answers are text here, on the instrument's own scale; an item that was left out is ``""``, and so
are all items of a form that did not come in. How a shape spells either is the shape's affair.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.simulation.clinics import ClinicProfile
from rapport.simulation.forms import FORMS, Form
from rapport.simulation.world import World

Text = NDArray[np.object_]

_DIGITS = np.array([*(str(digit) for digit in range(10)), ""], dtype=object)
_LEFT_OUT = 10
YOUNGEST, OLDEST = 18, 75
"""Ages at the start of treatment; they have no effect in this world."""

_AGE_SPAN = OLDEST - YOUNGEST + 1
_STRIDE, _EVERY = 37, 29
_REMARK_SHARE = 0.03
_REMARK = 'Invented remark, with a comma; and "quotation marks".'


@dataclass(frozen=True)
class Contacts:
    """The appointments of one clinic-month and what was answered at them.

    Attributes:
        month: The month, ``YYYY-MM``.
        sessions: Appointments, as :class:`rapport.simulation.world.World` holds them.
        answers: Form key → text, shape (appointments, items).
        given: Form key → whether the form came in, shape (appointments,).
        rng: Source of the writer's own randomness, seeded by world, clinic and month.
    """

    month: str
    sessions: pd.DataFrame
    answers: Mapping[str, Text]
    given: Mapping[str, NDArray[np.bool_]]
    rng: np.random.Generator

    def __len__(self) -> int:
        return len(self.sessions)

    def dates(self, pattern: str) -> Text:
        """Return the session dates as the clinic writes them."""
        return self.text(self.sessions["session_date"].dt.strftime(pattern))

    def words(self, column: str, spelling: Mapping[str, str]) -> Text:
        """Return a session fact in the clinic's own spelling."""
        return self.text(self.sessions[column].map(dict(spelling)))

    def ages(self) -> Text:
        """Return each patient's age in years at the start; blank where nobody asked for it."""
        person = self.sessions["person"].to_numpy()
        years = (YOUNGEST + person * _STRIDE % _AGE_SPAN).astype(str).astype(object)
        return np.where(person % _EVERY == 0, "", years).astype(object)

    def employment(self, spelling: Mapping[str, str]) -> Text:
        """Return each patient's employment in the clinic's own spelling."""
        words = np.array(list(spelling.values()), dtype=object)
        person = self.sessions["person"].to_numpy()
        return np.asarray(words[person * _STRIDE // _AGE_SPAN % len(words)], dtype=object)

    def text(self, values: pd.Series) -> Text:
        """Return any column as text."""
        return values.astype(str).to_numpy(dtype=object)

    def remarks(self) -> Text:
        """Return free text as patients leave it now and then; no export lets Rapport read it."""
        is_left = self.rng.random(len(self)) < _REMARK_SHARE
        return np.where(is_left, _REMARK, "").astype(object)

    def spelt(self, form: Form, missing: tuple[str, ...], codes: Text | None = None) -> Text:
        """Return a form's answers with left-out items spelt in one of the ways ``missing``.

        Args:
            form: Which form.
            missing: The clinic's spellings of an item that was left out; one is drawn for each.
            codes: Answer → the clinic's code, by position from 0; answers as they are without it.

        Returns:
            Text, shape (appointments, items); ``""`` throughout where the form did not come in.
        """
        plain = self.answers[form.key]
        is_blank = plain == ""
        given = self.given[form.key][:, None]
        drawn = np.array(missing, dtype=object)[self.rng.integers(0, len(missing), plain.shape)]
        coded = plain
        if codes is not None:
            coded = codes[np.where(is_blank, "0", plain).astype(int)]
        return np.where(is_blank, np.where(given, drawn, ""), coded)


def contacts_of(world: World, clinic: ClinicProfile) -> Iterator[Contacts]:
    """Yield one clinic's contacts month by month, oldest first."""
    own = world.sessions[world.sessions["clinic_id"] == clinic.id]
    answers = {form.key: _as_text(world.responses[form.key], form, own.index) for form in FORMS}
    given = {form.key: own.index.isin(world.responses[form.key].index) for form in FORMS}
    months = own["month"].to_numpy()
    for month in np.unique(months):
        chosen = np.flatnonzero(months == month)
        yield Contacts(
            month=str(month),
            sessions=own.iloc[chosen],
            answers={key: text[chosen] for key, text in answers.items()},
            given={key: flags[chosen] for key, flags in given.items()},
            rng=np.random.default_rng([world.seed, *clinic.id.encode(), *str(month).encode()]),
        )


def _as_text(responses: pd.DataFrame, form: Form, contacts: pd.Index) -> Text:
    """Return a form's items as digits, one row a contact, ``""`` where there is no answer."""
    items = responses.reindex(contacts)[[f"item_{n + 1:02d}" for n in range(form.n_items)]]
    text: Text = _DIGITS[items.fillna(_LEFT_OUT).to_numpy(dtype=np.int64)]
    return text


def age_mapping(column: str) -> dict[str, Any]:
    """Return how the age is declared: a column of whole years."""
    return {"column": column, "kind": "number", "minimum": 16, "maximum": 110}
