"""Observations of the process: falls of the alliance, stages, session modes, reported ruptures.

As in :mod:`rapport.statistics.observations`, each is one number of one patient with one therapist
in one month.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.blocks import SESSION_KEYS, block
from rapport.statistics.coding import Numbers, Units
from rapport.statistics.courses import stage_reached
from rapport.statistics.figures.process import (
    CHART_FEWEST,
    CHART_SDS,
    MODES,
    RELATIONSHIP_FORMS,
    REPAIR_WINDOW,
    REPORTED,
    RUPTURE_SDS,
    STAGES,
)
from rapport.statistics.figures.treatment import RATERS
from rapport.statistics.pooled import Common
from rapport.statistics.ruptures import (
    ChartRule,
    CriterionRule,
    ruptures_by_chart,
    ruptures_by_criterion,
)

EPISODE = ["clinic", "patient", "episode"]


def process_observations(
    totals: Mapping[str, pd.DataFrame],
    scores: pd.DataFrame,
    sessions: pd.DataFrame,
    outcomes: pd.DataFrame,
    units: Units,
    *,
    common: Common,
) -> Iterator[pd.DataFrame]:
    """Yield blocks of observations.

    Args:
        totals: Rater → scored alliance totals: session keys, ``therapist``, ``item_mean``.
        scores: All coded scores.
        sessions: Coded sessions, with ``mode`` and ``stage``.
        outcomes: Coded outcomes.
        units: What the codes stand for, with the clinics' bands of stages.
        common: What is taken from all clinics.
    """
    marked = mark_falls(totals["patient"], common.spread)
    yield from _falls(marked)
    yield from _below_own_limit(marked)
    yield from _stages(totals, sessions)
    yield from _dropouts(outcomes, units)
    if common.states_mode:
        yield from _modes(marked, sessions)
    yield from _reported(scores)
    yield from _real_relationship(scores)


def mark_falls(patients: pd.DataFrame, spread: float | None = None) -> pd.DataFrame:
    """Mark the sessions in which the patient's alliance fell.

    Args:
        patients: Scored alliance totals of patients.
        spread: Of the alliance within episodes, points; that of these rows if left out.

    Returns:
        The same rows with ``course`` (code of the episode), ``has_earlier`` (an earlier rated
        session of the episode is there), ``state`` (``repaired``, ``unrepaired``, ``open``;
        missing without a fall) and ``is_low`` (below the patient's own limit; missing with too
        few sessions).
    """
    ordered = patients.sort_values([*EPISODE, "when", "session"], kind="stable")
    course = ordered.groupby(EPISODE, sort=False).ngroup().to_numpy(np.int64)
    rated = pd.DataFrame(
        {
            "patient": course,
            "session": ordered["session"].to_numpy(),
            "score": ordered["item_mean"].to_numpy(float),
        }
    )
    if spread is None:
        spread = within_spread(rated["score"].to_numpy(), course)
    by_course = rated.groupby("patient")["score"]
    return ordered.reset_index(drop=True).assign(
        course=course,
        has_earlier=by_course.shift(1).notna().to_numpy(),
        state=_states(rated, spread),
        is_low=_low(rated, by_course.transform("size") >= CHART_FEWEST),
    )


def within_spread(scores: Numbers, course: npt.NDArray[Any]) -> float:
    """Return the pooled within-patient standard deviation, points; NaN where nothing repeats.

    Args:
        scores: Item means, shape (n,).
        course: Code of the patient's episode of each, shape (n,).

    Source:
        Square root of the mean square within groups of a one-way analysis of variance.
    """
    n = np.bincount(course) if len(course) else np.zeros(0)
    left = len(scores) - len(n)
    if left <= 0:
        return float("nan")
    mean = np.bincount(course, scores) / np.maximum(n, 1)
    return float(np.sqrt(((scores - mean[course]) ** 2).sum() / left))


def _states(rated: pd.DataFrame, spread: float) -> pd.Series:
    """Return the state of each session's fall, missing where there is none."""
    states = pd.Series(None, index=rated.index, dtype="str")
    if not spread > 0:
        return states
    rule = CriterionRule(drop=RUPTURE_SDS * spread, window=REPAIR_WINDOW, tolerance=spread)
    return _joined(rated, ruptures_by_criterion(_numbered(rated), rule))


def _low(rated: pd.DataFrame, enough: pd.Series) -> pd.Series:
    """Return whether each session lies below the patient's own limit, missing with too few."""
    rule = ChartRule(sigmas=CHART_SDS, window=REPAIR_WINDOW, fewest=CHART_FEWEST)
    found = _joined(rated, ruptures_by_chart(_numbered(rated), rule)).notna()
    return found.astype("boolean").mask(~enough)


def _numbered(rated: pd.DataFrame) -> pd.DataFrame:
    """Number the rated sessions of each course: a session number may stand twice over months."""
    return rated.assign(session=np.arange(len(rated)))


def _joined(rated: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    states = pd.Series(None, index=rated.index, dtype="str")
    states.iloc[found["session"].to_numpy()] = found["state"].to_numpy()
    return states


def _falls(marked: pd.DataFrame) -> Iterator[pd.DataFrame]:
    judged = marked[marked["has_earlier"]]
    yield block(judged, "rupture.criterion", judged["state"].notna())
    falls = judged[judged["state"].notna()]
    for state in ("repaired", "unrepaired", "open"):
        yield block(falls, f"rupture.{state}", falls["state"] == state)


def _below_own_limit(marked: pd.DataFrame) -> Iterator[pd.DataFrame]:
    judged = marked[marked["is_low"].notna()]
    yield block(judged, "rupture.chart", judged["is_low"].astype(bool))


def _stages(totals: Mapping[str, pd.DataFrame], sessions: pd.DataFrame) -> Iterator[pd.DataFrame]:
    staged = sessions.loc[sessions["stage"].notna(), [*SESSION_KEYS, "stage"]]
    for rater in RATERS:
        forms = totals[rater].merge(staged, on=SESSION_KEYS, validate="one_to_one")
        for stage in STAGES:
            rows = forms[forms["stage"] == stage]
            yield block(rows, f"stage.{stage}.{rater}", rows["item_mean"])


def _dropouts(outcomes: pd.DataFrame, units: Units) -> Iterator[pd.DataFrame]:
    """Say of every ended episode that reached a stage whether it was broken off there."""
    bands = units.bands[outcomes["clinic"].to_numpy(np.int64)]
    attended = outcomes["n_attended"].to_numpy(np.int64)
    last = stage_reached(attended, bands[:, 0], bands[:, 1])
    is_broken_off = (outcomes["ending"] == "dropped_out").to_numpy()
    for place, stage in enumerate(("first", "agreeing", "working")):
        reached = last >= place
        rows = outcomes[reached]
        ended_here = pd.Series((is_broken_off & (last == place))[reached], index=rows.index)
        yield block(rows, f"dropout.{stage}", ended_here)


def _modes(marked: pd.DataFrame, sessions: pd.DataFrame) -> Iterator[pd.DataFrame]:
    held = sessions[[*SESSION_KEYS, "mode"]].astype({"mode": "str"}).fillna({"mode": "unstated"})
    forms = marked.merge(held, on=SESSION_KEYS, validate="one_to_one")
    for mode in MODES:
        rows = forms[forms["mode"] == mode]
        yield block(rows, f"mode.{mode}.alliance", rows["item_mean"])
        judged = rows[rows["has_earlier"]]
        yield block(judged, f"mode.{mode}.rupture", judged["state"].notna())


def _reported(scores: pd.DataFrame) -> Iterator[pd.DataFrame]:
    forms = scores[(scores["instrument"] == REPORTED) & scores["item_mean"].notna()]
    for rater in RATERS:
        rows = forms[forms["rater"] == rater]
        told = rows[rows["scale"] == "rupture"]
        yield block(told, f"reported.{rater}.rupture", told["item_mean"])
        for scale in ("intensity", "resolution"):
            degree = rows[rows["scale"] == scale]
            yield block(degree, f"reported.{rater}.{scale}", degree["item_mean"])


def _real_relationship(scores: pd.DataFrame) -> Iterator[pd.DataFrame]:
    totals = scores[(scores["scale"] == "total") & scores["item_mean"].notna()]
    for instrument in RELATIONSHIP_FORMS:
        rows = totals[totals["instrument"] == instrument]
        yield block(rows, f"real_relationship.{instrument}", rows["item_mean"])
