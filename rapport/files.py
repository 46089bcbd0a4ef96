"""Files that are either there whole or not at all."""

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from uuid import uuid4

INCOMING = ".incoming-"
"""What the name of a file begins with while it is being written."""

_AT_ONCE = 8
"""Files whose way to the disk is waited for together: it takes most of them in one go."""


def write_whole(destination: Path, content: bytes, *, mode: int | None = None) -> None:
    """Write ``content`` so that a reader, or a crash, never meets half of it.

    The bytes go to a neighbouring temporary file, reach the disk, and take the name in one step;
    then the step itself reaches the disk.

    Args:
        destination: Where; missing folders are made.
        content: What.
        mode: Permissions of the file; what the process's own mask allows, if left out.

    Raises:
        OSError: The disk refused; the file that stood there before still stands.
    """
    _put(destination, content, mode)
    for folder in _folders(destination):
        _force_to_disk(folder)


def write_each_whole(contents: Mapping[Path, bytes], *, mode: int | None = None) -> None:
    """Write several files as :func:`write_whole` writes one, and wait for the disk together.

    When it returns, all of them are on the disk. If it fails, each of them is there whole or not at
    all.

    Args:
        contents: Where → what.
        mode: Permissions of the files; what the process's own mask allows, if left out.

    Raises:
        OSError: The disk refused one of them.
    """
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(partial(_put, mode=mode), contents, contents.values()))
        folders = dict.fromkeys(folder for one in contents for folder in _folders(one))
        list(pool.map(_force_to_disk, folders))


def _put(destination: Path, content: bytes, mode: int | None) -> None:
    """Write a file under its name; that the name is on the disk remains to be seen to."""
    destination.parent.mkdir(parents=True, exist_ok=True)
    incoming = destination.with_name(f"{INCOMING}{uuid4().hex}")
    try:
        with incoming.open("xb") as file:
            file.write(content)
            file.flush()
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        incoming.replace(destination)
    finally:
        incoming.unlink(missing_ok=True)


def _folders(destination: Path) -> tuple[Path, Path]:
    """Return the folders in which a new file, and a new folder, take their names."""
    return destination.parent, destination.parent.parent


def _force_to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
