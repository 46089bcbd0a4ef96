"""What answers amount to: scores by the published rules, change, outcomes of treatment.

``answers`` holds them against the scale, ``items`` scores one instrument, ``responses`` scores a
month's forms, ``outcomes`` says how finished treatments went, ``rounding`` is for print only.
"""

from rapport.scoring.items import NO_SCORE_REASONS, score_items, score_matrix
from rapport.scoring.outcomes import TreatmentOutcomes, treatment_outcomes
from rapport.scoring.responses import SCORE_COLUMNS, score_responses
from rapport.scoring.rounding import in_words, round_half_up

__all__ = [
    "NO_SCORE_REASONS",
    "SCORE_COLUMNS",
    "TreatmentOutcomes",
    "in_words",
    "round_half_up",
    "score_items",
    "score_matrix",
    "score_responses",
    "treatment_outcomes",
]
