"""Frames to rows and rows to frames, column by column, with types that never depend on content.

In: a frame's column is cast by the table's type, strictly (2.5 is no whole number, 3 is no text).
Out: text is pandas' ``str``, whole numbers ``int64`` (``Int64`` where NULL is allowed), numbers
``float64``, truth ``bool`` (``boolean`` where NULL is allowed), also when there are no rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

if TYPE_CHECKING:
    import pyarrow as pa


def dtype_of(column: sa.Column[Any]) -> str:
    """Return the pandas dtype in which a table's column is read."""
    if isinstance(column.type, sa.Boolean):
        return "boolean" if column.nullable else "bool"
    if isinstance(column.type, sa.Integer):
        return "Int64" if column.nullable else "int64"
    return "float64" if isinstance(column.type, sa.Double) else "str"


def from_database(cells: Sequence[Any], column: sa.Column[Any]) -> "pa.Array":
    """Return one column of database rows in the type of the table's column."""
    import pyarrow as pa

    if dtype_of(column) == "float64":
        return pa.array(cells, pa.float64()).fill_null(np.nan)  # NULL becomes NaN, as in the frame
    if isinstance(column.type, sa.Boolean):
        return pa.array(cells, pa.int8()).cast(pa.bool_())
    return pa.array(cells, arrow_type(column))


def frame_of_arrow(
    batches: Iterable["pa.RecordBatch"],
    fetched: Sequence[sa.Column[Any]],
    columns: Sequence[sa.Column[Any]],
) -> pd.DataFrame:
    """Return a frame of ``columns``; those that were not fetched are numbers without any value."""
    import pyarrow as pa

    schema = pa.schema([(column.name, arrow_type(column)) for column in fetched])
    rows = pa.Table.from_batches(batches, schema)
    series = {column.name: _series(rows[column.name], dtype_of(column)) for column in fetched}
    # One series stands for all empty columns: pandas copies it when one of them is written to.
    nothing = pd.Series(np.full(rows.num_rows, np.nan))
    return pd.DataFrame(
        {column.name: series.get(column.name, nothing) for column in columns},
        index=pd.RangeIndex(rows.num_rows),
        copy=False,
    )


def _series(cells: "pa.ChunkedArray", dtype: str) -> "pd.Series[Any]":
    if dtype in {"int64", "float64", "bool"}:
        return pd.Series(cells.to_numpy(), dtype=dtype)
    if dtype == "str":
        return pd.Series(cells.to_pandas(), dtype=dtype)
    return pd.Series(cells.to_pylist(), dtype=dtype)


def arrow_of(frame: pd.DataFrame, table: sa.Table, *, coded: bool = False) -> "pa.Table":
    """Cast a frame to the table's types; columns without any value are left out.

    Args:
        frame: Rows of ``table``; nullable columns may be missing.
        table: Where they shall go.
        coded: Whether categories may stay dictionaries; otherwise they become plain text.

    Raises:
        ValueError: A column is unknown, missing or empty where a value must stand, or holds
            something of another type. Says which column, never which value.
    """
    import pyarrow as pa

    unknown = [str(name) for name in frame.columns if name not in table.columns]
    if unknown or frame.columns.has_duplicates:
        raise ValueError(f"{table.name} has no column {unknown}, or a column stands twice")
    columns = {}
    for column in table.columns:
        cells = _cells(frame, column, coded=coded)
        if cells is None or cells.null_count == len(frame):
            cells = None
        if not column.nullable and len(frame) and (cells is None or cells.null_count):
            raise ValueError(f"{table.name}.{column.name} must have a value in every row")
        if cells is not None:
            columns[column.name] = cells
    return pa.table(columns)


def _cells(frame: pd.DataFrame, column: sa.Column[Any], *, coded: bool) -> "pa.Array | None":
    import pyarrow as pa

    if column.name not in frame:
        return None
    series = frame[column.name]
    if isinstance(series.dtype, pd.CategoricalDtype):
        if coded and isinstance(series.cat.categories.dtype, pd.StringDtype):
            return _dictionary(series, column)
        series = series.astype(series.cat.categories.dtype)
    if not _may_hold(series, column):
        raise _misfit(column)
    try:
        cells = pa.Array.from_pandas(series, type=arrow_type(column))
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError):
        raise _misfit(column) from None
    return cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells


def _dictionary(series: "pd.Series[Any]", column: sa.Column[Any]) -> "pa.Array":
    """Return categories of text as a dictionary of 32-bit codes."""
    import pyarrow as pa

    if dtype_of(column) != "str":
        raise _misfit(column)
    codes = series.cat.codes.to_numpy(dtype=np.int32)
    words = pa.array(series.cat.categories.to_numpy(dtype=object), pa.string())
    indices = pa.array(codes, mask=codes < 0 if (codes < 0).any() else None)
    return pa.DictionaryArray.from_arrays(indices, words)


def _misfit(column: sa.Column[Any]) -> ValueError:
    place = f"{column.table.name}.{column.name}"
    return ValueError(f"{place} must hold {column.type}, not what stands there")


def _may_hold(series: "pd.Series[Any]", column: sa.Column[Any]) -> bool:
    """Refuse what Arrow would convert without a word: text to numbers, truth to numbers."""
    if isinstance(column.type, sa.Boolean):
        return not pd.api.types.is_numeric_dtype(series) or pd.api.types.is_bool_dtype(series)
    if dtype_of(column) == "str" or series.isna().all():
        return True
    return not (isinstance(series.dtype, pd.StringDtype) or pd.api.types.is_bool_dtype(series))


def arrow_type(column: sa.Column[Any]) -> "pa.DataType":
    """Return the Arrow type of a table's column."""
    import pyarrow as pa

    if isinstance(column.type, sa.Boolean):
        return pa.bool_()
    if isinstance(column.type, sa.Integer):
        return pa.int64()
    return pa.float64() if isinstance(column.type, sa.Double) else pa.string()


def tuples_of(cells: "pa.RecordBatch") -> Iterator[tuple[Any, ...]]:
    """Yield the rows as tuples for a DBAPI; a missing number may be NaN (SQLite stores NULL)."""
    import pyarrow as pa

    if not cells.num_columns:
        return iter(())
    lists = []
    for column in cells.columns:
        if column.null_count and not (
            pa.types.is_string(column.type) or pa.types.is_floating(column.type)
        ):
            lists.append(column.to_pylist())
        else:
            lists.append(column.to_numpy(zero_copy_only=False).tolist())
    return zip(*lists, strict=True)
