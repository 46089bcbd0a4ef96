"""What stands below adjusted figures: what each holds equal, said once where it is the same."""

import pandas as pd

from rapport.months import Month
from rapport.rendering.case_mix_notes import clinic_notes, therapist_notes
from rapport.rendering.figure_book import TRAILING_12, FigureBook, Reading, open_book
from rapport.rendering.formats import NumberStyle
from rapport.statistics.figures import ESTIMATES, NOTE

STYLE = NumberStyle.of("en_GB")
FIRST, AGED = "Held equal: the first score alone.", "Held equal: the first score, age."


def book(notes: dict[str, str], suppression: str | None = None) -> FigureBook:
    readings = {
        (TRAILING_12, figure): Reading(
            figure=figure,
            suppression=suppression,
            n_patients=None if suppression else 40,
            n_observations=None if suppression else 40,
            numerator=None,
            denominator=None,
            value=None if suppression else 5.0,
            low=None if suppression else 4.0,
            high=None if suppression else 6.0,
            note=note,
        )
        for figure, note in notes.items()
    }
    return FigureBook(Month(2026, 2), STYLE, readings)


def test_measures_that_hold_the_same_equal_share_a_sentence() -> None:
    found = clinic_notes(
        book({"adjusted.phq-9": AGED, "adjusted.gad-7": AGED, "adjusted.swls": FIRST}), book({})
    )
    assert found == (f"PHQ-9, GAD-7: {AGED}", f"SWLS: {FIRST}")


def test_the_comparison_of_sectors_is_told_where_it_holds_something_else_equal() -> None:
    clinic = book({"adjusted.phq-9": AGED, "adjusted.gad-7": AGED})
    together = book({"comparison.phq-9": AGED, "comparison.gad-7": FIRST})
    assert clinic_notes(clinic, together) == (
        f"PHQ-9, GAD-7: {AGED}",
        f"Public − private, GAD-7: {FIRST}",
    )


def test_a_hidden_figure_has_no_sentence() -> None:
    assert clinic_notes(book({"adjusted.phq-9": AGED}, "small_number"), book({})) == ()


def test_therapists_have_the_sentences_of_the_measures_in_their_table() -> None:
    books = {
        "a": book({"adjusted.phq-9": AGED, "adjusted.swls": FIRST}),
        "b": book({"adjusted.phq-9": AGED}, "too_few"),
        "c": book({"adjusted.phq-9": AGED}),
    }
    assert therapist_notes(books) == (f"PHQ-9: {AGED}",)


def test_a_note_is_what_stands_behind_the_method_and_only_there() -> None:
    method = ESTIMATES["adjusted.phq-9"].method
    row = {
        "period": TRAILING_12, "figure": "adjusted.phq-9", "n_patients": 40, "n_observations": 40,
        "numerator": None, "denominator": None, "value": 5.0, "low": 4.0, "high": 6.0,
        "unit": "points", "suppression": None,
    }  # fmt: skip
    for told, note in ((method, ""), (method + NOTE + AGED, AGED)):
        frame = pd.DataFrame([{**row, "method": told}])
        opened = open_book(frame, month=Month(2026, 2), style=STYLE, belongs_to={})
        found = opened.find("adjusted.phq-9", TRAILING_12)
        assert found is not None
        assert found.note == note
