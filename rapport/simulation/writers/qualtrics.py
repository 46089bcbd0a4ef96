"""Qualtrics: two surveys a month, three header rows, recode values, direct identifiers around them.

The therapist's survey is opened for every appointment, also one that did not take place: it says
where the session was and whether anybody came. The patient's survey holds the questionnaires.
"""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

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

MODES = {"in_person": "1", "video": "2", "telephone": "4"}
ATTENDANCES = {
    "attended": "1", "cancelled_by_patient": "2", "cancelled_by_clinic": "3", "missed": "5",
}  # fmt: skip
ENDINGS = {"ongoing": "1", "planned": "2", "dropped_out": "3", "referred_on": "4"}
MISSING = ("", "-99", "-99")

_FIXED = {
    "StartDate": "startDate", "EndDate": "endDate", "Status": "status", "IPAddress": "ipAddress",
    "Progress": "progress", "Duration (in seconds)": "duration", "Finished": "finished",
    "RecordedDate": "recordedDate", "ResponseId": "_recordId",
    "RecipientLastName": "recipientLastName", "RecipientFirstName": "recipientFirstName",
    "RecipientEmail": "recipientEmail", "ExternalReference": "externalDataReference",
    "LocationLatitude": "locationLatitude", "LocationLongitude": "locationLongitude",
    "DistributionChannel": "distributionChannel", "UserLanguage": "userLanguage",
}  # fmt: skip
"""Columns that every Qualtrics export has → the ImportId in its third header row."""

_EMBEDDED = ("patient_code", "therapist_code", "session_number", "session_date", "site", "age")
_QUESTIONS = {
    WAI_PATIENT.key: "Q3", PHQ.key: "Q4", GAD.key: "Q5", SWLS.key: "Q7", FLOURISHING.key: "Q8",
    WHO.key: "Q9", WAI_THERAPIST.key: "Q6",
}  # fmt: skip
_SURVEYS: dict[str, tuple[Form, ...]] = {
    "patient-survey": (WAI_PATIENT, PHQ, GAD, SWLS, FLOURISHING, WHO),
    "therapist-survey": (WAI_THERAPIST,),
}
_FACTS = ("Q2_mode", "Q3_attendance", "Q9_ending")
_REMARKS = {"patient-survey": "Q10_TEXT", "therapist-survey": "Q11_TEXT"}
_CODES_FROM_ONE = np.array([str(answer + 1) for answer in range(10)], dtype=object)


def _items(form: Form) -> list[str]:
    return [f"{_QUESTIONS[form.key]}_{n}" for n in range(1, form.n_items + 1)]


def _columns(survey: str) -> list[str]:
    facts = _FACTS if survey == "therapist-survey" else ()
    items = [column for form in _SURVEYS[survey] for column in _items(form)]
    return [*_FIXED, *facts, *items, _REMARKS[survey], *_EMBEDDED]


def _headers(survey: str) -> list[list[str]]:
    """Return the three header rows; question texts are placeholders, not item wording."""
    columns = _columns(survey)
    texts = [column if column in _FIXED else f"Question {column}" for column in columns]
    texts[-len(_EMBEDDED) :] = _EMBEDDED
    ids = [
        _FIXED.get(column) or (column if column in _EMBEDDED else f"QID{column[1:]}")
        for column in columns
    ]
    return [columns, texts, [_import_id(i) for i in ids]]


def _import_id(name: str) -> str:
    """Return one cell of the third header row; that of a time also names its zone."""
    zone = {"timeZone": "Etc/UTC"} if name.endswith("Date") else {}
    return json.dumps({"ImportId": name} | zone, separators=(",", ":"))


def mappings(clinic: ClinicProfile) -> list[dict[str, Any]]:
    """Return how this clinic's two surveys are to be read."""
    return [_mapping(clinic, survey) for survey in _SURVEYS]


def _mapping(clinic: ClinicProfile, survey: str) -> dict[str, Any]:
    facts: dict[str, Any] = {}
    if survey == "therapist-survey":
        facts = {
            "mode": _coded("Q2_mode", MODES),
            "attendance": _coded("Q3_attendance", ATTENDANCES),
            "ending": _coded("Q9_ending", ENDINGS),
        }
    keys = {
        "patient": "patient_code", "therapist": "therapist_code",
        "session": "session_number", "date": "session_date",
    }  # fmt: skip
    return {
        "id": survey,
        "path": f"{{month}}/{survey}_{{month}}*.csv",
        "format": "qualtrics",
        "dates": [clinic.dates],
        "missing_codes": {"-99": "skipped"},
        "clinic": {"site": clinic.code},
        **keys,
        **facts,
        "covariates": {"age": age_mapping("age")},
        "test_rows": {"Status": ["1", "2"], "DistributionChannel": ["preview"]},
        "forms": [_form_mapping(clinic, form) for form in _SURVEYS[survey]],
        "ignored": [
            *(name for name in _FIXED if name not in {"Status", "DistributionChannel"}),
            _REMARKS[survey],
        ],
    }


def _form_mapping(clinic: ClinicProfile, form: Form) -> dict[str, Any]:
    mapping: dict[str, Any] = {
        "instrument": form.instrument,
        "rater": form.rater,
        "items": f"{_QUESTIONS[form.key]}_{{item}}",
    }
    if _is_recoded(clinic, form):
        mapping["codes"] = {str(n + 1): str(n) for n in range(form.low, form.high + 1)}
    return mapping


def _is_recoded(clinic: ClinicProfile, form: Form) -> bool:
    """Whether the survey's recode values count from 1 where the scale counts from 0."""
    return clinic.coding == "from_one" and form.low == 0


def _coded(column: str, spelling: dict[str, str]) -> dict[str, Any]:
    return {"column": column, "codes": {code: word for word, code in spelling.items()}}


def files(clinic: ClinicProfile, contacts: Contacts) -> Iterator[NativeFile]:
    """Yield the month's two files; the patient's has no row where no form came in."""
    everything = np.ones(len(contacts), dtype=bool)
    for survey, chosen in (
        ("patient-survey", contacts.given[WAI_PATIENT.key]), ("therapist-survey", everything),
    ):  # fmt: skip
        parts = [_fixed(clinic, contacts, survey)]
        if survey == "therapist-survey":
            parts.append(_facts(contacts))
        for form in _SURVEYS[survey]:
            codes = _CODES_FROM_ONE if _is_recoded(clinic, form) else None
            parts.append(contacts.spelt(form, MISSING, codes))
        parts.append(contacts.remarks()[:, None])
        parts.append(_embedded(clinic, contacts))
        yield NativeFile(
            clinic_id=clinic.id,
            month=contacts.month,
            export_id=survey,
            path=f"{contacts.month}/{survey}_{contacts.month}.csv",
            headers=_headers(survey),
            rows=np.column_stack(parts)[chosen].tolist(),
        )


def _fixed(clinic: ClinicProfile, contacts: Contacts, survey: str) -> Text:
    """Return Qualtrics' own columns; addresses and places are from ranges for documentation."""
    count = len(contacts)
    day = contacts.dates("%Y-%m-%d")
    seconds = contacts.rng.integers(120, 900, count).astype(str).astype(object)
    hosts = contacts.rng.integers(1, 255, count).astype(str).astype(object)
    letters = np.array(list("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"))
    drawn = letters[contacts.rng.integers(0, len(letters), (count, 15))]
    values: dict[str, Any] = {
        "StartDate": day + " 17:05:00", "EndDate": day + " 17:20:00", "Status": "0",
        "IPAddress": "192.0.2." + hosts, "Progress": "100", "Duration (in seconds)": seconds,
        "Finished": "1", "RecordedDate": day + " 17:20:01",
        "ResponseId": np.array(["R_" + "".join(row) for row in drawn], dtype=object),
        "LocationLatitude": "0.0", "LocationLongitude": "0.0",
        "DistributionChannel": "anonymous", "UserLanguage": clinic.locale[:2].upper(),
    }  # fmt: skip
    rows: Text = np.full((count, len(_FIXED)), "", dtype=object)
    for position, column in enumerate(_FIXED):
        rows[:, position] = values.get(column, "")
    return rows


def _facts(contacts: Contacts) -> Text:
    return np.column_stack(
        [
            contacts.words("mode", MODES),
            contacts.words("attendance", ATTENDANCES),
            contacts.words("ending", ENDINGS),
        ]
    )


def _embedded(clinic: ClinicProfile, contacts: Contacts) -> Text:
    sessions = contacts.sessions
    return np.column_stack(
        [
            contacts.text(sessions["patient_id"]),
            contacts.text(sessions["therapist_id"]),
            contacts.text(sessions["session"]),
            contacts.dates(clinic.dates),
            np.full(len(contacts), clinic.code, dtype=object),
            contacts.ages(),
        ]
    )
