"""Secrets of a source: read where a setting says they are, at the moment they are needed.

They are handed on as plain text to the one call that needs them and kept nowhere. A message names
the place of a secret and never anything of its value.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from rapport.clinics import Clinic
from rapport.clinics.places import RemotePlace, Secret
from rapport.errors import Fault, SettingsError

_LONGEST = 64 * 1024
_OF_SEVERAL_LINES = ("private_key",)


def read_secrets(place: RemotePlace, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return every secret that a source needs, by the key of its setting.

    Raises:
        SettingsError: One is missing, empty or unusable; all of them are told at once.
    """
    read = {key: _read(key, secret, environ) for key, secret in place.secrets.items()}
    if faults := [found for found in read.values() if isinstance(found, Fault)]:
        raise SettingsError(faults)
    return {key: found for key, found in read.items() if isinstance(found, str)}


def secret_faults(
    clinics: Iterable[Clinic], environ: Mapping[str, str] = os.environ
) -> list[Fault]:
    """Return what is wrong with the secrets of these clinics' sources, all of them at once."""
    faults = []
    for clinic in clinics:
        if isinstance(clinic.place, RemotePlace):
            try:
                read_secrets(clinic.place, environ)
            except SettingsError as error:
                faults += [_of_clinic(clinic, fault) for fault in error.faults]
    return faults


def _of_clinic(clinic: Clinic, fault: Fault) -> Fault:
    column = f"clinics.{clinic.id}.{fault.column}"
    return Fault(fault.rule, fault.message, fault.remedy, column=column)


def _read(key: str, secret: Secret, environ: Mapping[str, str]) -> str | Fault:
    value = _value(secret, environ)
    if not value:
        return _fault(key, secret, "is not set, or cannot be read" if value is None else "is empty")
    is_line = key not in _OF_SEVERAL_LINES
    if len(value) > _LONGEST or (is_line and not value.isprintable()):
        return _fault(key, secret, "holds something else: several lines, or signs that none has")
    return value


def _value(secret: Secret, environ: Mapping[str, str]) -> str | None:
    """Return the text without the end of its last line; ``None`` where there is none."""
    if secret.env is not None:
        found = environ.get(secret.env)
        return None if found is None else found.rstrip("\r\n")
    try:
        with Path(secret.file or "").open("rb") as file:
            return file.read(_LONGEST + 1).decode().rstrip("\r\n")
    except (OSError, UnicodeError):
        return None


def _fault(key: str, secret: Secret, what: str) -> Fault:
    return Fault(
        "SECRET",
        f"The {secret.place}, which should hold {key}, {what}.",
        "Set it where Rapport runs, also for its daemon; the registry names only the place.",
        column=f"source.{key}",
    )
