"""Files that are either there whole or not at all."""

import os
from pathlib import Path


def write_whole(destination: Path, content: bytes) -> None:
    """Write ``content`` so that a reader, or a crash, never meets half of it.

    The bytes go to a neighbouring temporary file, reach the disk, and take the name in one step.

    Raises:
        OSError: The disk refused; the file that stood there before still stands.
    """
    destination.parent.mkdir(parents=True, exist_ok=True)
    temporary = destination.with_name(f".{destination.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(destination.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
