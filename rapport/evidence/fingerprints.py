"""The fingerprint of what was accepted for a clinic-month: a hash over rows, not over files.

It says what the rows say, in the order of their keys, and not in which file or line they stood: the
same rows re-sorted, re-encoded or sent again have the same fingerprint.
"""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

import pandas as pd

from rapport.evidence.hashed_columns import boundaries, column_of, in_order_of

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.instruments import Instrument

_PLACES = frozenset({"content_sha256", "line"})
_SLICE = ["clinic_id", "month"]
_KEYS = ["patient_id", "episode", "session", "instrument", "rater"]

ClinicAndMonth = tuple[str, str]


def accepted_sha256(sessions: pd.DataFrame, responses: pd.DataFrame) -> dict[ClinicAndMonth, str]:
    """Return the fingerprint of each clinic-month that has a row in either frame.

    Args:
        sessions: Columns of ``warehouse.tables.sessions``, in any order of rows.
        responses: Columns of ``warehouse.tables.survey_responses``, in any order of rows.

    Returns:
        Clinic and month → SHA-256, 64 hexadecimal digits.
    """
    parts = [_by_slice("sessions", sessions), _by_slice("survey_responses", responses)]
    found: dict[ClinicAndMonth, str] = {}
    for one in sorted({*parts[0], *parts[1]}):
        said = "\n".join(part.get(one, "none") for part in parts)
        found[one] = hashlib.sha256(said.encode()).hexdigest()
    return found


NOTHING_SHA256 = hashlib.sha256(b"none\nnone").hexdigest()
"""The fingerprint of a clinic-month of which no row was accepted."""


def files_sha256(contents: Iterable[str]) -> str:
    """Return the hash over a set of files, given by the hashes of their bytes, in any order."""
    return hashlib.sha256("\n".join(sorted(contents)).encode()).hexdigest()


def clinic_bytes(clinic: "Clinic") -> bytes:
    """Return a clinic's registry entry as it was understood, ready to be kept."""
    return clinic.model_dump_json().encode()


def clinic_sha256(clinic: "Clinic") -> str:
    """Return the hash of a clinic's registry entry, whatever the rest of the registry says."""
    return hashlib.sha256(clinic_bytes(clinic)).hexdigest()


def frames_sha256(frames: Mapping[str, pd.DataFrame]) -> str:
    """Return the hash of named frames, rows in their order, columns in any."""
    digest = hashlib.sha256()
    for table in sorted(frames):
        digest.update(f"\n\n{table} {len(frames[table])}\n".encode())
        for name in sorted(map(str, frames[table].columns)):
            column = column_of(frames[table][name])
            if column.has_any(0, len(frames[table])):
                digest.update(f"\n{name}\n".encode())
                column.add(digest, 0, len(frames[table]))
    return digest.hexdigest()


def instruments_sha256(catalogue: Mapping[str, "Instrument"]) -> str:
    """Return the hash of everything that is known about the instruments."""
    digest = hashlib.sha256()
    for name in sorted(catalogue):
        digest.update(f"{name} {catalogue[name].model_dump_json()}\n".encode())
    return digest.hexdigest()


def _by_slice(table: str, rows: pd.DataFrame) -> dict[ClinicAndMonth, str]:
    """Hash one table's rows, slice by slice."""
    if not len(rows):
        return {}
    names = sorted(str(name) for name in rows.columns if name not in _PLACES)
    columns = in_order_of({name: column_of(rows[name]) for name in names}, (*_SLICE, *_KEYS))
    ends = boundaries([columns[name] for name in _SLICE])
    clinics, months = (columns[name] for name in _SLICE)
    found = {}
    for start, stop in pairwise([0, *ends]):
        digest = hashlib.sha256(table.encode())
        for name in names:
            if name not in _SLICE and columns[name].has_any(start, stop):
                digest.update(f"\n{name} {stop - start}\n".encode())
                columns[name].add(digest, start, stop)
        found[(clinics.text(start), months.text(start))] = digest.hexdigest()
    return found
