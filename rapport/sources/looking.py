"""One look through a remote folder answers for every month: the listing is kept until used up.

A month that is asked a second time, or a listing older than a minute, makes the source look again.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rapport.clinics import Clinic
from rapport.sources.delivery import FoundFile, Held, printable
from rapport.sources.kinds import Listed
from rapport.sources.names import WantedNames

FRESH_SECONDS = 60.0
"""How long a listing answers for further months."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was seen in a remote folder and whose name some month wants.

    Attributes:
        parts: Its path below the clinic's source, as the other side spells it.
        size: Size in bytes.
        modified_ns: Time of the last change, in nanoseconds since 1970.
        mark: A number that tells contents of the same size and time apart, or 0.
        is_marked_done: Whether a ``.done`` marker lies beside it.
        unfit: Why it is not to be taken; empty if it is.
    """

    parts: tuple[str, ...]
    size: int
    modified_ns: int
    mark: int
    is_marked_done: bool
    unfit: str = ""


@dataclass
class Looking:
    """The entries of the last look, and for which months they have been used.

    Attributes:
        clinic: Whose source it is.
        look: Lists all entries that any month wants; the network is in here.
    """

    clinic: Clinic
    look: Callable[[], Iterable[Entry]]
    _entries: tuple[Entry, ...] = ()
    _since: float = -FRESH_SECONDS
    _used: set[str] = field(default_factory=set)

    def listed(self, month: str) -> Listed:
        """Return one month's files, oldest first, and what is left alone.

        Raises:
            SourceError: The source had to be looked through and could not be.
        """
        is_old = time.monotonic() - self._since >= FRESH_SECONDS
        if is_old or month in self._used:
            self._since = -FRESH_SECONDS
            self._entries = tuple(self.look())
            self._since, self._used = time.monotonic(), set()
        self._used.add(month)
        return self._of(month)

    def _of(self, month: str) -> Listed:
        wanted = WantedNames(self.clinic)
        seen_ns = time.time_ns()
        files, held = [], []
        for entry in self._entries:
            export_id = wanted.export_of(entry.parts, month)
            if export_id is None:
                continue
            name = printable("/".join(entry.parts))
            if entry.unfit:
                held.append(Held(self.clinic.id, month, export_id, name, entry.unfit))
                continue
            files.append(
                FoundFile(
                    clinic_id=self.clinic.id,
                    month=month,
                    export_id=export_id,
                    file=name,
                    parts=entry.parts,
                    size=entry.size,
                    modified_ns=entry.modified_ns,
                    inode=entry.mark,
                    seen_ns=seen_ns,
                    is_marked_done=entry.is_marked_done,
                )
            )
        return Listed(
            tuple(sorted(files, key=lambda one: (one.modified_ns, one.file))), tuple(held)
        )
