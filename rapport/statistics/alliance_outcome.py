"""What the alliance has to do with the outcome: within patients over sessions, and between them.

Within: does a session with a better alliance than this patient's usual come before fewer symptoms?
Between: do patients with a better alliance have fewer? Neither is proof of a cause.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.dyads import Coefficient, coefficient
from rapport.statistics.random_intercept import fit_random_intercept

_Z = 1.959963984540054

PUBLISHED_R = 0.278
"""Alliance–outcome correlation of Flückiger et al. (2018), Psychotherapy 55:316-340."""


@dataclass(frozen=True)
class WithinBetween:
    """Effects of the alliance on the outcome of a later session.

    Attributes:
        within: Points of outcome per point of alliance above the patient's own mean.
        between: Points of outcome per point of the patient's mean alliance.
        session: Points of outcome per session, the linear trend that is taken out.
        n_patients, n_pairs: What it rests on.
    """

    within: Coefficient
    between: Coefficient
    session: Coefficient
    n_patients: int
    n_pairs: int


@dataclass(frozen=True)
class Correlation:
    """A correlation with Fisher's 95 % interval, and the share of variance that it means."""

    r: float
    low: float
    high: float
    share_of_variance: float
    n: int


def within_between(sessions: pd.DataFrame, *, lag: int = 1) -> WithinBetween:
    """Split the effect of the alliance into within- and between-patient parts.

    The outcome of session s + lag is regressed on the patient's mean alliance (centred on the
    mean of patients), the deviation of session s from it, and the session number, with a random
    intercept for each patient.

    Args:
        sessions: One row a session: ``patient``, ``session`` (whole number, from 1), ``alliance``,
            ``outcome``; NaN where missing. A pair needs the alliance of s and the outcome of
            s + lag.
        lag: Sessions between alliance and outcome, ≥ 0; 1 keeps the order of time.

    Raises:
        StatisticsError: A patient has one session twice, the lag is negative, or there are too
            few pairs, or nothing varies within patients or between them.

    Source:
        Curran & Bauer (2011), Annu Rev Psychol 62:583-619; Falkenström et al. (2013),
        J Consult Clin Psychol 81:317-328.
    """
    pairs = _lagged(sessions, lag)
    codes, ids = pd.factorize(pairs["patient"], sort=True)
    own_mean = pairs.groupby("patient")["alliance"].transform("mean")
    grand_mean = pairs.groupby("patient")["alliance"].mean().mean() if len(pairs) else 0.0
    design = np.column_stack(
        [
            np.ones(len(pairs)),
            pairs["alliance"] - own_mean,
            own_mean - grand_mean,
            pairs["session"] - pairs["session"].mean(),
        ]
    )
    fit = fit_random_intercept(pairs["outcome"].to_numpy(float), codes, design, len(ids))
    errors = np.sqrt(np.diag(fit.covariance))
    _, within, between, session = (
        coefficient(float(value), float(error))
        for value, error in zip(fit.coefficients, errors, strict=True)
    )
    return WithinBetween(within, between, session, len(ids), len(pairs))


def _lagged(sessions: pd.DataFrame, lag: int) -> pd.DataFrame:
    if lag < 0 or sessions.duplicated(["patient", "session"]).any():
        raise StatisticsError(
            Fault(
                "SESSIONS",
                "A lag is negative, or a patient has one session twice.",
                "Number each patient's sessions once; use a lag of 0 or more.",
            )
        )
    later = sessions[["patient", "session", "outcome"]].assign(session=sessions["session"] - lag)
    pairs = sessions[["patient", "session", "alliance"]].merge(
        later, on=["patient", "session"], validate="one_to_one"
    )
    return pairs.dropna().reset_index(drop=True)


def correlation(first: pd.Series, second: pd.Series) -> Correlation:
    """Correlate two columns over rows where both are given.

    Args:
        first: Values, one a patient.
        second: Values on the same index.

    Returns:
        Pearson's r with Fisher's interval; NaN with fewer than four rows or without variation.

    Source:
        Fisher (1921), Metron 1:3-32.

    Example:
        >>> found = correlation(pd.Series([1.0, 2, 3, 4, 5]), pd.Series([2.0, 1, 4, 3, 5]))
        >>> round(found.r, 3), round(found.share_of_variance, 3)
        (0.8, 0.64)
    """
    both = pd.DataFrame({"x": first, "y": second}).dropna().to_numpy(float)
    n = len(both)
    if n < 4 or np.any(both.std(axis=0) == 0):  # noqa: PLR2004 - Fisher's n − 3
        return Correlation(math.nan, math.nan, math.nan, math.nan, n)
    r = float(np.corrcoef(both, rowvar=False)[0, 1])
    z, half = math.atanh(max(-1 + 1e-15, min(1 - 1e-15, r))), _Z / math.sqrt(n - 3)
    return Correlation(r, math.tanh(z - half), math.tanh(z + half), r * r, n)
