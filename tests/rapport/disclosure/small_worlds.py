"""Small worlds worked by hand: how many patients each therapist has, and what came of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rapport.disclosure import publish
from rapport.disclosure.history import Former
from rapport.months import Month, trailing
from rapport.statistics import NUMBERS, Aggregates
from rapport.statistics.figures import FIGURES
from rapport.statistics.turnover import COUNTS, KEYS

MONTH = Month(2026, 2)
MONTHS = [str(month) for month in trailing(MONTH, 12)]
SHARE = "outcome.recovery"

Cases = tuple[int, int]
"""Patients, and how many of them had success; each has one observation."""


@dataclass(frozen=True)
class Caseload:
    """What one therapist has of one figure.

    Attributes:
        before: In the eleven months before; all of them in the ninth month of the window.
        month: In the month that is closed; nobody is in both.
        figure: The figure.
    """

    before: Cases
    month: Cases = (0, 0)
    figure: str = SHARE

    def in_period(self, period: str) -> Cases:
        """Return patients and successes in one period."""
        parts = {
            "earlier": [self.before],
            "month": [self.month],
            "trailing_12": [self.before, self.month],
        }
        parts |= {MONTHS[8]: [self.before], MONTHS[11]: [self.month]}
        of_it = parts.get(period, [])
        return sum(n for n, _ in of_it), sum(hits for _, hits in of_it)


World = Mapping[str, Mapping[str, tuple[Caseload, ...]]]
"""Clinic → therapist → what she has."""


def of_window(**patients: Cases) -> dict[str, tuple[Caseload, ...]]:
    """Return therapists who have seen everybody before the month."""
    return {name: (Caseload(cases),) for name, cases in patients.items()}


def estimated(level: str, figure: str, **changed: object) -> dict[str, object]:
    """Return one estimate of 40 patients, of clinic c1, its therapist t1, or the public sector."""
    units = {
        "therapist": {"clinic_id": "c1", "therapist_id": "t1"},
        "clinic": {"clinic_id": "c1"},
        "sector": {"sector": "public"},
    }
    counts = {"n_patients": 40, "n_observations": 80, "numerator": None, "denominator": None}
    return (
        {"level": level, "clinic_id": None, "therapist_id": None, "sector": None}
        | units[level]
        | {"figure": figure, "period": "trailing_12", "month": str(MONTH)}
        | counts
        | {"value": 0.25, "low": -0.11, "high": 0.61, "unit": "", "method": "by hand"}
        | {"suppression": None}
        | changed
    )


def aggregated(
    world: World,
    sectors: Mapping[str, str] | None = None,
    estimates: Sequence[Mapping[str, object]] = (),
) -> Aggregates:
    """Return the figures of a world, before anything is hidden."""
    sector = dict.fromkeys(world, "public") | dict(sectors or {})
    cells = pd.DataFrame(
        [
            (clinic, therapist, sector[clinic], one.figure, period, *one.in_period(period))
            for clinic, people in world.items()
            for therapist, loads in people.items()
            for one in loads
            for period in ("month", "trailing_12", "earlier", MONTHS[8], MONTHS[11])
        ],
        columns=["clinic_id", "therapist_id", "sector", "figure", "period", "n", "hits"],
    )
    cells = cells[cells["n"] > 0]
    by_level = {
        "therapist": _summed(cells, ["clinic_id", "therapist_id"]),
        "clinic": _summed(cells, ["clinic_id"]),
        "sector": _summed(cells, ["sector"]),
    }
    return Aggregates(
        therapists=_printed(by_level["therapist"], ["month", "trailing_12"]),
        clinics=_printed(by_level["clinic"], ["month", "trailing_12", MONTHS[8], MONTHS[11]]),
        sectors=_printed(by_level["sector"], ["month", "trailing_12"]),
        groups=pd.concat(
            [_grouped(by_level[level], level) for level in ("therapist", "clinic")],
            ignore_index=True,
        ).fillna({"therapist_id": ""}),
        estimates=_estimates(estimates),
    )


def _estimates(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=list(estimated("clinic", "")))
    counts = dict.fromkeys(["n_patients", "n_observations"], "Int64")
    return table.astype(counts | {"numerator": float, "denominator": float, "suppression": "str"})


def _summed(cells: pd.DataFrame, units: list[str]) -> pd.DataFrame:
    return cells.groupby([*units, "figure", "period"], as_index=False)[["n", "hits"]].sum()


def _trends(rows: pd.DataFrame) -> pd.Series:
    return rows["figure"].map({one.id: one.has_trend for one in FIGURES.values()})


def _printed(rows: pd.DataFrame, periods: list[str]) -> pd.DataFrame:
    is_month = rows["period"].isin(MONTHS)
    rows = rows[rows["period"].isin(periods) & (~is_month | _trends(rows))].reset_index(drop=True)
    numbers: dict[str, Any] = {
        "n_patients": rows["n"].astype("Int64"),
        "n_observations": rows["n"].astype("Int64"),
        "numerator": rows["hits"].astype(float),
        "denominator": rows["n"].astype(float),
        "value": rows["hits"] / rows["n"],
        "low": rows["hits"] / rows["n"] / 2,
        "high": (1 + rows["hits"] / rows["n"]) / 2,
    }
    return rows.drop(columns=["n", "hits"]).assign(
        month=str(MONTH),
        **numbers,
        unit=rows["figure"].map({one.id: one.unit for one in FIGURES.values()}),
        method=rows["figure"].map({one.id: one.method for one in FIGURES.values()}),
        suppression=pd.Series(None, index=rows.index, dtype="str"),
    )


def _grouped(rows: pd.DataFrame, level: str) -> pd.DataFrame:
    is_month = rows["period"].isin(MONTHS)
    rows = rows[~is_month | (_trends(rows) & (level == "clinic"))]
    return rows.rename(columns={"n": "n_patients", "hits": "total"}).assign(
        level=level, n_exclusive=rows["n"], n_observations=rows["n"]
    )


def published(
    world: World,
    profile: str | Mapping[str, str] = "standard",
    *,
    sectors: Mapping[str, str] | None = None,
    former: Former | None = None,
    estimates: Sequence[Mapping[str, object]] = (),
) -> Aggregates:
    """Publish a world under one profile, or one for each clinic."""
    profiles = dict.fromkeys(world, profile) if isinstance(profile, str) else profile
    sector = dict.fromkeys(world, "public") | dict(sectors or {})
    clinics = pd.DataFrame({"clinic_id": [*world], "sector": [sector[one] for one in world]})
    return publish(
        aggregated(world, sectors, estimates),
        profiles_by_clinic=profiles,
        clinics=clinics,
        former=former,
    )


def as_former(shown: Aggregates) -> Former:
    """Return what was published as what is there already, with nobody who came or went since."""
    moved = pd.DataFrame(columns=[*KEYS, "apart", *COUNTS])
    return Former(shown.therapists, shown.clinics, shown.sectors, moved)


def reasons(
    table: pd.DataFrame, period: str = "trailing_12", figure: str = SHARE
) -> dict[str, str]:
    """Return unit → ``shown``, or the reason why its figure is not."""
    rows = table[(table["figure"] == figure) & (table["period"] == period)]
    unit = next(one for one in ("therapist_id", "clinic_id", "sector") if one in table)
    is_empty = rows[list(NUMBERS)].isna().all(axis=1)
    assert (is_empty == rows["suppression"].notna()).all()
    return dict(zip(rows[unit], rows["suppression"].fillna("shown"), strict=True))
