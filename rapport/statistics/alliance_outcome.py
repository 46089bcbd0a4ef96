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
_OF_PATIENTS = (0, 2)
"""Columns of the design that vary between patients only."""

PUBLISHED_R = 0.278
"""Alliance–outcome correlation of Flückiger et al. (2018), Psychotherapy 55:316-340."""

PUBLISHED_INTERVAL = (0.256, 0.299)
"""Its 95 % interval: 295 studies, more than 30,000 patients."""


@dataclass(frozen=True)
class WithinBetween:
    """Effects of the alliance on the outcome of a later session.

    Attributes:
        within: Points of outcome per point of alliance above the patient's own mean.
        between: Points of outcome per point of the patient's mean alliance.
        session: Points of outcome per session, the linear trend that is taken out.
            n_patients, n_pairs: What it rests on.
        prior: Points of outcome per point of outcome at session s, if it was held constant.
    """

    within: Coefficient
    between: Coefficient
    session: Coefficient
    n_patients: int
    n_pairs: int
    prior: Coefficient | None = None

    @property
    def within_r(self) -> "Correlation":
        """Partial correlation within patients, ``t/√(t² + df)``, df = pairs − patients − 2."""
        others = 2 if self.prior is None else 3
        return _partial(self.within, self.n_pairs - self.n_patients - others, self.n_pairs)

    @property
    def between_r(self) -> "Correlation":
        """Partial correlation between patients, ``t/√(t² + df)``, df = patients − 2."""
        return _partial(self.between, self.n_patients - 2, self.n_patients)


@dataclass(frozen=True)
class Correlation:
    """A correlation with Fisher's 95 % interval, and the share of variance that it means."""

    r: float
    low: float
    high: float
    share_of_variance: float
    n: int

    @property
    def share_low(self) -> float:
        """Smallest r² that the interval of r holds: 0 if it holds 0; NaN without interval."""
        limits = (self.low, self.high)
        if math.isnan(self.low):
            return math.nan
        return 0.0 if self.low <= 0 <= self.high else min(limit * limit for limit in limits)

    @property
    def share_high(self) -> float:
        """Largest r² that the interval of r holds."""
        return math.nan if math.isnan(self.low) else max(self.low**2, self.high**2)


@dataclass(frozen=True)
class BesidePublished:
    """A correlation in the direction of the published one, set beside it.

    Attributes:
        own: Alliance with improvement: positive if a better alliance goes with more of it.
        published_r, published_low, published_high: Correlation and 95 % interval of the
            meta-analysis.
        published_share: Its share of variance.
        difference_z: Own minus published in Fisher's z; NaN without an own one.
        words: How the two compare, in a sentence.
    """

    own: Correlation
    published_r: float
    published_low: float
    published_high: float
    published_share: float
    difference_z: float
    words: str


def beside_published(own: Correlation) -> BesidePublished:
    """Set a clinic's correlation of alliance with improvement beside the published one.

    Args:
        own: The correlation, oriented so that positive is better.

    Returns:
        Both, with the comparison in words: the interval decides, not the point.

    Source:
        Flückiger et al. (2018), Psychotherapy 55:316-340.

    Example:
        >>> beside_published(Correlation(0.3, 0.1, 0.48, 0.09, 100)).words
        'The published correlation lies within the interval: the data agree with it.'
    """
    if math.isnan(own.low):
        words = "There are too few patients for a correlation of one's own."
    elif own.low > PUBLISHED_R:
        words = "The interval lies above the published correlation."
    elif own.high < PUBLISHED_R:
        words = "The interval lies below the published correlation."
    elif own.low <= 0:
        words = "The interval holds both nothing and the published correlation: too few to tell."
    else:
        words = "The published correlation lies within the interval: the data agree with it."
    distance = math.nan if math.isnan(own.r) else _z(own.r) - _z(PUBLISHED_R)
    return BesidePublished(own, PUBLISHED_R, *PUBLISHED_INTERVAL, PUBLISHED_R**2, distance, words)


def within_between(
    sessions: pd.DataFrame, *, lag: int = 1, adjust_prior: bool = False
) -> WithinBetween:
    """Split the effect of the alliance into within- and between-patient parts.

    The outcome of session s + lag is regressed on the patient's mean alliance (centred on the
    mean of patients), the deviation of session s from it, and the session number, with a random
    intercept for each patient.

    Args:
        sessions: One row a session: ``patient``, ``session`` (whole number, from 1), ``alliance``,
            ``outcome``; NaN where missing. A pair needs the alliance of s and the outcome of
            s + lag.
        lag: Sessions between alliance and outcome, ≥ 0; 1 keeps the order of time.
        adjust_prior: Hold the outcome of session s constant too, against the objection that who
            is better already rates the alliance higher. Beside a random intercept and with few
            sessions, its own effect is biased (Nickell 1981, Econometrica 49:1417-1426). Needs a
            lag of 1 or more.

    Returns:
        The effects. Intervals are t with the degrees of freedom of the level at which a predictor
        varies (containment): patients − 2 between; pairs − patients − 2 within, one less with
        the prior outcome.

    Raises:
        StatisticsError: A patient has one session twice, the lag is negative (or 0 with the
            prior outcome), or there are too few pairs, or nothing varies within patients or
            between them.

    Source:
        Curran & Bauer (2011), Annu Rev Psychol 62:583-619; Falkenström et al. (2013),
        J Consult Clin Psychol 81:317-328.
    """
    pairs = _lagged(sessions, lag, adjust_prior=adjust_prior)
    codes, ids = pd.factorize(pairs["patient"], sort=True)
    own_mean = pairs.groupby("patient")["alliance"].transform("mean")
    grand_mean = pairs.groupby("patient")["alliance"].mean().mean() if len(pairs) else 0.0
    design = np.column_stack(
        [
            np.ones(len(pairs)),
            pairs["alliance"] - own_mean,
            own_mean - grand_mean,
            pairs["session"] - pairs["session"].mean(),
            *([pairs["prior"] - pairs["prior"].mean()] if adjust_prior else []),
        ]
    )
    fit = fit_random_intercept(pairs["outcome"].to_numpy(float), codes, design, len(ids))
    errors = np.sqrt(np.diag(fit.covariance))
    inner, outer = len(pairs) - len(ids) - (design.shape[1] - 2), len(ids) - 2
    _, within, between, *others = (
        coefficient(float(value), float(error), outer if k in _OF_PATIENTS else inner)
        for k, (value, error) in enumerate(zip(fit.coefficients, errors, strict=True))
    )
    prior = others[1] if adjust_prior else None
    return WithinBetween(within, between, others[0], len(ids), len(pairs), prior)


def _lagged(sessions: pd.DataFrame, lag: int, *, adjust_prior: bool) -> pd.DataFrame:
    if lag < (1 if adjust_prior else 0) or sessions.duplicated(["patient", "session"]).any():
        raise StatisticsError(
            Fault(
                "SESSIONS",
                "A lag is negative, or a patient has one session twice.",
                "Number each patient's sessions once; use a lag of 0 or more.",
            )
        )
    later = sessions[["patient", "session", "outcome"]].assign(session=sessions["session"] - lag)
    now = sessions[["patient", "session", "alliance", "outcome"]]
    now = now.rename(columns={"outcome": "prior"}) if adjust_prior else now.drop(columns="outcome")
    pairs = now.merge(later, on=["patient", "session"], validate="one_to_one")
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
    return Correlation(r, *fisher_interval(r, n - 3), r * r, n)


def fisher_interval(r: float, weight: float) -> tuple[float, float]:
    """Return Fisher's 95 % interval, ``tanh(artanh r ± 1.96/√weight)``.

    Args:
        r: A correlation, in [−1, 1].
        weight: n − 3, or the degrees of freedom − 1; NaN limits if not positive.

    Source:
        Fisher (1921), Metron 1:3-32.
    """
    if not weight > 0:
        return math.nan, math.nan
    z, half = _z(r), _Z / math.sqrt(weight)
    return math.tanh(z - half), math.tanh(z + half)


def _z(r: float) -> float:
    return math.atanh(max(-1 + 1e-15, min(1 - 1e-15, r)))


def _partial(effect: Coefficient, df: int, n: int) -> Correlation:
    """Turn a coefficient and its degrees of freedom into a partial correlation."""
    if df < 1 or not effect.standard_error > 0:
        return Correlation(math.nan, math.nan, math.nan, math.nan, n)
    t = effect.value / effect.standard_error
    r = t / math.sqrt(t * t + df)
    return Correlation(r, *fisher_interval(r, df - 1), r * r, n)
