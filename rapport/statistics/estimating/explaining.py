"""What the alliance explains: with improvement over episodes, with the next session's symptoms."""

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.errors import StatisticsError
from rapport.statistics.actor_partner import next_session_outcome
from rapport.statistics.alliance_outcome import WithinBetween, within_between
from rapport.statistics.batches import (
    dense,
    fisher_limits,
    joint_codes,
    mean_by,
    rows_of_problems,
    t_limits,
)
from rapport.statistics.blocks import EPISODE_KEYS
from rapport.statistics.coding import Codes, Units
from rapport.statistics.estimating.rows import Scope, everybody, row, scopes, table
from rapport.statistics.estimating.tiers import Estimates, Tier, tiers
from rapport.statistics.figures.dyad_estimates import EXPLAINED_MEASURE
from rapport.statistics.random_intercepts import RandomIntercepts, fit_random_intercepts

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

_NEARLY_HELD = 1e-9
"""Variation of one column left beside the other, as a share, below which rounding could decide."""

FEWEST_PATIENTS = 20
"""Patients that an estimate rests on at least."""

_COURSE = ["clinic", "patient", "episode"]


def explained(
    ratings: pd.DataFrame,
    changes: pd.DataFrame,
    outcomes: pd.DataFrame,
    units: Units,
) -> Iterator[pd.DataFrame]:
    """Yield what the alliance explains, of every clinic and sector.

    Args:
        ratings: As :attr:`rapport.statistics.ratings.Held.ratings`.
        changes: Coded changes of the window.
        outcomes: Coded outcomes of the window.
        units: What the codes stand for.
    """
    episodes = _episodes(ratings, changes, outcomes)
    sessions = _sessions(ratings)
    for tier in tiers(units):
        yield from _with_improvement(tier, episodes)
        yield from _with_next_session(tier, sessions)
    sectors = [one for one in scopes(units) if one.level == "sector"]
    yield table(row for one in [*sectors, everybody(units)] for row in _by_side(one, sessions))


def _episodes(ratings: pd.DataFrame, changes: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return finished episodes with both scores and the patient's mean alliance."""
    finished = outcomes.loc[outcomes["is_finished"].astype(bool), EPISODE_KEYS]
    paired = changes[
        (changes["instrument"] == EXPLAINED_MEASURE)
        & changes[["pre", "improvement"]].notna().all(axis=1)
    ]
    kept = paired.merge(finished, on=EPISODE_KEYS, validate="one_to_one")
    alliance = ratings.groupby(_COURSE, as_index=False)["by_patient"].mean().dropna()
    return kept.merge(alliance, on=_COURSE, validate="many_to_one")


def _sessions(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return sessions numbered within the episode, with both sides and the score."""
    first, course = joint_codes([ratings[name].to_numpy(np.int64) for name in _COURSE])
    number = np.arange(len(ratings)) - first[course] + 1  # an episode's sessions stand together
    kept = ratings[["clinic", "by_patient", "by_therapist", "symptoms"]]
    return kept.rename(columns={"symptoms": "score"}).assign(course=course, number=number)


def _with_improvement(tier: Tier, episodes: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the correlation with improvement at equal first scores, and what it explains."""
    unit, n_units = tier.unit_of(episodes), tier.n_units
    patients, n = tier.count(episodes), np.bincount(unit, minlength=n_units).astype(np.int64)
    first, second, held = (
        episodes[name].to_numpy(float) for name in ("by_patient", "improvement", "pre")
    )
    r, is_sound = _partial_correlations(first, second, held, unit, n_units)
    is_enough = patients >= FEWEST_PATIENTS
    for one, rows in rows_of_problems(unit, np.flatnonzero(is_enough & ~is_sound)):
        own = episodes.iloc[rows]
        r[one] = partial_correlation(own["by_patient"], own["improvement"], own["pre"])
    low, high = fisher_limits(r, n - 4)  # one variable is held equal
    chosen, counts = is_enough & ~np.isnan(r), {"patients": patients, "observations": n}
    yield tier.rows("explained.r", chosen, (r, low, high), **counts)
    least = np.where((low < 0) & (high > 0), 0.0, np.minimum(low**2, high**2))
    share = (r**2, least, np.maximum(low**2, high**2))
    yield tier.rows("explained.share", chosen, share, **counts)


def _partial_correlations(
    first: Array, second: Array, held: Array, unit: Codes, n_units: int
) -> tuple[Array, Mask]:
    """Return :func:`partial_correlation` of every unit, and where it is far from rounding."""
    centred = [one - mean_by(one, unit, n_units)[unit] for one in (first, second, held)]
    names = ("x", "y", "z")
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = {
            a + b: np.bincount(unit, centred[i] * centred[j], n_units)
            for i, a in enumerate(names)
            for j, b in enumerate(names)
        }
        xx = sums["xx"] - sums["xz"] ** 2 / sums["zz"]
        yy = sums["yy"] - sums["yz"] ** 2 / sums["zz"]
        r = (sums["xy"] - sums["xz"] * sums["yz"] / sums["zz"]) / np.sqrt(xx * yy)
        is_sound = (xx > _NEARLY_HELD * sums["xx"]) & (yy > _NEARLY_HELD * sums["yy"])
        for own, size in ((xx, first), (yy, second), (sums["zz"], held)):
            is_sound &= own > _NEARLY_HELD * np.bincount(unit, size**2, n_units)
    return r, is_sound


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


def _with_next_session(tier: Tier, sessions: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield the effects on the next session's score, within patients and between them."""
    pairs, unit = _next_sessions(sessions), tier.unit_of(sessions)
    fit = _effects(pairs, tier)
    errors = np.sqrt(np.einsum("mii->mi", fit.covariance))
    inner, outer = fit.n_rows - fit.n_groups - 2, fit.n_groups - 2
    found = {}
    for place, (part, df) in enumerate((("within", inner), ("between", outer)), start=1):
        value = fit.coefficients[:, place]
        found[part] = Estimates(value, *t_limits(value, errors[:, place], df))
    is_enough = fit.n_groups >= FEWEST_PATIENTS
    for one, rows in rows_of_problems(unit, np.flatnonzero(is_enough & ~fit.is_fitted)):
        slow = _lagged(sessions.iloc[rows])
        if slow is not None:
            found["within"].enter(one, slow.within)
            found["between"].enter(one, slow.between)
    for part, estimate in found.items():
        yield tier.rows(
            f"explained.{part}",
            is_enough & ~np.isnan(estimate.value),
            estimate.ends,
            patients=fit.n_groups,
            observations=fit.n_rows,
        )


def _next_sessions(sessions: pd.DataFrame) -> pd.DataFrame:
    """Return sessions whose patient rated, with the score of the next one of their course."""
    course, score = sessions["course"].to_numpy(np.int64), sessions["score"].to_numpy(float)
    alliance = sessions["by_patient"].to_numpy(float)
    is_pair = np.zeros(len(sessions), dtype=bool)
    is_pair[:-1] = (course[1:] == course[:-1]) & ~np.isnan(alliance[:-1]) & ~np.isnan(score[1:])
    place = np.flatnonzero(is_pair)
    return pd.DataFrame(
        {
            "clinic": sessions["clinic"].to_numpy(np.int64)[place],
            "course": course[place],
            "session": sessions["number"].to_numpy(float)[place],
            "alliance": alliance[place],
            "outcome": score[place + 1],
        }
    )


def _effects(pairs: pd.DataFrame, tier: Tier) -> RandomIntercepts:
    """Fit every unit's model as :func:`rapport.statistics.alliance_outcome.within_between`."""
    courses, of_row = dense(pairs["course"].to_numpy(np.int64))
    unit, n_courses = tier.unit_of(pairs), len(courses)
    unit_of_course = np.zeros(n_courses, dtype=np.int64)
    unit_of_course[of_row] = unit
    alliance, session = (pairs[name].to_numpy(float) for name in ("alliance", "session"))
    own = mean_by(alliance, of_row, n_courses)
    between = (own - mean_by(own, unit_of_course, tier.n_units)[unit_of_course])[of_row]
    design = np.column_stack(
        [
            np.ones(len(pairs)),
            alliance - own[of_row],
            between,
            session - mean_by(session, unit, tier.n_units)[unit],
        ]
    )
    outcome = pairs["outcome"].to_numpy(float)
    return fit_random_intercepts(outcome, of_row, design, unit_of_course, tier.n_units)


def _lagged(sessions: pd.DataFrame) -> WithinBetween | None:
    table = sessions[["course", "number", "by_patient", "score"]]
    named = table.set_axis(["patient", "session", "alliance", "outcome"], axis=1)
    try:
        return within_between(named)
    except StatisticsError:
        return None


def _by_side(scope: Scope, sessions: pd.DataFrame) -> Iterator[dict[str, object]]:
    columns = ["course", "number", "by_patient", "by_therapist", "score"]
    named = scope.of(sessions)[columns].set_axis(
        ["dyad", "session", "patient", "therapist", "outcome"], axis=1
    )
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
