"""What both layouts ask of a file's rows before they take them apart."""

from collections.abc import Collection, Mapping

from rapport.clinics.mapping import ExportMapping
from rapport.errors import ExportRefusedError
from rapport.exports.missing import codes_of
from rapport.exports.table import Table
from rapport.exports.whole_file import count_faults
from rapport.instruments import Instrument


def broken_places(
    table: Table,
    mapping: ExportMapping,
    catalogue: Mapping[str, Instrument],
    *,
    read: Collection[str],
    answered: Collection[str],
) -> frozenset[int]:
    """Return the places of rows that are not whole.

    Args:
        table: The file.
        mapping: How it is to be read.
        catalogue: Instruments by id.
        read: Columns that are read.
        answered: Those of them that hold answers.

    Raises:
        ExportRefusedError: ``FIELD_COUNT`` – rows are too long, or too many are too short.
    """
    faults = count_faults(table)
    if faults:
        raise ExportRefusedError(faults)
    width = len(table.header)
    broken = {place for place, row in enumerate(table.rows) if len(row) != width}
    last = len(table.rows) - 1
    if not table.is_ended and last >= 0 and last not in broken and table.header[-1] in read:
        answers = _answers(mapping, catalogue) if table.header[-1] in answered else frozenset()
        if not _cannot_go_on(table.rows[last][-1], answers):
            broken.add(last)
    return frozenset(broken)


def _answers(mapping: ExportMapping, catalogue: Mapping[str, Instrument]) -> frozenset[str]:
    found: set[str] = set()
    for form in mapping.forms:
        found |= codes_of(form, mapping).keys()
        found |= set(form.codes or catalogue[form.instrument].allowed_answers())
    return frozenset(found)


def _cannot_go_on(last: str, answers: Collection[str]) -> bool:
    """Whether a text is an answer that no longer answer begins with."""
    return last in answers and not any(
        answer != last and answer.startswith(last) for answer in answers
    )
