"""REDCap, raw export: an intake row for each record, then sparse rows of repeating forms."""

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

MODES = {"in_person": "1", "video": "2", "telephone": "3"}
ATTENDANCES = {
    "attended": "1", "cancelled_by_patient": "2", "cancelled_by_clinic": "3", "missed": "4",
}  # fmt: skip
ENDINGS = {"ongoing": "0", "planned": "1", "dropped_out": "2", "referred_on": "3"}
EMPLOYMENT = {"employed": "1", "not employed": "2", "student": "3", "retired": "4"}
MISSING = ("", "", "-99", "-99", "NASK")

_PATTERNS = {
    WAI_PATIENT.key: "wai_{item:02d}", PHQ.key: "phq9_{item}", GAD.key: "gad7_{item}",
    WAI_THERAPIST.key: "wait_{item:02d}", SWLS.key: "swls_{item}",
    FLOURISHING.key: "flourish_{item}", WHO.key: "who5_{item}",
}  # fmt: skip
_FORMS: dict[str, tuple[Form, ...]] = {
    "patient_form": (WAI_PATIENT, PHQ, GAD),
    "therapist_form": (WAI_THERAPIST,),
    "wellbeing_form": (SWLS, FLOURISHING, WHO),
}
"""REDCap instrument → questionnaires in it."""

_KEYS = [
    "record_id", "redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance",
    "redcap_data_access_group",
]  # fmt: skip
_INTAKE = [
    "therapist_id", "age", "employment", "age_band", "languages___1", "languages___2",
    "languages____90", "intake_notes", "intake_complete",
]  # fmt: skip
_LOG = ["session_mode", "attendance", "ending", "session_log_complete"]
_NOTE = "Referral letter received.\nFirst appointment offered within two weeks."


def _items(form: Form) -> list[str]:
    return [_PATTERNS[form.key].format(item=n) for n in range(1, form.n_items + 1)]


def columns() -> list[str]:
    """Return the header of the export."""
    header = [*_KEYS, *_INTAKE, "session_no", "session_date", *_LOG]
    for name, forms in _FORMS.items():
        header += [column for form in forms for column in _items(form)]
        header.append(f"{name}_complete")
    return header


def mappings(clinic: ClinicProfile) -> list[dict[str, Any]]:
    """Return how this clinic's export is to be read."""
    forms = [
        {
            "instrument": form.instrument, "rater": form.rater, "items": _PATTERNS[form.key],
            "where": {"redcap_repeat_instrument": name},
        }
        for name, forms in _FORMS.items() for form in forms
    ]  # fmt: skip
    return [
        {
            "id": "redcap",
            "path": "{month}/redcap_raw_{month}*.csv",
            "format": "redcap",
            "missing_codes": {"-99": "skipped", "NASK": "not_asked"},
            "clinic": {"redcap_data_access_group": clinic.code},
            "patient": "record_id",
            "therapist": "therapist_id",
            "session": "session_no",
            "date": "session_date",
            "mode": _coded("session_mode", MODES),
            "attendance": _coded("attendance", ATTENDANCES),
            "ending": _coded("ending", ENDINGS),
            "covariates": {
                "age": age_mapping("age"),
                "employment": {"kind": "category", **_coded("employment", EMPLOYMENT)},
            },
            "record_rows": {"redcap_event_name": "intake_arm_1"},
            "inherited": ["therapist"],
            "test_rows": {"record_id": ["TEST-1", "TEST-2"]},
            "forms": forms,
            "ignored": [
                "redcap_repeat_instance", "age_band", "languages___*", "intake_notes",
                "*_complete",
            ],
        }
    ]  # fmt: skip


def _coded(column: str, spelling: dict[str, str]) -> dict[str, Any]:
    return {"column": column, "codes": {code: word for word, code in spelling.items()}}


def files(clinic: ClinicProfile, contacts: Contacts) -> Iterator[NativeFile]:
    """Yield the one file of this clinic-month."""
    blocks = [_intake(clinic, contacts), _log(clinic, contacts)]
    blocks += [_form(clinic, contacts, name) for name in _FORMS]
    rows = np.concatenate(blocks)
    yield NativeFile(
        clinic_id=clinic.id,
        month=contacts.month,
        export_id="redcap",
        path=f"{contacts.month}/redcap_raw_{contacts.month}.csv",
        headers=[columns()],
        rows=rows[_by_record(rows)].tolist(),
    )


def _by_record(rows: Text) -> list[int]:
    """Return the order of rows as REDCap exports them: by record, its intake row first."""
    order = ["", "session_log", *_FORMS]
    keys = [(row[0], order.index(row[2]), int(row[3] or 0)) for row in rows]
    return sorted(range(len(rows)), key=keys.__getitem__)


def _sparse(count: int, filled: dict[str, Any]) -> Text:
    """Return ``count`` rows that are blank but for the named columns."""
    header = columns()
    rows: Text = np.full((count, len(header)), "", dtype=object)
    for column, values in filled.items():
        rows[:, header.index(column)] = values
    return rows


def _intake(clinic: ClinicProfile, contacts: Contacts) -> Text:
    """One row for each patient who had an appointment this month."""
    is_first = ~contacts.sessions["patient_id"].duplicated().to_numpy()
    seen = contacts.sessions[is_first]
    number = seen["patient_id"].str.extract(r"(\d+)$", expand=False).astype(int)
    return _sparse(
        len(seen),
        {
            "record_id": seen["patient_id"],
            "redcap_event_name": "intake_arm_1",
            "redcap_data_access_group": clinic.code,
            "therapist_id": seen["therapist_id"],
            "age": contacts.ages()[is_first],
            "employment": contacts.employment(EMPLOYMENT)[is_first],
            "age_band": (number % 5 + 1).astype(str),
            "languages___1": "1",
            "languages___2": (number % 7 == 0).astype(int).astype(str),
            "languages____90": "0",
            "intake_notes": np.where(number % 9 == 0, _NOTE, ""),
            "intake_complete": "2",
        },
    )


def _repeating(
    clinic: ClinicProfile, contacts: Contacts, name: str, chosen: "np.ndarray[Any, Any]"
) -> dict[str, Any]:
    """Return the key columns of one repeating form on the chosen appointments."""
    sessions = contacts.sessions[chosen]
    return {
        "record_id": sessions["patient_id"],
        "redcap_event_name": "treatment_arm_1",
        "redcap_repeat_instrument": name,
        "redcap_repeat_instance": sessions["session"].astype(str),
        "redcap_data_access_group": clinic.code,
        "session_no": sessions["session"].astype(str),
        "session_date": contacts.dates(clinic.dates)[chosen],
        f"{name}_complete": "2",
    }


def _log(clinic: ClinicProfile, contacts: Contacts) -> Text:
    everything = np.ones(len(contacts), dtype=bool)
    facts = {
        "session_mode": contacts.words("mode", MODES),
        "attendance": contacts.words("attendance", ATTENDANCES),
        "ending": contacts.words("ending", ENDINGS),
    }
    return _sparse(len(contacts), _repeating(clinic, contacts, "session_log", everything) | facts)


def _form(clinic: ClinicProfile, contacts: Contacts, name: str) -> Text:
    """Rows of one repeating form, where it came in."""
    forms = _FORMS[name]
    chosen = contacts.given[forms[0].key]
    rows = _sparse(int(chosen.sum()), _repeating(clinic, contacts, name, chosen))
    header = columns()
    for form in forms:
        first = header.index(_items(form)[0])
        rows[:, first : first + form.n_items] = contacts.spelt(form, MISSING)[chosen]
    return rows
