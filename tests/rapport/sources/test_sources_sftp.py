"""SFTP against a real server: pinned key, whole files or none, names and links are only data."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from rapport.sources import ClinicSources, FolderSource
from tests.rapport.sources.servers.clinics import QUICK, a_clinic
from tests.rapport.sources.servers.sftp import PASSWORD, USER, CuttingProxy, SftpServer

MONTH = "2025-03"
ENVIRON = {"HILL_SFTP": PASSWORD}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    server = SftpServer(tmp_path_factory.mktemp("server"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(running: SftpServer, tmp_path: Path) -> SftpServer:
    """The server with an empty folder and no faults."""
    running.root = tmp_path / "root"
    (running.root / "hill" / MONTH).mkdir(parents=True)
    running.faults = type(running.faults)()
    running.connections = 0
    return running


@pytest.fixture
def folder(server: SftpServer) -> Path:
    return server.root / "hill" / MONTH


def a_place(server: SftpServer, **changes: object) -> dict[str, object]:
    return {
        "type": "sftp", "host": "127.0.0.1", "port": server.port, "user": USER,
        "host_key": server.fingerprint, "password": {"env": "HILL_SFTP"}, "folder": "/hill",
        "attempts": 1, **QUICK, **changes,
    }  # fmt: skip


class Door:
    """The door with one clinic behind it."""

    def __init__(
        self, inbox: Path, place: dict[str, object], *paths: str, environ: object = None
    ) -> None:
        self.clinic = a_clinic(place, *paths)
        self.sources = ClinicSources(FolderSource(inbox), environ or ENVIRON)

    def names(self, month: str = MONTH) -> list[str]:
        return [one.file for one in self.sources.finished_files(self.clinic, month)]

    def read(self, month: str = MONTH) -> list[bytes | None]:
        found = self.sources.finished_files(self.clinic, month)
        return [one and one.content for one in map(self.sources.read, found)]

    def reasons(self, month: str = MONTH) -> list[str]:
        return [one.reason for one in self.sources.held_of("hill", month)]


@pytest.fixture
def door(server: SftpServer, tmp_path: Path) -> Door:
    return Door(tmp_path, a_place(server))


def test_files_are_found_by_pattern_and_delivered_byte_for_byte(folder: Path, door: Door) -> None:
    (folder / "a.csv").write_bytes(b"\x00\xff,1\r\n" * 40_000)
    (folder / "empty.csv").touch()
    (folder / "a.txt").write_bytes(b"no")
    os.utime(folder / "a.csv", (1_000_000, 1_000_000))
    assert door.names() == [f"{MONTH}/a.csv", f"{MONTH}/empty.csv"]
    assert door.read() == [b"\x00\xff,1\r\n" * 40_000, b""]
    assert door.reasons() == []


def test_a_delivery_says_whose_and_which_it_is(folder: Path, door: Door) -> None:
    (folder / "a.csv").write_bytes(b"x")
    (found,) = door.sources.finished_files(door.clinic, MONTH)
    delivery = door.sources.read(found)
    assert delivery is not None
    assert (delivery.clinic_id, delivery.month, delivery.export_id) == ("hill", MONTH, "export-0")


def test_one_connection_lists_every_month(server: SftpServer, door: Door) -> None:
    for month in range(1, 13):
        place = server.root / "hill" / f"2024-{month:02d}"
        place.mkdir()
        (place / "x.csv").touch()
    for month in range(1, 13):
        assert door.names(f"2024-{month:02d}") == [f"2024-{month:02d}/x.csv"]
    assert server.connections == 1
    door.names("2024-01")
    assert server.connections == 2


@pytest.mark.parametrize("name", ["a.csv.part", "a.csv.tmp", ".a.csv", "a.csv~", "a.csv.done"])
def test_unfinished_names_and_markers_are_left_alone(
    folder: Path, server: SftpServer, tmp_path: Path, name: str
) -> None:
    (folder / name).touch()
    assert Door(tmp_path, a_place(server), "{month}/*").names() == []


def test_a_marker_beside_a_file_is_seen(folder: Path, door: Door) -> None:
    (folder / "a.csv").touch()
    (folder / "a.csv.done").touch()
    (found,) = door.sources.finished_files(door.clinic, MONTH)
    assert found.is_marked_done


@pytest.mark.parametrize("pin", ["fingerprint", "key line"])
def test_the_pinned_key_opens(folder: Path, server: SftpServer, tmp_path: Path, pin: str) -> None:
    (folder / "a.csv").touch()
    key = server.fingerprint if pin == "fingerprint" else server.key_line
    assert Door(tmp_path, a_place(server, host_key=key)).names() == [f"{MONTH}/a.csv"]


@pytest.mark.parametrize("pin", ["fingerprint", "key line"])
def test_any_of_the_keys_of_a_server_may_be_pinned(
    folder: Path, server: SftpServer, tmp_path: Path, pin: str
) -> None:
    (folder / "a.csv").touch()
    line = server.other_host_key.export_public_key("openssh").decode().strip()
    key = server.other_host_key.get_fingerprint("sha256") if pin == "fingerprint" else line
    assert Door(tmp_path, a_place(server, host_key=key)).names() == [f"{MONTH}/a.csv"]


@pytest.mark.parametrize("pin", ["fingerprint", "key line"])
def test_another_host_key_is_refused_and_told(
    folder: Path, server: SftpServer, tmp_path: Path, pin: str
) -> None:
    (folder / "a.csv").touch()
    other = asyncssh.generate_private_key("ssh-ed25519")
    line = other.export_public_key("openssh").decode().strip()
    key = other.get_fingerprint("sha256") if pin == "fingerprint" else line
    door = Door(tmp_path, a_place(server, host_key=key, attempts=4))
    assert door.names() == []
    (reason,) = door.reasons()
    assert "another host key" in reason
    assert server.fingerprint in reason
    # the refusal is final: one connection for each kind of key, and one that broke off tried anew
    assert server.connections == 1 if pin == "key line" else 3 <= server.connections < 3 + 4


def test_a_key_of_another_kind_is_refused(server: SftpServer, tmp_path: Path) -> None:
    line = asyncssh.generate_private_key("ecdsa-sha2-nistp256").export_public_key("openssh")
    door = Door(tmp_path, a_place(server, host_key=line.decode().strip()))
    assert door.names() == []
    assert len(door.reasons()) == 1


def test_a_changed_host_key_is_refused_between_listing_and_reading(
    folder: Path, server: SftpServer, door: Door
) -> None:
    (folder / "a.csv").write_bytes(b"x")
    (found,) = door.sources.finished_files(door.clinic, MONTH)
    server.restart_with_another_key()
    assert door.sources.read(found) is None
    assert "another host key" in door.reasons()[0]


@pytest.mark.parametrize("passphrase", [None, "CANARY-passphrase"])
def test_a_private_key_opens(
    folder: Path, server: SftpServer, tmp_path: Path, passphrase: str | None
) -> None:
    (folder / "a.csv").touch()
    key = tmp_path / "id"
    key.write_bytes(server.user_key.export_private_key("openssh", passphrase, rounds=4))
    place = a_place(server, private_key={"file": str(key)})
    del place["password"]
    if passphrase:
        place["passphrase"] = {"env": "HILL_PASSPHRASE"}
    environ = {"HILL_PASSPHRASE": passphrase or ""}
    assert Door(tmp_path, place, environ=environ).names() == [f"{MONTH}/a.csv"]


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"HILL_SFTP": "CANARY-wrong"}, "does not let this account in"),
        ({"OTHER": PASSWORD}, "environment variable HILL_SFTP"),
        ({"HILL_SFTP": ""}, "is empty"),
    ],
)
def test_access_that_is_refused_is_told_once_and_without_the_secret(
    server: SftpServer, tmp_path: Path, environ: dict[str, str], said: str
) -> None:
    door = Door(tmp_path, a_place(server, attempts=4), environ=environ)
    assert door.names() == []
    (reason,) = door.reasons()
    assert said in reason
    assert "CANARY" not in reason
    assert server.connections <= 1


def test_a_private_key_that_is_none_is_told(server: SftpServer, tmp_path: Path) -> None:
    (tmp_path / "id").write_text("CANARY no key")
    place = a_place(server, private_key={"file": str(tmp_path / "id")})
    del place["password"]
    door = Door(tmp_path, place)
    assert door.names() == []
    assert "private key" in door.reasons()[0]
    assert "CANARY" not in door.reasons()[0]


@pytest.mark.parametrize("cut_after", [0, 1, 22, 400, 1200, 2500, 4000, 12_000, 41_000])
def test_a_connection_dropped_at_any_byte_holds_and_never_shortens(
    folder: Path, server: SftpServer, tmp_path: Path, cut_after: int
) -> None:
    content = bytes(range(256)) * 160
    (folder / "a.csv").write_bytes(content)
    proxy = CuttingProxy(server.port)
    door = Door(tmp_path, a_place(server, port=proxy.port))
    (found,) = door.sources.finished_files(door.clinic, MONTH)
    proxy.cut_after = cut_after
    assert door.sources.read(found) is None
    assert len(door.reasons()) == 1
    proxy.cut_after = None
    delivery = door.sources.read(found)
    proxy.close()
    assert delivery is not None
    assert delivery.content == content


@pytest.mark.parametrize("cut_after", [0, 300, 1800])
def test_a_listing_that_is_cut_holds_the_month(
    folder: Path, server: SftpServer, tmp_path: Path, cut_after: int
) -> None:
    (folder / "a.csv").touch()
    proxy = CuttingProxy(server.port)
    proxy.cut_after = cut_after
    door = Door(tmp_path, a_place(server, port=proxy.port))
    assert door.names() == []
    assert len(door.reasons()) == 1
    proxy.cut_after = None
    assert door.names() == [f"{MONTH}/a.csv"]
    assert door.reasons() == []
    proxy.close()


@pytest.mark.parametrize("place", [0, 1, 30_000, 99_999])
def test_a_server_that_drops_inside_the_file_holds_it(
    folder: Path, server: SftpServer, door: Door, place: int
) -> None:
    (folder / "a.csv").write_bytes(b"y" * 100_000)
    server.faults.drop_at = place
    assert door.read() == [None]
    server.faults.drop_at = None
    assert door.read() == [b"y" * 100_000]


def test_a_dropped_connection_is_tried_again(
    folder: Path, server: SftpServer, tmp_path: Path
) -> None:
    (folder / "a.csv").write_bytes(b"y" * 100)
    door = Door(tmp_path, a_place(server, attempts=3))
    server.faults.drop_at = 50
    server.faults.while_reading = lambda: None
    (found,) = door.sources.finished_files(door.clinic, MONTH)
    before = server.connections
    assert door.sources.read(found) is None
    assert server.connections - before == 3


@pytest.mark.parametrize("place", [0, 1, 99])
def test_a_file_that_ends_too_early_is_held(
    folder: Path, server: SftpServer, door: Door, place: int
) -> None:
    (folder / "a.csv").write_bytes(b"y" * 100)
    server.faults.short_at = place
    assert door.read() == [None]
    assert "changed" in door.reasons()[0]


@pytest.mark.parametrize("change", ["grown", "rewritten", "gone", "a link now"])
def test_a_file_that_changes_between_listing_and_reading_is_held(
    folder: Path, door: Door, change: str
) -> None:
    file = folder / "a.csv"
    file.write_bytes(b"abc")
    os.utime(file, (1_000_000, 1_000_000))
    (found,) = door.sources.finished_files(door.clinic, MONTH)
    if change == "grown":
        file.write_bytes(b"abcd")
        os.utime(file, (1_000_000, 1_000_000))
    elif change == "rewritten":
        file.write_bytes(b"xyz")
    else:
        file.unlink()
        if change == "a link now":
            file.symlink_to("../b.csv")
    assert door.sources.read(found) is None
    assert len(door.reasons()) == 1


def test_a_file_that_grows_while_it_is_read_is_held_and_then_read_again(
    folder: Path, server: SftpServer, door: Door
) -> None:
    file = folder / "a.csv"
    file.write_bytes(b"abc")

    def grow() -> None:
        with file.open("ab") as more:
            more.write(b"def")

    server.faults.while_reading = grow
    assert door.read() == [None]
    assert door.read() == [b"abcdef"]


@pytest.mark.parametrize("kind", ["link", "dangling link", "folder", "pipe"])
def test_what_is_no_regular_file_is_held(folder: Path, door: Door, kind: str) -> None:
    place = folder / "x.csv"
    (folder / "secret").write_text("secret")
    if kind == "folder":
        place.mkdir()
    elif kind == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to("secret" if kind == "link" else "nowhere")
    assert door.names() == []
    assert "not a regular file" in door.reasons()[0]


def test_a_folder_that_is_a_link_is_not_followed(folder: Path, door: Door) -> None:
    (folder.parent / "elsewhere").mkdir()
    (folder.parent / "elsewhere" / "x.csv").touch()
    folder.rmdir()
    folder.symlink_to("elsewhere")
    assert door.names() == []


@pytest.mark.parametrize(
    "name",
    [b"-rf.csv", b"a\nb.csv", b"con.csv", "\u202evsc.csv".encode(), b"\xff\xfe.csv",
     b"n" * 251 + b".csv", b"$(reboot);'.csv"],
)  # fmt: skip
def test_a_hostile_name_is_read_and_shown_in_one_printable_line(
    folder: Path, door: Door, name: bytes
) -> None:
    (folder / os.fsdecode(name)).write_bytes(b"x")
    assert door.read() == [b"x"]
    (shown,) = door.names()
    assert shown.isprintable()


@pytest.mark.parametrize(
    "name", [b"../../etc/passwd.csv", b"/etc/x.csv", b"a/b.csv", b"a\x00.csv", b"..", b"gone.csv"]
)
def test_a_name_that_a_server_makes_up_leads_nowhere(
    folder: Path, server: SftpServer, door: Door, name: bytes
) -> None:
    (folder / "a.csv").write_bytes(b"x")
    server.faults.names = (name,)
    assert door.read() == [b"x"]


def test_a_file_above_the_limit_is_held(folder: Path, server: SftpServer, tmp_path: Path) -> None:
    (folder / "a.csv").write_bytes(b"12345")
    door = Door(tmp_path, a_place(server, size_limit=4))
    assert door.names() == []
    assert "larger than 4 bytes" in door.reasons()[0]


def test_a_folder_that_is_not_there_is_told(server: SftpServer, tmp_path: Path) -> None:
    door = Door(tmp_path, a_place(server, folder="/valley"))
    assert door.names() == []
    assert "not there" in door.reasons()[0]


def test_a_silent_server_is_given_up(server: SftpServer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = a_place(server, port=silent.getsockname()[1], connect_seconds=0.3, read_seconds=0.3)
        door = Door(tmp_path, place)
        assert door.names() == []
    assert len(door.reasons()) == 1


def test_a_server_that_is_down_is_asked_once_for_all_months(
    server: SftpServer, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    door = Door(tmp_path, a_place(server, port=port))
    for month in ("2025-01", "2025-02", "2025-03"):
        assert door.names(month) == []
        assert "cannot be reached" in door.reasons(month)[0]
