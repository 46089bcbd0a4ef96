"""The budgets, and whether what was measured keeps them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Budget:
    """One budget beside what was measured.

    Attributes:
        what: What is limited.
        most: The largest value allowed, or the least where ``is_least``.
        measured: What was measured; ``None`` where it could not be.
        unit: Printed after both numbers.
        is_least: Whether more is better.
    """

    what: str
    most: float
    measured: float | None
    unit: str = "×"
    is_least: bool = False

    @property
    def verdict(self) -> str:
        """``kept``, ``not kept`` or ``not measured``."""
        if self.measured is None:
            return "not measured"
        kept = self.measured >= self.most if self.is_least else self.measured <= self.most
        return "kept" if kept else "not kept"

    @property
    def limit(self) -> str:
        """The limit, as printed."""
        return f"{'≥' if self.is_least else '≤'} {self.most:g} {self.unit}"

    @property
    def value(self) -> str:
        """What was measured, as printed."""
        return "–" if self.measured is None else f"{self.measured:.2f} {self.unit}"
