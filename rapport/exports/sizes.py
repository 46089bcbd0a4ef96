"""How large an export may be before it is split into fields: what is counted costs no memory.

Workbooks and SPSS files are parsed in a child process with limits of its own. Text and JSON are
parsed here, where a file of a hundred million line ends would take the memory of everybody.
"""

from collections.abc import Sequence

from rapport.exports.file_rules import refuse

TEXT_LIMIT = 256 * 1024 * 1024
"""Longest delimited text, in bytes."""

JSON_LIMIT = 64 * 1024 * 1024
"""Longest JSON or NDJSON, in bytes."""

FIELDS = 10_000_000
"""Most fields and lines of a delimited text: fifty columns of two hundred thousand rows."""

PARTS = 5_000_000
"""Most objects, lists and members of JSON: about forty thousand questionnaires."""

MOST_COLUMNS = 16_384
"""Most columns of a table: those of a workbook."""

_PARSED_APART = ("PK\x03\x04", "PK\x05\x06", "PK\x07\x08", "$FL2", "$FL3")
_FEWER = "Export fewer months at once, and leave out what is not needed."


def check_size(content: bytes, *, is_json: bool, delimiter: str = ",") -> None:
    """Refuse an unpacked text that would take too much memory.

    Args:
        content: The bytes of the export.
        is_json: Whether it is to be parsed as JSON.
        delimiter: What parts its fields, if not.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``.
    """
    if content.startswith(tuple(sign.encode("latin-1") for sign in _PARSED_APART)):
        return
    limit = JSON_LIMIT if is_json else TEXT_LIMIT
    signs, most = ((b",", b"{", b"["), PARTS) if is_json else (_ends(delimiter), FIELDS)
    if len(content) > limit:
        refuse("WRONG_FORMAT", f"The file has more than {limit >> 20} MiB.", _FEWER)
    if len(content) > most and sum(content.count(sign) for sign in signs) > most:
        refuse("WRONG_FORMAT", f"The file has more than {most:,} fields and lines.", _FEWER)


def check_width(header: Sequence[str]) -> None:
    """Refuse a table that is wider than any software writes.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``.
    """
    if len(header) > MOST_COLUMNS:
        refuse("WRONG_FORMAT", f"The header has more than {MOST_COLUMNS:,} columns.", _FEWER)


def _ends(delimiter: str) -> tuple[bytes, ...]:
    return (delimiter.encode(), b"\n", b"\r")
