"""Two sides of one relationship: how far patient and therapist agree, session by session.

Both rate on the item-mean metric. The patient's rating is taken as the reference ("truth" in the
words of the model); that is a convention and no judgement about who is right.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.random_intercept import fit_random_intercept

_Z = 1.959963984540054

FEWEST_SESSIONS = 3
"""Paired sessions that a dyad needs for a correlation."""


@dataclass(frozen=True)
class Coefficient:
    """An estimate with its standard error and 95 % interval."""

    value: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class Congruence:
    """Truth-and-bias model over dyads.

    Attributes:
        bias: b₀, directional discrepancy: therapist minus patient at the patient's mean, points.
        tracking: b₁, temporal congruence: change of the therapist's rating per point of change in
            the patient's, within dyads.
        n_dyads, n_sessions: What it rests on.
        between: Variance of the bias between dyads.
    """

    bias: Coefficient
    tracking: Coefficient
    n_dyads: int
    n_sessions: int
    between: float


def dyad_summaries(pairs: pd.DataFrame) -> pd.DataFrame:
    """Summarise each dyad.

    Args:
        pairs: One row a session rated by both: ``dyad``, ``patient``, ``therapist`` (item means).

    Returns:
        One row a dyad, sorted: ``dyad``, ``n_sessions``, ``discrepancy`` (mean of patient minus
        therapist, points), ``correlation`` (over sessions; NaN with fewer than three sessions or
        where a rater never varies).

    Source:
        Tryon, Blackwell & Hammel (2007), Psychother Res 17:629-642, for the discrepancy.
    """
    difference = pairs["patient"] - pairs["therapist"]
    grouped = pairs.assign(difference=difference).groupby("dyad", sort=True)
    table = grouped["difference"].agg(n_sessions="size", discrepancy="mean").reset_index()
    return table.assign(correlation=_correlations(pairs).to_numpy())


def _correlations(pairs: pd.DataFrame) -> "pd.Series[float]":
    means = pairs.groupby("dyad", sort=True)[["patient", "therapist"]].transform("mean")
    p, t = pairs["patient"] - means["patient"], pairs["therapist"] - means["therapist"]
    products = pd.DataFrame({"dyad": pairs["dyad"], "pp": p * p, "tt": t * t, "pt": p * t, "n": 1})
    sums = products.groupby("dyad", sort=True).sum()
    varies = (sums["pp"] > 1e-12) & (sums["tt"] > 1e-12) & (sums["n"] >= FEWEST_SESSIONS)  # noqa: PLR2004 - rounding
    spread = np.sqrt(sums["pp"].to_numpy(float) * sums["tt"].to_numpy(float))
    with np.errstate(divide="ignore", invalid="ignore"):
        r = pd.Series(sums["pt"].to_numpy(float) / spread, index=sums.index)
    return r.clip(-1.0, 1.0).where(varies)


def pooled_correlation(correlations: pd.Series, n_sessions: pd.Series) -> Coefficient:
    """Pool within-dyad correlations by Fisher's z, weighted by sessions − 3.

    Args:
        correlations: One a dyad; NaN and those of three sessions or fewer carry no weight.
        n_sessions: Sessions behind each.

    Returns:
        The pooled correlation; its standard error is that of z: ``1/√Σw``, or that of the scatter
        between dyads, ``√(Σ w (z − z̄)²/((k − 1) Σw))``, if it is larger, because dyads may differ
        in truth. The interval is t with k − 1 degrees of freedom (normal for one dyad). All NaN
        if no dyad has weight.

    Source:
        Fisher (1921), Metron 1:3-32; Hedges & Olkin (1985), Statistical Methods for
        Meta-Analysis, chapter 11; the larger of two errors: Röver, Knapp & Friede (2015), BMC
        Med Res Methodol 15:99.
    """
    usable = correlations.notna() & (n_sessions > FEWEST_SESSIONS)
    weights = (n_sessions[usable] - 3).to_numpy(float)
    if not len(weights):
        return Coefficient(math.nan, math.nan, math.nan, math.nan)
    z = np.arctanh(correlations[usable].clip(-1 + 1e-12, 1 - 1e-12).to_numpy(float))
    mean, error, others = float(np.average(z, weights=weights)), 1.0, len(z) - 1
    if others:
        error = max(1.0, math.sqrt(float(weights @ (z - mean) ** 2) / others))
    error /= math.sqrt(weights.sum())
    half = t_quantile(others or math.inf) * error
    return Coefficient(math.tanh(mean), error, math.tanh(mean - half), math.tanh(mean + half))


def truth_and_bias(pairs: pd.DataFrame) -> Congruence:
    """Fit the truth-and-bias model with a random intercept for each dyad.

    ``t_ij − c̄_j = b₀ + b₁ (c_ij − c̄_j) + u_j + e_ij``, with c the patient's and t the
    therapist's rating, and c̄_j the patient's mean over the dyad's sessions.

    Args:
        pairs: One row a session rated by both: ``dyad``, ``patient``, ``therapist``.

    Returns:
        Bias and tracking; intervals are t with dyads − 1 and sessions − dyads − 1 degrees of
        freedom (containment).

    Raises:
        StatisticsError: Patients' ratings never vary within dyads, or there are too few sessions.

    Source:
        West & Kenny (2011), Psychol Rev 118:357-378; as used by Atzil-Slonim et al. (2015),
        J Couns Psychol 62:629-641.
    """
    codes, ids = pd.factorize(pairs["dyad"], sort=True)
    truth = pairs.groupby("dyad")["patient"].transform("mean")
    force = (pairs["patient"] - truth).to_numpy(float)
    if not np.any(np.abs(force) > 1e-12):  # noqa: PLR2004 - rounding
        raise StatisticsError(
            Fault("NO_CHANGE", "No patient's rating changes over sessions.", "Use more sessions.")
        )
    judgement = (pairs["therapist"] - truth).to_numpy(float)
    design = np.column_stack([np.ones(len(force)), force])
    fit = fit_random_intercept(judgement, codes, design, len(ids))
    degrees = (len(ids) - 1, len(force) - len(ids) - 1)
    bias, tracking = (
        coefficient(float(value), math.sqrt(variance), df)
        for value, variance, df in zip(
            fit.coefficients, np.diag(fit.covariance), degrees, strict=True
        )
    )
    return Congruence(bias, tracking, len(ids), len(force), fit.between)


def coefficient(
    value: float, standard_error: float, degrees_of_freedom: float = math.inf
) -> Coefficient:
    """Return an estimate with its 95 % interval.

    Args:
        value: The estimate, in any unit.
        standard_error: Its standard error, in the same unit. 0 or NaN gives no interval (NaN),
            because an error that was not seen is not known to be absent.
        degrees_of_freedom: Of Student's t; infinite for the normal interval. Below 1 gives NaN.

    Returns:
        The estimate with ``value ± t · standard_error``.
    """
    half = t_quantile(degrees_of_freedom) * (standard_error if standard_error > 0 else math.nan)
    return Coefficient(value, standard_error, value - half, value + half)


def t_quantile(degrees_of_freedom: float) -> float:
    """Return the two-sided 95 % quantile of Student's t; NaN below one degree of freedom.

    Example:
        >>> round(t_quantile(4), 4), round(t_quantile(math.inf), 4)
        (2.7764, 1.96)
    """
    from scipy.special import stdtrit

    if math.isinf(degrees_of_freedom):
        return _Z
    return float(stdtrit(degrees_of_freedom, 0.975)) if degrees_of_freedom >= 1 else math.nan


NOTHING = Coefficient(math.nan, math.nan, math.nan, math.nan)
"""What stands where there is no estimate: NaN throughout, never 0."""
