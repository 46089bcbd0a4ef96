"""Reading packed slices into one frame: only the columns asked for, only the rows asked for.

Slices come one after the other; of each no more is kept than what is wanted of it, text as codes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import sqlalchemy as sa

from rapport.warehouse.frames import dtype_of
from rapport.warehouse.packing import BESIDE, empty_type, sorted_words, unpack

if TYPE_CHECKING:
    import pyarrow as pa

Wanted = Mapping[str, Sequence[Any]]
"""Column → values of which one must stand there."""

SLICES_AT_ONCE = 32
"""Packed slices that are fetched in one go."""


@dataclass(frozen=True, slots=True)
class _Part:
    """What is wanted of one slice."""

    n_rows: int
    cells: "Mapping[str, pa.Array]"


def fetch_packed(
    connection: sa.Connection,
    query: sa.Select[Any],
    columns: Sequence[sa.Column[Any]],
    wanted: Wanted,
    *,
    coded: bool = False,
) -> pd.DataFrame:
    """Run a query for packed slices and return their rows, index 0 … n-1.

    Args:
        connection: A connection in a transaction that sees one snapshot.
        query: Selects all columns of a packed table.
        columns: Columns of its table of rows, in the order wanted.
        wanted: Which rows; all of them where it is empty.
        coded: Whether text comes as a ``category`` with sorted categories instead of ``str``.

    Returns:
        The rows, by clinic, month and key.

    Raises:
        EvidenceError: A slice is not what was written.
    """
    table = columns[0].table
    asked = [one for one in table.columns if one.name in wanted and one not in columns]
    parts = [
        part
        for row in connection.execution_options(yield_per=SLICES_AT_ONCE).execute(query)
        if (part := _part(row, [*columns, *asked], wanted)).n_rows
    ]
    n_rows = sum(part.n_rows for part in parts)
    nothing = pd.Series(np.full(n_rows, np.nan))
    return pd.DataFrame(
        {one.name: _column(one, parts, nothing, coded=coded) for one in columns},
        index=pd.RangeIndex(n_rows),
        copy=False,
    )


def _part(row: sa.Row[Any], columns: Sequence[sa.Column[Any]], wanted: Wanted) -> _Part:
    place = f"{columns[0].table.name}, {row.clinic_id} {row.month}"
    cells = unpack(row.parquet, row.parquet_sha256, columns, place)
    for name in BESIDE:
        cells[name] = _constant(getattr(row, name), row.n_rows)
    kept = _kept(cells, wanted, row.n_rows)
    if kept is None:
        return _Part(row.n_rows, cells)
    if not kept.any():
        return _Part(0, {})
    places = np.flatnonzero(kept)
    return _Part(len(places), {name: values.take(places) for name, values in cells.items()})


def _constant(text: str, n_rows: int) -> "pa.DictionaryArray":
    import pyarrow as pa

    codes = pa.array(np.zeros(n_rows, dtype=np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array([text], pa.string()))


def _kept(
    cells: "Mapping[str, pa.Array]", wanted: Wanted, n_rows: int
) -> npt.NDArray[np.bool_] | None:
    """Return which rows are wanted; None if all of them are."""
    kept = None
    for name, values in wanted.items():
        holds = _holds(cells[name], values) if name in cells else np.zeros(n_rows, dtype=bool)
        kept = holds if kept is None else kept & holds
    return None if kept is None or kept.all() else kept


def _holds(cells: "pa.Array", values: Sequence[Any]) -> npt.NDArray[np.bool_]:
    import pyarrow as pa
    from pyarrow import compute

    if not pa.types.is_dictionary(cells.type):
        is_one = compute.is_in(cells, value_set=pa.array(list(values), cells.type))
        return np.asarray(is_one.to_numpy(zero_copy_only=False))
    known = [word in values for word in cells.dictionary.to_pylist()]
    codes = cells.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    found: npt.NDArray[np.bool_] = np.array([*known, False], dtype=bool)[codes]
    return found


def _column(
    column: sa.Column[Any],
    parts: Sequence[_Part],
    nothing: "pd.Series[float]",
    *,
    coded: bool,
) -> "pd.Series[Any]":
    import pyarrow as pa

    own, dtype = empty_type(column), dtype_of(column)
    if dtype == "float64" and not any(column.name in part.cells for part in parts):
        return nothing
    chunks = [
        part.cells[column.name] if column.name in part.cells else pa.nulls(part.n_rows, own)
        for part in parts
    ]
    cells = pa.chunked_array(chunks, own)
    if dtype == "str":
        return _texts(cells, coded=coded)
    if dtype in {"int64", "float64", "bool"}:
        return pd.Series(cells.to_numpy(), dtype=dtype)
    return pd.Series(cells.to_pylist(), dtype=dtype)


def _texts(cells: "pa.ChunkedArray", *, coded: bool) -> "pd.Series[Any]":
    import pyarrow as pa

    if not cells.num_chunks:
        return pd.Series([], dtype="category" if coded else "str")
    whole = cells.unify_dictionaries().combine_chunks()
    if isinstance(whole, pa.ChunkedArray):
        whole = whole.chunk(0)
    if coded:
        whole = sorted_words(whole)
        codes = whole.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        words = pd.Index(whole.dictionary.cast(pa.large_string()).to_pandas(), dtype="str")
        return pd.Series(pd.Categorical.from_codes(codes, categories=words))
    texts = whole.dictionary.cast(pa.large_string()).take(whole.indices)
    return pd.Series(pd.array(pa.chunked_array([texts]), dtype="str"))
