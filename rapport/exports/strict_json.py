"""JSON from outside, read strictly: each key once, no ``NaN``, no depth or size without end.

Numbers stay the text that they are in the file.
"""

import json
from typing import NoReturn

from rapport.exports.file_rules import refuse

Json = dict[str, "Json"] | list["Json"] | str | bool | None
"""What :func:`parse_json` gives; numbers are text."""

SIZE_LIMIT = 64 * 1024 * 1024
"""Longest text that is parsed, in characters."""

DEPTH_LIMIT = 100
"""Deepest nesting that any resource of an export has by far."""

_AGAIN = "Export again; if it stays so, tell the makers of the server."


class _StrictnessError(ValueError):
    """JSON that is well formed and means nothing certain."""


def parse_json(text: str, line: int = 1) -> Json:
    """Parse one JSON text.

    Args:
        text: The text.
        line: Line of the file on which it begins.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` with the line, as far as it is known.
    """
    if len(text) > SIZE_LIMIT:
        _refuse("The JSON text is too large.", None)
    try:
        found: Json = json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=_no_constant,
            parse_int=str,
            parse_float=str,
        )
    except json.JSONDecodeError as error:
        _refuse("The JSON text is damaged or cut off.", line + error.lineno - 1)
    except _StrictnessError as error:
        _refuse(str(error), line)
    except RecursionError:
        _refuse("The JSON text is nested too deeply.", line)
    if _is_deep(found):
        _refuse("The JSON text is nested too deeply.", line)
    return found


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _StrictnessError("An object of the JSON text has one key twice.")
    return found


def _no_constant(_: str) -> NoReturn:
    raise _StrictnessError("A number of the JSON text is none (NaN or infinite).")


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(DEPTH_LIMIT):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return True


def _inside(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _refuse(message: str, line: int | None) -> NoReturn:
    refuse("WRONG_FORMAT", message, _AGAIN, line=line)
