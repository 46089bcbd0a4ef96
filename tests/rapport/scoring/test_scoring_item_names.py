"""Item columns are told by their names alone, and only where no others can be meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import ScoringError
from rapport.instruments import load_catalogue
from rapport.scoring.item_mapping import ItemMapping
from rapport.scoring.item_names import recognised_columns

CATALOGUE = load_catalogue()
PHQ = CATALOGUE["phq-9"]


def named(pattern: str, last: int = 9, first: int = 1) -> list[str]:
    return [pattern.format(n) for n in range(first, last + 1)]


WAYS = [
    "q{}", "Q{}", "q{:02d}", "q_{}", "q {}", "item{}", "item_{}", "Item {:02d}", "ITEM.{}",
    "question {}", "Frage {}", "{}", "phq{}", "PHQ{}", "phq9_{}", "phq_9_{}", "phq-9_{}",
    "phq9.{:02d}", "PHQ-9 Item {}", "phq.{}", "PHQ9_Q{}", "phq9{}", "phq9{:02d}", "t1_phq9_{}",
    "PHQ-9: question {}", "phq9[SQ{:03d}]", "q{}_pre", "phq9_{}_t2", "\u00a0PHQ\u00a09 no\u00a0{}",
    "Item no. {}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", WAYS)
def test_a_known_way_of_naming_is_recognised(pattern: str) -> None:
    columns = named(pattern)
    assert recognised_columns(["id", *columns, "total", "date"], PHQ) == tuple(columns)


@pytest.mark.parametrize("pattern", WAYS)
def test_the_order_of_columns_does_not_matter(pattern: str) -> None:
    columns = named(pattern)
    assert recognised_columns(["id", *reversed(columns)], PHQ) == tuple(columns)


def test_columns_may_go_on_with_their_own_words() -> None:
    columns = [f"phq9_{n}_{word}" for n, word in enumerate("abcdefghi", 1)]
    assert recognised_columns(columns, PHQ) == tuple(columns)
    numbered = [f"{n}. {word}" for n, word in enumerate("abcdefghi", 1)]
    assert recognised_columns(["x", *numbered], PHQ) == tuple(numbered)


def test_the_instrument_s_own_name_goes_before_plain_words() -> None:
    columns = named("phq9_{}")
    assert recognised_columns([*named("q{}"), *columns], PHQ) == tuple(columns)


def test_columns_that_end_alike_go_before_those_that_do_not() -> None:
    columns = named("q{}")
    header = [*columns, *(f"phq_{n}_{word}" for n, word in enumerate("abcdefghi", 1))]
    assert recognised_columns(header, PHQ) == tuple(columns)


AMBIGUOUS = {
    "two points of time": [*named("phq9_{}_pre"), *named("phq9_{}_post")],
    "two plain words": [*named("q{}"), *named("item{}")],
    "with and without a nought in front": [*named("q_{}"), *named("q{:02d}")],
}


@pytest.mark.parametrize("header", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_two_sets_are_refused_and_both_are_shown_with_their_map(header: list[str]) -> None:
    with pytest.raises(ScoringError, match="ITEM_COLUMNS") as told:
        recognised_columns(header, PHQ)
    (fault,) = told.value.faults
    assert fault.message == "2 sets of columns could be the 9 items of phq-9."
    for first, last in ((header[0], header[8]), (header[9], header[17])):
        assert f"{first} … {last} → items: " in fault.remedy


def test_the_map_that_is_shown_is_the_map_that_works() -> None:
    header = AMBIGUOUS["two points of time"]
    with pytest.raises(ScoringError) as told:
        recognised_columns(header, PHQ)
    assert 'phq9_1_post … phq9_9_post → items: "phq9_{item}_post"' in told.value.faults[0].remedy
    assert ItemMapping(items="phq9_{item}_post").columns(header, PHQ) == tuple(header[9:])


NONE = {
    "unknown names": named("x{}"),
    "one short": named("q{}", 8),
    "first missing": named("q{}", 10, first=2),
    "another instrument": named("gad7_{}"),
    "no numbers": ["a", "b"],
    "a longer number": named("q10{}"),
    "a number as long as a year": named("q{:04d}"),
}


@pytest.mark.parametrize("header", NONE.values(), ids=NONE)
def test_no_set_is_refused(header: list[str]) -> None:
    with pytest.raises(ScoringError) as told:
        recognised_columns(header, PHQ)
    assert told.value.faults[0].message == "No columns are named as the 9 items of phq-9."


def test_numbered_columns_of_other_names_are_shown_with_their_map() -> None:
    with pytest.raises(ScoringError) as told:
        recognised_columns([*named("dep{:02d}"), *named("Bed {} sleep"), "b{1}"], PHQ)
    remedy = told.value.faults[0].remedy
    assert 'dep01 … dep09 → items: "dep{item:02d}"' in remedy
    assert 'Bed 1 sleep … Bed 9 sleep → items: "Bed {item} sleep"' in remedy


def test_a_set_without_one_pattern_is_shown_as_a_list() -> None:
    with pytest.raises(ScoringError) as told:
        recognised_columns([f"x{n}_{word}" for n, word in enumerate("abcdefghi", 1)], PHQ)
    assert "items: [x1_a, x2_b, …]" in told.value.faults[0].remedy


@pytest.mark.parametrize("pattern", ["{{a}}x{}", "a}}x{}", "{{x{}"])
def test_names_with_braces_are_shown_as_a_list(pattern: str) -> None:
    columns = named(pattern)
    with pytest.raises(ScoringError) as told:
        recognised_columns(columns, PHQ)
    assert f"items: [{columns[0]}, {columns[1]}, …]" in told.value.faults[0].remedy


def test_a_pattern_is_found_where_numbers_grow_longer() -> None:
    with pytest.raises(ScoringError) as told:
        recognised_columns(named("x{}y", 10), CATALOGUE["k10"])
    assert told.value.faults[0].remedy.endswith('x1y … x10y → items: "x{item}y".')


def test_the_first_of_two_like_columns_is_shown() -> None:
    header = [*named("q{}"), "q10", "Q10"]
    with pytest.raises(ScoringError, match="go on beyond") as told:
        recognised_columns(header, PHQ)
    assert told.value.faults[0].column == "q10"
    doubled = ["q1", *named("q{}"), *named("item{}"), "ITEM1", "ITEM9", "Q9"]
    with pytest.raises(ScoringError, match="2 sets of columns") as told:
        recognised_columns(doubled, PHQ)
    assert 'q1 … q9 → items: "q{item}"; item1 … item9' in told.value.faults[0].remedy


def test_no_more_than_eight_sets_are_shown() -> None:
    header = [name for letter in "abcdefghijkl" for name in named(letter * 2 + "{}")]
    with pytest.raises(ScoringError) as told:
        recognised_columns(header, PHQ)
    assert told.value.faults[0].remedy.count("→") == 8


@pytest.mark.parametrize(
    ("pattern", "last"), [("q{}", 10), ("q{}", 16), ("phq9_{}", 11), ("phq{}", 15)]
)
def test_a_set_that_goes_on_is_another_form(pattern: str, last: int) -> None:
    with pytest.raises(ScoringError, match="go on beyond") as told:
        recognised_columns(named(pattern, last), PHQ)
    (fault,) = told.value.faults
    unscored = 0 if pattern == "q{}" else 1
    assert fault.column == pattern.format(10 + unscored)
    assert f'items: "{pattern.format("{item}")}"' in fault.remedy


def test_the_36_items_of_the_long_form_are_not_the_12_of_the_short_one() -> None:
    with pytest.raises(ScoringError, match="go on beyond"):
        recognised_columns(named("wai_{}", 36), CATALOGUE["wai-sr"])


@pytest.mark.parametrize(
    ("instrument_id", "pattern", "last"),
    [("phq-9", "phq9_{}", 10), ("gad-7", "gad7_{}", 8), ("reqol-10", "reqol{}", 11)],
)
def test_a_question_that_is_not_scored_may_follow_where_the_set_names_the_instrument(
    instrument_id: str, pattern: str, last: int
) -> None:
    instrument = CATALOGUE[instrument_id]
    found = recognised_columns(named(pattern, last), instrument)
    assert found == tuple(named(pattern, last - 1))


def test_a_column_that_stands_twice_is_told() -> None:
    with pytest.raises(ScoringError, match="DUPLICATE_COLUMN") as told:
        recognised_columns([*named("q{}"), "q3", "Q5"], PHQ)
    assert [fault.column for fault in told.value.faults] == ["q3", "q5"]


@pytest.mark.parametrize("instrument_id", list(CATALOGUE))
def test_every_instrument_is_recognised_by_its_id(instrument_id: str) -> None:
    instrument = CATALOGUE[instrument_id]
    columns = named(instrument_id + "_{}", instrument.n_items)
    assert recognised_columns(["id", *columns], instrument) == tuple(columns)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=12), max_size=8))
def test_columns_of_any_other_name_never_take_an_item_s_place(others: list[str]) -> None:
    columns = named("phq9_item_{}")
    apart = [name for name in others if not any(sign in name for sign in "0123456789")]
    assert recognised_columns([*apart, *columns], PHQ) == tuple(columns)
