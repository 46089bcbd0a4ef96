"""Who came into a trailing window and who left it: patients of its newest and of the former months.

Two windows of a therapist or clinic that are k months apart differ by the last k months of the
one, and by the k months that ended a year before it. Disclosure control has to know how many
patients stand behind either, because a reader of both reports can subtract; and of these, how
many stand behind the months that were not told by themselves, because told ones subtract as well.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.months import Month
from rapport.statistics.coding import WINDOW, Codes, Units, encode
from rapport.statistics.courses import with_stages
from rapport.statistics.figures import FIGURES
from rapport.statistics.observations import cells_of
from rapport.statistics.pooled import Common
from rapport.statistics.shares_by_month import shares_by_month
from rapport.statistics.summaries import group_codes

APART = range(1, WINDOW + 1)
"""Months between two windows; twelve apart they share nothing, and the span is the window."""

KEYS = ("level", "clinic_id", "therapist_id", "figure")

COUNTS = ("n_gained", "n_untold", "n_untold_before", "n_lost", "n_lost_untold")

_IDS = np.array(list(FIGURES), dtype=object)
_FAMILIES = pd.Index(dict.fromkeys(figure.family for figure in FIGURES.values()))
_FAMILY = np.asarray(_FAMILIES.get_indexer(pd.Index([one.family for one in FIGURES.values()])))

Flags = npt.NDArray[np.bool_]


def turnover(
    frames: Mapping[str, pd.DataFrame],
    year_before: Mapping[str, pd.DataFrame],
    clinics: pd.DataFrame,
    month: Month,
    told: pd.DataFrame | None = None,
    *,
    commons: tuple[Common | None, Common | None] = (None, None),
) -> pd.DataFrame:
    """Count the patients by whom a window differs from one some months before.

    Args:
        frames: ``scores``, ``sessions``, ``outcomes`` and ``changes`` as for
            :func:`rapport.statistics.aggregate`, of the year up to ``month``.
        year_before: The same, of the year before that.
        clinics: As there.
        month: The month that is closed.
        told: Months that a former report has told by themselves: ``level`` (``clinic`` or
            ``sector``), ``unit`` (clinic id, or sector), ``family`` and ``month``; none if left
            out. Of therapists no month is told.
        commons: What observations take from all clinics, in the year up to ``month`` and in the
            year before, where these frames are those of some clinics only.

    Returns:
        One row a ``level`` (``therapist``, ``clinic``, or ``part``: a clinic as a part of its
        sector), ``clinic_id``, ``therapist_id`` (``""`` but for therapists), ``figure`` and
        ``apart`` (1 … 12) for which there is anybody: distinct patients ``n_gained`` in the last
        ``apart`` months; ``n_untold``, of these, in months that nobody told; ``n_untold_before``,
        the same without the newest month; ``n_lost`` in the ``apart`` months that end a year
        before, and ``n_lost_untold``. Of therapists' shares also rows of the level
        ``month``, as from :func:`rapport.statistics.shares_by_month.shares_by_month`, of which
        ``apart`` counts months back; the other counts are 0 there, and missing elsewhere.

    Raises:
        StatisticsError: As for :func:`rapport.statistics.coding.encode`.
    """
    said = _nothing_told() if told is None else told
    names: tuple[str, ...] = ("n_gained", "n_untold", "n_untold_before")
    gained, now = _recent(frames, clinics, month, said, names, common=commons[0])
    names = ("n_lost", "n_lost_untold")
    lost, then = _recent(
        year_before, clinics, month.plus(-WINDOW), said, names, back=WINDOW, common=commons[1]
    )
    counted = pd.concat([*gained, *lost], axis=1).fillna(0).astype(np.int64)
    by_month = [shares.assign(**dict.fromkeys(COUNTS, 0)) for shares in (now, then)]
    return pd.concat([counted[list(COUNTS)].reset_index(), *by_month], ignore_index=True)


def _nothing_told() -> pd.DataFrame:
    return pd.DataFrame(columns=["level", "unit", "family", "month"], dtype="str")


def _recent(
    frames: Mapping[str, pd.DataFrame],
    clinics: pd.DataFrame,
    month: Month,
    told: pd.DataFrame,
    names: tuple[str, ...],
    *,
    back: int = 0,
    common: Common | None = None,
) -> tuple[list[pd.Series], pd.DataFrame]:
    """Count the patients of the last months of a window: all, in untold months, before the last.

    And the shares of its months.
    """
    staged = {**frames, "sessions": with_stages(frames["sessions"], clinics)}
    coded, units = encode(staged, clinics, month)
    cells = cells_of(coded, units, common)
    therapist = cells["therapist"].to_numpy(np.int64)
    clinic = units.clinic_of_therapist[therapist]
    is_before = cells["when"].to_numpy() < WINDOW - 1
    every = np.ones(len(cells), dtype=bool)
    own, of_sector = (_is_untold(cells, clinic, units, told, level) for level in _TOLD)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in names}
    for level, unit, is_untold in (
        ("therapist", therapist, every),
        ("clinic", clinic, own),
        ("part", clinic, of_sector),
    ):
        for name, chosen in zip(names, (every, is_untold, is_untold & is_before), strict=False):
            parts[name].append(_of_level(cells[chosen], unit[chosen], level, units))
    index = [*KEYS, "apart"]
    counted = [pd.concat(found).set_index(index)["n"].rename(name) for name, found in parts.items()]
    return counted, shares_by_month(cells, units, back)


_TOLD = ("clinic", "sector")
"""Levels of which single months are told."""


def _is_untold(
    cells: pd.DataFrame, clinic: Codes, units: Units, told: pd.DataFrame, level: str
) -> Flags:
    """Say of each cell whether its month stands in no former report by itself."""
    names = units.clinics if level == "clinic" else units.sectors
    rows = told[told["level"] == level]
    places = (
        pd.Index(names).get_indexer(pd.Index(rows["unit"])),
        _FAMILIES.get_indexer(pd.Index(rows["family"])),
        pd.Index([str(one) for one in units.months]).get_indexer(pd.Index(rows["month"])),
    )
    known = np.all([place >= 0 for place in places], axis=0)
    is_told = np.zeros((len(names), len(_FAMILIES), WINDOW), dtype=bool)
    is_told[tuple(np.asarray(place)[known] for place in places)] = True
    unit = clinic if level == "clinic" else units.sector_of_clinic[clinic]
    figure, when = (cells[name].to_numpy(np.int64) for name in ("figure", "when"))
    return np.asarray(~is_told[unit, _FAMILY[figure], when])


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
    spans = np.cumsum(seen, axis=1)
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
