"""Files that are either there whole or not at all."""

import os
from pathlib import Path
from uuid import uuid4

INCOMING = ".incoming-"
"""What the name of a file begins with while it is being written."""


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
    for folder in (destination.parent, destination.parent.parent):
        _force_to_disk(folder)


def _force_to_disk(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
