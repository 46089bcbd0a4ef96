"""Twelve months in plain words: what is more than chance, what is quiet, what cannot be read."""

import pandas as pd

from rapport.months import Month, trailing
from rapport.rendering.figure_book import NUMBERS, FigureBook, open_book
from rapport.rendering.formats import NumberStyle
from rapport.rendering.trend_words import SERIES, trend_readings

MONTH = Month(2026, 2)


def _book(figure: str, values: list[float | None], counts: list[int] | None = None) -> FigureBook:
    rows = []
    for at, (month, value) in enumerate(zip(trailing(MONTH, 12), values, strict=True)):
        row = {
            "period": str(month),
            "figure": figure,
            **dict.fromkeys(NUMBERS),
            "unit": "",
            "method": "",
        }
        row["suppression"] = "small_number" if value is None else None
        if value is not None:
            row |= {"value": value, "n_patients": 40.0, "n_observations": 80.0}
            if counts:
                row |= {"numerator": float(counts[at]), "denominator": 80.0}
        rows.append(row | {"month": str(MONTH)})
    return open_book(
        pd.DataFrame(rows),
        month=MONTH,
        style=NumberStyle.of("en_GB"),
        belongs_to={"month": str(MONTH)},
    )


def test_a_month_outside_the_limits_is_named_with_its_direction() -> None:
    values = [3.8, 3.9, 3.8, 3.9, 3.8, 3.9, 3.8, 3.9, 3.8, 3.9, 3.8, 2.0]
    said = trend_readings(_book("alliance.patient.total", values))
    assert said[0].startswith("The alliance as patients rate it: February 2026 (below the lower")


def test_seven_months_on_one_side_are_one_sentence_and_no_second_rule_repeats_it() -> None:
    values = [3.5, 3.6, 3.5, 3.6, 3.5, 3.8, 3.9, 3.8, 3.9, 3.8, 3.9, 3.8]
    said = trend_readings(_book("alliance.patient.total", values))
    about = [one for one in said if one.startswith("The alliance as patients")]
    assert len(about) == 1
    assert "August 2025 to February 2026 (above the average)" in about[0]


def test_a_series_that_only_wavers_is_said_to_be_quiet() -> None:
    values = [3.8, 3.9, 3.7, 3.9, 3.8, 3.7, 3.9, 3.8, 3.9, 3.7, 3.8, 3.9]
    assert trend_readings(_book("alliance.patient.total", values))[0] == (
        "The alliance as patients rate it: no more change over twelve months than chance brings."
    )


def test_shares_are_read_by_their_counts() -> None:
    counts = [60, 62, 61, 60, 63, 61, 60, 62, 61, 63, 60, 10]
    said = trend_readings(_book("completion.patient", [n / 80 for n in counts], counts))
    assert said[0].startswith("The share of sessions with the patient’s form: February 2026 (below")


def test_a_suppressed_month_leaves_the_series_unread_and_says_so() -> None:
    said = trend_readings(_book("alliance.patient.total", [3.8] * 5 + [None] + [3.8] * 6))
    assert len(said) == 1
    assert said[0].endswith("too few published months to be read.")
    assert len(SERIES) == said[0].count(",") + 2
