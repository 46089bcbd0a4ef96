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
from rapport.clinics.mapping import ATTENDANCES
from rapport.exports.covariates import judge_covariates
from rapport.exports.elsewhere import KnownPatients
from rapport.exports.endings import ending_in_order
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
from rapport.exports.key_facts import key_facts, patient_facts
from rapport.exports.questions import About, Answers, each, where
from rapport.exports.standing import SESSION_KEY, Standing, standing_of
from rapport.exports.text_checks import is_iso_day
from rapport.exports.text_rows import forms_in, item_columns
from rapport.exports.totals import total_matches
from rapport.exports.vanished import KNOWN_TO, vanished_of
from rapport.instruments import Instrument
from rapport.months import Month

FACT = "fact."
"""Stands before the name of a fact in the frame."""

FACTS = (
    "fields_complete",
    "patient_given",
    "patient_distinct",
    "patient_own",
    "therapist_given",
    "therapist_spelt",
    "therapist_registered",
    "clinic_matches",
    "session_readable",
    "session_consistent",
    "session_attended",
    "date_readable",
    "date_in_month",
    "date_not_future",
    "date_not_before_start",
    "date_not_after_end",
    "therapist_in_term",
    "ending_in_order",
    "key_unique",
    "answers_placed",
    "text_clean",
    "keys_plain",
    "total_matches",
)
"""Every fact, in the order of the frame's columns."""

_NO_END = date.max.toordinal()

_WORDS = np.array(["no", "yes", None], dtype=object)


def add_facts(
    rows: pd.DataFrame,
    *,
    clinics: Mapping[str, Clinic],
    catalogue: Mapping[str, Instrument],
    known: KnownPatients | None = None,
) -> pd.DataFrame:
    """Answer every question about every row.

    Args:
        rows: The text frame of any number of files and clinic-months, from
            :func:`~rapport.exports.reading.concat_rows`.
        clinics: Clinics by id, for their therapists, mappings and first months.
        catalogue: Instruments by id, for the totals.
        known: Patients known from earlier months, where clinics share a scheme of ids.

    Returns:
        A new frame with the same rows, in which keys and session facts are taken over from the
        patient's record and from the other rows of the session, and with the columns ``standing``
        (one of :data:`~rapport.exports.standing.STANDINGS`), ``known_to``, ``fact.<name>`` of
        :data:`FACTS`, and ``fact.covariate.<name>`` for every covariate in the frame.
    """
    rows = rows.copy()
    about = About(rows)
    covariates = judge_covariates(rows, about, clinics)
    inherit_from_records(rows, clinics)
    session_ids = group_ids(column_arrays(rows, SESSION_KEY), len(rows))
    vanished = vanished_of(
        rows,
        standing_of(rows, session_ids, about.is_keyed),
        session_ids,
        is_keyed=about.is_keyed,
        clinics=clinics,
    )
    standing, rows[KNOWN_TO] = vanished.standing, vanished.known_to
    counted = about.is_session & about.is_keyed & standing.is_current
    is_contradicted = share_session_facts(rows, session_ids, counted)
    is_answered_twice = _answered_twice(rows, session_ids, counted, catalogue)
    facts = {
        **key_facts(rows, about, clinics),
        **patient_facts(
            rows, about, standing.is_current, clinics=clinics, known=known or KnownPatients()
        ),
        **_date_facts(rows, about, clinics),
        "ending_in_order": ending_in_order(rows, counted),
        **_standing_facts(about, standing, counted, is_contradicted, is_answered_twice),
        "session_attended": _attended(rows, about, catalogue),
        "total_matches": where(about.is_read, total_matches(rows, catalogue)),
    }
    added = {"standing": standing.words(), **{FACT + name: _WORDS[facts[name]] for name in FACTS}}
    added |= {FACT + name: _WORDS[answers] for name, answers in covariates.items()}
    return pd.concat([rows, pd.DataFrame(added, index=rows.index, dtype=object)], axis=1)


def _date_facts(
    rows: pd.DataFrame, about: About, clinics: Mapping[str, Clinic]
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
    end = _by_text(rows["clinic_id"].to_numpy(), lambda clinic_id: _last_day(clinics[clinic_id]))
    asked = about.is_session & is_readable
    return {
        "date_readable": where(about.is_session, is_readable),
        "date_in_month": where(asked, (days >= first) & (days <= last)),
        "date_not_future": where(asked, days <= last),
        "date_not_before_start": where(asked, days >= start),
        "date_not_after_end": where(asked & (end < _NO_END), days <= end),
        "therapist_in_term": _in_term(rows, days, asked, clinics),
    }


def _last_day(clinic: Clinic) -> int:
    return Month.parse(clinic.last_month).last_day.toordinal() if clinic.last_month else _NO_END


def _in_term(rows: pd.DataFrame, days: Ids, asked: Mask, clinics: Mapping[str, Clinic]) -> Answers:
    """Whether a therapist whose time in the clinic is limited worked there on the day."""
    holds, is_limited = np.ones(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    if not any(clinic.terms for clinic in clinics.values()):
        return where(is_limited, holds)
    ids, therapists = (rows[name].to_numpy() for name in ("clinic_id", "therapist"))
    for clinic in clinics.values():
        for therapist, term in clinic.terms.items():
            own = (ids == clinic.id) & (therapists == therapist) & asked
            first = term.from_day.toordinal() if term.from_day else 0
            last = term.until.toordinal() if term.until else _NO_END
            is_limited |= own
            holds[own] = (days[own] >= first) & (days[own] <= last)
    return where(is_limited, holds)


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
    about: About,
    standing: Standing,
    counted: Mask,
    is_contradicted: Mask,
    is_answered_twice: Mask,
) -> dict[str, Answers]:
    is_unique = ~standing.is_in_conflict & ~is_answered_twice
    return {
        "key_unique": where(about.is_keyed, is_unique),
        "session_consistent": where(counted, ~is_contradicted),
        "answers_placed": where(about.is_read, about.strays != "yes"),
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


def _attended(rows: pd.DataFrame, about: About, catalogue: Mapping[str, Instrument]) -> Answers:
    """Whether a row with answers, and an attendance that is known, is of a session held."""
    answered = np.zeros(len(rows), dtype=bool)
    for block in _form_blocks(rows, catalogue):
        for column in block:
            answered |= pd.notna(column)
    attendance = rows["attendance"]
    is_known = attendance.isna() | attendance.isin(ATTENDANCES)
    asked = about.is_session & answered & is_known.to_numpy()
    return where(asked, (attendance.isna() | (attendance == "attended")).to_numpy())
