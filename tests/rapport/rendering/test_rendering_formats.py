"""Numbers are written half-up, with the clinic's own decimal mark, and never as a bare minus."""

import pytest

from rapport.rendering.formats import NumberStyle, counted, listed

ENGLISH, POLISH = NumberStyle.of("en_GB"), NumberStyle.of("pl_PL")


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (2.675, 2, "2.68"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (-2.5, 0, "−3"),
        (-0.004, 2, "0.00"),
        (3.0, 2, "3.00"),
        (1e-9, 1, "0.0"),
    ],
)
def test_a_half_is_rounded_away_from_zero(value: float, places: int, text: str) -> None:
    assert ENGLISH.fixed(value, places) == text


def test_a_polish_clinic_reads_a_decimal_comma() -> None:
    assert POLISH.fixed(3.92, 2) == "3,92"


def test_an_unknown_language_gets_a_comma_and_a_bare_language_is_enough() -> None:
    assert NumberStyle.of("xx").decimal == ","
    assert NumberStyle.of("en").decimal == "."


def test_large_counts_are_grouped_by_spaces_that_do_not_break() -> None:
    assert ENGLISH.whole(9999) == "9999"
    assert ENGLISH.whole(1234567) == "1\u00a0234\u00a0567"


def test_one_form_is_not_one_forms() -> None:
    assert counted(1, "form", "forms", ENGLISH) == "1 form"
    assert counted(0, "form", "forms", ENGLISH) == "0 forms"


def test_a_list_reads_like_a_sentence() -> None:
    assert listed(("a",)) == "a"
    assert listed(("a", "b", "c")) == "a, b and c"
