"""Looking through the folders of an SFTP server: only where a pattern leads, following no link."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

import asyncssh

from rapport.clinics.places import SftpPlace
from rapport.sources.failing import unfit
from rapport.sources.looking import Entry
from rapport.sources.names import DONE, compiled, is_finished_name

MOST_NAMES = 1_000_000
"""Most names that one look goes through; a server that gives more is not believed."""

_ASKED_AT_ONCE = 64
_NANOSECONDS = 1_000_000_000
_Path = tuple[str, ...]


@dataclass
class Walk:
    """One look through the folders of a server.

    Attributes:
        sftp: An open file service that speaks bytes.
        base: The clinic's folder.
        place: Says how long the server may be silent and how large a file may be.
    """

    sftp: asyncssh.SFTPClient
    base: bytes
    place: SftpPlace
    _names: dict[_Path, frozenset[str]] = field(default_factory=dict)
    _seen: int = 0

    async def entries(self, wanted: Sequence[tuple[str, ...]]) -> list[Entry]:
        """Return what some row of expressions wants, folder by folder.

        Raises:
            SourceError: The folder holds more names than a folder has.
            asyncssh.Error: The server refused or broke off.
        """
        await self._names_in(())  # the folder itself must be there
        found: dict[_Path, None] = {}
        for expressions in wanted:
            found |= dict.fromkeys(await self._matching((), expressions))
        paths = list(found)
        details = await self._details(paths)
        return [self._entry(path, one) for path, one in zip(paths, details, strict=True) if one]

    async def _matching(self, folder: _Path, expressions: tuple[str, ...]) -> list[_Path]:
        """Return the paths below a folder that fit the expressions, one a level."""
        names = await self._names_in(folder)
        pattern = compiled(expressions[0])
        fitting = [
            (*folder, name)
            for name in sorted(names)
            if pattern.fullmatch(name) and is_finished_name(name)
        ]
        if len(expressions) == 1:
            return fitting
        found = []
        for path, details in zip(fitting, await self._details(fitting), strict=True):
            if details and details.type == asyncssh.FILEXFER_TYPE_DIRECTORY:
                found += await self._matching(path, expressions[1:])
        return found

    async def _names_in(self, folder: _Path) -> frozenset[str]:
        """Return the names in a folder, each asked of the server once; none if it has gone."""
        if folder not in self._names:
            try:
                self._names[folder] = await self._listed(folder)
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                if not folder:
                    raise
                self._names[folder] = frozenset()
        return self._names[folder]

    async def _listed(self, folder: _Path) -> frozenset[str]:
        """Ask for the names in a folder; a name with a slash in it is none."""
        names: set[str] = set()
        listing = aiter(self.sftp.scandir(self._full(folder)))
        while True:
            try:
                entry = await asyncio.wait_for(anext(listing), self.place.read_seconds)
            except StopAsyncIteration:
                return frozenset(names)
            self._seen += 1
            if self._seen > MOST_NAMES:
                raise unfit("The folder holds too many names.", "Clear it out, or split it.")
            name = os.fsdecode(entry.filename)
            if not {"/", "\x00"} & set(name):
                names.add(name)

    async def _details(self, paths: Sequence[_Path]) -> list[asyncssh.SFTPAttrs | None]:
        """Look at each path itself, never at what a link leads to; ``None`` if it has gone."""
        found: list[asyncssh.SFTPAttrs | None] = []
        for start in range(0, len(paths), _ASKED_AT_ONCE):
            asked = paths[start : start + _ASKED_AT_ONCE]
            found += await asyncio.gather(*map(self._detail, asked))
        return found

    async def _detail(self, path: _Path) -> asyncssh.SFTPAttrs | None:
        try:
            return await asyncio.wait_for(
                self.sftp.lstat(self._full(path)), self.place.read_seconds
            )
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            return None

    def _entry(self, path: _Path, details: asyncssh.SFTPAttrs) -> Entry:
        reason = unfit_reason(details, self.place.size_limit)
        size, modified_ns = (0, 0) if reason else identity_of(details)
        is_done = path[-1] + DONE in self._names[path[:-1]]
        return Entry(path, size, modified_ns, 0, is_done, reason)

    def _full(self, path: _Path) -> bytes:
        return b"/".join((self.base, *map(os.fsencode, path)))


def identity_of(details: asyncssh.SFTPAttrs) -> tuple[int, int]:
    """Return size in bytes and time of the last change in nanoseconds since 1970."""
    return details.size or 0, (details.mtime or 0) * _NANOSECONDS + (details.mtime_ns or 0)


def unfit_reason(details: asyncssh.SFTPAttrs, size_limit: int) -> str:
    """Return why an entry is not a file to be taken; empty if it is."""
    if details.type != asyncssh.FILEXFER_TYPE_REGULAR:
        return "It is not a regular file (a link, folder, pipe or device)."
    if details.size is None or details.mtime is None:
        return "The server does not say how large it is and when it was changed."
    return f"It is larger than {size_limit} bytes." if details.size > size_limit else ""
