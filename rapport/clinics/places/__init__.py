"""Where a clinic's files are fetched from: one model a kind of source, told apart by ``type``.

Secrets never stand here: a setting names the environment variable, or the file, that holds one.
docs/sources.md shows an entry of every kind.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import Discriminator, Field, Tag

from rapport.clinics.mapping import ExportMapping
from rapport.clinics.places.asked import (
    HttpsPlace,
    LimesurveyPlace,
    LimesurveyRequest,
    RedcapPlace,
    RedcapRequest,
)
from rapport.clinics.places.kinds import AskedPlace, RemotePlace, Secret
from rapport.clinics.places.listed import FolderPlace, S3Place, SftpPlace

KINDS = ("folder", "sftp", "s3", "redcap", "limesurvey", "https")
"""What ``type`` may say."""

_NAME = "name"
"""Mark of a source that is written as the name of a folder alone."""


def _kind_of(given: object) -> str | None:
    """Return which kind of source was written down; ``None`` if it is no kind that there is."""
    if isinstance(given, str):
        return _NAME
    kind = given.get("type") if isinstance(given, Mapping) else getattr(given, "type", None)
    return kind if kind in KINDS else None


Place = FolderPlace | SftpPlace | S3Place | RedcapPlace | LimesurveyPlace | HttpsPlace

SourceSetting = Annotated[
    Annotated[str, Field(min_length=1), Tag(_NAME)]
    | Annotated[FolderPlace, Tag("folder")]
    | Annotated[SftpPlace, Tag("sftp")]
    | Annotated[S3Place, Tag("s3")]
    | Annotated[RedcapPlace, Tag("redcap")]
    | Annotated[LimesurveyPlace, Tag("limesurvey")]
    | Annotated[HttpsPlace, Tag("https")],
    Discriminator(
        _kind_of,
        custom_error_type="source_type",
        custom_error_message="must be a folder below the inbox, or have one of the types "
        + ", ".join(KINDS),
    ),
]
"""The ``source`` of a clinic: the name of a folder, or one of the kinds."""


def identity(place: Place) -> tuple[object, ...]:
    """Return what tells two sources apart: what is fetched, and not how long one waits for it."""
    if isinstance(place, AskedPlace):
        url, token = getattr(place, "url", None), getattr(place, "token", None)
        return place.type, url, token, repr(sorted(place.requests.items()))
    keys = ("path", "host", "port", "user", "folder", "endpoint", "bucket", "prefix")
    return (place.type, *(getattr(place, key, None) for key in keys))


def faults_with(place: Place, exports: Sequence[ExportMapping]) -> list[str]:
    """Return what does not fit between a source that is asked and the clinic's exports.

    Each export needs one request, and a path that names the one file that comes back; what comes
    back is either one month or, in a cumulative export, everything so far.
    """
    if not isinstance(place, AskedPlace):
        return []
    faults = []
    if set(place.requests) != {export.id for export in exports}:
        faults.append("source.requests must name every export, and nothing else")
    patterns = [export.pattern for export in exports]
    if len(set(patterns)) != len(patterns) or any("*" in one for one in patterns):
        faults.append("path names the file that is asked for: without *, and another for each")
    for export in exports:
        request = place.requests.get(export.id)
        if isinstance(request, LimesurveyRequest) and not export.cumulative:
            faults.append(f"{export.id}: LimeSurvey gives every month; set cumulative: true")
        elif isinstance(request, RedcapRequest):
            faults += _redcap_faults(export, request)
    return faults


def _redcap_faults(export: ExportMapping, request: RedcapRequest) -> list[str]:
    if export.cumulative and not request.is_whole:
        return [f"{export.id}: a cumulative export holds everything, and has no filter"]
    if not export.cumulative and not request.is_for_one_month:
        return [f"{export.id}: filter_logic must name the month; or set cumulative: true"]
    return []


__all__ = [
    "KINDS",
    "AskedPlace",
    "FolderPlace",
    "HttpsPlace",
    "LimesurveyPlace",
    "LimesurveyRequest",
    "Place",
    "RedcapPlace",
    "RedcapRequest",
    "RemotePlace",
    "S3Place",
    "Secret",
    "SftpPlace",
    "SourceSetting",
    "faults_with",
    "identity",
]
