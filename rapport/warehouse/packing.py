"""Slices that are read back whole, packed: one Parquet file a clinic-month, kept in the database.

A packed slice is the rows of one clinic-month in the order of their key, without ``clinic_id``
and ``month``, which stand beside it, and without columns that hold nothing in it. The same rows
give the same bytes, whatever is written with them. Whoever opens one checks it against its hash.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from rapport.errors import EvidenceError, Fault
from rapport.warehouse.engine import ConstraintBrokenError
from rapport.warehouse.frames import arrow_type

if TYPE_CHECKING:
    import pyarrow as pa

BESIDE = ("clinic_id", "month")
"""The columns that name a slice; they are columns of the database, and not in the file."""

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Packed:
    """One slice, packed.

    Attributes:
        clinic_id: The clinic.
        month: The month, ``YYYY-MM``.
        n_rows: Rows in it, at least one.
        parquet: The file.
    """

    clinic_id: str
    month: str
    n_rows: int
    parquet: bytes

    @property
    def row(self) -> tuple[str, str, int, str, bytes]:
        """What stands in the database: the columns of a packed table, in order."""
        return self.clinic_id, self.month, self.n_rows, sha256_of(self.parquet), self.parquet


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def pack(cells: "pa.Table", table: sa.Table) -> Iterator[Packed]:
    """Pack rows of any number of slices, by clinic and month.

    Args:
        cells: All rows of these slices, from :func:`rapport.warehouse.frames.arrow_of`.
        table: The table of rows; its primary key begins with :data:`BESIDE`.

    Raises:
        ConstraintBrokenError: A key stands twice.
    """
    if not cells.num_rows:
        return
    coded = _coded(cells)
    keys = [column.name for column in table.primary_key.columns]
    ranks = _ranks(coded, keys)
    if not (ranks[1:] > ranks[:-1]).all():
        order = np.argsort(ranks, kind="stable")
        _refuse_repeats(ranks[order], table)
        coded = coded.take(order)
    ends = _ends(_ranks(coded, BESIDE))
    for start, end in zip((0, *ends[:-1]), ends, strict=True):
        part = coded.slice(start, end - start)
        clinic_id, month = (part[name][0].as_py() for name in BESIDE)
        yield Packed(clinic_id, month, part.num_rows, _written(part.drop_columns(list(BESIDE))))


def unpack(
    packed: bytes, sha256: str, columns: Sequence[sa.Column[Any]], place: str
) -> "dict[str, pa.Array]":
    """Read columns of one packed slice.

    Args:
        packed: The file.
        sha256: The hash that stands beside it.
        columns: Columns of the table of rows that are wanted.
        place: Which slice this is, for the one who has to look after it.

    Returns:
        Name → values, text as dictionaries; a column that holds nothing in the slice is left out.

    Raises:
        EvidenceError: The file is not what was written.
    """
    import pyarrow as pa
    from pyarrow import parquet

    if sha256_of(packed) != sha256:
        raise EvidenceError(
            Fault(
                "SLICE_CHANGED",
                f"The stored rows of {place} are not those that were written.",
                "Collect this clinic-month again, and find out what changed the warehouse.",
            )
        )
    held = parquet.read_metadata(pa.BufferReader(packed))
    here = set(held.schema.names)
    names = [one.name for one in columns if one.name in here]
    texts = [one.name for one in columns if one.name in here and isinstance(one.type, sa.Text)]
    file = parquet.ParquetFile(pa.BufferReader(packed), metadata=held, read_dictionary=texts)
    read = file.read(columns=names, use_threads=False)
    return {name: read[name].combine_chunks() for name in names}


def _coded(cells: "pa.Table") -> "pa.Table":
    """Return the table with every text column as codes and a sorted dictionary."""
    import pyarrow as pa

    columns = []
    for column in cells.itercolumns():
        array = column.combine_chunks()
        if pa.types.is_string(array.type):
            array = array.dictionary_encode()
        columns.append(sorted_words(array) if pa.types.is_dictionary(array.type) else array)
    return pa.table(columns, names=cells.column_names)


def sorted_words(array: "pa.DictionaryArray") -> "pa.DictionaryArray":
    """Sort a dictionary by code point; leave out what no row holds."""
    import pyarrow as pa

    words = np.asarray(array.dictionary.to_pylist(), dtype=object)
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    used = np.zeros(len(words) + 1, dtype=bool)
    used[codes] = True
    kept, places = np.unique(words[used[:-1]].astype(object), return_inverse=True)
    moved = np.full(len(words) + 1, -1, dtype=np.int32)
    moved[:-1][used[:-1]] = places
    return _dictionary(moved[codes], pa.array(kept, pa.string()))


def _dictionary(codes: npt.NDArray[Any], words: "pa.Array") -> "pa.DictionaryArray":
    import pyarrow as pa

    missing = codes < 0
    mask = missing if missing.any() else None
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=mask), words)


def _codes_of(array: "pa.Array") -> Codes:
    """Number values so that the numbers are in the order of the values."""
    import pyarrow as pa

    if pa.types.is_dictionary(array.type):
        codes: Codes = array.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        return codes
    numbers = array.to_numpy(zero_copy_only=False).astype(np.int64)
    _, places = np.unique(numbers, return_inverse=True)
    return places.astype(np.int64)


def _ranks(cells: "pa.Table", keys: Sequence[str]) -> Codes:
    """Number the rows by their key; two rows have one number only if their keys are the same."""
    ranks = np.zeros(cells.num_rows, dtype=np.int64)
    room = 1
    for name in keys:
        codes = _codes_of(cells[name].combine_chunks())
        size = int(codes.max(initial=0)) + 1
        if room > np.iinfo(np.int64).max // size:
            _, ranks = np.unique(ranks, return_inverse=True)
            ranks, room = ranks.astype(np.int64), int(ranks.max()) + 1
        ranks, room = ranks * size + codes, room * size
    return ranks


def _refuse_repeats(ranks: Codes, table: sa.Table) -> None:
    if (ranks[1:] == ranks[:-1]).any():
        raise ConstraintBrokenError(f"{table.name} was to hold a key twice.") from None


def _ends(numbers: Codes) -> list[int]:
    """Return where each run of one number ends."""
    return [*(np.flatnonzero(numbers[1:] != numbers[:-1]) + 1).tolist(), len(numbers)]


def _written(part: "pa.Table") -> bytes:
    import pyarrow as pa
    from pyarrow import parquet

    columns = {}
    for name, column in zip(part.column_names, part.itercolumns(), strict=True):
        array = column.combine_chunks()
        if array.null_count == len(array):
            continue
        columns[name] = _compact(array) if pa.types.is_dictionary(array.type) else array
    out = io.BytesIO()
    parquet.write_table(
        pa.table(columns), out, compression="snappy", store_schema=False, write_statistics=False
    )
    return out.getvalue()


def _compact(array: "pa.DictionaryArray") -> "pa.DictionaryArray":
    """Leave out of a sorted dictionary what this slice does not hold."""
    codes = array.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    used = np.zeros(len(array.dictionary) + 1, dtype=bool)
    used[codes] = True
    used[-1] = False
    if used[:-1].all():
        return array
    moved = np.cumsum(used, dtype=np.int32) - 1
    moved[-1] = -1
    return _dictionary(moved[codes], array.dictionary.filter(used[:-1]))


def empty_type(column: sa.Column[Any]) -> "pa.DataType":
    """Return the type in which a column of a packed slice is read: text as a dictionary."""
    import pyarrow as pa

    own = arrow_type(column)
    return pa.dictionary(pa.int32(), own) if pa.types.is_string(own) else own
