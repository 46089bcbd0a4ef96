"""Why answers are missing, carried as text beside them: ``03:refused 07:not_asked``.

A form has one such column, ``missing.<instrument>.<rater>``, and only where some row of the file
states a reason. An answer that is missing without a word about it is not named.
"""

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from rapport.clinics.mapping import ExportMapping, FormMapping, MissingReason
from rapport.exports.table import Table

MISSING = "missing."
"""Stands before the form's key in the column of reasons: ``missing.phq-9.patient``."""

UNDECLARED = "?"
"""Stands before an undeclared code that is spelt like a declared answer."""

Texts = npt.NDArray[np.object_]


def with_native_codes(mapping: ExportMapping, table: Table) -> ExportMapping:
    """Return the mapping with the codes by which the format itself says why a value is missing.

    Args:
        mapping: How the clinic's file is to be read; what it declares itself goes first.
        table: The file; its :attr:`~rapport.exports.table.Table.missing_codes`.
    """
    if not table.missing_codes:
        return mapping
    known = {**table.missing_codes, **mapping.missing_codes}
    return mapping.model_copy(update={"missing_codes": known})


def codes_of(form: FormMapping, mapping: ExportMapping) -> Mapping[str, MissingReason]:
    """Return every missing code of one form's columns: its own, and those of the whole export.

    A code that SPSS itself declares as missing comes marked; what the form says of it holds.
    """
    codes = {**mapping.missing_codes, **form.missing_codes}
    if mapping.format != "spss":
        return codes
    return codes | {f"{UNDECLARED}{code}": why for code, why in form.missing_codes.items()}


def reason_column(
    cells: Texts,
    different: Collection[str],
    form: FormMapping,
    mapping: ExportMapping,
    match: npt.NDArray[np.bool_],
) -> dict[str, Texts]:
    """Return the form's column of reasons under its name, or nothing if no row states any.

    Args:
        cells: Answers as exported, shape (items, rows).
        different: The different texts in them.
        form: The form whose answers they are.
        mapping: Declares missing codes beside the form's own.
        match: Rows on which the form is looked for, shape (rows,).
    """
    codes = codes_of(form, mapping)
    found = {code: codes[code] for code in different if code in codes}
    texts = reason_texts(cells, found)
    if texts is None:
        return {}
    texts[~match] = None
    return {MISSING + form.key: texts}


def reason_texts(cells: Texts, codes: Mapping[str, MissingReason]) -> Texts | None:
    """Say why answers are missing.

    Args:
        cells: Answers as exported, shape (items, rows).
        codes: Missing code → reason.

    Returns:
        One text a row, shape (rows,): item number and reason of every answer whose absence is
        explained, in order; ``None`` where nothing is. ``None`` for all if no row states any.
    """
    if not codes:
        return None
    texts = np.full(cells.shape[1], "", dtype=object)
    for item, answers in enumerate(cells, 1):
        for code, reason in codes.items():
            is_meant = answers == code
            if is_meant.any():
                texts[is_meant] += f" {item:02d}:{reason}"
    stated = texts != ""
    if not stated.any():
        return None
    texts[~stated] = None
    texts[stated] = [text[1:] for text in texts[stated].tolist()]
    return texts
