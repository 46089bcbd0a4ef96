"""Clinics for tests of sources: the same one with any source and any paths."""

from rapport.clinics import Clinic


def a_clinic(source: object, *paths: str, clinic_id: str = "hill", **of_exports: object) -> Clinic:
    """Return a clinic with one export a path, named ``export-0``, ``export-1`` and so on."""
    form = {"instrument": "gad-7", "rater": "patient", "items": "g{item}"}
    return Clinic.model_validate(
        {
            "id": clinic_id, "name": "Hill Clinic", "sector": "public",
            "timezone": "Europe/Warsaw", "source": source, "first_month": "2025-01",
            "therapists": ["T1"],
            "exports": [
                {
                    "id": f"export-{place}", "path": path, "format": "delimited",
                    "patient": "p", "date": "day", "forms": [form], **of_exports,
                }
                for place, path in enumerate(paths or ("{month}/*.csv",))
            ],
        }
    )  # fmt: skip


QUICK = {"connect_seconds": 2, "read_seconds": 2, "whole_seconds": 5, "wait_seconds": 0}
"""Time-outs for a server that is near, and no waits between attempts."""
