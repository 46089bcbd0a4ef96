"""Public against private, standardised for case mix: never a bare difference.

Two ways to the same question, "what would the mean be in each sector if both had the patients that
both have together?": directly, by strata of severity and declared covariates; and by a model fitted
in each sector and applied to all patients. They rest on different assumptions, so both are told.
Neither makes up for what nobody recorded.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.clustered_regression import NOTHING
from rapport.statistics.dyads import Coefficient, coefficient
from rapport.statistics.sector_patients import (
    TwoSectors,
    design,
    strata,
    too_few_clusters,
    too_few_rows,
    two_sectors,
)
from rapport.statistics.standardisation import (
    Fitted,
    difference,
    fit_linear,
    fit_logistic,
    influence_error,
)

Array = npt.NDArray[np.float64]
Kind = Literal["mean", "share"]

CAVEAT = (
    "Public and private clinics treat different patients. The figures are standardised for the "
    "severity at the start and the covariates named, and for nothing else; what remains may still "
    "come from who goes where, and is no proof that one kind of clinic is better."
)

FEWEST_COMPARABLE = 0.8
"""Share of all patients that must fall into strata with two patients of each sector or more."""


@dataclass(frozen=True)
class SectorMean:
    """One sector's standardised mean or share.

    Attributes:
        sector: The sector.
        value: Mean of the outcome, or share in [0, 1], at the case mix of both together.
        n_patients, n_clusters: What it rests on.
    """

    sector: str
    value: Coefficient
    n_patients: int
    n_clusters: int


@dataclass(frozen=True)
class Standardised:
    """A comparison of two sectors.

    Attributes:
        method: ``strata`` (direct standardisation) or ``model`` (regression standardisation).
        first, second: The sectors, in the order of their names; NaN where there is a reason.
        difference: First minus second, with its interval.
        n_patients: Patients with outcome, severity and covariates.
        n_left_out: Patients without one of these.
        share_comparable: Share of patients in strata that both sectors have; 1 for the model.
        n_strata: Strata used; 0 for the model.
        adjusted_for: What is held equal.
        reason: Why there is no comparison, in a sentence; ``None`` if there is one.
        caveat: What has to be printed beside it.
    """

    method: str
    first: SectorMean
    second: SectorMean
    difference: Coefficient
    n_patients: int
    n_left_out: int
    share_comparable: float
    n_strata: int
    adjusted_for: tuple[str, ...]
    reason: str | None
    caveat: str = CAVEAT


def standardised_by_strata(
    patients: pd.DataFrame,
    *,
    outcome: str,
    cluster: str = "therapist_id",
    severity: str = "severity",
    covariates: tuple[str, ...] = (),
    n_bands: int = 5,
) -> Standardised:
    """Compare sectors by direct standardisation.

    Each stratum's mean in each sector is weighted by the stratum's share of all patients:
    ``Σ_k w_k ȳ_sk``. Weights are taken as given: the question is about these patients.

    Args:
        patients: One row a patient (or episode): ``sector`` (exactly two), the cluster, the
            severity, the covariates, and the outcome, a number, or 0/1 for a share.
        outcome: Column of the outcome.
        cluster: Column whose rows go together: therapist or clinic.
        severity: Column of the severity at the start, cut at quantiles into bands.
        covariates: Columns of categories, known before treatment.
        n_bands: Bands of severity, ≥ 1.

    Returns:
        The comparison. Errors: ``√(G/(G−1) Σ_g (Σ_{i∈g} w_k/n_sk (y_i − ȳ_sk) √(n_sk/(n_sk−1)))²)``
        in each sector, t intervals with G − 1 degrees of freedom, Welch's for the difference.
        NaN and a reason with fewer than five clusters in a sector, or where fewer than 80 % of
        patients are in strata with two patients of each sector.

    Raises:
        StatisticsError: There are not exactly two sectors, or a number is out of range.

    Source:
        Keiding & Clayton (2014), Stat Sci 29:529-558; errors by linearisation, Särndal et al.
        (1992), Model Assisted Survey Sampling, section 5.5.
    """
    if n_bands < 1:
        raise _fault("BANDS", "There must be at least one band of severity.", "Use 5, say.")
    case = two_sectors(patients, outcome, cluster, (severity, *covariates))
    stratum = strata(case.rows, severity, covariates, n_bands)
    size = [
        np.bincount(stratum[chosen], minlength=stratum.max(initial=-1) + 1)
        for chosen in (case.is_first, ~case.is_first)
    ]
    is_shared = np.minimum(*size) >= 2  # noqa: PLR2004 - a spread
    inside = is_shared[stratum] if len(stratum) else np.zeros(0, dtype=bool)
    comparable = float(inside.mean()) if len(inside) else float("nan")
    reason = too_few_clusters(case)
    if reason is None and comparable < FEWEST_COMPARABLE:
        reason = "The sectors' patients overlap too little: too few strata hold patients of both."
    weight = (size[0] + size[1]) * is_shared / max(inside.sum(), 1)
    pulls = [
        _pull(case.y, stratum, chosen & inside, weight)
        for chosen in (case.is_first, ~case.is_first)
    ]
    return _compare(
        "strata",
        case,
        pulls,
        reason=reason,
        comparable=comparable,
        n_strata=int(is_shared.sum()),
        used=inside,
    )


def standardised_by_model(
    patients: pd.DataFrame,
    *,
    outcome: str,
    kind: Kind,
    cluster: str = "therapist_id",
    severity: str = "severity",
    covariates: tuple[str, ...] = (),
) -> Standardised:
    """Compare sectors by regression standardisation (g-computation).

    In each sector the outcome is regressed on severity and covariates (least squares for a mean,
    logistic for a share), and the fitted model is applied to all patients of both sectors; the
    mean of its predictions is the sector's value. All effects may differ between sectors.

    Args:
        patients: As :func:`standardised_by_strata`; numeric covariates enter linearly, others as
            categories.
        outcome: Column of the outcome.
        kind: ``mean``, or ``share`` for an outcome of 0 and 1.
        cluster: As above.
        severity: As above; enters linearly.
        covariates: As above.

    Returns:
        The comparison; errors by the delta method from cluster-robust covariances, the patients
        taken as given. NaN and a reason with too few clusters or patients, or a model without
        solution.

    Raises:
        StatisticsError: There are not exactly two sectors, or a share is not 0 or 1.

    Source:
        Robins (1986), Math Model 7:1393-1512; Sjölander (2016), Eur J Epidemiol 31:563-574.
    """
    case = two_sectors(patients, outcome, cluster, (severity, *covariates))
    if kind == "share" and not np.isin(case.y, (0.0, 1.0)).all():
        raise _fault("SHARE", "A share needs outcomes of 0 and 1.", "Use a mean, or recode.")
    columns = design(case.rows, (severity, *covariates))
    fit = fit_logistic if kind == "share" else fit_linear
    reason = too_few_clusters(case) or too_few_rows(case, columns.shape[1])
    pulls = [(float("nan"), np.full(len(case.y), np.nan))] * 2
    if reason is None:
        fits = [
            fit(case.y[chosen], columns[chosen], columns)
            for chosen in (case.is_first, ~case.is_first)
        ]
        reason = next((one.reason for one in fits if one.reason), None)
        if reason is None:
            pulls = [
                _spread_out(one, chosen)
                for one, chosen in zip(fits, (case.is_first, ~case.is_first), strict=True)
            ]
    everyone = np.ones(len(case.y), dtype=bool)
    return _compare("model", case, pulls, reason=reason, comparable=1.0, n_strata=0, used=everyone)


def _pull(
    y: Array,
    stratum: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.bool_],
    weight: Array,
) -> tuple[float, Array]:
    """Return a sector's weighted mean, and what each patient adds to its error."""
    own = stratum[chosen]
    size = np.bincount(own, minlength=len(weight)).astype(float)
    pull = np.zeros(len(y))
    if not len(own):
        return float("nan"), pull
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(weight > 0, np.bincount(own, y[chosen], len(weight)) / size, 0.0)
        scale = np.where(weight > 0, weight / size * np.sqrt(size / (size - 1)), 0.0)
    pull[chosen] = scale[own] * (y[chosen] - mean[own])
    return float(weight @ mean), pull


def _spread_out(fit: Fitted, chosen: npt.NDArray[np.bool_]) -> tuple[float, Array]:
    pull = np.zeros(len(chosen))
    pull[chosen] = fit.pull
    return fit.value, pull


def _compare(
    method: str,
    case: TwoSectors,
    pulls: list[tuple[float, Array]],
    *,
    reason: str | None,
    comparable: float,
    n_strata: int,
    used: npt.NDArray[np.bool_],
) -> Standardised:
    sides = (case.is_first, ~case.is_first)
    clusters = [len(np.unique(case.cluster[side & used])) for side in sides]
    errors = [
        influence_error(pull, case.cluster, n) for (_, pull), n in zip(pulls, clusters, strict=True)
    ]
    means = [
        SectorMean(
            name,
            NOTHING if reason else coefficient(value, error, n - 1),
            int((side & used).sum()),
            n,
        )
        for name, side, (value, _), error, n in zip(
            case.names, sides, pulls, errors, clusters, strict=True
        )
    ]
    return Standardised(
        method=method,
        first=means[0],
        second=means[1],
        difference=NOTHING
        if reason
        else difference(
            (pulls[0][0], pulls[1][0]),
            (pulls[0][1], pulls[1][1]),
            case.cluster,
            (clusters[0], clusters[1]),
        ),
        n_patients=len(case.y),
        n_left_out=case.n_left_out,
        share_comparable=comparable,
        n_strata=n_strata,
        adjusted_for=case.adjusted_for,
        reason=reason,
    )


def _fault(rule: str, message: str, remedy: str) -> StatisticsError:
    return StatisticsError(Fault(rule, message, remedy))
