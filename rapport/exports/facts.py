"""Questions about each row, answered before any rule is asked: yes, no, or no such question.

One fact is the subject of one row rule. Facts are computed over all files of a clinic-month
together, because duplicates, corrections and the two sides of a session lie in different files.

Two facts need a word. ``session_consistent``: the current rows of one session do not contradict
each other about therapist, date, mode, attendance or ending; a contradiction puts all of them in
question, as no one knows which is right. ``answers_placed``: no answers stand in a form's columns
on a row where the mapping does not look for that form, and so would be lost without a word.
"""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.clinics import Clinic
from rapport.exports.grouping import (
    Ids,
    Mask,
    Texts,
    column_arrays,
    group_ids,
    is_shared,
    is_varied,
)
from rapport.exports.inheritance import inherit_from_records, share_session_facts
from rapport.exports.standing import SESSION_KEY, Standing, standing_of
from rapport.exports.text_checks import is_clean, is_iso_day, is_session_number
from rapport.exports.text_rows import forms_in, item_columns
from rapport.exports.totals import total_matches
from rapport.instruments import Instrument
from rapport.months import Month

FACT = "fact."
"""Stands before the name of a fact in the frame."""

FACTS = (
    "fields_complete",
    "patient_given",
    "therapist_given",
    "therapist_registered",
    "clinic_matches",
    "session_readable",
    "session_consistent",
    "session_attended",
    "date_readable",
    "date_in_month",
    "date_not_future",
    "date_not_before_start",
    "key_unique",
    "answers_placed",
    "text_clean",
    "total_matches",
)
"""Every fact, in the order of the frame's columns."""

_WORDS = np.array(["no", "yes", None], dtype=object)
_KEYS = ("patient", "therapist", "episode", "session", "date")


def add_facts(
    rows: pd.DataFrame, *, clinics: Mapping[str, Clinic], catalogue: Mapping[str, Instrument]
) -> pd.DataFrame:
    """Answer every question about every row.

    Args:
        rows: The text frame of any number of files and clinic-months, from
            :func:`~rapport.exports.reading.concat_rows`.
        clinics: Clinics by id, for their therapists, mappings and first months.
        catalogue: Instruments by id, for the totals.

    Returns:
        A new frame with the same rows, in which keys and session facts are taken over from the
        patient's record and from the other rows of the session, and with the columns ``standing``
        (``current``, ``repeated`` or ``superseded``) and ``fact.<name>`` of :data:`FACTS`.
    """
    rows = rows.copy()
    inherit_from_records(rows, clinics)
    session_ids = group_ids(column_arrays(rows, SESSION_KEY), len(rows))
    about = _About(rows)
    standing = standing_of(rows, session_ids, about.is_keyed)
    counted = about.is_session & about.is_keyed & standing.is_current
    is_contradicted = share_session_facts(rows, session_ids, counted)
    is_answered_twice = _answered_twice(rows, session_ids, counted, catalogue)
    facts = {
        **_key_facts(rows, about, clinics),
        **_date_facts(rows, about, clinics),
        **_standing_facts(about, standing, counted, is_contradicted, is_answered_twice),
        "session_attended": _attended(rows, about, catalogue),
        "total_matches": _where(about.is_read, total_matches(rows, catalogue)),
    }
    added = {"standing": standing.words(), **{FACT + name: _WORDS[facts[name]] for name in FACTS}}
    return pd.concat([rows, pd.DataFrame(added, index=rows.index, dtype=object)], axis=1)


class _About:
    """What most questions start from: kinds of rows, and which columns are given."""

    def __init__(self, rows: pd.DataFrame) -> None:
        kinds = rows["kind"].to_numpy()
        self.is_whole = kinds != "broken"
        self.is_session = kinds == "session"
        self.is_read = self.is_session | (kinds == "record")
        self.stated_clinic = rows["stated_clinic"].to_numpy()
        self.strays = rows["strays"].to_numpy()
        self.has_patient = rows["patient"].notna().to_numpy()
        self.is_session_readable = each(rows["session"].to_numpy(), is_session_number)
        self.is_keyed = self.has_patient & (
            (kinds == "record") | (self.is_session & self.is_session_readable)
        )


Answers = npt.NDArray[np.int8]
"""0 for no, 1 for yes, 2 where the question does not arise."""


def _where(asked: Mask, answers: npt.NDArray[np.generic]) -> Answers:
    """Answer where the question arises."""
    return np.where(asked, answers, 2).astype(np.int8)


def each(texts: Texts, holds: Callable[[str], bool]) -> Mask:
    """Ask one question of every different text; no for what is missing."""
    codes, uniques = pd.factorize(texts)
    found = np.array([*(holds(text) for text in uniques), False], dtype=bool)
    answers: Mask = found[codes]
    return answers


def _key_facts(
    rows: pd.DataFrame, about: _About, clinics: Mapping[str, Clinic]
) -> dict[str, Answers]:
    has_therapist = rows["therapist"].notna().to_numpy()
    clean = np.ones(len(rows), dtype=bool)
    for name in _KEYS:
        texts = rows[name].to_numpy()
        clean &= each(texts, is_clean) | pd.isna(texts)
    states_clinic = pd.notna(about.stated_clinic)
    return {
        "fields_complete": about.is_whole.astype(np.int8),
        "patient_given": _where(about.is_read, about.has_patient),
        "therapist_given": _where(about.is_session, has_therapist),
        "therapist_registered": _where(about.is_read & has_therapist, _registered(rows, clinics)),
        "clinic_matches": _where(about.is_read & states_clinic, about.stated_clinic == "own"),
        "session_readable": _where(about.is_session, about.is_session_readable),
        "text_clean": _where(about.is_read, clean),
    }


def _registered(rows: pd.DataFrame, clinics: Mapping[str, Clinic]) -> Mask:
    """Whether each row's therapist stands in its clinic's registry entry."""
    pairs = group_ids(column_arrays(rows, ("clinic_id", "therapist")), len(rows))
    firsts = np.unique(pairs, return_index=True)[1]
    known = {clinic_id: frozenset(clinic.therapists) for clinic_id, clinic in clinics.items()}
    found = [
        therapist in known[clinic_id]
        for clinic_id, therapist in zip(
            rows["clinic_id"].to_numpy()[firsts], rows["therapist"].to_numpy()[firsts], strict=True
        )
    ]
    return np.array(found, dtype=bool)[pairs]


def _date_facts(
    rows: pd.DataFrame, about: _About, clinics: Mapping[str, Clinic]
) -> dict[str, Answers]:
    texts = rows["date"].to_numpy()
    is_readable = each(texts, is_iso_day)
    days = _days(texts, is_readable)
    months = rows["month"].to_numpy()
    first = _by_text(months, lambda month: Month.parse(month).first_day.toordinal())
    last = _by_text(months, lambda month: Month.parse(month).last_day.toordinal())
    start = _by_text(
        rows["clinic_id"].to_numpy(),
        lambda clinic_id: Month.parse(clinics[clinic_id].first_month).first_day.toordinal(),
    )
    asked = about.is_session & is_readable
    return {
        "date_readable": _where(about.is_session, is_readable),
        "date_in_month": _where(asked, (days >= first) & (days <= last)),
        "date_not_future": _where(asked, days <= last),
        "date_not_before_start": _where(asked, days >= start),
    }


def _days(texts: Texts, is_readable: Mask) -> Ids:
    """Return the ordinal of each readable day; 0 for the others."""
    readable = texts.copy()
    readable[~is_readable] = None
    return _by_text(readable, lambda text: date.fromisoformat(text).toordinal())


def _by_text(texts: Texts, number: Callable[[str], int]) -> Ids:
    """Turn every different text into a number; 0 for what is missing."""
    codes, uniques = pd.factorize(texts)
    found = np.array([*(number(text) for text in uniques), 0], dtype=np.int64)
    numbers: Ids = found[codes]
    return numbers


def _standing_facts(
    about: _About,
    standing: Standing,
    counted: Mask,
    is_contradicted: Mask,
    is_answered_twice: Mask,
) -> dict[str, Answers]:
    is_unique = ~standing.is_in_conflict & ~is_answered_twice
    return {
        "key_unique": _where(about.is_keyed, is_unique),
        "session_consistent": _where(counted, ~is_contradicted),
        "answers_placed": _where(about.is_read, about.strays != "yes"),
    }


def _form_blocks(
    rows: pd.DataFrame, catalogue: Mapping[str, Instrument]
) -> list[list[npt.NDArray[np.generic]]]:
    """Return the item columns of every form that the frame holds, form by form."""
    return [
        column_arrays(rows, item_columns(form_key, instrument.n_items))
        for form_key, instrument in forms_in(rows.columns, catalogue).items()
    ]


def _answered_twice(
    rows: pd.DataFrame, session_ids: Ids, counted: Mask, catalogue: Mapping[str, Instrument]
) -> Mask:
    """Rows that answer a form which another current row of the session answers otherwise."""
    twice = np.zeros(len(rows), dtype=bool)
    places = np.flatnonzero(is_shared(session_ids, counted))
    if not len(places):
        return twice
    part = rows.iloc[places]
    groups = group_ids([session_ids[places]], len(places))
    for block in _form_blocks(part, catalogue):
        answered = np.any([pd.notna(column) for column in block], axis=0)
        contents = group_ids(block, len(places))
        twice[places] |= answered & is_varied(contents, groups, answered)
    return twice


def _attended(rows: pd.DataFrame, about: _About, catalogue: Mapping[str, Instrument]) -> Answers:
    """Whether a row with answers belongs to a session that took place."""
    answered = np.zeros(len(rows), dtype=bool)
    for block in _form_blocks(rows, catalogue):
        for column in block:
            answered |= pd.notna(column)
    attendance = rows["attendance"]
    asked = about.is_session & answered
    return _where(asked, (attendance.isna() | (attendance == "attended")).to_numpy())
