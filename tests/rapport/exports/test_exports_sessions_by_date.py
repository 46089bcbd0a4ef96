"""Exports that do not number sessions: the day is the session, if the mapping says so."""

from typing import TYPE_CHECKING, Any

import pytest

from rapport.exports.text_checks import is_session_number

if TYPE_CHECKING:
    from conftest import Desk

HEAD = ["Patient", "Therapist", "Date", *(f"g{item}" for item in range(1, 8))]
MAPPING: dict[str, Any] = {
    "patient": "Patient",
    "therapist": "Therapist",
    "session": None,
    "session_by_date": True,
    "date": "Date",
    "dates": ["%d.%m.%Y"],
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "g{item}"}],
}


def _row(day: str, patient: str = "p1") -> list[str]:
    return [patient, "T1", day, *"0123012"]


def test_the_day_is_the_number_of_the_session(desk: "Desk") -> None:
    content = desk.csv(_row("03.02.2026"), _row("10.02.2026"), header=HEAD)
    assert desk.read(content, **MAPPING).rows["session"].tolist() == ["20260203", "20260210"]


@pytest.mark.parametrize("day", ["", "soon", "31.02.2026"])
def test_a_row_without_a_readable_day_has_no_session(desk: "Desk", day: str) -> None:
    content = desk.csv(_row("03.02.2026"), _row(day), header=HEAD)
    assert desk.read(content, **MAPPING).rows["session"].tolist() == ["20260203", None]


@pytest.mark.parametrize("changes", [{"session": "Patient"}, {"date": None}])
def test_a_column_of_sessions_and_days_as_sessions_exclude_each_other(
    desk: "Desk", changes: dict[str, Any]
) -> None:
    content = desk.csv(_row("03.02.2026"), header=HEAD)
    with pytest.raises(ValueError, match="session_by_date needs date"):
        desk.read(content, **MAPPING | changes)


def test_the_numbers_of_days_are_sessions(desk: "Desk") -> None:
    content = desk.csv(_row("03.02.2026"), _row("10.02.2026"), _row("soon"), header=HEAD)
    rows = desk.read(content, **MAPPING).rows
    assert [is_session_number(text or "") for text in rows["session"]] == [True, True, False]


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("20260203", True),
        ("20260231", False),
        ("18991231", False),
        ("9999", True),
        ("10000", False),
    ],
)
def test_a_session_is_a_small_number_or_a_day_that_exists(text: str, is_one: bool) -> None:
    assert is_session_number(text) is is_one
