"""Copies of exports without the rows of erased patients: what of a file may be kept.

A copy is the file's table as its reader made it: header, rows as text, the line of each row, and
all else that a format says. So one kind of copy serves every format, is read on like the file
itself, and lines are told as in the file that the clinic has. Of a file that cannot be read as a
table, and may hold the patient, only the refusal is left.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

from rapport.clinics import Clinic, ExportMapping
from rapport.errors import ExportRefusedError, Fault
from rapport.exports.file_rules import WARNINGS
from rapport.exports.formats import READERS
from rapport.exports.lookalikes import looks_like
from rapport.exports.sizes import check_size
from rapport.exports.strangers import BINARY
from rapport.exports.table import Table
from rapport.exports.wrapping import unwrapped
from rapport.instruments import Instrument
from rapport.sources import Delivery

MAGIC = b"RAPPORT COPY WITHOUT ERASED ROWS 1\n"
"""What every copy begins with."""

Value = TypeVar("Value")

IsErased = Callable[[str], bool]
"""Whether a text is the id of an erased patient."""

_CELLS = re.compile(r"[^,;|\t\r\n\"'{}\[\]]+")
_ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", "cp1252")
_SETS = frozenset({"tests", "withdrawn"})
_ERASED_REMEDY = "Leave erased patients out of further exports."
_NAMED = Fault(
    "WRONG_FORMAT",
    "A column is named after an erased patient; nothing of the file is kept.",
    _ERASED_REMEDY,
)
_DAMAGED = Fault(
    "WRONG_FORMAT",
    "This is no whole copy of an export.",
    "Restore landing from a backup, and find out what changed it.",
)


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy of a file without the rows of erased patients.

    Attributes:
        content: What may be kept instead of the file's bytes.
        n_rows: Rows of the file that are not in it, by this copy and by those before it.
        n_now: Those of them that this copy leaves out.
        is_refusal: Whether nothing is left but why the file was refused.
    """

    content: bytes = field(repr=False)
    n_rows: int
    n_now: int
    is_refusal: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What a copy holds: its table, or why the file was refused."""

    n_rows: int
    table: Table | None
    refusal: tuple[Fault, ...]
    rows_received: int


def copy_without(
    delivery: Delivery,
    is_erased: IsErased,
    *,
    mapping: ExportMapping,
    clinic: Clinic,
    catalogue: Mapping[str, Instrument],
) -> Copy | None:
    """Return a copy of a file without the rows of erased patients.

    Args:
        delivery: The file, or a copy of it that was made before.
        is_erased: Says of a text whether it is the id of a patient who was erased.
        mapping: How this kind of file is read.
        clinic: Whose file it is.
        catalogue: Instruments by id.

    Returns:
        The copy; ``None`` where the file holds nothing of them and may be kept as it is.
    """
    kept = _read(delivery, mapping)
    if kept.table is None or _is_misread(kept.table, mapping, is_erased):
        return _refusal(delivery, is_erased, mapping=mapping, clinic=clinic, catalogue=catalogue)
    erased = _erased_rows(kept.table, mapping, is_erased)
    if not erased:
        return None
    left = _without(kept.table, erased)
    n_rows = kept.n_rows + len(erased)
    return Copy(_written({"erased_rows": n_rows, "table": _as_json(left)}), n_rows, len(erased))


def alike_rows(delivery: Delivery, patient: str, mapping: ExportMapping) -> int:
    """Count rows whose patient's id looks like this one and is another."""
    table = _read(delivery, mapping).table
    if table is None:
        return 0
    shape, own = looks_like(patient), {patient}
    texts = [cell.strip() for row in table.rows for cell in _patients_in(row, table, mapping)]
    return sum(looks_like(text) == shape and text not in own for text in texts)


def opened(content: bytes) -> Kept:
    """Return what a copy holds; one that is damaged is refused like a damaged file."""
    try:
        told = json.loads(content.removeprefix(MAGIC))
        refusal = tuple(Fault(**fault) for fault in told.get("refusal", ()))
        table = None if refusal else _from_json(told["table"])
        return Kept(told["erased_rows"], table, refusal, told.get("rows_received", 0))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Kept(0, None, (_DAMAGED,), 0)


def told_of(kept: Kept) -> tuple[Fault, ...]:
    """Return how rows that were left out are told: one warning, ``ERASED``."""
    if not kept.n_rows:
        return ()
    who = "row belongs" if kept.n_rows == 1 else "rows belong"
    message = f"{kept.n_rows} {who} to patients whose data were erased; left out."
    return (Fault("ERASED", message, _ERASED_REMEDY),)


def _read(delivery: Delivery, mapping: ExportMapping) -> Kept:
    if delivery.is_copy:
        return opened(delivery.content)
    try:
        plain = unwrapped(delivery.content)
        check_size(plain, is_json=mapping.format == "fhir", delimiter=mapping.delimiter)
        return Kept(0, READERS[mapping.format](plain, mapping), (), 0)
    except ExportRefusedError as error:
        return Kept(0, None, error.faults, 0)


def _is_misread(table: Table, mapping: ExportMapping, is_erased: IsErased) -> bool:
    """Whether nobody can say which rows are a patient's, and one of the cells may be his."""
    if mapping.patient in table.header:
        return any(map(is_erased, table.header))
    return True


def _erased_rows(table: Table, mapping: ExportMapping, is_erased: IsErased) -> frozenset[int]:
    """Return the places of the rows of erased patients, and of all versions of their resources."""
    known: dict[str, bool] = {}

    def erased(cell: str) -> bool:
        if cell not in known:
            known[cell] = is_erased(cell) or is_erased(cell.strip())
        return known[cell]

    found = {
        place
        for place, row in enumerate(table.rows)
        if any(erased(cell) for cell in _patients_in(row, table, mapping))
    }
    if table.resources:
        names = {table.resources[place] for place in found} - {""}
        found |= {place for place, name in enumerate(table.resources) if name in names}
    return frozenset(found)


def _patients_in(row: Sequence[str], table: Table, mapping: ExportMapping) -> Sequence[str]:
    """Return the cells in which a row may name its patient: all of them where fields shifted."""
    if len(row) != len(table.header):
        return row
    return [cell for cell, name in zip(row, table.header, strict=True) if name == mapping.patient]


def _without(table: Table, erased: frozenset[int]) -> Table:
    places = [place for place in range(len(table.rows)) if place not in erased]
    moved = {old: new for new, old in enumerate(places)}
    return replace(
        table,
        rows=[table.rows[place] for place in places],
        lines=_at(table.lines, places),
        is_ended=table.is_ended or len(table.rows) - 1 in erased,
        tests=_moved(table.tests, moved),
        withdrawn=_moved(table.withdrawn, moved),
        resources=_at(table.resources, places),
        versions=_at(table.versions, places),
        cell_lines=_at(table.cell_lines, places),
        blocks=_at(table.blocks, places),
    )


def _at(values: Sequence[Value], places: Sequence[int]) -> tuple[Value, ...]:
    """Return what stands beside some rows; nothing where nothing stands beside any."""
    return tuple(values[place] for place in places) if len(values) else ()


def _moved(marked: frozenset[int], moved: Mapping[int, int]) -> frozenset[int]:
    return frozenset(moved[place] for place in marked if place in moved)


def _refusal(
    delivery: Delivery,
    is_erased: IsErased,
    *,
    mapping: ExportMapping,
    clinic: Clinic,
    catalogue: Mapping[str, Instrument],
) -> Copy | None:
    """Return what is left of a file of which nobody can say which rows are whose."""
    if delivery.is_copy or not _may_hold(delivery.content, is_erased):
        return None
    from rapport.exports.reading import read_export

    reading = read_export(delivery, mapping=mapping, clinic=clinic, catalogue=catalogue)
    told = [
        {name: getattr(fault, name) for name in ("rule", "message", "remedy", "line", "column")}
        for fault in [*reading.faults, *((_NAMED,) if not reading.is_refused else ())]
        if fault.rule not in WARNINGS
    ]
    n_rows = reading.file["rows_received"]
    written = _written({"erased_rows": 0, "refusal": told, "rows_received": n_rows})
    return Copy(written, 0, 0, is_refusal=True)


def _may_hold(content: bytes, is_erased: IsErased) -> bool:
    """Whether bytes that are no table may hold an id: a text is searched, anything else may."""
    try:
        plain = unwrapped(content)
    except ExportRefusedError:
        return True
    if plain.startswith(BINARY):
        return True
    for encoding in _ENCODINGS:
        words = {word.strip() for word in _CELLS.findall(plain.decode(encoding, "replace"))}
        if any(map(is_erased, words)):
            return True
    return False


def _as_json(table: Table) -> dict[str, Any]:
    told = {one.name: getattr(table, one.name) for one in fields(Table)}
    return {name: sorted(value) if name in _SETS else value for name, value in told.items()}


def _from_json(told: Mapping[str, Any]) -> Table:
    made = dict(told)
    for one in fields(Table):
        value = told[one.name]
        if one.name in _SETS:
            made[one.name] = frozenset(value)
        elif isinstance(value, list) and one.name != "rows":
            made[one.name] = tuple(value)
    made["codings"] = {name: tuple(codes) for name, codes in told["codings"].items()}
    return Table(**made)


def _written(told: Mapping[str, Any]) -> bytes:
    return MAGIC + json.dumps(told, sort_keys=True, default=_plain).encode("ascii")


def _plain(value: object) -> object:
    """Return what stands in a table and JSON has no word for: mappings and sequences."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence):
        return list(value)
    raise TypeError(type(value).__name__)
