"""Both sides of the alliance over sessions: bias, tracking and correlation within dyads.

All clinics are computed at once, and then all sectors; the functions for one of them in
:mod:`rapport.statistics.dyads` say what is computed, and decide where rounding would.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.errors import StatisticsError
from rapport.statistics.batches import joint_codes, mean_by, rows_of_problems, t_limits
from rapport.statistics.coding import Codes, Units
from rapport.statistics.dyads import FEWEST_SESSIONS, truth_and_bias
from rapport.statistics.estimating.tiers import Estimates, Tier, tiers
from rapport.statistics.random_intercepts import fit_random_intercepts

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

FEWEST_DYADS = 10
"""Dyads that an estimate of a clinic or sector rests on at least."""

_ROUNDING = 1e-12


@dataclass(frozen=True)
class _Dyads:
    """Sessions rated by both, dyad by dyad.

    Attributes:
        of_row: Dyad of each session, shape (n,).
        clinic: Clinic of each dyad.
        size: Sessions of each dyad.
        patient, therapist: Ratings, shape (n,).
    """

    of_row: Codes
    clinic: Codes
    size: Codes
    patient: Array
    therapist: Array

    def own(self, values: Array) -> Array:
        """Return the mean of each row's dyad."""
        return mean_by(values, self.of_row, len(self.size))[self.of_row]

    def sums(self, values: Array) -> Array:
        """Return the sum of each dyad."""
        return np.bincount(self.of_row, values, len(self.size)).astype(float)


def paired_sessions(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions rated by both.

    Args:
        ratings: As :attr:`rapport.statistics.ratings.Held.ratings`.

    Returns:
        The same columns of these sessions, with ``dyad`` (code) and ``difference`` (patient minus
        therapist).
    """
    pairs = ratings[ratings["by_patient"].notna() & ratings["by_therapist"].notna()]
    _, dyad = joint_codes([pairs[name].to_numpy(np.int64) for name in ("patient", "therapist")])
    return pairs.assign(dyad=dyad, difference=pairs["by_patient"] - pairs["by_therapist"])


def congruence(pairs: pd.DataFrame, units: Units) -> Iterator[pd.DataFrame]:
    """Yield bias, tracking and correlation of every clinic and sector.

    Args:
        pairs: From :func:`paired_sessions`; a dyad belongs to one clinic.
        units: What the codes stand for.
    """
    if pairs.empty:
        return
    dyads = _dyads(pairs)
    for tier in tiers(units):
        unit = tier.of_clinic[dyads.clinic]
        is_enough = np.bincount(unit, minlength=tier.n_units) >= FEWEST_DYADS
        patients = tier.count(pairs)
        sessions = np.bincount(unit, dyads.size, tier.n_units).astype(np.int64)
        for name, found in _truth_and_bias(dyads, tier, pairs).items():
            chosen = is_enough & ~np.isnan(found.value)
            yield tier.rows(
                f"congruence.{name}", chosen, found.ends, patients=patients, observations=sessions
            )
        found, usable = _pooled_correlations(dyads, unit, tier.n_units)
        behind = pairs[usable[dyads.of_row]]
        yield tier.rows(
            "congruence.correlation",
            is_enough & ~np.isnan(found.value),
            found.ends,
            patients=tier.count(behind),
            observations=np.bincount(tier.unit_of(behind), minlength=tier.n_units),
        )


def _dyads(pairs: pd.DataFrame) -> _Dyads:
    code = pairs["dyad"].to_numpy(np.int64)
    n_dyads = int(code.max(initial=-1)) + 1
    clinic = np.zeros(n_dyads, dtype=np.int64)
    clinic[code] = pairs["clinic"].to_numpy(np.int64)
    return _Dyads(
        of_row=code,
        clinic=clinic,
        size=np.bincount(code, minlength=n_dyads).astype(np.int64),
        patient=pairs["by_patient"].to_numpy(float),
        therapist=pairs["by_therapist"].to_numpy(float),
    )


def _truth_and_bias(dyads: _Dyads, tier: Tier, pairs: pd.DataFrame) -> dict[str, Estimates]:
    truth = dyads.own(dyads.patient)
    design = np.column_stack([np.ones(len(truth)), dyads.patient - truth])
    fit = fit_random_intercepts(
        dyads.therapist - truth, dyads.of_row, design, tier.of_clinic[dyads.clinic], tier.n_units
    )
    errors = np.sqrt(np.einsum("mii->mi", fit.covariance))
    found = {}
    for place, (name, df) in enumerate(
        (("bias", fit.n_groups - 1), ("tracking", fit.n_rows - fit.n_groups - 1))
    ):
        value = fit.coefficients[:, place]
        found[name] = Estimates(value, *t_limits(value, errors[:, place], df))
    looked_at = np.flatnonzero(~fit.is_fitted & (fit.n_groups >= FEWEST_DYADS))
    for unit, rows in rows_of_problems(tier.unit_of(pairs), looked_at):
        own = pairs.iloc[rows]
        sides = own[["dyad"]].assign(patient=own["by_patient"], therapist=own["by_therapist"])
        try:
            one = truth_and_bias(sides)
        except StatisticsError:
            continue
        found["bias"].enter(unit, one.bias)
        found["tracking"].enter(unit, one.tracking)
    return found


def _pooled_correlations(dyads: _Dyads, unit: Codes, n_units: int) -> tuple[Estimates, Mask]:
    """Pool as :func:`rapport.statistics.dyads.pooled_correlation`; also say over which dyads.

    A dyad of three sessions has a correlation but no weight: the pooled one does not rest on it.
    """
    r = _correlations(dyads)
    usable = ~np.isnan(r) & (dyads.size > FEWEST_SESSIONS)
    unit, weight = unit[usable], (dyads.size[usable] - 3).astype(float)
    z = np.arctanh(np.clip(r[usable], -1 + 1e-12, 1 - 1e-12))
    with np.errstate(invalid="ignore", divide="ignore"):
        total = np.bincount(unit, weight, n_units)
        others = np.bincount(unit, minlength=n_units) - 1
        mean = np.bincount(unit, weight * z, n_units) / total
        scatter = np.bincount(unit, weight * (z - mean[unit]) ** 2, n_units)
        error = np.sqrt(np.maximum(1.0, np.where(others > 0, scatter / others, 1.0)) / total)
    low, high = t_limits(mean, error, np.where(others > 0, others, np.inf))
    return Estimates(np.tanh(mean), np.tanh(low), np.tanh(high)), usable


def _correlations(dyads: _Dyads) -> Array:
    """Return each dyad's correlation; NaN with too few sessions or where a rater never varies."""
    p, t = (one - dyads.own(one) for one in (dyads.patient, dyads.therapist))
    pp, tt, pt = (dyads.sums(one) for one in (p * p, t * t, p * t))
    varies = (pp > _ROUNDING) & (tt > _ROUNDING) & (dyads.size >= FEWEST_SESSIONS)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(varies, np.clip(pt / np.sqrt(pp * tt), -1.0, 1.0), np.nan)
