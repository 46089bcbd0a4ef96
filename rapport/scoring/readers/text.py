"""Delimited text: split by the strict reader that clinics' exports go through."""

from rapport.exports.strangers import check_beginning, check_text
from rapport.exports.table import Table
from rapport.exports.tokens import decode
from rapport.scoring.item_mapping import TableFormat
from rapport.scoring.readers.delimiters import marked_encoding, split


def read_text(content: bytes, form: TableFormat) -> Table:
    """Read delimited text with one header row.

    Encoding and delimiter are the declared ones; otherwise those of the byte-order mark (UTF-8
    without one) and of the header row.

    Raises:
        ExportRefusedError: It cannot be decoded or split, or is something else.
    """
    check_beginning(content)
    text = decode(content, form.encoding or marked_encoding(content))
    check_text(text)
    tokens = split(text, form.delimiter)
    return Table(
        header=tuple(tokens.rows[0]),
        rows=tokens.rows[1:],
        lines=tokens.lines[1:],
        header_line=tokens.lines[0],
        is_ended=tokens.is_ended,
    )
