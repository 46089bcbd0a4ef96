"""The demo clinics' registry: ``clinics.yaml`` as every other home has it."""

from typing import Any

import yaml

from rapport.simulation.clinics import CLINICS, ClinicProfile
from rapport.simulation.writers import mappings

_HEADING = """\
# The clinics of the demo world. All of them are invented.
# A clinic is added by adding an entry here: who it is, and how its exports are to be read.
"""


def registry_entry(clinic: ClinicProfile) -> dict[str, Any]:
    """Return one clinic's entry in ``clinics.yaml``."""
    return {
        "id": clinic.id,
        "name": clinic.name,
        "sector": clinic.sector,
        "timezone": clinic.timezone,
        "locale": clinic.locale,
        "source": clinic.id,
        "first_month": "2025-01",
        "recipients": [f"quality@{clinic.id}.example.org"],
        "therapists": list(clinic.therapists),
        "exports": mappings(clinic),
    }


def registry_text() -> str:
    """Return the whole registry as YAML."""
    return _HEADING + yaml.dump(
        {"clinics": [registry_entry(clinic) for clinic in CLINICS]},
        Dumper=_Plain,
        allow_unicode=True,
        sort_keys=False,
        width=100,
    )


class _Plain(yaml.SafeDumper):
    """YAML for readers: what stands twice is written twice, not by reference."""

    def ignore_aliases(self, data: object) -> bool:
        """Write no reference."""
        return True
