"""A clinic's shares beside the limits of chance for its size: in words, from published figures."""

import pytest

from rapport.months import Month
from rapport.rendering.figure_book import TRAILING_12, FigureBook, Reading
from rapport.rendering.formats import NumberStyle
from rapport.rendering.funnel_words import funnel_limits, funnel_readings

SHARE = "outcome.recovery"


def reading(figure: str, value: float | None, of: float | None = None) -> Reading:
    is_hidden = value is None
    return Reading(
        figure=figure,
        suppression="small_number" if is_hidden else None,
        n_patients=None if is_hidden else of,
        n_observations=None if is_hidden else of,
        numerator=None if value is None or of is None else value * of,
        denominator=None if is_hidden else of,
        value=value,
        low=None,
        high=None,
    )


def book(*readings: Reading) -> FigureBook:
    found = {(TRAILING_12, one.figure): one for one in readings}
    return FigureBook(Month(2026, 2), NumberStyle.of("en_GB"), found)


def told(value: float | None, of: float, *more: Reading, sector: float | None = 0.5) -> list[str]:
    clinic = book(reading(SHARE, value, of))
    return list(funnel_readings(clinic, book(reading(SHARE, sector, 1000), *more), "public"))


def test_limits_are_the_exact_binomial_ones_of_r() -> None:
    """R: r <- qbinom(p, 100, .5); (r - (pbinom(r, 100, .5) - p)/dbinom(r, 100, .5))/100."""
    low, high = funnel_limits(0.5, 100, 1.0)
    assert (low, high) == pytest.approx((0.341215883723, 0.648784116277), abs=1e-11)


def test_scatter_beyond_chance_widens_the_limits_by_its_square_root() -> None:
    """θ ± 3.0902 √(4 · .25/100), the normal limits."""
    assert funnel_limits(0.5, 100, 4.0) == pytest.approx((0.5 - 0.30902323, 0.5 + 0.30902323))


def test_a_clinic_within_the_limits_has_nothing_to_explain() -> None:
    (sentence,) = told(0.55, 100)
    assert sentence == (
        "Recovery, 55%: within the limits of 34% to 65% around the public sector’s 50%."
    )


@pytest.mark.parametrize(("value", "place"), [(0.30, "below"), (0.70, "above")])
def test_a_clinic_outside_is_asked_about_and_not_graded(value: float, place: str) -> None:
    (sentence,) = told(value, 100)
    assert f": {place} the limits" in sentence
    assert "Worth asking why" in sentence


def test_wide_scatter_is_said_and_brings_a_clinic_inside() -> None:
    (sentence,) = told(0.30, 100, reading("scatter.recovery", 4.0, 1000))
    assert "within the limits of 19% to 81% around the public sector’s 50%, widened" in sentence


@pytest.mark.parametrize(
    ("value", "of", "sector"),
    [(None, 100, 0.5), (0.5, 9, 0.5), (0.5, 501, 0.5), (0.5, 100, None), (0.5, 100, 1.0)],
    ids=["hidden", "too few", "most of its sector", "sector hidden", "no funnel around all"],
)
def test_nothing_is_said_where_nothing_can_be(
    value: float | None, of: float, sector: float | None
) -> None:
    assert told(value, of, sector=sector) == []
