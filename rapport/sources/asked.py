"""Sources that are asked for a month: what REDCap, LimeSurvey and an HTTPS address share.

There is nothing to be listed: each export is one file, named by its ``path``, which exists once it
has been asked for. The same reply under the same name is the same delivery, and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from rapport.clinics import Clinic, ExportMapping
from rapport.clinics.places import AskedPlace
from rapport.errors import Fault
from rapport.months import Month
from rapport.sources.delivery import FoundFile, Held, printable
from rapport.sources.failing import ChangedError
from rapport.sources.kinds import Listed
from rapport.sources.secrets import read_secrets
from rapport.sources.trying import Deadline, tried

Place = TypeVar("Place", bound=AskedPlace[Any])


@dataclass
class AskedSource(Generic[Place]):
    """One clinic's source that is asked.

    Attributes:
        clinic: The clinic.
        place: Where to ask, and what for.
        environ: Where secrets are looked up by name.
    """

    clinic: Clinic
    place: Place
    environ: Mapping[str, str] = field(repr=False)

    def listed(self, month: str) -> Listed:
        """Return one file for each export, of a month that may be asked for; nothing is sent.

        A month that has not ended yet is held unless the setting ``while_running`` wants it.
        """
        today = datetime.now(ZoneInfo(self.clinic.timezone)).date()
        asked = Month.parse(month)
        if asked > Month.of(today):
            return Listed(())
        if asked == Month.of(today) and not self.place.while_running:
            reason = "The month has not ended yet; while_running of this source asks before."
            return Listed((), tuple(self._held(one, month, reason) for one in self.clinic.exports))
        return Listed(tuple(self._file(one, month) for one in self.clinic.exports))

    def fetched(self, found: FoundFile) -> bytes:
        """Ask for a file that was listed; the reply's bytes are the file.

        Raises:
            SourceError: The server cannot be reached, refuses, or answers something else.
            SettingsError: A secret is missing.
        """
        export = next((one for one in self.clinic.exports if one.id == found.export_id), None)
        if export is None:
            raise ChangedError(Fault("SOURCE_CHANGED", "The export is no longer registered.", ""))
        secrets = read_secrets(self.place, self.environ)
        return tried(lambda left: self._ask(export, found.month, secrets, left), self.place)

    def _ask(
        self, export: ExportMapping, month: str, secrets: Mapping[str, str], deadline: Deadline
    ) -> bytes:
        """Ask once."""
        raise NotImplementedError

    def _held(self, export: ExportMapping, month: str, reason: str) -> Held:
        return Held(self.clinic.id, month, export.id, self._name(export, month), reason)

    def _file(self, export: ExportMapping, month: str) -> FoundFile:
        name = self._name(export, month)
        return FoundFile(
            clinic_id=self.clinic.id,
            month=month,
            export_id=export.id,
            file=name,
            parts=tuple(name.split("/")),
            size=0,
            modified_ns=0,
            inode=0,
            seen_ns=0,
            is_marked_done=True,
        )

    @staticmethod
    def _name(export: ExportMapping, month: str) -> str:
        return printable(export.file_pattern(month))
