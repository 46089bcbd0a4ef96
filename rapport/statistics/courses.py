"""Where in its course of treatment a session lies: the four stages, as bands of sessions."""

import numpy as np
import pandas as pd

from rapport.statistics.figures.process import STAGES

COURSE = ["clinic_id", "patient_id", "episode"]

DEFAULT_BANDS = {"stage_first": 2, "stage_agreeing": 5, "stage_ending": 2}
"""Last session of first contact, last of agreeing on goals and tasks, sessions of the ending."""


def bands_of(clinics: pd.DataFrame) -> pd.DataFrame:
    """Return each clinic's bands.

    Args:
        clinics: ``clinic_id``; optionally the columns of :data:`DEFAULT_BANDS`.

    Returns:
        ``clinic_id`` and the three columns, whole numbers, one row a clinic in the given order.
    """
    bands = {
        name: clinics[name].fillna(default).astype(np.int64) if name in clinics else default
        for name, default in DEFAULT_BANDS.items()
    }
    return clinics[["clinic_id"]].assign(**bands)


def with_stages(sessions: pd.DataFrame, clinics: pd.DataFrame) -> pd.DataFrame:
    """Add the stage of each attended session.

    Sessions are counted within an episode in order of time, those that are stated to have been
    missed or cancelled left out, and those after its end (follow-up contacts) as well. The last
    sessions of an ended episode are its ending, but for those of first contact.

    Args:
        sessions: Columns of ``sessions``, every month known, so that counting starts at the first.
        clinics: ``clinic_id``, optionally with bands.

    Returns:
        The same rows and index, with ``stage``: one of the four, missing where not attended, or
        after the end.
    """
    is_held = sessions["attendance"].isna() | (sessions["attendance"] == "attended")
    ended, is_after = _endings(sessions)
    is_held &= ~is_after
    held = sessions.loc[is_held, [*COURSE, "session_date", "session"]]
    held = held.sort_values(["session_date", "session"], kind="stable")
    courses = held.groupby(COURSE, sort=False)
    rank = courses.cumcount().to_numpy() + 1
    left = courses["session"].transform("size").to_numpy() - rank
    bands = bands_of(clinics).drop_duplicates("clinic_id").set_index("clinic_id")
    first, agreeing, ending = (
        held["clinic_id"].map(bands[name]).fillna(default).to_numpy(np.int64)
        for name, default in DEFAULT_BANDS.items()
    )
    has_ended = ended[held.index].to_numpy()
    is_ending = has_ended & (left < ending) & (rank > first)
    names = list(STAGES)
    stage = np.select(
        [is_ending, rank <= first, rank <= agreeing], [names[3], *names[:2]], names[2]
    )
    return sessions.assign(stage=pd.Series(stage, index=held.index, dtype="str"))


def _endings(sessions: pd.DataFrame) -> tuple["pd.Series[bool]", "pd.Series[bool]"]:
    """Say of each session whether its episode has ended, and whether it came after the end.

    The end is the last session with an ending, other than ``ongoing``, in the first month that
    has one: as in :func:`rapport.scoring.episodes.ended_episodes`.
    """
    is_end = sessions["ending"].notna() & (sessions["ending"] != "ongoing")
    ends = sessions.loc[is_end, COURSE].assign(
        date=sessions.loc[is_end, "session_date"].astype(str)
    )
    ends["month"] = ends["date"].str[:7]
    of_month = ends[ends["month"] == ends.groupby(COURSE)["month"].transform("min")]
    end = of_month.groupby(COURSE)["date"].max().rename("end").reset_index()
    found = sessions[COURSE].merge(end, on=COURSE, how="left", validate="many_to_one")["end"]
    has_ended = pd.Series(found.notna().to_numpy(), index=sessions.index)
    is_after = pd.Series(False, index=sessions.index)
    is_after[has_ended] = (
        sessions.loc[has_ended, "session_date"].astype(str).to_numpy()
        > found[found.notna()].to_numpy()
    )
    return has_ended, is_after
