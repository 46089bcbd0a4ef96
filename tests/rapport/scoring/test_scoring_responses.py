"""The monthly run's door: accepted forms in, scale scores out."""

import numpy as np
import pandas as pd
import pytest

from rapport.errors import ScoringError, SettingsError
from rapport.instruments import load_catalogue
from rapport.scoring import SCORE_COLUMNS, score_responses
from rapport.warehouse.tables import ITEM_COLUMNS, survey_responses

CATALOGUE = load_catalogue()
COLUMNS = [column.name for column in survey_responses.columns]


def form(instrument: str, answers: list[float], session: int = 1) -> dict[str, object]:
    return {
        "clinic_id": "north", "month": "2026-03", "patient_id": "p1", "episode": "1",
        "session": session, "instrument": instrument, "rater": "patient", "therapist_id": "t1",
        "session_date": "2026-03-02", "content_sha256": "x", "line": 7,
        **dict(zip(ITEM_COLUMNS, answers, strict=False)),
    }  # fmt: skip


def frame(*forms: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(list(forms), columns=COLUMNS)


def test_one_row_a_form_and_scale_with_the_table_s_columns() -> None:
    found = score_responses(frame(form("wai-sr", [3.0] * 12)), CATALOGUE)
    assert list(found) == list(SCORE_COLUMNS)
    assert found["scale"].tolist() == ["total", "task", "bond", "goal"]
    assert found["score"].tolist() == [36.0, 12.0, 12.0, 12.0]
    assert found["item_mean"].tolist() == [3.0] * 4


def test_the_number_of_items_is_kept_beside_the_number_answered() -> None:
    found = score_responses(frame(form("wai-sr", [float("nan"), *[3.0] * 11])), CATALOGUE)
    assert found["n_items"].tolist() == [12, 4, 4, 4]
    assert found["n_answered"].tolist() == [11, 3, 4, 4]
    assert found["is_prorated"].tolist() == [True, True, False, False]


def test_instruments_are_scored_side_by_side() -> None:
    found = score_responses(
        frame(form("who-5", [5.0] * 5), form("phq-9", [1.0] * 9), form("phq-9", [2.0] * 9, 2)),
        CATALOGUE,
    )
    assert found.index.tolist() == [0, 1, 2]
    assert found["instrument"].tolist() == ["phq-9", "phq-9", "who-5"]
    assert found["score"].tolist() == [9.0, 18.0, 100.0]
    assert found["item_mean"].tolist() == [1.0, 2.0, 5.0]


def test_a_form_without_score_stays_with_its_reason() -> None:
    found = score_responses(frame(form("phq-9", [1.0] * 5)), CATALOGUE).iloc[0]
    assert np.isnan(found["score"])
    assert np.isnan(found["item_mean"])
    assert (found["n_answered"], found["no_score_reason"]) == (5, "too_many_missing")


def test_an_answer_outside_the_scale_stops_the_clinic_month_and_is_not_told() -> None:
    with pytest.raises(ScoringError) as told:
        score_responses(frame(form("phq-9", [77.0] * 9)), CATALOGUE)
    (fault,) = told.value.faults
    assert (fault.rule, fault.line) == ("ANSWER_OUT_OF_RANGE", 7)
    assert "77" not in str(fault)


def test_the_refusal_names_clinic_month_and_remedy_of_each_form() -> None:
    forms = [form("wai-sr", [3.0] * 12), {**form("wai-sr", [9.0, *[3.0] * 11], 2), "line": 8}]
    with pytest.raises(ScoringError) as told:
        score_responses(frame(*forms), CATALOGUE)
    (fault,) = told.value.faults
    assert fault.message == (
        "wai-sr: an accepted form of north, 2026-03 holds an answer that the scale does not have."
    )
    assert fault.remedy == (
        "Collect that clinic-month again; a form like this must be quarantined first."
    )
    assert fault.line == 8


def test_a_refusal_tells_of_twenty_forms_at_most() -> None:
    forms = [{**form("phq-9", [7.0] * 9, n), "line": n} for n in range(1, 26)]
    with pytest.raises(ScoringError) as told:
        score_responses(frame(*forms), CATALOGUE)
    assert [fault.line for fault in told.value.faults] == list(range(1, 21))


def test_an_unknown_instrument_is_told() -> None:
    with pytest.raises(SettingsError, match="UNKNOWN_INSTRUMENT"):
        score_responses(frame(form("phq-99", [1.0] * 9)), CATALOGUE)


def test_no_forms_give_an_empty_frame_of_the_same_types() -> None:
    empty = score_responses(frame(), CATALOGUE)
    full = score_responses(frame(form("phq-9", [1.0] * 9)), CATALOGUE)
    assert list(empty) == list(SCORE_COLUMNS)
    assert empty.dtypes.to_dict() == full.dtypes.to_dict()


def test_order_of_forms_changes_no_score() -> None:
    forms = [form("phq-9", [float(n % 4)] * 9, n) for n in range(1, 9)]
    key = ["instrument", "session", "scale"]
    one = score_responses(frame(*forms), CATALOGUE).sort_values(key, ignore_index=True)
    other = score_responses(frame(*forms[::-1]), CATALOGUE).sort_values(key, ignore_index=True)
    pd.testing.assert_frame_equal(one, other)
