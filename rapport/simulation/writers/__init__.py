"""The four native shapes in which the demo clinics write their exports.

Each module holds, side by side, how a clinic's software writes (``files``) and how Rapport is told
to read it (``mappings``): the two must never drift apart.
"""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from rapport.simulation.clinics import ClinicProfile
from rapport.simulation.writers import limesurvey, qualtrics, redcap, vendor
from rapport.simulation.writers.contacts import Contacts
from rapport.simulation.writers.native import NativeFile

_SHAPES: dict[str, ModuleType] = {
    "redcap": redcap,
    "qualtrics": qualtrics,
    "limesurvey": limesurvey,
    "delimited": vendor,
}


def mappings(clinic: ClinicProfile) -> list[dict[str, Any]]:
    """Return the ``exports`` entry of one clinic's registry entry."""
    build: Callable[[ClinicProfile], list[dict[str, Any]]] = _SHAPES[clinic.shape].mappings
    return build(clinic)


def native_files(clinic: ClinicProfile, contacts: Contacts) -> Iterator[NativeFile]:
    """Yield the files of one clinic-month, in the clinic's native shape."""
    build: Callable[[ClinicProfile, Contacts], Iterator[NativeFile]]
    build = _SHAPES[clinic.shape].files
    yield from build(clinic, contacts)


__all__ = ["Contacts", "NativeFile", "mappings", "native_files"]
