"""Facts see all files of a clinic-month together: sides of a session, records, corrections."""

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from rapport.exports import concat_rows
from rapport.exports.facts import FACTS, add_facts

if TYPE_CHECKING:
    from conftest import Desk

SIDES = [
    {
        "id": "patients", "therapist": None, "date": None,
        "forms": [{"instrument": "gad-7", "rater": "patient", "items": "g{item}"}],
        "ignored": ["therapist", "date"],
    },
    {
        "id": "therapists",
        "forms": [{"instrument": "wai-sr-t", "rater": "therapist", "items": "w{item}"}],
        "attendance": {"column": "came", "codes": {"y": "attended", "n": "missed"}},
    },
]  # fmt: skip
W_HEADER = ["patient", "therapist", "session", "date", "came", *(f"w{n}" for n in range(1, 13))]


def side(session: str = "1", came: str = "y", date: str = "2026-02-03", **more: str) -> list[str]:
    return ["p1", more.get("therapist", "T1"), session, date, came, *"123451234512"]


def facts(rows: pd.DataFrame, name: str) -> list[str | None]:
    found: list[str | None] = rows[f"fact.{name}"].tolist()
    return found


def both_sides(
    desk: "Desk", patients: list[list[str]], therapists: list[list[str]]
) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    clinic = desk.clinic(*SIDES)
    return desk.judged(
        desk.read_as(desk.csv(*patients), clinic, "patients"),
        desk.read_as(desk.csv(*therapists, header=W_HEADER), clinic, "therapists"),
        clinic=clinic,
    )


def test_the_question_arises_for_sessions_and_not_for_broken_or_test_rows(desk: "Desk") -> None:
    content = desk.csv(desk.row(), desk.row("test"), desk.row("p2")[:-1])
    rows, states = desk.judged(desk.read(content, test_rows={"patient": ["test"]}))
    assert states.tolist() == ["accepted", "test", "quarantined"]
    assert facts(rows, "fields_complete") == ["yes", "yes", "no"]
    for name in set(FACTS) - {"fields_complete"}:
        assert facts(rows, name)[1:] == [None, None], name


def test_one_side_of_a_session_takes_its_facts_from_the_other(desk: "Desk") -> None:
    rows, states = both_sides(desk, [desk.row()], [side()])
    assert states.tolist() == ["accepted", "accepted"]
    assert rows["therapist"].tolist() == ["T1", "T1"]
    assert rows["date"].tolist() == ["2026-02-03", "2026-02-03"]
    assert rows["attendance"].tolist() == ["attended", "attended"]


def test_a_side_that_nobody_dates_is_refused(desk: "Desk") -> None:
    rows, states = both_sides(desk, [desk.row(session="2")], [side("1")])
    assert states.tolist() == ["quarantined", "accepted"]
    assert facts(rows, "date_readable") == ["no", "yes"]
    assert facts(rows, "therapist_given") == ["no", "yes"]


@pytest.mark.parametrize("change", [{"date": "2026-02-04"}, {"therapist": "T2"}])
def test_two_sides_that_contradict_each_other_are_both_in_question(
    desk: "Desk", change: dict[str, str]
) -> None:
    clinic = desk.clinic({"id": "patients"}, SIDES[1])
    rows, states = desk.judged(
        desk.read_as(desk.csv(desk.row()), clinic, "patients"),
        desk.read_as(desk.csv(side(**change), header=W_HEADER), clinic, "therapists"),
        clinic=clinic,
    )
    assert facts(rows, "session_consistent") == ["no", "no"]
    assert states.tolist() == ["quarantined", "quarantined"]


def test_a_corrected_side_no_longer_contradicts_the_other(desk: "Desk") -> None:
    clinic = desk.clinic({"id": "patients"}, SIDES[1])
    wrong = desk.csv(desk.row(date="2026-02-04"))
    rows, states = desk.judged(
        desk.read_as(wrong, clinic, "patients"),
        desk.read_as(desk.csv(side(), header=W_HEADER), clinic, "therapists"),
        desk.read_as(desk.csv(desk.row()), clinic, "patients"),
        clinic=clinic,
    )
    assert states.tolist() == ["superseded", "accepted", "accepted"]
    assert facts(rows, "session_consistent") == [None, "yes", "yes"]


def test_answers_of_a_session_that_did_not_take_place_are_told(desk: "Desk") -> None:
    rows, _ = both_sides(desk, [desk.row()], [side(came="n")])
    assert facts(rows, "session_attended") == ["no", "no"]


def test_a_missed_session_without_answers_is_no_contradiction(desk: "Desk") -> None:
    missed = [*side(came="n")[:5], *[""] * 12]
    rows, states = both_sides(desk, [desk.row("p2")], [missed, side()[:0] or side("2")])
    assert facts(rows, "session_attended")[1:] == [None, "yes"]
    assert states.tolist()[1:] == ["accepted", "accepted"]


def test_the_same_form_answered_otherwise_in_two_exports_is_a_conflict(desk: "Desk") -> None:
    clinic = desk.clinic({"id": "a"}, {"id": "b"})
    read = [
        desk.read_as(desk.csv(desk.row()), clinic, "a"),
        desk.read_as(desk.csv(desk.row(g1="3"), desk.row("p2")), clinic, "b"),
    ]
    rows, _ = desk.judged(*read, clinic=clinic)
    assert facts(rows, "key_unique") == ["no", "no", "yes"]


def test_the_same_form_answered_alike_in_two_exports_is_one_administration(desk: "Desk") -> None:
    clinic = desk.clinic({"id": "a"}, {"id": "b"})
    read = [desk.read_as(desk.csv(desk.row()), clinic, name) for name in ("a", "b")]
    rows, states = desk.judged(*read, clinic=clinic)
    assert states.tolist() == ["accepted", "accepted"]
    sessions, responses = desk.canonical(rows, states)
    assert (len(sessions), len(responses)) == (1, 1)


INTAKE = {
    "record_rows": {"session": ""},
    "inherited": ["therapist", "episode"],
    "episode": "episode",
}
INTAKE_HEADER_TAIL = ["episode"]


def with_episode(row: list[str], episode: str) -> list[str]:
    return [*row, episode]


def record(desk: "Desk", therapist: str, episode: str = "2") -> list[str]:
    blank = dict.fromkeys(desk.header[4:], "")
    return with_episode(desk.row(session="", therapist=therapist, date="", **blank), episode)


def intake_rows(desk: "Desk", *files: list[list[str]]) -> tuple[pd.DataFrame, "pd.Series[str]"]:
    clinic = desk.clinic(INTAKE)
    header = [*desk.header, *INTAKE_HEADER_TAIL]
    return desk.judged(
        *(desk.read_as(desk.csv(*rows, header=header), clinic, "sessions") for rows in files),
        clinic=clinic,
    )


def test_sessions_inherit_therapist_and_episode_from_the_record(desk: "Desk") -> None:
    session = with_episode(desk.row(therapist=""), "")
    rows, states = intake_rows(desk, [session, record(desk, "T2")])
    assert rows["kind"].tolist() == ["session", "record"]
    assert rows[["therapist", "episode"]].to_numpy().tolist() == [["T2", "2"], ["T2", "2"]]
    assert states.tolist() == ["accepted", "accepted"]


def test_what_a_session_says_itself_is_not_inherited(desk: "Desk") -> None:
    rows, _ = intake_rows(desk, [with_episode(desk.row(), "7"), record(desk, "T2")])
    assert rows.loc[0, ["therapist", "episode"]].tolist() == ["T1", "7"]


def test_a_corrected_record_corrects_what_is_inherited(desk: "Desk") -> None:
    session = with_episode(desk.row(therapist=""), "")
    rows, states = intake_rows(desk, [record(desk, "T2"), session], [record(desk, "T1")])
    assert rows["therapist"].tolist() == ["T2", "T1", "T1"]
    assert states.tolist() == ["superseded", "accepted", "accepted"]


def test_records_that_contradict_each_other_leave_nothing_to_inherit(desk: "Desk") -> None:
    session = with_episode(desk.row(therapist=""), "")
    rows, states = intake_rows(desk, [record(desk, "T2"), record(desk, "T1"), session])
    assert facts(rows, "key_unique")[:2] == ["no", "no"]
    assert facts(rows, "therapist_given")[2] == "no"
    assert states.tolist() == ["quarantined"] * 3


def test_a_patient_without_a_record_inherits_nothing(desk: "Desk") -> None:
    session = with_episode(desk.row(therapist=""), "")
    rows, _ = intake_rows(desk, [session])
    assert rows[["therapist", "episode"]].to_numpy().tolist() == [[None, "1"]]
    assert facts(rows, "therapist_given") == ["no"]


TOTAL = {"forms": [{"instrument": "gad-7", "rater": "patient", "items": "g{item}", "total": "sum"}]}


@pytest.mark.parametrize(
    ("total", "answer"),
    [("9", "yes"), ("9.0", "yes"), ("10", "no"), ("x", "no"), ("", None), ("-9", None)],
)
def test_a_total_is_held_against_the_items(desk: "Desk", total: str, answer: str | None) -> None:
    content = desk.csv([*desk.row(), total], header=[*desk.header, "sum"])
    rows, _ = desk.judged(desk.read(content, **TOTAL), clinic=desk.clinic(TOTAL))
    assert facts(rows, "total_matches") == [answer]


def test_a_total_of_a_form_with_gaps_is_not_asked_for(desk: "Desk") -> None:
    content = desk.csv([*desk.row(g1=""), "9"], header=[*desk.header, "sum"])
    rows, _ = desk.judged(desk.read(content, **TOTAL), clinic=desk.clinic(TOTAL))
    assert facts(rows, "total_matches") == [None]


@pytest.mark.parametrize(("total", "answer"), [("11", "yes"), ("44", "yes"), ("12", "no")])
def test_a_total_may_be_the_sum_or_in_the_published_range(
    desk: "Desk", total: str, answer: str
) -> None:
    # WHO-5: raw 0–25, published 0–100 (Topp et al. 2015): 1+2+3+4+1 = 11, times 4 = 44.
    form = {"instrument": "who-5", "rater": "patient", "items": "w{item}", "total": "sum"}
    header = [*desk.header[:4], *(f"w{item}" for item in range(1, 6)), "sum"]
    content = desk.csv([*desk.row()[:4], *"12341", total], header=header)
    rows, _ = desk.judged(desk.read(content, forms=[form]), clinic=desk.clinic({"forms": [form]}))
    assert facts(rows, "total_matches") == [answer]


def test_facts_are_added_to_a_copy(desk: "Desk") -> None:
    rows = concat_rows([desk.read(desk.csv(desk.row()))])
    before = rows.copy()
    add_facts(rows, clinics={"hill": desk.clinic()}, catalogue=desk.catalogue)
    pd.testing.assert_frame_equal(rows, before)
