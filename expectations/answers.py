"""What was answered about single values: kept for as long as one run lasts, and no longer."""

from dataclasses import dataclass, field

from expectations.rule import Demand, Rule


@dataclass(frozen=True, eq=False, slots=True)
class Answers:
    """What Great Expectations has said about single values, kept as long as one run lasts.

    Attributes:
        said: Kind of rule and demand → value → whether it breaks the rule.
    """

    said: dict[tuple[str, Demand], dict[object, bool]] = field(default_factory=dict)

    def about(self, rule: Rule) -> dict[object, bool]:
        """Return what is known of a rule's values, to be read and added to."""
        return self.said.setdefault((rule.id, rule.demand), {})
