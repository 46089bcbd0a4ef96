"""What the alliance explains: with improvement over episodes, with the next session's symptoms."""

import math
from collections.abc import Iterator

import numpy as np
import pandas as pd

from rapport.errors import StatisticsError
from rapport.statistics.actor_partner import next_session_outcome
from rapport.statistics.alliance_outcome import WithinBetween, fisher_interval, within_between
from rapport.statistics.blocks import EPISODE_KEYS
from rapport.statistics.coding import Units
from rapport.statistics.estimating.rows import Scope, everybody, row, scopes
from rapport.statistics.figures.dyad_estimates import EXPLAINED_MEASURE

FEWEST_PATIENTS = 20
"""Patients that an estimate rests on at least."""

_COURSE = ["clinic", "patient", "episode"]


def explained(
    rated: pd.DataFrame,
    symptoms: pd.DataFrame,
    changes: pd.DataFrame,
    outcomes: pd.DataFrame,
    units: Units,
) -> Iterator[dict[str, object]]:
    """Yield what the alliance explains, of every clinic and sector.

    Args:
        rated: Alliance by session: session keys, ``therapist``, ``by_patient``, ``by_therapist``
            (item means, NaN where a side did not rate).
        symptoms: Totals of the PHQ-9 by session: session keys, ``score``.
        changes: Coded changes of the window.
        outcomes: Coded outcomes of the window.
        units: What the codes stand for.
    """
    episodes = _episodes(rated, changes, outcomes)
    sessions = _sessions(rated, symptoms)
    for scope in [*scopes(units), everybody(units)]:
        if scope.unit >= 0:
            yield from _with_improvement(scope, scope.of(episodes))
            yield from _with_next_session(scope, scope.of(sessions))
        if scope.level == "sector":
            yield from _by_side(scope, scope.of(sessions))


def _episodes(rated: pd.DataFrame, changes: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return finished episodes with both scores and the patient's mean alliance."""
    finished = outcomes.loc[outcomes["is_finished"].astype(bool), EPISODE_KEYS]
    paired = changes[
        (changes["instrument"] == EXPLAINED_MEASURE)
        & changes[["pre", "improvement"]].notna().all(axis=1)
    ]
    kept = paired.merge(finished, on=EPISODE_KEYS, validate="one_to_one")
    alliance = rated.groupby(_COURSE, as_index=False)["by_patient"].mean().dropna()
    return kept.merge(alliance, on=_COURSE, validate="many_to_one")


def _sessions(rated: pd.DataFrame, symptoms: pd.DataFrame) -> pd.DataFrame:
    """Return sessions in order, numbered within the episode, with both sides and the score."""
    keys = [*_COURSE, "when", "session"]
    both = rated.merge(
        symptoms[[*keys, "score"]], on=keys, how="outer", validate="one_to_one"
    ).sort_values(keys, kind="stable")
    courses = both.groupby(_COURSE, sort=False)
    return both.assign(course=courses.ngroup(), number=courses.cumcount() + 1)


def _with_improvement(scope: Scope, episodes: pd.DataFrame) -> Iterator[dict[str, object]]:
    patients = int(episodes["patient"].nunique())
    if patients < FEWEST_PATIENTS:
        return
    r = partial_correlation(episodes["by_patient"], episodes["improvement"], episodes["pre"])
    if math.isnan(r):
        return
    low, high = fisher_interval(r, len(episodes) - 4)  # one variable is held equal
    counts = {"patients": patients, "observations": len(episodes)}
    yield row(scope, "explained.r", (r, low, high), **counts)
    ends = sorted((low**2, high**2))
    least = 0.0 if low < 0 < high else ends[0]
    yield row(scope, "explained.share", (r**2, least, ends[1]), **counts)


def partial_correlation(first: pd.Series, second: pd.Series, held: pd.Series) -> float:
    """Return the correlation of two columns with a third held equal; NaN without variation.

    Args:
        first: Values, shape (n,), no NaN.
        second: Values on the same index.
        held: What is held equal.

    Source:
        Residuals of both on the third; Fisher (1924), Metron 3:329-332.
    """
    design = np.column_stack([np.ones(len(held)), held.to_numpy(float)])
    y = np.column_stack([first.to_numpy(float), second.to_numpy(float)])
    left = y - design @ np.linalg.lstsq(design, y, rcond=None)[0]
    spread = np.sqrt((left**2).sum(axis=0))
    if np.any(spread <= 1e-9 * np.maximum(np.abs(y).sum(axis=0), 1.0)):
        return math.nan
    return float((left[:, 0] @ left[:, 1]) / (spread[0] * spread[1]))


def _with_next_session(scope: Scope, sessions: pd.DataFrame) -> Iterator[dict[str, object]]:
    table = sessions[["course", "number", "by_patient", "score"]]
    named = table.set_axis(["patient", "session", "alliance", "outcome"], axis=1)
    found = _lagged(named)
    if found is None or found.n_patients < FEWEST_PATIENTS:
        return
    for part, estimate in (("within", found.within), ("between", found.between)):
        yield row(
            scope,
            f"explained.{part}",
            estimate,
            patients=found.n_patients,
            observations=found.n_pairs,
        )


def _lagged(sessions: pd.DataFrame) -> WithinBetween | None:
    try:
        return within_between(sessions)
    except StatisticsError:
        return None


def _by_side(scope: Scope, sessions: pd.DataFrame) -> Iterator[dict[str, object]]:
    table = sessions[["course", "number", "by_patient", "by_therapist", "score"]]
    named = table.set_axis(["dyad", "session", "patient", "therapist", "outcome"], axis=1)
    try:
        found = next_session_outcome(named)
    except StatisticsError:
        return
    if found.n_dyads < FEWEST_PATIENTS:
        return
    for rater, estimate in (("patient", found.patient), ("therapist", found.therapist)):
        yield row(
            scope,
            f"explained.by_{rater}",
            estimate,
            patients=found.n_dyads,
            observations=found.n_pairs,
        )
