"""A door with one clinic behind it, and web servers for it to ask."""

import ssl
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import trustme

from rapport.sources import ClinicSources, FolderSource
from tests.rapport.sources.servers.clinics import QUICK, a_clinic
from tests.rapport.sources.servers.web import WebServer

MONTH = "2025-03"


class Door:
    """The door with one clinic behind it."""

    def __init__(
        self, inbox: Path, place: object, *paths: str, environ: Mapping[str, str], **exports: object
    ) -> None:
        self.clinic = a_clinic(place, *paths, **exports)
        self.sources = ClinicSources(FolderSource(inbox), environ)

    def names(self, month: str = MONTH) -> list[str]:
        return [one.file for one in self.sources.finished_files(self.clinic, month)]

    def read(self, month: str = MONTH) -> list[bytes | None]:
        found = self.sources.finished_files(self.clinic, month)
        return [one and one.content for one in map(self.sources.read, found)]

    def reasons(self, month: str = MONTH) -> list[str]:
        return [one.reason for one in self.sources.held_of("hill", month)]


@pytest.fixture
def door(tmp_path: Path) -> Callable[..., Door]:
    def made(
        place: Mapping[str, object],
        *paths: str,
        environ: Mapping[str, str] | None = None,
        **exports: object,
    ) -> Door:
        quick = {"attempts": 1, "allow_plain_http_on_loopback": True, **QUICK, **place}
        return Door(
            tmp_path, quick, *(paths or ("a_{month}.csv",)), environ=environ or {}, **exports
        )

    return made


@pytest.fixture
def web() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def secure_web(authority: trustme.CA) -> Iterator[WebServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    server = WebServer(context)
    yield server
    server.close()
