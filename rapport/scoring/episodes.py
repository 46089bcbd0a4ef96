"""Which courses of treatment ended in a month, when, and after how many attended sessions.

An episode ends with a session whose ``ending`` is given and is not ``ongoing``. It belongs to the
month of its first such session and to no other, so that no course is counted twice when a clinic
repeats the ending later; within that month the last such session is the end. What comes after the
end (follow-up contacts) counts for nothing.
"""

from typing import Final

import pandas as pd

from rapport.months import Month
from rapport.scoring.covariates import covariates_of_episodes

EPISODE: Final = ["clinic_id", "patient_id", "episode"]
"""The key of an episode."""

ATTENDED_TO_FINISH = 2
"""Attended sessions from which an ended course counts as finished (NHS M076)."""

_IN_TIME = ["session_date", "session"]
_MONTH = len("2026-02")


def ended_episodes(sessions: pd.DataFrame, *, month: Month) -> pd.DataFrame:
    """Return the episodes that ended in ``month``.

    Args:
        sessions: Columns of ``sessions``, every month up to and including ``month``; later ones
            are left out of account.
        month: The month of ending.

    Returns:
        One row an episode, ordered by :data:`EPISODE`, with these keys and ``therapist_id`` (of
        the last session), ``ended_on`` (ISO date), ``ending``, ``n_attended``, ``is_finished``,
        ``covariates`` (what is known of the patient, see :mod:`rapport.scoring.covariates`).
    """
    known = sessions[sessions["month"] <= str(month)]
    ends = _ends(known)
    of_month = ends[ends["month"] == str(month)]
    last = of_month.sort_values(_IN_TIME, kind="stable").drop_duplicates(EPISODE, keep="last")
    ended = last[[*EPISODE, "therapist_id", "session_date", "ending"]].rename(
        columns={"session_date": "ended_on"}
    )
    counted = known[is_attended(known)].merge(
        ended[[*EPISODE, "ended_on"]], on=EPISODE, how="inner", validate="many_to_one"
    )
    in_time = counted[counted["session_date"] <= counted["ended_on"]]
    n_attended = in_time.groupby(EPISODE).size().rename("n_attended").reset_index()
    joined = ended.merge(n_attended, on=EPISODE, how="left", validate="one_to_one")
    joined["n_attended"] = joined["n_attended"].fillna(0).astype("int64")
    joined["is_finished"] = joined["n_attended"] >= ATTENDED_TO_FINISH
    joined["covariates"] = covariates_of_episodes(known, joined, EPISODE)
    return joined.sort_values(EPISODE, kind="stable").reset_index(drop=True)


def ends_of_episodes(sessions: pd.DataFrame) -> "pd.Series[str]":
    """Return the day on which each session's episode ended.

    Args:
        sessions: Columns of ``sessions``, every month known.

    Returns:
        ISO days on the index of ``sessions``; missing where the episode goes on. Sessions after
        that day (follow-up contacts) count for nothing.
    """
    ends = _ends(sessions)
    ends = ends[EPISODE].assign(end=ends["session_date"].astype("str"))
    last = ends.groupby(EPISODE, as_index=False)["end"].max()
    found = sessions[EPISODE].merge(last, on=EPISODE, how="left", validate="many_to_one")["end"]
    return found.set_axis(sessions.index)


def is_attended(sessions: pd.DataFrame) -> "pd.Series[bool]":
    """Say of each session whether it took place.

    A session without attendance counts as attended only in a clinic that never states attendance;
    where a clinic does, a gap is not taken for an attended session.
    """
    states_it = sessions["attendance"].notna().groupby(sessions["clinic_id"]).transform("any")
    return (sessions["attendance"] == "attended") | ~states_it


def _ends(sessions: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions that end an episode: those of the first month that has such a session."""
    ends = sessions[sessions["ending"].notna() & (sessions["ending"] != "ongoing")]
    month = ends[EPISODE].assign(month=ends["session_date"].astype("str").str[:_MONTH])
    return ends[month["month"] == month.groupby(EPISODE)["month"].transform("min")]
