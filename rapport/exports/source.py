"""One file as it is about to be read: its table, column by column, and what says how to read it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from rapport.clinics import Clinic, ExportMapping
from rapport.exports.columns import Columns
from rapport.exports.table import Table
from rapport.instruments import Instrument

Texts = npt.NDArray[np.object_]
"""Array of ``str`` or ``None``."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Source:
    """A table and everything that says how to read it.

    Attributes:
        table: The file as text.
        columns: Where its mapped columns stand.
        mapping: How it is to be read.
        clinic: Whose file it is.
        catalogue: Instruments by id.
        cells: The fields of the rows with the right count, shape (columns, rows).
        whole: Places (from 0) of those rows among all rows of the table.
    """

    table: Table
    columns: Columns
    mapping: ExportMapping
    clinic: Clinic
    catalogue: Mapping[str, Instrument]
    cells: Texts
    whole: npt.NDArray[np.intp]
    _different: dict[int, dict[str, None]] = field(default_factory=dict, compare=False)

    @property
    def n_rows(self) -> int:
        """Number of rows with the right field count."""
        return int(self.cells.shape[1])

    def column(self, name: str) -> Texts:
        """Return one mapped column's texts as exported, shape (rows,)."""
        found: Texts = self.cells[self.columns.places[name]]
        return found

    def different(self, place: int) -> Collection[str]:
        """Return the different texts of the column at a place, in order of first appearance."""
        if place not in self._different:
            self._different[place] = dict.fromkeys(self.cells[place].tolist())
        return self._different[place].keys()

    def where(self, conditions: Mapping[str, str | tuple[str, ...]]) -> Mask:
        """Return which rows have all of these values; all rows if nothing is asked.

        Args:
            conditions: Column → its value, or several of which it has one.
        """
        holds = np.ones(self.n_rows, dtype=bool)
        for name, value in conditions.items():
            values = (value,) if isinstance(value, str) else value
            holds &= np.logical_or.reduce([self.column(name) == one for one in values])
        return holds
