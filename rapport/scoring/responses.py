"""From ``survey_responses`` to ``scale_scores``: the monthly run's door to scoring.

One row a form in, one row a form and scale out. A form without a score stays in the frame with
the reason, so that completeness can be counted.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rapport.errors import Fault, ScoringError
from rapport.instruments import Instrument, instrument_of
from rapport.scoring.items import OUT_OF_RANGE, ScaleScores, score_matrix
from rapport.warehouse.tables import ITEM_COLUMNS, scale_scores

SCORE_COLUMNS = tuple(column.name for column in scale_scores.columns)
"""Columns of the frame of scores, in order."""

_CARRIED = (
    "clinic_id", "month", "patient_id", "episode", "session", "instrument", "rater",
    "therapist_id", "session_date",
)  # fmt: skip

_TYPES: Mapping[str, str] = {
    **dict.fromkeys(_CARRIED, "str"),
    "session": "int64",
    "scale": "str",
    "instrument_version": "str",
    "score": "float64",
    "item_mean": "float64",
    "n_items": "int64",
    "n_answered": "int64",
    "is_prorated": "bool",
    "no_score_reason": "object",
}


def score_responses(responses: pd.DataFrame, catalogue: Mapping[str, Instrument]) -> pd.DataFrame:
    """Score accepted forms of any instruments.

    Args:
        responses: Columns of ``survey_responses``; items as numbers, missing = NaN.
        catalogue: Instruments by id.

    Returns:
        Columns of ``scale_scores`` (:data:`SCORE_COLUMNS`), one row a form and scale, ordered by
        instrument, scale, then as the forms came.

    Raises:
        SettingsError: A form is of an instrument that the catalogue does not have.
        ScoringError: An answer is outside its scale (which no accepted form can have), or an
            instrument's key is uncertain.
    """
    parts = [
        _score_instrument(forms, instrument_of(catalogue, str(name)))
        for name, forms in responses.groupby("instrument", sort=True)
    ]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=_TYPES[name]) for name in SCORE_COLUMNS})
    return pd.concat(parts, ignore_index=True)


def _score_instrument(forms: pd.DataFrame, instrument: Instrument) -> pd.DataFrame:
    columns = list(ITEM_COLUMNS[: instrument.n_items])
    scores = score_matrix(forms[columns].to_numpy(dtype=np.float64), instrument)
    _refuse_foreign_answers(forms, scores, instrument)
    carried = forms[list(_CARRIED)]
    frames = [_frame(carried, found, instrument) for found in scores]
    return pd.concat(frames, ignore_index=True)


def _frame(carried: pd.DataFrame, found: ScaleScores, instrument: Instrument) -> pd.DataFrame:
    frame = carried.assign(
        scale=found.scale,
        instrument_version=instrument.version,
        score=found.score,
        item_mean=found.item_mean,
        n_items=found.n_items,
        n_answered=found.n_answered,
        is_prorated=found.is_prorated,
        no_score_reason=found.reason,
    )
    return frame[list(SCORE_COLUMNS)]


def _refuse_foreign_answers(
    forms: pd.DataFrame, scores: tuple[ScaleScores, ...], instrument: Instrument
) -> None:
    """Stop where an accepted form holds an answer that its scale does not have."""
    is_foreign = np.any([found.reason == OUT_OF_RANGE for found in scores], axis=0)
    if not is_foreign.any():
        return
    places = forms.loc[is_foreign, ["clinic_id", "month", "line"]].head(20)
    raise ScoringError(
        Fault(
            "ANSWER_OUT_OF_RANGE",
            f"{instrument.id}: an accepted form of {clinic}, {month} holds an answer that the "
            "scale does not have.",
            "Collect that clinic-month again; a form like this must be quarantined first.",
            line=int(line),
        )
        for clinic, month, line in places.itertuples(index=False)
    )
