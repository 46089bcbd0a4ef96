"""Tables outside any clinic as text cells: CSV, XLSX and SAV, told apart by their first bytes.

Every cell is text; numbers are written in their shortest form. What cannot be read whole is
refused; no row is shifted, filled up or cut.
"""

import os
import stat
from dataclasses import replace
from pathlib import Path

from rapport.errors import ExportRefusedError, Fault, ScoringError
from rapport.exports.table import Table
from rapport.scoring.item_mapping import TableFormat

SIZE_LIMIT = 512 * 1024 * 1024
"""Largest file that is opened, in bytes."""

_OF_A_CLINIC = "in this clinic's registry entry"
_HERE = "in the file given by --map, or by the option of that name"
_REMEDIES = {
    "EMPTY_FILE": "Export the table again.",
    "ENCODING": "Say how the file is encoded: --encoding cp1252 for what most Windows programs "
    "write; or save it as UTF-8.",
}
"""Rule → what to do about it, where what a clinic would do does not apply."""


def read_table(file: Path, form: TableFormat) -> Table:
    """Read a table by what it is: a workbook, an SPSS file, or delimited text.

    Args:
        file: A regular file of at most :data:`SIZE_LIMIT` bytes.
        form: Encoding, delimiter and decimal mark of text; sheet of a workbook.

    Returns:
        Header and rows as text. ``lines`` counts from 1: lines of text, rows of a sheet; of an
        SPSS file, its header counts as line 1.

    Raises:
        ScoringError: The file cannot be read as declared; every fault names it.
    """
    content = _bytes_of(file)
    try:
        table = _read(content, form)
    except ExportRefusedError as error:
        raise ScoringError(_in_words(fault, file) for fault in error.faults) from None
    if not table.rows:
        raise ScoringError(
            Fault("NO_ROWS", "The table has no rows.", "Export again.", file=file.name)
        )
    return table


def _read(content: bytes, form: TableFormat) -> Table:
    if content.startswith(b"PK"):
        from rapport.scoring.readers.workbook import read_workbook

        return read_workbook(content, form)
    if content.startswith((b"$FL2", b"$FL3")):
        from rapport.scoring.readers.spss import read_spss

        return read_spss(content)
    from rapport.scoring.readers.text import read_text

    return read_text(content, form)


def _bytes_of(file: Path) -> bytes:
    """Return the content of a regular file; links are followed, devices and pipes are not read."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as opened:
            about = os.fstat(descriptor)
            if stat.S_ISREG(about.st_mode) and about.st_size <= SIZE_LIMIT:
                return opened.read()
            reason = "it is too large" if stat.S_ISREG(about.st_mode) else "it is not a file"
    except OSError as error:
        reason = error.strerror or "unreadable"
    raise ScoringError(
        Fault(
            "UNREADABLE_FILE",
            f"The table cannot be opened ({reason}).",
            "Give the path of a CSV, XLSX or SAV file of at most 512 MB.",
            file=file.name,
        )
    )


def _in_words(fault: Fault, file: Path) -> Fault:
    """Name the file, and speak of the map where the readers of exports speak of a clinic."""
    remedy = _REMEDIES.get(fault.rule, fault.remedy).replace(_OF_A_CLINIC, _HERE)
    return replace(fault, file=file.name, remedy=remedy)
