"""Every row ends in one state, whatever the order in which rows and files are looked at."""

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.exports import concat_rows
from rapport.exports.facts import add_facts
from rapport.exports.reconcile import STATES, ConservationError, reconcile

if TYPE_CHECKING:
    from conftest import Desk

WORLDS = st.lists(
    st.lists(st.tuples(st.sampled_from("123"), st.sampled_from("0123")), min_size=1, max_size=5),
    min_size=1,
    max_size=4,
)
"""Files of rows of (session, first answer) of one patient: every kind of repetition there is."""


def test_the_same_rows_in_a_later_file_are_duplicates(desk: "Desk") -> None:
    first = desk.csv(desk.row(), desk.row(session="2"))
    again = desk.csv(desk.row(session="2"), desk.row(), desk.row(session="3"))
    assert desk.states(first, again) == ["accepted"] * 2 + ["duplicate"] * 2 + ["accepted"]


def test_a_later_file_supersedes_what_it_corrects(desk: "Desk") -> None:
    first = desk.csv(desk.row(), desk.row(session="2"))
    corrected = desk.csv(desk.row(g1="3"))
    assert desk.states(first, corrected) == ["superseded", "accepted", "accepted"]


def test_a_correction_of_a_correction_wins_and_keeps_the_first_place_it_was_said(
    desk: "Desk",
) -> None:
    one, other = desk.csv(desk.row()), desk.csv(desk.row(g1="3"))
    assert desk.states(one, other, one) == ["accepted", "superseded", "duplicate"]


def test_a_correction_that_breaks_a_rule_still_withdraws_what_it_corrects(desk: "Desk") -> None:
    corrected = desk.csv(desk.row(g1="7"))
    assert desk.states(desk.csv(desk.row()), corrected) == ["superseded", "quarantined"]


def test_a_correction_settles_a_conflict(desk: "Desk") -> None:
    conflict = desk.csv(desk.row(), desk.row(g1="3"))
    settled = desk.csv(desk.row(g1="3"))
    assert desk.states(conflict, settled) == ["superseded", "accepted", "duplicate"]


def test_a_conflict_in_a_later_file_withdraws_what_was_said_before(desk: "Desk") -> None:
    conflict = desk.csv(desk.row(), desk.row(g1="3"))
    assert desk.states(desk.csv(desk.row()), conflict) == [
        "quarantined",
        "duplicate",
        "quarantined",
    ]


def test_a_bad_row_that_is_sent_again_is_refused_once(desk: "Desk") -> None:
    bad = desk.csv(desk.row(patient=""))
    assert desk.states(bad, bad) == ["quarantined", "duplicate"]


def test_bad_rows_without_a_key_do_not_supersede_each_other(desk: "Desk") -> None:
    one, other = desk.csv(desk.row(patient="")), desk.csv(desk.row(patient="", g1="3"))
    assert desk.states(one, other) == ["quarantined", "quarantined"]


def test_a_declared_test_row_is_that_whatever_is_wrong_with_it(desk: "Desk") -> None:
    content = desk.csv(desk.row("test", g1="7", date="x"), desk.row("test", g1="7", date="x"))
    assert desk.states(content, test_rows={"patient": ["test"]}) == ["test", "test"]


@settings(deadline=None, max_examples=60)
@given(world=WORLDS, seed=st.integers(0, 2**16))
def test_rows_in_are_rows_out_in_any_order(
    desk: "Desk", world: list[list[tuple[str, str]]], seed: int
) -> None:
    readings = [
        desk.read(desk.csv(*(desk.row(session=session, g1=answer) for session, answer in rows)))
        for rows in world
    ]
    rows, states = desk.judged(*readings)
    assert sum(states.value_counts().get(state, 0) for state in STATES) == sum(map(len, world))
    shuffled = concat_rows(readings).sample(frac=1, random_state=seed)
    again = add_facts(shuffled, clinics={"hill": desk.clinic()}, catalogue=desk.catalogue)
    pd.testing.assert_frame_equal(again.sort_index(), rows)
    broken = again["fact.key_unique"] == "no"
    assert reconcile(again, broken).sort_index().tolist() == states.tolist()
    in_order, permuted = (
        desk.canonical(frame, state)
        for frame, state in ((rows, states), (again, reconcile(again, broken)))
    )
    for one, other in zip(in_order, permuted, strict=True):
        pd.testing.assert_frame_equal(one, other)


@settings(deadline=None, max_examples=60)
@given(world=WORLDS)
def test_of_each_session_the_last_word_counts(
    desk: "Desk", world: list[list[tuple[str, str]]]
) -> None:
    readings = [
        desk.read(desk.csv(*(desk.row(session=session, g1=answer) for session, answer in rows)))
        for rows in world
    ]
    expected: dict[int, set[float]] = {}
    for rows in world:
        for session in {session for session, _ in rows}:
            expected[int(session)] = {float(answer) for one, answer in rows if one == session}
    wanted = {session: said.pop() for session, said in expected.items() if len(said) == 1}
    parts = desk.clinic({"complete": False})
    responses = desk.canonical(*desk.judged(*readings, clinic=parts))[1]
    assert dict(zip(responses["session"], responses["item_01"], strict=True)) == wanted


def test_broken_rows_may_be_told_by_their_index(desk: "Desk") -> None:
    rows, _ = desk.judged(desk.read(desk.csv(desk.row(), desk.row("p2"))))
    assert reconcile(rows, pd.Index([1])).tolist() == ["accepted", "quarantined"]


@pytest.mark.parametrize("broken", [pd.Index([5]), pd.Series([True], index=[0])])
def test_broken_rows_that_are_not_among_the_rows_are_a_bug(desk: "Desk", broken: object) -> None:
    rows, _ = desk.judged(desk.read(desk.csv(desk.row(), desk.row("p2"))))
    with pytest.raises(ConservationError):
        reconcile(rows, broken)


def test_a_row_that_stands_twice_in_the_frame_is_a_bug(desk: "Desk") -> None:
    rows, _ = desk.judged(desk.read(desk.csv(desk.row())))
    twice = pd.concat([rows, rows])
    with pytest.raises(ConservationError):
        reconcile(twice, pd.Index([], dtype="int64"))
