"""A month is a value: it is written one way, ordered, and knows its days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.errors import RapportError
from rapport.months import Month, months_through, trailing

MONTHS = st.builds(Month, st.integers(1900, 2200), st.integers(1, 12))


@pytest.mark.parametrize(
    "text",
    [
        "2026-13",
        "2026-00",
        "2026-1",
        "26-01",
        "2026/01",
        "2026-01-01",
        "",
        " 2026-01",
        "٢٠٢٦-01",
        "0000-01",
    ],
)
def test_what_is_not_written_as_a_month_is_refused(text: str) -> None:
    with pytest.raises(RapportError, match="YYYY-MM"):
        Month.parse(text)


@given(MONTHS)
def test_a_month_reads_what_it_writes(month: Month) -> None:
    assert Month.parse(str(month)) == month


@given(MONTHS, st.integers(-500, 500))
def test_steps_forward_and_back_cancel(month: Month, steps: int) -> None:
    assert month.plus(steps).plus(-steps) == month


@given(MONTHS)
def test_the_day_after_the_last_belongs_to_the_next_month(month: Month) -> None:
    following = date.fromordinal(month.last_day.toordinal() + 1)
    assert following == month.plus(1).first_day
    assert Month.of(month.last_day) == month


def test_february_of_a_leap_year_has_29_days() -> None:
    assert Month.parse("2024-02").last_day == date(2024, 2, 29)


def test_a_trailing_window_ends_with_the_month_and_crosses_the_year() -> None:
    assert [str(m) for m in trailing(Month.parse("2026-02"), 4)] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]


def test_no_month_lies_between_a_later_and_an_earlier_one() -> None:
    assert list(months_through(Month.parse("2026-02"), Month.parse("2026-01"))) == []
