"""The rules that a whole file must hold, in the order in which a reader can ask them."""

from collections.abc import Iterable
from typing import Literal, NoReturn

from rapport.errors import ExportRefusedError, Fault

Outcome = Literal["holds", "broken", "not_reached"]

FILE_RULES = (
    "EMPTY_FILE",
    "WRONG_FORMAT",
    "ENCODING",
    "NUL_BYTE",
    "UNCLOSED_QUOTE",
    "FIELD_TOO_LONG",
    "DUPLICATE_COLUMN",
    "MISSING_COLUMN",
    "UNKNOWN_COLUMN",
    "NO_ROWS",
    "FIELD_COUNT",
    "WRONG_CLINIC",
    "DIRECT_IDENTIFIER",
    "ERASED",
)
"""A rule is reached only when every rule before it holds, but for those asked together."""

ASKED_TOGETHER = (
    ("DUPLICATE_COLUMN", "MISSING_COLUMN", "UNKNOWN_COLUMN"),
    ("WRONG_CLINIC", "DIRECT_IDENTIFIER"),
)
"""Rules that are all asked even when one of them is broken."""

WARNINGS = frozenset({"UNKNOWN_COLUMN", "ERASED"})
"""Rules that are told and do not stop the reading."""


def refuse(
    rule: str, message: str, remedy: str, *, line: int | None = None, column: str | None = None
) -> NoReturn:
    """Refuse the file that is being read.

    Raises:
        ExportRefusedError: Always; its fault names rule, place and remedy.
    """
    raise ExportRefusedError(Fault(rule, message, remedy, line=line, column=column))


def outcomes(broken: Iterable[str]) -> dict[str, Outcome]:
    """Return what became of every file rule, given those that are broken.

    Args:
        broken: Ids of the broken rules.
    """
    found = set(broken)
    stops = [rule for rule in FILE_RULES if rule in found and rule not in WARNINGS]
    if not stops:
        return {rule: "broken" if rule in found else "holds" for rule in FILE_RULES}
    asked = next((group for group in ASKED_TOGETHER if stops[0] in group), (stops[0],))
    last = FILE_RULES.index(asked[-1])
    return {
        rule: "not_reached" if place > last else "broken" if rule in found else "holds"
        for place, rule in enumerate(FILE_RULES)
    }
