"""From bytes to fields: strict decoding and strict splitting, with the line of every record.

Nothing is guessed and nothing is repaired: bytes that the declared encoding does not know, a quote
that does not close or a field of unreasonable length refuse the file, and the place is told.
"""

import codecs
import csv
import io
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from rapport.exports.file_rules import refuse

FIELD_LIMIT = 64 * 1024
"""Longest field, in characters."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le", ("utf-32", "utf-32-le")),
    (codecs.BOM_UTF32_BE, "utf-32-be", ("utf-32", "utf-32-be")),
    (codecs.BOM_UTF8, "utf-8", ("utf-8", "utf-8-sig")),
    (codecs.BOM_UTF16_LE, "utf-16-le", ("utf-16", "utf-16-le")),
    (codecs.BOM_UTF16_BE, "utf-16-be", ("utf-16", "utf-16-be")),
)
"""Byte-order mark → the encoding it stands for, and the declarations that agree with it."""

_NEED_A_MARK = ("utf-16", "utf-32")
_SWAPPED_ENDS = re.compile("[\u0a00\u0d00]")
"""Line ends read from the wrong end."""

_C1_CONTROLS = re.compile("[\x80-\x9f]")
_SEPARATOR_HINT = re.compile(r'"?sep=(.)"?(\r\n|\n|\r)')
_ENCODING_REMEDY = (
    "Export again in the declared encoding, or correct `encoding` in this clinic's registry entry."
)
_QUOTE_REMEDY = (
    "Export again with the software's own CSV export; do not edit the file by hand. A quotation "
    "mark inside a field must be doubled."
)
_field_limit = threading.Lock()


@dataclass(frozen=True, slots=True)
class Tokens:
    """The records of a delimited text, blank lines left out.

    Attributes:
        rows: The fields of each record, all text; records may differ in length.
        lines: The line on which each record starts, from 1, as an editor counts.
        is_ended: Whether the last record ends in a line end or a closing quote: if not, its
            last field may have been cut.
    """

    rows: list[list[str]]
    lines: Sequence[int]
    is_ended: bool


def decode(content: bytes, encoding: str) -> str:
    """Decode a file strictly in its declared encoding; a byte-order mark must agree and goes.

    Args:
        content: The bytes of the file.
        encoding: Declared encoding, as Python names it.

    Raises:
        ExportRefusedError: ``EMPTY_FILE``, ``ENCODING`` or ``NUL_BYTE``, with the line.
    """
    if not content.strip():
        refuse("EMPTY_FILE", "The file is empty.", "Export the month again; check who deleted it.")
    body, codec = _without_mark(content, encoding)
    try:
        text = body.decode(codec)
    except UnicodeDecodeError as error:
        _refuse_encoding(f"The bytes are not {encoding}.", _line_at(body[: error.start], codec))
    except (UnicodeError, LookupError):
        _refuse_encoding(f"The bytes are not {encoding}.", None)
    _check_disguise(body, text, codec)
    if "\0" in text:
        refuse(
            "NUL_BYTE",
            "The file holds NUL bytes; it is damaged, or in another encoding.",
            _ENCODING_REMEDY,
            line=_line_in(text, text.index("\0")),
        )
    if not text.strip():
        refuse("EMPTY_FILE", "The file is empty.", "Export the month again; check who deleted it.")
    return text


def tokenise(text: str, delimiter: str) -> Tokens:
    """Split decoded text into records and fields, strictly.

    Args:
        text: The whole file; a first line ``sep=…`` is Excel's hint and is taken off.
        delimiter: The declared delimiter, one character. The quote is ``"``, doubled inside.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT`` (the hint contradicts the delimiter), ``EMPTY_FILE``
            (nothing but the hint), ``UNCLOSED_QUOTE`` or ``FIELD_TOO_LONG``, with the line on
            which the record starts.
    """
    hint = _SEPARATOR_HINT.match(text)
    if hint and hint[1] != delimiter:
        refuse(
            "WRONG_FORMAT",
            "The first line names another delimiter than the one declared.",
            "Correct `delimiter` in this clinic's registry entry, or export again.",
            line=1,
        )
    body, skipped = (text[hint.end() :], 1) if hint else (text, 0)
    rows, lines = _records(body, delimiter)
    if skipped:
        lines = [line + skipped for line in lines]
    if [] in rows:
        kept = [place for place, row in enumerate(rows) if row]
        rows, lines = [rows[place] for place in kept], [lines[place] for place in kept]
    if not rows:
        refuse("EMPTY_FILE", "The file is empty.", "Export the month again; check who deleted it.")
    return Tokens(rows, lines, is_ended=text.endswith(("\n", "\r", '"')))


def _records(text: str, delimiter: str) -> tuple[list[list[str]], Sequence[int]]:
    """Return every record and its first line; the quick way where no record has two lines."""
    with _field_limit:
        before = csv.field_size_limit(FIELD_LIMIT)
        try:
            reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
            try:
                rows = list(reader)
            except csv.Error:
                return _records_by_line(text, delimiter)
            if reader.line_num == len(rows):
                return rows, range(1, len(rows) + 1)
            return _records_by_line(text, delimiter)
        finally:
            csv.field_size_limit(before)


def _records_by_line(text: str, delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Return every record and its first line, asking the reader after each one."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    start = 1
    try:
        for row in reader:
            rows.append(row)
            lines.append(start)
            start = reader.line_num + 1
    except csv.Error as error:
        _refuse_record(str(error), start)
    return rows, lines


def _refuse_record(reason: str, line: int) -> NoReturn:
    if "field limit" in reason:
        refuse(
            "FIELD_TOO_LONG",
            f"A field is longer than {FIELD_LIMIT} characters.",
            "Leave long texts out of the export; a quotation mark left open also reads like this.",
            line=line,
        )
    refuse(
        "UNCLOSED_QUOTE", "The quotation marks of a record do not close.", _QUOTE_REMEDY, line=line
    )


def _without_mark(content: bytes, encoding: str) -> tuple[bytes, str]:
    """Take a byte-order mark off, and return what to decode by."""
    for mark, codec, agreeing in _MARKS:
        if content.startswith(mark):
            if encoding not in agreeing:
                _refuse_encoding(f"The file marks itself as {codec}, not {encoding}.", 1)
            return content[len(mark) :], codec
    if encoding in _NEED_A_MARK:
        _refuse_encoding(f"The file has no byte-order mark, which {encoding} needs.", 1)
    return content, "utf-8" if encoding == "utf-8-sig" else encoding


def _check_disguise(body: bytes, text: str, codec: str) -> None:
    """Refuse text that decodes, but can only have been written in another encoding."""
    if "\n" not in text and _SWAPPED_ENDS.search(text):
        _refuse_encoding(f"The bytes are UTF-16 in the other order than {codec}.", None)
    if codec.startswith("utf") or body.isascii():
        return
    control = _C1_CONTROLS.search(text)
    if control:
        _refuse_encoding(
            f"The file holds bytes that no text in {codec} has.", _line_in(text, control.start())
        )
    try:
        other = body.decode("utf-8")
    except UnicodeDecodeError:
        return
    # One such character may be chance (two capitals in a row); two different ones are not.
    if len({sign for sign in set(other) if not sign.isascii()}) > 1:
        _refuse_encoding(f"The bytes are UTF-8, not {codec}.", None)


def _refuse_encoding(message: str, line: int | None) -> NoReturn:
    refuse("ENCODING", message, _ENCODING_REMEDY, line=line)


def _line_at(before: bytes, codec: str) -> int:
    return _line_in(text := before.decode(codec, "ignore"), len(text))


def _line_in(text: str, place: int) -> int:
    """Return the line on which the character at ``place`` stands."""
    return len(re.findall(r"\r\n|\n|\r", text[:place])) + 1
