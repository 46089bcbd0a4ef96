"""Small random clinics, made to be hard to protect: few patients, extreme rates, newcomers.

Not the demo world: nothing here is plausible, everything is possible.
"""

import numpy as np
import pandas as pd

from rapport.months import Month, trailing
from rapport.statistics.figures import MEASURES

MONTH = Month(2026, 2)
_RATES = np.array([0.0, 0.1, 0.5, 0.9, 1.0])
_MEASURES = {
    "phq-9": (0, 27, -1),
    "gad-7": (0, 21, -1),
    "swls": (5, 35, 1),
    "flourishing": (8, 56, 1),
    "who-5": (0, 100, 1),
}
_HIGHER_IS_BETTER = (
    *("ors", "reqol-10", "swls", "flourishing", "who-5"),
    *("wemwbs", "swemwbs", "pwbs-18", "pwbs-42"),
)
DIRECTION = dict.fromkeys(MEASURES, -1.0) | dict.fromkeys(_HIGHER_IS_BETTER, 1.0)
"""Measure → 1 if higher is better, −1 if lower is."""

NEWCOMERS = 0.3
"""Share of therapists who start in the second half of the window."""

NEW_CLINICS = 0.2
"""Share of clinics that start in its last third."""

HELPED = 0.05
"""Share of sessions that another therapist of the clinic holds."""

ENDED = 0.8
"""Share of patients whose episode has ended."""

ASKED = 0.9
"""Share of paired episodes that also have an instrument other than the PHQ-9."""

_CLINIC_KEYS = ["clinic_id", "month", "patient_id", "episode"]


def small_world(seed: int, *, n_clinics: int, n_months: int = 12) -> dict[str, pd.DataFrame]:
    """Return the frames that :func:`rapport.statistics.aggregate` reads, for a few clinics.

    Args:
        seed: Seed of everything.
        n_clinics: Number of clinics, alternately public and private.
        n_months: Months of the world, of which the last is :data:`MONTH`; patients a therapist
            grow with it.

    Returns:
        ``scores``, ``sessions``, ``outcomes``, ``changes``, ``clinics``.
    """
    random = np.random.default_rng(seed)
    names = [f"c{number}" for number in range(n_clinics)]
    sessions = pd.concat([_sessions(random, name, n_months) for name in names], ignore_index=True)
    outcomes = _outcomes(random, sessions)
    return {
        "scores": _scores(random, sessions),
        "sessions": sessions,
        "outcomes": outcomes,
        "changes": _changes(random, outcomes),
        "clinics": pd.DataFrame(
            {
                "clinic_id": names,
                "sector": ["public" if number % 2 else "private" for number in range(n_clinics)],
            }
        ),
    }


def _sessions(random: np.random.Generator, clinic: str, n_months: int) -> pd.DataFrame:
    """One clinic: one to five therapists, newcomers among them, patients for a few months."""
    n_therapists = int(random.integers(1, 6))
    first = np.where(
        random.random(n_therapists) < NEWCOMERS,
        random.integers(n_months // 2, n_months, n_therapists),
        0,
    )
    if random.random() < NEW_CLINICS:
        first[:] = random.integers(n_months * 2 // 3, n_months)
    names = [str(month) for month in trailing(MONTH, n_months)]
    rows = []
    for therapist in range(n_therapists):
        for patient in range(int(random.integers(1, 14) * n_months // 12)):
            start = int(random.integers(first[therapist], n_months))
            for month in range(start, min(n_months, start + int(random.integers(1, 6)))):
                for _ in range(int(random.integers(1, 4))):
                    helper = random.random() < HELPED
                    by = int(random.integers(n_therapists)) if helper else therapist
                    rows.append((names[month], f"p{therapist}-{patient}", f"t{by}"))
    frame = pd.DataFrame(rows, columns=["month", "patient_id", "therapist_id"])
    attending = random.choice([1.0, 0.9, 0.6])
    other = random.choice(["missed", "cancelled_by_patient", "cancelled_by_clinic"], len(frame))
    return frame.assign(
        clinic_id=clinic,
        episode="1",
        session=np.arange(len(frame)),
        session_date=frame["month"] + "-01",
        attendance=np.where(random.random(len(frame)) < attending, "attended", other),
        mode=random.choice(["in_person", "video", "telephone"], len(frame), p=[0.6, 0.3, 0.1]),
        ending=None,
    )


def _scores(random: np.random.Generator, sessions: pd.DataFrame) -> pd.DataFrame:
    attended = sessions[sessions["attendance"] == "attended"].drop(
        columns=["attendance", "mode", "ending"]
    )
    parts = []
    for instrument, rater in (("wai-sr", "patient"), ("wai-sr-t", "therapist")):
        rate = attended["clinic_id"].map(_by_clinic(random, sessions, [0.5, 0.9, 1.0]))
        forms = attended[random.random(len(attended)) < rate]
        subscales = {
            scale: random.integers(4, 21, len(forms)) / 4.0 for scale in ("goal", "task", "bond")
        }
        subscales["total"] = np.mean(list(subscales.values()), axis=0)
        parts += [
            forms.assign(
                instrument=instrument,
                rater=rater,
                scale=scale,
                score=item_mean,
                item_mean=item_mean,
                no_score_reason=None,
            )
            for scale, item_mean in subscales.items()
        ]
    return pd.concat(parts, ignore_index=True)


def _by_clinic(
    random: np.random.Generator, sessions: pd.DataFrame, choices: list[float]
) -> dict[str, float]:
    return {name: float(random.choice(choices)) for name in sessions["clinic_id"].unique()}


def _outcomes(random: np.random.Generator, sessions: pd.DataFrame) -> pd.DataFrame:
    """Every treatment ends with its last session, for most; rates are extreme in some clinics."""
    last = sessions.groupby(["clinic_id", "patient_id"], as_index=False).last()
    n_attended = (
        sessions[sessions["attendance"] == "attended"]
        .groupby(["clinic_id", "patient_id"])
        .size()
        .rename("n_attended")
        .reset_index()
    )
    ended = last[random.random(len(last)) < ENDED].merge(
        n_attended, on=["clinic_id", "patient_id"], validate="one_to_one"
    )
    case, paired, better, well, worse = (
        random.random(len(ended)) < ended["clinic_id"].map(_by_clinic(random, sessions, rates))
        for rates in ([0.5, 0.9, 1.0], [0.7, 1.0], *([list(_RATES)] * 3))
    )
    improved, recovered = better & paired, case & well & paired
    return ended[[*_CLINIC_KEYS, "therapist_id", "n_attended"]].assign(
        ending=random.choice(["planned", "dropped_out"], len(ended), p=[0.8, 0.2]),
        is_finished=ended["n_attended"] > 1,
        is_paired=paired,
        is_case_at_start=case,
        is_recovered=recovered,
        is_reliably_improved=improved,
        is_reliably_recovered=improved & recovered,
        is_reliably_deteriorated=worse & paired & ~improved,
    )


def _changes(random: np.random.Generator, outcomes: pd.DataFrame) -> pd.DataFrame:
    paired = outcomes.loc[outcomes["is_paired"], [*_CLINIC_KEYS, "therapist_id"]]
    parts = []
    for instrument, (low, high, direction) in _MEASURES.items():
        asked = paired[random.random(len(paired)) < ASKED] if instrument != "phq-9" else paired
        pre, post = (random.integers(low, high + 1, len(asked)).astype(float) for _ in range(2))
        parts.append(
            asked.assign(
                instrument=instrument, pre=pre, post=post, improvement=direction * (post - pre)
            )
        )
    return pd.concat(parts, ignore_index=True)
