"""What figures are, and how they are computed: nothing here decides whether they may be shown."""

from rapport.statistics.aggregates import (
    COLUMNS,
    NUMBERS,
    Aggregates,
    aggregate,
    aggregate_lots,
)
from rapport.statistics.figures import FIGURES, Figure

__all__ = [
    "COLUMNS",
    "FIGURES",
    "NUMBERS",
    "Aggregates",
    "Figure",
    "aggregate",
    "aggregate_lots",
]
