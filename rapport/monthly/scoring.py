"""Score: from accepted responses to scale scores, for clinic-months whose verdict is passed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from rapport.monthly.parts import parts_by_forms
from rapport.monthly.slices import ClinicMonth, clinic_ids, grid, months
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home

_ASKED = [one.name for one in tables.survey_responses.columns if one.name != "content_sha256"]
"""All of a response but the long name of its file, which no score needs."""


def score(home: "Home", slices: Sequence[ClinicMonth]) -> dict[ClinicMonth, int]:
    """Replace the scores of these clinic-months; return how many scores each now has.

    A clinic-month whose newest verdict is not ``passed`` has none, whoever asks.
    """
    found: dict[ClinicMonth, int] = {}
    for part in parts_by_forms(home, slices):
        found |= _score_part(home, part)
    return found


def _score_part(home: "Home", part: Sequence[ClinicMonth]) -> dict[ClinicMonth, int]:
    from rapport.scoring import score_responses

    responses = home.warehouse.read_passed(
        tables.survey_responses,
        months(part),
        clinics=clinic_ids(part),
        columns=_ASKED,
        coded=True,
    )
    scores = score_responses(responses, home.catalogue)
    if set(part) != set(grid(clinic_ids(part), months(part))):
        wanted = pd.MultiIndex.from_tuples([(one.clinic_id, one.month) for one in part])
        scores = scores[pd.MultiIndex.from_frame(scores[["clinic_id", "month"]]).isin(wanted)]
    home.warehouse.replace_slices({tables.scale_scores: scores}, [one.key for one in part])
    counts = scores.groupby(["clinic_id", "month"]).size()
    return {one: int(counts.get((one.clinic_id, one.month), 0)) for one in part}
