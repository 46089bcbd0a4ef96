"""How a form's answers are coded: as the instrument's, shifted, in words; and what means missing.

Only codes of closed answer sets are told: few different texts that occur in several columns.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from rapport.exports.codings import PRINTED_BOTH_WAYS
from rapport.exports.identifiers import identifier_in
from rapport.exports.missing import UNDECLARED
from rapport.exports.proposing.columns import Column
from rapport.exports.proposing.said import FILL_IN, Said, unsure
from rapport.exports.proposing.words import (
    answers_by_words,
    known_words,
    meaning,
    order_of,
    plain_word,
    scales_of,
)
from rapport.exports.values import number_text
from rapport.instruments import Instrument

_SUSPECTS = frozenset(
    str(sign * number)
    for number in (7, 8, 9, 66, 77, 88, 97, 98, 99, 777, 888, 997, 998, 999, 9999)
    for sign in (1, -1)
) | {"-1"}
_SIGNS = frozenset({".", "-", "#N/A", "#NULL!", "NA", "N/A", "NULL", "NaN", "nan", "n/a"})
_NUMBERED = re.compile(r"([A-Za-z]{1,4})0{0,3}(\d{1,2})", re.ASCII)
_MOST_WORDS = 12
_MANY_ANSWERS = 30
_LONGEST_WORD = 80


@dataclass(frozen=True, slots=True)
class Coding:
    """How answers are coded.

    Attributes:
        codes: Answer in the file → answer of the instrument; empty if they are the same.
        missing: Missing code → reason.
        why: A doubt about the whole coding.
        is_from_one: Whether the answers fit the scale, and might as well begin at 1 instead of 0.
    """

    codes: Mapping[str, Said] = field(default_factory=dict)
    missing: Mapping[str, Said] = field(default_factory=dict)
    why: str = ""
    is_from_one: bool = False


def coding_of(
    columns: Sequence[Column],
    instrument: Instrument,
    *,
    decimal: str,
    labels: Mapping[str, Mapping[str, str]],
) -> Coding:
    """Propose the coding of one form's columns.

    Args:
        columns: The columns of its items.
        instrument: What they are taken for.
        decimal: Decimal mark of the file.
        labels: Column → code → label, where the file or its dictionary has them.
    """
    own = {code: label for column in columns for code, label in labels.get(column.name, {}).items()}
    found = {text for column in columns for text in column.texts}
    declared = {text.removeprefix(UNDECLARED) for text in found if text.startswith(UNDECLARED)}
    found = {text for text in found if not text.startswith(UNDECLARED)} | own.keys()
    allowed = set(instrument.allowed_answers())
    allowed |= {answer for n in range(len(columns)) for answer in _answers(instrument, n + 1)}
    strange = {text for text in found | declared if number_text(text, decimal) not in allowed}
    missing = {
        text: said
        for text in sorted(strange | declared)
        if (said := _missing(text, own.get(text), is_declared=text in declared)) is not None
        if not _may_be_shifted(text, instrument)
    }
    strange -= missing.keys()
    turned = _by_labels(
        {code: text for code, text in own.items() if code not in missing}, instrument
    )
    if turned:
        return Coding(turned, missing)
    if not strange:
        return Coding(missing=missing, is_from_one=_never_nought(columns, own, instrument))
    numbers = {text for text in found - missing.keys() if _is_whole(text)}
    if strange <= numbers:
        codes, why = _shifted(numbers, own, instrument)
    else:
        codes, why = _in_words(strange, numbers, columns, instrument)
    return Coding(codes, missing, why)


def _never_nought(
    columns: Sequence[Column], labels: Mapping[str, str], instrument: Instrument
) -> bool:
    """Whether the lowest answer is 0 and nobody gave it, among many answers without a label."""
    if labels or instrument.scale.minimum != 0 or instrument.scale.step != 1:
        return False
    n_answers = sum(bool(cell) for column in columns for cell in column.cells)
    given = {text for column in columns for text in column.texts}
    return n_answers >= _MANY_ANSWERS and not given & {"0", "0.0"}


def _by_labels(labels: Mapping[str, str], instrument: Instrument) -> dict[str, Said]:
    """Propose what the file's own labels say, where they stand for other answers than the codes."""
    points = [answer for answer in instrument.scale.answers() if _is_whole(answer)]
    if instrument.id in PRINTED_BOTH_WAYS or len(labels) < 2:  # noqa: PLR2004 - one says nothing
        return {}
    meant = answers_by_words(labels.values(), points)
    ordered = order_of(labels.values())
    if meant is None and len(ordered) == len(points) == len(labels):
        meant = dict(zip(ordered, points, strict=True))
    found = {code: meant[text] for code, text in labels.items()} if meant else {}
    if all(number_text(code, ".") == answer for code, answer in found.items()):
        return {}
    whole = all(map(_is_whole, found))
    shifts = {int(code) - int(answer) for code, answer in found.items()} if whole else set()
    if len(shifts) == 1:
        found = {str(int(point) + shift): point for shift in shifts for point in points}
        why = (
            f"by the file's own labels, coded {min(found, key=int)} to {max(found, key=int)} where "
            f"{instrument.id} has {points[0]} to {points[-1]}; check it"
        )
        return {code: unsure(answer, why) for code, answer in found.items()}
    sums = {int(code) + int(answer) for code, answer in found.items()} if whole else set()
    if len(sums) == 1:
        found = {str(total - int(point)): point for total in sums for point in points}
    why = "by the file's own labels; check it"
    if whole:
        why = "by the file's own labels, which run the other way than the codes; check it"
    return {code: unsure(answer, why) for code, answer in sorted(found.items())}


def _may_be_shifted(text: str, instrument: Instrument) -> bool:
    """Whether a number lies just beside the scale."""
    scale = instrument.scale
    return _is_whole(text) and int(text) in (int(scale.minimum) - 1, int(scale.maximum) + 1)


def _answers(instrument: Instrument, item: int) -> tuple[str, ...]:
    return instrument.allowed_answers(item) if item <= instrument.n_items else ()


def _missing(text: str, label: str | None, *, is_declared: bool) -> Said | None:
    """Return the reason that a text outside the scale stands for, if it is a missing code."""
    known = known_words().missing
    if label is not None:
        reason = meaning(label, known)
        if reason is None and not is_declared:
            return None
        return unsure(reason or "skipped", "labelled as missing; check that this is the reason")
    if is_declared:
        return unsure("skipped", "the file declares it as missing, and not why")
    reason = meaning(text, known)
    if reason is not None or text in _SIGNS:
        return unsure(reason or "skipped", "looks like a missing code; check the reason")
    if text in _SUSPECTS:
        return unsure("skipped", "outside the scale, and a usual missing code; not declared here")
    return None


def _shifted(
    numbers: Collection[str], labels: Mapping[str, str], instrument: Instrument
) -> tuple[dict[str, Said], str]:
    """Propose a coding for whole numbers that lie beside the scale."""
    scale = instrument.scale
    points = [int(float(answer)) for answer in scale.answers() if _is_whole(answer)]
    low, high = min(map(int, numbers)), max(map(int, numbers))
    shift = int(low - scale.minimum) if labels else int(high - scale.maximum)
    fits = shift != 0 and points[0] + shift <= low and high <= points[-1] + shift
    if not fits:
        why = (
            f"answers from {low} to {high} do not fit {instrument.id} "
            f"({scale.minimum:g} to {scale.maximum:g}); it may be another instrument"
        )
        return {text: unsure(FILL_IN, why) for text in sorted(numbers, key=int)}, why
    why = (
        f"coded {points[0] + shift} to {points[-1] + shift} where {instrument.id} has "
        f"{points[0]} to {points[-1]}: confirm, or it is another instrument"
    )
    return {str(point + shift): unsure(str(point), why) for point in points}, why


def _in_words(
    strange: Collection[str],
    numbers: Collection[str],
    columns: Sequence[Column],
    instrument: Instrument,
) -> tuple[dict[str, Said], str]:
    """Propose a coding for answers in words."""
    words = sorted(text for text in strange if text not in numbers)
    points = [answer for answer in instrument.scale.answers() if _is_whole(answer)]
    for scale in scales_of(words):
        places = {word: scale.index(plain_word(word)) for word in words}
        if len(scale) == len(points):
            why = "by the usual order of these words; check it"
            ordered = sorted(places, key=lambda word: places[word])
            return {word: unsure(points[places[word]], why) for word in ordered}, why
    numbered = _by_their_numbers(words, points)
    if numbered:
        return numbered, ""
    is_closed = (
        len(words) <= _MOST_WORDS
        and all(len(word) <= _LONGEST_WORD for word in words)
        and all(sum(word in column.texts for column in columns) > 1 for word in words)
        and identifier_in(words) is None
    )
    if not is_closed:
        why = "answers in words of which there are too many, or that stand in one column alone"
        return {FILL_IN: unsure(FILL_IN, why)}, why
    why = "the order of these words is not known here"
    kept = {text: Said(text) for text in sorted(numbers) if text in points}
    return {**{word: unsure(FILL_IN, why) for word in words}, **kept}, why


def _by_their_numbers(words: Sequence[str], points: Sequence[str]) -> dict[str, Said]:
    """Propose the order of codes such as ``A1`` to ``A4`` by the numbers in them."""
    found = [_NUMBERED.fullmatch(word) for word in words]
    if not words or not all(found) or len({one[1] for one in found if one}) > 1:
        return {}
    numbers = {int(one[2]): word for one, word in zip(found, words, strict=True) if one}
    first = 0 if 0 in numbers else 1
    if len(numbers) != len(words) or max(numbers) - first >= len(points):
        return {}
    why = "by the numbers in the codes alone; check which end is the lowest"
    return {word: unsure(points[number - first], why) for number, word in sorted(numbers.items())}


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isdecimal() and text.isascii()
