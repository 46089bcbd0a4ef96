"""Reading a set of files and judging each as a whole: which of them are read, which are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expectations.answers import Answers
from expectations.judging import Judgement, Mask, judge, refuses
from expectations.quarantine import refused_files
from expectations.rules.files import FILE_RULES, asked_files
from rapport.errors import Fault, SettingsError
from rapport.exports.exported import in_order
from rapport.exports.reading import concat_rows, read_export

if TYPE_CHECKING:
    from rapport.clinics import Clinic, ExportMapping, FormMapping
    from rapport.exports.reading import Reading
    from rapport.instruments import Instrument
    from rapport.sources import Delivery

_STAMPS = ("clinic_id", "month", "content_sha256", "export_id", "file", "rows_received")


@dataclass(frozen=True, eq=False, slots=True)
class Files:
    """Files that were read and judged.

    Attributes:
        frame: The file frame, one row a file, in order of receipt, with ``format``.
        judgement: File rule → outcome over ``frame``.
        is_refused: Which files are refused whole, shape (n,).
        quarantine: One row for each refused file and place, as the quarantine table wants it.
        rows: The text frame of all files that are not refused.
        forms: The forms of the exports that those files are.
        faults: What is wrong with the files as wholes, in the reader's words.
    """

    frame: pd.DataFrame
    judgement: Judgement
    is_refused: Mask
    quarantine: pd.DataFrame
    rows: pd.DataFrame
    forms: tuple["FormMapping", ...]
    faults: tuple[Fault, ...]


def read_files(
    deliveries: Sequence["Delivery"],
    *,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
    answers: Answers | None = None,
) -> Files:
    """Read files in order of receipt, the same bytes of one clinic-month once.

    Raises:
        SettingsError: A file came under an export that its clinic does not have.
    """
    own = _without_repeats(deliveries)
    mappings = [mapping_of(clinics[one.clinic_id], one.export_id) for one in own]
    readings = [
        read_export(one, mapping=mapping, clinic=clinics[one.clinic_id], catalogue=catalogue)
        for one, mapping in zip(own, mappings, strict=True)
    ]
    own, mappings, readings = _as_they_count(own, mappings, readings)
    frame = _file_frame(readings, mappings)
    judgement = judge(asked_files(frame), FILE_RULES, answers=answers)
    stopped = refuses(judgement, len(frame))
    _check_agreement(readings, stopped)
    kept = np.flatnonzero(~stopped)
    return Files(
        frame=frame,
        judgement=judgement,
        is_refused=stopped,
        quarantine=refused_files(frame, judgement, [reading.faults for reading in readings]),
        rows=concat_rows([readings[place] for place in kept]),
        forms=tuple(form for place in kept for form in mappings[place].forms),
        faults=tuple(fault for reading in readings for fault in reading.faults),
    )


def _as_they_count(
    own: Sequence["Delivery"], mappings: Sequence["ExportMapping"], readings: Sequence["Reading"]
) -> tuple[list["Delivery"], list["ExportMapping"], list["Reading"]]:
    """Put files in the order in which they were made, where that is known.

    A cumulative export that came for a later month and cannot be read says nothing about this one.
    """
    kinds = [(one.clinic_id, one.month, one.export_id) for one in own]
    order = [
        place
        for place in in_order(kinds, [reading.made for reading in readings])
        if not (own[place].delivered_for and readings[place].is_refused)
    ]
    return (
        [own[place] for place in order],
        [mappings[place] for place in order],
        [readings[place] for place in order],
    )


def mapping_of(clinic: "Clinic", export_id: str) -> "ExportMapping":
    """Return one of a clinic's exports.

    Raises:
        SettingsError: The clinic has no export of this id.
    """
    for export in clinic.exports:
        if export.id == export_id:
            return export
    raise SettingsError(
        Fault(
            "UNKNOWN_EXPORT",
            f"The clinic {clinic.id} has no export {export_id!r} in the registry.",
            f"Use one of: {', '.join(export.id for export in clinic.exports)}.",
        )
    )


def _file_frame(readings: Sequence["Reading"], mappings: Sequence["ExportMapping"]) -> pd.DataFrame:
    rules = [rule.column for rule in FILE_RULES]
    columns = [*_STAMPS, *rules, "broken_line", "broken_column"]
    frame = pd.DataFrame([reading.file for reading in readings], columns=columns, dtype=object)
    return frame.astype({"rows_received": "int64"}).assign(
        format=[mapping.format for mapping in mappings]
    )


def _without_repeats(deliveries: Sequence["Delivery"]) -> list["Delivery"]:
    first: dict[tuple[str, str, str], Delivery] = {}
    for one in deliveries:
        first.setdefault((one.clinic_id, one.month, one.content_sha256), one)
    return list(first.values())


def _check_agreement(readings: Sequence["Reading"], stopped: Mask) -> None:
    """Hold the reader to the rules: a file that it gave up must break one of them.

    Raises:
        ValueError: There is a file about which reader and rules contradict each other.
    """
    if [reading.is_refused for reading in readings] != stopped.tolist():
        raise ValueError("the reader and the file rules disagree about whether a file is refused")
