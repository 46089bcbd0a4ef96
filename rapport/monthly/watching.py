"""Watch: which clinic-months have files that are finished and not yet in the ledger.

The memory of a look (what was seen, and how large and how old it was) is handed to the next one,
so that a file counts as finished only when two looks agree, or its name or age says so.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self
from zoneinfo import ZoneInfo

from rapport.monthly.slices import ClinicMonth
from rapport.months import Month, months_through
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.sources import FoundFile


@dataclass(frozen=True)
class Memory:
    """What earlier looks saw: file → a mark of its size, age and inode; and what was requested.

    Attributes:
        seen: Clinic, month and file → the file's mark at the last look.
        done: Clinic, month and file → the mark under which it was requested.
    """

    seen: Mapping[str, str]
    done: Mapping[str, str]

    @classmethod
    def read(cls, written: str | None) -> Self:
        """Return the memory that an earlier look wrote down, or an empty one."""
        kept = json.loads(written) if written else {}
        return cls(seen=kept.get("seen", {}), done=kept.get("done", {}))

    @property
    def written(self) -> str:
        """The memory as text."""
        return json.dumps(asdict(self), sort_keys=True)


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


def look(home: "Home", memory: Memory) -> Looked:
    """Look into every clinic's folder once."""
    seen: dict[str, str] = {}
    done: dict[str, str] = {}
    fresh: dict[ClinicMonth, list[FoundFile]] = {}
    growing = 0
    for one in _watched(home):
        for found in home.source.finished_files(home.registry.clinic(one.clinic_id), one.month):
            name, mark = f"{one.clinic_id}|{one.month}|{found.file}", _mark(found)
            seen[name] = mark
            if memory.done.get(name) == mark:
                done[name] = mark
            elif memory.seen.get(name) == mark or _is_settled(found):
                done[name] = mark
                fresh.setdefault(one, []).append(found)
            else:
                growing += 1
    news = _unknown(home, fresh)
    sentence = f"{len(seen)} files seen, none is new; {growing} may still be growing."
    return Looked(news, Memory(seen, done), sentence)


def _watched(home: "Home") -> list[ClinicMonth]:
    """Return every clinic × month from the clinic's first month to the running one."""
    today = {
        zone: datetime.now(ZoneInfo(zone)).date()
        for zone in {clinic.timezone for clinic in home.registry.clinics.values()}
    }
    start = Month.parse(home.settings.start_month)
    return [
        ClinicMonth(clinic.id, str(month))
        for clinic in home.registry.clinics.values()
        for month in months_through(
            max(start, Month.parse(clinic.first_month)), Month.of(today[clinic.timezone])
        )
    ]


def _mark(found: "FoundFile") -> str:
    return f"{found.size}.{found.modified_ns}.{found.inode}"


def _is_settled(found: "FoundFile") -> bool:
    from rapport.sources import is_stable

    return is_stable(found, None)


def _unknown(home: "Home", fresh: Mapping[ClinicMonth, list["FoundFile"]]) -> list[News]:
    """Keep the clinic-months with a content that the ledger lacks; name each by its contents."""
    news = []
    for one, files in fresh.items():
        known = set(home.warehouse.read(tables.exports, **one.key).content_sha256)
        contents = {
            delivery.content_sha256
            for delivery in (home.source.read(found) for found in files)
            if delivery is not None
        }
        new = sorted(contents - known)
        if new:
            digest = hashlib.sha256("".join(new).encode()).hexdigest()
            news.append(News(one, f"{one.clinic_id}|{one.month}|{digest}"))
    return news
