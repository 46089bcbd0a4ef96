"""The defects of the demo exports: which clinic, which month, what kind, and what must follow.

Every defect is declared here and applied to a finished file, so that what the demo gets wrong is
known to the line. A clinic-month that is not named here is flawless.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from rapport.clinics import ExportMapping
from rapport.simulation.clinics import ClinicProfile
from rapport.simulation.spoiling import SPOILERS
from rapport.simulation.spoilt import Spoilt, session_of
from rapport.simulation.writers.native import NativeFile


@dataclass(frozen=True, slots=True)
class PlannedDefect:
    """One defect before it is applied.

    Attributes:
        clinic_id: The clinic.
        month: The clinic-month.
        kind: Key of :data:`rapport.simulation.spoiling.SPOILERS`, or ``nothing_sent``.
        export_id: The export it befalls; the clinic's first one if empty.
    """

    clinic_id: str
    month: str
    kind: str
    export_id: str = ""


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect as it stands in a file, and what must follow from it.

    Attributes:
        clinic_id: The clinic.
        month: The clinic-month.
        kind: What was done.
        file: Received name of the file; ``None`` if nothing was sent.
        line: Line on which the spoilt row starts, from 1; ``None`` if it is not one row.
        column: Column of the spoilt cell, if it is one cell.
        rule: Id of the rule that must speak; ``None`` where no rule is broken.
        outcome: ``row_quarantined``, ``file_refused``, ``duplicate``, ``test_row`` or
            ``nothing_sent``.
        also: Further rules that cannot but speak with ``rule``.
    """

    clinic_id: str
    month: str
    kind: str
    file: str | None
    line: int | None
    column: str | None
    rule: str | None
    outcome: str
    also: tuple[str, ...] = ()


def _each(kind: str, *places: str) -> tuple[PlannedDefect, ...]:
    """Read ``clinic month [export]`` for each place."""
    return tuple(
        PlannedDefect(clinic, month, kind, *rest)
        for clinic, month, *rest in (place.split() for place in places)
    )


PLANNED: tuple[PlannedDefect, ...] = (
    *_each("nothing_sent", "lindenkai 2026-02"),
    *_each("missing_column", "koivulahti 2026-02 patient-survey"),
    *_each("wrong_clinic", "ballycorran 2025-06 survey-481516"),
    *_each(
        "out_of_range",
        "harrowmere 2025-03", "zielony-brzeg 2025-04", "serrada 2025-05 survey-481516",
        "nordlysvika 2025-07", "cicha-laka 2025-09", "rosenfurt 2025-10 therapist-survey",
        "koivulahti 2025-11 patient-survey", "aldermoor 2026-01 patient-survey",
        "harrowmere 2026-02", "harrowmere 2026-02", "zielony-brzeg 2026-02",
        "rosenfurt 2026-02 patient-survey", "ballycorran 2026-02 survey-481516",
    ),
    *_each(
        "not_whole",
        "nordlysvika 2025-08", "zielony-brzeg 2025-12", "cicha-laka 2026-02",
    ),
    *_each(
        "re_export", "nordlysvika 2026-02", "ballycorran 2025-10 survey-481517",
        "zielony-brzeg 2025-08",
    ),
    *_each("same_bytes", "aldermoor 2025-07 therapist-survey"),
    *_each(
        "duplicate_row",
        "cicha-laka 2025-06", "rosenfurt 2025-12 patient-survey", "serrada 2026-02 survey-481517",
    ),
    *_each("conflicting_row", "zielony-brzeg 2025-10", "zielony-brzeg 2026-02"),
    *_each(
        "test_row",
        "rosenfurt 2025-01 patient-survey", "rosenfurt 2025-01 therapist-survey",
        "aldermoor 2025-01 patient-survey", "koivulahti 2025-01 patient-survey",
        "nordlysvika 2025-02", "maplewick 2025-11 survey-481516", "zolty-dom 2026-01",
        "aldermoor 2026-02 patient-survey", "rosenfurt 2026-02 therapist-survey",
    ),
    *_each("short_row", "harrowmere 2025-10", "harrowmere 2026-02"),
    *_each(
        "future_date",
        "serrada 2025-09 survey-481517", "cicha-laka 2026-02", "nordlysvika 2026-01",
    ),
    *_each(
        "unknown_therapist",
        "rosenfurt 2025-06 therapist-survey", "ballycorran 2026-02 survey-481517",
        "cicha-laka 2025-11",
    ),
    *_each("unreadable_date", "maplewick 2025-08 survey-481517", "zielony-brzeg 2026-01"),
    *_each("no_patient", "serrada 2025-12 survey-481516"),
    *_each("wrong_total", "zielony-brzeg 2026-02", "cicha-laka 2025-12"),
)  # fmt: skip
"""All defects of the demo world, in the order in which they are applied; no patient has two.

Three clinic-months cannot pass: the latest of ``lindenkai``, which sends nothing, the latest of
``koivulahti``, whose file lacks a column, and, so that not all notices fall into the latest month,
an older one of ``ballycorran``, whose file holds another clinic's row. All others can.
"""


def spoil(
    clinic: ClinicProfile,
    mappings: Iterable[ExportMapping],
    files: list[NativeFile],
    rng: np.random.Generator,
) -> tuple[list[NativeFile], list[Defect]]:
    """Apply the planned defects of one clinic-month.

    Args:
        clinic: The clinic.
        mappings: Its exports, parsed.
        files: The flawless files of the clinic-month.
        rng: Source of the choice of rows.

    Returns:
        The files as they are sent, and the defects in them.
    """
    month = files[0].month
    planned = [d for d in PLANNED if d.clinic_id == clinic.id and d.month == month]
    if any(defect.kind == "nothing_sent" for defect in planned):
        nothing = Defect(clinic.id, month, "nothing_sent", None, None, None, None, "nothing_sent")
        return [], [nothing]
    by_id = {mapping.id: mapping for mapping in mappings}
    shared = _shared(files, by_id)
    sent: list[NativeFile] = []
    defects: list[Defect] = []
    for file in files:
        spoilt = Spoilt(file, by_id[file.export_id], clinic, rng, shared=shared)
        for defect in planned:
            if (defect.export_id or files[0].export_id) == file.export_id:
                spoilt = SPOILERS[defect.kind](spoilt)
        sent += [spoilt.file, *spoilt.further]
        defects += _declared(spoilt)
    return sent, defects


def _shared(
    files: Iterable[NativeFile], mappings: Mapping[str, ExportMapping]
) -> frozenset[tuple[str, str]]:
    """Return the sessions about which the clinic-month has more than one row."""
    counts = Counter(
        session_of(mappings[file.export_id], file, cells) for file in files for cells in file.rows
    )
    return frozenset(session for session, count in counts.items() if count > 1)


def _declared(spoilt: Spoilt) -> list[Defect]:
    """Turn marks on rows into lines, now that no row will move any more."""
    file = spoilt.file
    blank = Defect(file.clinic_id, file.month, "", _name(file), None, None, None, "")
    return [
        replace(
            blank,
            kind=mark.kind,
            file=_name(mark.of or file),
            line=None if mark.row is None else file.line_of(mark.row),
            column=mark.column,
            rule=mark.rule,
            outcome=mark.outcome,
            also=mark.also,
        )
        for mark in spoilt.marks
    ]


def _name(file: NativeFile) -> str:
    return file.path.rsplit("/", 1)[-1]
