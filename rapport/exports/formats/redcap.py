"""REDCap's CSV, raw or with labels: events, repeating instruments and events, access groups.

A row is one event of one record, or one instance of a repeating instrument in it; fields of other
forms are blank. The key of a row is record, event, repeating instrument and instance.

Source:
    The layouts are those of REDCap's own "CSV / Microsoft Excel" exports (raw data, labels).
"""

from dataclasses import replace
from typing import NoReturn

from rapport.clinics.mapping import ExportMapping
from rapport.exports.dictionary import with_dictionary, with_variables
from rapport.exports.file_rules import refuse
from rapport.exports.formats import delimited
from rapport.exports.table import Table

_PART = ("redcap_event_name", "redcap_repeat_instrument")
_INSTANCE = "redcap_repeat_instance"
_KNOWN = (
    *_PART,
    _INSTANCE,
    "redcap_data_access_group",
    "redcap_survey_identifier",
    "*_complete",
    "*_timestamp",
)
_LABEL_PART = ("Event Name", "Repeat Instrument")
_LABEL_INSTANCE = "Repeat Instance"
_LABELS = frozenset({*_LABEL_PART, _LABEL_INSTANCE, "Data Access Group", "Complete?"})
_KNOWN_LABELS = (*_LABELS, "Survey Identifier", "Survey Timestamp")
_STATUS_WORDS = frozenset({"Incomplete", "Unverified", "Complete"})
_STATUS = "_complete"
_EXPORT_RAW = "Export again and choose CSV / Microsoft Excel (raw data)"


def read(content: bytes, mapping: ExportMapping) -> Table:
    """Read a raw export, or one with labels if the mapping declares what they stand for.

    Raises:
        ExportRefusedError: The file cannot be split into fields, is something else, or holds
            labels that are not declared, or a column is read that identifies persons.
    """
    table = delimited.read(content, mapping)
    codebook = mapping.codebook
    if codebook is not None:
        table = with_variables(table, codebook, mapping)
    has_label_headings = bool(_LABELS & set(table.header)) and not set(_PART) & set(table.header)
    if has_label_headings and mapping.patient not in table.header:
        _refuse(
            table,
            "This is a REDCap export with labels for headings; the mapping names variables.",
            f"{_EXPORT_RAW}, or declare the labels in this clinic's registry entry.",
        )
    if _has_label_answers(table):
        _check_codes(table, mapping)
    part, instance = _PART, _INSTANCE
    if has_label_headings:
        part, instance = _LABEL_PART, _LABEL_INSTANCE
        table = replace(table, known=_KNOWN_LABELS)
    else:
        table = replace(table, known=(*_KNOWN, *_KNOWN_LABELS))
        if codebook is not None:
            table = with_dictionary(table, codebook, mapping)
    form_key = tuple(name for name in part if name in table.header)
    own = (instance,) if instance in table.header else ()
    return replace(table, form_key=form_key, row_key=(*form_key, *own))


def _has_label_answers(table: Table) -> bool:
    """Whether the columns that say how far a form is say it in words."""
    places = [
        place
        for place, name in enumerate(table.header)
        if name.endswith(_STATUS) or name == "Complete?"
    ]
    return any(
        row[place] in _STATUS_WORDS for row in table.rows for place in places if place < len(row)
    )


def _check_codes(table: Table, mapping: ExportMapping) -> None:
    """Refuse answers in words where a form does not declare what its words stand for."""
    undeclared = [form.key for form in mapping.forms if form.codes is None]
    if undeclared:
        _refuse(
            table,
            "The answers come as labels, and the mapping declares no codes for "
            f"{', '.join(undeclared)}.",
            f"{_EXPORT_RAW}, or declare label and answer under `codes` of the form.",
        )


def _refuse(table: Table, message: str, remedy: str) -> NoReturn:
    refuse("WRONG_FORMAT", message, remedy, line=table.header_line)
