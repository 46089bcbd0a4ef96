"""One door to all sources: a source that fails holds back its own clinic and nobody else's."""

import errno
import logging
import os
import pwd
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

import pytest

from rapport.clinics import Clinic
from rapport.errors import SettingsError
from rapport.sources import ClinicSources, FolderSource, secret_faults
from rapport.sources.secrets import read_secrets
from tests.rapport.sources.servers.clinics import QUICK, a_clinic
from tests.rapport.sources.servers.sftp import PASSWORD, USER, SftpServer
from tests.rapport.sources.servers.web import Answer, WebServer, rpc

MONTH = "2025-03"
MakeDoor = Callable[..., "object"]
NOWHERE = {
    "type": "https", "requests": {"export-0": "http://127.0.0.1:9/{month}"},
    "allow_plain_http_on_loopback": True, "attempts": 1, **QUICK,
}  # fmt: skip


def test_a_source_that_is_down_stops_no_other_clinic(tmp_path: Path) -> None:
    (tmp_path / "valley" / MONTH).mkdir(parents=True)
    (tmp_path / "valley" / MONTH / "a.csv").write_bytes(b"x")
    down = a_clinic(NOWHERE, "a_{month}.csv")
    up = a_clinic("valley", clinic_id="valley")
    sources = ClinicSources(FolderSource(tmp_path), {})
    read = {
        clinic.id: [sources.read(found) for found in sources.finished_files(clinic, MONTH)]
        for clinic in (down, up)
    }
    assert read["hill"] == [None]
    assert [one and one.content for one in read["valley"]] == [b"x"]
    assert [(one.clinic_id, one.file) for one in sources.held] == [("hill", "a_2025-03.csv")]


@pytest.mark.parametrize("source", ["hill", {"type": "folder", "path": "hill"}])
def test_a_folder_is_a_source_by_name_or_by_type(tmp_path: Path, source: object) -> None:
    (tmp_path / "hill" / MONTH).mkdir(parents=True)
    (tmp_path / "hill" / MONTH / "a.csv").write_bytes(b"x")
    sources = ClinicSources(FolderSource(tmp_path), {})
    (found,) = sources.finished_files(a_clinic(source), MONTH)
    delivery = sources.read(found)
    assert delivery is not None
    assert delivery.content == b"x"


def test_what_was_held_is_forgotten_at_the_next_look(tmp_path: Path) -> None:
    place = tmp_path / "hill" / MONTH / "a.csv"
    place.mkdir(parents=True)
    sources, clinic = ClinicSources(FolderSource(tmp_path), {}), a_clinic("hill")
    for _ in range(2):
        assert sources.finished_files(clinic, MONTH) == ()
        assert len(sources.held_of("hill", MONTH)) == 1
    place.rmdir()
    sources.finished_files(clinic, MONTH)
    assert sources.held_of("hill", MONTH) == ()


class _NotAllowed(FolderSource):
    """A folder that this user may not look into; the user who runs tests may look anywhere."""

    def finished_files_of(self, clinic: Clinic, months: Sequence[str]) -> NoReturn:
        raise PermissionError(errno.EACCES, "Permission denied")


def test_a_folder_that_may_not_be_looked_into_is_held(tmp_path: Path) -> None:
    sources = ClinicSources(_NotAllowed(tmp_path), {})
    assert sources.finished_files(a_clinic("hill"), MONTH) == ()
    assert ["right to read" in one.reason for one in sources.held] == [True]


@pytest.mark.parametrize(
    ("owner", "is_taken"),
    [
        (None, True),
        (os.getuid(), True),
        (str(os.getuid()), True),
        (pwd.getpwuid(os.getuid()).pw_name, True),
        (os.getuid() + 1, False),
        ("no-such-user-here", False),
    ],
)
def test_a_file_of_another_user_than_the_owner_is_held(
    tmp_path: Path, owner: object, is_taken: bool
) -> None:
    (tmp_path / "hill" / MONTH).mkdir(parents=True)
    (tmp_path / "hill" / MONTH / "a.csv").write_bytes(b"x")
    sources = ClinicSources(FolderSource(tmp_path), {})
    clinic = a_clinic({"type": "folder", "path": "hill", "owner": owner})
    assert len(sources.finished_files(clinic, MONTH)) == is_taken
    assert [("owner" in one.reason) for one in sources.held] == [True] * (not is_taken)


def test_new_settings_open_a_new_source(web: WebServer, tmp_path: Path) -> None:
    sources = ClinicSources(FolderSource(tmp_path), {})
    web.answers = [Answer(b"x")]
    mended = {**NOWHERE, "requests": {"export-0": web.url + "/{month}"}}
    for place, expected in ((NOWHERE, None), (mended, b"x")):
        (found,) = sources.finished_files(a_clinic(place, "a_{month}.csv"), MONTH)
        delivery = sources.read(found)
        assert (delivery and delivery.content) == expected


def test_all_secrets_of_all_clinics_are_looked_at_once() -> None:
    place = {**NOWHERE, "user": {"env": "HILL_USER"}, "password": {"env": "HILL_PW"}}
    clinics = [
        a_clinic(place, "a_{month}.csv"),
        a_clinic(NOWHERE, "a_{month}.csv", clinic_id="valley"),
        a_clinic("folder", clinic_id="moor"),
    ]
    faults = secret_faults(clinics, {})
    assert [fault.column for fault in faults] == [
        "clinics.hill.source.user", "clinics.hill.source.password",
    ]  # fmt: skip
    assert secret_faults(clinics, {"HILL_USER": "a", "HILL_PW": "b"}) == []


@pytest.mark.parametrize(
    ("content", "is_good"),
    [(b"secret\n", True), (b"secret", True), (b"", False), (b"\n", False), (b"a\nb", False),
     (b"\xff\xfe", False), (b"a\x00b", False), (b"a" * 70_000, False)],
)  # fmt: skip
def test_a_secret_in_a_file_is_one_line(tmp_path: Path, content: bytes, is_good: bool) -> None:
    (tmp_path / "token").write_bytes(content)
    place = {**NOWHERE, "bearer": {"file": str(tmp_path / "token")}}
    clinic = a_clinic(place, "a_{month}.csv")
    if is_good:
        assert read_secrets(clinic.place, {}) == {"bearer": "secret"}
        return
    with pytest.raises(SettingsError) as told:
        read_secrets(clinic.place, {})
    assert str(tmp_path / "token") in str(told.value)


SECRETS = {
    "HILL_A": "CANARY-one", "HILL_B": "CANARY-two", "HILL_C": "CANARY-three",
}  # fmt: skip


def _places(web: WebServer, sftp_port: int, fingerprint: str) -> dict[str, dict[str, object]]:
    a, b, c = ({"env": name} for name in SECRETS)
    return {
        "redcap": {"type": "redcap", "url": f"{web.url}/api/", "token": a,
                   "requests": {"export-0": {"filter_logic": "[day]='{month}'"}}},
        "limesurvey": {"type": "limesurvey", "url": f"{web.url}/rpc", "user": a, "password": b,
                       "requests": {"export-0": {"survey": 1}}},
        "bearer": {"type": "https", "requests": {"export-0": web.url + "/{month}"}, "bearer": a},
        "basic": {"type": "https", "requests": {"export-0": web.url + "/{month}"},
                  "user": a, "password": b},
        "s3": {"type": "s3", "endpoint": web.url, "bucket": "bucket", "access_key": a,
               "secret_key": b, "session_token": c},
        "sftp": {"type": "sftp", "host": "127.0.0.1", "port": sftp_port, "user": USER,
                 "host_key": fingerprint, "password": a},
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["redcap", "limesurvey", "bearer", "basic", "s3", "sftp"])
@pytest.mark.parametrize("status", [200, 403, 500])
def test_no_secret_is_told_held_logged_or_shown(  # noqa: PLR0917 - fixtures
    web: WebServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    kind: str,
    status: int,
) -> None:
    caplog.set_level(logging.DEBUG)
    # a hostile server gives back what it was sent
    web.answer = lambda asked: Answer(
        asked.body + repr(asked.headers).encode(), status, {"Content-Type": "text/html"}
    )
    if kind == "limesurvey" and status == 200:
        web.answer = lambda asked: rpc({"status": asked.body.decode()})
    server = SftpServer(tmp_path)
    server.start()
    place = _places(web, server.port, server.fingerprint)[kind]
    is_web = {} if kind == "sftp" else {"allow_plain_http_on_loopback": True}
    export = {"cumulative": True} if kind == "limesurvey" else {}
    clinic = a_clinic({**place, **QUICK, **is_web, "attempts": 2}, "a_{month}.csv", **export)
    sources = ClinicSources(FolderSource(tmp_path), SECRETS)
    for found in sources.finished_files(clinic, MONTH):
        sources.read(found)
    server.stop()
    said = capfd.readouterr()
    shown = [repr(sources), repr(sources.held), caplog.text, said.out, said.err, repr(clinic)]
    assert [text for text in shown if "CANARY" in text] == []
    assert sources.held or (kind in {"bearer", "basic"} and status == 200)


def test_a_right_password_is_not_logged_either(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = SftpServer(tmp_path)
    server.start()
    place = _places(WebServer(), server.port, server.fingerprint)["sftp"]
    sources = ClinicSources(FolderSource(tmp_path), {"HILL_A": PASSWORD})
    assert sources.finished_files(a_clinic({**place, **QUICK}), MONTH) == ()
    assert sources.held == []
    server.stop()
    assert PASSWORD not in caplog.text
