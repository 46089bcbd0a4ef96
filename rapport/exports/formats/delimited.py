"""Delimited text of any vendor: one header row, then one row a record.

A field that is wholly ``="007"`` is the text 007, kept from being taken for a number: that is how
many programs write codes for Excel.
"""

import re

from rapport.clinics.mapping import ExportMapping
from rapport.exports.file_rules import refuse
from rapport.exports.strangers import check_beginning, check_header, check_text
from rapport.exports.table import Table
from rapport.exports.tokens import Tokens, decode, tokenise

_TEXT_FOR_EXCEL = re.compile(r'="([^"]*)"')


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read a delimited export with one header row.

    Raises:
        ExportRefusedError: The file cannot be split into fields, or is something else.
    """
    tokens = _from_header(tokens_of(content, mapping), mapping.header_row)
    return Table(
        header=tuple(tokens.rows[0]),
        rows=tokens.rows[1:],
        lines=tokens.lines[1:],
        header_line=tokens.lines[0],
        is_ended=tokens.is_ended,
    )


def _from_header(tokens: Tokens, line: int) -> Tokens:
    """Leave out what stands above the header, if notes do."""
    if line == 1:
        return tokens
    lines = list(tokens.lines)
    if line not in lines:
        refuse(
            "WRONG_FORMAT",
            "No record begins on the line on which the header should stand.",
            "Correct `header_row` in this clinic's registry entry, or export again.",
            line=line,
        )
    first = lines.index(line)
    return Tokens(tokens.rows[first:], lines[first:], tokens.is_ended)


def tokens_of(content: bytes, mapping: ExportMapping) -> Tokens:
    """Return the records of any delimited text, at least one, after refusing what is none.

    Raises:
        ExportRefusedError: The file cannot be split into fields, or is something else.
    """
    check_beginning(content)
    text = decode(content, mapping.encoding)
    check_text(text)
    tokens = tokenise(text, mapping.delimiter)
    if '="' in text:
        rows = [[_without_formula(cell) for cell in row] for row in tokens.rows]
        tokens = Tokens(rows, tokens.lines, tokens.is_ended)
    check_header(tokens.rows[0])
    return tokens


def _without_formula(cell: str) -> str:
    found = _TEXT_FOR_EXCEL.fullmatch(cell)
    return found[1] if found else cell
