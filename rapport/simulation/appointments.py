"""Appointments: which day, where, whether anybody came, and with which one an episode ended."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.simulation.parameters import Parameters

FIRST_MONTH = "2025-01"
LAST_MONTH = "2026-02"
"""The fourteen months of the demo world; fixed, never relative to now."""

_AFTER = pd.Timestamp("2026-03-01")
_SATURDAY, _SUNDAY = 5, 6
_EVERY = 4
"""Well-being forms are due at every fourth session."""

_OTHER_MODE_SHARE = 0.12
_SILENT_DROPOUT_SHARE = 0.6
"""Part of those who break off that simply do not come to their last appointment."""

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]
Words = NDArray[np.object_]


def draw_sessions(
    people: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> pd.DataFrame:
    """Lay out every appointment up to the last day of the last month.

    Args:
        people: Patients, as :func:`rapport.simulation.people.draw_people` gives them.
        parameters: The true parameters.
        rng: Source of all randomness.

    Returns:
        One row an appointment, by patient and date, index 0…n-1: ``person`` (row in
        ``people``), ``clinic_id``, ``month``, ``patient_id``, ``therapist_id``, ``episode``
        (``1``), ``session`` (number of the appointment), ``session_date``, ``mode``,
        ``attendance``, ``ending`` (``ongoing`` but for an episode's last row), ``attended``
        (number of the session among those that took place, 0 otherwise), ``progress`` (share
        of the planned course, 0 to 1), ``is_last`` (last attended of a finished episode),
        ``has_wellbeing`` (well-being forms are due).
    """
    person = np.repeat(np.arange(len(people)), people["length"])
    number = np.concatenate([np.arange(1, n + 1) for n in people["length"]])
    of = people.loc[person].reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "person": person,
            "clinic_id": of["clinic_id"],
            "patient_id": of["patient_id"],
            "therapist_id": of["therapist_id"],
            "episode": "1",
            "session": number,
            "session_date": _dates(of, number, rng),
            "mode": _modes(person, parameters, rng),
        }
    )
    is_final = number == of["length"].to_numpy()
    rows["attendance"] = _attendance(number, is_final, of["ending"], parameters, rng)
    rows["ending"] = np.where(is_final, of["ending"], "ongoing")
    rows["progress"] = (number - 1) / np.maximum(of["planned"].to_numpy() - 1, 1)
    rows["attended"] = _attended(rows)
    rows["is_last"] = _is_last(rows, is_final)
    rows = rows[rows["session_date"] < _AFTER].reset_index(drop=True)
    rows["has_wellbeing"] = (rows["attended"] > 0) & (
        (rows["attended"] == 1) | (rows["attended"] % _EVERY == 0) | rows["is_last"]
    )
    rows["month"] = rows["session_date"].dt.strftime("%Y-%m")
    return rows


def _dates(of: pd.DataFrame, number: Whole, rng: np.random.Generator) -> pd.Series:
    """Return working days in each patient's rhythm, now and then a day early or late."""
    jitter = np.where(number > 1, rng.choice([-1, 0, 0, 0, 1], len(number)), 0)
    days = of["rhythm_days"].to_numpy() * (number - 1) + jitter
    dates = of["admitted"] + pd.to_timedelta(days, unit="D")
    weekday = dates.dt.dayofweek
    day = dates.dt.strftime("%m-%d")
    shift = np.select(
        [weekday == _SATURDAY, weekday == _SUNDAY, day == "12-25", day == "01-01"],
        [-1, 1, -1, 1],
        0,
    )
    return dates + pd.to_timedelta(shift, unit="D")


def _modes(person: Whole, parameters: Parameters, rng: np.random.Generator) -> Words:
    """Return each patient's usual mode, another one at about one appointment in eight."""
    words = np.array(["in_person", "video", "telephone"], dtype=object)
    video, telephone = parameters.video_share.value, parameters.telephone_share.value
    shares = [1 - video - telephone, video, telephone]
    usual = rng.choice(3, person.max() + 1, p=shares)[person]
    other = rng.choice(3, len(person), p=shares)
    picked: Words = words[np.where(rng.random(len(person)) < _OTHER_MODE_SHARE, other, usual)]
    return picked


def _attendance(
    number: Whole,
    is_final: Flags,
    ending: pd.Series,
    parameters: Parameters,
    rng: np.random.Generator,
) -> Words:
    """Draw attendance; first and planned last sessions take place, a drop-out's is often missed."""
    p = parameters
    shares = [
        p.patient_cancels_share.value, p.clinic_cancels_share.value, p.missed_share.value,
    ]  # fmt: skip
    words = np.array(
        ["attended", "cancelled_by_patient", "cancelled_by_clinic", "missed"], dtype=object
    )
    drawn = words[rng.choice(4, len(number), p=[1 - sum(shares), *shares])]
    drawn[(number == 1) | (is_final & (ending != "dropped_out").to_numpy())] = "attended"
    broken_off = is_final & (ending == "dropped_out").to_numpy() & (number > 1)
    drawn[broken_off & (rng.random(len(number)) < _SILENT_DROPOUT_SHARE)] = "missed"
    return drawn


def _attended(rows: pd.DataFrame) -> pd.Series:
    """Number the sessions that took place within each patient; 0 for the others."""
    took_place = (rows["attendance"] == "attended").astype(int)
    return took_place.groupby(rows["person"]).cumsum() * took_place


def _is_last(rows: pd.DataFrame, is_final: Flags) -> Flags:
    """Mark the last attended session of each episode that ends within the fourteen months."""
    most = rows.groupby("person")["attended"].transform("max")
    is_over = (rows["session_date"].where(is_final).groupby(rows["person"]).transform("max")) < (
        _AFTER
    )
    return ((rows["attended"] == most) & (rows["attended"] > 0) & is_over).to_numpy()
