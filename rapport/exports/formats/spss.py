"""SPSS files, ``.sav`` and ``.zsav``: one row a case, with the codebook inside.

A value that the file declares as missing must be among the mapping's missing codes; otherwise it is
marked, and breaks the rule of its column instead of passing for an answer. The header counts as
line 1. The file is parsed in a child process, see :mod:`rapport.exports.children`.
"""

from typing import NoReturn

from rapport.clinics.mapping import ExportMapping
from rapport.exports.cells import Cell, cell_text, check_texts, day_text
from rapport.exports.children import Refused, parsed
from rapport.exports.file_rules import refuse
from rapport.exports.mangled import check_ids, check_key_cell, key_columns
from rapport.exports.missing import UNDECLARED
from rapport.exports.strangers import check_beginning
from rapport.exports.table import Table

SIGNS = (b"$FL2", b"$FL3")
"""First bytes of an SPSS file."""

_SAVE = "Open it in SPSS, save it again as .sav, and deliver that file; or export as CSV."


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read the cases, with dates as ISO days and the codes that the file itself labels.

    Raises:
        ExportRefusedError: The file is no SPSS file, is damaged, or holds another number of cases
            than it declares.
    """
    if not content.startswith(SIGNS):
        if not content.strip():
            refuse("EMPTY_FILE", "The file is empty.", "Export again; check who deleted it.")
        check_beginning(content)
        _refuse("This is not an SPSS data file.")
    found = parsed("spss", content)
    if isinstance(found, Refused):
        _refuse(found.message)
    if found["declared_rows"] not in (None, -1, len(found["rows"])):
        _refuse("The file holds another number of cases than it declares; it may be cut off.")
    header = tuple(found["header"])
    if not all(isinstance(name, str) and name for name in header):
        _refuse("The file is damaged: a variable has no name.")
    table = Table(
        header=header,
        rows=[_texts(header, row, line, mapping) for line, row in enumerate(found["rows"], 2)],
        lines=range(2, len(found["rows"]) + 2),
        codings={name: tuple(map(cell_text, codes)) for name, codes in found["codings"].items()},
        labels={
            name: {cell_text(code): label for code, label in labels}
            for name, labels in found.get("labels", {}).items()
        },
        titles=found.get("titles", {}),
    )
    check_texts([header, *table.rows], range(1, len(table.rows) + 2))
    check_ids(table, mapping)
    return table


def _texts(
    header: tuple[str, ...], row: list[Cell], line: int, mapping: ExportMapping
) -> list[str]:
    keys = key_columns(mapping)
    texts = []
    for name, cell in zip(header, row, strict=True):
        if name in keys:
            check_key_cell(cell, line, name)
        texts.append(_text(cell, name, mapping))
    return texts


def _text(cell: Cell, name: str, mapping: ExportMapping) -> str:
    if isinstance(cell, list) and cell[0] == "missing":
        return cell[1] if cell[1] in mapping.missing_codes else f"{UNDECLARED}{cell[1]}"
    if name == mapping.date:
        return day_text(cell, mapping.decimal)
    return cell_text(cell, mapping.decimal)


def _refuse(message: str) -> NoReturn:
    refuse("WRONG_FORMAT", message, _SAVE)
