"""The alliance by session mode, of the same patients: all clinics at once, then all sectors.

:mod:`rapport.statistics.session_mode` says what is computed, and decides where rounding would.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.batches import dense, mean_by, rows_of_problems, sums_by, t_limits
from rapport.statistics.clustered_regressions import fit_many_clustered
from rapport.statistics.coding import Codes, Units
from rapport.statistics.estimating.tiers import Estimates, Tier, tiers
from rapport.statistics.figures import ESTIMATES
from rapport.statistics.session_mode import FEWEST_PATIENTS, by_session_mode

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

REFERENCE = "in_person"

_CONSTANT = 1e-9
"""Spread of a column, as a share of its size, below which it may be rounding."""


@dataclass(frozen=True)
class _Rated:
    """Rated sessions with a mode.

    Attributes:
        alliance, session: Item mean and number of each session.
        patient: Patient of each, from 0 without gaps.
        clinic: Clinic of each patient.
        mode: Code of each session's mode; 0 is the reference.
        modes: What the codes stand for.
    """

    alliance: Array
    session: Array
    patient: Codes
    clinic: Codes
    mode: Codes
    modes: tuple[str, ...]


@dataclass(frozen=True)
class _Used:
    """Who used what, unit by unit; columns are modes, the reference first.

    Attributes:
        by_patient: Whether a patient used a mode, shape (patients, modes).
        n_patients: Patients that used it, shape (units, modes).
        n_both: Patients that used it and the reference.
        n_sessions: Sessions in either, of the patients that used both.
        is_between, is_within: Whether a unit's model has a column for it.
    """

    by_patient: Mask
    n_patients: Array
    n_both: Array
    n_sessions: Array
    is_between: Mask
    is_within: Mask


def mode_contrasts(patients: pd.DataFrame, units: Units) -> Iterator[pd.DataFrame]:
    """Yield each mode against sessions in person, of every clinic and sector.

    Args:
        patients: Scored alliance totals of patients, with the ``mode`` of the session.
        units: What the codes stand for.
    """
    rows = patients[patients["mode"].notna()]
    rated = _rated(rows)
    if len(rated.modes) < 2 or not len(rows):  # noqa: PLR2004 - nothing to set against another
        return
    for tier in tiers(units):
        unit = tier.of_clinic[rated.clinic]
        used = _used(rated, unit, tier.n_units)
        is_told = used.n_both >= FEWEST_PATIENTS
        found = _contrasts(rated, used, unit, np.asarray(is_told[:, 1:].any(axis=1)))
        _look_closer(found, rows, tier, rated.modes)
        for place, mode in enumerate(rated.modes):
            if f"contrast.{mode}" in ESTIMATES and place:
                yield tier.rows(
                    f"contrast.{mode}",
                    is_told[:, place] & ~np.isnan(found[place].value),
                    found[place].ends,
                    patients=used.n_both[:, place].astype(np.int64),
                    observations=used.n_sessions[:, place].astype(int),
                )


def _rated(rows: pd.DataFrame) -> _Rated:
    texts = rows["mode"].astype("category")
    others = sorted(set(texts.cat.categories) - {REFERENCE})
    modes = (REFERENCE, *others)
    place = pd.Index(modes).get_indexer(pd.Index(texts.cat.categories))
    _, patient = dense(rows["patient"].to_numpy(np.int64))
    clinic = np.zeros(int(patient.max(initial=-1)) + 1, dtype=np.int64)
    clinic[patient] = rows["clinic"].to_numpy(np.int64)
    return _Rated(
        alliance=rows["item_mean"].to_numpy(float),
        session=rows["session"].to_numpy(float),
        patient=patient,
        clinic=clinic,
        mode=place[texts.cat.codes.to_numpy()].astype(np.int64),
        modes=modes,
    )


def _used(rated: _Rated, unit: Codes, n_units: int) -> _Used:
    n_modes = len(rated.modes)
    key = rated.patient * n_modes + rated.mode
    n = np.bincount(key, minlength=len(rated.clinic) * n_modes).reshape(-1, n_modes)
    by_patient = n > 0
    n_patients = sums_by(by_patient.astype(float), unit, n_units)
    has_both = by_patient & by_patient[:, :1]
    n_both = sums_by(has_both.astype(float), unit, n_units)
    is_between = np.minimum(n_patients, n_patients[:, :1]) >= FEWEST_PATIENTS
    is_between[:, 0] = False
    return _Used(
        by_patient=by_patient,
        n_patients=n_patients,
        n_both=n_both,
        n_sessions=sums_by(np.where(has_both, n + n[:, :1], 0).astype(float), unit, n_units),
        is_between=is_between,
        is_within=is_between & (n_both > 0),
    )


@dataclass(frozen=True)
class _Modelled:
    """Rows, columns and units of the models."""

    outcome: Array
    design: Array
    patient: Codes
    unit: Codes
    has_column: Mask
    is_clear: Mask


def _modelled(rated: _Rated, used: _Used, unit: Codes, is_wanted: Mask) -> _Modelled:
    """Return the design of :func:`by_session_mode`; nought where a unit has no such column."""
    of_row = unit[rated.patient]
    kept = np.flatnonzero(
        is_wanted[of_row] & ((rated.mode == 0) | used.is_between[of_row, rated.mode])
    )
    people, patient = dense(rated.patient[kept])
    of_row, own_unit = of_row[kept], unit[people]
    mode, n_modes, n_people = rated.mode[kept], len(rated.modes), len(people)
    is_mode = (mode[:, np.newaxis] == np.arange(1, n_modes)).astype(float)
    share = np.column_stack([mean_by(one, patient, n_people)[patient] for one in is_mode.T])
    session = rated.session[kept]
    usual = mean_by(session, patient, n_people)[patient]
    others = np.column_stack([session - usual, usual])
    varies, is_clear = _varies(others, session, of_row, len(used.n_patients))
    others = others - np.column_stack(
        [mean_by(one, of_row, len(used.n_patients))[of_row] for one in others.T]
    )
    ones = np.ones((len(used.n_patients), 1), dtype=bool)
    has_column = np.hstack([ones, used.is_within[:, 1:], used.is_between[:, 1:], varies])
    design = np.hstack([np.ones((len(kept), 1)), is_mode - share, share, others])
    design = design * has_column[of_row]
    return _Modelled(rated.alliance[kept], design, patient, own_unit, has_column, is_clear)


def _varies(columns: Array, session: Array, unit: Codes, n_units: int) -> tuple[Mask, Mask]:
    """Say which columns vary in each unit, and where rounding does not decide it."""
    varies = np.zeros((n_units, columns.shape[1]), dtype=bool)
    is_clear = np.ones(n_units, dtype=bool)
    size = np.ones(n_units)
    np.maximum.at(size, unit, np.abs(session))
    for place, column in enumerate(columns.T):
        low, high = np.full(n_units, np.inf), np.full(n_units, -np.inf)
        np.minimum.at(low, unit, column)
        np.maximum.at(high, unit, column)
        spread = np.where(np.isfinite(low), high - low, 0.0)
        varies[:, place] = spread > _CONSTANT * size
        is_clear &= (spread == 0) | varies[:, place]
    return varies, is_clear


def _contrasts(rated: _Rated, used: _Used, unit: Codes, is_wanted: Mask) -> list[Estimates]:
    """Return the contrast of each mode; NaN where there is none, infinite where it is open."""
    n_units, n_others = len(used.n_patients), len(rated.modes) - 1
    found = [Estimates.empty(n_units) for _ in rated.modes]
    if not is_wanted.any():
        return found
    model = _modelled(rated, used, unit, is_wanted)
    wanted = tuple(range(1, 1 + n_others))
    fit = fit_many_clustered(
        model.outcome,
        model.design,
        model.patient,
        model.unit,
        has_column=model.has_column,
        wanted=wanted,
    )
    is_sound = fit.is_fitted & model.is_clear
    for place in wanted:
        has_it = is_wanted & model.has_column[:, place]
        value = np.where(is_sound, fit.coefficients[:, place], np.inf)
        value = np.where(has_it, value, np.nan)
        errors = np.where(is_sound, fit.standard_errors[:, place], np.nan)
        low, high = t_limits(value, errors, fit.degrees_of_freedom[:, place])
        found[place] = Estimates(value, low, high)
    return found


def _look_closer(
    found: list[Estimates], rows: pd.DataFrame, tier: Tier, modes: tuple[str, ...]
) -> None:
    """Fit those units by themselves that the fit of all could not decide."""
    is_open = np.logical_or.reduce([np.isinf(one.value) for one in found])
    named = rows.rename(columns={"item_mean": "alliance"})
    for unit, places in rows_of_problems(tier.unit_of(rows), np.flatnonzero(is_open)):
        own = named.iloc[places].astype({"mode": "str"})
        for one in found:
            one.value[unit] = np.nan
        for contrast in by_session_mode(own, reference=REFERENCE).contrasts:
            if contrast.within_reason is None:
                found[modes.index(contrast.mode)].enter(unit, contrast.within)
