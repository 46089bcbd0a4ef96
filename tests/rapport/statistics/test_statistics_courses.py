"""Stages of treatment: bands of attended sessions, counted from the first that is known."""

import pandas as pd
import pytest

from rapport.statistics.courses import DEFAULT_BANDS, bands_of, with_stages

CLINICS = pd.DataFrame({"clinic_id": ["c1"], "sector": ["public"]})


def _sessions(*attendance: str | None, ending: str | None = None) -> pd.DataFrame:
    n = len(attendance)
    return pd.DataFrame(
        {
            "clinic_id": "c1",
            "patient_id": "p1",
            "episode": "1",
            "session": range(1, n + 1),
            "session_date": [f"2026-01-{day:02d}" for day in range(1, n + 1)],
            "attendance": list(attendance),
            "ending": [None] * (n - 1) + [ending],
        }
    )


def _stages(sessions: pd.DataFrame, clinics: pd.DataFrame = CLINICS) -> list[str | None]:
    stage = with_stages(sessions, clinics)["stage"]
    return [None if pd.isna(one) else str(one) for one in stage]


def test_sessions_one_and_two_are_first_contact_three_to_five_agreeing_and_then_working() -> None:
    found = _stages(_sessions(*["attended"] * 7))
    assert found == ["first"] * 2 + ["agreeing"] * 3 + ["working"] * 2


def test_the_last_two_of_an_ended_episode_are_its_ending() -> None:
    found = _stages(_sessions(*["attended"] * 7, ending="planned"))
    assert found == ["first"] * 2 + ["agreeing"] * 3 + ["ending"] * 2


def test_an_episode_that_goes_on_has_no_ending() -> None:
    assert "ending" not in _stages(_sessions(*["attended"] * 7, ending="ongoing"))


def test_first_contact_is_never_an_ending() -> None:
    assert _stages(_sessions(*["attended"] * 3, ending="dropped_out")) == ["first"] * 2 + ["ending"]


def test_what_comes_after_the_end_has_no_stage_and_does_not_move_the_ending() -> None:
    sessions = _sessions(*["attended"] * 9)
    sessions.loc[6, "ending"] = "planned"
    sessions.loc[7:, "session_date"] = ["2026-03-02", "2026-05-04"]
    expected = ["first"] * 2 + ["agreeing"] * 3 + ["ending"] * 2 + [None] * 2
    assert _stages(sessions) == expected
    assert _stages(sessions.astype({"session_date": "category"})) == expected


def test_an_ending_that_is_repeated_in_a_later_month_leaves_the_end_where_it_was() -> None:
    sessions = _sessions(*["attended"] * 5)
    sessions.loc[[3, 4], "ending"] = "planned"
    sessions.loc[4, "session_date"] = "2026-02-02"
    assert _stages(sessions) == ["first"] * 2 + ["ending"] * 2 + [None]


def test_missed_sessions_are_not_counted_and_have_no_stage() -> None:
    found = _stages(_sessions("attended", "missed", "cancelled_by_clinic", "attended", "attended"))
    assert found == ["first", None, None, "first", "agreeing"]


def test_sessions_whose_attendance_is_not_stated_count_as_held() -> None:
    assert _stages(_sessions(None, None, None)) == ["first", "first", "agreeing"]


def test_order_of_rows_does_not_matter() -> None:
    sessions = _sessions(*["attended"] * 6)
    shuffled = sessions.iloc[[5, 2, 0, 4, 1, 3]]
    assert with_stages(shuffled, CLINICS)["stage"].sort_index().tolist() == _stages(sessions)


def test_a_clinic_can_set_its_own_bands() -> None:
    own = CLINICS.assign(stage_first=1, stage_agreeing=2, stage_ending=1)
    found = _stages(_sessions(*["attended"] * 4, ending="planned"), own)
    assert found == ["first", "agreeing", "working", "ending"]


def test_episodes_and_patients_are_counted_apart() -> None:
    one = _sessions(*["attended"] * 3)
    both = pd.concat([one, one.assign(episode="2"), one.assign(patient_id="p2")], ignore_index=True)
    assert _stages(both) == ["first", "first", "agreeing"] * 3


@pytest.mark.parametrize("name", list(DEFAULT_BANDS))
def test_a_clinic_without_bands_has_the_default(name: str) -> None:
    assert bands_of(CLINICS)[name].tolist() == [DEFAULT_BANDS[name]]


def test_without_sessions_there_are_no_stages() -> None:
    assert with_stages(_sessions("attended").iloc[:0], CLINICS)["stage"].empty
