"""Published figures reach a report through one door, which refuses what must not be printed."""

import pandas as pd
import pytest

from rapport.errors import RapportError, RenderingError
from rapport.rendering.figure_book import FigureBook, open_book, window_in_words
from rapport.rendering.formats import NumberStyle
from tests.rapport.rendering.sample_facts import MONTH, clinic_figures, figure_row

OWN = {"clinic_id": "swit-gdansk", "month": "2026-02"}
STYLE = NumberStyle(".")


def book_of(*rows: dict[str, object]) -> FigureBook:
    frame = pd.DataFrame(list(rows)).assign(**OWN)
    return open_book(frame, month=MONTH, style=STYLE, belongs_to=OWN)


def refusal(frame: pd.DataFrame) -> set[str]:
    with pytest.raises(RenderingError) as caught:
        open_book(frame, month=MONTH, style=STYLE, belongs_to=OWN)
    return {fault.rule for fault in caught.value.faults}


def row(**changes: object) -> dict[str, object]:
    known = {"n_patients": 41, "n_observations": 96, "value": 3.925, "low": 3.714, "high": 4.125}
    return figure_row("alliance.patient.total", "month") | known | changes


def test_a_figure_is_printed_with_interval_counts_and_window() -> None:
    fact = book_of(row()).fact("alliance.patient.total")
    assert (fact.value, fact.interval) == ("3.93", "3.71 to 4.13")
    assert fact.basis == "41 patients, 96 forms"
    assert fact.window == "February 2026"


def test_a_share_says_how_many_of_how_many() -> None:
    share = figure_row("completion.both", "month") | {
        "numerator": 65.0, "denominator": 96.0, "value": 0.677, "n_patients": 48,
    }  # fmt: skip
    fact = book_of(share).fact("completion.both")
    assert (fact.value, fact.basis) == ("68%", "65 of 96 sessions; 48 patients")
    assert fact.counts == "65 of 96; 48 patients"


def test_a_figure_without_a_row_is_written_out_as_no_data() -> None:
    fact = book_of(row()).fact("alliance.patient.bond")
    assert (fact.state, fact.value, fact.basis) == ("no_data", "no data", "no data")


def test_a_suppressed_figure_says_so_and_why() -> None:
    hidden = figure_row("alliance.patient.total", "month", hidden="small_number")
    fact = book_of(hidden).fact("alliance.patient.total")
    assert (fact.state, fact.value) == ("suppressed", "suppressed")
    assert fact.basis == "too few patients to publish"


def test_a_suppressed_figure_is_not_drawn() -> None:
    hidden = figure_row("alliance.patient.total", "month", hidden="complementary")
    mark = book_of(hidden).mark("alliance.patient.total", "Whole")
    assert (mark.value, mark.low, mark.high, mark.text) == (None, None, None, "suppressed")


def test_a_mark_is_drawn_no_finer_than_it_is_printed() -> None:
    mark = book_of(row(value=3.92481, low=3.71399, high=4.1251)).mark("alliance.patient.total", "")
    assert (mark.value, mark.low, mark.high) == (3.92, 3.71, 4.13)


def test_a_single_patient_has_a_value_and_no_interval() -> None:
    fact = book_of(row(low=None, high=None)).fact("alliance.patient.total")
    assert (fact.value, fact.interval) == ("3.93", "no interval")


def test_an_interval_without_an_upper_end_says_so() -> None:
    needed = figure_row("needed.phq-9", "trailing_12") | {"value": 44.3, "low": 9.0, "high": None}
    fact = book_of(needed).fact("needed.phq-9", "trailing_12")
    assert (fact.value, fact.interval) == ("45", "9 or more")


@pytest.mark.parametrize("column", ["value", "n_patients", "low", "numerator", "denominator"])
def test_a_suppressed_figure_that_still_has_a_number_is_refused(column: str) -> None:
    hidden = figure_row("alliance.patient.total", "month", hidden="small_number") | {column: 3.0}
    frame = pd.DataFrame([hidden]).assign(**OWN)
    assert refusal(frame) == {"SUPPRESSED_FIGURE_HAS_NUMBERS"}


def test_a_suppression_without_a_reason_in_words_is_refused() -> None:
    hidden = figure_row("alliance.patient.total", "month", hidden="because")
    assert refusal(pd.DataFrame([hidden]).assign(**OWN)) == {"SUPPRESSION_REASON"}


def test_a_row_of_another_clinic_is_refused() -> None:
    frame = clinic_figures()
    frame.loc[0, "clinic_id"] = "another"
    assert refusal(frame) == {"FOREIGN_FIGURE"}


def test_a_row_of_another_month_is_refused() -> None:
    assert refusal(clinic_figures().assign(month="2026-01")) == {"FOREIGN_FIGURE"}


def test_a_figure_that_stands_twice_is_refused() -> None:
    frame = clinic_figures()
    assert refusal(pd.concat([frame, frame.head(1)])) == {"FIGURE_TWICE"}


def test_a_figure_without_a_definition_is_refused() -> None:
    frame = clinic_figures()
    frame.loc[0, "figure"] = "alliance.patient.magic"
    assert refusal(frame) == {"UNKNOWN_FIGURE"}


@pytest.mark.parametrize(
    "changes", [{"value": 5.2, "high": 5.3}, {"low": 0.9}, {"low": 3.95}, {"high": 3.9}]
)
def test_a_figure_outside_its_range_or_its_interval_is_refused(changes: dict[str, float]) -> None:
    assert refusal(pd.DataFrame([row(**changes)]).assign(**OWN)) == {"IMPOSSIBLE_FIGURE"}


def test_a_frame_that_lacks_a_column_is_refused() -> None:
    assert refusal(clinic_figures().drop(columns="suppression")) == {"FIGURE_COLUMNS"}


def test_no_rows_at_all_make_an_empty_book() -> None:
    book = open_book(pd.DataFrame(), month=MONTH, style=STYLE, belongs_to=OWN)
    assert book.fact("patients.seen").value == "no data"


def test_windows_are_named_by_their_months() -> None:
    assert window_in_words("trailing_12", MONTH) == "March 2025 to February 2026"
    assert window_in_words("2025-11", MONTH) == "November 2025"
    with pytest.raises(RapportError):
        window_in_words("quarter", MONTH)
