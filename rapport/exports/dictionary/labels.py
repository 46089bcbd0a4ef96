"""A REDCap export with labels, turned back into the raw one by the data dictionary.

Headings become variables: the n-th column of a label is the n-th field of that label, in the order
of the dictionary. Answers become codes, except where the mapping itself says what labels stand for.
What cannot be told stays as it came, and is refused by the rules on columns and answers.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from rapport.clinics.codebook import Codebook, checkbox_column, plain
from rapport.clinics.covariates import CategoryCovariate
from rapport.clinics.mapping import ExportMapping
from rapport.exports.columns import MOST_ITEMS
from rapport.exports.table import Table

_EVENT, _INSTRUMENT, _GROUP = (
    "redcap_event_name",
    "redcap_repeat_instrument",
    "redcap_data_access_group",
)
_NATIVE = {
    "Event Name": _EVENT,
    "Repeat Instrument": _INSTRUMENT,
    "Repeat Instance": "redcap_repeat_instance",
    "Data Access Group": _GROUP,
    "Survey Identifier": "redcap_survey_identifier",
}
_COMPLETE = "Complete?"
_STATUS = "_complete"
_STATUSES = {"Incomplete": "0", "Unverified": "1", "Complete": "2"}
_CHECKED = {"Checked": "1", "Unchecked": "0"}
_ARM = re.compile(r" \(Arm (\d+): .*\)$")
_LONGEST_EVENT = 18


def with_variables(table: Table, codebook: Codebook, mapping: ExportMapping) -> Table:
    """Return the table with variables for headings and codes for answers, where it has labels.

    Args:
        table: The export.
        codebook: The project's data dictionary.
        mapping: What it names by label itself is left as it is.
    """
    header = table.header
    if codebook.record_id.name not in header and mapping.patient not in header:
        header = _variables(header, codebook)
    words = _words(table, header, codebook, mapping)
    table = replace(table, header=header, heading=table.header)
    if not words:
        return table
    rows = [
        [words[at].get(cell, cell) if at in words else cell for at, cell in enumerate(row)]
        for row in table.rows
    ]
    return replace(table, rows=rows)


def _variables(header: tuple[str, ...], codebook: Codebook) -> tuple[str, ...]:
    """Return the variable of each heading."""
    known: dict[str, list[str]] = {}
    for question in codebook.questions:
        for name, label in _headings(question.name, codebook):
            known.setdefault(label, []).append(name)
    known[_COMPLETE] = [f"{form}{_STATUS}" for form in codebook.forms]
    counts, seen = Counter(map(plain, header)), Counter[str]()
    found = []
    for heading in header:
        label = plain(heading)
        names = known.get(label, [])
        is_told = len(names) == counts[label]
        found.append(names[seen[label]] if is_told else _NATIVE.get(label, heading))
        seen[label] += 1
    return tuple(found)


def _headings(name: str, codebook: Codebook) -> list[tuple[str, str]]:
    question = codebook.by_name[name]
    if question.kind != "checkbox":
        return [(column, question.label) for column in question.columns]
    return [
        (checkbox_column(name, code), f"{question.label} (choice={label})")
        for code, label in question.choices.items()
    ]


def _words(
    table: Table, header: tuple[str, ...], codebook: Codebook, mapping: ExportMapping
) -> dict[int, Mapping[str, str]]:
    """Return place of a column → text → code, for columns whose answers come as labels."""
    columns = {
        name: {row[at] for row in table.rows if at < len(row)} for at, name in enumerate(header)
    }
    choices = {name: _codes_of(name, codebook) for name in header}
    choices = {name: words for name, words in choices.items() if words}
    if not _has_labels(columns, choices):
        return {}
    own = _declared(mapping)
    found: dict[int, Mapping[str, str]] = {}
    for at, name in enumerate(header):
        if name in choices and not own.get(name, frozenset()) & choices[name].keys():
            found[at] = choices[name]
        elif name in (_EVENT, _INSTRUMENT, _GROUP):
            found[at] = _native_words(columns[name], own.get(name, frozenset()))
    return found


def _codes_of(name: str, codebook: Codebook) -> dict[str, str]:
    """Return label → code of one column; a label that stands for two codes is left out."""
    if name.endswith(_STATUS) and name.removesuffix(_STATUS) in codebook.forms:
        return _STATUSES
    question = codebook.by_column.get(name)
    if question is None:
        return {}
    if question.kind == "checkbox":
        return _CHECKED
    counts = Counter(question.choices.values())
    return {label: code for code, label in question.choices.items() if counts[label] == 1}


def _has_labels(columns: Mapping[str, set[str]], choices: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether answers come as labels: some are labels and no codes, none the other way round."""
    labels = any(
        cell in words and cell not in words.values()
        for name, words in choices.items()
        for cell in columns[name]
    )
    codes = any(
        cell in words.values() and cell not in words
        for name, words in choices.items()
        for cell in columns[name]
    )
    return labels and not codes


def _declared(mapping: ExportMapping) -> dict[str, frozenset[str]]:
    """Return column → the texts in it that the mapping itself says something about."""
    found: dict[str, set[str]] = {}
    for coded in (mapping.mode, mapping.attendance, mapping.ending):
        if coded is not None:
            found.setdefault(coded.column, set()).update(coded.codes)
    for covariate in mapping.covariates.values():
        if isinstance(covariate, CategoryCovariate):
            found.setdefault(covariate.column, set()).update(covariate.codes)
    for form in mapping.forms:
        for name, value in form.where.items():
            found.setdefault(name, set()).add(value)
        for name in form.columns(MOST_ITEMS):
            found.setdefault(name, set()).update(form.codes or {})
    for name, value in mapping.clinic.items():
        found.setdefault(name, set()).add(value)
    for name, given in mapping.record_rows.items():
        found.setdefault(name, set()).update((given,) if isinstance(given, str) else given)
    for name, values in mapping.test_rows.items():
        found.setdefault(name, set()).update(values)
    return {name: frozenset(texts) for name, texts in found.items()}


def _native_words(cells: set[str], declared: frozenset[str]) -> dict[str, str]:
    """Return label → the declared name that REDCap makes out of it, where that is only one."""
    found = {}
    for cell in cells - declared:
        fitting = [name for name in declared if name in _names_of(cell)]
        if len(fitting) == 1:
            found[cell] = fitting[0]
    return found


def _names_of(label: str) -> frozenset[str]:
    """Return the names that REDCap may have given to an event, form or group of this label."""
    arm = _ARM.search(label)
    found: set[str] = set()
    for name in _slugs(label[: arm.start()] if arm else label):
        event = name[:_LONGEST_EVENT].rstrip("_")
        found |= {name, name[:_LONGEST_EVENT], f"{event}_arm_{arm[1] if arm else 1}"}
    return frozenset(found)


def _slugs(label: str) -> tuple[str, str]:
    """Return a label with underscores for signs, and with the signs left out."""
    plain_label = label.lower().strip()
    left_out = re.sub(r"[^a-z0-9_]", "", re.sub(r" +", "_", plain_label))
    return re.sub(r"[^a-z0-9]+", "_", plain_label).strip("_"), left_out
