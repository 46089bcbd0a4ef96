"""Limits that a clinic sets for itself: each must be the limit of a rule that exists.

A limit is named by the rule's id (``REFUSED_SHARE``), or by the id of one resolved check
(``FORM_PRESENT[swls.patient]``; ``FORM_PRESENT.swls.patient`` says the same). The nearest name
holds: the check's own, then the rule's, then what the rule comes with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from expectations.resolving import slice_rules
from expectations.rule import Rule
from rapport.errors import Fault, SettingsError

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.instruments import Instrument

SETTINGS: Mapping[str, float] = {"HISTORY_MONTHS": 6, "FORM_USUAL": 5}
"""What else can be set beside limits: the fewest passed months that a month is held against, and
from how many a month on a form counts as usual, so that its absence closes the gate."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit in force, and whence it comes.

    Attributes:
        value: The limit; ``None`` for a rule that has none.
        source: ``default``, or the key in the clinic's ``thresholds``.
    """

    value: float | None
    source: str


def limit_in_force(rule: Rule, clinic: "Clinic") -> Limit:
    """Return a rule's limit for one clinic, and where it was set."""
    for name in (rule.key, f"{rule.id}.{rule.part}", rule.id):
        if name in clinic.thresholds:
            return Limit(clinic.thresholds[name], f"thresholds.{name}")
    return Limit(rule.threshold, "default")


def setting(name: str, clinic: "Clinic") -> float:
    """Return one of :data:`SETTINGS` as it holds for a clinic."""
    return clinic.thresholds.get(name, SETTINGS[name])


def check_thresholds(clinics: Iterable["Clinic"], catalogue: Mapping[str, "Instrument"]) -> None:
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
        if clinic.thresholds
        for name in sorted(set(clinic.thresholds) - _settable(clinic, catalogue))
    ]
    if faults:
        raise SettingsError(faults)


def _settable(clinic: "Clinic", catalogue: Mapping[str, "Instrument"]) -> set[str]:
    rules = [rule for rule in slice_rules(clinic.forms, catalogue) if not rule.is_own_check]
    names = {name for rule in rules for name in (rule.id, rule.key, f"{rule.id}.{rule.part}")}
    return names | set(SETTINGS)
