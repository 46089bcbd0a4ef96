"""LimeSurvey, responses as CSV: question codes as headings, every field quoted, two surveys.

A response that was broken off has no ``submitdate`` and ends at ``lastpage``; what was answered
until then counts like any answer. It is broken off here before the well-being pages, if at all.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rapport.simulation.clinics import ClinicProfile
from rapport.simulation.forms import (
    FLOURISHING,
    GAD,
    PHQ,
    SWLS,
    WAI_PATIENT,
    WAI_THERAPIST,
    WHO,
    Form,
)
from rapport.simulation.writers.contacts import Contacts, Text, age_mapping
from rapport.simulation.writers.native import NativeFile

MODES = {"in_person": "A1", "video": "A2", "telephone": "A3"}
ATTENDANCES = {
    "attended": "Y", "cancelled_by_patient": "CP", "cancelled_by_clinic": "CC", "missed": "N",
}  # fmt: skip
ENDINGS = {"ongoing": "A1", "planned": "A2", "dropped_out": "A3", "referred_on": "A4"}
MISSING = ("",)

_BOOKKEEPING = (
    "id", "submitdate", "lastpage", "startlanguage", "seed", "startdate", "datestamp",
)  # fmt: skip
_KEYS = ("CLIN", "PAT", "THER", "SESSNO", "SESSDATE", "AGE")
_FACTS = ("MODE", "ATT", "ENDE")
_QUESTIONS = {
    WAI_PATIENT.key: "WAI", WAI_THERAPIST.key: "WAIT", PHQ.key: "PHQ", GAD.key: "GAD",
    SWLS.key: "SWLS", FLOURISHING.key: "FS", WHO.key: "WHO",
}  # fmt: skip
_SURVEYS: dict[str, tuple[Form, ...]] = {
    "survey-481516": (WAI_PATIENT, PHQ, GAD, SWLS, FLOURISHING, WHO),
    "survey-481517": (WAI_THERAPIST,),
}
_BY_THERAPIST = "survey-481517"
_LAST_PAGE = {"survey-481516": 7, "survey-481517": 3}
_GAD_PAGE = 4
_BROKEN_OFF_SHARE = 0.03
_DATE_TIME = "%Y-%m-%d %H:%M:%S"


def _items(form: Form) -> list[str]:
    return [f"{_QUESTIONS[form.key]}[SQ{n:03d}]" for n in range(1, form.n_items + 1)]


def _columns(survey: str) -> list[str]:
    facts = _FACTS if survey == _BY_THERAPIST else ()
    items = [column for form in _SURVEYS[survey] for column in _items(form)]
    return [*_BOOKKEEPING, *_KEYS, *facts, *items, "REMARK"]


def mappings(clinic: ClinicProfile) -> list[dict[str, Any]]:
    """Return how this clinic's two surveys are to be read."""
    return [_mapping(clinic, survey) for survey in _SURVEYS]


def _mapping(clinic: ClinicProfile, survey: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if survey == _BY_THERAPIST:
        facts = {
            "mode": _coded("MODE", MODES),
            "attendance": _coded("ATT", ATTENDANCES),
            "ending": _coded("ENDE", ENDINGS),
        }
    keys = {"patient": "PAT", "therapist": "THER", "session": "SESSNO", "date": "SESSDATE"}
    return {
        "id": survey,
        "path": f"{{month}}/results-{survey}-{{month}}*.csv",
        "format": "limesurvey",
        "encoding": clinic.encoding,
        "delimiter": clinic.delimiter,
        "dates": [_DATE_TIME],
        "clinic": {"CLIN": clinic.code},
        **keys,
        **facts,
        "covariates": {"age": age_mapping("AGE")},
        "test_rows": {"PAT": ["TEST"]},
        "forms": [_form_mapping(clinic, form) for form in _SURVEYS[survey]],
        "ignored": [*_BOOKKEEPING, "REMARK"],
    }


def _form_mapping(clinic: ClinicProfile, form: Form) -> dict[str, Any]:
    mapping: dict[str, Any] = {
        "instrument": form.instrument,
        "rater": form.rater,
        "items": f"{_QUESTIONS[form.key]}[SQ{{item:03d}}]",
    }
    codes = _codes(clinic, form)
    if codes is not None:
        mapping["codes"] = {codes[n]: str(n) for n in range(form.low, form.high + 1)}
    return mapping


def _codes(clinic: ClinicProfile, form: Form) -> Text | None:
    """Return answer → ``AO01`` …: LimeSurvey numbers the options, whatever the scale says."""
    if clinic.coding != "ao":
        return None
    return np.array([f"AO{answer - form.low + 1:02d}" for answer in range(10)], dtype=object)


def _coded(column: str, spelling: dict[str, str]) -> dict[str, Any]:
    return {"column": column, "codes": {code: word for word, code in spelling.items()}}


def files(clinic: ClinicProfile, contacts: Contacts) -> Iterator[NativeFile]:
    """Yield the month's two files; the patient's has no row where no form came in."""
    everything = np.ones(len(contacts), dtype=bool)
    for survey in _SURVEYS:
        by_therapist = survey == _BY_THERAPIST
        chosen = everything if by_therapist else contacts.given[WAI_PATIENT.key]
        rows = _responses(clinic, contacts, survey)[chosen]
        rows = rows[np.argsort(rows[:, 5], kind="stable")]
        rows[:, 0] = [str(number) for number in range(1, len(rows) + 1)]
        yield NativeFile(
            clinic_id=clinic.id,
            month=contacts.month,
            export_id=survey,
            path=f"{contacts.month}/results-{survey}-{contacts.month}.csv",
            headers=[_columns(survey)],
            rows=rows.tolist(),
            delimiter=clinic.delimiter,
            encoding=clinic.encoding,
            quoting="all",
        )


def _responses(clinic: ClinicProfile, contacts: Contacts, survey: str) -> Text:
    """Return one response for every appointment."""
    is_broken_off = contacts.rng.random(len(contacts)) < _BROKEN_OFF_SHARE
    is_broken_off &= (survey != _BY_THERAPIST) & ~contacts.given[SWLS.key]
    parts = [_bookkeeping(clinic, contacts, survey, is_broken_off), _keys(clinic, contacts)]
    if survey == _BY_THERAPIST:
        parts.append(_facts(contacts))
    for form in _SURVEYS[survey]:
        parts.append(contacts.spelt(form, MISSING, _codes(clinic, form)))
    parts.append(contacts.remarks()[:, None])
    return np.column_stack(parts)


def _bookkeeping(
    clinic: ClinicProfile, contacts: Contacts, survey: str, is_broken_off: NDArray[np.bool_]
) -> Text:
    """Return LimeSurvey's own columns; ``id`` is filled in when the file is put together."""
    count = len(contacts)
    day = contacts.dates("%Y-%m-%d")
    minutes = np.array([f" 18:{m:02d}:07" for m in contacts.rng.integers(0, 59, count)], object)
    pages = np.where(is_broken_off, str(_GAD_PAGE), str(_LAST_PAGE[survey]))
    seeds = contacts.rng.integers(10**8, 2 * 10**9, count).astype(str)
    columns = [
        np.full(count, "", dtype=object),
        np.where(is_broken_off, "", day + minutes),
        pages.astype(object),
        np.full(count, clinic.locale[:2], dtype=object),
        seeds.astype(object),
        day + " 18:00:00",
        day + minutes,
    ]
    return np.column_stack(columns)


def _keys(clinic: ClinicProfile, contacts: Contacts) -> Text:
    sessions = contacts.sessions
    return np.column_stack(
        [
            np.full(len(contacts), clinic.code, dtype=object),
            contacts.text(sessions["patient_id"]),
            contacts.text(sessions["therapist_id"]),
            contacts.text(sessions["session"]),
            contacts.dates("%Y-%m-%d 00:00:00"),
            contacts.ages(),
        ]
    )


def _facts(contacts: Contacts) -> Text:
    return np.column_stack(
        [
            contacts.words("mode", MODES),
            contacts.words("attendance", ATTENDANCES),
            contacts.words("ending", ENDINGS),
        ]
    )
