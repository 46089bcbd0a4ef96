"""Answers to items: from the latent course of each session to whole numbers on each scale."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.simulation.clinics import BY_ID
from rapport.simulation.forms import (
    FLOURISHING,
    FORMS,
    GAD,
    PHQ,
    SWLS,
    WAI_PATIENT,
    WAI_THERAPIST,
    WELLBEING,
    WHO,
    Form,
)
from rapport.simulation.parameters import Parameters

Floats = NDArray[np.float64]

_TASK, _BOND, _GOAL = -0.10, 0.16, -0.06
_WAI_OFFSETS = np.array(
    [_TASK, _TASK, _BOND, _GOAL, _BOND, _GOAL, _BOND, _GOAL, _BOND, _TASK, _GOAL, _TASK]
)
"""By subscale, task 1 2 10 12, bond 3 5 7 9, goal 4 6 8 11: bonds are rated a little higher."""

_PHQ_OFFSETS = np.array([0.10, 0.20, 0.30, 0.45, -0.05, 0.15, -0.05, -0.45, -0.65])
_GAD_OFFSETS = np.array([0.25, 0.10, 0.30, 0.10, -0.25, 0.00, -0.50])

_NOISE, _NOISE_LONG_SCALE, _LONG_SCALE = 0.55, 0.80, 5
"""Scatter of answers around a person's level, in points; wider on scales of six steps or more."""

_EARLIEST_RUPTURE = 3
_FELT_IF_REPAIRED = np.array([1.0, 0.5, 0.2, 0.0])
_FELT_OTHERWISE = np.array([1.0, 0.6, 0.6, 0.6])
"""Share of a rupture's depth that is felt at the appointment where it strikes, and after it."""

_HEADROOM = 0.06
"""What patients' means lose to the top of the 1-to-5 scale; therapists' means lose nothing."""


def draw_answers(
    people: pd.DataFrame, sessions: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """Draw all forms of all sessions that took place.

    Args:
        people: Patients, as :func:`rapport.simulation.people.draw_people` gives them.
        sessions: Appointments, as
            :func:`rapport.simulation.appointments.draw_sessions` gives them.
        parameters: The true parameters.
        rng: Source of all randomness.

    Returns:
        Form key → one row a form that came in, on the index of its appointment in ``sessions``:
        ``clinic_id``, ``month``, ``patient_id``, ``episode``, ``session``, ``therapist_id``,
        ``session_date`` and ``item_01`` …: floats on the instrument's scale, ``NaN`` where the
        item was left out.
    """
    of = people.loc[sessions["person"]].reset_index(drop=True)
    levels = _levels(of, sessions, parameters, rng)
    given = _given(sessions, parameters, rng)
    return {
        form.key: _form(
            form,
            levels[form.key],
            sessions[given[form.key]],
            left_out=_left_out(form, parameters),
            rng=rng,
        )
        for form in FORMS
    }


def _levels(
    of: pd.DataFrame, sessions: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> dict[str, Floats]:
    """Return the expected item mean of every form at every appointment."""
    patient_view, therapist_view = _alliance_course(of, sessions, parameters, rng)
    phq = _symptoms(of, sessions, "phq", parameters, rng)
    gad = _symptoms(of, sessions, "gad", parameters, rng)
    well = of["wellbeing"].to_numpy()
    return {
        WAI_PATIENT.key: patient_view,
        WAI_THERAPIST.key: therapist_view,
        PHQ.key: phq / PHQ.n_items,
        GAD.key: gad / GAD.n_items,
        SWLS.key: 5.3 - 0.11 * phq + 0.7 * well,
        FLOURISHING.key: 5.9 - 0.08 * phq + 0.6 * well,
        WHO.key: 3.5 - 0.115 * phq + 0.4 * well,
    }


def _symptoms(
    of: pd.DataFrame,
    sessions: pd.DataFrame,
    measure: str,
    parameters: Parameters,
    rng: np.random.Generator,
) -> Floats:
    """Return the expected total: quick gains first, and some movement from session to session."""
    done = (1 - np.exp(-2 * sessions["progress"].to_numpy())) / (1 - np.exp(-2))
    state = parameters.symptom_state_sd.value * rng.standard_normal(len(sessions))
    course = of[f"{measure}_start"] - of[f"{measure}_improvement"] * done
    return np.asarray(course + state * (sessions["session"] > 1))


def _alliance_course(
    of: pd.DataFrame, sessions: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the patient's and the therapist's alliance at every appointment, as item means."""
    p = parameters
    r = p.rater_alliance_r.value
    own = rng.standard_normal(len(sessions))
    others = r * own + np.sqrt(1 - r**2) * rng.standard_normal(len(sessions))
    grown = p.alliance_growth.value * np.log10(np.maximum(sessions["attended"].to_numpy(), 1))
    drop = p.rupture_depth.value * _rupture_course(of, sessions)
    spread = p.alliance_sd.value
    lower = p.rater_alliance_d.value * np.hypot(spread, p.alliance_state_sd.value)
    patient = spread * of["alliance"] + p.alliance_state_sd.value * own - drop
    therapist = spread * of["therapist_view"] + p.alliance_state_sd.value * others - 0.4 * drop
    base = p.patient_alliance_mean.value + grown
    return np.asarray(base + _HEADROOM + patient), np.asarray(base - lower + therapist)


def _rupture_course(of: pd.DataFrame, sessions: pd.DataFrame) -> Floats:
    """Return which share of a rupture's depth is felt: 1 where it strikes, 0 where none is."""
    struck = np.maximum(np.ceil(of["rupture_at"] * of["length"]), _EARLIEST_RUPTURE)
    since = sessions["session"].to_numpy() - np.asarray(struck, dtype=np.int64)
    after = np.clip(since, 0, len(_FELT_IF_REPAIRED) - 1)
    felt = np.where(of["is_repaired"], _FELT_IF_REPAIRED[after], _FELT_OTHERWISE[after])
    felt = np.where(since < 0, 0.0, felt)
    return np.where(of["has_rupture"], felt, 0.0)


def _given(
    sessions: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> dict[str, NDArray[np.bool_]]:
    """Draw which forms came in; a patient fills in the forms of one session together."""
    took_place = sessions["attended"].to_numpy() > 0
    at_edges = (sessions["attended"] == 1).to_numpy() | sessions["is_last"].to_numpy()
    rates = sessions["clinic_id"].map({c.id: c.patient_forms for c in BY_ID.values()}).to_numpy()
    rates = np.where(at_edges, 1 - (1 - rates) / 3, rates)
    patient = took_place & (rng.random(len(sessions)) < rates)
    therapist = took_place & (rng.random(len(sessions)) < _therapist_rates(sessions, rng))
    wellbeing = patient & sessions["has_wellbeing"].to_numpy()
    wellbeing &= rng.random(len(sessions)) < parameters.wellbeing_given.value
    given = {form.key: patient for form in FORMS} | {form.key: wellbeing for form in WELLBEING}
    return given | {WAI_THERAPIST.key: therapist}


def _therapist_rates(sessions: pd.DataFrame, rng: np.random.Generator) -> Floats:
    """Return each therapist's own rate of filling in forms, around that of the clinic."""
    codes, therapists = pd.factorize(sessions["clinic_id"] + "\t" + sessions["therapist_id"])
    rates = sessions["clinic_id"].map({c.id: c.therapist_forms for c in BY_ID.values()}).to_numpy()
    diligence = 0.6 * rng.standard_normal(len(therapists))
    logit = np.log(rates / (1 - rates)) + diligence[codes]
    return np.asarray(1 / (1 + np.exp(-logit)))


def _form(
    form: Form,
    level: Floats,
    sessions: pd.DataFrame,
    *,
    left_out: float,
    rng: np.random.Generator,
) -> pd.DataFrame:
    """Draw one form's items at the sessions where it came in, some of them left out."""
    keys = ["clinic_id", "month", "patient_id", "episode", "session", "therapist_id"]
    frame = sessions[[*keys, "session_date"]].copy()
    items = _items(form, level[sessions.index], rng)
    items[rng.random(items.shape) < left_out] = np.nan
    for number in range(form.n_items):
        frame[f"item_{number + 1:02d}"] = items[:, number]
    return frame


def _left_out(form: Form, parameters: Parameters) -> float:
    p = parameters
    by_patient = form.rater == "patient"
    return (p.item_missing_patient if by_patient else p.item_missing_therapist).value


def _items(form: Form, level: Floats, rng: np.random.Generator) -> Floats:
    """Return answers around a level: item's place, person's noise, rounded, kept on the scale."""
    offsets = {
        WAI_PATIENT.key: _WAI_OFFSETS,
        WAI_THERAPIST.key: _WAI_OFFSETS,
        PHQ.key: _PHQ_OFFSETS,
        GAD.key: _GAD_OFFSETS,
    }.get(form.key, np.zeros(form.n_items))
    noise = _NOISE if form.high - form.low < _LONG_SCALE else _NOISE_LONG_SCALE
    drawn = level[:, None] + offsets + noise * rng.standard_normal((len(level), form.n_items))
    return np.asarray(np.clip(np.round(drawn), form.low, form.high))
