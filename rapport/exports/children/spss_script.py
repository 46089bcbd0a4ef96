"""Reads one SPSS file, ``.sav`` or ``.zsav``.

Standard input is the file. Standard output is ``{"header", "rows", "declared_rows", "codings",
"labels", "titles"}``: cells as of a workbook, and ``["missing", text]`` for a value that the file
declares as missing; of each column with value labels, the labelled codes that do not mean missing,
and all of them with their labels; the labels of the columns themselves.
"""

import json
import math
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pyreadstat

_EPOCH = datetime(1582, 10, 14)  # noqa: DTZ001 - SPSS counts seconds from here, without a zone
_DAYS = ("DATE", "ADATE", "EDATE", "SDATE", "JDATE", "QYR", "MOYR", "WKYR", "YMDHMS")
_FILE = "/dev/stdin"


MOST_CELLS = 5_000_000


def main() -> None:
    """Write what the file holds, or that it is too much."""
    _, declared = pyreadstat.read_sav(_FILE, metadataonly=True)
    if (declared.number_rows or 0) * declared.number_columns > MOST_CELLS:
        told = {"message": "The file has too many cells.", "remedy": "Export fewer months at once."}
        sys.stdout.write(json.dumps({"refused": told}))
        return
    columns, meta = pyreadstat.read_sav(
        _FILE,
        user_missing=True,
        apply_value_formats=False,
        disable_datetime_conversion=True,
        output_format="dict",
    )
    cells = [
        [
            _cell(value, meta.missing_ranges.get(name, ()), meta.original_variable_types[name])
            for value in columns[name]
        ]
        for name in columns
    ]
    found = {
        "header": list(columns),
        "rows": list(zip(*cells, strict=True)),
        "declared_rows": meta.number_rows,
        "codings": _codings(meta),
        "labels": {
            name: [[_plain(code), str(label)] for code, label in labels.items()]
            for name, labels in meta.variable_value_labels.items()
        },
        "titles": {name: label for name, label in meta.column_names_to_labels.items() if label},
    }
    sys.stdout.write(json.dumps(found))


def _plain(code: object) -> object:
    return code.rstrip(" ") if isinstance(code, str) else code


def _codings(meta: Any) -> dict[str, list[object]]:  # noqa: ANN401 - pyreadstat has no types
    return {
        name: [
            _plain(code)
            for code in labels
            if not _is_missing(code, meta.missing_ranges.get(name, ()))
        ]
        for name, labels in meta.variable_value_labels.items()
    }


def _cell(value: object, ranges: Sequence[Mapping[str, object]], shown: str) -> object:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if _is_missing(value, ranges):
        is_whole = isinstance(value, float) and value.is_integer()
        return ["missing", str(int(value) if is_whole else value).rstrip(" ")]  # type: ignore[call-overload]
    if isinstance(value, str):
        return value.rstrip(" ")
    if isinstance(value, float) and shown.rstrip("0123456789.").startswith(_DAYS):
        return _moment(value)
    return value if isinstance(value, int | float) else str(value)


def _moment(seconds: float) -> object:
    """Return a typed date; a number that is none in any calendar stays a number."""
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return seconds
    return ["date", moment.isoformat(sep=" ", timespec="seconds")]


def _is_missing(value: object, ranges: Sequence[Mapping[str, object]]) -> bool:
    return any(_is_within(value, part["lo"], part["hi"]) for part in ranges)


def _is_within(value: object, low: object, high: object) -> bool:
    if isinstance(value, str):
        return value.rstrip(" ") == str(low).rstrip(" ")
    if isinstance(value, int | float) and isinstance(low, int | float):
        return low <= value <= (high if isinstance(high, int | float) else low)
    return False


if __name__ == "__main__":
    main()
