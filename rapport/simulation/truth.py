"""What is true of the demo world: parameters, counts, and each therapist's effect."""

from typing import Any

from rapport.simulation.clinics import CLINICS
from rapport.simulation.world import World


def truth_of(world: World) -> dict[str, Any]:
    """Return what ``demo-truth.json`` holds, but for the defects.

    Args:
        world: The world.

    Returns:
        ``seed``; ``parameters`` (name → value and source); ``clinics`` (id → counts of what
        happened, before any defect); ``therapists`` (clinic id → therapist id → patients and
        true effect on improvement, in standard deviations of the therapists' distribution).
    """
    return {
        "seed": world.seed,
        "parameters": world.parameters.as_rows(),
        "clinics": {clinic.id: _counts(world, clinic.id) for clinic in CLINICS},
        "therapists": {clinic.id: _therapists(world, clinic.id) for clinic in CLINICS},
    }


def _counts(world: World, clinic_id: str) -> dict[str, Any]:
    """Count patients, appointments by month, and forms by instrument and rater."""
    patients = world.patients[world.patients["clinic_id"] == clinic_id]
    sessions = world.sessions[world.sessions["clinic_id"] == clinic_id]
    return {
        "sector": str(patients["sector"].iloc[0]),
        "patients": len(patients),
        "endings": {str(k): int(n) for k, n in patients["ending"].value_counts().items()},
        "appointments": {str(k): int(n) for k, n in sessions.groupby("month").size().items()},
        "forms": {
            key: int((forms["clinic_id"] == clinic_id).sum())
            for key, forms in world.responses.items()
        },
    }


def _therapists(world: World, clinic_id: str) -> dict[str, dict[str, float]]:
    own = world.truth[world.truth["clinic_id"] == clinic_id]
    return {
        str(therapist): {
            "patients": len(rows),
            "effect": round(float(rows["therapist_effect"].iloc[0]), 6),
        }
        for therapist, rows in own.groupby("therapist_id")
    }
