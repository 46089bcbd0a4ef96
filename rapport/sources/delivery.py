"""What a source hands over: a file that was seen, a file that was held back, a file's bytes."""

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Delivery:
    """The bytes of one received file, and for which clinic-month they were delivered.

    Attributes:
        clinic_id: The clinic in whose folder the file lay.
        month: The month (``YYYY-MM``) the file was delivered for.
        export_id: The kind of file, an id among the clinic's exports.
        file: Received name below the clinic's source, made printable. It is data, never a path.
        content: The bytes, exactly as received.
        delivered_for: The month that a cumulative export came for, where it is read for an earlier
            one; empty otherwise.
        received_sha256: Hash of the bytes that were received, where ``content`` is a copy without
            the rows of erased patients; empty otherwise.
    """

    clinic_id: str
    month: str
    export_id: str
    file: str
    content: bytes
    delivered_for: str = ""
    received_sha256: str = ""

    @property
    def is_copy(self) -> bool:
        """Whether ``content`` is a copy in the place of what was received; never what came in."""
        return bool(self.received_sha256)

    @cached_property
    def content_sha256(self) -> str:
        """SHA-256 of the bytes as they were received, 64 hexadecimal digits."""
        return self.received_sha256 or hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as it was when it was listed.

    Attributes:
        clinic_id: The clinic in whose folder it lies.
        month: The month it is meant for.
        export_id: The kind of file.
        file: Name below the clinic's source, made printable.
        parts: The same name as the file system spells it, folder by folder.
        size: Size in bytes.
        modified_ns: Time of the last change, in nanoseconds since 1970.
        inode: Number of the file in its file system.
        seen_ns: When it was looked at, in nanoseconds since 1970.
        is_marked_done: Whether a file of the same name with ``.done`` behind it lies beside it.
    """

    clinic_id: str
    month: str
    export_id: str
    file: str
    parts: tuple[str, ...]
    size: int
    modified_ns: int
    inode: int
    seen_ns: int
    is_marked_done: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A file that was left alone, and why; it is looked at again next time.

    Attributes:
        clinic_id: The clinic in whose folder it lies.
        month: The month it would be for.
        export_id: The kind of file.
        file: Name below the clinic's source, made printable.
        reason: Why it is not taken, in a sentence.
    """

    clinic_id: str
    month: str
    export_id: str
    file: str
    reason: str


def printable(name: str) -> str:
    r"""Return a file name in which nothing can hide: one line, no control or direction marks.

    Args:
        name: Name as the file system gave it; bytes that are not UTF-8 as lone surrogates.

    Returns:
        The name with every character that does not print written as ``\xNN`` or ``\uNNNN``.
    """
    text = os.fsencode(name).decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else _escaped(ord(sign)) for sign in text)


def _escaped(code: int) -> str:
    if code <= 0xFF:  # noqa: PLR2004 - two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}"
