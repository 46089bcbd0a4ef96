"""One request by HTTPS and its whole reply: no redirect, no cookie, no proxy, nothing packed.

A reply is taken only if the server says how long it is and sends as much: a connection that breaks
off is never a short file. No text of a server, no header and no address is told in a message.
"""

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rapport.clinics.places.kinds import WebPlace
from rapport.sources.failing import access_refused, too_large, unfit, unreachable
from rapport.sources.trying import Deadline, within

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse
    from urllib3.connection import HTTPConnection

_CHUNK = 64 * 1024
OK = 200
_REDIRECTS = (301, 302, 303, 307, 308)
_FAULT_OF_THE_SERVER = 500
_ACCESS = (401, 403, 407)


@dataclass(frozen=True)
class Request:
    """What is sent.

    Attributes:
        method: ``GET`` or ``POST``.
        url: Where to; checked when the registry was read.
        headers: Further headers; they may hold a secret.
        body: What is posted; it may hold a secret.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Reply:
    """What came back, whole.

    Attributes:
        status: The status.
        kind: Media type in lower case, without parameters; empty if none is named.
        location: Where a redirect leads, if it is one.
        content: The bytes; empty unless the status is 200.
    """

    status: int
    kind: str
    location: str | None
    content: bytes = field(repr=False)


def exchange(request: Request, place: WebPlace, deadline: Deadline) -> Reply:
    """Send one request and return the whole reply.

    Raises:
        SourceError: The server cannot be reached, is not who it should be, breaks off, is too
            slow, or sends too much.
    """
    return within(deadline, lambda: _exchange(request, place, deadline))


def refuse_status(reply: Reply) -> None:
    """Refuse a reply whose status is not 200; only faults of the server are worth another try.

    Raises:
        SourceError: With what the status means.
    """
    if reply.status == OK:
        return
    if reply.status >= _FAULT_OF_THE_SERVER:
        raise unreachable(f"The server failed (status {reply.status}).")
    if reply.status in _ACCESS:
        raise access_refused(
            f"The server refuses access (status {reply.status}).",
            "Look at the secrets of this source and at the account's rights.",
        )
    if reply.status in _REDIRECTS:
        raise access_refused(
            f"The server sends the request elsewhere (status {reply.status}).",
            "Write the final address into this source; an address of another host is not followed.",
        )
    raise unfit(
        f"The server does not give it (status {reply.status}).",
        "Look at the address of this source, and whether the month is there.",
    )


def is_markup(content: bytes) -> bool:
    """Whether bytes begin as a page or another document of markup does."""
    return content[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _exchange(request: Request, place: WebPlace, deadline: Deadline) -> Reply:
    parts = urlsplit(request.url)
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    headers = {"Accept-Encoding": "identity", "User-Agent": "rapport", **request.headers}
    with _told_as_failure(), _connected(request.url, place) as connection:
        connection.request(
            request.method, target, request.body, headers,
            preload_content=False, decode_content=False, enforce_content_length=True,
        )  # fmt: skip
        response = connection.getresponse()
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        content = _content(response, place.size_limit, deadline) if response.status == OK else b""
        return Reply(response.status, kind, response.headers.get("Location"), content)


@contextmanager
def _connected(url: str, place: WebPlace) -> "Iterator[HTTPConnection]":
    """Connect to the host of an address; TLS is verified unless the address is of this machine."""
    from urllib3.connection import HTTPConnection, HTTPSConnection

    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "https":
        connection: HTTPConnection = HTTPSConnection(
            host, port or 443, timeout=place.connect_seconds, ssl_context=_context(place)
        )
    else:
        connection = HTTPConnection(host, port or 80, timeout=place.connect_seconds)
    try:
        connection.connect()
        if connection.sock is not None:
            connection.sock.settimeout(place.read_seconds)
        connection.timeout = place.read_seconds
        yield connection
    finally:
        connection.close()


def _context(place: WebPlace) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=place.ca_file)
    except (OSError, ssl.SSLError):
        raise access_refused(
            "The certificates of ca_file cannot be read.", "Name a file in PEM that is readable."
        ) from None


def _content(response: "BaseHTTPResponse", limit: int, deadline: Deadline) -> bytes:
    """Read a reply to its end.

    Raises:
        SourceError: Its end would not show, or it is packed, too large or too slow.
    """
    if response.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        raise unfit("The server packs its reply unasked.", "Have it send the file as it is.")
    length = response.headers.get("Content-Length", "").strip()
    is_chunked = response.headers.get("Transfer-Encoding", "").strip().lower() == "chunked"
    if not is_chunked and not (length.isascii() and length.isdigit()):
        raise unfit(
            "The server does not say how long its reply is, so a broken one could not be told.",
            "Have the server send Content-Length.",
        )
    if not is_chunked and int(length) > limit:
        raise too_large(limit)
    content = bytearray()
    while chunk := response.read1(_CHUNK):
        deadline.left()
        content += chunk
        if len(content) > limit:
            raise too_large(limit)
    if not is_chunked and len(content) != int(length):
        raise unreachable("The connection to the server broke off.")
    return bytes(content)


@contextmanager
def _told_as_failure() -> Iterator[None]:
    """Tell whatever the network or the server did as a failure of the source, in own words.

    Raises:
        SourceError: Instead of what was raised within.
    """
    from http.client import HTTPException

    from urllib3.exceptions import HTTPError, NameResolutionError, NewConnectionError
    from urllib3.exceptions import TimeoutError as TooSlow

    try:
        yield
    except ssl.SSLCertVerificationError:
        raise access_refused(
            "The server's certificate is not trusted, or is another host's.",
            "Look at the address; name the server's authority in ca_file if it is your own.",
        ) from None
    except NameResolutionError:
        raise unreachable("The name of the server is not known.") from None
    except NewConnectionError:
        raise unreachable("The server cannot be reached.") from None
    except (TooSlow, TimeoutError):
        raise unreachable("The server was silent for too long.") from None
    except (HTTPError, HTTPException):
        raise unreachable("The server cannot be reached, or broke off.") from None
    except OSError as error:
        what = error.strerror or "no connection"
        raise unreachable(f"The server cannot be reached ({what}).") from None
