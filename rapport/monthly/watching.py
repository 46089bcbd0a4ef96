"""Watch: which clinic-months have files that are finished and not yet in the ledger.

A look remembers of each file a mark of its clinic-month, name, size, age and inode, so that a file
counts as finished only when two looks agree, or its name or age says so, and so that nothing that
was requested is read again. What was requested before lies in the warehouse under its hash; only
that hash and what the last look added to it are handed from look to look.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from rapport.monthly.slices import ClinicMonth, clinic_ids, months
from rapport.months import Month, months_through
from rapport.warehouse import tables
from rapport.warehouse.looks import keep_look, kept_look
from rapport.warehouse.records import records

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.home import Home
    from rapport.sources import FoundFile

MARK_BYTES = 12
"""Length of a mark: of a hundred thousand files, two have one by chance once in 10^19 times."""

Marks = frozenset[bytes]


@dataclass(frozen=True)
class Memory:
    """What one look hands to the next.

    Attributes:
        base: Hash under which the warehouse keeps the marks of all that was requested earlier.
        seen: Marks of files that may still be growing.
        done: Marks of files that the last look requested.
    """

    base: str = ""
    seen: Marks = frozenset()
    done: Marks = frozenset()

    @classmethod
    def read(cls, written: str | None) -> Self:
        """Return the memory that an earlier look wrote down, or an empty one."""
        kept = json.loads(written) if written else {}
        return cls(
            base=kept.get("base", ""),
            seen=_marks(base64.b64decode(kept.get("seen", ""))),
            done=_marks(base64.b64decode(kept.get("done", ""))),
        )

    @property
    def written(self) -> str:
        """The memory as text."""
        told = {"base": self.base, "seen": _told(self.seen), "done": _told(self.done)}
        return json.dumps(told, sort_keys=True)


def _marks(joined: bytes) -> Marks:
    return frozenset(
        joined[start : start + MARK_BYTES] for start in range(0, len(joined), MARK_BYTES)
    )


def _told(marks: Marks) -> str:
    return base64.b64encode(b"".join(sorted(marks))).decode("ascii")


@dataclass(frozen=True)
class News:
    """A clinic-month with finished files that the ledger does not have.

    Attributes:
        slice: The clinic-month.
        key: The same for the same content, so that it is requested once.
    """

    slice: ClinicMonth
    key: str


@dataclass(frozen=True)
class Looked:
    """The result of one look.

    Attributes:
        news: What should be taken in.
        memory: What the next look should know.
        sentence: Why there is no news, for whoever watches.
    """

    news: list[News]
    memory: Memory
    sentence: str


@dataclass(frozen=True, slots=True)
class _Fresh:
    """A finished file that was not requested yet."""

    mark: bytes
    found: "FoundFile"


def look(home: "Home", memory: Memory) -> Looked:
    """Look into every clinic's folder once."""
    requested = _marks(kept_look(home.warehouse, memory.base)) | memory.done
    still, growing = set(), set()
    fresh: dict[ClinicMonth, list[_Fresh]] = {}
    for found in _files(home):
        mark = _mark(found)
        if mark in requested:
            still.add(mark)
        elif mark in memory.seen or _is_settled(found):
            fresh.setdefault(_slice_of(found), []).append(_Fresh(mark, found))
        else:
            growing.add(mark)
    done = frozenset(one.mark for files in fresh.values() for one in files)
    n_seen = len(still) + len(growing) + len(done)
    sentence = f"{n_seen} files seen, none is new; {len(growing)} may still be growing."
    kept = keep_look(home.warehouse, b"".join(sorted(still)), instead_of=memory.base)
    return Looked(_unknown(home, fresh), Memory(kept, frozenset(growing), done), sentence)


def _files(home: "Home") -> Iterator["FoundFile"]:
    """Yield the files of clinics with a folder, from their first month to the running one."""
    today = {
        zone: datetime.now(ZoneInfo(zone)).date()
        for zone in {clinic.timezone for clinic in home.registry.clinics.values()}
    }
    for clinic in home.registry.clinics.values():
        if not clinic.folder:
            continue  # a look must be over in seconds: other sources are asked by the schedule
        until = Month.of(today[clinic.timezone])
        for files in home.source.finished_files_of(clinic, _months(home, clinic, until)).values():
            yield from files


def _months(home: "Home", clinic: "Clinic", until: Month) -> list[str]:
    first = max(Month.parse(home.settings.start_month), Month.parse(clinic.first_month))
    return [str(month) for month in months_through(first, until)]


def _slice_of(found: "FoundFile") -> ClinicMonth:
    return ClinicMonth(found.clinic_id, found.month)


def _mark(found: "FoundFile") -> bytes:
    told = (found.clinic_id, found.month, found.size, found.modified_ns, found.inode, found.file)
    return hashlib.blake2b(repr(told).encode(), digest_size=MARK_BYTES).digest()


def _is_settled(found: "FoundFile") -> bool:
    from rapport.sources import is_stable

    return is_stable(found, None)


def _unknown(home: "Home", fresh: Mapping[ClinicMonth, list[_Fresh]]) -> list[News]:
    """Keep the clinic-months with a content that the ledger lacks; name each by its files."""
    if not fresh:
        return []
    known = _ledger(home, fresh)
    news = []
    for one, files in fresh.items():
        contents = known.get(one, {})
        new = sorted(file.mark for file in files if _is_new(home, file.found, contents))
        if new:
            digest = hashlib.sha256(b"".join(new)).hexdigest()
            news.append(News(one, f"{one.clinic_id}|{one.month}|{digest}"))
    return news


def _ledger(home: "Home", slices: Iterable[ClinicMonth]) -> dict[ClinicMonth, dict[int, set[str]]]:
    """Return what the ledger has of clinic-months: size in bytes → hashes of contents."""
    asked = list(slices)
    rows = home.warehouse.read(
        tables.exports,
        columns=["clinic_id", "month", "size_bytes", "content_sha256"],
        clinic_id=clinic_ids(asked),
        month=months(asked),
    )
    known: dict[ClinicMonth, dict[int, set[str]]] = {}
    for row in records(rows):
        sizes = known.setdefault(ClinicMonth(row["clinic_id"], row["month"]), {})
        sizes.setdefault(row["size_bytes"], set()).add(row["content_sha256"])
    return known


def _is_new(home: "Home", found: "FoundFile", known: Mapping[int, set[str]]) -> bool:
    """Whether the ledger lacks a file's content; it is read only where one has its size."""
    if found.size not in known:
        return True
    delivery = home.source.read(found)
    return delivery is not None and delivery.content_sha256 not in known[found.size]
