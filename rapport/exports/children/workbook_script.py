"""Reads one sheet of an XLSX workbook; the archive's limits were asked before.

Standard input is the workbook, the first argument the name of the sheet (empty: the only one). The
second is what stands for a formula without a stored result; without it, such a formula refuses the
workbook.
Standard output is ``{"sheet", "hidden", "rows": [[line, cells]…]}``: rows that hold something, with
their number from 1, and which of these numbers the sheet does not show. A cell is null, text, a
truth value, a number, or ``["date", ISO text]``.
"""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, NoReturn, TypeAlias

from openpyxl import DEFUSEDXML, load_workbook  # type: ignore[import-untyped]
from openpyxl.worksheet._reader import (  # type: ignore[import-untyped]
    FORMULA_TAG,
    VALUE_TAG,
    WorkSheetParser,
)

Untyped: TypeAlias = Any
"""What openpyxl, which has no types, hands over."""

LAST_ROW = 1_048_576
MOST_CELLS = 5_000_000
_TRUE = ("1", "true")
_STRICT = b"purl.oclc.org/ooxml"
_SAVE = "Open it in the software that made it, save it again, and deliver that file."


def main(sheet: str = "", uncomputed: str = "") -> None:
    """Write the rows of the sheet, or why there are none."""
    content = sys.stdin.buffer.read()
    if not DEFUSEDXML:
        refuse("The hardened XML parser is missing.", "Install defusedxml.")
    _check_parts(content)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    chosen = _chosen([found.title for found in book.worksheets], sheet)
    hidden: set[int] = set()
    rows = list(_rows(book[chosen], uncomputed, hidden))
    if rows and rows[-1][0] >= LAST_ROW:
        refuse("The sheet is full; what did not fit in is lost.", "Export as CSV.", LAST_ROW)
    unseen = [number for number, _ in rows if number in hidden]
    sys.stdout.write(json.dumps({"sheet": chosen, "hidden": unseen, "rows": rows}))


def refuse(message: str, remedy: str, line: int | None = None, about: str = "file") -> NoReturn:
    """Say why the workbook cannot be read, and end."""
    told = {"message": message, "remedy": remedy, "line": line, "about": about}
    sys.stdout.write(json.dumps({"refused": told}))
    raise SystemExit(0)


class _Sheet(WorkSheetParser):  # type: ignore[misc]  # openpyxl has no types
    """Reads cells strictly: in order, each once, no formula without its result."""

    uncomputed = ""
    hidden: set[int]

    def parse_row(self, row: Untyped) -> tuple[int, list[dict[str, Any]]]:
        before = self.row_counter
        number, cells = super().parse_row(row)
        columns = [cell["column"] for cell in cells]
        if number <= before or sorted(set(columns)) != columns:
            refuse("Rows or cells of the sheet are out of order.", _SAVE, number)
        if row.get("hidden") in _TRUE or _is_flat(row):
            self.hidden.add(number)
        return number, cells

    def parse_cell(self, element: Untyped) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        if cell["value"] is None and element.find(FORMULA_TAG) is not None:
            is_empty_text = element.get("t") == "str" and element.find(VALUE_TAG) is not None
            if not is_empty_text and self.uncomputed:
                cell["value"] = self.uncomputed
            elif not is_empty_text:
                refuse(
                    "A formula of the sheet has no stored result.",
                    "Open the workbook in Excel, save it there, and deliver that file.",
                    cell["row"],
                )
        return cell


def _is_flat(row: Untyped) -> bool:
    """Whether somebody gave a row no height, which hides it as well."""
    return row.get("customHeight") in _TRUE and row.get("ht") in ("0", "0.0")


def _rows(sheet: Untyped, uncomputed: str, hidden: set[int]) -> Iterator[tuple[int, list[object]]]:
    # openpyxl's own way to rows trusts the declared size of the sheet and skips what is beyond.
    book = sheet.parent
    n_cells = 0
    with sheet._get_source() as source:
        parser = _Sheet(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        parser.uncomputed, parser.hidden = uncomputed, hidden
        for number, cells in parser.parse():
            values: list[object] = [None] * max((cell["column"] for cell in cells), default=0)
            for cell in cells:
                values[cell["column"] - 1] = _value(cell["value"])
            n_cells += len(values)
            if n_cells > MOST_CELLS:
                refuse("The sheet has too many cells.", "Export fewer months at once.", number)
            if any(value not in (None, "") for value in values):
                yield number, values
        if parser.merged_cells is not None and parser.merged_cells.mergeCell:
            refuse("Cells of the sheet are merged.", "Undo the merging, or export as CSV.")


def _value(value: object) -> object:
    if value is None or isinstance(value, (str, bool, int, float)):
        return value
    if isinstance(value, datetime):
        return ["date", value.isoformat(sep=" ", timespec="seconds")]
    if isinstance(value, date):
        return ["date", f"{value.isoformat()} 00:00:00"]
    return str(value)


def _chosen(names: list[str], sheet: str) -> str:
    if sheet in names:
        return sheet
    if sheet:
        refuse(
            "The workbook has no sheet of the declared name.",
            "Correct `sheet` in this clinic's registry entry, or name the sheet so.",
            about="sheet",
        )
    if len(names) != 1:
        refuse(
            f"The workbook has {len(names)} sheets, hidden ones included.",
            "Name the sheet with the responses under `sheet` in this clinic's registry entry.",
            about="sheet",
        )
    return names[0]


def _check_parts(content: bytes) -> None:
    """Refuse macros, and XML that declares entities: no workbook needs them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for name in archive.namelist():
            if name.lower().endswith((".xml", ".rels")):
                part = archive.read(name).replace(b"\0", b"")
                if name == "xl/workbook.xml" and _STRICT in part:
                    refuse("The workbook is saved as Strict Open XML.", "Save it as plain XLSX.")
                if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
                    refuse("The workbook declares XML entities.", _SAVE)


if __name__ == "__main__":
    main(*sys.argv[2:])
