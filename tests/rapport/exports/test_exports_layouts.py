"""Long files and blocks give the same rows as a wide file, and lose no line on the way."""

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

if TYPE_CHECKING:
    from conftest import Desk

LONG_HEAD = ["Client", "Therapist", "Contact", "Date", "Form", "Item", "Answer"]
LONG: dict[str, Any] = {
    "layout": "long",
    "item": "Item",
    "answer": "Answer",
    "patient": "Client",
    "therapist": "Therapist",
    "session": "Contact",
    "date": "Date",
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient", "items": "{item}",
            "where": {"Form": "GAD-7"}, "total": "Total",
        },
        {
            "instrument": "phq-9", "rater": "patient", "items": "{item}",
            "where": {"Form": "PHQ-9"}, "codes": {"a": "0", "b": "1", "c": "2", "d": "3"},
        },
    ],
}  # fmt: skip


def form(answers: str, *, patient: str = "p1", name: str = "GAD-7", day: str = "03") -> list[Any]:
    return [
        [patient, "T1", "1", f"2026-02-{day}", name, str(item), answer]
        for item, answer in enumerate(answers, 1)
    ]


def long_file(desk: "Desk", *rows: list[str]) -> bytes:
    return desk.csv(*rows, header=LONG_HEAD)


def test_the_rows_of_a_form_become_one_row_on_its_first_line(desk: "Desk") -> None:
    content = long_file(desk, *form("0123012"), *form("abcdabcda", name="PHQ-9"))
    rows = desk.read(content, **LONG).rows
    assert rows["line"].tolist() == [2, 9]
    assert rows.loc[0, "gad-7.patient.01":"gad-7.patient.07"].tolist() == list("0123012")
    assert rows.loc[1, "phq-9.patient.01":"phq-9.patient.09"].tolist() == list("012301230")
    assert rows.loc[0, "phq-9.patient.01":"phq-9.patient.09"].isna().all()


def test_every_item_remembers_its_own_line(desk: "Desk") -> None:
    mixed = [
        row
        for pair in zip(form("0123012"), form("1111111", patient="p2"), strict=True)
        for row in pair
    ]
    rows = desk.read(long_file(desk, *mixed), **LONG).rows
    assert rows["line"].tolist() == [2, 3]
    assert rows["lines.gad-7.patient"].tolist() == [
        "02:4 03:6 04:8 05:10 06:12 07:14",
        "02:5 03:7 04:9 05:11 06:13 07:15",
    ]


def test_a_long_file_says_what_a_wide_one_says(desk: "Desk") -> None:
    wide = desk.read(desk.csv(desk.row(), desk.row("p2", g3="")))
    content = long_file(desk, *form("0123012"), *form("01 3012", patient="p2"))
    tall = desk.read(content.replace(b",3, ", b",3,"), **LONG)
    typed = []
    for reading, clinic in ((wide, desk.clinic()), (tall, desk.clinic(LONG))):
        typed.append(desk.canonical(*desk.judged(reading, clinic=clinic))[1])
    columns = [c for c in typed[0].columns if c not in ("content_sha256", "line")]
    assert typed[0][columns].equals(typed[1][columns])


def test_an_item_that_is_answered_twice_and_otherwise_refuses_its_form(desk: "Desk") -> None:
    again = form("0123012")[2]
    again[-1] = "0"
    assert desk.states(long_file(desk, *form("0123012"), again), **LONG) == ["quarantined"] * 2


def test_an_item_that_stands_there_twice_alike_refuses_its_form_too(desk: "Desk") -> None:
    again = form("0123012")[2]
    assert desk.states(long_file(desk, *form("0123012"), again), **LONG) == ["quarantined"] * 2


def test_a_whole_form_that_stands_there_twice_is_a_duplicate(desk: "Desk") -> None:
    content = long_file(desk, *form("0123012"), *form("0123012"))
    assert desk.states(content, **LONG) == ["accepted", "duplicate"]


def test_rows_of_one_form_that_contradict_each_other_are_refused(desk: "Desk") -> None:
    content = long_file(desk, *form("0123012")[:4], *form("0123012", day="04")[4:])
    assert set(desk.states(content, **LONG)) == {"quarantined"}


def test_the_clinic_s_total_is_an_item_of_its_own(desk: "Desk") -> None:
    total = form("0123012")[0]
    total[5:] = ["Total", "9"]
    rows, _ = desk.judged(
        desk.read(long_file(desk, *form("0123012"), total), **LONG), clinic=desk.clinic(LONG)
    )
    assert rows["total.gad-7.patient"].tolist() == ["9"]
    assert rows["fact.total_matches"].tolist() == ["yes"]


def test_an_undeclared_item_refuses_the_file_on_its_line_and_is_not_told(desk: "Desk") -> None:
    strange = form("0123012")[6]
    strange[5] = "7b"
    reading = desk.read(long_file(desk, *form("0123012")[:6], strange), **LONG)
    (fault,) = reading.faults
    assert (fault.rule, fault.line, fault.column) == ("WRONG_FORMAT", 8, "Item")
    assert "7b" not in str(fault)


def test_an_ignored_item_and_an_unread_questionnaire_are_left(desk: "Desk") -> None:
    note, other = form("0123012")[6], form("99", name="CORE")
    note[5:] = ["comment_1", "free text"]
    mapping = LONG | {"ignored": ["comment_*"], "unread_rows": {"Form": ["CORE"]}}
    reading = desk.read(long_file(desk, *form("0123012"), note, *other), **mapping)
    assert (reading.faults, reading.rows["line"].tolist()) == ((), [2])


def test_a_questionnaire_that_nobody_declared_is_refused_and_not_lost(desk: "Desk") -> None:
    content = long_file(desk, *form("0123012"), *form("12", name="CORE"))
    assert desk.states(content, **LONG) == ["accepted", "quarantined"]


def test_a_session_without_any_item_stays_a_session(desk: "Desk") -> None:
    empty = ["p3", "T1", "1", "2026-02-03", "", "", ""]
    reading = desk.read(long_file(desk, *form("0123012"), empty), **LONG)
    assert reading.rows["patient"].tolist() == ["p1", "p3"]


def test_a_long_file_without_its_columns_is_told_all_at_once(desk: "Desk") -> None:
    reading = desk.read(desk.csv(["p1", "1"], header=["Client", "Value"]), **LONG)
    assert {fault.rule for fault in reading.faults} == {"MISSING_COLUMN"}
    assert {fault.column for fault in reading.faults} == {*LONG_HEAD} - {"Client"}


def test_a_short_row_keeps_its_place(desk: "Desk") -> None:
    reading = desk.read(long_file(desk, *form("0123012"), ["p2", "T1"]), **LONG)
    assert reading.rows[["line", "kind"]].to_numpy().tolist() == [[2, "session"], [9, "broken"]]


@pytest.mark.parametrize(("end", "kinds"), [("2", 1), ("1", 1), ("", 2)])
def test_a_last_line_without_its_end_counts_only_if_it_is_whole(
    desk: "Desk", end: str, kinds: int
) -> None:
    content = long_file(desk, *form("012301"), form("012301" + "0")[6])
    reading = desk.read(content[:-3] + end.encode(), **LONG)
    assert len(reading.rows) == kinds


@pytest.mark.parametrize(
    "changes",
    [
        {"item": None},
        {"layout": "wide"},
        {"blocks": 3},
        {"blocks": 3, "layout": "wide", "item": None, "answer": None},
        {"date": "Date_{block}"},
        {"format": "qualtrics"},
    ],
)
def test_a_mapping_whose_layout_contradicts_itself_is_refused(
    desk: "Desk", changes: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        desk.clinic(LONG | changes)


BLOCKS: dict[str, Any] = {
    "blocks": 12,
    "patient": "Referral",
    "therapist": "Therapist",
    "session": "{block}",
    "date": "Date_{block}",
    "dates": ["%d/%m/%Y"],
    "forms": [
        {
            "instrument": "gad-7", "rater": "patient", "items": "GAD_{block}_{item}",
            "total": "GADTotal_{block}",
        }
    ],
}  # fmt: skip


def block_names(number: int) -> list[str]:
    return [
        f"Date_{number}",
        *(f"GAD_{number}_{n}" for n in range(1, 8)),
        f"GADTotal_{number}",
    ]


def block(day: str, answers: str, total: str) -> list[str]:
    return [f"{day}/02/2026", *answers, total]


def wide_file(desk: "Desk", *rows: list[str], blocks: int = 2) -> bytes:
    named = [name for number in range(1, blocks + 1) for name in block_names(number)]
    return desk.csv(*rows, header=["Referral", "Therapist", *named])


NOTHING = [""] * 9


def test_the_sessions_of_a_referral_become_rows(desk: "Desk") -> None:
    row = ["p1", "T1", *block("03", "0123012", "9"), *block("10", "1111111", "7")]
    clinic = desk.clinic(BLOCKS)
    reading = desk.read_as(wide_file(desk, row), clinic, "sessions")
    assert reading.faults == ()
    rows, states = desk.judged(reading, clinic=clinic)
    assert states.tolist() == ["accepted"] * 2
    assert rows[["session", "date", "line", "block"]].to_numpy().tolist() == [
        ["1", "2026-02-03", 2, "1"],
        ["2", "2026-02-10", 2, "2"],
    ]
    assert rows.loc[1, "gad-7.patient.01":"gad-7.patient.07"].tolist() == list("1111111")


def test_an_empty_block_is_no_session(desk: "Desk") -> None:
    rows = [
        ["p1", "T1", *NOTHING, *block("10", "1111111", "7")],
        ["p2", "T1", *NOTHING, *["-9"] * 9],
    ]
    reading = desk.read(wide_file(desk, *rows), **BLOCKS)
    assert reading.rows[["patient", "session"]].to_numpy().tolist() == [["p1", "2"]]


def test_blocks_may_be_fewer_than_declared_and_never_more(desk: "Desk") -> None:
    row = ["p1", "T1", *block("03", "0123012", "9"), *NOTHING]
    assert desk.read(wide_file(desk, row), **BLOCKS).faults == ()
    (fault,) = desk.read(wide_file(desk, row), **(BLOCKS | {"blocks": 1})).faults
    assert (fault.rule, fault.column) == ("WRONG_FORMAT", "Date_2")


def test_a_block_that_lacks_a_column_is_told_by_the_file_s_own_name(desk: "Desk") -> None:
    content = wide_file(desk, ["p1", "T1", *NOTHING, *NOTHING]).replace(b"GAD_2_4", b"GAD_2_x")
    assert [
        (fault.rule, fault.column)
        for fault in desk.read(content, **BLOCKS).faults
        if fault.rule != "UNKNOWN_COLUMN"
    ] == [("MISSING_COLUMN", "GAD_2_4")]


def test_blocks_may_have_names_and_padded_numbers(desk: "Desk") -> None:
    mapping = BLOCKS | {
        "blocks": ["pre", "post"],
        "date": "{block}_date",
        "forms": [
            {"instrument": "gad-7", "rater": "patient", "items": "{block}_{item:02d}"}
        ],
    }  # fmt: skip
    named = [
        f"{name}_{what}"
        for name in ("pre", "post")
        for what in ("date", *(f"{n:02d}" for n in range(1, 8)))
    ]
    content = desk.csv(
        ["p1", "T1", *block("03", "0123012", "")[:-1], *block("10", "1111111", "")[:-1]],
        header=["Referral", "Therapist", *named],
    )
    reading = desk.read(content, **mapping)
    assert reading.rows[["session", "date", "block"]].to_numpy().tolist() == [
        ["1", "2026-02-03", "pre"],
        ["2", "2026-02-10", "post"],
    ]


def test_the_same_blocks_on_another_line_are_a_repetition(desk: "Desk") -> None:
    one = ["p1", "T1", *block("03", "0123012", "9"), *NOTHING]
    other = ["p0", "T1", *block("03", "0123012", "9"), *NOTHING]
    states = desk.states(wide_file(desk, one), wide_file(desk, other, one), **BLOCKS)
    assert states == ["accepted", "accepted", "duplicate"]


@settings(deadline=None, max_examples=40)
@given(order=st.permutations(range(14)))
def test_the_order_of_lines_changes_no_answer(desk: "Desk", order: list[int]) -> None:
    lines = [*form("0123012"), *form("3210321", patient="p2")]
    rows = desk.read(long_file(desk, *(lines[place] for place in order)), **LONG).rows
    found = rows.set_index("patient").loc[:, "gad-7.patient.01":"gad-7.patient.07"]
    assert found.loc["p1"].tolist() == list("0123012")
    assert found.loc["p2"].tolist() == list("3210321")
