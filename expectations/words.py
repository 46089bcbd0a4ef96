"""The rules as a report tells them: what is asked, and what to do at the source."""

from expectations.catalogue import kinds
from rapport.rendering.data_quality import RuleWords


def rule_words() -> dict[str, RuleWords]:
    """Return rule id → its words, for every kind of rule."""
    return {rule.id: RuleWords(title=rule.asks, remedy=rule.remedy) for rule in kinds()}
