"""Which columns of a file are read, which are known and left, and which nobody has declared.

Names are compared exactly: a blank, a no-break space or another case in a header is another name.
"""

import fnmatch
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rapport.clinics.mapping import ExportMapping, FormMapping
from rapport.errors import ExportRefusedError, Fault
from rapport.exports.table import Table
from rapport.instruments import Instrument

MOST_ITEMS = 200
"""More items than any instrument has."""

_MOST_NOTES = 30
"""More lines than notes above a header have."""

_WITH_HEADER_ROW = ("delimited", "workbook", "microsoft_forms", "google_forms")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one file.

    Attributes:
        places: Mapped column → its place in a row, from 0.
        unknown: Place → name of the columns that are neither mapped nor known.
        faults: What is wrong with the header; empty if every mapped column stands in it once.
        warnings: The unknown columns, as faults of ``UNKNOWN_COLUMN``.
    """

    places: Mapping[str, int]
    unknown: Mapping[int, str]
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]


def columns_of(
    table: Table, mapping: ExportMapping, catalogue: Mapping[str, Instrument]
) -> Columns:
    """Compare a header with what is declared.

    Args:
        table: The file.
        mapping: How it is to be read.
        catalogue: Instruments by id; says how many items each form has.

    Returns:
        The columns. A name from the file is told only where the header is recognised: in a file
        without one, or run together with the row below it, the first row would be a patient's.
    """
    wanted = mapped_columns(mapping, catalogue)
    counts = Counter(table.header)
    missing = [name for name in wanted if name not in counts]
    unknown = _unknown(table, wanted, mapping.ignored)
    is_header = not missing and _heads_a_row(table)
    told = frozenset(wanted) | (frozenset(unknown.values()) if is_header else frozenset())
    return Columns(
        places={name: table.header.index(name) for name in wanted if name in counts},
        unknown=unknown,
        faults=(
            *_repeated(table, counts, frozenset(wanted) | set(unknown.values()), told),
            *(_missing(name, table, mapping) for name in missing),
        ),
        warnings=tuple(_strange(name, table, told) for name in unknown.values()),
    )


def mapped_columns(mapping: ExportMapping, catalogue: Mapping[str, Instrument]) -> tuple[str, ...]:
    """Return every column that a mapping reads, each once, in the order in which it names them."""
    return _mapped(mapping, lambda form: catalogue[form.instrument].n_items)


def mapped_names(mapping: ExportMapping) -> tuple[str, ...]:
    """Return every column that a mapping may read, whatever the number of its forms' items."""
    return _mapped(mapping, lambda _: MOST_ITEMS)


def row_columns(mapping: ExportMapping) -> tuple[str, ...]:
    """Return the columns that a mapping reads beside items and totals, each once."""
    return _mapped(mapping, None)


def missing_names(table: Table, wanted: Sequence[str], mapping: ExportMapping) -> None:
    """Refuse a file in which a column that is needed does not stand exactly once.

    Raises:
        ExportRefusedError: ``MISSING_COLUMN`` and ``DUPLICATE_COLUMN``, all at once.
    """
    counts = Counter(table.header)
    faults = [
        *_repeated(table, counts, wanted, frozenset(wanted)),
        *(_missing(name, table, mapping) for name in wanted if name not in counts),
    ]
    if faults:
        raise ExportRefusedError(faults)


def is_declared(name: str, mapping: ExportMapping) -> bool:
    """Whether a column may be one that a mapping reads, or is listed as ignored."""
    is_ignored = name in mapping.ignored or _matcher(mapping.ignored).match(name)
    return bool(is_ignored) or name in mapped_names(mapping)


def is_known_name(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether a column's name fits one of some shell patterns."""
    return _matcher(patterns).match(name) is not None


def with_absent(table: Table, mapping: ExportMapping, catalogue: Mapping[str, Instrument]) -> Table:
    """Add mapped columns, empty, that stand in a file only if some row fills them."""
    absent = tuple(
        name
        for name in mapped_columns(mapping, catalogue)
        if name not in table.header and name.startswith(table.may_be_absent)
    )
    if not table.may_be_absent or not absent:
        return table
    rows = [[*row, *([""] * len(absent))] for row in table.rows]
    return replace(table, header=(*table.header, *absent), rows=rows)


def _mapped(
    mapping: ExportMapping, n_items: Callable[[FormMapping], int] | None
) -> tuple[str, ...]:
    coded = [part.column for part in (mapping.mode, mapping.attendance, mapping.ending) if part]
    keys = [mapping.patient, mapping.therapist, mapping.session, mapping.date, mapping.episode]
    keys.append(mapping.exported)
    names: list[str] = [
        *(name for name in keys if name is not None),
        *coded,
        *(one.column for one in mapping.covariates.values()),
        *mapping.clinic,
        *mapping.record_rows,
        *mapping.test_rows,
    ]
    for form in mapping.forms:
        names += form.where
        if n_items is not None:
            names += form.columns(n_items(form))
            names += [form.total] if form.total is not None else []
    return tuple(dict.fromkeys(names))


@lru_cache(maxsize=1024)
def _matcher(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(fnmatch.translate, patterns)) or r"(?!)")


def _unknown(table: Table, wanted: Iterable[str], ignored: tuple[str, ...]) -> dict[int, str]:
    """Return the undeclared columns; one without a name and without content is only padding."""
    known = {*wanted, *ignored}
    match = _matcher((*ignored, *table.known)).match
    return {
        place: name
        for place, name in enumerate(table.header)
        if name not in known
        and not match(name)
        and (name or any(row[place] for row in table.rows if place < len(row)))
    }


def _repeated(
    table: Table, counts: Counter[str], read: Iterable[str], told: frozenset[str]
) -> list[Fault]:
    asked = set(read)
    return [
        Fault(
            "DUPLICATE_COLUMN",
            "A column stands in the header more than once, so that no one knows which is meant.",
            "Rename or remove one of the two at the source, or list the name under `ignored`.",
            line=table.header_line,
            column=name if name in told else None,
        )
        for name in dict.fromkeys(name for name in table.header if name in asked)
        if counts[name] > 1
    ]


def _heads_a_row(table: Table) -> bool:
    """Whether some row has as many fields as the header, and is not the header once more."""
    width = len(table.header)
    return any(len(row) == width and tuple(row) != table.header for row in table.rows)


def _missing(name: str, table: Table, mapping: ExportMapping) -> Fault:
    below = _line_of_heading(name, table) if mapping.format in _WITH_HEADER_ROW else None
    if below is not None:
        remedy = (
            f"It stands on line {below}: are there notes above the header? Then set `header_row: "
            f"{below}` in this clinic's registry entry."
        )
    elif len(table.header) == 1:
        remedy = f"The header has one column: is {mapping.delimiter!r} the delimiter?"
    elif _plain(name) in map(_plain, table.header):
        remedy = "A name that differs only in case or blanks is there: correct it, or the mapping."
    else:
        remedy = "Export with this column, or correct its name in this clinic's registry entry."
    return Fault(
        "MISSING_COLUMN",
        "A mapped column is not in the header.",
        remedy,
        line=table.header_line,
        column=name,
    )


def _line_of_heading(name: str, table: Table) -> int | None:
    """Return one of the first lines on which a heading stands below where it was looked for."""
    first = zip(table.rows[:_MOST_NOTES], table.lines, strict=False)
    return next((int(line) for row, line in first if name in row), None)


def _plain(name: str) -> str:
    """Return a heading in lower case and single plain blanks."""
    return " ".join(name.casefold().split())


def _strange(name: str, table: Table, told: frozenset[str]) -> Fault:
    return Fault(
        "UNKNOWN_COLUMN",
        "A column is neither mapped nor listed as ignored; it is not read.",
        "Map it, or list its name or a pattern under `ignored` in this clinic's registry entry.",
        line=table.header_line,
        column=name if name in told else None,
    )
