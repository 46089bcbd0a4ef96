"""Columns as they are hashed: numbers as IEEE 754, texts as their lengths and their bytes.

How a frame holds a column (categories, Arrow, objects) does not matter. Nothing is done row by row:
what goes into a hash are pieces of a few buffers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

Places = npt.NDArray[np.intp]
NOTHING = -1
"""Length of a text that is missing."""


class Digest(Protocol):
    """What takes bytes in, such as one of :mod:`hashlib`."""

    def update(self, data: Any, /) -> None:  # noqa: ANN401 - any buffer
        """Take bytes in."""


@dataclass(frozen=True, eq=False, slots=True)
class Numbers:
    """A column of numbers, shape (n,), little-endian; all missing ones are the same NaN."""

    cells: npt.NDArray[np.float64]

    @property
    def ranks(self) -> npt.NDArray[Any]:
        """Numbers in the order of the values, shape (n,)."""
        return self.cells

    def has_any(self, start: int, stop: int) -> bool:
        """Whether a value stands in these rows."""
        return not bool(np.isnan(self.cells[start:stop]).all())

    def add(self, digest: Digest, start: int, stop: int) -> None:
        """Hash these rows."""
        digest.update(self.cells[start:stop].data)

    def text(self, place: int) -> str:
        """Return one value as text."""
        return str(self.cells[place])

    def taken(self, places: Places) -> "Numbers":
        """Return the column with its rows in another order."""
        return Numbers(self.cells[places])


@dataclass(frozen=True, eq=False, slots=True)
class Texts:
    """A column of texts.

    Attributes:
        cells: Texts, as Arrow's large strings without a gap before them.
        lengths: Length of each in bytes, :data:`NOTHING` where it is missing, shape (n,).
        ends: Where each begins in the bytes, and at last where all end, shape (n + 1,).
        content: The bytes of all of them, one after the other.
    """

    cells: "pa.Array"
    lengths: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int64]
    content: memoryview

    @classmethod
    def of(cls, cells: "pa.Array") -> "Texts":
        """Look into an array of large strings."""
        import pyarrow.compute as pc

        lengths = pc.fill_null(pc.binary_length(cells), NOTHING)
        offsets = np.frombuffer(cells.buffers()[1], dtype="<i8")[cells.offset :][: len(cells) + 1]
        content = cells.buffers()[2]
        view = memoryview(content) if content is not None else memoryview(b"")
        return cls(cells, lengths.to_numpy(zero_copy_only=False).astype("<i4"), offsets, view)

    @property
    def ranks(self) -> npt.NDArray[Any]:
        """Numbers in the order of the texts, shape (n,)."""
        encoded = self.cells.dictionary_encode()
        words = np.array(encoded.dictionary.to_pylist(), dtype=object)
        rank = np.empty(len(words) + 1, dtype=np.int64)
        rank[np.argsort(words.astype(str), kind="stable")] = np.arange(len(words))
        rank[-1] = NOTHING
        codes = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        found: npt.NDArray[Any] = rank[codes]
        return found

    def has_any(self, start: int, stop: int) -> bool:
        """Whether a text stands in these rows."""
        return bool((self.lengths[start:stop] != NOTHING).any())

    def add(self, digest: Digest, start: int, stop: int) -> None:
        """Hash these rows."""
        digest.update(self.lengths[start:stop].data)
        digest.update(self.content[self.ends[start] : self.ends[stop]])

    def text(self, place: int) -> str:
        """Return one text."""
        return str(self.cells[place])

    def taken(self, places: Places) -> "Texts":
        """Return the column with its rows in another order."""
        return Texts.of(self.cells.take(places))


Column = Numbers | Texts


def column_of(series: "pd.Series[Any]") -> Column:
    """Return a column of a frame as it is hashed."""
    if pd.api.types.is_numeric_dtype(series):
        cells = series.to_numpy(dtype="<f8", na_value=np.nan)
        is_missing = np.isnan(cells)
        if is_missing.any() and not is_missing.all():
            cells = np.where(is_missing, np.nan, cells)
        return Numbers(np.ascontiguousarray(cells))
    return Texts.of(_strings(series))


def _strings(series: "pd.Series[Any]") -> "pa.Array":
    import pyarrow as pa

    cells = pa.array(series, from_pandas=True)
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    if pa.types.is_dictionary(cells.type):
        cells = cells.dictionary_decode()
    return cells.cast(pa.large_string())


def in_order_of(columns: Mapping[str, Column], keys: Sequence[str]) -> Mapping[str, Column]:
    """Return columns with their rows in the order of keys, as far as there are such columns."""
    ranks = [columns[name].ranks for name in keys if name in columns]
    if _is_sorted(ranks):
        return columns
    places = np.lexsort(ranks[::-1])
    return {name: column.taken(places) for name, column in columns.items()}


def _is_sorted(ranks: Sequence[npt.NDArray[Any]]) -> bool:
    tied = np.ones(max(len(ranks[0]) - 1, 0), dtype=bool)
    for rank in ranks:
        before, after = rank[:-1], rank[1:]
        if (tied & (before > after)).any():
            return False
        tied &= before == after
    return True


def boundaries(columns: Sequence[Column]) -> list[int]:
    """Return where each run of rows with the same values ends."""
    ranks = [column.ranks for column in columns]
    changes = np.any([rank[1:] != rank[:-1] for rank in ranks], axis=0)
    return [*(np.flatnonzero(changes) + 1).tolist(), len(ranks[0])]
