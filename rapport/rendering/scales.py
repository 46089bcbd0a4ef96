"""How a figure is written: decided by its kind and unit in the figure catalogue, in one place."""

from dataclasses import dataclass

from rapport.rendering.formats import NumberStyle, counted, half_up
from rapport.statistics.figures import FIGURES

_OBSERVATIONS = (
    ("alliance.difference.", "session", "sessions"),
    ("alliance.", "form", "forms"),
    ("completion.", "session", "sessions"),
    ("attendance.", "appointment", "appointments"),
    ("patients.", "", ""),
    ("", "episode", "episodes"),
)
"""Beginning of a figure's id → what its ``n_observations`` counts; the first that fits holds."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How the values of one figure are written, and what it counts.

    Attributes:
        places: Decimals.
        is_share: Whether the value is a fraction of 0 to 1, written as a percentage.
        one, many: The noun of the observations behind the figure; empty if it needs none.
    """

    places: int
    is_share: bool
    one: str
    many: str

    def write(self, value: float, style: NumberStyle) -> str:
        """Write one value."""
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
    figure = FIGURES[figure_id]
    nouns = next((one, many) for start, one, many in _OBSERVATIONS if figure_id.startswith(start))
    if figure.kind == "proportion":
        return Scale(0, True, *nouns)
    if figure.kind == "count":
        return Scale(0, False, *nouns)
    return Scale(2 if figure.unit.startswith("item") else 1, False, *nouns)
