"""A vendor's practice software: one wide row a contact, Polish words, cp1250, decimal commas."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from rapport.simulation.clinics import ClinicProfile
from rapport.simulation.forms import (
    FLOURISHING,
    FORMS,
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

MODES = {"in_person": "w gabinecie", "video": "wideo", "telephone": "telefon"}
ATTENDANCES = {
    "attended": "odbyła się", "cancelled_by_patient": "odwołana przez pacjenta",
    "cancelled_by_clinic": "odwołana przez poradnię", "missed": "nieobecność",
}  # fmt: skip
ENDINGS = {
    "ongoing": "w toku", "planned": "zakończona planowo", "dropped_out": "przerwana",
    "referred_on": "skierowanie dalej",
}  # fmt: skip
MISSING = ("", "-9", "odm", "b.d.")

_PATTERNS = {
    WAI_PATIENT.key: "P_WAI_{item}", WAI_THERAPIST.key: "T_WAI_{item}", PHQ.key: "PHQ_{item}",
    GAD.key: "GAD_{item}", SWLS.key: "SWLS_{item}", FLOURISHING.key: "FS_{item}",
    WHO.key: "WHO_{item}",
}  # fmt: skip
PHQ_TOTAL = "PHQ_suma"
_KEYS = [
    "Placówka", "Id pacjenta", "Nazwisko i imię", "Terapeuta", "Nr wizyty", "Data", "Tryb",
    "Status", "Zakończenie", "Czas (h)", "Wiek",
]  # fmt: skip
_SURNAMES = ("Brzozówka", "Gęślarz", "Jaśmin", "Łąkowska", "Mróz", "Ościk", "Żurawiec", "Źdźbło")
_FIRST_NAMES = ("Agnieszka", "Błażej", "Elżbieta", "Grażyna", "Józef", "Stanisław", "Świętosława")
"""Invented, as everything else; the column they stand in is one that Rapport must not read."""


def _items(form: Form) -> list[str]:
    return [_PATTERNS[form.key].format(item=n) for n in range(1, form.n_items + 1)]


def columns() -> list[str]:
    """Return the header of the export."""
    header = [*_KEYS, *(column for form in FORMS for column in _items(form))]
    header.insert(header.index(_items(PHQ)[-1]) + 1, PHQ_TOTAL)
    return header


def mappings(clinic: ClinicProfile) -> list[dict[str, Any]]:
    """Return how this clinic's export is to be read."""
    forms = [
        {"instrument": form.instrument, "rater": form.rater, "items": _PATTERNS[form.key]}
        | ({"total": PHQ_TOTAL} if form is PHQ else {})
        for form in FORMS
    ]
    return [
        {
            "id": "wizyty",
            "path": "{month}/wizyty_{month}*.csv",
            "format": "delimited",
            "encoding": clinic.encoding,
            "delimiter": clinic.delimiter,
            "decimal": ",",
            "dates": [clinic.dates],
            "missing_codes": {"-9": "skipped", "odm": "refused", "b.d.": "technical"},
            "clinic": {"Placówka": clinic.code},
            "patient": "Id pacjenta",
            "therapist": "Terapeuta",
            "session": "Nr wizyty",
            "date": "Data",
            "mode": _coded("Tryb", MODES),
            "attendance": _coded("Status", ATTENDANCES),
            "ending": _coded("Zakończenie", ENDINGS),
            "covariates": {"age": age_mapping("Wiek")},
            "test_rows": {"Id pacjenta": ["TEST"]},
            "forms": forms,
            "ignored": ["Nazwisko i imię", "Czas (h)"],
        }
    ]


def _coded(column: str, spelling: dict[str, str]) -> dict[str, Any]:
    return {"column": column, "codes": {code: word for word, code in spelling.items()}}


def files(clinic: ClinicProfile, contacts: Contacts) -> Iterator[NativeFile]:
    """Yield the one file of this clinic-month, contacts in order of their day."""
    parts = [_keys(clinic, contacts)]
    for form in FORMS:
        parts.append(contacts.spelt(form, MISSING))
        if form is PHQ:
            parts.append(_totals(contacts)[:, None])
    order = np.argsort(contacts.sessions["session_date"].to_numpy(), kind="stable")
    yield NativeFile(
        clinic_id=clinic.id,
        month=contacts.month,
        export_id="wizyty",
        path=f"{contacts.month}/wizyty_{contacts.month}.csv",
        headers=[columns()],
        rows=np.column_stack(parts)[order].tolist(),
        delimiter=clinic.delimiter,
        encoding=clinic.encoding,
        line_end="\r\n",
    )


def _keys(clinic: ClinicProfile, contacts: Contacts) -> Text:
    sessions = contacts.sessions
    took_place = (sessions["attendance"] == "attended").to_numpy()
    columns = [
        np.full(len(contacts), clinic.code, dtype=object),
        contacts.text(sessions["patient_id"]),
        _names(sessions["person"]),
        contacts.text(sessions["therapist_id"]),
        contacts.text(sessions["session"]),
        contacts.dates(clinic.dates),
        contacts.words("mode", MODES),
        contacts.words("attendance", ATTENDANCES),
        contacts.words("ending", ENDINGS),
        np.where(took_place, "0,83", "0,00").astype(object),
        contacts.ages(),
    ]
    return np.column_stack(columns)


def _names(person: pd.Series) -> Text:
    """Return an invented name for each row's patient."""
    numbers = person.to_numpy()
    surnames = np.array(_SURNAMES, dtype=object)[numbers % len(_SURNAMES)]
    first = np.array(_FIRST_NAMES, dtype=object)[numbers % len(_FIRST_NAMES)]
    return np.asarray(surnames + " " + first, dtype=object)


def _totals(contacts: Contacts) -> Text:
    """Return the software's own total, ``14,0``; blank unless every item was answered."""
    answers = contacts.answers[PHQ.key]
    is_whole = (answers != "").all(axis=1)
    sums = np.where(answers == "", "0", answers).astype(int).sum(axis=1)
    totals = np.array([f"{total},0" for total in sums], dtype=object)
    return np.where(is_whole, totals, "")
