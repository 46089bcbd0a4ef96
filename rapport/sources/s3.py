"""Objects of a bucket, in S3 or in a store that speaks its language.

An object is read only while it still has the ETag that was listed; nothing of this machine's own
configuration for Amazon's tools is used. A key is data and never becomes a path.
"""

import logging
import zlib
from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from rapport.clinics import Clinic
from rapport.clinics.places import S3Place
from rapport.sources.delivery import FoundFile
from rapport.sources.failing import access_refused, changed, too_large, unfit, unreachable
from rapport.sources.kinds import Listed
from rapport.sources.looking import Entry, Looking
from rapport.sources.names import DONE, WantedNames, fits, is_finished_name
from rapport.sources.secrets import read_secrets
from rapport.sources.trying import Deadline, tried, within

MOST_KEYS = 1_000_000
"""Most keys that one look goes through."""

_CHUNK = 16 * 1024
_NONSENSE = "The store answered what it should not."
_NOT_THERE = ("NoSuchBucket", "NoSuchKey", "404")
_REFUSED = (401, 403)
_CHANGED = (409, 412)
_FAULT_OF_THE_SERVER = 500


_Answer = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Object:
    """An object as it was listed: ``tag`` is its ETag."""

    key: str
    size: int
    modified_ns: int
    tag: str


class _Pages(Protocol):
    def paginate(self, **what: str) -> Iterable[_Answer]: ...


class _Client(Protocol):
    """What is used of boto3, which makes its clients while it runs."""

    def get_object(self, **what: str) -> _Answer: ...

    def get_paginator(self, operation: str) -> _Pages: ...


@dataclass
class S3Source:
    """One clinic's part of a bucket.

    Attributes:
        clinic: The clinic.
        place: The bucket.
        environ: Where secrets are looked up by name.
    """

    clinic: Clinic
    place: S3Place
    environ: Mapping[str, str] = field(repr=False)

    def __post_init__(self) -> None:
        self._looking = Looking(self.clinic, self._look)
        self._tags: dict[tuple[str, ...], str] = {}

    def listed(self, month: str) -> Listed:
        """List one month's objects.

        Raises:
            SourceError: The store cannot be reached or refuses.
            SettingsError: A secret is missing.
        """
        return self._looking.listed(month)

    def fetched(self, found: FoundFile) -> bytes:
        """Return an object's bytes, if it still has the ETag that was listed.

        Raises:
            SourceError: It cannot be had whole, or has been replaced.
            SettingsError: A secret is missing.
        """
        secrets = read_secrets(self.place, self.environ)

        def once(deadline: Deadline) -> bytes:
            return within(deadline, lambda: self._read(self._client(secrets), found, deadline))

        return tried(once, self.place)

    def _look(self) -> list[Entry]:
        secrets = read_secrets(self.place, self.environ)

        def once(deadline: Deadline) -> list[_Object]:
            return within(deadline, lambda: list(self._objects(self._client(secrets), deadline)))

        objects = tried(once, self.place)
        keys = {one.key for one in objects}
        wanted = WantedNames(self.clinic).of_any_month
        entries = [
            self._entry(one, keys)
            for one in objects
            if any(fits(self._parts(one.key), expressions) for expressions in wanted)
        ]
        self._tags = {self._parts(one.key): one.tag for one in objects}
        return [entry for entry in entries if is_finished_name(entry.parts[-1])]

    def _client(self, secrets: Mapping[str, str]) -> _Client:
        import boto3
        from botocore.config import Config

        for name in ("boto3", "botocore"):  # below this level they write tokens into the log
            logging.getLogger(name).setLevel(logging.WARNING)
        client: _Client = boto3.client(
            "s3",
            endpoint_url=self.place.endpoint,
            region_name=self.place.region,
            aws_access_key_id=secrets["access_key"],
            aws_secret_access_key=secrets["secret_key"],
            aws_session_token=secrets.get("session_token"),
            verify=self.place.ca_file,
            config=Config(
                connect_timeout=self.place.connect_seconds,
                read_timeout=self.place.read_seconds,
                retries={"total_max_attempts": 1},
                signature_version="s3v4",
                s3={"addressing_style": "path" if self.place.endpoint else "auto"},
                ignore_configured_endpoint_urls=True,  # type: ignore[call-arg] # not in the stubs
                user_agent="rapport",
            ),
        )
        return client

    def _objects(self, client: _Client, deadline: Deadline) -> Iterator[_Object]:
        """Yield every object below the prefix that patterns begin with, page by page."""
        seen = 0
        with _told_as_failure():
            for prefix in self._prefixes():
                pages = client.get_paginator("list_objects_v2").paginate(
                    Bucket=self.place.bucket, Prefix=prefix
                )
                for page in pages:
                    deadline.left()
                    if "IsTruncated" not in page:  # some other document: no listing is empty
                        raise unreachable(_NONSENSE)
                    found = page.get("Contents", [])
                    seen += len(found)
                    if seen > MOST_KEYS:
                        raise unfit("The prefix holds too many keys.", "Name a longer prefix.")
                    yield from map(_described, found)

    def _prefixes(self) -> tuple[str, ...]:
        """Return what keys begin with, as far as the patterns say it; none begins with another."""
        heads = sorted(
            {
                self.place.prefix + export.pattern.partition("{month}")[0].partition("*")[0]
                for export in self.clinic.exports
            }
        )
        return tuple(
            head for head in heads if not any(head != one and head.startswith(one) for one in heads)
        )

    def _parts(self, key: str) -> tuple[str, ...]:
        return tuple(key.removeprefix(self.place.prefix).split("/"))

    def _entry(self, one: _Object, keys: Container[str]) -> Entry:
        limit = self.place.size_limit
        return Entry(
            parts=self._parts(one.key),
            size=one.size,
            modified_ns=one.modified_ns,
            mark=zlib.crc32(one.tag.encode()),
            is_marked_done=one.key + DONE in keys,
            unfit=too_large(limit).faults[0].message if one.size > limit else "",
        )

    def _read(self, client: _Client, found: FoundFile, deadline: Deadline) -> bytes:
        tag = self._tags.get(found.parts)
        if tag is None or zlib.crc32(tag.encode()) != found.inode:
            raise changed()
        with _told_as_failure():
            reply = client.get_object(
                Bucket=self.place.bucket,
                Key=self.place.prefix + "/".join(found.parts),
                IfMatch=tag,
            )
            if reply["ETag"] != tag or reply["ContentLength"] != found.size:
                raise changed()
            content = bytearray()
            for chunk in reply["Body"].iter_chunks(_CHUNK):
                deadline.left()
                content += chunk
        if len(content) != found.size:
            raise unreachable("The connection to the store broke off.")
        return bytes(content)


def _described(one: _Answer) -> _Object:
    """Return an object of a listing.

    Raises:
        UnreachableError: The store did not say what one needs to know of it.
    """
    try:
        return _Object(
            key=one["Key"],
            size=int(one["Size"]),
            modified_ns=int(one["LastModified"].timestamp() * 1000) * 1_000_000,
            tag=one["ETag"],
        )
    except (KeyError, ValueError, OverflowError):
        raise unreachable(_NONSENSE) from None


@contextmanager
def _told_as_failure() -> Iterator[None]:
    """Tell whatever the network or the store did as a failure of the source, in own words.

    Raises:
        SourceError: Instead of what was raised within.
    """
    from botocore import exceptions as told

    try:
        yield
    except told.ClientError as error:
        _tell_status(error.response)
    except (told.SSLError, told.ConnectionClosedError) as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise access_refused(
                "The store's certificate is not trusted.", "Name its authority in ca_file."
            ) from None
        raise unreachable("The connection to the store broke off.") from None
    except (told.ParamValidationError, told.InvalidEndpointDiscoveryConfigurationError):
        raise access_refused(
            "The store cannot be asked with these settings.", "Look at bucket, prefix and region."
        ) from None
    except (ValueError, KeyError):  # what a reply of another kind makes of boto3
        raise unreachable(_NONSENSE) from None
    except (told.BotoCoreError, OSError):
        raise unreachable("The store cannot be reached, or broke off.") from None


def _tell_status(response: _Answer) -> None:
    """Tell what the store's error means; its own words are not quoted.

    Raises:
        SourceError: Always.
    """
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code = str(response.get("Error", {}).get("Code", ""))
    if status in _CHANGED or code == "PreconditionFailed":
        raise changed()
    if status in _REFUSED:
        raise access_refused(
            "The store refuses these keys.", "Look at access_key, secret_key, bucket and rights."
        )
    if code == "NoSuchKey":
        raise changed()
    if code in _NOT_THERE:
        raise access_refused("The bucket does not exist.", "Look at bucket and endpoint.")
    if status >= _FAULT_OF_THE_SERVER or code == "SlowDown":
        raise unreachable(f"The store failed (status {status}).")
    raise access_refused(f"The store refuses the request (status {status}).", "Look at source.")
