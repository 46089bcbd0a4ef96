"""What a delimited text says of itself, where nobody declared it: encoding mark and delimiter.

Only what is unmistakable is taken. A text that could be split in two ways is refused.
"""

import codecs
import re
from collections import Counter

from rapport.errors import ExportRefusedError
from rapport.exports.file_rules import refuse
from rapport.exports.tokens import Tokens, tokenise

DELIMITERS = (",", ";", "\t", "|", "^")
"""Delimiters that survey software writes."""

_HINT = re.compile(r'"?sep=(.)"?[\r\n]')
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def marked_encoding(content: bytes) -> str:
    """Return the encoding that a byte-order mark names; UTF-8, the strictest, without one."""
    found = (encoding for mark, encoding in _MARKS if content.startswith(mark))
    return next(found, "utf-8")


def split(text: str, delimiter: str | None) -> Tokens:
    """Split a text at the declared delimiter, or at the only one that fits.

    A delimiter fits where it stands in the first row; where several do, the one that gives most
    rows as many fields as the first has, and leaves no quotation mark in the first row.

    Args:
        text: The whole text; a first line ``sep=…`` decides.
        delimiter: The declared one; ``None`` if none is declared.

    Raises:
        ExportRefusedError: ``DELIMITER`` – two fit equally well; else as the strict reader refuses.
    """
    if delimiter is not None:
        return tokenise(text, delimiter)
    hint = _HINT.match(text)
    if hint is not None:
        return tokenise(text, hint[1])
    head = text.lstrip("\r\n").splitlines()[0]
    present = [sign for sign in DELIMITERS if sign in head]
    if len(present) < 2:  # noqa: PLR2004 - one, or none at all
        return tokenise(text, present[0] if present else DELIMITERS[0])
    return _best(text, present)


def _best(text: str, present: list[str]) -> Tokens:
    refused: ExportRefusedError | None = None
    found: list[tuple[tuple[float, bool], Tokens]] = []
    for sign in present:
        try:
            tokens = tokenise(text, sign)
        except ExportRefusedError as error:
            refused = refused or error
            continue
        if len(tokens.rows[0]) > 1:
            is_clean = not any('"' in name for name in tokens.rows[0])
            found.append(((_evenness(tokens), is_clean), tokens))
    if not found and refused is not None:
        raise refused
    found.sort(key=lambda pair: pair[0], reverse=True)
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        refuse(
            "DELIMITER",
            "The first row could be split at more than one delimiter.",
            "Declare `delimiter` in the file given by --map, or give --delimiter.",
            line=1,
        )
    return found[0][1]


def _evenness(tokens: Tokens) -> float:
    """Return the share of rows with as many fields as the first, 0 to 1."""
    widths = Counter(map(len, tokens.rows[1:]))
    return widths[len(tokens.rows[0])] / max(1, widths.total())
