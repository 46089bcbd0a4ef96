"""Words by which columns and codes are recognised, read from ``words.yaml`` beside this module."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import yaml

from rapport.exports.proposing.columns import joined

_NUMBER_BEFORE = re.compile(r"^[(\[]?\d{1,3}[)\]]?\s*[=:.)–-]?\s*(?=[^\W\d])")
_NUMBER_BEHIND = re.compile(r"(?<=[^\W\d])[.!]?\s*[=:(\[–-]\s*\d{1,3}\s*[)\]]?$")


@dataclass(frozen=True, slots=True)
class Words:
    """The lists.

    Attributes:
        names: What a column may be → whole names, as one word.
        hints: What a column may be → words of longer names.
        codes: Kind of coded column → Rapport's word → codes that mean it.
        missing: Reason → texts that mean it.
        answers: Scales of answers in words, from the lowest up.
    """

    names: Mapping[str, frozenset[str]]
    hints: Mapping[str, frozenset[str]]
    codes: Mapping[str, Mapping[str, frozenset[str]]]
    missing: Mapping[str, frozenset[str]]
    answers: Sequence[tuple[str, ...]]


@cache
def known_words() -> Words:
    """Return the lists, read once."""
    text = resources.files(__package__).joinpath("words.yaml").read_text(encoding="utf-8")
    given = yaml.safe_load(text)
    return Words(
        names=_sets(given["names"]),
        hints=_sets(given["hints"]),
        codes={kind: _sets(codes) for kind, codes in given["codes"].items()},
        missing=_sets(given["missing"]),
        answers=[tuple(scale) for scale in given["answers"]],
    )


def meaning(text: str, meanings: Mapping[str, frozenset[str]]) -> str | None:
    """Return what a text means among words with a meaning, or ``None``."""
    word = joined(text)
    return next((found for found, words in meanings.items() if word in words), None)


def plain_word(text: str) -> str:
    """Return an answer in words as the lists have it: ``Not at all (0)`` is ``not at all``."""
    words = " ".join(text.casefold().replace("’", "'").split())
    words = _NUMBER_BEHIND.sub("", _NUMBER_BEFORE.sub("", words))
    return words.rstrip(".!")


def answers_by_words(texts: Iterable[str], points: Sequence[str]) -> Mapping[str, str] | None:
    """Return what answers in words stand for, by the known scales with as many words as points.

    Args:
        texts: Answers in words.
        points: The instrument's answers, the lowest first.

    Returns:
        Text → answer; ``None`` where no such scale holds all of them, two differ, or it is one of
        agreement, whose direction is each instrument's own.
    """
    given = list(texts)
    found = [
        {text: points[scale.index(plain_word(text))] for text in given}
        for scale in scales_of(given)
        if len(scale) == len(points) and not any("agree" in word for word in scale)
    ]
    return found[0] if found and all(one == found[0] for one in found) else None


def scales_of(texts: Iterable[str]) -> list[tuple[str, ...]]:
    """Return the scales of answers on which all of some texts stand; none for no texts."""
    plain = {plain_word(text) for text in texts}
    return [scale for scale in known_words().answers if plain and plain <= set(scale)]


def order_of(texts: Iterable[str]) -> list[str]:
    """Return texts that all stand on one known scale of how often or how much, the least first.

    Returns:
        The texts in their order; none if they are fewer than two, stand on no such scale, or on
        one of agreement, whose direction is each instrument's own.
    """
    given = list(texts)
    plain = {plain_word(text): text for text in given}
    for scale in scales_of(given):
        if len(plain) > 1 and not any("agree" in word for word in scale):
            return [plain[word] for word in scale if word in plain]
    return []


def _sets(given: Mapping[str, str]) -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in given.items()}
