"""SPSS files, parsed as those of clinics are: in a child process, because the parser is C code."""

from typing import NoReturn

from rapport.exports.cells import Cell, cell_text
from rapport.exports.children import Refused, parsed
from rapport.exports.file_rules import refuse
from rapport.exports.table import Table


def read_spss(content: bytes) -> Table:
    """Read a ``.sav`` or ``.zsav`` file; user-missing values come as empty cells.

    Raises:
        ExportRefusedError: ``SPSS_FILE`` – the parser refused the file, or did not survive it.
    """
    found = parsed("spss", content)
    if isinstance(found, Refused):
        _refuse("cannot be read as an SPSS file")
    if found["declared_rows"] not in (None, -1, len(found["rows"])):
        _refuse("holds another number of rows than it declares")
    return Table(
        header=tuple(found["header"]),
        rows=[[_text(cell) for cell in row] for row in found["rows"]],
        lines=range(2, len(found["rows"]) + 2),
    )


def _text(cell: Cell) -> str:
    is_missing = isinstance(cell, list) and cell[0] == "missing"
    return "" if is_missing else cell_text(cell)


def _refuse(reason: str) -> NoReturn:
    refuse(
        "SPSS_FILE",
        f"The file {reason}.",
        "Open it in the software that made it, save it as CSV, and use that file.",
    )
