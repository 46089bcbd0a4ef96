"""Rules asked of the accepted rows, after their text has become dates and numbers.

They say again, on the typed values, what the row rules have said on the text: only a mistake in
Rapport itself can break them. That is why a broken one makes the verdict ``error``, and why a whole
number that became 2.5 on the way cannot reach a score.
"""

from typing import TYPE_CHECKING

from expectations.demands import Among, Written
from expectations.rule import Demand, Rule, Severity, Suite
from rapport.clinics.mapping import ATTENDANCES
from rapport.warehouse.tables import ITEM_COLUMNS

if TYPE_CHECKING:
    from rapport.instruments import Instrument

_ID = Written(r"(?s:.){1,64}", "1 to 64 characters")
_DAY = Written(r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])", "a day, YYYY-MM-DD")
_COUNT = Written(r"[0-9]{1,9}", "a whole number from 0 upwards")
_REMEDY = "Tell the maintainers of Rapport; nothing at the clinic is wrong."


def _own(
    rule_id: str, column: str, demand: Demand, asks: str, why: str, *, optional: bool = False
) -> Rule:
    return Rule(
        id=rule_id,
        suite=Suite.ACCEPTED_ROWS,
        severity=Severity.CRITICAL,
        asks=asks,
        rationale=why,
        remedy=_REMEDY,
        column=column,
        demand=demand,
        needs_answer=not optional,
        is_own_check=True,
    )


SESSION_RULES = (
    _own(
        "ACCEPTED_PATIENT",
        "patient_id",
        _ID,
        "Does every accepted session have a patient?",
        "A session of nobody cannot be followed.",
    ),
    _own(
        "ACCEPTED_THERAPIST",
        "therapist_id",
        _ID,
        "Does every accepted session have a therapist?",
        "It would fall out of every aggregate.",
    ),
    _own(
        "ACCEPTED_DATE",
        "session_date",
        _DAY,
        "Does every accepted session have a day?",
        "Without it the month is not certain.",
    ),
    _own(
        "ACCEPTED_SESSION",
        "session",
        _COUNT,
        "Is every accepted session number whole?",
        "Sessions are put in order by it.",
    ),
    _own(
        "ACCEPTED_ATTENDANCE",
        "attendance",
        Among(ATTENDANCES),
        "Is every accepted attendance in Rapport's words?",
        "It decides what a session counts for.",
        optional=True,
    ),
)
"""The rules that are asked of every accepted session."""

FORM_RULES = (
    _own(
        "ACCEPTED_FORM_PATIENT",
        "patient_id",
        _ID,
        "Does every accepted form have a patient?",
        "Answers of nobody cannot be followed.",
    ),
    _own(
        "ACCEPTED_FORM_THERAPIST",
        "therapist_id",
        _ID,
        "Does every accepted form have a therapist?",
        "It would fall out of every aggregate.",
    ),
    _own(
        "ACCEPTED_FORM_DATE",
        "session_date",
        _DAY,
        "Does every accepted form have a day?",
        "Without it the month is not certain.",
    ),
)
"""The rules that are asked of every accepted form."""

ANSWER_TYPED = _own(
    "ANSWER_TYPED",
    "",
    Among(()),
    "Is every accepted answer, as a number, on the questionnaire's scale?",
    "A range check alone would let 2.5 pass for a whole number.",
    optional=True,
)
"""One rule for each item of each instrument; resolved by :func:`typed_answer_rules`."""


def typed_answer_rules(name: str, instrument: "Instrument") -> tuple[Rule, ...]:
    """Return one rule for each item of an instrument, asked of numbers."""
    return tuple(
        ANSWER_TYPED.at(f"{name}.{item:02d}", ITEM_COLUMNS[item - 1], _on_scale(instrument, item))
        for item in range(1, instrument.n_items + 1)
    )


def _on_scale(instrument: "Instrument", item: int) -> Among:
    return Among(tuple(sorted({float(text) for text in instrument.allowed_answers(item)})))
