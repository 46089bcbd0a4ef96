"""Every reader with a mapping that reads its seeds: what the fuzzer takes aim at."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rapport.clinics import Clinic

CORPUS = Path(__file__).parent / "corpus"
"""A folder of seeds for each reader."""

MONTH = "2026-02"
CANARY = "Kanarek"
"""Every key in a seed begins with this; nothing that is told may hold it."""

WORDS = {"Never": "0", "Seldom": "1", "Often": "2", "Always": "3"}
_KEYS = {"patient": "patient", "therapist": "therapist", "session": "session", "date": "date"}


def _gad(items: object, **more: object) -> dict[str, Any]:
    return {"instrument": "gad-7", "rater": "patient", "items": items, **more}


MAPPINGS: dict[str, dict[str, Any]] = {
    "delimited": {
        **_KEYS,
        "forms": [_gad("g{item}", total="sum")],
        "mode": {"column": "mode", "codes": {"v": "video", "p": "in_person"}},
        "missing_codes": {"-9": "skipped"},
        "test_rows": {"patient": ["test"]},
        "ignored": ["note*"],
    },
    "redcap": {
        "patient": "record_id",
        "therapist": "therapist",
        "session": "redcap_repeat_instance",
        "date": "session_date",
        "record_rows": {"redcap_event_name": "intake_arm_1"},
        "inherited": ["therapist"],
        "clinic": {"redcap_data_access_group": "hill"},
        "forms": [_gad("g{item}", where={"redcap_repeat_instrument": "gad7"})],
    },
    "qualtrics": {
        "patient": "pid",
        "therapist": "tid",
        "session": "no",
        "date": "StartDate",
        "dates": ["%Y-%m-%d %H:%M:%S"],
        "forms": [_gad("Q1_{item}")],
    },
    "limesurvey": {
        "patient": "PID",
        "therapist": "TID",
        "session": "NO",
        "date": "submitdate",
        "dates": ["%Y-%m-%d %H:%M:%S"],
        "forms": [_gad("G[SQ{item:03d}]", codes={f"AO0{n + 1}": str(n) for n in range(4)})],
    },
    "surveymonkey": {
        "patient": "Custom Data 1",
        "therapist": "Your therapist?",
        "session": "Which session?",
        "date": "End Date",
        "dates": ["%m/%d/%Y %I:%M:%S %p"],
        "forms": [_gad([f"How often? [Row {n}]" for n in range(1, 8)], codes=WORDS)],
    },
    "google_forms": {
        "patient": "Code",
        "therapist": "Therapist",
        "session": "Session",
        "date": "Timestamp",
        "dates": ["%Y/%m/%d %I:%M:%S %p %z"],
        "forms": [_gad([f"How often? [Row {n}]" for n in range(1, 8)], codes=WORDS)],
    },
    "microsoft_forms": {
        "patient": "Your code",
        "therapist": "Therapist",
        "session": "Session",
        "date": "Completion time",
        "forms": [_gad([f"Item {n} of the form" for n in range(1, 8)], codes=WORDS)],
    },
    "workbook": {**_KEYS, "forms": [_gad("g{item}")]},
    "spss": {**_KEYS, "forms": [_gad("g{item}")], "missing_codes": {"-9": "skipped"}},
    "fhir": {
        "patient": "subject",
        "therapist": "encounter.participant",
        "session": "encounter",
        "date": "authored",
        "dates": ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"],
        "forms": [_gad("gad-7.{item}")],
    },
}
"""Format → what its seeds are read by."""

IN_CHILDREN = frozenset({"workbook", "microsoft_forms", "spss"})
"""Readers that start a child for each file: a thousand times slower than the others."""


@dataclass(frozen=True)
class Reader:
    """One reader and the clinic whose export it reads.

    Attributes:
        name: The format.
        clinic: The clinic, with one export of that format.
    """

    name: str
    clinic: Clinic

    @property
    def seeds(self) -> dict[str, bytes]:
        """Name → bytes of the committed seeds."""
        files = sorted((CORPUS / self.name).iterdir())
        return {file.name: file.read_bytes() for file in files}


@cache
def reader(name: str) -> Reader:
    """Return one reader."""
    export = {"id": "sessions", "path": "{month}", "format": name, **MAPPINGS[name]}
    clinic = Clinic.model_validate(
        {
            "id": "hill",
            "name": "Hill Clinic",
            "sector": "public",
            "timezone": "Europe/Warsaw",
            "source": "hill",
            "first_month": "2025-11",
            "therapists": [f"{CANARY}T1", f"{CANARY}T2"],
            "exports": [export],
        }
    )
    return Reader(name, clinic)
