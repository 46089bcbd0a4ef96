"""A clinic's registry entry as it was: kept in landing under its hash when a verdict rests on it.

With the entry kept, a clinic-month can be read again the way it was read then, and a change of the
registry concerns only those clinics whose entry changed.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from pydantic import ValidationError

from rapport.clinics import Clinic
from rapport.errors import EvidenceError
from rapport.evidence.fingerprints import clinic_bytes

if TYPE_CHECKING:
    from rapport.home import Home


def keep_clinics(home: "Home", clinics: Iterable[str]) -> None:
    """Keep the registry entries of these clinics; one that is kept already is a no-op."""
    home.landing.keep_all(clinic_bytes(home.registry.clinic(name)) for name in clinics)


def clinic_as_kept(home: "Home", sha256: str) -> Clinic | None:
    """Return the entry with this hash; nothing if it was never kept or can no longer be read."""
    try:
        return Clinic.model_validate_json(home.landing.open_bytes(sha256))
    except (EvidenceError, ValidationError):
        return None
