"""How a rule about a row of an export is written down."""

from expectations.demands import Among
from expectations.rule import Demand, Rule, Severity, Suite

YES = Among(("yes",))
"""The answer that a fact has to have."""


def row_rule(
    rule_id: str,
    column: str,
    demand: Demand,
    *,
    asks: str,
    rationale: str,
    remedy: str,
    needs_answer: bool = False,
) -> Rule:
    """Return a rule that refuses each row that breaks it.

    Args:
        rule_id: Id, upper snake case.
        column: Column of the text frame that it is asked of.
        demand: What that column must hold.
        asks: What it asks, as a question.
        rationale: Why it matters.
        remedy: What to do at the source when it is broken.
        needs_answer: Whether a missing value breaks it.
    """
    return Rule(
        id=rule_id,
        suite=Suite.EXPORT_ROWS,
        severity=Severity.CRITICAL,
        asks=asks,
        rationale=rationale,
        remedy=remedy,
        column=column,
        demand=demand,
        needs_answer=needs_answer,
    )
