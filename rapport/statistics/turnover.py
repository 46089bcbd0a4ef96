"""Who came into a trailing window and who left it: patients of its newest and of the former months.

Two windows of a therapist or clinic that are k months apart differ by the last k months of the
one, and by the k months that ended a year before it. Disclosure control has to know how many
patients stand behind either, because a reader of both reports can subtract.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rapport.months import Month
from rapport.statistics.coding import WINDOW, Codes, Units, encode
from rapport.statistics.courses import with_stages
from rapport.statistics.figures import FIGURES
from rapport.statistics.observations import collapse, observe
from rapport.statistics.summaries import group_codes

APART = range(1, WINDOW)
"""Months between two windows that overlap."""

KEYS = ("level", "clinic_id", "therapist_id", "figure")

_IDS = np.array(list(FIGURES), dtype=object)


def turnover(
    frames: Mapping[str, pd.DataFrame],
    year_before: Mapping[str, pd.DataFrame],
    clinics: pd.DataFrame,
    month: Month,
) -> pd.DataFrame:
    """Count the patients by whom a window differs from one some months before.

    Args:
        frames: ``scores``, ``sessions``, ``outcomes`` and ``changes`` as for
            :func:`rapport.statistics.aggregate`, of the year up to ``month``.
        year_before: The same, of the year before that.
        clinics: As there.
        month: The month that is closed.

    Returns:
        One row a therapist (``level``, ``clinic_id``, ``therapist_id``) or clinic (without
        therapist: ``""``), ``figure``, and ``apart`` (1 … 11) for which somebody was gained or
        lost: ``n_gained``, distinct patients in the last ``apart`` months; ``n_lost``, in the
        ``apart`` months that end a year before.

    Raises:
        StatisticsError: As for :func:`rapport.statistics.coding.encode`.
    """
    counted = [
        _recent(frames, clinics, month).rename("n_gained"),
        _recent(year_before, clinics, month.plus(-WINDOW)).rename("n_lost"),
    ]
    return pd.concat(counted, axis=1).fillna(0).astype(np.int64).reset_index()


def _recent(frames: Mapping[str, pd.DataFrame], clinics: pd.DataFrame, month: Month) -> pd.Series:
    """Count the patients of the last months of a window, by key and number of months."""
    staged = {**frames, "sessions": with_stages(frames["sessions"], clinics)}
    coded, units = encode(staged, clinics, month)
    cells = collapse(observe(coded, units))
    therapist = cells["therapist"].to_numpy(np.int64)
    clinic = units.clinic_of_therapist[therapist]
    parts = [
        _of_level(cells, therapist, "therapist", units),
        _of_level(cells, clinic, "clinic", units),
    ]
    table = pd.concat(parts, ignore_index=True)
    return table.set_index([*KEYS, "apart"])["n"]


def _of_level(cells: pd.DataFrame, unit: Codes, level: str, units: Units) -> pd.DataFrame:
    """Count by when a patient was last there: who was last there a month ago is in all spans."""
    patient, figure = (cells[name].to_numpy(np.int64) for name in ("patient", "figure"))
    n_patients = int(patient.max(initial=0)) + 1
    n_units = int(unit.max(initial=0)) + 1
    keys, position = group_codes((figure * n_units + unit) * n_patients + patient)
    last = np.zeros(len(keys), dtype=np.int64)
    np.maximum.at(last, position, cells["when"].to_numpy(np.int64))
    groups, of_group = group_codes(keys // n_patients)
    seen = np.zeros((len(groups), WINDOW), dtype=np.int64)
    np.add.at(seen, (of_group, WINDOW - 1 - last), 1)
    spans = np.cumsum(seen, axis=1)[:, : WINDOW - 1]
    row, apart = np.nonzero(spans)
    return _named(groups[row] % n_units, level, units).assign(
        figure=_IDS[groups[row] // n_units], apart=apart + 1, n=spans[row, apart]
    )


def _named(unit: Codes, level: str, units: Units) -> pd.DataFrame:
    clinics = np.array(units.clinics, dtype=object)
    people = np.array(units.therapists, dtype=object)
    is_person = level == "therapist"
    clinic = units.clinic_of_therapist[unit] if is_person else unit
    return pd.DataFrame(
        {
            "level": level,
            "clinic_id": clinics[clinic],
            "therapist_id": people[unit] if is_person else "",
        }
    )
