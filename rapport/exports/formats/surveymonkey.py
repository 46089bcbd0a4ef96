"""SurveyMonkey: CSV or XLSX with two header rows, the first filled in only where a block begins.

A column's name is the question, or ``Question [Row]`` where the second header row tells columns of
one question apart; HTML in either is taken off. The older layout writes ``RespondentID``.
"""

import html
import re
from collections.abc import Sequence

from rapport.clinics.mapping import ExportMapping
from rapport.exports.file_rules import refuse
from rapport.exports.formats.workbook import tokens_of_either
from rapport.exports.mangled import check_ids
from rapport.exports.table import Table

_IDS = ("Respondent ID", "RespondentID", "Collector ID", "CollectorID")
_KNOWN = (
    *_IDS, "Start Date", "StartDate", "End Date", "EndDate", "Date Created", "Date Modified",
    "IP Address", "Email Address", "First Name", "LastName", "FirstName", "Last Name",
    "Custom Data *", "CustomData*", "Custom Value",
)  # fmt: skip
_FIXED = 4
_SAYS_NOTHING = {"", "Response", "Open-Ended Response"}
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_BLANKS = re.compile(r"\s+")


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read responses in the current or the older layout.

    Raises:
        ExportRefusedError: The file cannot be split into records, has not the two header rows, or
            a spreadsheet program has rounded its ids.
    """
    tokens = tokens_of_either(content, mapping, header_rows=2)
    if len(tokens.rows) < 2 or not are_header_rows(*tokens.rows[:2]):  # noqa: PLR2004 - two header rows
        refuse(
            "WRONG_FORMAT",
            "The two header rows that SurveyMonkey writes are not there, or were changed.",
            "Deliver the file as SurveyMonkey exports it (all individual responses).",
            line=tokens.lines[0],
        )
    table = Table(
        header=_names(*tokens.rows[:2]),
        rows=tokens.rows[2:],
        lines=tokens.lines[2:],
        header_line=tokens.lines[0],
        is_ended=tokens.is_ended,
        known=_KNOWN,
        heading=tuple(tokens.rows[0]),
    )
    check_ids(table, mapping, also=(*_IDS, table.header[0]))
    return table


def are_header_rows(questions: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether the first row begins with the respondent, and the second says nothing there.

    In other languages than English the first columns have other names; then the second row must be
    blank below all of the first four, and the first row where a question goes on.
    """
    if len(questions) != len(parts) or parts[0] or not any(parts):
        return False
    is_named = all(questions[:_FIXED]) and not any(parts[:_FIXED]) and not all(questions)
    return _plain(questions[0]) in _IDS[:2] or is_named


def _names(questions: Sequence[str], parts: Sequence[str]) -> tuple[str, ...]:
    names = []
    question = ""
    for asked, part in zip(map(_plain, questions), map(_plain, parts), strict=True):
        question = asked or question
        names.append(question if part in _SAYS_NOTHING else f"{question} [{part}]")
    return tuple(names)


def _plain(text: str) -> str:
    """Return a heading without its markup, in single blanks."""
    return _BLANKS.sub(" ", html.unescape(_TAG.sub("", text))).strip()
