"""Columns that belong together: names that differ in a number, LOINC codes, runs of questions.

A group says nothing of which instrument it is; only that it may be the items of one.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from rapport.clinics.codebook import Codebook
from rapport.exports import loinc
from rapport.exports.proposing.columns import Column, joins_of
from rapport.exports.proposing.totals import TOTALS

FEWEST = 3
"""A group of fewer columns is none."""

MOST_ANSWERS = 14
"""More different texts than the answers to one question, and its missing codes, can have."""

_NUMBER = re.compile(r"\d+")
_BRACE = re.compile(r"\{(?!block[:}])|(?<!\{block)\}")
_BEGINNING = re.compile(r"([A-Za-z]\w*?)[_.-]([^\W\d_]+)")
_ROW = re.compile(r"(.*\S)\s*\[[^\[\]]+\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Group:
    """Columns that may be the items of one form, in order.

    Attributes:
        items: One pattern with ``{item}``, or the columns' names.
        columns: The columns.
        hints: Words of what the group is called, joined in runs.
        label: What the group is called, for a sentence.
    """

    items: str | tuple[str, ...]
    columns: tuple[Column, ...]
    hints: frozenset[str]
    label: str
    is_coded: bool = field(default=False)

    @property
    def texts(self) -> frozenset[str]:
        """The different texts in all of the columns."""
        return frozenset().union(*(column.texts for column in self.columns))


def groups_in(columns: Sequence[Column], codebook: Codebook | None = None) -> tuple[Group, ...]:
    """Find the groups of a file, the most telling first; a column is in one group at most.

    Args:
        columns: Columns that are neither keys of the format nor identifiers.
        codebook: The project's data dictionary, where there is one.
    """
    found: list[Group] = []
    left = {column.name: column for column in columns if column.name}
    order = {name: place for place, name in enumerate(left)}
    ways = (_coded, _numbered, _rows_of_a_question, _named_alike, partial(_runs, order=order))
    if codebook is not None:
        found += _take(_forms_of(codebook, left), left)
    for way in ways:
        found += _take(way(left), left)
    return tuple(found)


def _take(groups: Iterator[Group], left: dict[str, Column]) -> list[Group]:
    """Keep the groups whose columns are all free, and take their columns away."""
    found = []
    for group in list(groups):
        if all(column.name in left for column in group.columns):
            found.append(group)
            for column in group.columns:
                del left[column.name]
    return found


def _coded(left: Mapping[str, Column]) -> Iterator[Group]:
    """Groups of columns that are named by the LOINC codes of an instrument's items."""
    for instrument, codes in loinc.ITEM_CODES.items():
        named = [
            [
                name
                for name in left
                if loinc.column_of(name) == f"{instrument}.{item}" or name == f"{instrument}.{item}"
            ]
            for item in range(1, len(codes) + 1)
        ]
        is_used = any(left[name].texts for names in named for name in names)
        if is_used and all(len(names) == 1 for names in named):
            names = tuple(name for (name,) in named)
            is_native = names == tuple(f"{instrument}.{n}" for n in range(1, len(codes) + 1))
            yield Group(
                f"{instrument}.{{item}}" if is_native else names,
                tuple(left[name] for name in names),
                frozenset({instrument.replace("-", "")}),
                f"the LOINC codes of {instrument}",
                is_coded=True,
            )


def _numbered(left: Mapping[str, Column]) -> Iterator[Group]:
    """Groups of names that are alike but for their last number, counted from 1 without a gap."""
    shapes: defaultdict[tuple[str, str], dict[int, Column]] = defaultdict(dict)
    for name, column in left.items():
        numbers = list(_NUMBER.finditer(name))
        if numbers and len(numbers[-1][0]) <= 3:  # noqa: PLR2004 - more digits are no item
            last = numbers[-1]
            shapes[(name[: last.start()], name[last.end() :])].setdefault(int(last[0]), column)
    for (before, after), numbered in shapes.items():
        run = [numbered[n] for n in range(1, len(numbered) + 1) if n in numbered]
        if len(run) >= FEWEST and len(run) == len(numbered):
            yield _numbered_group(before, after, run)


def _numbered_group(before: str, after: str, run: Sequence[Column]) -> Group:
    first = run[0].name[len(before) : len(run[0].name) - len(after)]
    spec = f":0{len(first)}d" if len(first) > 1 else ""
    plain = [_BRACE.sub(r"\g<0>\g<0>", part) for part in (before, after)]
    return Group(
        f"{plain[0]}{{item{spec}}}{plain[1]}",
        tuple(run),
        joins_of(f"{before} {after}"),
        f"{run[0].name} to {run[-1].name}",
    )


def _rows_of_a_question(left: Mapping[str, Column]) -> Iterator[Group]:
    """Groups of columns that are the rows of one question: ``Question [Row]``."""
    found: defaultdict[str, list[Column]] = defaultdict(list)
    for name, column in left.items():
        row = _ROW.fullmatch(name)
        if row:
            found[row[1]].append(column)
    for question, columns in found.items():
        if len(columns) >= FEWEST:
            names = tuple(column.name for column in columns)
            label = f"the {len(columns)} rows of one question"
            yield Group(names, tuple(columns), joins_of(question), label)


def _named_alike(left: Mapping[str, Column]) -> Iterator[Group]:
    """Groups of short names with one beginning and words without a number: ``ORS_Socially``."""
    found: defaultdict[str, list[Column]] = defaultdict(list)
    for name, column in left.items():
        split = _BEGINNING.fullmatch(name)
        if split and not joins_of(split[2]) & TOTALS:
            found[split[1]].append(column)
    for beginning, columns in found.items():
        if len(columns) >= FEWEST:
            names = tuple(column.name for column in columns)
            label = f"the {len(columns)} columns that begin with {beginning}"
            yield Group(names, tuple(columns), joins_of(beginning), label)


def _runs(left: Mapping[str, Column], order: Mapping[str, int]) -> Iterator[Group]:
    """Groups of neighbours with the same few answers, whatever they are called.

    Columns of the format's own, such as points, may stand between two neighbours.
    """
    run: list[Column] = []
    for column in [*left.values(), None]:
        is_next = column is not None and run and order[column.name] == order[run[-1].name] + 1
        if column is not None and is_next and _are_alike(run, column):
            run.append(column)
            continue
        if len(run) >= FEWEST:
            label = f"{len(run)} neighbouring questions with the same answers"
            yield Group(tuple(one.name for one in run), tuple(run), frozenset(), label)
        run = [column] if column is not None and _is_closed(column) else []


def _is_closed(column: Column) -> bool:
    """Whether a column is a question in words with a few different answers."""
    is_question = any(map(str.isspace, column.name.strip()))
    return is_question and 1 < len(column.texts) <= MOST_ANSWERS


def _are_alike(run: Sequence[Column], column: Column) -> bool:
    known = frozenset().union(*(one.texts for one in run))
    is_question = any(map(str.isspace, column.name.strip()))
    shares = bool(known & column.texts) or not column.texts
    return is_question and shares and len(known | column.texts) <= MOST_ANSWERS


def _forms_of(codebook: Codebook, left: Mapping[str, Column]) -> Iterator[Group]:
    """Groups of a REDCap form's questions that have the same choices."""
    for form in codebook.forms:
        alike: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for question in codebook.questions:
            if question.form == form and question.kind in ("radio", "dropdown"):
                alike[tuple(question.choices)].append(question.name)
        for names in alike.values():
            if len(names) >= FEWEST and all(name in left for name in names):
                columns = tuple(left[name] for name in names)
                yield _named_or_numbered(names, columns, form)


def _named_or_numbered(names: Sequence[str], columns: tuple[Column, ...], form: str) -> Group:
    """Return a form's questions by one pattern where their names allow it."""
    hints = joins_of(form) | joins_of(names[0].rstrip("0123456789"))
    numbered = list(_numbered({column.name: column for column in columns}))
    if len(numbered) == 1 and [c.name for c in numbered[0].columns] == list(names):
        return Group(numbered[0].items, columns, hints, f"the form {form}")
    return Group(tuple(names), columns, hints, f"the form {form}")
