"""Patients of two sectors, made comparable: complete rows, strata, and columns of a model."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.errors import Fault, StatisticsError

Array = npt.NDArray[np.float64]

FEWEST_CLUSTERS = 5
"""Therapists (or clinics) of each sector that a comparison must rest on (own convention)."""

FEWEST_PER_TERM = 10
"""Patients of each sector for each term of the model (own convention)."""


@dataclass(frozen=True)
class TwoSectors:
    """Complete patients of two sectors.

    Attributes:
        rows: The patients.
        y: Outcome, shape (n,).
        cluster: Code of each one's therapist or clinic, from 0.
        is_first: Whether the patient is of the first sector.
        names: The sectors, in the order of their names.
        n_left_out: Patients without outcome, cluster, severity or a covariate.
        adjusted_for: Columns that are held equal.
    """

    rows: pd.DataFrame
    y: Array
    cluster: npt.NDArray[np.int64]
    is_first: npt.NDArray[np.bool_]
    names: tuple[str, str]
    n_left_out: int
    adjusted_for: tuple[str, ...]


def two_sectors(
    patients: pd.DataFrame, outcome: str, cluster: str, adjusted_for: tuple[str, ...]
) -> TwoSectors:
    """Return complete patients.

    Args:
        patients: One row a patient.
        outcome: Column of the outcome.
        cluster: Column whose rows go together.
        adjusted_for: Columns that are held equal.

    Raises:
        StatisticsError: There are not exactly two sectors.
    """
    sectors = sorted(patients["sector"].dropna().unique())
    if len(sectors) != 2:  # noqa: PLR2004 - a comparison has two sides
        raise _fault(
            "TWO_SECTORS", "A comparison needs patients of exactly two sectors.", "Choose two."
        )
    rows = patients.dropna(subset=["sector", cluster, outcome, *adjusted_for])
    rows = rows.reset_index(drop=True)
    return TwoSectors(
        rows=rows,
        y=rows[outcome].to_numpy(dtype=float),
        cluster=np.asarray(pd.factorize(rows[cluster])[0], dtype=np.int64),
        is_first=(rows["sector"] == sectors[0]).to_numpy(dtype=bool),
        names=(str(sectors[0]), str(sectors[1])),
        n_left_out=len(patients) - len(rows),
        adjusted_for=adjusted_for,
    )


def strata(
    rows: pd.DataFrame, severity: str, covariates: tuple[str, ...], n_bands: int
) -> npt.NDArray[np.int64]:
    """Return the code of each patient's stratum: band of severity, and covariates.

    Args:
        rows: The patients.
        severity: Column that is cut at its quantiles.
        covariates: Columns of categories.
        n_bands: Bands of severity.
    """
    value = rows[severity].to_numpy(dtype=float)
    if not len(value):
        return np.zeros(0, dtype=np.int64)
    cuts = np.unique(np.quantile(value, np.arange(1, n_bands) / n_bands))
    keys = rows[list(covariates)].assign(band_of_severity=np.searchsorted(cuts, value))
    return np.asarray(keys.groupby(list(keys.columns)).ngroup(), dtype=np.int64)


def design(rows: pd.DataFrame, columns: tuple[str, ...]) -> Array:
    """Return ones, centred numbers, and a column for each category but the first.

    Args:
        rows: The patients.
        columns: What becomes columns.
    """
    parts = [np.ones(len(rows))]
    for name in columns:
        if pd.api.types.is_numeric_dtype(rows[name]):
            parts.append(rows[name].to_numpy(dtype=float) - float(rows[name].mean()))
        else:
            parts += list(pd.get_dummies(rows[name], drop_first=True, dtype=float).to_numpy().T)
    return np.column_stack(parts)


def too_few_clusters(case: TwoSectors) -> str | None:
    """Say why there are too few clusters; ``None`` if there are enough."""
    fewest = min(len(np.unique(case.cluster[side])) for side in (case.is_first, ~case.is_first))
    if fewest < FEWEST_CLUSTERS:
        return f"A comparison needs {FEWEST_CLUSTERS} therapists or clinics in each sector."
    return None


def too_few_rows(case: TwoSectors, terms: int) -> str | None:
    """Say why there are too few patients for a model of so many terms; ``None`` if not."""
    fewest = min(int(case.is_first.sum()), int((~case.is_first).sum()))
    if fewest < FEWEST_PER_TERM * terms:
        return f"The model needs {FEWEST_PER_TERM * terms} patients in each sector."
    return None


def _fault(rule: str, message: str, remedy: str) -> StatisticsError:
    return StatisticsError(Fault(rule, message, remedy))
