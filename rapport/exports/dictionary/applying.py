"""Codings, identifiers and reasons for gaps, from a REDCap data dictionary to a raw export."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rapport.clinics.codebook import Codebook, checkbox_column
from rapport.clinics.mapping import ExportMapping, MissingReason
from rapport.errors import ExportRefusedError, Fault
from rapport.exports.columns import MOST_ITEMS, mapped_names
from rapport.exports.dictionary.branching import Lookup, condition_of
from rapport.exports.table import Table

_NOT_ASKED, _SKIPPED = "{not_asked}", "{skipped}"
_REASONS: Mapping[str, MissingReason] = {_NOT_ASKED: "not_asked", _SKIPPED: "skipped"}
_INSTRUMENT = "redcap_repeat_instrument"
_UNCODED = ("checkbox", "slider")


def with_dictionary(table: Table, codebook: Codebook, mapping: ExportMapping) -> Table:
    """Add what the dictionary knows of the columns.

    Args:
        table: A raw export.
        codebook: The project's data dictionary.
        mapping: What of the export is read.

    Returns:
        The table with the codes of choices, with identifiers and checkboxes of missing codes as
        known columns, and with a reason in the empty fields of forms that were begun: not asked
        where the branching logic hid the question, skipped where it was shown; nothing where the
        row cannot decide.

    Raises:
        ExportRefusedError: ``DIRECT_IDENTIFIER`` – a mapped column is one that the project marks as
            an identifier. The date of a session is read all the same.
    """
    _refuse_identifiers(table, codebook, mapping)
    known = [question.name for question in codebook.questions if question.is_identifier]
    known += [
        checkbox_column(question.name, code)
        for question in codebook.questions
        if question.kind == "checkbox"
        for code in mapping.missing_codes
    ]
    return replace(
        table,
        known=(*table.known, *known),
        codings=_codings(codebook, mapping),
        labels={name: question.choices for name, question in codebook.by_column.items()},
        rows=_with_reasons(table, codebook, mapping),
        missing_codes=_REASONS,
    )


def _codings(codebook: Codebook, mapping: ExportMapping) -> dict[str, tuple[str, ...]]:
    """Return the codes of every choice; their labels where a form declares what those stand for."""
    by_label = {
        name
        for form in mapping.forms
        for name in form.columns(MOST_ITEMS)
        if (question := codebook.by_column.get(name))
        and set(form.codes or {}) & set(question.choices.values()) - set(question.choices)
    }
    return {
        name: tuple(question.choices.values() if name in by_label else question.choices)
        for name, question in codebook.by_column.items()
        if question.choices and question.kind not in _UNCODED
    }


def _refuse_identifiers(table: Table, codebook: Codebook, mapping: ExportMapping) -> None:
    named = [
        name
        for name in mapped_names(mapping)
        if name in table.header and name != mapping.date
        if (question := codebook.by_column.get(name)) and question.is_identifier
    ]
    if named:
        raise ExportRefusedError(
            Fault(
                "DIRECT_IDENTIFIER",
                "A column that is read is marked as an identifier in the data dictionary.",
                "Map a code for the patient or therapist instead; or, if it is one, take the mark "
                "off in REDCap and download the dictionary anew.",
                line=table.header_line,
                column=name,
            )
            for name in named
        )


def _with_reasons(table: Table, codebook: Codebook, mapping: ExportMapping) -> list[list[str]]:
    """Return the rows with a reason in the empty fields of forms that were begun."""
    places = {name: place for place, name in enumerate(table.header)}
    forms = [
        [(places[name], name) for name in form.columns(MOST_ITEMS) if name in places]
        for form in mapping.forms
    ]
    rows = list(table.rows)
    last = len(rows) if table.is_ended else len(rows) - 1
    for at in range(last):
        row = rows[at]
        if len(row) != len(table.header):
            continue
        for items in forms:
            gaps = [(place, name) for place, name in items if not row[place]]
            if not gaps or not _is_begun(row, items, mapping):
                continue
            row = _filled(row, gaps, codebook, places)
        rows[at] = row
    return rows


def _is_begun(row: Sequence[str], items: Sequence[tuple[int, str]], mapping: ExportMapping) -> bool:
    return any(row[place] and row[place] not in mapping.missing_codes for place, _ in items)


def _filled(
    row: list[str],
    gaps: Sequence[tuple[int, str]],
    codebook: Codebook,
    places: Mapping[str, int],
) -> list[str]:
    filled = list(row)
    for place, name in gaps:
        question = codebook.by_column.get(name)
        if question is None:
            continue
        if not question.branching:
            filled[place] = _SKIPPED
            continue
        condition = condition_of(question.branching)
        shown = (
            condition.holds(_lookup(row, question.form, codebook, places)) if condition else None
        )
        if shown is not None:
            filled[place] = _SKIPPED if shown else _NOT_ASKED
    return filled


def _lookup(row: Sequence[str], form: str, codebook: Codebook, places: Mapping[str, int]) -> Lookup:
    """Return how to look up a field: one of another form only where that stands in this row."""
    is_instance = _INSTRUMENT in places and bool(row[places[_INSTRUMENT]])

    def look_up(column: str) -> str | None:
        question = codebook.by_column.get(column)
        if question is None or column not in places:
            return None
        if question.form != form and (is_instance or not row[places[column]]):
            return None
        return row[places[column]]

    return look_up
