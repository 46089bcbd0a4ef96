"""The child process that reads one SPSS file and writes its cells to standard output as JSON.

Started by :mod:`rapport.scoring.readers.spss` only. It limits itself before it touches the file.
"""

import json
import math
import resource
import sys
from collections.abc import Mapping, Sequence

MEMORY_LIMIT_BYTES = 4 * 1024**3
CPU_LIMIT_SECONDS = 100


def main(file: str) -> None:
    """Read ``file`` and print header, rows and the number of rows that the file declares."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT_BYTES, MEMORY_LIMIT_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_LIMIT_SECONDS, CPU_LIMIT_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import pyreadstat

    columns, meta = pyreadstat.read_sav(
        file,
        user_missing=True,
        apply_value_formats=False,
        disable_datetime_conversion=True,
        output_format="dict",
    )
    ranges = meta.missing_ranges
    names = list(columns)
    texts = [[_text(value, ranges.get(name, ())) for value in columns[name]] for name in names]
    found = {
        "header": names,
        "rows": [list(row) for row in zip(*texts, strict=True)],
        "declared_rows": meta.number_rows,
    }
    sys.stdout.write(json.dumps(found))


def _text(value: object, ranges: Sequence[Mapping[str, object]]) -> str:
    """Return a cell as text; system-missing and user-missing values are empty."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if any(_is_within(value, part["lo"], part["hi"]) for part in ranges):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).rstrip(" ")


def _is_within(value: object, low: object, high: object) -> bool:
    if isinstance(value, str):
        return value.rstrip(" ") == str(low).rstrip(" ")
    if isinstance(value, (int, float)) and isinstance(low, (int, float)):
        return low <= value <= (high if isinstance(high, (int, float)) else low)
    return False


if __name__ == "__main__":
    main(sys.argv[1])
