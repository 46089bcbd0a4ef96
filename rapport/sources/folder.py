"""Files that a clinic puts into its folder: found by the registry's patterns, read by descriptor.

A name found in a folder is data. It is compared with a pattern and handed back to the system call
that opens it inside the folder already open; it never becomes a path, and no link is followed.
"""

import os
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rapport.clinics import Clinic, ExportMapping
from rapport.clinics.places import FolderPlace
from rapport.sources.delivery import Delivery, FoundFile, Held, printable
from rapport.sources.names import DONE, ExportNames, compiled, is_finished_name
from rapport.sources.owners import not_the_owners

SIZE_LIMIT = 512 * 1024 * 1024
"""Largest file that is taken, in bytes."""

QUIET_SECONDS = 60.0
"""A file that nobody has changed for so long counts as finished without a second look."""

_READ_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_ATTEMPTS = 3

Listings = dict[tuple[str, ...], dict[str, os.stat_result]]
"""Folder, by the parts of its path → what lies in it, by name."""


@dataclass
class FolderSource:
    """An inbox with one folder a clinic.

    Attributes:
        inbox: The folder that holds the clinics' folders.
        size_limit: Largest file that is taken, in bytes.
        held: What was left alone since the source was made, and why; the newest last.
    """

    inbox: Path
    size_limit: int = SIZE_LIMIT
    held: list[Held] = field(default_factory=list)

    def finished_files(self, clinic: Clinic, month: str) -> tuple[FoundFile, ...]:
        """List one clinic-month's regular files, oldest first; names of unfinished files left out.

        Args:
            clinic: The clinic, with its source folder and the patterns of its exports.
            month: The month, ``YYYY-MM``.

        Returns:
            The files, by time of last change and then by name. A file that matches two exports
            belongs to the first of them.
        """
        return self.finished_files_of(clinic, [month])[month]

    def finished_files_of(
        self, clinic: Clinic, months: Sequence[str]
    ) -> dict[str, tuple[FoundFile, ...]]:
        """List the files of many months of one clinic, each folder looked through once.

        Args:
            clinic: The clinic, with its source folder and the patterns of its exports.
            months: The months, ``YYYY-MM``.

        Returns:
            Month → files, as from :meth:`finished_files`.
        """
        found: dict[str, dict[tuple[str, ...], FoundFile]] = {month: {} for month in months}
        held: dict[Held, None] = {}
        listings: Listings = {}
        for export in clinic.exports:
            for file in self._matching(clinic, export, months, listings):
                if isinstance(file, Held):
                    held[file] = None
                else:
                    found[file.month].setdefault(file.parts, file)
        known = set(self.held)
        self.held += [one for one in held if one not in known]
        return {
            month: tuple(sorted(files.values(), key=lambda file: (file.modified_ns, file.file)))
            for month, files in found.items()
        }

    def read(self, found: FoundFile) -> Delivery | None:
        """Read a file that was listed; one that changes meanwhile is tried again, then held.

        Returns:
            The delivery, or ``None`` if the file could not be read whole and unchanged; the
            reason is then the last entry of :attr:`held`.
        """
        reason = ""
        for _ in range(_ATTEMPTS):
            content, reason = self._read_once(found)
            if content is not None:
                return Delivery(found.clinic_id, found.month, found.export_id, found.file, content)
        self._hold(found.clinic_id, found.month, found.export_id, found.file, reason)
        return None

    def _matching(
        self, clinic: Clinic, export: ExportMapping, months: Sequence[str], listings: Listings
    ) -> Iterator[FoundFile | Held]:
        """Yield the files of one export, walking down the pattern folder by folder."""
        top = Path(clinic.folder).parts
        pattern = ExportNames(export, tuple(months))
        is_owned = isinstance(clinic.place, FolderPlace) and clinic.place.owner is not None
        seen_ns = time.time_ns()
        for parts, details, is_done in self._walk(top, pattern.of_some_month, listings):
            below = parts[len(top) :]
            name = printable("/".join(below))
            reason = self._unfit(details)
            if is_owned and not reason:
                reason = not_the_owners(details, clinic)
            for month in pattern.months_of(below):
                if reason:
                    yield Held(clinic.id, month, export.id, name, reason)
                    continue
                yield FoundFile(
                    clinic_id=clinic.id,
                    month=month,
                    export_id=export.id,
                    file=name,
                    parts=parts,
                    size=details.st_size,
                    modified_ns=details.st_mtime_ns,
                    inode=details.st_ino,
                    seen_ns=seen_ns,
                    is_marked_done=is_done,
                )

    def _walk(
        self, above: tuple[str, ...], wanted: tuple[str, ...], listings: Listings
    ) -> Iterator[tuple[tuple[str, ...], os.stat_result, bool]]:
        """Yield parts, details and ``.done`` marker of every entry that matches ``wanted``."""
        deeper = wanted[1:]
        listing = self._listing(above, listings)
        matches = compiled(wanted[0]).fullmatch
        for name in listing:
            if not matches(name) or not is_finished_name(name):
                continue
            details = listing[name]
            parts = (*above, name)
            if not deeper:
                yield parts, details, name + DONE in listing
            elif stat.S_ISDIR(details.st_mode):
                yield from self._walk(parts, deeper, listings)

    def _listing(self, parts: tuple[str, ...], listings: Listings) -> dict[str, os.stat_result]:
        """Return the entries of a folder by name, looked at once; links as what they are.

        A folder that is not there, or is a link, has no entries: nothing was delivered into it.
        """
        if parts not in listings:
            found: dict[str, os.stat_result] = {}
            missing = suppress(FileNotFoundError, NotADirectoryError)
            with missing, self._opened_folder(parts) as own, os.scandir(own) as entries:
                for entry in entries:
                    with suppress(FileNotFoundError):  # gone since it was listed
                        found[entry.name] = entry.stat(follow_symlinks=False)
            listings[parts] = dict(sorted(found.items()))
        return listings[parts]

    @contextmanager
    def _opened_folder(self, parts: tuple[str, ...]) -> Iterator[int]:
        """Open a folder below the inbox, one part at a time, following no link."""
        folder = os.open(self.inbox, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for part in parts:
                below = os.open(part, _FOLDER_FLAGS, dir_fd=folder)
                os.close(folder)
                folder = below
            yield folder
        finally:
            os.close(folder)

    def _read_once(self, found: FoundFile) -> tuple[bytes | None, str]:
        """Read the file if it still is what was listed; otherwise say why not."""
        try:
            with self._opened_folder(found.parts[:-1]) as folder:
                file = os.open(found.parts[-1], _READ_FLAGS, dir_fd=folder)
        except OSError as error:
            return None, f"It can no longer be opened ({error.strerror})."
        with os.fdopen(file, "rb") as opened:
            before = os.fstat(file)
            reason = self._unfit(before)
            if reason:
                return None, reason
            content = opened.read(self.size_limit + 1)
            after = os.fstat(file)
        listed = (found.size, found.modified_ns, found.inode)
        if len(content) != found.size or listed != _identity(before) or listed != _identity(after):
            return None, "It changed between listing and reading; it may still be being written."
        return content, ""

    def _unfit(self, details: os.stat_result) -> str:
        """Return why a directory entry is not a file to be taken; empty if it is."""
        if not stat.S_ISREG(details.st_mode):
            return "It is not a regular file (a link, folder, pipe or device)."
        if details.st_size > self.size_limit:
            return f"It is larger than {self.size_limit} bytes."
        if details.st_nlink > 1:
            return "It has a second name elsewhere (a hard link). Put a copy of it there instead."
        return ""

    def _hold(self, clinic_id: str, month: str, export_id: str, file: str, reason: str) -> None:
        held = Held(clinic_id, month, export_id, file, reason)
        if held not in self.held:
            self.held.append(held)


def is_stable(
    found: FoundFile, earlier: FoundFile | None, *, quiet_seconds: float = QUIET_SECONDS
) -> bool:
    """Whether a file is finished: marked so, the same at two looks, or long unchanged.

    Args:
        found: The file as it is now.
        earlier: The same file at an earlier look, if there was one.
        quiet_seconds: Age of the last change, in seconds, from which one look is enough.
    """
    if found.is_marked_done:
        return True
    if earlier is not None and earlier.seen_ns < found.seen_ns:
        now, then = (
            (file.parts, file.size, file.modified_ns, file.inode) for file in (found, earlier)
        )
        return now == then
    return found.seen_ns - found.modified_ns >= quiet_seconds * 1e9


def _identity(details: os.stat_result) -> tuple[int, int, int]:
    return details.st_size, details.st_mtime_ns, details.st_ino
