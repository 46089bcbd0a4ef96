"""Reading one export: bytes and a mapping in, text rows and the outcome of every file rule out.

A bad file never raises: what is wrong with it is part of the result, all of it at once.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import pandas as pd

from rapport.clinics import Clinic, ExportMapping
from rapport.errors import ExportRefusedError, Fault
from rapport.exports.codings import coding_faults
from rapport.exports.columns import Columns, columns_of, with_absent
from rapport.exports.exported import from_cells, from_name
from rapport.exports.file_rules import FILE_RULES, WARNINGS, Outcome, outcomes
from rapport.exports.formats import READERS
from rapport.exports.layouts import in_wide_layout
from rapport.exports.mangled import check_ids
from rapport.exports.missing import with_native_codes
from rapport.exports.questionnaires import mixed_faults
from rapport.exports.redacting import opened, told_of
from rapport.exports.sizes import FIELDS, check_size, check_width
from rapport.exports.source import Source
from rapport.exports.strangers import BINARY
from rapport.exports.table import Table
from rapport.exports.text_rows import BASE_COLUMNS, DELIVERED, FILE_COLUMNS, text_rows
from rapport.exports.whole_file import content_faults, count_faults, whole_rows
from rapport.exports.wrapping import unwrapped
from rapport.instruments import Instrument
from rapport.sources import Delivery

_RESPONSE = re.compile(rb'"resourceType"\s*:\s*"QuestionnaireResponse"')

_QUOTED = re.compile(rb'(?:(?<=[,;\t|\r\n\0])|\A)"[^"]*(?:""[^"]*)*"')
"""A field in quotation marks, whatever the delimiter."""


@dataclass(frozen=True)
class Reading:
    """How one file was read.

    Attributes:
        rows: The text frame, one row a data row; empty if the file is refused.
        file: One row of the file frame: the file, its number of data rows, the outcome of every
            file rule, and the place of the first one broken.
        faults: What is wrong with the file as a whole, with remedies; never a cell's value.
        made: When the file was made, in UTC, where its name or its rows say so.
    """

    rows: pd.DataFrame
    file: dict[str, str | int | None]
    faults: tuple[Fault, ...]
    made: datetime | None = None

    @property
    def is_refused(self) -> bool:
        """Whether a rule is broken that leaves no row to be read."""
        return any(fault.rule not in WARNINGS for fault in self.faults)


def read_export(
    delivery: Delivery,
    *,
    mapping: ExportMapping,
    clinic: Clinic,
    catalogue: Mapping[str, Instrument],
) -> Reading:
    """Read one export strictly.

    Args:
        delivery: The bytes and what they were delivered for.
        mapping: How this kind of file is to be read.
        clinic: Whose file it is.
        catalogue: Instruments by id.

    Returns:
        The reading. A file that is refused has no rows; its ``rows_received`` are the data rows
        that were found, or, where it cannot be split into rows, its lines after the first, those
        within quotation marks not counted.
    """
    reading = _read(delivery, mapping, clinic, catalogue)
    made = reading.made or from_name(delivery.file, mapping, clinic.timezone)
    if not mapping.cumulative:
        return replace(reading, made=made)
    months = np.full(len(reading.rows), delivery.delivered_for or delivery.month, dtype=object)
    return replace(reading, made=made, rows=reading.rows.assign(**{DELIVERED: months}))


def _read(
    delivery: Delivery,
    mapping: ExportMapping,
    clinic: Clinic,
    catalogue: Mapping[str, Instrument],
) -> Reading:
    stamps = (
        delivery.clinic_id,
        delivery.month,
        delivery.content_sha256,
        delivery.export_id,
        delivery.file,
    )
    content = delivery.content
    copy = opened(content) if delivery.is_copy else None
    if copy is not None and copy.table is None:
        return _reading(stamps, copy.rows_received, copy.refusal, None)
    told = told_of(copy) if copy is not None else ()
    table: Table | None = None
    try:
        if copy is not None and copy.table is not None:
            table = copy.table
        else:
            content = unwrapped(content)
            check_size(content, is_json=mapping.format == "fhir", delimiter=mapping.delimiter)
            table = READERS[mapping.format](content, mapping)
        check_width(table.header)
        check_ids(table, mapping)
        table = in_wide_layout(table, mapping, catalogue)
    except ExportRefusedError as error:
        n_rows = _line_count(content) if table is None else len(table.rows)
        return _reading(stamps, n_rows, error.faults, None)
    mapping = with_native_codes(mapping, table)
    table = with_absent(table, mapping, catalogue)
    columns = columns_of(table, mapping, catalogue)
    miscoded = () if columns.faults else coding_faults(table, mapping, catalogue)
    if not columns.faults and not miscoded:
        miscoded = mixed_faults(table, mapping, catalogue)
    if miscoded:
        return _reading(stamps, len(table.rows), miscoded, None)
    faults = columns.faults or _row_faults(table, has_erased=bool(told))
    if faults:
        return _reading(stamps, len(table.rows), (*faults, *columns.warnings), None)
    source = _source(table, columns, mapping, clinic, catalogue)
    rows = text_rows(source, stamps)
    faults = content_faults(source, rows)
    reading = _reading(
        stamps, len(table.rows), (*faults, *columns.warnings, *told), None if faults else rows
    )
    if mapping.exported is None:
        return reading
    times = source.column(mapping.exported)
    return replace(reading, made=from_cells(times, mapping, clinic.timezone))


def concat_rows(readings: Sequence[Reading]) -> pd.DataFrame:
    """Join the text frames of many files, given in order of receipt.

    Args:
        readings: The files, the first received first.

    Returns:
        One frame with index 0…n−1, the columns of all files, and the integer column
        ``received``: the place of the row's file in ``readings``. A column that a file does not
        have is ``None`` on its rows.
    """
    names = dict.fromkeys(name for name in BASE_COLUMNS if name != "line")
    for reading in readings:
        names |= dict.fromkeys(name for name in reading.rows.columns if name != "line")
    places = {name: place for place, name in enumerate(names)}
    sizes = [len(reading.rows) for reading in readings]
    cells = np.full((len(places), sum(sizes)), None, dtype=object)
    start = 0
    for reading, size in zip(readings, sizes, strict=True):
        own = [name for name in reading.rows.columns if name != "line"]
        rows = reading.rows[own].to_numpy()
        cells[[places[name] for name in own], start : start + size] = rows.T
        start += size
    frame = pd.DataFrame(cells.T, columns=list(places), dtype=object, copy=False)
    lines = [reading.rows["line"].to_numpy(dtype=np.int64) for reading in readings]
    received = np.repeat(np.arange(len(readings), dtype=np.int64), sizes)
    frame.insert(len(FILE_COLUMNS), "line", np.concatenate([np.empty(0, np.int64), *lines]))
    frame.insert(len(FILE_COLUMNS) + 1, "received", received)
    return frame.rename_axis(index="row")


def _source(
    table: Table,
    columns: Columns,
    mapping: ExportMapping,
    clinic: Clinic,
    catalogue: Mapping[str, Instrument],
) -> Source:
    whole = whole_rows(table, columns, mapping, catalogue)
    cells = np.empty((len(table.header), len(whole)), dtype=object)
    if len(whole):
        cells[:] = list(zip(*(table.rows[place] for place in whole.tolist()), strict=True))
    return Source(table, columns, mapping, clinic, catalogue, cells, whole)


def _row_faults(table: Table, *, has_erased: bool) -> tuple[Fault, ...]:
    if not table.rows and has_erased:
        return ()
    if not table.rows:
        return (
            Fault(
                "NO_ROWS",
                "The file has a header and no data rows.",
                "Export the month again; check the filter and the dates of the export.",
                line=table.header_line,
            ),
        )
    return count_faults(table)


def _reading(
    stamps: Sequence[str],
    n_rows: int,
    faults: Sequence[Fault],
    rows: pd.DataFrame | None,
) -> Reading:
    is_stopped = any(fault.rule not in WARNINGS for fault in faults)
    named = tuple(dict.fromkeys(_named(fault, stamps[-1], is_stopped) for fault in faults))
    first = min(
        named,
        key=lambda fault: (fault.rule in WARNINGS, FILE_RULES.index(fault.rule)),
        default=None,
    )
    results: dict[str, Outcome] = outcomes(fault.rule for fault in named)
    return Reading(
        rows=_no_rows() if rows is None else rows,
        file={
            **dict(zip(FILE_COLUMNS, stamps, strict=True)),
            "rows_received": n_rows,
            **results,
            "broken_line": first.line if first else None,
            "broken_column": first.column if first else None,
        },
        faults=named,
    )


def _named(fault: Fault, file: str, is_stopped: bool) -> Fault:
    """Name the file; of one that is refused, no undeclared column: it may be no heading at all."""
    is_told = not (is_stopped and fault.rule in WARNINGS)
    return replace(fault, file=file, column=fault.column if is_told else None)


def _no_rows() -> pd.DataFrame:
    frame = pd.DataFrame({name: [] for name in BASE_COLUMNS}, dtype=object)
    return frame.astype({"line": np.int64})


def _line_count(content: bytes) -> int:
    """Return the number of lines with content after the first; in binary files none are told.

    A quoted field may go over many lines and is one. In JSON, whose lines are no rows, it is the
    number of responses.
    """
    if content.startswith(BINARY):
        return 0
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return len(_RESPONSE.findall(content))
    plain = _QUOTED.sub(b'""', content).replace(b"\r", b"\n")
    if plain.count(b"\n") > FIELDS:
        return plain.count(b"\n")
    return max(sum(1 for line in io.BytesIO(plain) if line.strip(b"\0\n\t ")) - 1, 0)
