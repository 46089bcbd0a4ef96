"""The figures of one month for every therapist, clinic and sector, before disclosure control.

What leaves this room is not for print: :func:`rapport.disclosure.publish` decides what is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.months import Month, trailing
from rapport.scoring.episodes import EPISODE
from rapport.statistics.coding import WINDOW, Codes, Units
from rapport.statistics.estimating import estimate_all
from rapport.statistics.estimating.forms import FormItems
from rapport.statistics.estimating.rows import ALL, TOO_FEW
from rapport.statistics.figures import ESTIMATES, FIGURES, NOTE, Level
from rapport.statistics.intervals import clustered_mean, clustered_wilson, wilson
from rapport.statistics.pooled import Common, common_of, share_of_clinics
from rapport.statistics.ratings import put_together
from rapport.statistics.summing import EARLIER, PERIODS, Summing, period_names
from rapport.statistics.window import Frames, lots_of_window

__all__ = ["COLUMNS", "EARLIER", "NUMBERS", "Aggregates", "aggregate", "aggregate_lots"]

NUMBERS = ("n_patients", "n_observations", "numerator", "denominator", "value", "low", "high")
"""Columns that hold a number; all null in a suppressed row."""

COLUMNS = ("period", "figure", *NUMBERS, "unit", "method", "suppression")

_CATALOGUE = tuple(FIGURES.values())


@dataclass(frozen=True, slots=True)
class Aggregates:
    """Figures of one month, as frames with the columns of the three tables of figures.

    Attributes:
        therapists: Columns of ``therapist_aggregates``.
        clinics: Columns of ``clinic_aggregates``.
        sectors: Columns of ``sector_benchmarks``.
        groups: What disclosure control has to know and nobody may see, one row a group of
            patients, published or not: ``level``, ``clinic_id``, ``therapist_id``, ``period``
            (also ``earlier``: the window without its last month), ``figure``, ``n_patients``,
            ``n_exclusive`` (patients seen by no other therapist of the clinic),
            ``n_observations``, ``total``. Empty once published.
        estimates: Estimates of models, with the columns of all three tables and ``level``; in the
            tables once published, and then empty here.
    """

    therapists: pd.DataFrame
    clinics: pd.DataFrame
    sectors: pd.DataFrame
    groups: pd.DataFrame
    estimates: pd.DataFrame


def aggregate(
    *,
    scores: pd.DataFrame,
    sessions: pd.DataFrame,
    outcomes: pd.DataFrame,
    changes: pd.DataFrame,
    clinics: pd.DataFrame,
    month: Month,
    forms: Iterable[FormItems] = (),
) -> Aggregates:
    """Compute every figure of the catalogue, unsuppressed.

    Args:
        scores: Rows of ``scale_scores`` of passed clinic-months; those outside the trailing
            twelve months are left aside.
        sessions: Rows of ``sessions``, of every month known, so that the sessions of a treatment
            are counted from its first.
        outcomes: Rows of ``treatment_outcomes``; ``month`` is the month in which the episode
            ended.
        changes: Rows of ``measure_changes``, likewise.
        clinics: ``clinic_id`` and ``sector``, one row a clinic; optionally with the bands of its
            stages (:data:`rapport.statistics.courses.DEFAULT_BANDS`), and with ``covariates``:
            name → kind and words of what it declares of its patients.
        month: The month that is closed.
        forms: Complete forms of the month, for how consistently they were answered.

    Returns:
        The figures for ``month``, ``trailing_12`` and, for clinics and figures with a trend, each
        of the twelve months (``YYYY-MM``). A unit without observations has no row.

    Raises:
        StatisticsError: A frame holds a clinic that ``clinics`` does not, or a clinic twice.
    """
    frames = {"scores": scores, "sessions": sessions, "outcomes": outcomes, "changes": changes}
    window = [str(one) for one in trailing(month, WINDOW)]
    own, held = (one[one["month"].isin(window)] for one in (scores, sessions))
    common = common_of([share_of_clinics(own, held["mode"], clinic="clinic_id", episode=EPISODE)])
    return aggregate_lots(
        [frames],
        clinics=clinics.sort_values("clinic_id"),
        month=month,
        common=common,
        forms=forms,
    )


def aggregate_lots(
    lots: Iterable[Frames],
    *,
    clinics: pd.DataFrame,
    month: Month,
    common: Common,
    forms: Iterable[FormItems] = (),
    of_therapists: Iterable[str] = PERIODS,
) -> Aggregates:
    """Compute every figure of the catalogue, some clinics at a time.

    What is in memory at a time are the rows of one lot, one narrow row a rated session
    (:mod:`rapport.statistics.ratings`), and what comes out. How clinics are put into lots changes
    nothing.

    Args:
        lots: Of each lot ``scores``, ``sessions``, ``outcomes`` and ``changes`` as for
            :func:`aggregate`; at least one.
        clinics: As for :func:`aggregate`, in the order of the lots.
        month: The month that is closed.
        common: What is taken from all clinics, of the window's rows.
        forms: As for :func:`aggregate`; all of one clinic's forms of one kind together.
        of_therapists: Periods of which therapists have figures and groups.

    Returns:
        As :func:`aggregate`, in the order of ``clinics``.

    Raises:
        StatisticsError: As :func:`aggregate`; a clinic stands in two lots; lots are out of order.
    """
    summing, held, units = Summing(of_therapists), [], None
    for lot in lots_of_window(lots, clinics, month, common):
        summing.add(lot.cells, lot.units)
        held.append(lot.held)
        units = lot.units
    if units is None:
        raise ValueError("there must be a lot, if only one without rows")
    summaries = summing.summaries()
    return Aggregates(
        therapists=_table(summaries["therapist"], "therapist", units),
        clinics=_table(summaries["clinic"], "clinic", units),
        sectors=_table(summaries["sector"], "sector", units),
        groups=_groups(summaries, units),
        estimates=_estimates(estimate_all(put_together(held), units, forms, common), units),
    )


def _table(summary: pd.DataFrame, level: Level, units: Units) -> pd.DataFrame:
    summary = summary[summary["period"] != PERIODS.index(EARLIER)].reset_index(drop=True)
    keys = _keys(summary["unit"].to_numpy(np.int64), units, level)
    table = pd.DataFrame(keys).assign(month=str(units.months[-1]))
    return table.join(_figures(summary, units))[["month", *keys, *COLUMNS]]


def _estimates(found: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Return estimates with names for codes, and the columns of the tables of figures."""
    parts = []
    for level, rows in found.groupby("level", sort=False):
        unit = rows["unit"].to_numpy(np.int64)
        keys = _keys(np.maximum(unit, 0), units, str(level))
        named = rows.reset_index(drop=True).assign(**keys)
        if level == "sector":
            named["sector"] = named["sector"].mask(unit < 0, ALL)
        parts.append(named)
    table = pd.concat(parts, ignore_index=True) if parts else found
    one = ESTIMATES
    whole = {name: table[name].astype("Int64") for name in ("n_patients", "n_observations")}
    return table.reindex(columns=["level", "clinic_id", "therapist_id", "sector", *COLUMNS]).assign(
        month=str(units.months[-1]),
        period=table["figure"].map({name: figure.periods[0] for name, figure in one.items()}),
        unit=table["figure"].map({name: figure.unit for name, figure in one.items()}),
        method=_methods(table),
        suppression=pd.Series(TOO_FEW, index=table.index, dtype="str").where(table["value"].isna()),
        **whole,
    )


def _methods(estimates: pd.DataFrame) -> "pd.Series[str]":
    """Return each estimate's method, with what is to be said of this one behind it."""
    of_figure = {name: figure.method for name, figure in ESTIMATES.items()}
    methods = estimates["figure"].map(of_figure).astype("str")
    notes = estimates["note"].fillna("").astype("str")
    return methods.where(notes.eq(""), methods + NOTE + notes)


def _keys(unit: Codes, units: Units, level: str) -> dict[str, "pd.Series[str]"]:
    if level == "sector":
        return {"sector": _names(units.sectors, unit)}
    if level == "clinic":
        return {"clinic_id": _names(units.clinics, unit)}
    return {
        "clinic_id": _names(units.clinics, units.clinic_of_therapist[unit]),
        "therapist_id": _names(units.therapists, unit),
    }


def _names(names: tuple[str, ...], codes: Codes) -> "pd.Series[str]":
    return pd.Series([names[code] for code in codes], dtype="str")


def _figures(summary: pd.DataFrame, units: Units) -> pd.DataFrame:
    """Turn summaries into the columns of a table of figures."""
    figure = summary["figure"].to_numpy(np.int64)
    kind = np.array([one.kind for one in _CATALOGUE])[figure]
    low, high = _intervals(summary, kind)
    share = kind == "proportion"
    return pd.DataFrame(
        {
            "period": period_names(units.months)[summary["period"].to_numpy(np.int64)],
            "figure": np.array([one.id for one in _CATALOGUE], dtype=object)[figure],
            "n_patients": summary["n_patients"].astype("Int64"),
            "n_observations": summary["n_observations"].astype("Int64"),
            "numerator": np.where(share, summary["total"], np.nan),
            "denominator": np.where(share, summary["n_observations"], np.nan),
            "value": np.where(kind == "count", summary["n_patients"], summary["value"]),
            "low": low,
            "high": high,
            "unit": _words([one.unit for one in _CATALOGUE], figure),
            "method": _words([one.method for one in _CATALOGUE], figure),
            "suppression": pd.Series(None, index=summary.index, dtype="str"),
        }
    )


def _words(words: list[str], codes: Codes) -> pd.Categorical:
    """Return a text for each code; there are few, long ones for very many rows."""
    known = pd.Index(dict.fromkeys(words), dtype="str")
    place = np.asarray(known.get_indexer(pd.Index(words)), dtype=np.int64)
    return pd.Categorical.from_codes(place[codes], categories=known)


def _intervals(
    summary: pd.DataFrame, kind: npt.NDArray[np.str_]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    figure = summary["figure"].to_numpy(np.int64)
    clustered = np.array([one.is_clustered for one in _CATALOGUE])[figure]
    total, n, value, error, patients, freedom = (
        summary[column].to_numpy(float)
        for column in (
            "total", "n_observations", "value", "standard_error", "n_patients",
            "degrees_of_freedom",
        )
    )  # fmt: skip
    low, high = _within_range(*clustered_mean(value, error, freedom), figure)
    share = kind == "proportion"
    hits = np.where(share, total, 0.0)
    for chosen, limits in (
        (share & clustered, clustered_wilson(hits, n, error, patients, freedom)),
        (share & ~clustered, wilson(hits, n)),
        (kind == "count", (np.full(len(n), np.nan), np.full(len(n), np.nan))),
    ):
        low, high = np.where(chosen, limits[0], low), np.where(chosen, limits[1], high)
    return low, high


def _within_range(
    low: npt.NDArray[np.float64], high: npt.NDArray[np.float64], figure: Codes
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Cut intervals at the ends of the scale: nothing beyond them is possible."""
    bottom = np.array([-np.inf if one.minimum is None else one.minimum for one in _CATALOGUE])
    top = np.array([np.inf if one.maximum is None else one.maximum for one in _CATALOGUE])
    return np.maximum(low, bottom[figure]), np.minimum(high, top[figure])


def _groups(summaries: Mapping[Level, pd.DataFrame], units: Units) -> pd.DataFrame:
    """Say how many patients stand behind each group that a reader could compute."""
    names = np.array([one.id for one in _CATALOGUE], dtype=object)
    periods, parts = period_names(units.months), []
    levels: tuple[Level, ...] = ("therapist", "clinic")
    for level in levels:
        summary = summaries[level]
        keys = _keys(summary["unit"].to_numpy(np.int64), units, level)
        counts = summary[["period", "n_patients", "n_exclusive", "n_observations", "total"]]
        period = periods[counts["period"].to_numpy(np.int64)]
        figure = names[summary["figure"].to_numpy(np.int64)]
        parts.append(
            counts.assign(period=period, level=level, figure=figure).join(pd.DataFrame(keys))
        )
    return pd.concat(parts, ignore_index=True).fillna({"therapist_id": ""})
