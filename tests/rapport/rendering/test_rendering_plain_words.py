"""Page 1 claims only what intervals carry, and says when there is too little to say anything."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.rendering.comparing import FEW_PATIENTS, Books, is_apart
from rapport.rendering.facts import Finding
from rapport.rendering.figure_book import FigureBook, Reading
from rapport.rendering.formats import NumberStyle
from rapport.rendering.plain_words import (
    CHANGE_FIGURES,
    SECTOR_FIGURES,
    how_complete,
    what_changed,
    what_it_shows,
    what_needs_attention,
)
from tests.rapport.rendering.sample_facts import MONTH

ALLIANCE = "alliance.patient.total"
DIFFERENCE = "alliance.difference.total"


def reading(
    figure: str, value: float | None, half: float = 0.1, patients: float | None = 40
) -> Reading:
    if value is None:
        return Reading(figure, "small_number", None, None, None, None, None, None, None)
    return Reading(figure, None, patients, 90, 30, 90, value, value - half, value + half)


def book(*readings: Reading, period: str = "month", earlier: int = 0) -> FigureBook:
    found = {(period, r.figure): r for r in readings}
    return FigureBook(MONTH.plus(-earlier), NumberStyle("."), found)


def books(now: FigureBook, before: FigureBook | None = None, sector: FigureBook | None = None):  # type: ignore[no-untyped-def]  # noqa: ANN201
    return Books(now, before or book(earlier=1), sector or book(), "public", book())


def words(findings: tuple[Finding, ...]) -> str:
    return " ".join(f"{finding.statement} {finding.detail}" for finding in findings)


def changes(now: Reading, before: Reading) -> str:
    return words(what_changed(books(book(now), book(before, earlier=1))))


def test_a_change_is_claimed_where_the_intervals_are_apart() -> None:
    said = changes(reading(ALLIANCE, 4.3), reading(ALLIANCE, 4.0))
    assert "The alliance as patients rate it is higher than before." in said
    assert "4.30 (4.20 to 4.40) against 4.00 (3.90 to 4.10)" in said


def test_no_change_is_claimed_where_the_intervals_touch() -> None:
    said = changes(reading(ALLIANCE, 4.2), reading(ALLIANCE, 4.0))
    assert "No clear change." in said
    assert "higher" not in said


def test_no_change_is_claimed_from_few_patients() -> None:
    few = reading(ALLIANCE, 4.9, patients=FEW_PATIENTS - 1)
    said = changes(few, reading(ALLIANCE, 2.0))
    assert "Too few to say." in said
    assert "higher" not in said


def test_a_suppressed_figure_is_too_few_to_say() -> None:
    said = changes(reading(ALLIANCE, None), reading(ALLIANCE, 4.0))
    assert "Too few to say." in said
    assert "4.00" not in said


def test_without_a_month_before_there_is_nothing_to_compare() -> None:
    said = words(what_changed(books(book(reading(ALLIANCE, 4.0)))))
    assert "There are no published figures of January 2026" in said


@settings(deadline=None, max_examples=60)
@given(st.floats(1, 5), st.floats(1, 5), st.floats(0.01, 2), st.floats(0.01, 2))
def test_a_change_is_never_claimed_for_overlapping_intervals(
    new: float, old: float, half_new: float, half_old: float
) -> None:
    now, before = reading(ALLIANCE, new, half_new), reading(ALLIANCE, old, half_old)
    claimed = "than before" in changes(now, before)
    assert claimed is is_apart(now, before)
    if new - half_new <= old + half_old and old - half_old <= new + half_new:
        assert not claimed


def test_every_compared_figure_is_told_once_one_way_or_another() -> None:
    now = [reading(figure, 0.5) for figure in CHANGE_FIGURES]
    before = [replace(one, value=0.9, low=0.8, high=1.0) for one in now[:3]]
    said = words(what_changed(books(book(*now), book(*before, *now[3:6], earlier=1)))).lower()
    assert all(name.lower() in said for name in CHANGE_FIGURES.values())


@pytest.mark.parametrize(
    ("value", "half", "statement"),
    [
        (0.4, 0.1, "Patients rate the alliance higher than their therapists."),
        (-0.4, 0.1, "Therapists rate the alliance higher than their patients."),
        (0.05, 0.1, "No clear difference between the two sides."),
    ],
)
def test_the_two_sides_differ_only_if_the_interval_leaves_out_zero(
    value: float, half: float, statement: str
) -> None:
    said = words(what_it_shows(books(book(reading(DIFFERENCE, value, half)))))
    assert statement in said


def test_a_suppressed_headline_is_not_described() -> None:
    said = words(what_it_shows(books(book(reading(ALLIANCE, None)))))
    assert "The alliance as patients see it: too few to say." in said
    assert "suppressed: too few patients to publish" in said


def attention(now: FigureBook, sector: FigureBook | None = None, refused: int = 0) -> str:
    given_books = books(now, sector=sector)
    return words(
        what_needs_attention(given_books, refused=refused, received=100, advice="Mend it.")
    )


def test_a_clinic_apart_from_its_sector_on_the_worse_side_is_mentioned_with_the_caveat() -> None:
    figure = "outcome.reliable_improvement"
    now = book(reading(figure, 0.4), period="trailing_12")
    sector = book(reading(figure, 0.7), period="trailing_12")
    said = attention(now, sector)
    assert "Reliable improvement lies below the public sector." in said
    assert "Clinics differ in whom they treat" in said


def test_a_clinic_apart_from_its_sector_on_the_better_side_needs_no_attention() -> None:
    figure = "outcome.reliable_deterioration"
    now = book(reading(figure, 0.1), period="trailing_12")
    sector = book(reading(figure, 0.5), period="trailing_12")
    assert "Nothing stands out." in attention(now, sector)


def test_refused_rows_are_mentioned_above_the_threshold_only() -> None:
    assert "Nothing stands out." in attention(book(), refused=2)
    said = attention(book(), refused=3)
    assert "3 rows were refused, of 100 received rows. Mend it." in said


def test_forms_that_are_often_missing_are_mentioned() -> None:
    said = attention(book(reading("completion.patient", 0.6), reading("completion.therapist", 0.7)))
    assert "Alliance forms of patients are missing" in said
    assert "forms of therapists" not in said


def test_many_points_are_told_shortly_and_none_is_left_out() -> None:
    names = [name for _, name, _ in SECTOR_FIGURES]
    now = [reading(f, 0.9 if not up else 0.1) for f, _, up in SECTOR_FIGURES]
    sector = [reading(f, 0.5) for f, _, _ in SECTOR_FIGURES]
    said = attention(
        book(*now, period="trailing_12"), book(*sector, period="trailing_12"), refused=50
    )
    assert all(name in said.lower() for name in names)
    assert "Also:" in said
    assert "50 rows were refused" in said


def test_scores_without_a_pair_are_mentioned() -> None:
    said = attention(book(reading("outcome.paired", 0.79), period="trailing_12"))
    assert "First or last scores are missing." in said


def test_completeness_is_told_even_without_figures() -> None:
    said = words(how_complete(book(), refused=1, received=10, accepted=9, files=1))
    assert "9 rows of 10 could be used." in said
    assert "Sessions with both alliance forms: no data." in said


def falls(repaired_of: str | None) -> str:
    share, back, not_back = (
        reading(f"rupture.{one}", value)
        for one, value in (("criterion", 0.06), ("repaired", 0.57), ("unrepaired", 0.1))
    )
    earlier = [replace(one, carried_from=repaired_of) for one in (back, not_back)]
    return words(what_it_shows(books(book(share, *earlier, period="trailing_12"))))


def test_repairs_of_an_earlier_report_are_not_told_as_those_of_todays_falls() -> None:
    assert "(falls as of December 2025)." in falls("2025-12")
    assert "falls as of" not in falls(None)
