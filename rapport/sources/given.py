"""Files that a person names on the command line."""

import os
import stat
from pathlib import Path

from rapport.errors import Fault, RapportError
from rapport.sources.delivery import printable
from rapport.sources.folder import SIZE_LIMIT

_REMEDY = "Check the path, and that you may read the file."


def read_given(file: Path, *, size_limit: int = SIZE_LIMIT) -> bytes:
    """Return the content of a regular file, and never wait for a pipe or a device to end.

    Args:
        file: The path, as it was given; a link is followed.
        size_limit: Largest file that is read, in bytes.

    Raises:
        RapportError: It cannot be opened, is no regular file, or is too large.
    """
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
            details = os.fstat(opened.fileno())
            if not stat.S_ISREG(details.st_mode):
                raise _unreadable(file, "no regular file", "Name a file, not a pipe or device.")
            content = opened.read(size_limit + 1)
    except OSError as error:
        raise _unreadable(file, error.strerror or "no reason is given", _REMEDY) from None
    except ValueError:
        raise _unreadable(file, "its path holds a NUL character", _REMEDY) from None
    if len(content) > size_limit:
        reason = f"it is larger than {size_limit} bytes"
        raise _unreadable(file, reason, "Export one month at a time.")
    return content


def _unreadable(file: Path, reason: str, remedy: str) -> RapportError:
    message = f"The file cannot be opened ({reason})."
    return RapportError(Fault("FILE_UNREADABLE", message, remedy, file=printable(file.name)))
