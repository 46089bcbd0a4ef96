"""Columns that are left aside: names of persons, free text; and why any other is not proposed."""

from rapport.clinics.codebook import Codebook
from rapport.exports.proposing.columns import Column, joined, words_of
from rapport.exports.proposing.said import Said, unsure
from rapport.exports.proposing.words import known_words

_WORDS_OF_A_SENTENCE = 8
_LONGEST_HEADING = 40


def is_named_after_a_person(column: Column) -> bool:
    """Whether a column's name says, by itself, that a person's name stands in it."""
    return joined(column.name) in known_words().names["person"]


def left_aside(column: Column, codebook: Codebook | None) -> Said:
    """Say of a column that nothing reads why it may stay so: surely where it holds free text.

    Args:
        column: The column.
        codebook: The project's data dictionary, where there is one.
    """
    question = codebook.by_column.get(column.name) if codebook else None
    if question is not None and question.kind in ("notes", "file", "signature"):
        return Said(column.name, f"a field of the kind {question.kind} in the dictionary")
    is_short = len(column.name) <= _LONGEST_HEADING
    if is_short and set(words_of(column.name)) & known_words().names["free_text"]:
        return Said(column.name, "free text, as its name says")
    if any(len(text.split()) >= _WORDS_OF_A_SENTENCE for text in column.texts):
        return Said(column.name, "holds free text")
    return unsure(column.name, "not recognised; leave it here only if it is not read")
