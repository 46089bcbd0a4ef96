"""The one door to every clinic's source: list what is finished, read one file, say what was held.

A source that cannot be reached holds back its own clinic's files and nobody else's. Which kind of
source a clinic has stands in the registry; nothing else in Rapport knows.
"""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from rapport.clinics import Clinic
from rapport.clinics.places import FolderPlace, Place
from rapport.errors import SettingsError
from rapport.sources.delivery import Delivery, FoundFile, Held
from rapport.sources.failing import AccessRefusedError, SourceError, UnreachableError
from rapport.sources.folder import FolderSource
from rapport.sources.kinds import RemoteSource, remote_source

T = TypeVar("T")

OUTAGE_SECONDS = 60.0
"""How long a source that failed for one month is not asked for the next one."""

_NOT_ALLOWED = (
    "The clinic's folder may not be looked into. Give the user that Rapport runs as the right to "
    "read it."
)


class Source(Protocol):
    """Where files come from: what steps of the monthly run may ask."""

    def finished_files(self, clinic: Clinic, month: str) -> tuple[FoundFile, ...]:
        """List one clinic-month's finished files."""

    def finished_files_of(
        self, clinic: Clinic, months: Sequence[str]
    ) -> dict[str, tuple[FoundFile, ...]]:
        """List the finished files of many months of one clinic, in one look where it can be."""

    def read(self, found: FoundFile) -> Delivery | None:
        """Read a file that was listed; ``None`` if it is held."""

    def held_of(self, clinic_id: str, month: str) -> tuple[Held, ...]:
        """Return what was held of a clinic-month at the last look, with reasons."""


@dataclass(frozen=True)
class _Outage:
    """A source that failed: when, with which error, and the months that were told so."""

    since: float
    error: SourceError
    months: set[str]

    def hits(self, month: str) -> bool:
        """Whether this month is not worth another try yet; each month is told once."""
        is_new = month not in self.months
        self.months.add(month)
        return is_new and time.monotonic() - self.since < OUTAGE_SECONDS


@dataclass
class ClinicSources:
    """The sources of all clinics, each opened when it is first asked.

    Attributes:
        folders: The inbox, for clinics whose source is a folder.
        environ: Where secrets are looked up by name.
    """

    folders: FolderSource
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False)
    _held: dict[tuple[str, str], dict[Held, None]] = field(default_factory=dict, repr=False)
    _remote: dict[str, tuple[Place, RemoteSource]] = field(default_factory=dict, repr=False)
    _outages: dict[str, _Outage] = field(default_factory=dict, repr=False)

    @property
    def held(self) -> list[Held]:
        """Everything that was held at the last look into each clinic-month."""
        return [one for found in self._held.values() for one in found]

    def held_of(self, clinic_id: str, month: str) -> tuple[Held, ...]:
        """Return what was held of a clinic-month at the last look, with reasons."""
        return tuple(self._held.get((clinic_id, month), ()))

    def finished_files(self, clinic: Clinic, month: str) -> tuple[FoundFile, ...]:
        """List one clinic-month's finished files, oldest first; forgets what was held before.

        A source that cannot be reached has none; the reason is then in :meth:`held_of`.

        Args:
            clinic: The clinic, with its source and the patterns of its exports.
            month: The month, ``YYYY-MM``.
        """
        return self.finished_files_of(clinic, [month])[month]

    def _remote_files(self, clinic: Clinic, month: str) -> tuple[FoundFile, ...]:
        self._held.pop((clinic.id, month), None)
        source = self._opened(clinic)
        listed = self._asked(clinic.id, month, lambda: source.listed(month))
        if isinstance(listed, SourceError):
            self._hold(Held(clinic.id, month, "", "", listed.reason))
            return ()
        for one in listed.held:
            self._hold(one)
        return listed.files

    def finished_files_of(
        self, clinic: Clinic, months: Sequence[str]
    ) -> dict[str, tuple[FoundFile, ...]]:
        """List the finished files of many months of one clinic; a folder is looked through once.

        Args:
            clinic: The clinic, with its source and the patterns of its exports.
            months: The months, ``YYYY-MM``.

        Returns:
            Month → files, as from :meth:`finished_files`.
        """
        if not isinstance(clinic.place, FolderPlace):
            return {month: self._remote_files(clinic, month) for month in months}
        for month in months:
            self._held.pop((clinic.id, month), None)
        try:
            found = self.folders.finished_files_of(clinic, months)
        except PermissionError:
            for month in months:
                self._hold(Held(clinic.id, month, "", "", _NOT_ALLOWED))
            return dict.fromkeys(months, ())
        self._take_over_held()
        return found

    def read(self, found: FoundFile) -> Delivery | None:
        """Read a file that was listed, whole and unchanged.

        Returns:
            The delivery, or ``None`` if the file is held; the reason is then in :meth:`held_of`.
        """
        if found.clinic_id not in self._remote:
            delivery = self.folders.read(found)
            self._take_over_held()
            return delivery
        _, source = self._remote[found.clinic_id]
        content = self._asked(found.clinic_id, found.month, lambda: source.fetched(found))
        if isinstance(content, SourceError):
            reason = content.reason
            self._hold(Held(found.clinic_id, found.month, found.export_id, found.file, reason))
            return None
        return Delivery(found.clinic_id, found.month, found.export_id, found.file, content)

    def _opened(self, clinic: Clinic) -> RemoteSource:
        """Return a clinic's remote source; a new one if its settings have changed."""
        known = self._remote.get(clinic.id)
        if known is None or known[0] != clinic.place:
            self._remote[clinic.id] = (clinic.place, remote_source(clinic, self.environ))
            self._outages.pop(clinic.id, None)
        return self._remote[clinic.id][1]

    def _asked(self, clinic_id: str, month: str, ask: Callable[[], T]) -> T | SourceError:
        """Ask a source; one that just failed for another month is not asked again so soon."""
        outage = self._outages.get(clinic_id)
        if outage and outage.hits(month):
            return outage.error
        try:
            return ask()
        except SettingsError as error:
            failure: SourceError = AccessRefusedError(error.faults)
        except SourceError as error:
            failure = error
        if isinstance(failure, UnreachableError | AccessRefusedError):
            self._outages[clinic_id] = _Outage(time.monotonic(), failure, {month})
        return failure

    def _take_over_held(self) -> None:
        """Move what the folder source held into the store by clinic-month."""
        taken, self.folders.held[:] = list(self.folders.held), []
        for one in taken:
            self._hold(one)

    def _hold(self, held: Held) -> None:
        self._held.setdefault((held.clinic_id, held.month), {})[held] = None
