"""Continue: courses of treatment that began in a clinic which another one took over.

An outcome holds the last score against the first. Where a clinic merged into another, or one split
off, the first was given in the old clinic and the last in the new one, and the course belongs to
where it goes on. What happened in a session stays with the clinic in which it took place.
"""

from typing import TYPE_CHECKING

import pandas as pd

from rapport.scoring.episodes import EPISODE

if TYPE_CHECKING:
    from rapport.clinics import Registry


def continuing(sessions: pd.DataFrame, registry: "Registry") -> pd.DataFrame:
    """Return the courses that went from one clinic to another.

    Args:
        sessions: Columns of ``sessions``, of all clinics.
        registry: Says which clinic takes over which, from which month; both must share a scheme
            of patient ids, without which one id is two persons.

    Returns:
        The columns of :data:`~rapport.scoring.episodes.EPISODE`, and ``goes_on_in``: courses that
        did not end in the old clinic, of patients who have a session in the new one since.
    """
    if not any(clinic.takes_over for clinic in registry.clinics.values()):
        return pd.DataFrame(columns=[*EPISODE, "goes_on_in"])
    ended = sessions["ending"].notna() & (sessions["ending"] != "ongoing")
    open_courses = (
        sessions[EPISODE]
        .drop_duplicates()
        .merge(
            sessions.loc[ended, EPISODE].drop_duplicates(),
            on=EPISODE,
            how="left",
            indicator="ended",
            validate="one_to_one",
        )
    )
    open_courses = open_courses.loc[open_courses["ended"] == "left_only", EPISODE]
    found = [pd.DataFrame(columns=[*EPISODE, "goes_on_in"])]
    for clinic in registry.clinics.values():
        for taken in clinic.takes_over:
            scheme = registry.clinic(taken.clinic).patient_id_scheme
            if scheme is None or scheme != clinic.patient_id_scheme:
                continue
            here = (sessions["clinic_id"] == clinic.id) & (sessions["month"] >= taken.from_month)
            patients = sessions.loc[here, "patient_id"].unique()
            is_theirs = open_courses["clinic_id"] == taken.clinic
            theirs = open_courses[is_theirs & open_courses["patient_id"].isin(patients)]
            found.append(theirs.assign(goes_on_in=clinic.id))
    return pd.concat(found, ignore_index=True).drop_duplicates(EPISODE)


def continued(rows: pd.DataFrame, courses: pd.DataFrame) -> pd.DataFrame:
    """Return rows of courses in the clinic in which the course goes on.

    Args:
        rows: Any frame with the columns of an episode.
        courses: From :func:`continuing`.
    """
    if courses.empty:
        return rows
    joined = rows.merge(courses, on=EPISODE, how="left", validate="many_to_one")
    joined.index = rows.index
    goes_on = joined["goes_on_in"].astype(object)
    clinics = goes_on.where(goes_on.notna(), rows["clinic_id"].astype(object))
    return rows.assign(clinic_id=clinics.astype("str"))
