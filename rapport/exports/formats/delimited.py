"""Delimited text of any vendor: one header row, then one row a record."""

from rapport.clinics.mapping import ExportMapping
from rapport.exports.strangers import check_beginning, check_header, check_text
from rapport.exports.table import Table
from rapport.exports.tokens import Tokens, decode, tokenise


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read a delimited export with one header row.

    Raises:
        ExportRefusedError: The file cannot be split into fields, or is something else.
    """
    tokens = tokens_of(content, mapping)
    return Table(
        header=tuple(tokens.rows[0]),
        rows=tokens.rows[1:],
        lines=tokens.lines[1:],
        header_line=tokens.lines[0],
        is_ended=tokens.is_ended,
    )


def tokens_of(content: bytes, mapping: ExportMapping) -> Tokens:
    """Return the records of any delimited text, at least one, after refusing what is none.

    Raises:
        ExportRefusedError: The file cannot be split into fields, or is something else.
    """
    check_beginning(content)
    text = decode(content, mapping.encoding)
    check_text(text)
    tokens = tokenise(text, mapping.delimiter)
    check_header(tokens.rows[0])
    return tokens
