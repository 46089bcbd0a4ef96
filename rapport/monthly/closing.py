"""Close: from the scores of every passed clinic-month to outcomes, aggregates and benchmarks.

Everything is computed afresh from what is known at the close, over the trailing twelve months;
only what may be published is kept.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from rapport.monthly.history import closings
from rapport.monthly.lots import common_of_window, frames_of, lots_of, outcomes_of
from rapport.months import Month, trailing
from rapport.warehouse import tables

if TYPE_CHECKING:
    import sqlalchemy as sa

    from rapport.disclosure import Former
    from rapport.home import Home
    from rapport.statistics.pooled import Common
    from rapport.statistics.window import Frames

WINDOW_MONTHS = 12
"""Length of the trailing window, in months."""


def close_outcomes(home: "Home", month: Month) -> pd.DataFrame:
    """Replace the month's slices of outcomes and changes; return the outcomes."""
    found = [outcomes_of(home, month, clinics) for clinics in lots_of(home, month)]
    outcomes = pd.concat([one.outcomes for one in found], ignore_index=True)
    changes = pd.concat([one.changes for one in found], ignore_index=True)
    home.warehouse.replace_slices(
        {tables.treatment_outcomes: outcomes, tables.measure_changes: changes},
        [{"month": str(month)}],
    )
    return outcomes


def close_aggregates(home: "Home", month: Month) -> dict[str, pd.DataFrame]:
    """Replace the month's slices of all three tables of figures, and record the close.

    A close that was overtaken, because another one that knew more verdicts was recorded while it
    computed, is computed again.

    Returns:
        Name of the table → its published figures.
    """
    while True:
        until = closings.verdicts_until(home, month)
        figures = _figures(home, month)
        told = {table.name: rows for table, rows in figures.items()}
        if closings.record(home, month, figures, until=until):
            return told


def _figures(home: "Home", month: Month) -> dict["sa.Table", pd.DataFrame]:
    """Compute what may be published of a month, lot by lot."""
    from rapport.disclosure import publish
    from rapport.disclosure.publication import THERAPIST_PERIODS
    from rapport.monthly.forms import forms_of_month
    from rapport.statistics import aggregate_lots

    reading = _Reading(home, month)
    computed = aggregate_lots(
        reading.frames(),
        clinics=reading.clinics,
        month=month,
        common=reading.common,
        forms=forms_of_month(home, month),
        of_therapists=THERAPIST_PERIODS,
    )
    profiles = {clinic.id: clinic.disclosure for clinic in home.registry.clinics.values()}
    published = publish(
        computed,
        profiles_by_clinic=profiles,
        clinics=clinic_sectors(home),
        former=reading.former(),
    )
    return {
        tables.therapist_aggregates: published.therapists,
        tables.clinic_aggregates: published.clinics,
        tables.sector_benchmarks: published.sectors,
    }


class _Reading:
    """Reads what a month's figures are computed from, lot by lot.

    It also counts who came and went since something was published, of each lot while its rows are
    there.
    """

    def __init__(self, home: "Home", month: Month) -> None:
        self._home, self._month = home, month
        self._lots = lots_of(home, month)
        self._window = trailing(month, WINDOW_MONTHS)
        self._published = _published(home, month)
        self._turnover: list[pd.DataFrame] = []
        order = [clinic for clinics in self._lots for clinic in clinics]
        self.clinics = clinic_sectors(home).set_index("clinic_id").loc[order].reset_index()
        self.common = common_of_window(home, self._window, self._lots)

    def frames(self) -> "Iterator[Frames]":
        """Yield the frames of one lot after the other."""
        before = trailing(self._month.plus(-WINDOW_MONTHS), WINDOW_MONTHS)
        commons = (self.common, common_of_window(self._home, before, self._lots))
        for clinics in self._lots:
            frames = frames_of(self._home, self._window, clinics)
            left = frames_of(self._home, before, clinics)
            self._turnover.append(self._turned(frames, left, commons))
            yield frames

    def _turned(
        self, frames: "Frames", left: "Frames", commons: "tuple[Common, Common]"
    ) -> pd.DataFrame:
        """Count who came and went, over the spans since a month of which anything was published.

        Nobody asks for the other spans, but for the whole year; single months have their own rows.
        """
        from rapport.statistics.turnover import APART, turnover

        told, month = self._published.told, self._month
        found = turnover(frames, left, self.clinics, month, told, commons=commons)
        known = self._published.months
        spans = [one for one in APART if one == APART[-1] or str(month.plus(-one)) in known]
        return found[found["level"].eq("month") | found["apart"].isin(spans)]

    def former(self) -> "Former":
        """Return what was published before, and who came and went since.

        Known once all frames were taken.
        """
        from rapport.disclosure import Former

        return Former(
            therapists=self._published.therapists,
            clinics=self._published.clinics,
            sectors=self._published.sectors,
            turnover=pd.concat(self._turnover, ignore_index=True),
        )


@dataclass(frozen=True)
class _Published:
    """What was published before: rows of the three tables, and which months they tell."""

    therapists: pd.DataFrame
    clinics: pd.DataFrame
    sectors: pd.DataFrame
    told: pd.DataFrame

    @property
    def months(self) -> set[str]:
        """Months of which anything was published."""
        tables = (self.therapists, self.clinics, self.sectors)
        return {str(month) for rows in tables for month in rows["month"].unique()}


def _published(home: "Home", month: Month) -> _Published:
    """Return what was published before; tables without rows where nothing was.

    Of the month itself, only where its report has an edition already: until then, nobody has read
    what an earlier close has found.
    """
    from rapport.disclosure import told

    read = home.warehouse.read
    years = [str(one) for one in trailing(month, 2 * WINDOW_MONTHS)]
    editions = read(tables.editions, columns=("clinic_id",), month=str(month), kind="report")
    read_before = set(editions["clinic_id"])
    clinics = read(tables.clinic_aggregates, month=years)
    clinics = clinics[clinics["month"].ne(str(month)) | clinics["clinic_id"].isin(read_before)]
    window = [one for one in years[WINDOW_MONTHS:] if read_before or one != str(month)]
    therapists = read(tables.therapist_aggregates, month=window)
    is_read = therapists["clinic_id"].isin(read_before)
    sectors = read(
        tables.sector_benchmarks, month=[*years[:-1], *([years[-1]] if read_before else [])]
    )
    return _Published(
        therapists=therapists[therapists["month"].ne(str(month)) | is_read],
        clinics=clinics,
        sectors=sectors,
        told=told(clinics, sectors),
    )


def clinic_sectors(home: "Home") -> pd.DataFrame:
    """Return one row a clinic: ``clinic_id``, ``sector``, bands of stages, covariates."""
    from rapport.statistics.courses import DEFAULT_BANDS

    rows = [
        (
            one.id,
            one.sector,
            one.stages.first,
            one.stages.agreeing,
            one.stages.ending,
            one.covariates,
        )
        for one in home.registry.clinics.values()
    ]
    return pd.DataFrame(rows, columns=["clinic_id", "sector", *DEFAULT_BANDS, "covariates"])
