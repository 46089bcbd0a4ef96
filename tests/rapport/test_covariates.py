"""What is known of a patient, packed as one text and read again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.covariates import packed, parsed

WORDS = st.text(min_size=1, max_size=8)
NUMBERS = st.integers(-(10**6), 10**6) | st.floats(allow_nan=False, allow_infinity=False)


@pytest.mark.parametrize(
    ("known", "text"),
    [
        ({"age": 34}, '{"age":34}'),
        ({"age": 34.5}, '{"age":34.5}'),
        ({"age": 0}, '{"age":0}'),  # nought is known, too
        ({"work": "employed", "age": 34}, '{"age":34,"work":"employed"}'),  # names in order
        ({"sprache": "Rätoromanisch"}, '{"sprache":"Rätoromanisch"}'),
        ({"said": 'a "b" \\ c'}, '{"said":"a \\"b\\" \\\\ c"}'),
    ],
)
def test_what_is_known_is_one_text_without_blanks_its_names_in_order(
    known: dict[str, str | float], text: str
) -> None:
    assert packed(known) == text
    assert parsed(text) == known


def test_where_nothing_is_known_there_is_no_text() -> None:
    assert packed({}) is None


def test_the_order_in_which_things_became_known_makes_no_other_text() -> None:
    assert packed({"b": 1, "a": 2}) == packed({"a": 2, "b": 1})


@settings(max_examples=20, deadline=None, database=None)
@given(st.dictionaries(WORDS, WORDS | NUMBERS, min_size=1, max_size=4))
def test_what_is_packed_is_read_again_as_it_was(known: dict[str, str | float]) -> None:
    text = packed(known)
    assert text is not None
    assert parsed(text) == known
    assert [type(value) for value in parsed(text).values()] == [
        type(known[name]) for name in sorted(known)
    ]


def test_the_same_text_is_read_once_and_remembered_among_tens_of_thousands() -> None:
    # One text a session: a clinic's hundred thousand sessions hold few different ones.
    first = parsed('{"age":34}')
    for age in range(50_000, 50_100):
        parsed(f'{{"age":{age}}}')
    assert parsed('{"age":34}') is first
