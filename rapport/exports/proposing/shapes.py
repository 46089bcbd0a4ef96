"""What kind of file this is: native shape, delimiter, sheet; told by its own signs."""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rapport.clinics.codebook import Codebook
from rapport.clinics.mapping import ExportFormat, ExportMapping
from rapport.errors import ExportRefusedError
from rapport.exports.file_rules import refuse
from rapport.exports.formats import READERS
from rapport.exports.formats.google_forms import TIMESTAMPS
from rapport.exports.formats.limesurvey import RESPONSE_IDS
from rapport.exports.formats.microsoft_forms import COMPLETIONS, STARTS
from rapport.exports.formats.qualtrics import unknown_status
from rapport.exports.formats.spss import SIGNS
from rapport.exports.formats.surveymonkey import are_header_rows
from rapport.exports.identifiers import identifier_in
from rapport.exports.proposing.dates import is_date_column
from rapport.exports.proposing.encodings import encoding_of
from rapport.exports.proposing.said import FILL_IN, Said, unsure
from rapport.exports.proposing.stripped import stripped
from rapport.exports.strangers import check_beginning, check_text
from rapport.exports.table import Table
from rapport.exports.wrapping import ZIP, unwrapped

SHEETS = (
    "Form Responses 1", "Form1", "Sheet1", "Sheet", "Data", "Responses", "Export", "Tabelle1",
    "Arkusz1",
)  # fmt: skip
"""Names that sheets with responses usually have."""

_DELIMITERS = ",;\t|^"
_HINT = re.compile(r'"?sep=(.)"?(?:\r\n|\n|\r)')
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?", re.ASCII)
_SAMPLE = 200
_MOST_STATUS = 6
_UNDATED = ("redcap", "fhir", "qualtrics", "limesurvey", "delimited")
"""Formats whose dates are text whatever the mapping says."""

_IMPORT_ID = re.compile(r"""\{\s*["']ImportId["']\s*:""")
_IDS = frozenset({"id", "identyfikator"})
_QUALTRICS = frozenset({"startdate", "enddate", "responseid"})
_RESPONDENT = ("Respondent ID", "RespondentID")
_LIME = {"id", "submitdate"}
_REDCAP_LABELS = {"Event Name", "Repeat Instrument", "Repeat Instance", "Complete?"}


@dataclass(frozen=True, slots=True)
class Shape:
    """How a file is built.

    Attributes:
        format: Its native shape.
        lines: The keys of a mapping about that, in order.
        table: The file as text.
        content: The bytes, unpacked.
        tests: The key of a mapping about test rows, where the format does not know them itself.
        remarks: Sentences for the person who checks it.
    """

    format: ExportFormat
    lines: dict[str, Said]
    table: Table
    content: bytes
    tests: dict[str, Said] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def texts_of_date(self, name: str) -> frozenset[str]:
        """Return the different texts of a column if it is read as the one of the date.

        Typed dates of workbooks and offsets of Google Forms are written otherwise there.
        """
        if self.format in _UNDATED or name not in self.table.header:
            return frozenset()
        settings = {key: said.value for key, said in self.lines.items() if key != "format"}
        table = READERS[self.format](
            self.content, trial_mapping(self.format, **settings, date=name)
        )
        place = table.header.index(name)
        return frozenset(row[place] for row in table.rows if place < len(row)) - {""}


def shape_of(
    content: bytes, *, sheet: str | None = None, codebook: Codebook | None = None
) -> Shape:
    """Recognise a file.

    Args:
        content: The bytes, packed or not.
        sheet: Sheet of a workbook, where a person has named it.
        codebook: The project's data dictionary, which makes it REDCap's.

    Raises:
        ExportRefusedError: It is something else, damaged, or in no shape that is known.
    """
    plain = unwrapped(content)
    if plain.startswith(SIGNS):
        return _read(plain, "spss", {}, codebook)
    if plain.startswith(ZIP):
        return _workbook(plain, sheet)
    check_beginning(plain)
    encoding = encoding_of(plain)
    text = plain.decode(str(encoding.value)).lstrip("\ufeff")
    if text.lstrip().startswith("{"):
        return _read(plain, "fhir", {}, codebook)
    check_text(text)
    delimiter = _delimiter(text)
    rows = _sample(text, str(delimiter.value), whole=True)
    found = _text_format(rows, codebook)
    lines = {"encoding": encoding, "delimiter": delimiter}
    shape = _read(plain, found, lines, codebook)
    if found != "delimited":
        return shape
    tests, remarks = stripped(rows)
    return replace(shape, tests=tests, remarks=remarks)


def _read(
    content: bytes, found: ExportFormat, lines: dict[str, Said], codebook: Codebook | None
) -> Shape:
    settings = {key: said.value for key, said in lines.items()}
    trial = trial_mapping(found, **settings)
    if found == "redcap":
        table = READERS["delimited"](content, trial_mapping("delimited", **settings))
        names = {"patient": table.header[0]}
        trial = trial_mapping(found, **settings, **names)
        if codebook is not None:
            trial = trial.with_codebook(codebook)
            if codebook.record_id.name not in table.header:
                trial = trial_mapping(found, **settings, patient=codebook.record_id.name)
                trial = trial.with_codebook(codebook)
    if found == "qualtrics":
        trial = trial.model_copy(update={"test_rows": {"Status": ()}})
    table = READERS[found](content, trial)
    tests = _untold_tests(table) if found == "qualtrics" else {}
    return Shape(found, {"format": Said(found), **lines}, table, content, tests)


def _untold_tests(table: Table) -> dict[str, Said]:
    """Ask which rows are previews, where the file says it in words that are not known here."""
    words = sorted(unknown_status(table.header, table.rows))
    if not words:
        return {}
    why = "keep the words for previews and tests, and take the others away"
    told = words if len(words) <= _MOST_STATUS and identifier_in(words) is None else [FILL_IN]
    return {"test_rows": unsure({"Status": told}, why)}


def trial_mapping(found: ExportFormat, **changes: object) -> ExportMapping:
    """Return a mapping by which a file of a format is read whole, whatever its columns."""
    nothing = "\N{REPLACEMENT CHARACTER}"
    form = {
        "instrument": "none", "rater": "patient", "items": [nothing], "codes": {nothing: nothing},
    }  # fmt: skip
    return ExportMapping.model_validate(
        {
            "id": "trial", "path": "{month}", "format": found, "patient": nothing,
            "forms": [form], "ignored": ["*"],
        } | changes
    )  # fmt: skip


def _workbook(content: bytes, sheet: str | None) -> Shape:
    """Read the only sheet, the named one, or one with a usual name; then see whose it is."""
    tried: list[str | None] = [sheet] if sheet is not None else [None, *SHEETS]
    for name in tried:
        named = {"sheet": name} if name else {}
        try:
            table = READERS["workbook"](content, trial_mapping("workbook", **named))
        except ExportRefusedError as error:
            if "sheet" not in error.faults[0].message or name == tried[-1]:
                raise
            continue
        break
    found, row = _workbook_format(table)
    found = "workbook" if name and found == "qualtrics" else found
    lines = {}
    if name:
        why = "the workbook has several sheets; this one has a usual name"
        lines["sheet"] = Said(name) if sheet is not None else unsure(name, why)
    if row != 1:
        lines["header_row"] = unsure(row, f"notes seem to stand above the header in row {row}")
    settings = {key: said.value for key, said in lines.items()}
    return Shape(
        found,
        {"format": Said(found), **lines},
        READERS[found](content, trial_mapping(found, **settings)),
        content,
    )


def _workbook_format(table: Table) -> tuple[ExportFormat, int]:
    names = [name.casefold().replace("\N{NO-BREAK SPACE}", " ").strip() for name in table.header]
    if names[0] in _IDS and all(_folded(known) & set(names) for known in (STARTS, COMPLETIONS)):
        return "microsoft_forms", 1
    if names[0] in _folded(_RESPONDENT) or (
        table.rows and are_header_rows(table.header, table.rows[0])
    ):
        return "surveymonkey", 1
    if names[0] in _folded(TIMESTAMPS):
        return "google_forms", 1
    if set(names) >= _QUALTRICS:
        return "qualtrics", 1
    widths = [sum(map(bool, table.header)), *(sum(map(bool, row)) for row in table.rows[:20])]
    lines = [table.header_line, *table.lines[:20]]
    full = max(widths)
    wide = next(place for place, width in enumerate(widths) if width * 4 >= full * 3)
    return "workbook", int(lines[wide]) if widths[0] * 2 < full else 1


def _folded(names: Sequence[str]) -> set[str]:
    return {name.casefold() for name in names}


def _delimiter(text: str) -> Said:
    """Return the sign that splits most records into the header's number of fields."""
    hint = _HINT.match(text)
    if hint:
        return Said(hint[1], "by the file's first line")
    widths = {}
    for sign in _DELIMITERS:
        rows = _sample(text, sign)
        width = len(rows[0]) if rows else 0
        fitting = sum(len(row) == width for row in rows)
        if width > 1 and fitting * 10 >= len(rows) * 9:
            widths[sign] = width
    if not widths:
        refuse(
            "WRONG_FORMAT",
            "This is no table: no delimiter splits its lines into the same number of fields.",
            "Export the responses as CSV; a mapping is proposed from a file with a header row.",
        )
    best = max(widths, key=lambda sign: widths[sign])
    others = [sign for sign in widths if sign != best and widths[sign] * 2 > widths[best]]
    if others:
        return unsure(best, f"{', '.join(map(repr, others))} splits the records alike, too")
    return Said(best)


def _sample(text: str, delimiter: str, *, whole: bool = False) -> list[list[str]]:
    """Return the first records, or none if they cannot be split so."""
    hint = _HINT.match(text)
    body = text[hint.end() :] if hint else text
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(body, newline=""), delimiter=delimiter, strict=True):
            rows += [row] if row else []
            if len(rows) > _SAMPLE:
                break
    except csv.Error:
        return rows if whole else []
    return rows


def _text_format(rows: Sequence[Sequence[str]], codebook: Codebook | None) -> ExportFormat:
    """Return the software that wrote a text file, by the signs of its header rows."""
    header = list(rows[0]) if rows else [""]
    second = list(rows[1]) if len(rows) > 1 else []
    third = list(rows[2]) if len(rows) > 2 else []  # noqa: PLR2004 - Qualtrics' third header row
    signs: tuple[tuple[ExportFormat, bool], ...] = (
        ("qualtrics", any(map(_IMPORT_ID.match, third))),
        ("qualtrics", header[0] == "V1" and "ResponseID" in second),
        ("surveymonkey", header[0] in _RESPONDENT and bool(second) and not second[0]),
        ("surveymonkey", bool(second) and are_header_rows(header, second)),
        ("google_forms", header[0] in TIMESTAMPS),
        ("limesurvey", any(set(names) >= _LIME for names in (header, second))),
        ("limesurvey", header[0] in RESPONSE_IDS or _looks_like_lime(rows)),
        ("limesurvey", header[0].startswith("id") and any("submitdate" in n for n in header)),
        ("redcap", any(name.startswith("redcap_") for name in header) or _has_status(rows)),
        ("redcap", codebook is not None or len(_REDCAP_LABELS & set(header)) > 1),
    )
    return next((found for found, holds in signs if holds), "delimited")


def _looks_like_lime(rows: Sequence[Sequence[str]]) -> bool:
    """Whether the first columns hold number, moment, page and language, as LimeSurvey's do."""
    first = [row[:4] for row in rows[1:] if len(row) > 4]  # noqa: PLR2004 - and a question
    numbers, moments, pages, languages = zip(*first, strict=True) if first else ((),) * 4
    return (
        all(text.isdecimal() for text in (*numbers, *filter(None, pages)))
        and len(set(numbers)) == len(numbers) > 0
        and is_date_column(set(moments) - {""})
        and all(map(_LANGUAGE.fullmatch, languages))
    )


def _has_status(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column says how far a form is, as REDCap does."""
    states = ({"", "0", "1", "2"}, {"", "Incomplete", "Unverified", "Complete"})
    for place, name in enumerate(rows[0] if rows else ()):
        cells = Counter(row[place] for row in rows[1:] if place < len(row))
        if name.endswith("_complete") and cells and any(cells.keys() <= known for known in states):
            return True
    return False
