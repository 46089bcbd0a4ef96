"""Who sends: the registry of clinics, and how each one's exports are to be read."""

from rapport.clinics.mapping import (
    CodedColumn,
    ExportMapping,
    FormMapping,
    MissingReason,
)
from rapport.clinics.registry import Clinic, Registry, load_registry

__all__ = [
    "Clinic",
    "CodedColumn",
    "ExportMapping",
    "FormMapping",
    "MissingReason",
    "Registry",
    "load_registry",
]
