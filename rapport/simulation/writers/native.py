"""One export file before it is written: cells as text, and how they become bytes."""

import csv
import io
from dataclasses import dataclass, replace
from typing import Literal


@dataclass(frozen=True)
class NativeFile:
    """One export file of one clinic-month.

    Attributes:
        clinic_id: The clinic whose folder it goes to.
        month: The month (``YYYY-MM``) it is delivered for.
        export_id: Id of the export in the clinic's registry entry.
        path: Path below the clinic's source folder.
        headers: Header rows; the first one holds the column names.
        rows: Data rows, each a list of cells.
        delimiter: Field delimiter.
        encoding: Text encoding.
        quoting: ``needed`` quotes a field only where it must be, ``all`` every field.
        line_end: What ends a line.
    """

    clinic_id: str
    month: str
    export_id: str
    path: str
    headers: list[list[str]]
    rows: list[list[str]]
    delimiter: str = ","
    encoding: str = "utf-8"
    quoting: Literal["needed", "all"] = "needed"
    line_end: Literal["\n", "\r\n"] = "\n"

    def with_rows(self, rows: list[list[str]]) -> "NativeFile":
        """Return the same file with other data rows."""
        return replace(self, rows=rows)

    def position(self, column: str) -> int:
        """Return the place of ``column`` in a row, counted from 0."""
        return self.headers[0].index(column)

    def line_of(self, row: int) -> int:
        """Return the line, counted from 1, on which data row ``row`` (from 0) starts."""
        before = [*self.headers, *self.rows[:row]]
        return 1 + len(before) + sum(cell.count("\n") for cells in before for cell in cells)

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        text = io.StringIO(newline="")
        writer = csv.writer(
            text,
            delimiter=self.delimiter,
            quoting=csv.QUOTE_ALL if self.quoting == "all" else csv.QUOTE_MINIMAL,
            lineterminator=self.line_end,
        )
        writer.writerows(self.headers)
        writer.writerows(self.rows)
        return text.getvalue().encode(self.encoding)
