"""XLSX workbooks of any vendor: one header row in one sheet, then one row a record.

The only sheet is read, or the declared one; hidden sheets count. Line numbers are those of the
sheet's rows. The workbook is parsed in a child process, see :mod:`rapport.exports.children`.
"""

from collections.abc import Sequence
from typing import NoReturn

from rapport.clinics.mapping import ExportMapping
from rapport.exports.cells import Cell, cell_text, check_texts, day_text
from rapport.exports.children import Refused, parsed
from rapport.exports.file_rules import refuse
from rapport.exports.formats.delimited import tokens_of
from rapport.exports.mangled import check_ids, check_key_cell, key_columns
from rapport.exports.strangers import check_beginning, check_header
from rapport.exports.table import Table
from rapport.exports.tokens import Tokens
from rapport.exports.wrapping import ZIP, members_of

_SAVE = "Open it in the software that made it, save it as XLSX, and deliver that file."
_WORKBOOK = "xl/workbook.xml"
_FOREIGN = ("vbaproject.bin", ".zip", ".xlsx", ".xlsm", ".docx", ".exe", ".dll")


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read one sheet with one header row.

    Raises:
        ExportRefusedError: The file is no plain workbook, or the sheet cannot be told or read.
    """
    table = table_of(sheet_tokens(content, mapping))
    check_ids(table, mapping)
    return table


def table_of(tokens: Tokens) -> Table:
    """Return records with one header row as a table."""
    return Table(
        header=tuple(tokens.rows[0]),
        rows=tokens.rows[1:],
        lines=tokens.lines[1:],
        header_line=tokens.lines[0],
        is_ended=tokens.is_ended,
    )


def tokens_of_either(content: bytes, mapping: ExportMapping, *, header_rows: int = 1) -> Tokens:
    """Return the records of a file that its software exports as a workbook or as text.

    Raises:
        ExportRefusedError: The file cannot be split into records, or is something else.
    """
    if content.startswith(ZIP):
        return sheet_tokens(content, mapping, header_rows=header_rows)
    return tokens_of(content, mapping)


def sheet_tokens(content: bytes, mapping: ExportMapping, *, header_rows: int = 1) -> Tokens:
    """Return the records of one sheet as text, the header rows first.

    Args:
        content: The workbook.
        mapping: Names sheet, header row, decimal mark, and the columns of keys and date.
        header_rows: How many rows make the header.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``, ``EMPTY_FILE`` or ``FIELD_TOO_LONG``.
    """
    check_workbook(content)
    found = parsed("workbook", content, mapping.sheet or "")
    if isinstance(found, Refused):
        _refuse(found.message, found.remedy or _SAVE, found.line)
    rows: list[tuple[int, list[Cell]]] = [
        (line, cells) for line, cells in found["rows"] if line >= mapping.header_row
    ]
    if not rows:
        refuse("EMPTY_FILE", "The sheet is empty.", "Export the month again; check the sheet.")
    if rows[0][0] != mapping.header_row:
        _refuse(
            "The row in which the header should stand is empty.",
            "Correct `header_row` in this clinic's registry entry, or export again.",
            mapping.header_row,
        )
    _check_shown([line for line in found["hidden"] if line >= mapping.header_row])
    return _tokens(rows, mapping, header_rows)


def _check_shown(hidden: Sequence[int]) -> None:
    """Refuse rows that whoever sent the sheet did not see: a filter may have been meant to stay."""
    if hidden:
        _refuse(
            f"{len(hidden)} rows of the sheet are hidden, by a filter or by hand; whether they are "
            "meant nobody can say.",
            "Show all rows (Data, Clear filter; Unhide), delete those that do not belong, save, "
            "and deliver that file.",
            hidden[0],
        )


def check_workbook(content: bytes) -> None:
    """Refuse what is no plain XLSX workbook, by its archive's directory alone.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``.
    """
    if not content.startswith(ZIP):
        if content.strip():
            check_beginning(content)
            _refuse("This is not an XLSX workbook.", _SAVE)
        refuse("EMPTY_FILE", "The file is empty.", "Export the month again; check who deleted it.")
    names = {member.filename.lower() for member in members_of(content)}
    if _WORKBOOK not in names:
        _refuse("This archive is not an XLSX workbook.", _SAVE)
    if any(name.endswith(_FOREIGN) for name in names):
        _refuse("The workbook holds macros or other files.", _SAVE)


def _tokens(rows: Sequence[tuple[int, list[Cell]]], mapping: ExportMapping, n: int) -> Tokens:
    decimal = mapping.decimal
    header = [[cell_text(cell, decimal) for cell in cells] for _, cells in rows[:n]]
    check_header(header[0])
    width = max((place for names in header for place, name in enumerate(names, 1) if name))
    names = [plain_name(name) for name in header[0]]
    keys = {place: name for place, name in enumerate(names) if name in key_columns(mapping)}
    days = {place for place, name in enumerate(names) if name == mapping.date}
    texts = [fitted(names, width) for names in header]
    for line, cells in rows[n:]:
        for place, name in keys.items():
            if place < len(cells):
                check_key_cell(cells[place], line, name)
        written = [
            day_text(cell, decimal) if place in days else cell_text(cell, decimal)
            for place, cell in enumerate(cells)
        ]
        texts.append(fitted(written, width))
    lines = [line for line, _ in rows]
    check_texts(texts, lines)
    return Tokens(texts, lines, is_ended=True)


def plain_name(name: str) -> str:
    """Return a heading with plain blanks: some software writes no-break spaces into it."""
    return name.replace("\N{NO-BREAK SPACE}", " ").strip()


def fitted(cells: list[str], width: int) -> list[str]:
    """Return a row in the header's width; a cell beyond it stays, and breaks the field count."""
    fitted = [*cells, *([""] * (width - len(cells)))]
    while len(fitted) > width and not fitted[-1]:
        fitted.pop()
    return fitted


def _refuse(message: str, remedy: str, line: int | None = None) -> NoReturn:
    refuse("WRONG_FORMAT", message, remedy, line=line)
