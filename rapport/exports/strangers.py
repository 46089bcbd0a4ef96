"""Files that are something else: told by their first bytes or their header, with what to do."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rapport.exports.file_rules import refuse


@dataclass(frozen=True, slots=True)
class _Stranger:
    """One kind of file that is no delimited export.

    Attributes:
        starts: What its content starts with; several if it has several beginnings.
        what: What it is, in words.
        remedy: What to do instead.
    """

    starts: tuple[bytes, ...]
    what: str
    remedy: str


_AS_CSV = "Export as CSV from the survey software, and do not rename files."
_UNPACK = "Unpack it, and deliver the file that is inside."
_BINARIES = (
    _Stranger((b"PK\x03\x04", b"PK\x05\x06"), "a workbook or ZIP archive", _AS_CSV),
    _Stranger((b"\x1f\x8b",), "a gzip archive", _UNPACK),
    _Stranger(
        (b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd"), "an archive", _UNPACK
    ),
    _Stranger((b"\xd0\xcf\x11\xe0",), "an old or protected Office file", _AS_CSV),
    _Stranger((b"$FL2", b"$FL3"), "an SPSS data file", _AS_CSV),
    _Stranger((b"%PDF",), "a PDF document", _AS_CSV),
    _Stranger((b"\x89PNG", b"\xff\xd8\xff", b"GIF8"), "a picture", _AS_CSV),
    _Stranger((b"SQLite format 3",), "a database", _AS_CSV),
    _Stranger((b"<stata_dta>",), "a Stata data file", _AS_CSV),
    _Stranger((b"PAR1",), "a Parquet file", _AS_CSV),
)
BINARY = tuple(start for stranger in _BINARIES for start in stranger.starts)
"""What files that are no text start with."""

_TEXTS = (
    _Stranger(
        (b"<!doctype html", b"<html", b"<head", b"<body"),
        "a web page, most likely a log-in page",
        "Renew the credentials of the download, or export by hand.",
    ),
    _Stranger(
        (b"<?xml", b"<document", b"<limesurvey"),
        "an XML file, such as a survey's structure",
        "Export the responses as CSV, not the survey.",
    ),
    _Stranger((b"ascii spss port file",), "an SPSS portable file", "Save it as .sav, or as CSV."),
    _Stranger(
        (b'{"', b"[{", b"[ {", b'{ "', b"{\n", b"{\r\n"),
        "JSON, such as an answer of an interface",
        "Export as CSV; if the text speaks of an error, mend that first.",
    ),
)
_HEADERS = (
    (
        {"Variable / Field Name", "Form Name", "Field Type"},
        "a REDCap data dictionary",
        "Export the records (Data Exports, CSV / raw data), not the dictionary.",
    ),
    (
        {"field_name", "form_name", "field_type"},
        "REDCap's metadata",
        "Export the records (content=record), not the metadata.",
    ),
    (
        {"class", "type/scale", "name", "relevance"},
        "the structure of a LimeSurvey survey",
        "Export the responses (Responses, Export), not the survey.",
    ),
    (
        {"tid", "token", "emailstatus", "usesleft"},
        "LimeSurvey's list of participants",
        "Export the responses (Responses, Export), not the participants.",
    ),
    (
        {"event_name", "arm_num", "unique_event_name"},
        "REDCap's list of events",
        "Export the records (Data Exports, CSV / raw data), not the events.",
    ),
    (
        {"arm_num", "name"},
        "REDCap's list of arms",
        "Export the records (Data Exports, CSV / raw data), not the arms.",
    ),
    (
        {"arm_num", "unique_event_name", "form"},
        "REDCap's list of forms by event",
        "Export the records (Data Exports, CSV / raw data), not their design.",
    ),
    (
        {"Answer Choices", "Responses"},
        "a summary by SurveyMonkey",
        "Export all individual responses, not the summary data.",
    ),
    (
        {"record", "field_name", "value"},
        "REDCap's records with one row a field",
        "Export the records with one row a record (CSV / raw data; in the interface, type=flat).",
    ),
)
_TIMINGS = re.compile(
    r"id|interviewtime|(\d+X\d+|groupTime|[A-Za-z]\w*)(X\d+)?[Tt]ime\d*", re.ASCII
)
_BEGINNING = 256


def check_beginning(content: bytes) -> None:
    """Refuse a file whose first bytes are those of something else.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``.
    """
    for stranger in _BINARIES:
        if content.startswith(stranger.starts):
            _refuse(stranger.what, stranger.remedy)


def check_text(text: str) -> None:
    """Refuse decoded text that begins like a web page, XML or JSON.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``.
    """
    beginning = text[:_BEGINNING].lstrip().lower().encode("utf-8", "replace")
    for stranger in _TEXTS:
        if beginning.startswith(stranger.starts):
            _refuse(stranger.what, stranger.remedy)


def check_header(header: Sequence[str]) -> None:
    """Refuse a table that is the description of a survey, not its answers.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``.
    """
    first = re.split(r'["\t,;|]+', header[0])  # the header in one piece: another delimiter
    names = {*header, *first}
    for signs, what, remedy in _HEADERS:
        if signs <= names:
            _refuse(what, remedy)
    if "interviewtime" in names and all(map(_TIMINGS.fullmatch, names)):
        _refuse(
            "LimeSurvey's table of times",
            "Export the responses (Responses, Export), not the times.",
        )


def _refuse(what: str, remedy: str) -> None:
    refuse("WRONG_FORMAT", f"This is {what}, not an export of responses.", remedy, line=1)
