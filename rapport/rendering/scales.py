"""How a figure is written: decided by its kind and unit in the figure catalogue, in one place."""

import math
from dataclasses import dataclass

from rapport.rendering.formats import NumberStyle, counted, half_up
from rapport.statistics.figures import CATALOGUE

_ONE_DECIMAL = ("points", "sessions")
"""Units that are written with one decimal; the others have two."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the values of one figure are written, and what it counts.

    Attributes:
        places: Decimals.
        is_share: Whether the value is a fraction of 0 to 1, written as a percentage.
        one, many: The noun of the observations behind the figure; empty if it needs none.
        rounds_up: Whether it is a number of people needed, of which a part is one more.
    """

    places: int
    is_share: bool
    one: str
    many: str
    rounds_up: bool = False

    def write(self, value: float, style: NumberStyle) -> str:
        """Write one value."""
        if self.rounds_up:
            return style.whole(math.ceil(value))
        text = style.fixed(value * self._factor, self.places)
        return f"{text}%" if self.is_share else text

    def drawn(self, value: float) -> float:
        """Return where a chart draws a value: a share in per cent, rounded as it is written."""
        return float(half_up(value * self._factor, self.places))

    @property
    def _factor(self) -> float:
        return 100.0 if self.is_share else 1.0

    def basis(self, patients: float | None, observations: float | None, style: NumberStyle) -> str:
        """Write what a figure rests on: ``41 patients, 96 forms``."""
        parts = [
            counted(number, one, many, style)
            for number, one, many in (
                (patients, "patient", "patients"),
                (observations, self.one, self.many),
            )
            if number is not None and one
        ]
        return ", ".join(parts) or "number of patients not stated"


def scale_of(figure_id: str) -> Scale:
    """Return how a figure of the catalogue is written."""
    figure = CATALOGUE[figure_id]
    nouns = figure.noun
    if figure.kind == "proportion":
        return Scale(0, True, *nouns)
    if figure.kind == "count":
        return Scale(0, False, *nouns)
    if figure.unit == "patients":
        return Scale(0, False, *nouns, rounds_up=True)
    if figure.unit == "share of variance":
        return Scale(1, True, *nouns)
    return Scale(1 if figure.unit in _ONE_DECIMAL else 2, False, *nouns)
