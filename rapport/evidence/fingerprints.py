"""The fingerprint of what was accepted for a clinic-month: a hash over rows, not over files.

It says what the rows say, in the order of their keys, and not in which file or line they stood: the
same rows re-sorted, re-encoded or sent again have the same fingerprint.
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

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
            _add(digest, name, frames[table][name])
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
    names = [str(name) for name in rows.columns if name not in {*_PLACES, *_SLICE}]
    keys = [name for name in _KEYS if name in names]
    slices: Any = rows.groupby(_SLICE, sort=False, observed=True).indices
    columns = {name: rows[name] for name in sorted(names)}
    found = {}
    for (clinic, month), places in slices.items():
        ordered = places[_order([columns[key].iloc[places] for key in keys])]
        digest = hashlib.sha256(table.encode())
        for name, column in columns.items():
            _add(digest, name, column.iloc[ordered])
        found[(str(clinic), str(month))] = digest.hexdigest()
    return found


def _order(keys: list["pd.Series[Any]"]) -> npt.NDArray[np.intp]:
    """Return the places of rows in the order of their keys."""
    cells = []
    for key in keys:
        is_text = not pd.api.types.is_numeric_dtype(key)
        cells.append(key.to_numpy(dtype=str) if is_text else key.to_numpy())
    if not _is_descending(cells):
        return np.arange(len(cells[0]))
    return np.lexsort(cells[::-1])


def _is_descending(cells: list[npt.NDArray[Any]]) -> bool:
    """Whether some row stands before one with a smaller key."""
    tied = np.ones(max(len(cells[0]) - 1, 0), dtype=bool)
    for column in cells:
        before, after = column[:-1], column[1:]
        if (tied & (before > after)).any():
            return True
        tied &= before == after
    return False


def _add(digest: Any, name: str, column: "pd.Series[Any]") -> None:  # noqa: ANN401 - hashlib's own
    """Hash one column: its name, then numbers as IEEE 754 or texts with their lengths."""
    if pd.api.types.is_numeric_dtype(column):
        numbers = column.to_numpy(dtype="<f8", na_value=np.nan)
        if np.isnan(numbers).all():
            return
        digest.update(f"\n{name} f8 {len(numbers)}\n".encode())
        digest.update(np.where(np.isnan(numbers), np.nan, numbers).tobytes())
        return
    texts = _texts(column)
    if texts.null_count == len(texts):
        return
    digest.update(f"\n{name} text {len(texts)}\n".encode())
    _add_texts(digest, texts)


def _texts(column: "pd.Series[Any]") -> "pa.Array":
    import pyarrow as pa

    cells = pa.array(column, from_pandas=True)
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    cells = cells.cast(pa.large_string())
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def _add_texts(digest: Any, texts: "pa.Array") -> None:  # noqa: ANN401 - hashlib's own
    import pyarrow.compute as pc

    lengths = pc.fill_null(pc.binary_length(texts), -1).to_numpy(zero_copy_only=False)
    digest.update(lengths.astype("<i8").tobytes())
    digest.update("".join(pc.fill_null(texts, "").to_pylist()).encode())
