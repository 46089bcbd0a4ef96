"""Where in its course of treatment a session lies: the four stages, as bands of sessions."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.scoring.episodes import EPISODE, ends_of_episodes, is_attended
from rapport.statistics.figures.process import STAGES

Codes = npt.NDArray[np.int64]

DEFAULT_BANDS = {"stage_first": 2, "stage_agreeing": 5, "stage_ending": 2}
"""Last session of first contact, last of agreeing on goals and tasks, sessions of the ending."""

_NEVER = "9999-12-31"


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


def stage_reached(attended: Codes, first: Codes, agreeing: Codes) -> Codes:
    """Return the stage in which the n-th attended session lies, the ending left aside.

    The one definition of the bands: stages of sessions and drop-out in a stage both go by it.

    Args:
        attended: Number of the session within its episode, from 1; 0 for none, shape (n,).
        first: Last session of first contact, shape (n,).
        agreeing: Last session of agreeing goals and tasks, shape (n,).

    Returns:
        0 (first contact), 1 (agreeing) or 2 (working), −1 where no session was attended.
    """
    return np.select([attended < 1, attended <= first, attended <= agreeing], [-1, 0, 1], 2)


def with_stages(sessions: pd.DataFrame, clinics: pd.DataFrame) -> pd.DataFrame:
    """Add the stage of each attended session.

    Attended sessions are counted within an episode in order of time, those after its end (follow-up
    contacts) left out; what is attended and what an end is, :mod:`rapport.scoring.episodes` says.
    The last sessions of an ended episode are its ending, but for those of first contact.

    Args:
        sessions: Columns of ``sessions``, every month known, so that counting starts at the first.
        clinics: ``clinic_id``, optionally with bands.

    Returns:
        The same rows and index, with ``stage``: one of the four, missing where not attended, or
        after the end.
    """
    end = ends_of_episodes(sessions)
    is_after = sessions["session_date"].astype("str") > end.fillna(_NEVER)
    is_held = is_attended(sessions) & ~is_after
    held = sessions.loc[is_held, [*EPISODE, "session_date", "session"]]
    held = held.sort_values(["session_date", "session"], kind="stable")
    courses = held.groupby(EPISODE, sort=False)
    rank: Codes = np.asarray(courses.cumcount(), dtype=np.int64) + 1
    left = courses["session"].transform("size").to_numpy() - rank
    bands = bands_of(clinics).drop_duplicates("clinic_id").set_index("clinic_id")
    first, agreeing, ending = (
        held["clinic_id"].map(bands[name]).fillna(default).to_numpy(np.int64)
        for name, default in DEFAULT_BANDS.items()
    )
    is_ending = end[held.index].notna().to_numpy() & (left < ending) & (rank > first)
    names = np.array(list(STAGES), dtype=object)
    stage = names[np.where(is_ending, len(names) - 1, stage_reached(rank, first, agreeing))]
    return sessions.assign(stage=pd.Series(stage, index=held.index, dtype="str"))
