"""The course of the relationship: first contact, agreeing goals and tasks, working, ending.

Stages are bands of session numbers, which a clinic can set. A band says where in the course a
session stands, not that goals were agreed in it. Every figure is of a stage by itself: whoever has
dropped out before is no longer in the next one, so that a rise from stage to stage may be nothing
but who stayed. Drop-out is therefore told beside every mean.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.clustered_regression import GroupMeans, means_by_group
from rapport.statistics.figures.process import STAGES as TITLES

Codes = npt.NDArray[np.int64]

STAGES = tuple(TITLES)
"""Ids of the stages, in the order of treatment."""

FORMS: Mapping[str, str] = MappingProxyType({"patient": "wai-sr", "therapist": "wai-sr-t"})
"""Rater → instrument whose total is the alliance."""

CAVEAT = (
    "Each stage holds the patients who were still there: a difference between stages may be due to "
    "who left, not to change in those who stayed."
)

_NUMBERS = ("mean", "low", "high")
_ONGOING = "ongoing"
_MEASURES = ("patient", "therapist", "discrepancy", "rupture")


@dataclass(frozen=True)
class StageBands:
    """Where the stages begin and end, in session numbers.

    Attributes:
        first_contact_until: Last session of the first stage, ≥ 1.
        agreeing_until: Last session of the second, greater; the third has all after it.
        ending_sessions: Attended sessions, counted from the last, that make the ending of a
            finished episode, ≥ 1.
        endings: Endings whose last sessions count as an ending; ``None`` for any ending.
    """

    first_contact_until: int = 2
    agreeing_until: int = 5
    ending_sessions: int = 2
    endings: tuple[str, ...] | None = None


def stage_of_sessions(sessions: pd.DataFrame, bands: StageBands = StageBands()) -> pd.Series:
    """Say of each session in which stage it stands.

    Args:
        sessions: Rows of the table ``sessions``: ``patient_id``, ``episode``, ``session``,
            ``attendance``, ``ending`` and, where several clinics are in, ``clinic_id``.
        bands: The bands.

    Returns:
        Stage ids on the index of ``sessions``; ``None`` for a session that did not take place.
        The last sessions of a finished episode (one that ended after at least two attended
        sessions) are its ending, whatever their number.

    Raises:
        StatisticsError: The bands are not in order, or a session stands twice.
    """
    coded = _coded(sessions, bands)
    names = np.full(len(sessions), None, dtype=object)
    names[coded.index.to_numpy()] = np.array(STAGES, dtype=object)[_stage(coded, bands)]
    return pd.Series(names, index=sessions.index, dtype=object)


def _stage(coded: pd.DataFrame, bands: StageBands) -> Codes:
    """Return the position of each session's stage among the four."""
    from_last = coded.groupby("episode_code")["session"].rank(ascending=False, method="first")
    is_ending = coded["is_finished"] & (from_last <= bands.ending_sessions)
    if bands.endings is not None:
        is_ending &= coded["ended_how"].isin(bands.endings)
    return np.where(is_ending, len(STAGES) - 1, coded["band"]).astype(np.int64)


def stages(
    sessions: pd.DataFrame,
    scores: pd.DataFrame,
    *,
    ruptures: pd.DataFrame | None = None,
    bands: StageBands = StageBands(),
    forms: Mapping[str, str] = FORMS,
) -> pd.DataFrame:
    """Describe each stage.

    Args:
        sessions: Rows of ``sessions``, the whole course of each episode as far as it is known.
        scores: Rows of ``scale_scores``; the total of each rater's form is used, as item mean.
        ruptures: ``patient_id``, ``episode``, ``session`` (and ``clinic_id``) of sessions marked
            as ruptures; ``None`` if no rule was applied.
        bands: The bands.
        forms: Rater → instrument.

    Returns:
        One row a stage, in order: ``stage``, ``title``, ``n_patients``, ``n_sessions`` (that took
        place); for ``patient``, ``therapist`` (points), ``discrepancy`` (patient minus therapist,
        sessions rated by both) and ``rupture`` (share of the sessions rated by the patient):
        ``n_sessions_x``, ``n_patients_x``, ``mean_x``, ``low_x``, ``high_x`` (cluster-robust by
        patient, 95 %; NaN where it means nothing); ``n_ruptures``; then of episodes:
        ``n_reached``, ``n_dropped_out``, ``n_planned``, ``n_other`` (referred on, other),
        ``n_open`` (last known session here, no ending), ``n_went_on``. For the three bands these
        count by session number, so that reached = all others together; for the ending they count
        all finished episodes by how they ended.

    Raises:
        StatisticsError: The bands are not in order, or a session stands twice.

    Source:
        Own definition; intervals: Liang & Zeger (1986), Biometrika 73:13-22.
    """
    coded = _coded(sessions, bands)
    rated = _rated(coded.assign(stage=_stage(coded, bands)), scores, forms)
    rated["discrepancy"] = rated["patient"] - rated["therapist"]
    rated["rupture"] = _ruptures(rated, ruptures)
    table = pd.DataFrame({"stage": STAGES, "title": [TITLES[stage] for stage in STAGES]})
    table["n_patients"] = _distinct(rated)
    table["n_sessions"] = np.bincount(rated["stage"], minlength=len(STAGES))
    for measure in _MEASURES:
        means = means_by_group(rated[measure], rated["stage"], rated["patient_code"], len(STAGES))
        _enter(table, measure, means)
    table["n_ruptures"] = _count_ruptures(rated, given=ruptures is not None)
    return table.join(_ends(coded))


def _keys(frame: pd.DataFrame) -> list[str]:
    clinic = ["clinic_id"] if "clinic_id" in frame.columns else []
    return [*clinic, "patient_id", "episode"]


def _coded(sessions: pd.DataFrame, bands: StageBands) -> pd.DataFrame:
    """Return sessions that took place, with codes, band, and how their episode ended."""
    if not 1 <= bands.first_contact_until < bands.agreeing_until or bands.ending_sessions < 1:
        raise _fault("STAGE_BANDS", "The bands of stages are not in order.", "Set 2, 5 and 2, say.")
    keys = _keys(sessions)
    if sessions.duplicated([*keys, "session"]).any():
        raise _fault("SESSIONS", "A session stands twice.", "Number each episode's sessions once.")
    own = sessions[[*keys, "session", "attendance", "ending"]].reset_index(drop=True)
    own["episode_code"] = own.groupby(keys, sort=False).ngroup()
    own["patient_code"] = own.groupby(keys[:-1], sort=False).ngroup()
    ended = own["ending"].where(own["ending"] != _ONGOING)
    own["ended_how"] = ended.groupby(own["episode_code"]).transform("last")
    held = own[own["attendance"].isna() | (own["attendance"] == "attended")].copy()
    attended = held.groupby("episode_code")["session"].transform("size")
    held["is_finished"] = held["ended_how"].notna() & (attended >= 2)  # noqa: PLR2004 - M076
    edges = np.array([bands.first_contact_until, bands.agreeing_until])
    held["band"] = np.searchsorted(edges, held["session"].to_numpy(float), side="left")
    return held


def _rated(coded: pd.DataFrame, scores: pd.DataFrame, forms: Mapping[str, str]) -> pd.DataFrame:
    keys = [*_keys(coded), "session"]
    rated = coded
    for rater, instrument in forms.items():
        chosen = (
            (scores["instrument"] == instrument)
            & (scores["rater"] == rater)
            & (scores["scale"] == "total")
            & scores["item_mean"].notna()
        )
        if "no_score_reason" in scores.columns:
            chosen &= scores["no_score_reason"].isna()
        own = scores.loc[chosen, [*keys, "item_mean"]].rename(columns={"item_mean": rater})
        rated = rated.merge(own, on=keys, how="left", validate="one_to_one")
    return rated.assign(**{rater: rated[rater].astype(float) for rater in forms})


def _ruptures(rated: pd.DataFrame, ruptures: pd.DataFrame | None) -> pd.Series:
    """Return 1 for a session marked as a rupture, 0 for another rated one, NaN otherwise."""
    if ruptures is None:
        return pd.Series(np.nan, index=rated.index)
    keys = [*_keys(rated), "session"]
    marks = ruptures[keys].drop_duplicates().assign(is_marked=1.0)
    marked = rated[keys].merge(marks, on=keys, how="left", validate="one_to_one")["is_marked"]
    return marked.fillna(0.0).where(rated["patient"].notna().to_numpy())


def _distinct(rated: pd.DataFrame) -> Codes:
    pairs = rated[["stage", "patient_code"]].drop_duplicates()
    return np.bincount(pairs["stage"], minlength=len(STAGES))


def _enter(table: pd.DataFrame, measure: str, means: GroupMeans) -> None:
    table[f"n_sessions_{measure}"] = means.n
    table[f"n_patients_{measure}"] = means.n_clusters
    for number in _NUMBERS:
        table[f"{number}_{measure}"] = getattr(means, number)
    if measure == "rupture":
        table["low_rupture"] = table["low_rupture"].clip(lower=0.0)
        table["high_rupture"] = table["high_rupture"].clip(upper=1.0)


def _count_ruptures(rated: pd.DataFrame, *, given: bool) -> "pd.Series[int]":
    marked = np.bincount(rated["stage"], rated["rupture"].fillna(0.0), minlength=len(STAGES))
    return pd.Series(marked if given else np.full(len(STAGES), np.nan)).astype("Int64")


def _ends(coded: pd.DataFrame) -> pd.DataFrame:
    """Count episodes by the band of their last session and by how they ended."""
    last = coded.sort_values("session").drop_duplicates("episode_code", keep="last")
    how = np.select(
        [
            last["ended_how"].isna(),
            last["ended_how"] == "dropped_out",
            last["ended_how"] == "planned",
        ],
        ["n_open", "n_dropped_out", "n_planned"],
        "n_other",
    )
    names = ["n_dropped_out", "n_planned", "n_other", "n_open"]
    counts = pd.crosstab(last["band"], how).reindex(index=range(3), columns=names, fill_value=0)
    reached = counts.sum(axis=1)[::-1].cumsum()[::-1]
    bands = counts.assign(n_went_on=reached.shift(-1, fill_value=0))
    bands.insert(0, "n_reached", reached)
    finished = pd.Series(how[last["is_finished"].to_numpy()]).value_counts()
    ending = {"n_reached": int(finished.sum()), **{k: int(finished.get(k, 0)) for k in names}}
    bands.loc[3] = {**ending, "n_went_on": 0}
    return bands.astype(int)


def _fault(rule: str, message: str, remedy: str) -> StatisticsError:
    return StatisticsError(Fault(rule, message, remedy))
