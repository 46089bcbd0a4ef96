"""From one file to a proposed mapping: shape, layout, forms, keys, facts, and what is left.

The proposal never holds a patient's value: names of columns, codes of closed answer sets, and words
that are known here. What the file does not settle is marked, with the reason.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from rapport.clinics.codebook import Codebook
from rapport.exports.columns import is_known_name
from rapport.exports.file_rules import refuse
from rapport.exports.headings import check_heading
from rapport.exports.identifiers import identifier_in, is_identifying_header
from rapport.exports.proposing.aside import is_named_after_a_person, left_aside
from rapport.exports.proposing.columns import Column, columns_in, joins_of
from rapport.exports.proposing.dates import is_date_column, is_serial_column, said_of
from rapport.exports.proposing.decimals import decimal_of
from rapport.exports.proposing.forms import File, propose_forms
from rapport.exports.proposing.keys import propose_keys
from rapport.exports.proposing.laid import Laid
from rapport.exports.proposing.layouts import laid_out
from rapport.exports.proposing.measures import by_questionnaire
from rapport.exports.proposing.paths import path_of
from rapport.exports.proposing.records import propose_clinic, propose_events, propose_records
from rapport.exports.proposing.said import FILL_IN, Proposal, ProposedForm, Said, unsure
from rapport.exports.proposing.session_facts import propose_session_facts
from rapport.exports.proposing.shapes import Shape, shape_of
from rapport.exports.table import Table
from rapport.instruments import Instrument

_NATIVE_ITEM = re.compile(r"[a-z]+-\d+\.\d+", re.ASCII)
_DATA = re.compile(r"[\d.,:/ -]+", re.ASCII)
_LONGEST_TOLD = 60
_ROW_COLUMNS = ("redcap_event_name", "redcap_repeat_instrument", "redcap_repeat_instance")

_NO_SESSION_FACTS: Mapping[str, frozenset[str]] = {"fhir": frozenset({"status"})}
"""Format → its columns that are named like a fact about the session and speak of the form."""


@dataclass(frozen=True, slots=True)
class _Left:
    """Columns that must not be proposed for anything else: known, identifying, dated."""

    known: frozenset[str]
    identifying: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Findings:
    """What was found in a file, before it is put together."""

    name: str
    shape: Shape
    laid: Laid
    decimal: Said
    left: _Left
    forms: Sequence[ProposedForm]
    remarks: Sequence[str]
    keys: Mapping[str, Said]
    instruments: Collection[str]
    codebook: Codebook | None


def propose(
    content: bytes,
    name: str,
    catalogue: Mapping[str, Instrument],
    *,
    codebook: Codebook | None = None,
    therapists: Collection[str] = (),
    sheet: str | None = None,
) -> Proposal:
    """Propose a mapping for one file.

    Args:
        content: Its bytes.
        name: Its name; only an extension and a month are taken from it.
        catalogue: Instruments by id.
        codebook: REDCap's data dictionary of the project.
        therapists: Ids of the clinic's therapists, where it is known.
        sheet: Sheet of a workbook.

    Raises:
        ExportRefusedError: The file is no export, or cannot be read.
    """
    shape = shape_of(content, sheet=sheet, codebook=codebook)
    _check_header(shape.table)
    columns = columns_in(shape.table, {**shape.table.titles, **_titles(codebook)})
    left = _left(columns, shape.table, codebook)
    laid = _laid(shape, columns, catalogue)
    decimal = decimal_of(columns)
    labels = shape.table.labels or _labels(codebook)
    file = File(laid.columns, catalogue, str(decimal.value), labels, codebook)
    free = {one.name for one in laid.columns if _may_be_item(one, left)}
    forms, remarks = propose_forms(laid.parts, file, free=free)
    taken = {name for form in forms for name in form.columns} | left.identifying.keys()
    keys = propose_keys(
        shape.format, laid.columns, taken=taken, known=left.known, therapists=therapists
    )
    check_heading(shape.table, str(keys["patient"].value))
    if laid.session is not None:
        keys["session"] = Said(laid.session, "the number of the block")
        keys.pop("session_by_date", None)
    return _proposal(
        _Findings(
            name,
            shape,
            laid,
            decimal,
            left,
            forms,
            remarks,
            keys,
            catalogue,
            codebook if shape.format == "redcap" else None,
        )
    )


def _laid(shape: Shape, columns: Sequence[Column], catalogue: Mapping[str, Instrument]) -> Laid:
    if shape.format in ("delimited", "workbook", "spss"):
        return laid_out(columns, {one.id.replace("-", "") for one in catalogue.values()})
    several = by_questionnaire(columns) if shape.format == "fhir" else None
    return several or Laid.wide(columns)


def _proposal(found: _Findings) -> Proposal:
    """Put the findings together, in the order of a mapping's keys."""
    forms, remarks = tuple(found.forms), (*found.shape.remarks, *found.remarks)
    keys, codes = _sessions(found)
    used = {column for form in forms for column in form.columns} | found.left.identifying.keys()
    used |= {str(said.value) for said in keys.values()}
    remarks += (*found.laid.remarks, *_nameless(found, used))
    facts = propose_session_facts(
        found.laid.columns, taken=used | _NO_SESSION_FACTS.get(found.shape.format, frozenset())
    )
    used |= {str(column.value) for column, _ in facts.values()}
    if not forms:
        forms = (_nothing(),)
        remarks = (*remarks, "No instrument of the catalogue was recognised.")
    lines = {
        "id": unsure("export", "choose a short name"),
        "path": path_of(found.name),
        **found.shape.lines,
        **_dictionary(found),
        **found.laid.lines,
        "decimal": found.decimal,
        "dates": _dates(found.shape, found.laid.columns, keys),
        **keys,
        **_redcap(found, keys),
        **found.shape.tests,
        **{kind: _coded(column, codes) for kind, (column, codes) in facts.items()},
    }
    details = {"session_codes": codes}
    return Proposal(lines, details, forms, tuple(_ignored(found, used)), remarks)


def _sessions(found: _Findings) -> tuple[dict[str, Said], dict[str, Said]]:
    if found.shape.format != "redcap":
        return dict(found.keys), {}
    return propose_events(found.laid.columns, found.keys)


def _nameless(found: _Findings, used: Collection[str]) -> tuple[str, ...]:
    """Say which columns are called like an instrument of which no items were found."""
    ids = {str(form.lines["instrument"].value) for form in found.forms}
    called = {one.replace("-", ""): one for one in found.instruments if one not in ids}
    told: dict[str, str] = {}
    for column in found.laid.columns:
        is_empty = not column.texts and column.name in found.left.known
        if column.name not in used and len(column.name) <= _LONGEST_TOLD and not is_empty:
            for word in sorted(joins_of(column.name) & called.keys()):
                told.setdefault(called[word], column.name)
    return tuple(
        f"{name}: called like {one}, of which no items are in this file; scores are computed from "
        "items, not from totals."
        for one, name in told.items()
    )


def _dictionary(found: _Findings) -> dict[str, Said]:
    if found.codebook is None:
        return {}
    return {"dictionary": unsure("dictionary.csv", "put it beside clinics.yaml and name it here")}


def _redcap(found: _Findings, keys: Mapping[str, Said]) -> dict[str, Said]:
    if found.shape.format != "redcap":
        return {}
    columns = found.laid.columns
    items = {name for form in found.forms for name in form.columns} - {*_ROW_COLUMNS}
    return {**propose_clinic(columns), **propose_records(columns, keys, items)}


def _coded(column: Said, codes: Mapping[str, Said]) -> Said:
    entries = {code: said.value for code, said in codes.items()}
    return unsure({"column": column.value, "codes": entries}, column.why or "by the words alone")


def _check_header(table: Table) -> None:
    """Refuse a file whose first row looks like data: its texts would be a patient's.

    Raises:
        ExportRefusedError: ``WRONG_FORMAT``.
    """
    names = [name for name in table.header if name]
    numbers = [name for name in names if _DATA.fullmatch(name)]
    given_away = identifier_in(name for name in names if not is_identifying_header(name))
    has_date = any(is_date_column({name}) for name in names)
    if not names or has_date or len(numbers) > len(names) // 2 or given_away is not None:
        refuse(
            "WRONG_FORMAT",
            "The first row does not look like a header of names.",
            "Export with headings; no mapping can be proposed without them.",
            line=table.header_line,
        )


def _left(columns: Sequence[Column], table: Table, codebook: Codebook | None) -> _Left:
    identifying = {}
    for column in columns:
        question = codebook.by_column.get(column.name) if codebook else None
        if question is not None and question.is_identifier and not is_date_column(column.texts):
            identifying[column.name] = "marked as an identifier in the dictionary"
        elif is_identifying_header(column.name) or is_named_after_a_person(column):
            identifying[column.name] = "its name says that it identifies a person"
        elif (found := identifier_in(column.texts)) is not None:
            identifying[column.name] = f"holds {found.kind}"
    known = frozenset(one.name for one in columns if is_known_name(one.name, table.known))
    return _Left(known, identifying)


def _may_be_item(column: Column, left: _Left) -> bool:
    is_native_item = _NATIVE_ITEM.fullmatch(column.name) is not None
    if is_native_item and not column.texts:
        return False
    is_known = column.name in left.known and not is_native_item
    is_dated = is_date_column(column.texts) or is_serial_column(column.texts)
    return not (is_known or is_dated or column.name in left.identifying)


def _labels(codebook: Codebook | None) -> Mapping[str, Mapping[str, str]]:
    if codebook is None:
        return {}
    return {name: question.choices for name, question in codebook.by_column.items()}


def _titles(codebook: Codebook | None) -> Mapping[str, str]:
    if codebook is None:
        return {}
    return {name: question.label for name, question in codebook.by_column.items()}


def _dates(shape: Shape, columns: Sequence[Column], keys: Mapping[str, Said]) -> Said:
    named = str(keys["date"].value)
    texts = shape.texts_of_date(named) or next(
        (one.texts for one in columns if one.name == named), frozenset()
    )
    if not texts:
        return unsure(["%Y-%m-%d"], "no date is in the file to tell the format by")
    if is_serial_column(texts):
        return unsure(["excel"], "day numbers of a spreadsheet; excel1904 if its calendar is that")
    return said_of(texts)


def _nothing() -> ProposedForm:
    why = "no columns resemble an instrument of the catalogue"
    return ProposedForm(
        {
            "instrument": unsure(FILL_IN, why),
            "rater": unsure("patient", why),
            "items": unsure([FILL_IN], why),
        }
    )


def _ignored(found: _Findings, used: Collection[str]) -> list[Said]:
    """Return the columns that are read by nothing: identifiers surely, others to be decided."""
    left, laid = found.left, found.laid
    ignored = [Said(name, why) for name, why in left.identifying.items()]
    for column in laid.columns:
        name = column.name
        if not name or name in used or name in left.known or name in laid.used:
            continue
        if name in left.identifying or name in _ROW_COLUMNS:
            continue
        ignored.append(left_aside(column, found.codebook))
    return list({str(said.value): said for said in ignored}.values())
