"""The questionnaires of the demo world: which form, who fills it in, how many items, which range.

Numbers of items and ranges are those of the instrument catalogue; a test holds the two together.
Item wording is not needed anywhere, and none is here.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Form:
    """One instrument as filled in by one rater.

    Attributes:
        instrument: Id in the instrument catalogue.
        rater: Who fills it in.
        n_items: Number of items.
        low: Lowest answer.
        high: Highest answer.
    """

    instrument: str
    rater: Literal["patient", "therapist"]
    n_items: int
    low: int
    high: int

    @property
    def key(self) -> str:
        """Name of the form in canonical frames, such as ``phq-9.patient``."""
        return f"{self.instrument}.{self.rater}"


WAI_PATIENT = Form("wai-sr", "patient", 12, 1, 5)
WAI_THERAPIST = Form("wai-sr-t", "therapist", 12, 1, 5)
PHQ = Form("phq-9", "patient", 9, 0, 3)
GAD = Form("gad-7", "patient", 7, 0, 3)
SWLS = Form("swls", "patient", 5, 1, 7)
FLOURISHING = Form("flourishing", "patient", 8, 1, 7)
WHO = Form("who-5", "patient", 5, 0, 5)

EVERY_SESSION = (WAI_PATIENT, WAI_THERAPIST, PHQ, GAD)
"""Forms that are due at every session that took place."""

WELLBEING = (SWLS, FLOURISHING, WHO)
"""Forms that are due at the first, every fourth and the last session."""

FORMS = (*EVERY_SESSION, *WELLBEING)
"""All forms, in the order in which exports hold them."""
