"""Data dictionaries that mappings name: read together with the registry, and part of its hash."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rapport.clinics.codebook import parse_codebook
from rapport.errors import Fault, SettingsError

if TYPE_CHECKING:
    from rapport.clinics.mapping import ExportMapping


def with_codebooks(
    exports: Sequence["ExportMapping"], folder: Path
) -> tuple[tuple["ExportMapping", ...], tuple[str, ...]]:
    """Read the dictionary of every mapping that names one.

    Args:
        exports: The mappings.
        folder: What their paths are relative to: the folder of the registry or mapping.

    Returns:
        The mappings, those with a dictionary holding it; and the hashes of the dictionaries.

    Raises:
        SettingsError: A dictionary is missing or is none; all of them at once.
    """
    found: list[ExportMapping] = []
    hashes: list[str] = []
    faults: list[Fault] = []
    for export in exports:
        if export.dictionary is None:
            found.append(export)
            continue
        try:
            content = _content(folder / export.dictionary, export.dictionary)
            found.append(export.with_codebook(parse_codebook(content, export.dictionary)))
            hashes.append(hashlib.sha256(content).hexdigest())
        except SettingsError as error:
            faults += error.faults
    if faults:
        raise SettingsError(faults)
    return tuple(found), tuple(hashes)


def joint_hash(content: bytes, hashes: Iterable[str]) -> str:
    """Return the hash of a registry file and of the dictionaries that its mappings name."""
    own = hashlib.sha256(content)
    for one in hashes:
        own.update(bytes.fromhex(one))
    return own.hexdigest()


def _content(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SettingsError(
            Fault(
                "DICTIONARY",
                f"The data dictionary cannot be read ({error.strerror}).",
                "Put it where `dictionary` says, relative to the folder of this registry.",
                file=name,
            )
        ) from None
