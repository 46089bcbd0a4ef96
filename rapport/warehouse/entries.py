"""The form of a chained entry: what is hashed, and how.

An entry's hash covers its table, all of its fields with sequence and time, and the hash of the
entry before. A field that is NULL is not written, so that a column added later leaves old hashes
as they are.
"""

import hashlib
import json
from collections.abc import Mapping

FIRST_PREVIOUS = "0" * 64
"""What stands as the previous hash in the first entry of a table."""

LINKS = ("previous_sha256", "entry_sha256")
"""Columns that hold hashes of entries and are no fields."""

_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def entry_hash(table: str, fields: Mapping[str, object], previous: str) -> str:
    """Return the SHA-256 of one entry, in hexadecimal.

    Args:
        table: Name of the chained table.
        fields: Column → value (text, whole number or None); ``LINKS`` among them are passed over.
        previous: Hash of the entry before, ``FIRST_PREVIOUS`` for the first.

    Raises:
        TypeError: A field is neither text nor a whole number nor None.
    """
    written = {}
    for name, value in fields.items():
        if name in LINKS or value is None:
            continue
        if not isinstance(value, str | int) or isinstance(value, bool):
            raise TypeError(f"{table}.{name} is neither text nor a whole number")
        written[name] = value
    text = _CANONICAL.encode({"table": table, "fields": written, "previous": previous})
    return hashlib.sha256(text.encode("ascii")).hexdigest()
