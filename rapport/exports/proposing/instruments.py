"""Which instrument a group of columns is: by what it is called, else by count and answers."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rapport.exports.proposing.columns import named
from rapport.exports.proposing.groups import Group
from rapport.exports.proposing.words import known_words, meaning, scales_of
from rapport.exports.values import number_text
from rapport.instruments import Instrument

_THERAPIST = frozenset(("t", "th", "ther", "therapist", "therapeut", "terapeuta", "clinician"))
_PATIENT = frozenset(("p", "c", "pt", "cl", "pat", "patient", "client", "klient", "pacjent"))
_ALIASES = {"wai-sr": ("waisr",), "wai-sr-t": ("waisrt", "waisrther"), "ors": ("ors",)}
_SHORTEST_STEM = 2
_FEWEST_UNNAMED = 5
_MOST_WORDS = 7


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a group was taken for.

    Attributes:
        instrument: The instrument.
        rater: Who filled it in.
        n_items: How many of the group's columns are its items: the first ones.
        why: Why it is doubtful; empty if it is sure.
        rater_why: The same of the rater.
    """

    instrument: Instrument
    rater: str
    n_items: int
    why: str = ""
    rater_why: str = ""


def recognised(
    group: Group, catalogue: Mapping[str, Instrument], *, said: frozenset[str], decimal: str
) -> Recognised | None:
    """Return what a group of columns is, or ``None`` if it resembles no instrument.

    Args:
        group: The columns.
        catalogue: Instruments by id.
        said: Joined words of all names in the file: it may name its instrument elsewhere.
        decimal: Decimal mark of the file.
    """
    count = len(group.columns)
    called = _called(group, catalogue)
    fitting = [one for one in called if one.n_items == count]
    longer = [one for one in called if one.n_items < count]
    if fitting or longer:
        return _by_name(group, fitting or longer, decimal)
    if called:
        return None
    able = [
        one
        for one in catalogue.values()
        if one.n_items == count
        and _fits(group, one, decimal)
        and not _is_shifted(group, one, decimal)
    ]
    if not able or (count < _FEWEST_UNNAMED and not said & {_whole(one) for one in able}):
        return None
    hinted = [one for one in able if _whole(one) in said]
    able = [*hinted, *sorted((one for one in able if one not in hinted), key=_rank)]
    others = named(one.id for one in able[1:])
    why = f"{count} columns with answers like those of {able[0].id}"
    if hinted:
        why += ", which the file names elsewhere"
    return _with_rater(group, able[0], count, f"{why}; it may be: {others}" if others else why)


def short_of(group: Group, catalogue: Mapping[str, Instrument]) -> Instrument | None:
    """Return the instrument that a group is called by, but has too few columns for."""
    called = _called(group, catalogue)
    is_short = called and all(one.n_items > len(group.columns) for one in called)
    return called[0] if is_short else None


def _by_name(group: Group, able: Sequence[Instrument], decimal: str) -> Recognised:
    count = len(group.columns)
    ranked = sorted(
        able, key=lambda one: (not _fits(group, one, decimal), -one.n_items, *_rank(one))
    )
    best = ranked[0]
    reasons = []
    rivals = [one.id for one in ranked[1:] if one.n_items == best.n_items]
    if rivals and not group.is_coded:
        reasons.append(f"the name would also fit {named(rivals)}")
    if best.n_items < count:
        reasons.append(f"{count} columns, of which the first {best.n_items} are taken")
    return _with_rater(group, best, best.n_items, "; ".join(reasons))


def _with_rater(group: Group, found: Instrument, n_items: int, why: str) -> Recognised:
    if len(found.raters) == 1:
        return Recognised(found, found.raters[0], n_items, why)
    if group.hints & _THERAPIST:
        return Recognised(found, "therapist", n_items, why)
    if group.hints & _PATIENT:
        return Recognised(found, "patient", n_items, why)
    return Recognised(found, found.raters[0], n_items, why, "no name says who filled it in")


def _called(group: Group, catalogue: Mapping[str, Instrument]) -> list[Instrument]:
    """Return the instruments that a group is called by: by their whole name, else by its stem."""
    whole = {one.id: one for one in catalogue.values() if _names(one) & group.hints}
    if whole:
        longest = max(len(name) for one in whole.values() for name in _names(one) & group.hints)
        best = [
            one
            for one in whole.values()
            if max(len(name) for name in _names(one) & group.hints) == longest
        ]
        return _by_side(best, group, catalogue)
    stems = [one for one in catalogue.values() if _stem(one) in group.hints]
    return _by_side([one for one in stems if len(_stem(one)) >= _SHORTEST_STEM], group, catalogue)


def _by_side(
    found: list[Instrument], group: Group, catalogue: Mapping[str, Instrument]
) -> list[Instrument]:
    """Choose the therapist's form of an instrument where the name says whose it is."""
    if not group.hints & _THERAPIST:
        return [one for one in found if "patient" in one.raters] or found
    theirs = [catalogue[f"{one.id}-t"] for one in found if f"{one.id}-t" in catalogue]
    return theirs or [one for one in found if "therapist" in one.raters] or found


def _whole(one: Instrument) -> str:
    return one.id.replace("-", "")


def _names(one: Instrument) -> frozenset[str]:
    return frozenset({_whole(one), *_ALIASES.get(one.id, ())})


def _stem(one: Instrument) -> str:
    return one.id.partition("-")[0].rstrip("0123456789")


def _fits(group: Group, one: Instrument, decimal: str) -> bool:
    """Whether most of a group's texts may be answers of an instrument, as they are or shifted."""
    numbers = [number_text(text, decimal) for text in group.texts]
    plain = [text for text in numbers if _is_number(text)]
    if not plain:
        n_answers = len(one.scale.answers())
        words = {text for text in group.texts if meaning(text, known_words().missing) is None}
        return any(len(scale) == n_answers for scale in scales_of(words)) or (
            len(words) == n_answers and _are_shared(words, group)
        )
    allowed = set(one.allowed_answers())
    likely = [text for text in plain if 0 <= float(text) <= float(one.scale.maximum) + 1]
    strange = [text for text in likely if text not in allowed]
    top = max(map(float, likely), default=-1.0)
    is_full = top >= float(one.scale.maximum) - 1
    return bool(likely) and len(strange) <= 1 and is_full


def _are_shared(words: Collection[str], group: Group) -> bool:
    """Whether texts that are no numbers are answers: each of a few stands in several columns."""
    return len(words) <= _MOST_WORDS and all(
        sum(text in column.texts for column in group.columns) > 1 for text in words
    )


def _is_shifted(group: Group, one: Instrument, decimal: str) -> bool:
    """Whether a number lies beside the scale: nothing but a name could make it this instrument."""
    numbers = [number_text(text, decimal) for text in group.texts]
    low, high = float(one.scale.minimum), float(one.scale.maximum)
    return any(_is_number(text) and float(text) in (low - 1, high + 1) for text in numbers)


def _is_number(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdecimal()


def _rank(one: Instrument) -> tuple[bool, bool, str]:
    """Instruments that can be scored and are the patient's own first."""
    return not one.key.is_usable, "patient" not in one.raters, one.id
