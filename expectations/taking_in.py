"""Taking in clinic-months part by part: read, judge, record, and let go again.

What the assets call. Only here do files, the history of a clinic and the warehouse come together;
each part is one transaction, and the next one begins with nothing of it in memory but counts.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from expectations.answers import Answers
from expectations.history import read_history
from expectations.intake import take_in
from rapport.monthly import collecting, recording
from rapport.monthly.knowing import known_patients
from rapport.monthly.parts import parts_by_bytes
from rapport.monthly.slices import ClinicMonth

if TYPE_CHECKING:
    from rapport.home import Home

Counts = dict[ClinicMonth, dict[str, int | str]]
"""Each clinic-month's verdict and row counts, by name."""


def take_in_and_record(home: "Home", slices: Sequence[ClinicMonth]) -> Counts:
    """Read, judge and record what the ledger has of these clinic-months.

    Args:
        home: The home.
        slices: The clinic-months; each has a verdict afterwards, also where nothing came.

    Returns:
        What :func:`rapport.monthly.recording.counts` tells of each.

    Raises:
        SettingsError: A clinic, export or instrument is unknown, or a threshold names no rule.
        EvidenceError: Bytes in landing no longer match the hash they were received under.
    """
    told: Counts = {}
    answers = Answers()
    for part in parts_by_bytes(home, slices):
        told |= _take_in_part(home, part, answers)
    return told


def _take_in_part(home: "Home", part: Sequence[ClinicMonth], answers: Answers) -> Counts:
    taken = take_in(
        collecting.kept_deliveries(home, part),
        registry=home.registry,
        catalogue=home.catalogue,
        expected=part,
        known=known_patients(home, part),
        past=read_history(home, part),
        answers=answers,
    )
    recording.record(home, taken, part)
    return recording.counts(taken)
