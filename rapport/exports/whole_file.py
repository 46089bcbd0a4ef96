"""Rules about a file as a whole: field counts, a cut last row, the clinic it shows, identifiers."""

import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.clinics import ExportMapping
from rapport.errors import Fault
from rapport.exports.columns import Columns
from rapport.exports.identifiers import identifier_in, is_identifying_header
from rapport.exports.source import Source
from rapport.exports.table import Table
from rapport.instruments import Instrument

SHORT_SHARE = 0.01
"""A file with more than one short row is refused when they are more than this share of its rows."""

_MESSAGE = re.compile(
    r"</?(!doctype|html|head|body|div|pre|p|br|b|script)\b|(php )?(fatal error|parse error|warning|"
    r"notice|deprecated):|(uncaught |unhandled )?exception\b|traceback \(|(internal )?server error|"
    r"(maximum execution time|allowed memory size|session (has )?(expired|timed out))",
    re.IGNORECASE,
)
_COUNT_REMEDY = (
    "Export again without editing the file; a delimiter inside a field must stand in quotation "
    "marks."
)


def count_faults(table: Table) -> tuple[Fault, ...]:
    """Return what field counts say about the whole file: at most one fault of ``FIELD_COUNT``.

    One short row is left to the rules on rows. The file is refused if a row is too long (its
    fields have shifted), if several are short, if it breaks off within its last row, or if a
    server's message stands in place of a row.
    """
    width = len(table.header)
    counts = list(map(len, table.rows))
    if set(counts) == {width}:
        return ()
    odd = [place for place, count in enumerate(counts) if count != width]
    broken_off = next((place for place in odd if _is_a_message(table.rows[place])), None)
    if broken_off is not None:
        return (_message_fault(table.lines[broken_off]),)
    long = [place for place in odd if counts[place] > width]
    if long:
        return (_count_fault("A row has more fields than the header.", table, long[0]),)
    if not table.is_ended and odd[-1] == len(counts) - 1:
        return (_cut_fault(table),)
    if len(odd) > max(1.0, SHORT_SHARE * len(counts)):
        return (_count_fault(f"{len(odd)} rows have too few fields.", table, odd[0]),)
    return ()


def whole_rows(
    table: Table, columns: Columns, mapping: ExportMapping, catalogue: Mapping[str, Instrument]
) -> npt.NDArray[np.intp]:
    """Return the places of the rows that have the right field count and are surely not cut.

    A file that does not end in a line end may have been cut in its last field: ``4`` of ``40``.
    Its last row counts only if that field is not read, or could not have gone on.
    """
    width = len(table.header)
    places = [place for place, row in enumerate(table.rows) if len(row) == width]
    if places and not table.is_ended and places[-1] == len(table.rows) - 1:
        last = table.rows[-1][-1]
        if not _cannot_go_on(last, columns, mapping, catalogue, width - 1):
            places.pop()
    return np.asarray(places, dtype=np.intp)


def content_faults(source: Source, rows: pd.DataFrame) -> tuple[Fault, ...]:
    """Return what the content says about the whole file: another clinic's rows, identifiers.

    Args:
        source: The file.
        rows: Its text frame.
    """
    faults: list[Fault] = []
    others = np.flatnonzero(rows["stated_clinic"].to_numpy() == "other")
    if len(others):
        faults.append(
            Fault(
                "WRONG_CLINIC",
                "A row shows that it belongs to another clinic; the whole file is refused.",
                "Find out how it came here, have the sender told, and export this clinic's rows "
                "alone. If the row is one of totals or notes below the data, take it out.",
                line=int(rows["line"].iloc[others[0]]),
                column=next(iter(source.mapping.clinic)),
            )
        )
    faults.extend(_identifier_faults(source))
    return tuple(faults)


def _cannot_go_on(
    last: str,
    columns: Columns,
    mapping: ExportMapping,
    catalogue: Mapping[str, Instrument],
    place: int,
) -> bool:
    """Whether the last field is not read, or no longer answer begins with what is there."""
    names = [name for name, where in columns.places.items() if where == place]
    if not names:
        return True
    forms = [
        form
        for form in mapping.forms
        if names[0] in form.columns(catalogue[form.instrument].n_items)
    ]
    if not last or not forms:
        return False
    answers = {*mapping.missing_codes}
    for form in forms:
        answers |= set(form.codes or catalogue[form.instrument].allowed_answers())
    return last in answers and not any(
        answer != last and answer.startswith(last) for answer in answers
    )


def _identifier_faults(source: Source) -> Iterator[Fault]:
    """Yield one fault for every column that is read, or undeclared, and names a person."""
    for place, name in _exposed(source):
        line: int | None = source.table.header_line
        kind = "direct identifiers, as its heading says"
        if not is_identifying_header(name):
            found = identifier_in(source.different(place))
            if found is None:
                continue
            first = np.flatnonzero(source.cells[place] == found.text)[0]
            line = int(source.table.lines[source.whole[first]])
            kind = found.kind
        yield Fault(
            "DIRECT_IDENTIFIER",
            f"A column holds {kind}.",
            "Leave it out of the export, or list it under `ignored`; use a code for the patient.",
            line=line,
            column=name,
        )


def _exposed(source: Source) -> list[tuple[int, str]]:
    mapped: Sequence[tuple[int, str]] = [
        (place, name) for name, place in source.columns.places.items()
    ]
    return sorted({*mapped, *source.columns.unknown.items()})


def _count_fault(message: str, table: Table, place: int) -> Fault:
    return Fault("FIELD_COUNT", message, _COUNT_REMEDY, line=table.lines[place])


def _is_a_message(row: Sequence[str]) -> bool:
    """Whether a row of another width is what a server says when it fails, in place of data."""
    return bool(row) and _MESSAGE.match(row[0].strip()) is not None


def _message_fault(line: int) -> Fault:
    return Fault(
        "FIELD_COUNT",
        "A server's own message, such as an error, stands in place of a row; what should follow is "
        "missing.",
        "Export again; if the message comes back, show this line of the file to whoever runs the "
        "survey software.",
        line=line,
    )


def _cut_fault(table: Table) -> Fault:
    return Fault(
        "FIELD_COUNT",
        "The file breaks off within its last row.",
        "Transfer the file again; wait until the export has finished before copying it.",
        line=table.lines[-1],
    )
