"""Qualtrics CSV, TSV and XLSX: three header rows, in older exports written otherwise, or two.

The first header row holds the names that a mapping uses, the second the question texts in the
language of whoever exported, the third (not in the legacy layout) an ``ImportId`` a column, which
for times also names the zone they are in. A workbook may lack it; its times are then the clinic's
own.
"""

import re
from collections.abc import Sequence

from rapport.clinics.mapping import ExportMapping
from rapport.exports.file_rules import refuse
from rapport.exports.formats.delimited import tokens_of
from rapport.exports.formats.workbook import sheet_tokens
from rapport.exports.table import Table
from rapport.exports.wrapping import ZIP

_IMPORT_ID = re.compile(r"""\{\s*["']ImportId["']\s*:""")
_TIME_ZONE = re.compile(r"""["']timeZone["']\s*:\s*["']([^"']+)["']""")
_UTC = {"Z": "UTC"}
_LEGACY = re.compile(r"V\d+", re.ASCII)
_LEGACY_RESPONSE_ID = "ResponseID"
_KNOWN = (
    "StartDate", "EndDate", "Status", "IPAddress", "Progress", "Duration (in seconds)", "Finished",
    "RecordedDate", "ResponseId", "RecipientLastName", "RecipientFirstName", "RecipientEmail",
    "ExternalReference", "ExternalDataReference", "LocationLatitude", "LocationLongitude",
    "LocationAccuracy", "DistributionChannel", "UserLanguage", "ResponseSet", "Name",
    "EmailAddress",
)  # fmt: skip
TEST_STATUS = {"1", "2", "9", "17", "Survey Preview", "Survey Test", "Offline Survey Preview"}
"""What the column Status holds on previews and tests, as numbers and in words."""

_REAL_STATUS = {
    "", "0", "4", "8", "12", "16", "32", "40", "48", "IP Address", "Imported", "Spam",
    "Imported Spam", "Offline", "Offline Response", "EX", "EX Spam", "EX Offline",
}  # fmt: skip

TEST_CHANNEL = {"preview", "test"}
"""What the column DistributionChannel holds on them."""

_SIGNS = {"StartDate", "EndDate", "ResponseId"}


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read a current, older or legacy export; previews and tests are marked as test rows.

    Raises:
        ExportRefusedError: The file cannot be split into fields, or is something else.
    """
    is_workbook = content.startswith(ZIP)
    # The time of day counts where a zone is named, so no column is cut to its day.
    undated = mapping.model_copy(update={"date": None})
    tokens = sheet_tokens(content, undated, header_rows=2) if is_workbook else None
    tokens = tokens or tokens_of(content, mapping)
    header = tokens.rows[0]
    titles = tokens.rows[1] if len(tokens.rows) > 1 else []
    first = _first_row(tokens.rows, is_workbook=is_workbook)
    rows = tokens.rows[first:]
    has_zones = first == 3  # noqa: PLR2004 - the third header row
    if "Status" not in mapping.test_rows:
        _check_status(header, rows, tokens.lines[first:])
    is_legacy = not has_zones and not is_workbook
    legacy = tuple(name for name in header if is_legacy and _LEGACY.fullmatch(name))
    return Table(
        header=tuple(header),
        rows=rows,
        lines=tokens.lines[first:],
        header_line=tokens.lines[0],
        is_ended=tokens.is_ended,
        tests=_tests(titles if is_legacy else header, rows),
        zones=_zones(header, tokens.rows[2]) if has_zones else {},
        known=(*_KNOWN, *legacy),
        titles=dict(zip(header, titles, strict=False)),
    )


def _first_row(rows: Sequence[Sequence[str]], *, is_workbook: bool) -> int:
    """Return how many header rows there are: three, or two in the legacy layout."""
    if len(rows) > 2 and any(_IMPORT_ID.match(cell) for cell in rows[2]):  # noqa: PLR2004 - three header rows
        return 3
    if is_workbook and len(rows) > 1 and set(rows[0]) >= _SIGNS:
        place = list(rows[0]).index("EndDate")
        if place < len(rows[1]) and not any(sign.isdigit() for sign in rows[1][place]):
            return 2
    if len(rows) < 2 or not _LEGACY.fullmatch(rows[0][0]) or _LEGACY_RESPONSE_ID not in rows[1]:  # noqa: PLR2004 - two header rows
        refuse(
            "WRONG_FORMAT",
            "The header rows that Qualtrics writes are not there, or were removed.",
            "Deliver the file as Qualtrics exports it; do not open and save it in between.",
            line=1,
        )
    return 2


def _tests(names: Sequence[str], rows: Sequence[Sequence[str]]) -> frozenset[int]:
    """Return the places of previews and tests."""
    found: set[int] = set()
    for name, signs in (("Status", TEST_STATUS), ("DistributionChannel", TEST_CHANNEL)):
        if name in names:
            column = names.index(name)
            found |= {
                place
                for place, row in enumerate(rows)
                if column < len(row) and row[column] in signs
            }
    return frozenset(found)


def unknown_status(header: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Return each word for a response's status that is not known → the place of its first row.

    Qualtrics writes the status in the language of whoever exports. Where the distribution channel
    is there, which is always in English, it tells previews from responses, and nothing is returned.
    """
    if "Status" not in header or "DistributionChannel" in header:
        return {}
    place = list(header).index("Status")
    found: dict[str, int] = {}
    for at, row in enumerate(rows):
        if place < len(row) and row[place] not in TEST_STATUS | _REAL_STATUS:
            found.setdefault(row[place], at)
    return found


def _check_status(
    header: Sequence[str], rows: Sequence[Sequence[str]], lines: Sequence[int]
) -> None:
    """Refuse a file in which nothing says which rows are previews: they would be patients."""
    unknown = unknown_status(header, rows)
    if unknown:
        refuse(
            "WRONG_FORMAT",
            "The column Status is in words of another language, and without the column "
            "DistributionChannel nothing says which rows are previews.",
            "Export with DistributionChannel, or with numeric values; or name the words for "
            "previews and tests under `test_rows`: `{Status: [...]}`.",
            line=lines[min(unknown.values())],
            column="Status",
        )


def _zones(header: Sequence[str], import_ids: Sequence[str]) -> dict[str, str]:
    """Return column → time zone, where the third header row names one."""
    return {
        name: _UTC.get(found[1], found[1])
        for name, cell in zip(header, import_ids, strict=False)
        if (found := _TIME_ZONE.search(cell))
    }
