"""From kinds of rule to checks: each kind once for every form and every item that it is about."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from expectations.judging import State
from expectations.rule import Rule
from expectations.rules.accepted import FORM_RULES as ACCEPTED_FORM_RULES
from expectations.rules.accepted import SESSION_RULES, typed_answer_rules
from expectations.rules.drift import FORM_HISTORY_RULES, ITEM_HISTORY_RULES, level_rules
from expectations.rules.files import FILE_RULES
from expectations.rules.items import ITEM_RULES, item_rules
from expectations.rules.rows import ROW_RULES, answer_rules, covariate_rules
from expectations.rules.slices import FORM_RULES, SLICE_RULES, form_rules
from expectations.verdicts import RuleCount

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
        *covariate_rules(clinic.covariates),
        *SESSION_RULES,
        *ACCEPTED_FORM_RULES,
        *typed,
        *slice_rules(clinic.forms, catalogue),
    )


def not_asked(checks: Iterable[Rule]) -> dict[str, RuleCount]:
    """Return every check under its name in a verdict, as it is where it is not applicable."""
    blanks = (RuleCount(rule, State.NOT_APPLICABLE, 0, 0) for rule in checks)
    return {one.name: one for one in blanks}


def completed(counts: Sequence[RuleCount], checks: Mapping[str, RuleCount]) -> list[RuleCount]:
    """Return all checks of a clinic-month: those that were asked, the others not applicable.

    Which ones are listed depends on the clinic alone, and not on who else was judged beside it.

    Args:
        counts: The checks that were asked.
        checks: Every check of the clinic, from :func:`not_asked`.
    """
    asked = {one.name: one for one in counts}
    listed = [asked.pop(name, blank) for name, blank in checks.items()]
    return [*listed, *asked.values()]


class Resolved:
    """The checks of clinics, resolved once for all that use the same forms and covariates."""

    def __init__(self, catalogue: Mapping[str, "Instrument"]) -> None:
        self._catalogue = catalogue
        self._known: dict[tuple[tuple[str, ...], ...], dict[str, RuleCount]] = {}

    def of(self, clinic: "Clinic") -> Mapping[str, RuleCount]:
        """Return the checks of one clinic, from :func:`checks_of`, none of them asked."""
        forms = tuple(form.key for export in clinic.exports for form in export.forms)
        same = (forms, tuple(sorted(clinic.covariates)))
        if same not in self._known:
            self._known[same] = not_asked(checks_of(clinic, self._catalogue))
        return self._known[same]
