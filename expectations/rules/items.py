"""Rules asked of each item of each form in a clinic-month: ``ITEM_MISSING[phq-9.patient.03]``.

They say which question of which questionnaire is meant, so that nobody has to search for it. The
measures come from ``expectations.answer_measures``; an item is asked about from
``ENOUGH_FOR_A_LEVEL`` forms upwards, because of fewer forms chance says too much.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from expectations.demands import AtLeast, AtMost
from expectations.rule import Rule, Severity, Suite

if TYPE_CHECKING:
    from rapport.instruments import Instrument


def _item_rule(
    rule_id: str,
    demand: AtLeast | AtMost,
    threshold: float,
    *,
    asks: str,
    rationale: str,
    remedy: str,
) -> Rule:
    return Rule(
        id=rule_id,
        suite=Suite.ACCEPTED_SLICES,
        severity=Severity.WARNING,
        asks=asks,
        rationale=rationale,
        remedy=remedy,
        column="",
        demand=demand,
        threshold=threshold,
    )


ITEM_MISSING = _item_rule(
    "ITEM_MISSING",
    AtMost(),
    0.50,
    asks="Was the item answered in at least half of the forms?",
    rationale="One item left open by most is a column that was moved, renamed or made optional.",
    remedy="Compare this item's column in the survey tool with clinics.yaml; make it mandatory.",
)

ITEM_VARIES = _item_rule(
    "ITEM_VARIES",
    AtLeast(),
    2,
    asks="Do fifty forms or more hold more than one answer to the item?",
    rationale="One answer from everybody is a default value, or a column that is not this item.",
    remedy="Look whether the survey tool fills in this item by itself, and at the item's column.",
)

ITEM_CONTRARY = _item_rule(
    "ITEM_CONTRARY",
    AtMost(),
    4.0,
    asks="Does the item go along with the other items of its form?",
    rationale=(
        "An item that runs against all others is coded the other way round, or is another item."
    ),
    remedy=(
        "Check the item's column and the direction of its codes in clinics.yaml; items that the "
        "questionnaire reverses are reversed by Rapport and must be sent as they were ticked."
    ),
)

ITEM_RULES: Mapping[str, Rule] = {
    "item_missing_share": ITEM_MISSING,
    "item_answers_used": ITEM_VARIES,
    "item_contrary": ITEM_CONTRARY,
}
"""Name of the measure → the kind of rule that is asked of it, for each item of each form."""


def item_rules(
    forms: Iterable[str], catalogue: Mapping[str, "Instrument"], kinds: Mapping[str, Rule]
) -> tuple[Rule, ...]:
    """Return kinds of rule resolved for each item of each form, on ``<measure>.<form>.<item>``.

    Args:
        forms: Keys of forms, such as ``phq-9.patient``.
        catalogue: Id → instrument.
        kinds: Name of a measure → the kind of rule asked of it.
    """
    return tuple(
        kind.at(part, f"{measure}.{part}")
        for form in dict.fromkeys(forms)
        for part in parts_of(form, catalogue)
        for measure, kind in kinds.items()
    )


def parts_of(form: str, catalogue: Mapping[str, "Instrument"]) -> tuple[str, ...]:
    """Return the parts that a form's items are: ``phq-9.patient.01`` and so on."""
    n_items = catalogue[form.rsplit(".", 1)[0]].n_items
    return tuple(f"{form}.{item:02d}" for item in range(1, n_items + 1))
