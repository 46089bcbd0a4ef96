"""Actor and partner: what each one's view of the alliance has to do with the next session.

Two forms. Where both members have an outcome at the later session (their alliance, or another
rating of each), :func:`actor_partner` is the actor–partner interdependence model over sessions.
Where only the patient has one (symptoms), there is one equation and no partner's outcome:
:func:`next_session_outcome` is then a multilevel model with both views as predictors. Neither is
proof of a cause.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.dyads import Coefficient, coefficient
from rapport.statistics.paired_random_intercepts import fit_paired
from rapport.statistics.random_intercept import fit_random_intercept

Array = npt.NDArray[np.float64]
RATERS = ("patient", "therapist")

_BETWEEN = 3
"""Columns that vary between dyads only: intercept and the two dyad means."""


@dataclass(frozen=True)
class Member:
    """Effects on one member's later outcome, in points of it per point of rating.

    Attributes:
        actor: Of the own rating above the own usual (within dyads).
        partner: Of the other's rating above the other's usual.
        actor_between: Of the own mean rating over the dyad's sessions.
        partner_between: Of the other's mean rating.
        session: Points of outcome per session: the linear trend that is taken out.
    """

    actor: Coefficient
    partner: Coefficient
    actor_between: Coefficient
    partner_between: Coefficient
    session: Coefficient


@dataclass(frozen=True)
class ActorPartner:
    """Actor–partner model of both members' later outcomes.

    Attributes:
        patient, therapist: Effects on each one's outcome.
        error_correlation: Correlation of the two errors of one session, in (−1, 1).
        dyad_correlation: Correlation of the two members' random intercepts; NaN if one has no
            variance.
        n_dyads, n_pairs: Dyads, and pairs of a session with a later one.
        lag: Sessions between.
        criterion: −2 × the restricted log-likelihood.
    """

    patient: Member
    therapist: Member
    error_correlation: float
    dyad_correlation: float
    n_dyads: int
    n_pairs: int
    lag: int
    criterion: float


@dataclass(frozen=True)
class NextSessionOutcome:
    """Both views of the alliance as predictors of the patient's own later outcome.

    Attributes:
        patient: Of the patient's rating above the patient's usual (actor).
        therapist: Of the therapist's rating above the therapist's usual in this dyad (partner).
        patient_between, therapist_between: Of their means over the dyad's sessions.
        prior: Of the outcome at the session of the ratings; ``None`` if it was not asked for.
        session: The linear trend that is taken out.
        n_dyads, n_pairs: What it rests on.
        lag: Sessions between ratings and outcome.
    """

    patient: Coefficient
    therapist: Coefficient
    patient_between: Coefficient
    therapist_between: Coefficient
    prior: Coefficient | None
    session: Coefficient
    n_dyads: int
    n_pairs: int
    lag: int


def actor_partner(sessions: pd.DataFrame, *, lag: int = 1) -> ActorPartner:
    """Fit the actor–partner model over sessions, members distinguishable.

    Each member's outcome at session s + lag is regressed on both ratings at s, split into the
    dyad's mean (centred on the mean of dyads) and the deviation from it, and on the session
    number. Errors of one session are compound-symmetric within the dyad, with each member's own
    variance; each member has a random intercept, and the two are correlated.

    Args:
        sessions: One row a session of a dyad: ``dyad``, ``session`` (whole number), ``patient``
            and ``therapist`` (ratings), ``patient_outcome`` and ``therapist_outcome`` (of the
            same session; may be the ratings themselves). A pair needs all ratings of s and both
            outcomes of s + lag.
        lag: Sessions between, ≥ 1.

    Returns:
        The effects; standard errors from restricted likelihood, intervals t with the degrees of
        freedom of the level at which a predictor varies.

    Raises:
        StatisticsError: The lag is below 1, a dyad has one session twice, there are too few
            dyads or pairs, or a rater never varies.

    Source:
        Kenny, Kashy & Cook (2006), Dyadic Data Analysis, chapters 7 and 14; centring: Curran &
        Bauer (2011), Annu Rev Psychol 62:583-619.
    """
    pairs = _pairs(sessions, ["patient_outcome", "therapist_outcome"], lag)
    codes, ids = pd.factorize(pairs["dyad"], sort=True)
    outcomes = pairs[["patient_outcome_later", "therapist_outcome_later"]].to_numpy(float)
    fit = fit_paired(outcomes, _design(pairs), codes)
    between, within = _degrees(len(ids), len(pairs), 6)
    effects = []
    for own, order in ((0, (3, 4, 1, 2)), (1, (4, 3, 2, 1))):
        values, errors = fit.coefficients[:, own], fit.standard_errors[:, own]
        found = [
            coefficient(float(values[k]), float(errors[k]), within if k >= _BETWEEN else between)
            for k in (*order, 5)
        ]
        effects.append(Member(*found))
    return ActorPartner(
        patient=effects[0],
        therapist=effects[1],
        error_correlation=_correlation(fit.within),
        dyad_correlation=_correlation(fit.between),
        n_dyads=len(ids),
        n_pairs=len(pairs),
        lag=lag,
        criterion=fit.criterion,
    )


def next_session_outcome(
    sessions: pd.DataFrame, *, lag: int = 1, adjust_prior: bool = True
) -> NextSessionOutcome:
    """Regress the patient's later outcome on both views of the alliance.

    The outcome at s + lag is regressed on both ratings at s, split within and between dyads, the
    session number and (if asked for) the outcome at s, with a random intercept for each dyad.

    Args:
        sessions: One row a session of a dyad: ``dyad``, ``session``, ``patient``, ``therapist``,
            ``outcome`` (the patient's).
        lag: Sessions between, ≥ 1.
        adjust_prior: Hold the outcome at s constant. With few sessions a dyad, a lagged outcome
            beside a random intercept is biased upwards, and other effects a little with it
            (Nickell 1981, Econometrica 49:1417-1426).

    Returns:
        The effects.

    Raises:
        StatisticsError: As :func:`actor_partner`.

    Source:
        Falkenström et al. (2013), J Consult Clin Psychol 81:317-328; Curran & Bauer (2011).
    """
    pairs = _pairs(sessions, ["outcome"], lag)
    if adjust_prior:
        pairs = pairs.dropna(subset=["outcome"]).reset_index(drop=True)
    codes, ids = pd.factorize(pairs["dyad"], sort=True)
    design = _design(pairs)
    if adjust_prior:
        prior = pairs["outcome"].to_numpy(float)
        design = np.column_stack([design, prior - (prior.mean() if len(prior) else 0.0)])
    fit = fit_random_intercept(pairs["outcome_later"].to_numpy(float), codes, design, len(ids))
    errors = np.sqrt(np.diag(fit.covariance))
    between, within = _degrees(len(ids), len(pairs), design.shape[1])
    found = [
        coefficient(float(value), float(error), within if k >= _BETWEEN else between)
        for k, (value, error) in enumerate(zip(fit.coefficients, errors, strict=True))
    ]
    return NextSessionOutcome(
        patient=found[3],
        therapist=found[4],
        patient_between=found[1],
        therapist_between=found[2],
        prior=found[6] if adjust_prior else None,
        session=found[5],
        n_dyads=len(ids),
        n_pairs=len(pairs),
        lag=lag,
    )


def _pairs(sessions: pd.DataFrame, outcomes: list[str], lag: int) -> pd.DataFrame:
    """Return sessions with the outcomes of ``lag`` sessions later beside them."""
    if lag < 1 or sessions.duplicated(["dyad", "session"]).any():
        raise StatisticsError(
            Fault(
                "SESSIONS",
                "A lag is below 1, or a dyad has one session twice.",
                "Number each dyad's sessions once; use a lag of 1 or more.",
            )
        )
    later = sessions[["dyad", "session", *outcomes]].assign(session=sessions["session"] - lag)
    merged = sessions.merge(
        later, on=["dyad", "session"], suffixes=("", "_later"), validate="one_to_one"
    )
    needed = [*RATERS, *(f"{name}_later" for name in outcomes)]
    return merged.dropna(subset=needed).reset_index(drop=True)


def _design(pairs: pd.DataFrame) -> Array:
    """Return ones, both dyad means, both deviations from them, and the session number."""
    own = pairs.groupby("dyad")[list(RATERS)].transform("mean").to_numpy(float)
    grand = pairs.groupby("dyad")[list(RATERS)].mean().mean().to_numpy(float)
    ratings = pairs[list(RATERS)].to_numpy(float)
    session = pairs["session"].to_numpy(float)
    time = session - session.mean() if len(session) else session
    return np.column_stack([np.ones(len(pairs)), own - grand, ratings - own, time])


def _degrees(n_dyads: int, n_pairs: int, columns: int) -> tuple[float, float]:
    """Return degrees of freedom between and within dyads, by containment."""
    return n_dyads - _BETWEEN, n_pairs - n_dyads - (columns - _BETWEEN)


def _correlation(covariance: Array) -> float:
    product = float(covariance[0, 0] * covariance[1, 1])
    return float(covariance[0, 1]) / product**0.5 if product > 1e-12 else float("nan")  # noqa: PLR2004 - rounding
