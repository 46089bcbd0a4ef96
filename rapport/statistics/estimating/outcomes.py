"""Improvement adjusted for case mix: therapists and clinics, and how much they differ.

The case mix is the first score and the covariates that the clinics declare; what a figure holds
equal is said with it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.covariates import KNOWN
from rapport.errors import StatisticsError
from rapport.statistics.blocks import EPISODE_KEYS
from rapport.statistics.case_mix import CaseMix, case_mix
from rapport.statistics.case_mix_words import FIRST_SCORE_ALONE, NOT_IN_BOTH_SECTORS, held_equal
from rapport.statistics.coding import Codes, Units
from rapport.statistics.dyads import Coefficient
from rapport.statistics.estimating.rows import Scope, everybody, row
from rapport.statistics.figures import MEASURES, Level
from rapport.statistics.sector_comparison import Standardised, standardised_by_model
from rapport.statistics.therapist_effects import patients_needed, therapist_effects
from rapport.statistics.three_levels import Level as VarianceLevel
from rapport.statistics.three_levels import ThreeLevels, fit_three_levels
from rapport.warehouse.records import records

FEWEST_PATIENTS = 10
"""Patients that an adjusted estimate of a therapist or clinic rests on at least."""

RELIABILITY = 0.7
"""Reliability from which an estimate is called reliable (own convention, widely used)."""


@dataclass(frozen=True)
class _Sample:
    """Finished episodes with both scores on one measure, their case mix, and the model over them.

    Attributes:
        measure: The measure.
        episodes: The episodes, with the columns of the case mix.
        mix: What the columns are.
        fit: Clinics and therapists together; ``None`` where the data cannot carry it.
    """

    measure: str
    episodes: pd.DataFrame
    mix: CaseMix
    fit: ThreeLevels | None


def adjusted_outcomes(
    changes: pd.DataFrame, outcomes: pd.DataFrame, units: Units
) -> Iterator[dict[str, object]]:
    """Yield adjusted improvement of therapists and clinics, and shares of variance of all.

    Args:
        changes: Coded changes of the window.
        outcomes: Coded outcomes of the window, with ``covariates`` where any are known.
        units: What the codes stand for, and what each clinic declares.

    Yields:
        Rows; a therapist or clinic with fewer than ten patients has one without a number.
    """
    finished = outcomes.loc[outcomes["is_finished"].astype(bool)]
    finished = finished.reindex(columns=[*EPISODE_KEYS, KNOWN])
    paired = changes[changes[["pre", "improvement"]].notna().all(axis=1)]
    kept = paired.merge(finished, on=EPISODE_KEYS, validate="many_to_one")
    for measure in MEASURES:
        episodes = kept[kept["instrument"] == measure]
        if episodes.empty:
            continue
        sample = _sample(measure, episodes.reset_index(drop=True), units)
        yield from _adjusted(sample, units)
        yield from _variance(sample, units)
        yield from _comparison(sample, units)


def _sample(measure: str, episodes: pd.DataFrame, units: Units) -> _Sample:
    mix = case_mix(
        episodes[KNOWN],
        episodes["clinic"].to_numpy(np.int64),
        episodes[["pre"]].to_numpy(float),
        units.covariates,
    )
    with_mix = episodes.join(mix.columns)
    return _Sample(measure, with_mix, mix, _fit(with_mix, mix, units))


def _adjusted(sample: _Sample, units: Units) -> Iterator[dict[str, object]]:
    """Yield what each therapist and clinic could expect of an average patient."""
    figure, mix = f"adjusted.{sample.measure}", sample.mix
    columns_of: dict[Level, tuple[str, ...]] = {
        "therapist": (*mix.between, *mix.within),
        "clinic": mix.between,
    }
    for level, columns in columns_of.items():
        for one in _of_units(figure, level, sample.episodes, "improvement", ("pre", *columns)):
            code = int(str(one["unit"]))
            clinic = code if level == "clinic" else int(units.clinic_of_therapist[code])
            yield one | {"note": held_equal(mix, clinic, among_own=level == "therapist")}


def differences_of_therapists(pairs: pd.DataFrame) -> Iterator[dict[str, object]]:
    """Yield each therapist's mean difference between the two sides, shrunken.

    Args:
        pairs: Sessions rated by both: ``clinic``, ``therapist``, ``patient`` (codes), ``dyad``,
            ``difference``.
    """
    keys = ["clinic", "therapist", "patient", "dyad"]
    dyads = pairs.groupby(keys, as_index=False).agg({"difference": "mean"})
    yield from _of_units("adjusted.difference", "therapist", dyads, "difference", ())


def _fit(episodes: pd.DataFrame, mix: CaseMix, units: Units) -> ThreeLevels | None:
    """Fit clinics and therapists together, or return nothing where the data cannot carry it."""
    first = episodes["pre"].to_numpy(float)
    columns = [np.ones(len(first)), first - first.mean()]
    columns = columns if np.ptp(first) > 0 else columns[:1]
    design = np.column_stack([*columns, mix.columns[list(mix.between)].to_numpy(float)])
    codes = episodes["therapist"].to_numpy(np.int64)
    outcome = episodes["improvement"].to_numpy(float)
    try:
        return fit_three_levels(outcome, codes, units.clinic_of_therapist, design)
    except StatisticsError:
        return None


def _of_units(
    figure: str, level: Level, rows: pd.DataFrame, outcome: str, covariates: tuple[str, ...]
) -> Iterator[dict[str, object]]:
    """Yield one row a therapist or clinic; without a number where its patients are too few."""
    try:
        found = therapist_effects(
            rows.assign(therapist_id=rows[level]),
            outcome=outcome,
            covariates=tuple(one for one in covariates if rows[one].nunique() > 1),
            minimum=FEWEST_PATIENTS,
        )
    except StatisticsError:
        return
    patients = rows.groupby(level)["patient"].nunique()
    for estimate in records(found.therapists):
        code = int(estimate["therapist_id"])
        yield row(
            Scope(level, code, np.empty(0, np.int64)),
            figure,
            (estimate["estimate"], estimate["low"], estimate["high"]),
            patients=int(patients[code]),
            observations=int(estimate["n_patients"]),
        )


def _variance(sample: _Sample, units: Units) -> Iterator[dict[str, object]]:
    if sample.fit is None:
        return
    scope, note = everybody(units), {"note": held_equal(sample.mix)}
    counts = _counts(sample.episodes)
    for who, level in (("therapists", sample.fit.therapists), ("clinics", sample.fit.clinics)):
        share = (level.share, level.share_low, level.share_high)
        yield row(scope, f"{who}.{sample.measure}", share, **counts) | note
    needed = needed_by(sample.fit.therapists)
    yield row(scope, f"needed.{sample.measure}", needed, **counts) | note


def needed_by(therapists: VarianceLevel) -> tuple[float, float, float]:
    """Return the patients needed: most where the share of variance is smallest.

    Where no share is seen no number would do, and there are too few patients to say more: NaN.
    """
    if not therapists.share > 0:
        return np.nan, np.nan, np.nan
    shares = (therapists.share, therapists.share_high, therapists.share_low)
    value, low, high = (patients_needed(RELIABILITY, share) for share in shares)
    return value, low, high


def _comparison(sample: _Sample, units: Units) -> Iterator[dict[str, object]]:
    """Compare public and private, where both are there; without a number from too few clinics."""
    if set(units.sectors) != {"private", "public"}:
        return
    clinic: Codes = sample.episodes["clinic"].to_numpy(np.int64)
    sector = np.array(units.sectors, dtype=object)[units.sector_of_clinic[clinic]]
    patients = sample.episodes.assign(sector=sector, severity=sample.episodes["pre"])
    if patients["sector"].nunique() < 2:  # noqa: PLR2004 - public and private
        return
    found, note = _standardised(patients, sample.mix)
    sign = 1.0 if found.first.sector == "public" else -1.0
    yield row(
        everybody(units),
        f"comparison.{sample.measure}",
        (np.nan, np.nan, np.nan) if found.reason else _signed(found.difference, sign),
        **_counts(sample.episodes),
    ) | {"note": "" if found.reason else note}


def _standardised(patients: pd.DataFrame, mix: CaseMix) -> tuple[Standardised, str]:
    """Standardise for the whole case mix, or for the first score alone where that cannot be."""
    found = _by_model(patients, mix.between)
    if found.reason is None or not mix.between:
        return found, held_equal(mix)
    return _by_model(patients, ()), f"{FIRST_SCORE_ALONE} {NOT_IN_BOTH_SECTORS}"


def _by_model(patients: pd.DataFrame, covariates: tuple[str, ...]) -> Standardised:
    return standardised_by_model(
        patients, outcome="improvement", kind="mean", cluster="clinic", covariates=covariates
    )


def _signed(difference: Coefficient, sign: float) -> tuple[float, float, float]:
    ends = sorted((sign * difference.low, sign * difference.high))
    return sign * difference.value, ends[0], ends[1]


def _counts(episodes: pd.DataFrame) -> dict[str, int]:
    return {"patients": int(episodes["patient"].nunique()), "observations": len(episodes)}
