"""Whether a course of treatment ends before it has begun: numbers of sessions against dates."""

import numpy as np
import pandas as pd

from rapport.exports.grouping import Mask
from rapport.exports.questions import Answers, each, where
from rapport.exports.text_checks import is_iso_day

_COURSE = ["clinic_id", "month", "patient", "episode"]


def ending_in_order(rows: pd.DataFrame, counted: Mask) -> Answers:
    """Answer of each row that ends a course whether no session before it has a later date.

    A session before it is one of the same patient, episode and clinic-month with a lower number.

    Args:
        rows: The text frame, n rows.
        counted: Readable session rows that are current, shape (n,).
    """
    endings = rows["ending"].to_numpy()
    is_end = counted & pd.notna(endings) & (endings != "ongoing")
    asked = is_end & each(rows["date"].to_numpy(), is_iso_day)
    holds = np.ones(len(rows), dtype=bool)
    if not asked.any():
        return where(asked, holds)
    patients = set(rows["patient"].to_numpy()[asked].tolist())
    near = counted & rows["patient"].isin(patients).to_numpy()
    sessions = rows.loc[near, [*_COURSE, "session", "date"]].assign(place=np.flatnonzero(near))
    sessions = sessions[each(sessions["date"].to_numpy(), is_iso_day)]
    sessions["number"] = sessions["session"].astype("int64")
    ends = sessions[asked[sessions["place"].to_numpy()]]
    pairs = ends.merge(sessions, on=_COURSE, suffixes=("", "_other"), validate="many_to_many")
    wrong = pairs[(pairs["number_other"] < pairs["number"]) & (pairs["date_other"] > pairs["date"])]
    holds[wrong["place"].unique()] = False
    return where(asked, holds)
