"""Files of an SFTP server: its host key is pinned, no link is followed, no short file is taken.

A name on the server is data: it is compared with a pattern and given back to the server. Nothing
here writes to the server.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from rapport.clinics import Clinic
from rapport.clinics.places import SftpPlace
from rapport.sources.delivery import FoundFile
from rapport.sources.failing import changed, unfit
from rapport.sources.kinds import Listed
from rapport.sources.looking import Entry, Looking
from rapport.sources.names import WantedNames
from rapport.sources.secrets import read_secrets
from rapport.sources.trying import Deadline, tried, within

if TYPE_CHECKING:
    import asyncssh

T = TypeVar("T")

_CHUNK = 1024 * 1024


@dataclass
class SftpSource:
    """One clinic's folder on an SFTP server.

    Attributes:
        clinic: The clinic.
        place: The account and the pinned host key.
        environ: Where secrets are looked up by name.
    """

    clinic: Clinic
    place: SftpPlace
    environ: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        self._looking = Looking(self.clinic, self._look)

    def listed(self, month: str) -> Listed:
        """List one month's finished files.

        Raises:
            SourceError: The server cannot be reached, is another one, or refuses.
            SettingsError: A secret is missing.
        """
        return self._looking.listed(month)

    def fetched(self, found: FoundFile) -> bytes:
        """Return a file's bytes, if it still is what was listed before and after reading.

        Raises:
            SourceError: It cannot be had whole, has changed or is no regular file.
            SettingsError: A secret is missing.
        """
        return self._connected(lambda sftp: self._read(sftp, found))

    def _look(self) -> list[Entry]:
        from rapport.sources.sftp_folders import Walk

        wanted = WantedNames(self.clinic).of_any_month
        return self._connected(lambda sftp: Walk(sftp, self._base, self.place).entries(wanted))

    @property
    def _base(self) -> bytes:
        return os.fsencode(self.place.folder)

    def _connected(self, do: "Callable[[asyncssh.SFTPClient], Awaitable[T]]") -> T:
        """Do something on a connection of its own; the network's faults are met by trying again.

        Bytes are spoken, so that any name fits.
        """
        from rapport.sources.ssh import connect, told_as_failure

        secrets = read_secrets(self.place, self.environ)

        async def once(deadline: Deadline) -> T:
            with told_as_failure(deadline):
                async with (
                    asyncio.timeout(deadline.left()),
                    connect(self.place, secrets) as connection,
                    connection.start_sftp_client(path_encoding=None) as sftp,
                ):
                    return await do(sftp)

        def in_a_loop(deadline: Deadline) -> T:
            return within(deadline, lambda: asyncio.run(once(deadline)))

        return tried(in_a_loop, self.place)

    async def _read(self, sftp: "asyncssh.SFTPClient", found: FoundFile) -> bytes:
        """Read a whole file between two looks at it."""
        path = b"/".join((self._base, *map(os.fsencode, found.parts)))
        listed = (found.size, found.modified_ns)
        if await self._identity(sftp, path) != listed:
            raise changed()
        content = bytearray()
        async with sftp.open(path, "rb", encoding=None) as file:
            while len(content) <= found.size:
                chunk = await asyncio.wait_for(file.read(_CHUNK), self.place.read_seconds)
                content += chunk if isinstance(chunk, bytes) else chunk.encode()
                if not chunk:
                    break
        if len(content) != found.size or await self._identity(sftp, path) != listed:
            raise changed()
        return bytes(content)

    async def _identity(self, sftp: "asyncssh.SFTPClient", path: bytes) -> tuple[int, int]:
        """Return size and time of a regular file, without following a link.

        Raises:
            SourceError: It is none, or is too large.
        """
        from rapport.sources.sftp_folders import identity_of, unfit_reason

        details = await asyncio.wait_for(sftp.lstat(path), self.place.read_seconds)
        if reason := unfit_reason(details, self.place.size_limit):
            raise unfit(reason, "Deliver a file that can be taken.")
        return identity_of(details)
