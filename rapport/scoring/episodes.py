"""Which courses of treatment ended in a month, when, and after how many attended sessions.

An episode ends with a session whose ``ending`` is given and is not ``ongoing``. It belongs to the
month of its first such session and to no other, so that no course is counted twice when a clinic
repeats the ending later; within that month the last such session is the end. What comes after the
end (follow-up contacts) counts for nothing.
"""

from typing import Final

import pandas as pd

from rapport.months import Month

EPISODE: Final = ["clinic_id", "patient_id", "episode"]
"""The key of an episode."""

ATTENDED_TO_FINISH = 2
"""Attended sessions from which an ended course counts as finished (NHS M076)."""

_IN_TIME = ["session_date", "session"]


def ended_episodes(sessions: pd.DataFrame, *, month: Month) -> pd.DataFrame:
    """Return the episodes that ended in ``month``.

    Args:
        sessions: Columns of ``sessions``, every month up to and including ``month``; later ones
            are left out of account.
        month: The month of ending.

    Returns:
        One row an episode, ordered by :data:`EPISODE`, with these keys and ``therapist_id`` (of
        the last session), ``ended_on`` (ISO date), ``ending``, ``n_attended``, ``is_finished``.
    """
    known = sessions[sessions["month"] <= str(month)]
    ends = known[known["ending"].notna() & (known["ending"] != "ongoing")]
    first_month = ends.groupby(EPISODE)["month"].transform("min")
    of_month = ends[(first_month == str(month)) & (ends["month"] == str(month))]
    last = of_month.sort_values(_IN_TIME, kind="stable").drop_duplicates(EPISODE, keep="last")
    ended = last[[*EPISODE, "therapist_id", "session_date", "ending"]].rename(
        columns={"session_date": "ended_on"}
    )
    counted = _attended(known).merge(
        ended[[*EPISODE, "ended_on"]], on=EPISODE, how="inner", validate="many_to_one"
    )
    in_time = counted[counted["session_date"] <= counted["ended_on"]]
    n_attended = in_time.groupby(EPISODE).size().rename("n_attended").reset_index()
    joined = ended.merge(n_attended, on=EPISODE, how="left", validate="one_to_one")
    joined["n_attended"] = joined["n_attended"].fillna(0).astype("int64")
    joined["is_finished"] = joined["n_attended"] >= ATTENDED_TO_FINISH
    return joined.sort_values(EPISODE, kind="stable").reset_index(drop=True)


def _attended(sessions: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions that took place.

    A session without attendance counts as attended only in a clinic that never states attendance;
    where a clinic does, a gap is not taken for an attended session.
    """
    states_it = sessions["attendance"].notna().groupby(sessions["clinic_id"]).transform("any")
    return sessions[(sessions["attendance"] == "attended") | ~states_it]
