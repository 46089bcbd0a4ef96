"""When a file was made, where its name or its rows say so, and the order that follows from it.

Files count in the order in which they were made; where that is not declared, in the order in which
they were received. So an older export that arrives late corrects nothing.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from rapport.clinics.mapping import EXPORTED, ExportMapping

_DIRECTIVE = re.compile(r"%([A-Za-z%])")
_SHAPES = {
    "Y": r"\d{4}", "m": r"\d{2}", "d": r"\d{2}", "H": r"\d{2}", "M": r"\d{2}", "S": r"\d{2}",
    "y": r"\d{2}", "j": r"\d{3}", "f": r"\d{1,6}", "z": r"(?:Z|[+-]\d{2}:?\d{2})", "s": r"\d+",
    "%": "%",
}  # fmt: skip
_BITS = re.compile(r"(\{month\}|\*|\{exported:[^{}]+\})")


def from_name(name: str, mapping: ExportMapping, zone: str) -> datetime | None:
    """Return when a file was made, by its name; nothing if its name does not say so.

    Args:
        name: The received name, below the clinic's source.
        mapping: Declares the place and the format of the time in ``path``.
        zone: The clinic's zone, in which a time without an offset is meant.
    """
    written = mapping.exported_format
    if written is None:
        return None
    found = re.fullmatch("".join(map(_expression, _BITS.split(mapping.path))), name, re.DOTALL)
    return _moment(found["exported"], (written,), zone) if found else None


def from_cells(cells: Iterable[str], mapping: ExportMapping, zone: str) -> datetime | None:
    """Return the latest time in a column, read as ``dates`` declares; nothing if there is none."""
    moments = (_moment(cell, mapping.dates, zone) for cell in set(cells))
    return max((moment for moment in moments if moment is not None), default=None)


def in_order(kinds: Sequence[tuple[str, ...]], made: Sequence[datetime | None]) -> list[int]:
    """Return the places of files, given in order of receipt, in the order in which they count.

    Args:
        kinds: What each file is an export of: only files of one kind are put in order.
        made: When each file was made, if that is known.

    Returns:
        Each place once. Files whose time is known take, sorted by time and then by receipt, the
        places that such files of their kind had; all others stay where they are.
    """
    order = list(range(len(kinds)))
    known: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, (kind, moment) in enumerate(zip(kinds, made, strict=True)):
        if moment is not None:
            known[kind].append(place)
    for places in known.values():
        by_time = sorted(places, key=lambda place: (_of(made[place]), place))
        for place, moved in zip(places, by_time, strict=True):
            order[place] = moved
    return order


def _of(moment: datetime | None) -> datetime:
    return moment or datetime.min.replace(tzinfo=UTC)


def _expression(bit: str) -> str:
    """Turn one piece of a path pattern into a regular expression."""
    if bit == "{month}":
        return r"\d{4}-\d{2}"
    if bit == "*":
        return "[^/]*"
    declared = EXPORTED.fullmatch(bit)
    if not declared:
        return re.escape(bit)
    pieces = _DIRECTIVE.split(declared[1])
    shapes = [
        _SHAPES.get(piece, r"[^/]+?") if place % 2 else re.escape(piece)
        for place, piece in enumerate(pieces)
    ]
    return f"(?P<exported>{''.join(shapes)})"


def _moment(text: str, formats: Iterable[str], zone: str) -> datetime | None:
    """Return a moment in UTC, or nothing if no format reads the text."""
    for written in formats:
        try:
            moment = datetime.strptime(text, written)  # noqa: DTZ007 - zoned below
            local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
            return local.astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None
