"""Score: from accepted responses to scale scores, for clinic-months whose verdict is passed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home


def score(home: "Home", slices: Sequence[ClinicMonth]) -> dict[ClinicMonth, int]:
    """Replace the scores of these clinic-months; return how many scores each now has.

    A clinic-month whose newest verdict is not ``passed`` has none, whoever asks.
    """
    from rapport.scoring import score_responses

    responses = home.warehouse.read_passed(
        tables.survey_responses, months(slices), clinics=clinic_ids(slices)
    )
    scores = score_responses(responses, home.catalogue)
    wanted = {(one.clinic_id, one.month) for one in slices}
    pairs = zip(scores.clinic_id, scores.month, strict=True)
    scores = scores[np.fromiter((pair in wanted for pair in pairs), dtype=bool, count=len(scores))]
    home.warehouse.replace_slices({tables.scale_scores: scores}, [one.key for one in slices])
    counts = scores.groupby(["clinic_id", "month"]).size()
    return {one: int(counts.get((one.clinic_id, one.month), 0)) for one in slices}
