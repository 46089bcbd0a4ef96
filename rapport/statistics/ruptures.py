"""Ruptures and repairs, read from a patient's alliance scores session by session.

Two families of rules, each with its parameters named. They mark sessions to be talked about; they
do not diagnose a rupture, and they count differently: state which one was used.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from rapport.errors import Fault, StatisticsError

State = Literal["repaired", "unrepaired", "open"]

_D2 = 1.128

_NOISE = 1e-9
"""A fall of exactly the threshold counts, also where means of items are no exact floats."""


@dataclass(frozen=True)
class CriterionRule:
    """A rupture is a fall from one session to the next of at least ``drop`` points.

    Attributes:
        drop: k · SD, in points of the scores, > 0. Published rules use one or two SD.
        window: Sessions after the fall within which the score has to come back.
        tolerance: Points under the score before the fall that still count as back, ≥ 0.
    """

    drop: float
    window: int = 3
    tolerance: float = 0.0


@dataclass(frozen=True)
class ChartRule:
    """A rupture is a score below the patient's own control limit ``x̄ − k · mR̄/1.128``.

    Attributes:
        sigmas: k, > 0.
        window: Sessions after it within which the score has to come back.
        fewest: Sessions a patient needs for limits; with fewer nothing is marked.
    """

    sigmas: float = 2.0
    window: int = 3
    fewest: int = 6


def ruptures_by_criterion(sessions: pd.DataFrame, rule: CriterionRule) -> pd.DataFrame:
    """Mark ruptures by falls.

    Args:
        sessions: One row a rated session: ``patient``, ``session`` (order), ``score``, not NaN.
        rule: The rule.

    Returns:
        One row a rupture: ``patient``, ``session`` (of the low score), ``fall`` (points, > 0) and
        ``state``: ``repaired`` if a score within the window reaches the one before the fall less
        the tolerance; ``open`` if it does not yet and fewer sessions than the window were rated;
        ``unrepaired`` otherwise.

    Raises:
        StatisticsError: A parameter is out of range, or a patient has one session twice.

    Source:
        Criterion family in Eubanks-Carter, Gorman & Muran (2012), Psychother Res 22:621-637;
        parameters are the user's.
    """
    if not (rule.drop > 0 and rule.window >= 1 and rule.tolerance >= 0):
        raise _fault("A fall must be positive, a window at least 1, a tolerance not negative.")
    rated = _ordered(sessions)
    before = rated.groupby("patient")["score"].shift(1)
    fall = before - rated["score"]
    marked = fall >= rule.drop - _NOISE
    state = _states(rated, before - rule.tolerance, rule.window)
    return _table(rated.assign(fall=fall, state=state)[marked])


def ruptures_by_chart(sessions: pd.DataFrame, rule: ChartRule) -> pd.DataFrame:
    """Mark ruptures by each patient's own control limit.

    Args:
        sessions: One row a rated session: ``patient``, ``session``, ``score``.
        rule: The rule.

    Returns:
        As :func:`ruptures_by_criterion`; ``fall`` is the distance below the patient's mean, and a
        rupture is repaired when a score within the window reaches the limit again.

    Raises:
        StatisticsError: A parameter is out of range, or a patient has one session twice.

    Source:
        Control-chart family in Eubanks-Carter, Gorman & Muran (2012), Psychother Res 22:621-637.
    """
    if not (rule.sigmas > 0 and rule.window >= 1 and rule.fewest >= 2):  # noqa: PLR2004 - a range
        raise _fault("Sigmas must be positive, a window at least 1, sessions at least 2.")
    rated = _ordered(sessions)
    grouped = rated.groupby("patient")["score"]
    mean, count = grouped.transform("mean"), grouped.transform("size")
    ranges = grouped.diff().abs().groupby(rated["patient"]).transform("mean")
    limit = mean - rule.sigmas * ranges / _D2
    marked = (rated["score"] < limit - _NOISE) & (count >= rule.fewest)
    state = _states(rated, limit, rule.window)
    return _table(rated.assign(fall=mean - rated["score"], state=state)[marked])


def _ordered(sessions: pd.DataFrame) -> pd.DataFrame:
    if sessions.duplicated(["patient", "session"]).any() or sessions["score"].isna().any():
        raise _fault("A patient has one session twice, or a score is missing.")
    columns = ["patient", "session", "score"]
    return sessions[columns].sort_values(["patient", "session"]).reset_index(drop=True)


def _states(rated: pd.DataFrame, target: "pd.Series[float]", window: int) -> "pd.Series[str]":
    """Say of each session whether one of the next ``window`` reaches its target."""
    grouped = rated.groupby("patient")["score"]
    later = [grouped.shift(-step) for step in range(1, window + 1)]
    is_back = np.logical_or.reduce([(score >= target - _NOISE).to_numpy() for score in later])
    is_over = later[-1].notna().to_numpy()
    names = np.select([is_back, is_over], ["repaired", "unrepaired"], "open")
    return pd.Series(names, index=rated.index)


def _table(marked: pd.DataFrame) -> pd.DataFrame:
    return marked[["patient", "session", "fall", "state"]].reset_index(drop=True)


def _fault(message: str) -> StatisticsError:
    return StatisticsError(Fault("RUPTURE_RULE", message, "Correct the rule or the sessions."))
