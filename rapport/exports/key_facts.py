"""Questions about the keys of each row: given, known, clean, and not to be mistaken for others.

A key is asked one thing at a time: only one that is clean is asked whether it is plain, and only
one that is plain whether it is known. So a row is told the cause, and not all that follows from it.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from rapport.clinics import Clinic
from rapport.exports.elsewhere import KnownPatients, is_own_patient
from rapport.exports.grouping import Mask, column_arrays, group_ids
from rapport.exports.lookalikes import is_plain, looks_like
from rapport.exports.questions import About, Answers, each, where
from rapport.exports.text_checks import is_clean

CLEAN_KEYS = ("patient", "therapist", "episode", "session", "date")
"""Keys that must be clean."""

PLAIN_KEYS = ("patient", "therapist", "episode")
"""Keys that people choose freely, and that must be plain."""


def key_facts(
    rows: pd.DataFrame, about: About, clinics: Mapping[str, Clinic]
) -> dict[str, Answers]:
    """Answer what each row's keys can be asked by themselves.

    Args:
        rows: The text frame, n rows.
        about: The same rows' kinds.
        clinics: Clinics by id.

    Returns:
        Fact → answers of shape (n,).
    """
    has_therapist = rows["therapist"].notna().to_numpy()
    is_neat = {name: _holds(rows, name, is_clean) for name in CLEAN_KEYS}
    clean = np.logical_and.reduce(list(is_neat.values()))
    plain = np.logical_and.reduce([_holds(rows, name, is_plain) for name in PLAIN_KEYS])
    is_sound = is_neat["therapist"] & _holds(rows, "therapist", is_plain)
    is_known, is_near = _registered(rows, clinics)
    states_clinic = pd.notna(about.stated_clinic)
    asked = about.is_read & has_therapist & is_sound
    return {
        "fields_complete": about.is_whole.astype(np.int8),
        "patient_given": where(about.is_read, about.has_patient),
        "therapist_given": where(about.is_session, has_therapist),
        "therapist_spelt": where(asked, is_known | ~is_near),
        "therapist_registered": where(asked & (is_known | ~is_near), is_known),
        "clinic_matches": where(about.is_read & states_clinic, about.stated_clinic == "own"),
        "session_readable": where(
            about.is_session & ~_numbered_by_day(rows, clinics), about.is_session_readable
        ),
        "text_clean": where(about.is_read, clean),
        "keys_plain": where(about.is_read & clean, plain),
    }


def patient_facts(
    rows: pd.DataFrame,
    about: About,
    is_current: Mask,
    *,
    clinics: Mapping[str, Clinic],
    known: KnownPatients,
) -> dict[str, Answers]:
    """Answer whether each row's patient can be mistaken for another, or is another clinic's.

    Args:
        rows: The text frame, n rows.
        about: The same rows' kinds.
        is_current: Rows that are neither superseded nor repetitions, shape (n,).
        clinics: Clinics by id.
        known: Patients known from elsewhere.
    """
    asked = about.is_read & about.has_patient & is_current
    is_sound = _holds(rows, "patient", is_clean) & _holds(rows, "patient", is_plain)
    return {
        "patient_distinct": where(asked & is_sound, ~_mistakable(rows, asked & is_sound)),
        "patient_own": where(asked, is_own_patient(rows, asked, clinics, known)),
    }


def _numbered_by_day(rows: pd.DataFrame, clinics: Mapping[str, Clinic]) -> Mask:
    """Whether each row's session is the day: what is wrong with it is then told of the date."""
    exports = [(one, export) for one in clinics.values() for export in one.exports]
    named = {(one.id, export.id) for one, export in exports if export.session_by_date}
    found = np.zeros(len(rows), dtype=bool)
    if named:
        pairs = zip(rows["clinic_id"].tolist(), rows["export_id"].tolist(), strict=True)
        found[:] = [pair in named for pair in pairs]
    return found


def _holds(rows: pd.DataFrame, name: str, holds: Callable[[str], bool]) -> Mask:
    texts = rows[name].to_numpy()
    found: Mask = each(texts, holds) | pd.isna(texts)
    return found


def _registered(rows: pd.DataFrame, clinics: Mapping[str, Clinic]) -> tuple[Mask, Mask]:
    """Whether each row's therapist stands in its clinic's registry entry, or one alike does."""
    pairs = group_ids(column_arrays(rows, ("clinic_id", "therapist")), len(rows))
    firsts = np.unique(pairs, return_index=True)[1]
    ids, therapists = (rows[name].to_numpy()[firsts] for name in ("clinic_id", "therapist"))
    known = {clinic_id: frozenset(clinic.therapists) for clinic_id, clinic in clinics.items()}
    alike = {name: {looks_like(one) for one in found} for name, found in known.items()}
    exact = [one in known[name] for name, one in zip(ids, therapists, strict=True)]
    near = [
        isinstance(one, str) and looks_like(one) in alike[name]
        for name, one in zip(ids, therapists, strict=True)
    ]
    return np.array(exact, dtype=bool)[pairs], np.array(near, dtype=bool)[pairs]


def _mistakable(rows: pd.DataFrame, asked: Mask) -> Mask:
    """Whether another patient of the clinic has an id that looks the same."""
    places = np.flatnonzero(asked)
    ids, patients = (rows[name].to_numpy()[places] for name in ("clinic_id", "patient"))
    shapes = {patient: looks_like(patient) for patient in set(patients.tolist())}
    keys = [(name, shapes[one]) for name, one in zip(ids, patients, strict=True)]
    spellings: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for key, patient in zip(keys, patients, strict=True):
        spellings[key].add(patient)
    mistakable = np.zeros(len(rows), dtype=bool)
    mistakable[places] = [len(spellings[key]) > 1 for key in keys]
    return mistakable
