"""From cells to figures of units: n, patients, mean, clustered standard error, all by counting.

A unit is whatever figures are computed for: a therapist, a clinic or a sector, in one period.
Every sum is a ``bincount`` over codes; no Python function runs per unit.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.clustered_means import clustered_errors
from rapport.statistics.coding import Codes
from rapport.statistics.figures import FIGURES

_N_FIGURES = len(FIGURES)

_NOTHING_VARIES = 1e-12
"""A standard error below this share of the mean is rounding, not variation."""


def group_codes(key: Codes) -> tuple[Codes, Codes]:
    """Return the distinct keys, sorted, and for each key its position among them.

    Like :func:`numpy.unique` with the inverse, but linear where keys are nearly in order.
    """
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.ones(len(key), dtype=bool)
    starts[1:] = ordered[1:] != ordered[:-1]
    position = np.empty(len(key), dtype=np.int64)
    position[order] = np.cumsum(starts) - 1
    return ordered[starts], position


def by_patient(cells: pd.DataFrame, unit: Codes) -> pd.DataFrame:
    """Sum cells to clusters: one row a unit, figure and patient.

    Args:
        cells: ``patient``, ``figure`` (codes), ``n`` and ``total``.
        unit: Code of the unit of each cell, shape (cells,).

    Returns:
        ``unit``, ``figure``, ``patient``, ``n``, ``total``, sorted by figure, unit and patient.
    """
    figure, patient = cells["figure"].to_numpy(np.int64), cells["patient"].to_numpy(np.int64)
    n_patients = int(patient.max(initial=0)) + 1
    n_units = int(unit.max(initial=0)) + 1
    keys, position = group_codes((figure * n_units + unit) * n_patients + patient)
    return pd.DataFrame(
        {
            "unit": keys // n_patients % n_units,
            "figure": keys // n_patients // n_units,
            "patient": keys % n_patients,
            "n": np.bincount(position, cells["n"].to_numpy(), len(keys)),
            "total": np.bincount(position, cells["total"].to_numpy(), len(keys)),
        }
    )


def summarise(
    clusters: pd.DataFrame, exclusive: npt.NDArray[np.bool_] | None = None
) -> pd.DataFrame:
    """Summarise the observations of each unit and figure.

    Args:
        clusters: From :func:`by_patient`.
        exclusive: From :func:`is_exclusive`; nobody is without it.

    Returns:
        One row a unit and figure that has observations, sorted: ``unit``, ``figure``,
        ``n_patients``, ``n_exclusive``, ``n_observations``, ``total``, ``value`` (mean),
        ``standard_error`` (cluster-robust by patient; NaN for one patient) and
        ``degrees_of_freedom`` of it (:mod:`rapport.statistics.clustered_means`).

    Source:
        Bell & McCaffrey (2002), Survey Methodology 28:169-181, for an intercept alone.
    """
    unit, figure = clusters["unit"].to_numpy(), clusters["figure"].to_numpy()
    keys, position = group_codes(unit * _N_FIGURES + figure)
    size, total = clusters["n"].to_numpy(), clusters["total"].to_numpy()
    n = np.bincount(position, size, len(keys))
    patients = np.bincount(position, minlength=len(keys)).astype(np.int64)
    sums = np.bincount(position, total, len(keys))
    mean = sums / n
    left = total - mean[position] * size
    error, freedom = clustered_errors(size.astype(float), left, position, len(keys))
    alone = np.zeros(len(unit), dtype=bool) if exclusive is None else exclusive
    return pd.DataFrame(
        {
            "unit": keys // _N_FIGURES,
            "figure": keys % _N_FIGURES,
            "n_patients": patients,
            "n_exclusive": np.bincount(position, alone, len(keys)).astype(np.int64),
            "n_observations": n.astype(np.int64),
            "total": sums,
            "value": mean,
            "standard_error": _without_rounding(error, mean),
            "degrees_of_freedom": freedom,
        }
    )


def is_exclusive(clusters: pd.DataFrame, group: Codes) -> npt.NDArray[np.bool_]:
    """Say for each cluster whether no other unit of its group has the patient, for the figure.

    Args:
        clusters: From :func:`by_patient`.
        group: Code of the group (a therapist's clinic) of each row.

    Returns:
        Truth values, one a row.
    """
    patient, figure = clusters["patient"].to_numpy(), clusters["figure"].to_numpy()
    n_patients = int(patient.max(initial=0)) + 1
    n_groups = int(group.max(initial=0)) + 1
    keys, position = group_codes((figure * n_groups + group) * n_patients + patient)
    return np.asarray(np.bincount(position, minlength=len(keys))[position] == 1)


def _without_rounding(
    error: npt.NDArray[np.float64], mean: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    with np.errstate(invalid="ignore"):
        is_spread = error > _NOTHING_VARIES * np.maximum(np.abs(mean), 1.0)
    return np.asarray(np.where(is_spread, error, error * 0))
