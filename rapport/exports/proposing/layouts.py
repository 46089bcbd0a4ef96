"""Long files and blocks, recognised, and their columns as they will be called once taken apart."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from rapport.exports.proposing.columns import Column, joined, joins_of
from rapport.exports.proposing.dates import is_date_column
from rapport.exports.proposing.laid import Laid, Part
from rapport.exports.proposing.measures import by_measure
from rapport.exports.proposing.said import Said, unsure
from rapport.exports.proposing.words import known_words

_NUMBER = re.compile(r"\d+")
_FEWEST_BLOCKS = 2
_FEWEST_PAIRS = 4
_PAIRS = (("pre", "post"), ("first", "last"), ("before", "after"), ("start", "end"))
_MOST_ITEM_CODES = 300


def laid_out(columns: Sequence[Column], called: Collection[str]) -> Laid:
    """Return how a table of a vendor is laid out; wide if nothing speaks for another layout.

    Args:
        columns: The columns of the file.
        called: Names of instruments, each as one word.
    """
    return (
        _long(columns, called)
        or _blocks(columns)
        or _named_blocks(columns)
        or by_measure(columns, called)
        or Laid.wide(columns)
    )


def _long(columns: Sequence[Column], called: Collection[str]) -> Laid | None:
    names = known_words().names
    found = {
        role: next((one for one in columns if joined(one.name) in names[role]), None)
        for role in ("item", "answer", "instrument")
    }
    item, answer, instrument = found["item"], found["answer"], found["instrument"]
    if instrument is not None and not any(joins_of(t) & set(called) for t in instrument.texts):
        instrument = None
    if item is None or answer is None or not item.texts or len(item.texts) > _MOST_ITEM_CODES:
        return None
    if len(item.texts) * 2 > len([cell for cell in item.cells if cell]):
        return None
    lines = {
        "layout": unsure("long", "one row seems to be one item"),
        "item": Said(item.name),
        "answer": Said(answer.name),
    }
    used = frozenset(one.name for one in (item, answer, instrument) if one is not None)
    rest = tuple(one for one in columns if one.name not in used)
    parts = tuple(_parts(item, answer, instrument, called))
    others = len(instrument.texts) - len(parts) if instrument is not None else 0
    remarks = (
        (
            f"{instrument.name}: {others} further texts in it name no instrument of the catalogue; "
            "list those that are not read under `unread_rows`.",
        )
        if instrument is not None and others
        else ()
    )
    return Laid(lines, rest, parts, used, remarks=remarks)


def _parts(
    item: Column, answer: Column, instrument: Column | None, called: Collection[str]
) -> list[Part]:
    """Return the item codes of each instrument as columns of its answers.

    A text that names no instrument is not told: it may be anything.
    """
    values = [""]
    if instrument is not None:
        values = sorted(text for text in instrument.texts if joins_of(text) & set(called))
    parts = []
    for value in values:
        cells: defaultdict[str, list[str]] = defaultdict(list)
        kinds = instrument.cells if instrument is not None else ("",) * len(item.cells)
        for code, text, kind in zip(item.cells, answer.cells, kinds, strict=True):
            if code and kind == value:
                cells[code].append(text)
        ordered = sorted(cells, key=_by_number)
        columns = tuple(Column(code, at, tuple(cells[code])) for at, code in enumerate(ordered))
        where = ((instrument.name, value),) if instrument is not None else ()
        parts.append(Part(columns, where))
    return parts


def _by_number(code: str) -> tuple[str, int, str]:
    numbers = _NUMBER.findall(code)
    return _NUMBER.sub("", code), int(numbers[-1]) if numbers else 0, code


def _blocks(columns: Sequence[Column]) -> Laid | None:
    """Recognise sessions beside each other, by dates that are numbered from 1."""
    templates: defaultdict[str, dict[int, Column]] = defaultdict(dict)
    for column in columns:
        for found in _NUMBER.finditer(column.name):
            templates[_template(column.name, found)].setdefault(int(found[0]), column)
    counted = [
        max(numbered)
        for numbered in templates.values()
        if _is_run(numbered) and _are_dates(numbered.values())
    ]
    if not counted:
        return None
    count = max(counted)
    whole = {
        name: numbered
        for name, numbered in templates.items()
        if _is_run(numbered) and max(numbered) == count
    }
    folded: dict[str, Column] = {}
    kept: list[Column] = []
    for column in columns:
        name = next((n for n, numbered in whole.items() if column in numbered.values()), None)
        if name is None:
            kept.append(column)
        elif name not in folded:
            cells = tuple(
                cell for number in sorted(whole[name]) for cell in whole[name][number].cells
            )
            folded[name] = Column(name, len(columns) + len(folded), cells)
    every = (*kept, *folded.values())
    why = f"dates are numbered 1 to {count}: is one row a referral?"
    used = frozenset(one.name for numbered in whole.values() for one in numbered.values())
    return Laid({"blocks": unsure(count, why)}, every, (Part(every),), used, "{block}")


def _named_blocks(columns: Sequence[Column]) -> Laid | None:
    """Recognise two measurements beside each other: columns and dates called before and after."""
    names = {column.name: column for column in columns}
    for first, second in _PAIRS:
        pairs: dict[str, tuple[Column, Column]] = {}
        for column in columns:
            found = _word(first).search(column.name)
            if not found:
                continue
            other = f"{column.name[: found.start()]}{_like(second, found[0])}"
            other += column.name[found.end() :]
            if other in names:
                template = f"{column.name[: found.start()]}{{block}}{column.name[found.end() :]}"
                pairs[template] = (column, names[other])
        spellings = {(one.name, two.name) for one, two in pairs.values()}
        dated = [pair for pair in pairs.values() if pair[0].texts and _are_dates(pair)]
        if dated and len(spellings) >= _FEWEST_PAIRS:
            return _of_pairs(columns, pairs, (first, second))
    return None


def _of_pairs(
    columns: Sequence[Column], pairs: dict[str, tuple[Column, Column]], words: tuple[str, str]
) -> Laid | None:
    """Return the layout of named blocks, if all names spell the two words alike."""
    start = next(iter(pairs)).index("{block}")
    one, two = next(iter(pairs.values()))
    said = [one.name[start : start + len(words[0])], two.name[start : start + len(words[1])]]
    filled = [template.replace("{block}", said[0]) for template in pairs]
    if filled != [first.name for first, _ in pairs.values()]:
        return None
    used = frozenset(column.name for pair in pairs.values() for column in pair)
    folded = tuple(
        Column(template, len(columns) + at, (*first.cells, *second.cells))
        for at, (template, (first, second)) in enumerate(pairs.items())
    )
    every = (*(column for column in columns if column.name not in used), *folded)
    why = "columns come in pairs with these words: is one row a course of treatment?"
    return Laid({"blocks": unsure(said, why)}, every, (Part(every),), used, "{block}")


def _word(word: str) -> re.Pattern[str]:
    """Return how a word stands in a name: at its start, its end, or between signs or cases."""
    return re.compile(rf"(?:(?<![A-Za-z])|(?<=[a-z])(?=[A-Z])){word}(?![a-z])", re.IGNORECASE)


def _like(word: str, shown: str) -> str:
    """Return a word in the case of another: POST for PRE, Post for Pre."""
    return word.upper() if shown.isupper() else word.title() if shown[0].isupper() else word


def _template(name: str, found: re.Match[str]) -> str:
    spec = f":0{len(found[0])}d" if found[0].startswith("0") else ""
    return f"{name[: found.start()]}{{block{spec}}}{name[found.end() :]}"


def _is_run(numbered: dict[int, Column]) -> bool:
    return len(numbered) >= _FEWEST_BLOCKS and sorted(numbered) == list(range(1, len(numbered) + 1))


def _are_dates(columns: Iterable[Column]) -> bool:
    filled = [one for one in columns if one.texts]
    return bool(filled) and all(is_date_column(one.texts) for one in filled)
