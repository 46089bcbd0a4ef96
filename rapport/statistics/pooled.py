"""What observations of one clinic take from all clinics, put together from parts of them.

Clinics are computed some at a time. What a marked fall is, and whether there are figures by session
mode, is asked of all of them first. Sums are kept clinic by clinic and added up without rounding,
so that it does not matter which clinics were looked at together, or in which order.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.figures import ALLIANCE_FORMS


@dataclass(frozen=True, slots=True)
class Common:
    """What is taken from all clinics.

    Attributes:
        spread: Standard deviation of the patients' alliance within episodes, pooled, points; NaN
            where nothing repeats.
        states_mode: Whether any clinic states how any session was held. Where none does, there are
            no figures by mode; where one does, sessions whose mode is not stated are a figure of
            every clinic, because they are what remains of its sector.
    """

    spread: float
    states_mode: bool


@dataclass(frozen=True, slots=True)
class Share:
    """What some clinics add to it.

    Attributes:
        squares: Sum of squared deviations from the episode's mean, one number a clinic.
        freedom: Rated sessions less episodes.
        states_mode: Whether one of them states a mode.
    """

    squares: tuple[float, ...]
    freedom: int
    states_mode: bool


def share_of_clinics(
    scores: pd.DataFrame, modes: pd.Series, *, clinic: str, episode: Sequence[str]
) -> Share:
    """Return what some clinics add, all rows of each being there.

    Args:
        scores: Rows of ``scale_scores``, or of them at least the patients' alliance totals.
        modes: ``mode`` of their sessions.
        clinic: Column that names the clinic.
        episode: Columns that name the episode.
    """
    chosen = (scores["instrument"] == ALLIANCE_FORMS["patient"]) & (scores["rater"] == "patient")
    chosen &= (scores["scale"] == "total") & scores["item_mean"].notna()
    rated = scores[chosen & scores["no_score_reason"].isna()]
    values = rated["item_mean"].to_numpy(float)
    course = _codes(rated, list(episode))
    n = np.bincount(course)
    squares = (values - (np.bincount(course, values) / np.maximum(n, 1))[course]) ** 2
    by_clinic = np.bincount(_codes(rated, [clinic]), squares)
    return Share(tuple(by_clinic.tolist()), len(values) - len(n), bool(modes.notna().any()))


def common_of(shares: Iterable[Share]) -> Common:
    """Put shares together.

    Source:
        Square root of the mean square within groups of a one-way analysis of variance.
    """
    every = list(shares)
    freedom = sum(one.freedom for one in every)
    squares = math.fsum(value for one in every for value in one.squares)
    spread = math.sqrt(squares / freedom) if freedom > 0 else math.nan
    return Common(spread, any(one.states_mode for one in every))


def _codes(rows: pd.DataFrame, keys: list[str]) -> npt.NDArray[np.int64]:
    codes = rows.groupby(keys, sort=False, observed=True).ngroup()
    return np.asarray(codes, dtype=np.int64)
