"""Landing: the bytes of every file received, kept for ever under their own hash.

A file is written beside its place, forced to the disk, made read-only and renamed; a crash leaves
either nothing or the whole. What is kept is never changed and never parsed here.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from rapport.errors import EvidenceError, Fault
from rapport.files import INCOMING, write_each_whole

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_READ_ONLY = 0o440


@dataclass(frozen=True)
class Landing:
    """A folder of immutable contents, named by SHA-256 and spread over folders of two digits.

    Attributes:
        root: The folder; made when the first content is kept.
    """

    root: Path

    def keep(self, content: bytes) -> str:
        """Keep bytes; keeping the same bytes again changes nothing.

        Returns:
            Their SHA-256, 64 hexadecimal digits.

        Raises:
            EvidenceError: Something else is already kept under this hash.
            OSError: The disk does not take them; nothing is left half-written.
        """
        (sha256,) = self.keep_all([content])
        return sha256

    def keep_all(self, contents: Iterable[bytes]) -> list[str]:
        """Keep several contents as :meth:`keep` keeps one, and wait for the disk only once.

        Returns:
            Their SHA-256, in order.

        Raises:
            EvidenceError: Something else is already kept under one of these hashes.
            OSError: The disk does not take them; nothing is left half-written.
        """
        named = [(hashlib.sha256(content).hexdigest(), content) for content in contents]
        new = {}
        for sha256, content in named:
            place = self.place_of(sha256)
            if place.exists():
                self.open_bytes(sha256)
            else:
                new[place] = content
        write_each_whole(new, mode=_READ_ONLY)
        return [sha256 for sha256, _ in named]

    def open_bytes(self, sha256: str) -> bytes:
        """Return kept bytes, after comparing them with their hash.

        Raises:
            EvidenceError: Nothing is kept under this hash, or it has changed.
        """
        place = self.place_of(sha256)
        try:
            content = place.read_bytes()
        except FileNotFoundError:
            raise EvidenceError(_missing(sha256)) from None
        if hashlib.sha256(content).hexdigest() != sha256:
            raise EvidenceError(_changed(sha256))
        return content

    def verify(self) -> list[Fault]:
        """Compare everything kept with its hash; return what does not match, by name."""
        return [fault for place in self._places() if (fault := self._fault_of(place))]

    def place_of(self, sha256: str) -> Path:
        """Return where the content with this hash is, or would be, kept.

        Raises:
            EvidenceError: This is not a SHA-256.
        """
        if not _SHA256.fullmatch(sha256):
            raise EvidenceError(
                Fault(
                    "LANDING_NAME",
                    "This is not a SHA-256 in lower-case hexadecimal digits.",
                    "Use the hash as the ledger of exports writes it.",
                )
            )
        return self.root / sha256[:2] / sha256

    def _places(self) -> Iterator[Path]:
        for place in sorted(self.root.glob("*/*")):
            if not place.name.startswith(INCOMING):
                yield place

    def _fault_of(self, place: Path) -> Fault | None:
        is_named_well = _SHA256.fullmatch(place.name) and place.parent.name == place.name[:2]
        if not is_named_well or not place.is_file() or place.is_symlink():
            return Fault(
                "LANDING_STRANGER",
                "Something lies in landing that Rapport did not put there.",
                "Find out who wrote it, and move it out of landing.",
                file=f"{place.parent.name}/{place.name}",
            )
        found = hashlib.sha256(place.read_bytes()).hexdigest()
        return None if found == place.name else _changed(place.name)


def _missing(sha256: str) -> Fault:
    return Fault(
        "LANDING_MISSING",
        "The ledger names a content that landing does not hold.",
        "Restore landing from the backup of the same day as the warehouse.",
        file=sha256,
    )


def _changed(sha256: str) -> Fault:
    return Fault(
        "LANDING_CHANGED",
        "A kept content no longer has the hash it was received under.",
        "Restore this file from a backup, and find out what changed it.",
        file=sha256,
    )
