"""Figures of therapists, clinics and sectors, from cells that come lot by lot.

Therapists and clinics are summed up at once. A sector's figures need all its patients together,
but of each only how many observations there are and what they sum to: patients that are alike in
both are kept as one with a count, and summed up in the order of these numbers, so that it does not
matter which lot a patient came in.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.batches import joint_codes
from rapport.statistics.coding import WINDOW, Codes, Units
from rapport.statistics.figures import FIGURES, Level
from rapport.statistics.summaries import by_patient, is_exclusive, summarise

MONTH = "month"
TRAILING = "trailing_12"
EARLIER = "earlier"
"""The window without its last month: never published, but computable from the other two."""

PERIODS = (MONTH, TRAILING, EARLIER)

_CATALOGUE = tuple(FIGURES.values())
_TREND = len(PERIODS)
"""Code of the first month of the trend, behind the codes of the periods."""


def period_names(months: Iterable[object]) -> npt.NDArray[np.object_]:
    """Return what the codes of periods stand for.

    Args:
        months: The window, oldest first.
    """
    return np.array([*PERIODS, *(str(one) for one in months)], dtype=object)


class Summing:
    """Takes in cells, lot by lot; gives summaries.

    Args:
        of_therapists: Periods that are summed up of therapists.
    """

    def __init__(self, of_therapists: Iterable[str] = PERIODS) -> None:
        self._of_therapists = frozenset(of_therapists)
        self._parts: dict[Level, list[pd.DataFrame]] = {"therapist": [], "clinic": []}
        self._alike = pd.DataFrame()

    def add(self, cells: pd.DataFrame, units: Units) -> None:
        """Sum up the cells of some clinics.

        Args:
            cells: From :func:`rapport.statistics.observations.cells_of`, all of each clinic's.
            units: What their codes stand for.
        """
        therapist = cells["therapist"].to_numpy(np.int64)
        clinic = units.clinic_of_therapist[therapist]
        last = cells["when"].to_numpy() == WINDOW - 1
        figure = cells["figure"].to_numpy(np.int64)
        for code, (period, in_window) in enumerate(
            zip(PERIODS, (last, np.ones(len(cells), dtype=bool), ~last), strict=True)
        ):
            due = in_window & _is_due(period)[figure]
            if period in self._of_therapists:
                chosen = due & _is_given("therapist")[figure]
                people = by_patient(cells[chosen], therapist[chosen])
                alone = is_exclusive(people, units.clinic_of_therapist[people["unit"].to_numpy()])
                self._parts["therapist"].append(summarise(people, alone).assign(period=code))
            whole = by_patient(cells[due], clinic[due])
            self._parts["clinic"].append(summarise(whole).assign(period=code))
            if period != EARLIER:
                sector = units.sector_of_clinic[whole["unit"].to_numpy()]
                self._take_alike(whole.assign(unit=sector, period=code))
        self._parts["clinic"].append(_trend(cells, clinic))

    def summaries(self) -> dict[Level, pd.DataFrame]:
        """Return the summaries by level.

        Returns:
            As :func:`rapport.statistics.summaries.summarise`, with ``period`` (code); by period,
            unit and figure, months of the trend by unit, month and figure at the end.
        """
        found = {level: _in_order(parts) for level, parts in self._parts.items()}
        return {**found, "sector": self._of_sectors()}

    def _take_alike(self, clusters: pd.DataFrame) -> None:
        own = clusters[["period", "figure", "unit", "n", "total"]].assign(count=1)
        joined = pd.concat([self._alike, own], ignore_index=True) if len(self._alike) else own
        totals = np.unique(joined["total"].to_numpy(), return_inverse=True)[1]
        keys = [joined[name].to_numpy(np.int64) for name in ("period", "figure", "unit", "n")]
        first, place = joint_codes([*keys, totals])
        counts = np.bincount(place, joined["count"].to_numpy(), len(first))
        self._alike = joined.iloc[first].assign(count=counts.astype(np.int64))

    def _of_sectors(self) -> pd.DataFrame:
        """Sum up one figure of one period after the other, each patient standing for himself."""
        parts = [
            summarise(_one_by_one(rows)).assign(period=int(rows["period"].iloc[0]))
            for _, rows in self._alike.groupby(["period", "figure"])
        ]
        return _in_order(parts or [summarise(_one_by_one(_NOBODY)).assign(period=0)])


_NOBODY = pd.DataFrame({name: np.zeros(0, np.int64) for name in ("figure", "unit", "n", "count")})
_NOBODY = _NOBODY.assign(total=np.zeros(0))


def _one_by_one(alike: pd.DataFrame) -> pd.DataFrame:
    repeated = {
        name: np.repeat(alike[name].to_numpy(), alike["count"].to_numpy(np.int64))
        for name in ("unit", "figure", "n", "total")
    }
    return pd.DataFrame(repeated)


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    found = pd.concat(parts, ignore_index=True)
    period, unit, figure = (found[name].to_numpy(np.int64) for name in ("period", "unit", "figure"))
    order = np.lexsort((figure, period, unit, np.minimum(period, _TREND)))
    return found.iloc[order].reset_index(drop=True)


def _is_due(period: str) -> npt.NDArray[np.bool_]:
    """Say of each figure whether it is given for a period; the rest of the window needs both."""
    wanted = {MONTH} if period == EARLIER else {period}
    return np.array([wanted <= set(one.periods) for one in _CATALOGUE])


def _is_given(level: Level) -> npt.NDArray[np.bool_]:
    """Say of each figure whether it is given at a level."""
    return np.array([level in one.levels for one in _CATALOGUE])


def _trend(cells: pd.DataFrame, clinic: Codes) -> pd.DataFrame:
    """Summarise the figures with a trend for each month by itself."""
    trending = np.array([figure.has_trend for figure in _CATALOGUE])
    chosen = trending[cells["figure"].to_numpy()]
    kept = cells[chosen]
    unit = clinic[chosen] * WINDOW + kept["when"].to_numpy(np.int64)
    summary = summarise(by_patient(kept, unit))
    return summary.assign(unit=summary["unit"] // WINDOW, period=_TREND + summary["unit"] % WINDOW)
