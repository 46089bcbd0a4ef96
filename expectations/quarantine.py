"""From judged rules to quarantine: every refused row with its place, its rule and the remedy.

A place is told in the clinic's own words: the line of its file, and the name of the column there.
No cell's value is in it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expectations.judging import Judgement, Outcome
from expectations.rule import Rule, Severity
from rapport.errors import Fault
from rapport.exports.covariates import COVARIATE
from rapport.exports.facts import FACT
from rapport.exports.key_facts import CLEAN_KEYS, PLAIN_KEYS
from rapport.exports.lookalikes import is_plain
from rapport.exports.positions import BLOCK_COLUMN, LINES, column_of, line_of
from rapport.exports.text_checks import is_clean

if TYPE_CHECKING:
    from rapport.clinics import Clinic, ExportMapping
    from rapport.instruments import Instrument

COLUMNS = ["clinic_id", "month", "content_sha256", "line", "column", "rule", "remedy"]
_FILE = ["clinic_id", "month", "content_sha256"]
_KEYS = ["clinic_id", "export_id"]

_FIELDS_OF = {
    "fact.patient_given": ("patient",),
    "patient": ("patient",),
    "fact.patient_distinct": ("patient",),
    "fact.patient_own": ("patient",),
    "fact.therapist_given": ("therapist",),
    "fact.therapist_spelt": ("therapist",),
    "fact.therapist_registered": ("therapist",),
    "fact.session_readable": ("session",),
    "fact.date_readable": ("date",),
    "fact.date_in_month": ("date",),
    "fact.date_not_future": ("date",),
    "fact.date_not_before_start": ("date",),
    "fact.date_not_after_end": ("date",),
    "fact.therapist_in_term": ("therapist", "date"),
    "fact.ending_in_order": ("date", "session", "ending"),
    "fact.key_unique": ("patient", "episode", "session"),
    "fact.session_attended": ("attendance",),
    "fact.session_consistent": ("session",),
    "episode": ("episode",),
    "fact.text_clean": CLEAN_KEYS,
    "fact.keys_plain": PLAIN_KEYS,
    "mode": ("mode",),
    "attendance": ("attendance",),
    "ending": ("ending",),
}
"""Column of the judged frame → what of the mapping says where it stands in the file."""

_ASKED_OF_EACH: Mapping[str, Callable[[str], bool]] = {
    "fact.text_clean": is_clean,
    "fact.keys_plain": is_plain,
}
"""Facts about several keys at once → what was asked of each, to name the one that fails."""


def refused_rows(
    rows: pd.DataFrame,
    judgement: Judgement,
    *,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> pd.DataFrame:
    """Return one quarantine row for each row and critical rule that it breaks.

    Args:
        rows: The text frame that was judged.
        judgement: The outcomes of the row rules over it.
        clinics: Id → clinic, for the names of columns.
        catalogue: Id → instrument.

    Returns:
        Frame with the columns of the quarantine table, ordered by file and line.
    """
    found = [
        _broken_rows(rows, outcome, clinics, catalogue)
        for outcome in judgement.values()
        if outcome.rule.severity is Severity.CRITICAL and outcome.broken.any()
    ]
    return _ordered(found)


def refused_files(
    files: pd.DataFrame, judgement: Judgement, faults: Sequence[Sequence[Fault]]
) -> pd.DataFrame:
    """Return one quarantine row for each refused file, critical rule and place that breaks it.

    The reader knows the place, and what to do about this very file, better than the rule does;
    ``line`` is 0 and ``column`` empty where the file as a whole is meant.

    Args:
        files: The file frame that was judged, index 0 … n-1.
        judgement: The outcomes of the file rules over it.
        faults: What the reader says about each file.
    """
    found = []
    for outcome in judgement.values():
        if outcome.rule.severity is Severity.CRITICAL:
            for place in np.flatnonzero(outcome.broken).tolist():
                told = [one for one in faults[place] if one.rule == outcome.rule.id]
                found.append(_file_rows(files.iloc[[place]], outcome.rule, told))
    return _ordered(found)


def joined(*parts: pd.DataFrame) -> pd.DataFrame:
    """Return several quarantine frames as one, ordered by file and line."""
    return _ordered(parts)


def _file_rows(file: pd.DataFrame, rule: Rule, told: Sequence[Fault]) -> pd.DataFrame:
    places = [(one.line or 0, one.column or "", one.remedy) for one in told]
    rows = pd.DataFrame(places or [(0, "", rule.remedy)], columns=["line", "column", "remedy"])
    return rows.assign(**{name: file[name].iloc[0] for name in _FILE}, rule=rule.id)[COLUMNS]


def _broken_rows(
    rows: pd.DataFrame,
    outcome: Outcome,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> pd.DataFrame:
    broken = rows.loc[outcome.broken, [*_FILE, "export_id", "line"]]
    kinds = broken[_KEYS].drop_duplicates()
    places = {
        (clinic, export): place_of(outcome.rule, _export(clinics[clinic], export), catalogue)
        for clinic, export in kinds.itertuples(index=False, name=None)
    }
    pairs = list(zip(broken.clinic_id, broken.export_id, strict=True))
    columns = [places[pair] for pair in pairs]
    if outcome.rule.column in _ASKED_OF_EACH:
        failing = _failing(rows.loc[broken.index], outcome.rule, pairs, clinics)
        columns = [own or whole for own, whole in zip(failing, columns, strict=True)]
    return _told(_in_the_file(rows, broken.assign(column=columns), outcome.rule), outcome.rule)


def _failing(
    rows: pd.DataFrame,
    rule: Rule,
    pairs: Sequence[tuple[str, str]],
    clinics: Mapping[str, "Clinic"],
) -> list[str]:
    """Name, of each row, the keys alone that fail a question asked of several of them."""
    holds, fields = _ASKED_OF_EACH[rule.column], _FIELDS_OF[rule.column]
    keys = rows[list(fields)].itertuples(index=False, name=None)
    exports = {pair: _export(clinics[pair[0]], pair[1]) for pair in set(pairs)}
    found = []
    for texts, pair in zip(keys, pairs, strict=True):
        named = zip(fields, texts, strict=True)
        wrong = [field for field, text in named if isinstance(text, str) and not holds(text)]
        columns = (_column(exports[pair], field) for field in wrong)
        found.append(", ".join(name for name in columns if name))
    return found


def _in_the_file(rows: pd.DataFrame, broken: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Name line and column as they are in a file that is long, or in blocks."""
    form_key, _, item = rule.part.rpartition(".")
    if BLOCK_COLUMN in rows.columns:
        blocks = rows.loc[broken.index, BLOCK_COLUMN]
        named = [column_of(*pair) for pair in zip(broken["column"], blocks, strict=True)]
        broken = broken.assign(column=named)
    if item.isdigit() and LINES + form_key in rows.columns:
        stated = rows.loc[broken.index, LINES + form_key]
        lines = [line_of(text, int(item), n) for text, n in zip(stated, broken.line, strict=True)]
        broken = broken.assign(line=lines)
    return broken


def _told(places: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    return places.assign(rule=rule.id, remedy=rule.remedy)[COLUMNS]


def _ordered(found: Iterable[pd.DataFrame]) -> pd.DataFrame:
    parts = [part for part in found if len(part)]
    if not parts:
        return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in COLUMNS})
    joined = pd.concat(parts, ignore_index=True).astype({n: _dtype(n) for n in COLUMNS})
    return (
        joined.drop_duplicates(COLUMNS[:-1])
        .sort_values(COLUMNS[:-1], kind="stable")
        .reset_index(drop=True)
    )


def _dtype(name: str) -> str:
    return "int64" if name == "line" else "str"


def _export(clinic: "Clinic", export_id: str) -> "ExportMapping":
    return next(export for export in clinic.exports if export.id == export_id)


def place_of(rule: Rule, export: "ExportMapping", catalogue: Mapping[str, "Instrument"]) -> str:
    """Return the column of the clinic's own file that a row rule is about; empty for a whole row.

    Args:
        rule: A row rule, such as ``ANSWER_ALLOWED[phq-9.patient.03]``.
        export: The mapping by which the file was read.
        catalogue: Id → instrument.
    """
    if rule.column == "fact.clinic_matches":
        return ", ".join(export.clinic)
    if rule.column == "fact.total_matches":
        return ", ".join(dict.fromkeys(form.total for form in export.forms if form.total))
    if rule.column in _FIELDS_OF:
        named = (_column(export, field) for field in _FIELDS_OF[rule.column])
        return ", ".join(name for name in named if name)
    if rule.column.startswith(FACT + COVARIATE) and rule.part in export.covariates:
        return export.covariates[rule.part].column
    form_key, _, item = rule.part.rpartition(".")
    for form in export.forms:
        if form.key == form_key:
            return form.columns(catalogue[form.instrument].n_items)[int(item) - 1]
    return ""


def _column(export: "ExportMapping", field: str) -> str | None:
    declared = getattr(export, field)
    return declared if declared is None or isinstance(declared, str) else str(declared.column)
