"""The kinds of remote source: what each one does behind the door, and how one is opened."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from rapport.clinics import Clinic
from rapport.clinics.places import (
    HttpsPlace,
    LimesurveyPlace,
    RedcapPlace,
    S3Place,
    SftpPlace,
)
from rapport.sources.delivery import FoundFile, Held


@dataclass(frozen=True, slots=True)
class Listed:
    """What one look into a clinic-month found.

    Attributes:
        files: Finished files, oldest first.
        held: What lies there and is left alone, with reasons.
    """

    files: tuple[FoundFile, ...]
    held: tuple[Held, ...] = ()


class RemoteSource(Protocol):
    """One clinic's source behind a network."""

    def listed(self, month: str) -> Listed:
        """List one month's finished files.

        Raises:
            SourceError: The source cannot be reached, or refuses.
            SettingsError: A secret is missing.
        """

    def fetched(self, found: FoundFile) -> bytes:
        """Return the bytes of a file that was listed, whole and unchanged.

        Raises:
            SourceError: It cannot be had, is unfit or has changed; never a part of a file.
            SettingsError: A secret is missing.
        """


def remote_source(clinic: Clinic, environ: Mapping[str, str]) -> RemoteSource:
    """Open a clinic's remote source; nothing is sent yet.

    Args:
        clinic: A clinic whose source is not a folder.
        environ: Where secrets are looked up by name.

    Raises:
        TypeError: The clinic's source is a folder.
    """
    place = clinic.place
    if isinstance(place, SftpPlace):
        from rapport.sources.sftp import SftpSource

        return SftpSource(clinic, place, environ)
    if isinstance(place, S3Place):
        from rapport.sources.s3 import S3Source

        return S3Source(clinic, place, environ)
    if isinstance(place, RedcapPlace):
        from rapport.sources.redcap import RedcapSource

        return RedcapSource(clinic, place, environ)
    if isinstance(place, LimesurveyPlace):
        from rapport.sources.limesurvey import LimesurveySource

        return LimesurveySource(clinic, place, environ)
    if isinstance(place, HttpsPlace):
        from rapport.sources.https import HttpsSource

        return HttpsSource(clinic, place, environ)
    raise TypeError(f"a {place.type} source is not remote")
