"""From kinds of rule to checks: each kind once for every form and every item that it is about."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from expectations.rule import Rule
from expectations.rules.accepted import FORM_RULES as ACCEPTED_FORM_RULES
from expectations.rules.accepted import SESSION_RULES, typed_answer_rules
from expectations.rules.drift import FORM_HISTORY_RULES, ITEM_HISTORY_RULES, level_rules
from expectations.rules.files import FILE_RULES
from expectations.rules.items import ITEM_RULES, item_rules
from expectations.rules.rows import ROW_RULES, answer_rules
from expectations.rules.slices import FORM_RULES, SLICE_RULES, form_rules

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.instruments import Instrument


def slice_rules(forms: Iterable[str], catalogue: Mapping[str, "Instrument"]) -> tuple[Rule, ...]:
    """Return every check of a clinic-month, for clinics that use these forms.

    Args:
        forms: Keys of forms, such as ``phq-9.patient``.
        catalogue: Id → instrument.
    """
    own = tuple(dict.fromkeys(forms))
    return (
        *SLICE_RULES,
        *form_rules(own, FORM_RULES),
        *item_rules(own, catalogue, ITEM_RULES),
        *level_rules(own, catalogue),
        *form_rules(own, FORM_HISTORY_RULES),
        *item_rules(own, catalogue, ITEM_HISTORY_RULES),
    )


def checks_of(clinic: "Clinic", catalogue: Mapping[str, "Instrument"]) -> tuple[Rule, ...]:
    """Return every check of one clinic's month, in the order in which they are asked.

    Raises:
        SettingsError: The catalogue does not hold an instrument that the clinic uses.
    """
    mapped = [form for export in clinic.exports for form in export.forms]
    typed = (
        rule
        for name in sorted(clinic.instruments)
        for rule in typed_answer_rules(name, catalogue[name])
    )
    return (
        *FILE_RULES,
        *ROW_RULES,
        *answer_rules(mapped, catalogue),
        *SESSION_RULES,
        *ACCEPTED_FORM_RULES,
        *typed,
        *slice_rules(clinic.forms, catalogue),
    )


class Resolved:
    """The checks of clinics, resolved once for all clinics that use the same forms."""

    def __init__(self, catalogue: Mapping[str, "Instrument"]) -> None:
        self._catalogue = catalogue
        self._known: dict[tuple[str, ...], tuple[Rule, ...]] = {}

    def of(self, clinic: "Clinic") -> tuple[Rule, ...]:
        """Return the checks of one clinic, as :func:`checks_of` does."""
        forms = tuple(form.key for export in clinic.exports for form in export.forms)
        if forms not in self._known:
            self._known[forms] = checks_of(clinic, self._catalogue)
        return self._known[forms]
