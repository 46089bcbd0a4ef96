"""Covariates in the text frame: read by their declaration, judged, packed into one text a session.

The frame has one column ``covariate.<name>`` for each name that some file's mapping declares. A
text that the declaration does not allow is noted as a fact and then taken out, so that it is told
and refuses its row, but is handed on to no other row.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rapport.clinics.covariates import Covariate, NumberCovariate, is_number
from rapport.covariates import packed
from rapport.exports.grouping import Mask, Texts, column_arrays, group_ids
from rapport.exports.missing import UNDECLARED
from rapport.exports.questions import About, Answers, where
from rapport.exports.values import number_text

if TYPE_CHECKING:
    from rapport.clinics import Clinic, ExportMapping
    from rapport.exports.source import Source

COVARIATE = "covariate."
"""Stands before the name in the column of a covariate: ``covariate.age``."""

_WHERE = ("clinic_id", "export_id")


def covariate_columns(columns: Iterable[object]) -> tuple[str, ...]:
    """Return the columns of covariates among a frame's columns, in order of their names."""
    return tuple(sorted(name for name in map(str, columns) if name.startswith(COVARIATE)))


def covariate_texts(
    values: Iterable[str], covariate: Covariate, mapping: "ExportMapping"
) -> dict[str, str | None]:
    """Return what each text of a covariate's column stands for.

    Args:
        values: The different texts of the column.
        covariate: What is declared of it.
        mapping: Declares missing codes of the whole file and its decimal mark.

    Returns:
        Text → the number in canonical form, or the word; ``None`` where it is missing; anything
        undeclared as it came, marked where it is spelt like something declared.
    """
    missing = {"", *mapping.missing_codes, *covariate.missing_codes}
    if isinstance(covariate, NumberCovariate):
        return {
            value: None if value in missing else number_text(value, mapping.decimal)
            for value in values
        }
    words = set(covariate.words)
    return {
        value: None
        if value in missing
        else covariate.codes.get(value, f"{UNDECLARED}{value}" if value in words else value)
        for value in values
    }


def read_covariates(source: "Source") -> dict[str, Texts]:
    """Return the columns of covariates of one file, shape (rows,) each, by their declaration."""
    found: dict[str, Texts] = {}
    for name, declared in source.mapping.covariates.items():
        cells = source.column(declared.column).tolist()
        texts = covariate_texts(set(cells), declared, source.mapping)
        column: Texts = np.empty(len(cells), dtype=object)
        column[:] = [texts[cell] for cell in cells]
        found[COVARIATE + name] = column
    return found


def judge_covariates(
    rows: pd.DataFrame, about: About, clinics: Mapping[str, "Clinic"]
) -> dict[str, Answers]:
    """Say of each row whether its covariates are as declared; take out those that are not.

    Args:
        rows: The text frame, n rows; its columns of covariates are changed.
        about: The same rows' kinds.
        clinics: Clinics by id, for their mappings.

    Returns:
        ``covariate.<name>`` → answers of shape (n,); the question arises where a value is given.
    """
    found = {}
    for column in covariate_columns(rows.columns):
        texts = rows[column].to_numpy()
        given = about.is_read & pd.notna(texts)
        holds = _holds(rows, column, clinics)
        found[column] = where(given, holds)
        if (given & ~holds).any():
            kept = texts.copy()
            kept[~holds] = None
            rows[column] = pd.Series(kept, index=rows.index, dtype=object)
    return found


def _holds(rows: pd.DataFrame, column: str, clinics: Mapping[str, "Clinic"]) -> Mask:
    """Ask each different text of each kind of file once."""
    ids = group_ids(column_arrays(rows, (*_WHERE, column)), len(rows))
    firsts = np.unique(ids, return_index=True)[1]
    different = rows.iloc[firsts][[*_WHERE, column]].itertuples(index=False, name=None)
    name = column.removeprefix(COVARIATE)
    answers = [
        isinstance(text, str)
        and (declared := _declared(clinics[clinic_id], export_id, name)) is not None
        and declared.holds(text)
        for clinic_id, export_id, text in different
    ]
    found: Mask = np.array(answers, dtype=bool)[ids]
    return found


def _declared(clinic: "Clinic", export_id: str, name: str) -> Covariate | None:
    exports = (export for export in clinic.exports if export.id == export_id)
    return next((export.covariates.get(name) for export in exports), None)


def packed_covariates(rows: pd.DataFrame) -> Texts:
    """Return each row's covariates as one text: a JSON object by name, numbers as numbers.

    Args:
        rows: Accepted rows, with or without columns of covariates.

    Returns:
        Texts of shape (n,), such as ``{"age":34,"employment":"employed"}``; ``None`` where nothing
        is known.
    """
    columns = covariate_columns(rows.columns)
    found: Texts = np.full(len(rows), None, dtype=object)
    if not columns:
        return found
    arrays = column_arrays(rows, columns)
    ids = group_ids(arrays, len(rows))
    firsts = np.unique(ids, return_index=True)[1]
    names = [column.removeprefix(COVARIATE) for column in columns]
    texts = [_packed(names, [array[place] for array in arrays]) for place in firsts.tolist()]
    found[:] = np.array([*texts, None], dtype=object)[ids]
    return found


def _packed(names: Sequence[str], texts: Sequence[object]) -> str | None:
    known = {
        name: json.loads(text) if is_number(text) else text
        for name, text in zip(names, texts, strict=True)
        if isinstance(text, str)
    }
    return packed(known)
