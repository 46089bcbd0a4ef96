"""Servers that speak nonsense, or lie, hold their own clinic and break nothing."""

import random
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.sources import ClinicSources, FolderSource
from rapport.sources.https import _next
from rapport.sources.web import Reply, is_markup
from tests.rapport.sources.servers.clinics import QUICK, a_clinic

MONTH = "2025-03"
ENVIRON = {"HILL_A": "a", "HILL_B": "b"}
A, B = ({"env": name} for name in ENVIRON)
_random = random.Random(20250301)
NONSENSE = {
    "nothing": b"",
    "zeros": bytes(4096),
    "noise": _random.randbytes(4096),
    "ssh and noise": b"SSH-2.0-x\r\n" + _random.randbytes(4096),
    "old ssh": b"SSH-1.5-x\r\n",
    "a status alone": b"HTTP/1.1 200 OK\r\n\r\n",
    "no status": b"HTTP/1.1 abc\r\n\r\n",
    "a bad length": b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nabc",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 3\r\n\r\nabc",
    "a huge length": b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 30 + b"\r\n\r\n",
    "bad chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n",
    "chunks of no end": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n",
    "headers without end": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 5000,
    "a header line without end": b"HTTP/1.1 200 OK\r\na: " + b"b" * 100_000,
    "other xml": b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n<a/>",
    "a listing without sense": b"HTTP/1.1 200 OK\r\nContent-Length: 113\r\n\r\n"
    b"<ListBucketResult><Contents><Key>a_2025-03.csv</Key><LastModified>never</LastModified>"
    b"</Contents></ListBucketResult>",
}


@pytest.fixture(params=NONSENSE, ids=str)
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """The port of a server that says one piece of nonsense to everyone and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), client:
                client.settimeout(0.5)
                client.recv(65536)
                client.sendall(NONSENSE[request.param])
                client.shutdown(socket.SHUT_WR)
                client.recv(65536)

    threading.Thread(target=serve, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


@pytest.mark.parametrize("kind", ["sftp", "s3", "redcap", "limesurvey", "https"])
def test_a_server_that_speaks_nonsense_is_held(tmp_path: Path, port: int, kind: str) -> None:
    url = f"http://127.0.0.1:{port}"
    places: dict[str, dict[str, object]] = {
        "sftp": {"host": "127.0.0.1", "port": port, "user": "u", "password": A,
                 "host_key": "SHA256:" + "A" * 43},
        "s3": {"endpoint": url, "bucket": "bucket", "access_key": A, "secret_key": B},
        "redcap": {"url": url, "token": A, "requests": {"export-0": {"filter_logic": "{month}"}}},
        "limesurvey": {"url": url, "user": A, "password": B,
                       "requests": {"export-0": {"survey": 1}}},
        "https": {"requests": {"export-0": url + "/{month}"}},
    }  # fmt: skip
    plain = {} if kind == "sftp" else {"allow_plain_http_on_loopback": True}
    place = {"type": kind, **places[kind], **QUICK, **plain, "attempts": 1}
    export = {"cumulative": True} if kind == "limesurvey" else {}
    clinic = a_clinic(place, "a_{month}.csv", **export)
    sources = ClinicSources(FolderSource(tmp_path), ENVIRON)
    read = [sources.read(found) for found in sources.finished_files(clinic, MONTH)]
    taken = [one.content for one in read if one is not None]
    is_a_page = kind == "https" and taken == [b"<a/>"]  # landing judges nothing
    is_a_listing = kind == "https" and taken and taken[0].startswith(b"<ListBucketResult>")
    assert is_a_page or is_a_listing or taken == []
    assert taken or sources.held


@settings(deadline=None)
@given(st.text(max_size=60) | st.sampled_from(["//", "/\\", "https:", "\\\\", "@", "#", "?"]))
def test_a_redirect_never_leaves_scheme_host_and_port(location: str) -> None:
    here = "https://hill.example:8443/a/b?c"
    for written in (location, f"//{location}", f"https://{location}", f"/{location}"):
        found = _next(here, Reply(302, "", written, b""))
        if found is not None:
            parts = urlsplit(found)
            assert (parts.scheme, parts.hostname, parts.port) == ("https", "hill.example", 8443)
            assert parts.username is None


@pytest.mark.parametrize("begin", [b"", b"\xef\xbb\xbf", b" \r\n\t", b"\xef\xbb\xbf\n"])
def test_markup_is_told_by_its_first_sign(begin: bytes) -> None:
    assert is_markup(begin + b"<html>")
    assert not is_markup(begin + b"id,<b>\n")
