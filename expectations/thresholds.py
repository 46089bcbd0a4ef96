"""Limits that a clinic sets for itself: each must be the limit of a rule that exists."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from expectations.rules.slices import FORM_RULES, SLICE_RULES
from rapport.errors import Fault, SettingsError

if TYPE_CHECKING:
    from rapport.clinics import Clinic


def check_thresholds(clinics: Iterable["Clinic"]) -> None:
    """Refuse thresholds that no rule would ever look at: a misspelt one must not be ignored.

    Raises:
        SettingsError: A threshold names no rule with a limit; all of them are told at once.
    """
    faults = [
        Fault(
            "UNKNOWN_THRESHOLD",
            f"The clinic {clinic.id} sets a threshold for {name!r}, which is no rule with a limit.",
            "Use the id of a rule about clinic-months; docs/rules.md lists them.",
            column=f"thresholds.{name}",
        )
        for clinic in clinics
        for name in sorted(set(clinic.thresholds) - _settable(clinic))
    ]
    if faults:
        raise SettingsError(faults)


def _settable(clinic: "Clinic") -> set[str]:
    whole = {rule.id for rule in (*SLICE_RULES, *FORM_RULES.values()) if not rule.is_own_check}
    return whole | {f"{kind.id}.{form}" for kind in FORM_RULES.values() for form in clinic.forms}
