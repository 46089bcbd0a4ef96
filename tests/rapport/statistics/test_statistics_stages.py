"""The course of the relationship over its stages, on courses small enough to count by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.stages import STAGES, StageBands, stage_of_sessions, stages

SESSIONS = ["clinic_id", "patient_id", "episode", "session", "attendance", "ending"]
SCORES = [*SESSIONS[:4], "instrument", "rater", "scale", "item_mean", "no_score_reason"]


def _course(
    patient: str, length: int, ending: str | None, *, clinic: str = "c1"
) -> list[tuple[object, ...]]:
    """Sessions 1 … length, all attended; the ending stands on the last."""
    return [
        (clinic, patient, "1", number, "attended", ending if number == length else None)
        for number in range(1, length + 1)
    ]


def _sessions(*courses: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame([row for course in courses for row in course], columns=SESSIONS)


def _scores(*rows: tuple[str, int, str, float], clinic: str = "c1") -> pd.DataFrame:
    forms = {"patient": "wai-sr", "therapist": "wai-sr-t"}
    return pd.DataFrame(
        [
            (clinic, patient, "1", session, forms[rater], rater, "total", mean, None)
            for patient, session, rater, mean in rows
        ],
        columns=SCORES,
    )


NO_SCORES = _scores()


def test_sessions_fall_into_bands_and_the_last_two_of_a_finished_episode_are_its_ending() -> None:
    found = stage_of_sessions(_sessions(_course("p1", 8, "planned")))
    assert found.tolist() == [
        *["first"] * 2,
        *["agreeing"] * 3,
        "working",
        *["ending"] * 2,
    ]


@pytest.mark.parametrize("ending", [None, "ongoing"])
def test_an_open_episode_has_no_ending(ending: str | None) -> None:
    found = stage_of_sessions(_sessions(_course("p1", 7, ending)))
    assert found.tolist()[-2:] == ["working", "working"]


def test_a_single_session_is_not_a_finished_episode() -> None:
    assert stage_of_sessions(_sessions(_course("p1", 1, "dropped_out"))).tolist() == ["first"]


def test_a_clinic_can_set_the_bands_and_which_endings_count() -> None:
    bands = StageBands(first_contact_until=1, agreeing_until=3, ending_sessions=1)
    courses = _sessions(_course("p1", 5, "planned"), _course("p2", 5, "dropped_out"))
    only_planned = StageBands(1, 3, 1, endings=("planned",))
    assert stage_of_sessions(courses, bands).tolist()[:5] == [
        "first",
        "agreeing",
        "agreeing",
        "working",
        "ending",
    ]
    assert stage_of_sessions(courses, only_planned).tolist()[-1] == "working"


def test_a_session_that_did_not_take_place_is_in_no_stage() -> None:
    sessions = _sessions(_course("p1", 6, "planned"))
    sessions.loc[5, "attendance"] = "missed"
    found = stage_of_sessions(sessions)
    assert found[5] is None
    assert found.tolist()[3:5] == ["ending", "ending"]


def test_every_episode_that_reached_a_band_left_it_in_one_way() -> None:
    found = (
        stages(
            _sessions(
                _course("p1", 2, "dropped_out"),
                _course("p2", 4, "dropped_out"),
                _course("p3", 5, "planned"),
                _course("p4", 9, "planned"),
                _course("p5", 7, "referred_on"),
                _course("p6", 3, None),
                _course("p7", 1, "dropped_out"),
            ),
            NO_SCORES,
        )
        .set_index("stage")
        .T
    )
    ways = ["n_reached", "n_dropped_out", "n_planned", "n_other", "n_open", "n_went_on"]
    assert found["first"].loc[ways].tolist() == [7, 2, 0, 0, 0, 5]
    assert found["agreeing"].loc[ways].tolist() == [5, 1, 1, 0, 1, 2]
    assert found["working"].loc[ways].tolist() == [2, 0, 1, 1, 0, 0]
    assert found["ending"].loc[ways].tolist() == [5, 2, 2, 1, 0, 0]


def test_each_rater_has_a_mean_and_the_discrepancy_is_of_sessions_rated_by_both() -> None:
    sessions = _sessions(_course("p1", 2, None), _course("p2", 2, None))
    scores = _scores(
        ("p1", 1, "patient", 4.0),
        ("p1", 1, "therapist", 3.0),
        ("p1", 2, "patient", 5.0),
        ("p2", 1, "patient", 3.0),
        ("p2", 2, "therapist", 2.0),
    )
    first = stages(sessions, scores).iloc[0]
    assert (first["n_patients"], first["n_sessions"]) == (2, 4)
    assert (first["mean_patient"], first["n_sessions_patient"]) == (4.0, 3)
    assert (first["mean_therapist"], first["n_patients_therapist"]) == (2.5, 2)
    assert (first["mean_discrepancy"], first["n_sessions_discrepancy"]) == (1.0, 1)
    assert math.isnan(first["low_discrepancy"])
    # Residual sums by patient are 1 and −1: √(2/1 · 2)/3, times t with one degree of freedom.
    half = 12.706204736432095 * 2 / 3
    assert first["high_patient"] == pytest.approx(4.0 + half, rel=1e-9)


def test_ruptures_are_a_share_of_the_sessions_that_the_patient_rated() -> None:
    sessions = _sessions(_course("p1", 2, None), _course("p2", 2, None))
    scores = _scores(*[(p, s, "patient", 4.0) for p in ("p1", "p2") for s in (1, 2)][:3])
    ruptures = sessions.loc[[1], SESSIONS[:4]]
    first = stages(sessions, scores, ruptures=ruptures).iloc[0]
    assert (first["n_ruptures"], first["n_sessions_rupture"]) == (1, 3)
    assert first["mean_rupture"] == pytest.approx(1 / 3)
    assert 0 <= first["low_rupture"] <= first["high_rupture"] <= 1


def test_without_a_rule_for_ruptures_there_is_no_number_of_them() -> None:
    first = stages(_sessions(_course("p1", 2, None)), NO_SCORES).iloc[0]
    assert first["n_ruptures"] is pd.NA
    assert math.isnan(first["mean_rupture"])


def test_patients_of_two_clinics_with_one_name_are_two() -> None:
    both = _sessions(_course("p1", 1, None), _course("p1", 1, None, clinic="c2"))
    assert stages(both, NO_SCORES)["n_patients"].tolist() == [2, 0, 0, 0]


@pytest.mark.parametrize("length", [0, 1, 2])
def test_hardly_any_sessions_give_counts_and_no_means(length: int) -> None:
    found = stages(_sessions(_course("p1", length, None)), NO_SCORES)
    assert found["stage"].tolist() == list(STAGES)
    assert found["n_sessions"].tolist() == [length, 0, 0, 0]
    assert found[["mean_patient", "low_patient", "mean_discrepancy"]].isna().all(axis=None)


@pytest.mark.parametrize("bands", [StageBands(0), StageBands(5, 5), StageBands(ending_sessions=0)])
def test_bands_out_of_order_are_refused(bands: StageBands) -> None:
    with pytest.raises(StatisticsError, match="STAGE_BANDS"):
        stages(_sessions(_course("p1", 2, None)), NO_SCORES, bands=bands)


def test_a_session_that_stands_twice_is_refused() -> None:
    twice = pd.concat([_sessions(_course("p1", 2, None))] * 2, ignore_index=True)
    with pytest.raises(StatisticsError, match="SESSIONS"):
        stages(twice, NO_SCORES)


ENDINGS = st.sampled_from([None, "ongoing", "planned", "dropped_out", "referred_on", "other"])


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), ENDINGS), min_size=1, max_size=12))
def test_counts_add_up_and_do_not_depend_on_the_order_of_rows(
    courses: list[tuple[int, str | None]],
) -> None:
    sessions = _sessions(*[_course(f"p{i}", n, how) for i, (n, how) in enumerate(courses)])
    scores = _scores(
        *[(p, s, "patient", 1 + s % 4) for p, s in sessions[["patient_id", "session"]].to_numpy()]
    )
    found = stages(sessions, scores)
    shuffled = stages(
        sessions.sample(frac=1, random_state=1), scores.sample(frac=1, random_state=2)
    )
    pd.testing.assert_frame_equal(found, shuffled)
    assert found["n_sessions"].sum() == len(sessions)
    bands = found.iloc[:3]
    ways = ["n_dropped_out", "n_planned", "n_other", "n_open", "n_went_on"]
    assert (bands["n_reached"] == bands[ways].sum(axis=1)).all()
    assert bands["n_reached"].iloc[0] == len(courses)
    assert bands["n_reached"].tolist()[1:] == bands["n_went_on"].tolist()[:-1]
    flipped = stages(sessions, scores.assign(item_mean=6 - scores["item_mean"]))
    assert np.allclose(flipped["mean_patient"], 6 - found["mean_patient"], equal_nan=True)
    assert np.allclose(flipped["low_patient"], 6 - found["high_patient"], equal_nan=True)
