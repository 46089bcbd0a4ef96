"""A course of treatment cannot end before its own sessions (I60)."""

import pytest

from tests.rapport.exports.faults.door import case, lines, through_the_door

HEAD = "patient,therapist,session,date,end,g1,g2,g3,g4,g5,g6,g7"
MORE = {"ending": {"column": "end", "codes": {"go": "ongoing", "fin": "planned"}}}
REFUSED = ("ENDING_IN_ORDER", "date, session, end")


def row(session: int, day: int, end: str = "go", patient: str = "p1") -> str:
    return f"{patient},T1,{session},2026-02-{day:02d},{end},0,1,2,3,0,1,2"


def outcome(*rows: str) -> tuple[int, list[tuple[int, str, str]]]:
    made = case(lines(HEAD, *rows), None, **MORE)  # type: ignore[arg-type]  # a mapping, spread
    found = through_the_door({"one": made})["one"]
    return found.accepted, sorted(found.refused)


def test_an_end_before_an_earlier_session_is_refused() -> None:
    assert outcome(row(1, 10), row(2, 5, "fin")) == (1, [(3, *REFUSED)])


@pytest.mark.parametrize(
    "rows",
    [
        (row(1, 5), row(2, 10, "fin")),
        (row(1, 10), row(2, 10, "fin")),
        (row(1, 5, "fin"), row(2, 10)),
        (row(2, 5, "fin"), row(1, 10, patient="p2")),
        (row(1, 10), row(2, 5), row(3, 20, "fin")),
    ],
    ids=["in order", "on one day", "contacts after the end", "another patient", "end is last"],
)
def test_what_may_well_be_is_taken(rows: tuple[str, ...]) -> None:
    assert outcome(*rows) == (len(rows), [])


def test_a_later_session_number_says_nothing_about_the_end() -> None:
    assert outcome(row(2, 5, "fin"), row(3, 10)) == (2, [])
