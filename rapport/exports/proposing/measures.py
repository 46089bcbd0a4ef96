"""Rows of several questionnaires in the same columns: which rows hold whose answers.

``Item 1`` is the first question of the PHQ-9 on one row and of the GAD-7 on the next, and a column
says which; in FHIR, question ``1`` is another one in every questionnaire.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from rapport.exports.proposing.columns import Column, joined, joins_of
from rapport.exports.proposing.laid import Laid, Part
from rapport.exports.proposing.words import known_words

_MOST_MEASURES = 30
_FEWEST = 2


def by_measure(columns: Sequence[Column], called: Collection[str]) -> Laid | None:
    """Return a layout in which a column names the instrument of each row, if one does.

    Args:
        columns: The columns of the file.
        called: Names of instruments, each as one word.
    """
    names = known_words().names["instrument"]
    for column in columns:
        if joined(column.name) not in names or len(column.texts) > _MOST_MEASURES:
            continue
        values = sorted(text for text in column.texts if joins_of(text) & set(called))
        if values:
            others = len(column.texts) - len(values)
            remark = (
                f"{column.name}: {others} further texts in it name no instrument of the catalogue; "
                "rows with them hold no form."
            )
            return _laid(columns, column, values, (remark,) if others else ())
    return None


def by_questionnaire(columns: Sequence[Column]) -> Laid | None:
    """Return the layout of a FHIR export if two questionnaires answer questions of one name."""
    column = next((one for one in columns if one.name == "questionnaire"), None)
    if column is None or not _FEWEST <= len(column.texts) <= _MOST_MEASURES:
        return None
    laid = _laid(columns, column, sorted(column.texts), ())
    items = [one.name for part in laid.parts for one in part.columns if "item." in one.name[:5]]
    return laid if len(items) > len(set(items)) else None


def _laid(
    columns: Sequence[Column], measure: Column, values: Sequence[str], remarks: tuple[str, ...]
) -> Laid:
    parts = tuple(_part(columns, measure, value) for value in values)
    return Laid({}, tuple(columns), parts, frozenset({measure.name}), remarks=remarks)


def _part(columns: Sequence[Column], measure: Column, value: str) -> Part:
    """Return the columns as they are on the rows of one instrument, without those empty there."""
    rows = [at for at, text in enumerate(measure.cells) if text == value]
    own = (
        replace(one, cells=tuple(one.cells[at] for at in rows))
        for one in columns
        if one.name != measure.name
    )
    return Part(tuple(one for one in own if one.texts), ((measure.name, value),))
