"""How finished treatments are judged: the published definitions, case by case."""

import numpy as np
import pandas as pd
import pytest

from rapport.instruments import load_catalogue
from rapport.months import Month
from rapport.scoring import SCORE_COLUMNS, TreatmentOutcomes, treatment_outcomes
from rapport.warehouse.tables import measure_changes
from rapport.warehouse.tables import treatment_outcomes as outcomes_table

CATALOGUE = load_catalogue()
MARCH = Month(2026, 3)


def session(number: int, date: str, **more: object) -> dict[str, object]:
    return {
        "clinic_id": "north", "month": date[:7], "patient_id": "p1", "episode": "1",
        "session": number, "therapist_id": "t1", "session_date": date, "mode": None,
        "attendance": "attended", "ending": None, "content_sha256": "x", "line": number, **more,
    }  # fmt: skip


def score(instrument: str, number: int, value: float | None, **more: object) -> dict[str, object]:
    date = f"2026-03-{number:02d}"
    return {
        "clinic_id": "north", "month": date[:7], "patient_id": "p1", "episode": "1",
        "session": number, "instrument": instrument, "rater": "patient", "scale": "total",
        "therapist_id": "t1", "session_date": date, "instrument_version": "1", "score": value,
        "item_mean": None, "n_items": 9, "n_answered": 9, "is_prorated": False,
        "no_score_reason": None, **more,
    }  # fmt: skip


SESSIONS = [
    session(1, "2026-03-01"),
    session(2, "2026-03-02"),
    session(3, "2026-03-03", ending="planned"),
]


def judged(
    phq: list[float], gad: list[float], sessions: list[dict[str, object]] | None = None
) -> TreatmentOutcomes:
    rows = [score("phq-9", n, v) for n, v in enumerate(phq, 1)]
    rows += [score("gad-7", n, v) for n, v in enumerate(gad, 1)]
    return treatment_outcomes(
        pd.DataFrame(rows, columns=list(SCORE_COLUMNS)),
        pd.DataFrame(sessions or SESSIONS),
        month=MARCH,
        catalogue=CATALOGUE,
    )


FLAGS = [
    "is_recovered",
    "is_reliably_improved",
    "is_reliably_recovered",
    "is_reliably_deteriorated",
]

CASES = {
    #                                              PHQ-9     GAD-7     recov improv rel.rec deter
    "both fall below caseness, reliably":         ([15, 5],  [12, 4], [True, True, True, False]),
    "a fall of exactly 6 on the PHQ-9 counts":    ([20, 14], [12, 12], [False, True, False, False]),
    "a fall of 5 on the PHQ-9 does not":        ([20, 15], [12, 12], [False] * 4),
    "a fall of exactly 4 on the GAD-7 counts":    ([20, 20], [12, 8], [False, True, False, False]),
    "a fall of 3 on the GAD-7 does not":          ([20, 20], [12, 9], [False, False, False, False]),
    "recovered without reliable improvement":     ([10, 9],  [8, 7],  [True, False, False, False]),
    "at the cut-off at last is still a case":     ([20, 10], [8, 7],  [False, True, False, False]),
    "one up and one down is no reliable change":  ([20, 14], [8, 12], [False, False, False, False]),
    "a rise of exactly 6 is deterioration":       ([10, 16], [8, 8],  [False, False, False, True]),
    "never a case cannot recover":                ([9, 2],   [7, 2],  [False, True, False, False]),
    "first and last count, not the best":         ([20, 2, 20], [12, 2, 12], [False] * 4),
    "a case by anxiety alone can recover":        ([9, 3],   [12, 3], [True, True, True, False]),
    "recovery needs the last score of both":      ([15, 5],  [12],    [False, True, False, False]),
}  # fmt: skip


@pytest.mark.parametrize(("phq", "gad", "expected"), CASES.values(), ids=CASES)
def test_outcome_flags_by_the_published_definition(
    phq: list[float], gad: list[float], expected: list[bool]
) -> None:
    outcome = judged(phq, gad).outcomes.iloc[0]
    assert outcome[FLAGS].tolist() == expected


@pytest.mark.parametrize(
    ("phq", "gad", "expected"),
    [
        ([10, 9], [7, 7], True),
        ([9, 9], [8, 7], True),
        ([9, 9], [7, 7], False),
        ([9, 9], [], None),
        ([10, 9], [], True),
        ([], [], None),
    ],
    ids=["phq at 10", "gad at 8", "both below", "one below, one unknown", "one is enough", "none"],
)
def test_caseness_at_the_start(phq: list[float], gad: list[float], expected: bool | None) -> None:
    found = judged(phq, gad).outcomes["is_case_at_start"].iloc[0]
    assert (None if found is pd.NA else bool(found)) is expected


@pytest.mark.parametrize(
    ("phq", "gad", "expected"), [([9, 9], [7, 7], True), ([9, 9], [7], False), ([], [], False)]
)
def test_paired_means_two_scores_on_both_measures(
    phq: list[float], gad: list[float], expected: bool
) -> None:
    assert bool(judged(phq, gad).outcomes["is_paired"].iloc[0]) is expected


def test_a_prorated_total_is_not_a_score_in_the_national_definition() -> None:
    rows = [
        score("phq-9", 1, 20.0, is_prorated=True),
        score("phq-9", 2, 12.0),
        score("phq-9", 3, 5.0),
    ]
    rows += [score("gad-7", n, 12.0) for n in (1, 2, 3)]
    found = treatment_outcomes(
        pd.DataFrame(rows), pd.DataFrame(SESSIONS), month=MARCH, catalogue=CATALOGUE
    )
    assert bool(found.outcomes["is_reliably_improved"].iloc[0])  # 12 → 5
    phq = found.changes.set_index("instrument").loc["phq-9"]
    assert (phq["n_scores"], phq["pre"], phq["post"]) == (3, 20.0, 5.0)


def test_one_attended_session_is_not_a_finished_course() -> None:
    sessions = [
        session(1, "2026-03-01"),
        session(2, "2026-03-02", attendance="missed", ending="dropped_out"),
    ]
    found = judged([15, 5], [12, 4], sessions)
    row = found.outcomes.iloc[0]
    assert (row["n_attended"], bool(row["is_finished"]), row["ending"]) == (1, False, "dropped_out")
    assert not row[FLAGS].any()
    assert found.changes.empty


def test_an_ongoing_course_has_no_outcome() -> None:
    sessions = [session(1, "2026-03-01"), session(2, "2026-03-02", ending="ongoing")]
    assert judged([15, 5], [12, 4], sessions).outcomes.empty


def test_a_course_belongs_to_the_month_of_its_first_ending_only() -> None:
    sessions = [
        session(1, "2026-02-01"),
        session(2, "2026-02-02", ending="planned"),
        session(3, "2026-03-03", ending="planned"),
    ]
    assert judged([15, 5], [12, 4], sessions).outcomes.empty


def test_what_follows_the_end_counts_for_nothing() -> None:
    sessions = [
        session(1, "2026-03-01"),
        session(2, "2026-03-02", ending="planned"),
        session(3, "2026-03-03"),
    ]
    found = judged([15, 5, 27], [12, 4, 21], sessions)
    assert found.outcomes["n_attended"].tolist() == [2]
    assert found.outcomes["is_reliably_recovered"].tolist() == [True]


def test_missing_attendance_counts_only_where_a_clinic_never_states_it() -> None:
    silent = [session(n, f"2026-03-0{n}", attendance=None) for n in (1, 2)]
    silent[1]["ending"] = "planned"
    assert judged([], [], silent).outcomes["n_attended"].tolist() == [2]
    spoken = [*silent, session(1, "2026-03-01", patient_id="p2", attendance="missed")]
    assert judged([], [], spoken).outcomes["n_attended"].tolist() == [0]


def test_two_sessions_on_one_day_are_ordered_by_number() -> None:
    rows = [
        score("phq-9", 2, 5.0, session_date="2026-03-01"),
        score("phq-9", 1, 15.0, session_date="2026-03-01"),
    ]
    found = treatment_outcomes(
        pd.DataFrame(rows), pd.DataFrame(SESSIONS), month=MARCH, catalogue=CATALOGUE
    )
    assert found.changes["improvement"].tolist() == [10.0]


@pytest.mark.parametrize(
    ("instrument", "pre", "post", "improvement", "change_class"),
    [
        ("phq-9", 15.0, 9.0, 6.0, "reliably_improved"),
        ("phq-9", 9.0, 15.0, -6.0, "reliably_deteriorated"),
        ("phq-9", 15.0, 9.5, 5.5, "no_reliable_change"),
        ("swls", 10.0, 25.0, 15.0, None),
        ("who-5", 40.0, 60.0, 20.0, None),
    ],
    ids=[
        "improved",
        "deteriorated",
        "unchanged",
        "no threshold published",
        "relevant, not reliable",
    ],
)
def test_change_is_positive_when_better_and_classed_only_by_a_confirmed_threshold(
    instrument: str, pre: float, post: float, improvement: float, change_class: str | None
) -> None:
    rows = [score(instrument, 1, pre), score(instrument, 2, post)]
    change = treatment_outcomes(
        pd.DataFrame(rows), pd.DataFrame(SESSIONS), month=MARCH, catalogue=CATALOGUE
    ).changes.iloc[0]
    found = change["change_class"]
    assert change["improvement"] == improvement
    assert (None if pd.isna(found) else found) == change_class


def test_one_score_gives_a_start_and_no_change() -> None:
    change = judged([15.0], []).changes.iloc[0]
    assert (change["n_scores"], change["pre"]) == (1, 15.0)
    assert np.isnan(change["post"])
    assert np.isnan(change["improvement"])
    assert pd.isna(change["change_class"])


def test_alliance_is_not_an_outcome_and_therapists_do_not_rate_outcomes() -> None:
    rows = [score("wai-sr", n, 40.0) for n in (1, 2)]
    rows += [score("phq-9", n, 9.0, rater="therapist") for n in (1, 2)]
    found = treatment_outcomes(
        pd.DataFrame(rows), pd.DataFrame(SESSIONS), month=MARCH, catalogue=CATALOGUE
    )
    assert found.changes.empty


def test_the_frames_have_the_columns_of_their_tables() -> None:
    found = judged([15, 5], [12, 4])
    assert list(found.outcomes) == [c.name for c in outcomes_table.columns]
    assert list(found.changes) == [c.name for c in measure_changes.columns]


def test_order_of_rows_changes_nothing() -> None:
    rows = pd.DataFrame([score("phq-9", n, v) for n, v in enumerate([15.0, 12.0, 5.0], 1)])
    sessions = pd.DataFrame(SESSIONS)
    one = treatment_outcomes(rows, sessions, month=MARCH, catalogue=CATALOGUE)
    other = treatment_outcomes(rows[::-1], sessions[::-1], month=MARCH, catalogue=CATALOGUE)
    pd.testing.assert_frame_equal(one.outcomes, other.outcomes)
    pd.testing.assert_frame_equal(one.changes, other.changes)


def test_later_months_are_left_out_of_account() -> None:
    later = session(4, "2026-04-01", ending="planned", patient_id="p2")
    assert judged([15, 5], [12, 4], [*SESSIONS, later]).outcomes["patient_id"].tolist() == ["p1"]


def test_an_empty_month_gives_empty_frames() -> None:
    found = treatment_outcomes(
        pd.DataFrame(columns=list(SCORE_COLUMNS)),
        pd.DataFrame(SESSIONS).iloc[:0],
        month=MARCH,
        catalogue=CATALOGUE,
    )
    assert found.outcomes.empty
    assert found.changes.empty
