"""Places of a proposed mapping that nobody has filled in yet."""

import re
from pathlib import Path

from rapport.errors import Fault, SettingsError

PLACEHOLDER = "FILL_IN"
"""What stands in a proposed mapping where only a person knows what belongs there."""

_PLACE = re.compile(rf"""^[^#]*(?<![\w-])["']?{PLACEHOLDER}["']?(?![\w-])""")
_REMEDY = (
    "Write what belongs there: the name of a column, exactly as in the file's header, or an answer "
    "of the instrument. What the export does not have, take out with its whole line."
)


def check_filled_in(content: bytes, given: object, file: Path) -> None:
    """Refuse a registry in which a placeholder of a proposed mapping still stands.

    Args:
        content: The file's bytes.
        given: What was read from them.
        file: The file, to be named.

    Raises:
        SettingsError: One fault a line.
    """
    if not _holds(given):
        return
    lines = content.decode("utf-8", "replace").splitlines()
    places: list[int | None] = [
        number for number, line in enumerate(lines, 1) if _PLACE.match(line)
    ]
    raise SettingsError(
        Fault(
            "SETTING",
            f"{PLACEHOLDER} still stands here, where the proposed mapping could not tell.",
            _REMEDY,
            file=str(file),
            line=line,
        )
        for line in places or [None]
    )


def _holds(given: object) -> bool:
    if isinstance(given, dict):
        return any(_holds(key) or _holds(value) for key, value in given.items())
    if isinstance(given, list):
        return any(map(_holds, given))
    return given == PLACEHOLDER
