"""Which columns of a table are the items of an instrument: told by their names alone.

Columns belong together when their names differ in one number only: ``phq9_1 … phq9_9``,
``PHQ-9 Item 01 …``, ``q1_pre …``. Such a set is taken when what stands before the number is the
instrument's own name or a plain word for an item, when it is complete, and when no other set could
be meant. Nothing is guessed from the cells.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapport.errors import Fault, ScoringError
from rapport.instruments import Instrument

_NUMBER = re.compile(r"\d+", re.ASCII)
_WORDS = "q|qs|sq|i|no|nr|item|question|frage|pytanie|response|answer"
_GAP = "[^a-z0-9]"
_WORDING = rf"(?:(?:{_WORDS})(?:{_GAP}+(?:{_WORDS}))*{_GAP}*)?"
_GENERIC = re.compile(f"{_GAP}*{_WORDING}", re.ASCII)
_SHOWN = 8
_LONGEST_NUMBER = 3


@dataclass(frozen=True, slots=True)
class ColumnSet:
    """Columns whose names differ in one number.

    Attributes:
        before: What stands before the number, in small letters.
        after: What stands behind it; ``None`` where that differs from column to column.
        places: Number → the places in the header where it stands, from 0.
    """

    before: str
    after: str | None
    places: dict[int, list[int]]

    def is_complete(self, n_items: int) -> bool:
        """Whether every number from 1 to ``n_items`` stands in it."""
        return all(number in self.places for number in range(1, n_items + 1))


def recognised_columns(header: Sequence[str], instrument: Instrument) -> tuple[str, ...]:
    """Return the item columns of a header, in the instrument's order.

    Sets named after the instrument go before sets of plain words (``q``, ``item``), and sets that
    end alike before sets that do not.

    Raises:
        ScoringError: No set can be meant, several can, a column stands twice, or the set goes on
            beyond the instrument's items.
    """
    sets = [found for found in _sets(header) if found.is_complete(instrument.n_items)]
    meant = _meant(sets, instrument)
    if len(meant) != 1:
        raise ScoringError(_not_one(meant, sets, header, instrument))
    (chosen,) = meant
    _require_end(chosen, header, instrument)
    places = [chosen.places[number] for number in range(1, instrument.n_items + 1)]
    if doubled := [found for found in places if len(found) > 1]:
        raise ScoringError(_doubled(header[found[0]]) for found in doubled)
    return tuple(header[found[0]] for found in places)


def _sets(header: Sequence[str]) -> list[ColumnSet]:
    """Return every set, those that end alike first."""
    alike: dict[tuple[str, str], dict[int, list[int]]] = {}
    mixed: dict[str, dict[int, list[int]]] = {}
    for place, name in enumerate(header):
        for before, number, after in _readings(name):
            alike.setdefault((before, after), {}).setdefault(number, []).append(place)
            mixed.setdefault(before, {}).setdefault(number, []).append(place)
    return [
        *(ColumnSet(before, after, places) for (before, after), places in alike.items()),
        *(ColumnSet(before, None, places) for before, places in mixed.items()),
    ]


def _readings(name: str) -> Iterator[tuple[str, int, str]]:
    """Yield before, number and after, for each number in a name and each way to cut it."""
    plain = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    for found in _NUMBER.finditer(plain):
        for cut in range(len(found[0])):
            digits = found[0][cut:]
            if len(digits) <= _LONGEST_NUMBER:
                yield plain[: found.start() + cut], int(digits), plain[found.end() :]


def _meant(sets: list[ColumnSet], instrument: Instrument) -> list[ColumnSet]:
    """Return the sets of the first kind that has any."""
    own = _own_names(instrument)
    for is_alike in (True, False):
        for pattern in (own, _GENERIC):
            fitting = [
                found
                for found in sets
                if (found.after is not None) == is_alike and pattern.fullmatch(found.before)
            ]
            if fitting:
                return fitting
    return []


def _own_names(instrument: Instrument) -> re.Pattern[str]:
    """Return what matches a beginning that names the instrument: ``t1_phq9_``, ``PHQ item``."""
    parts = [
        part for piece in instrument.id.split("-") for part in re.findall("[a-z]+|[0-9]+", piece)
    ]
    names = {
        f"{_GAP}*".join(parts),
        parts[0],
        "".join(instrument.id.split("-")).rstrip("0123456789"),
    }
    alias = "|".join(sorted(names))
    return re.compile(f"(?:.*{_GAP})?(?:{alias}){_GAP}*{_WORDING}", re.ASCII)


def _require_end(chosen: ColumnSet, header: Sequence[str], instrument: Instrument) -> None:
    """Refuse a set that goes on beyond the items; a question that is not scored may follow."""
    is_own = _own_names(instrument).fullmatch(chosen.before)
    known = instrument.unscored.count if is_own and instrument.unscored is not None else 0
    further = [n for n in chosen.places if n > instrument.n_items + known]
    if not further:
        return
    raise ScoringError(
        Fault(
            "ITEM_COLUMNS",
            f"The numbered columns go on beyond the {instrument.n_items} items of {instrument.id}.",
            "Check that it is this instrument; if so, name its columns in a file given by --map: "
            + map_line(chosen, header, instrument.n_items),
            column=header[chosen.places[min(further)][0]],
        )
    )


def _not_one(
    meant: list[ColumnSet], sets: list[ColumnSet], header: Sequence[str], instrument: Instrument
) -> Fault:
    n_items = instrument.n_items
    example = f"phq{{item}} stands for phq1 … phq{n_items}"
    shown = _distinct(meant or sets)[:_SHOWN]
    found = "; ".join(
        f"{header[each.places[1][0]]} … {header[each.places[n_items][0]]} → "
        + map_line(each, header, n_items)
        for each in shown
    )
    if meant:
        message = f"{len(meant)} sets of columns could be the {n_items} items of {instrument.id}."
        remedy = f"Choose one in a file given by --map. The sets, each with its map: {found}."
    else:
        message = f"No columns are named as the {n_items} items of {instrument.id}."
        remedy = (
            "Name them in a file given by --map, by a pattern or as a list: items: [first, "
            f"second, …]. In a pattern {example}."
        )
        remedy += f" Numbered columns in the table, each with its map: {found}." if found else ""
    return Fault("ITEM_COLUMNS", message, remedy)


def _distinct(sets: list[ColumnSet]) -> list[ColumnSet]:
    """Leave out sets that hold the same columns as one before."""
    kept: dict[str, ColumnSet] = {}
    for found in sets:
        kept.setdefault(str(sorted(found.places.items())), found)
    return list(kept.values())


def map_line(found: ColumnSet, header: Sequence[str], n_items: int) -> str:
    """Return the line of a map that names a set: a pattern where one fits all, else a list."""
    names = [header[found.places[number][0]] for number in range(1, n_items + 1)]
    for before, slot, after in _patterns(names[0], found.after):
        if names == [before + f"{number:{slot}}" + after for number in range(1, n_items + 1)]:
            return f'items: "{before}{{item{slot and ":"}{slot}}}{after}"'
    return f"items: [{', '.join(names[:2])}, …]"


def _patterns(first: str, after: str | None) -> Iterator[tuple[str, str, str]]:
    """Yield what stands before the number, how it is written, and what stands behind it."""
    if after is None or "{" in first or "}" in first:
        return
    end = len(first) - len(after)
    for slot, one in (("02d", "01"), ("", "1")):
        yield first[: end - len(one)], slot, first[end:]


def _doubled(name: str) -> Fault:
    return Fault(
        "DUPLICATE_COLUMN",
        "This item column stands more than once in the table.",
        "Keep one of them in the table, or rename the other.",
        column=name,
    )
