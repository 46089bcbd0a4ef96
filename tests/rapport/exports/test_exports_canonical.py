"""Accepted rows become typed sessions and administrations, and nothing else does."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from rapport.exports.canonical import responses_of, sessions_of
from rapport.exports.reconcile import ConservationError
from rapport.warehouse import tables

if TYPE_CHECKING:
    from conftest import Desk


def test_the_frames_have_exactly_the_columns_of_their_tables(desk: "Desk") -> None:
    sessions, responses = desk.canonical(*desk.judged(desk.read(desk.csv(desk.row()))))
    assert sessions.columns.tolist() == tables.sessions.columns.keys()
    assert responses.columns.tolist() == tables.survey_responses.columns.keys()


def test_nothing_accepted_makes_frames_with_every_column_and_its_type(desk: "Desk") -> None:
    sessions, responses = desk.canonical(*desk.judged(desk.read(desk.csv(desk.row("")))))
    full = desk.canonical(*desk.judged(desk.read(desk.csv(desk.row()))))
    assert (len(sessions), len(responses)) == (0, 0)
    for empty, filled in zip((sessions, responses), full, strict=True):
        assert empty.dtypes.map(str).to_dict() == filled.dtypes.map(str).to_dict()


def test_a_session_says_when_with_whom_and_where_it_was_read(desk: "Desk") -> None:
    reading = desk.read(desk.csv(desk.row("p2"), desk.row("p1", session="12")))
    sessions, _ = desk.canonical(*desk.judged(reading))
    assert sessions.iloc[0].to_dict() == {
        "clinic_id": "hill", "month": "2026-02", "patient_id": "p1", "episode": "1",
        "session": 12, "therapist_id": "T1", "session_date": "2026-02-03", "mode": None,
        "attendance": None, "ending": None, "covariates": None, "line": 3,
        "content_sha256": reading.file["content_sha256"],
    }  # fmt: skip


def test_sessions_stand_in_the_order_of_their_numbers(desk: "Desk") -> None:
    content = desk.csv(*(desk.row(session=number) for number in ("10", "9", "1")))
    sessions, responses = desk.canonical(*desk.judged(desk.read(content)))
    assert sessions["session"].tolist() == responses["session"].tolist() == [1, 9, 10]


def test_answers_become_numbers_and_gaps_stay_gaps(desk: "Desk") -> None:
    _, responses = desk.canonical(*desk.judged(desk.read(desk.csv(desk.row(g2="", g3="-9")))))
    found = responses[list(tables.ITEM_COLUMNS)].iloc[0].to_numpy(dtype=float)
    np.testing.assert_array_equal(found[:7], [0, np.nan, np.nan, 3, 0, 1, 2])
    assert np.isnan(found[7:]).all()


def test_a_form_without_any_answer_is_no_administration_and_the_session_remains(
    desk: "Desk",
) -> None:
    blank = dict.fromkeys(desk.header[4:], "")
    sessions, responses = desk.canonical(*desk.judged(desk.read(desk.csv(desk.row(**blank)))))
    assert (len(sessions), len(responses)) == (1, 0)


def test_each_form_of_a_row_is_an_administration_of_its_own(desk: "Desk") -> None:
    forms = [
        {"instrument": "who-5", "rater": "patient", "items": "w{item}"},
        {"instrument": "gad-7", "rater": "patient", "items": "g{item}"},
    ]
    header = [*desk.header, *(f"w{item}" for item in range(1, 6))]
    content = desk.csv([*desk.row(), *"12345"], header=header)
    rows, states = desk.judged(
        desk.read(content, forms=forms), clinic=desk.clinic({"forms": forms})
    )
    responses = responses_of(rows, states, desk.catalogue)
    assert responses[["instrument", "rater", "item_05"]].to_numpy().tolist() == [
        ["gad-7", "patient", 0.0], ["who-5", "patient", 5.0],
    ]  # fmt: skip


def test_only_accepted_rows_are_typed(desk: "Desk") -> None:
    rows, states = desk.judged(desk.read(desk.csv(desk.row(), desk.row("p2", g1="x"))))
    assert states.tolist() == ["accepted", "quarantined"]
    assert desk.canonical(rows, states)[1]["patient_id"].tolist() == ["p1"]


def test_a_session_without_a_date_that_was_accepted_is_a_bug(desk: "Desk") -> None:
    rows, _ = desk.judged(desk.read(desk.csv(desk.row(date=""))))
    with pytest.raises(ConservationError):
        sessions_of(rows, pd.Series(["accepted"], index=rows.index, dtype=object))


def test_two_accepted_administrations_of_one_form_are_a_bug(desk: "Desk") -> None:
    rows, _ = desk.judged(desk.read(desk.csv(desk.row(), desk.row(g1="3"))))
    everything = pd.Series("accepted", index=rows.index, dtype=object)
    with pytest.raises(ConservationError):
        responses_of(rows, everything, desk.catalogue)


def test_accepted_rows_that_contradict_each_other_about_a_session_are_a_bug(desk: "Desk") -> None:
    rows, _ = desk.judged(desk.read(desk.csv(desk.row(), desk.row(date="2026-02-04"))))
    everything = pd.Series("accepted", index=rows.index, dtype=object)
    with pytest.raises(ConservationError):
        sessions_of(rows, everything)
