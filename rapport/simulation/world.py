"""The demo world as frames: patients, appointments, forms, and what is true of them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.simulation.answers import draw_answers
from rapport.simulation.appointments import draw_sessions
from rapport.simulation.parameters import Parameters
from rapport.simulation.people import draw_people

_LATENT = (
    "therapist_effect", "alliance", "therapist_view", "outcome", "has_rupture", "is_repaired",
    "rupture_at", "phq_start", "gad_start", "phq_improvement", "gad_improvement", "wellbeing",
)  # fmt: skip


@dataclass(frozen=True)
class World:
    """Everything that happened in the twelve clinics, before any export spoils it.

    Attributes:
        seed: Seed of the simulation.
        parameters: The true parameters.
        patients: One row a patient: ``clinic_id``, ``sector``, ``patient_id``,
            ``therapist_id``, ``admitted``, ``planned``, ``length``, ``ending`` (``ongoing``
            where the last appointment lies after the last month).
        sessions: One row an appointment; see
            :func:`rapport.simulation.appointments.draw_sessions`.
        responses: Form key (``phq-9.patient``) → one row a form; its index is that of
            ``sessions``; see :func:`rapport.simulation.answers.draw_answers`.
        truth: One row a patient, on the index of ``patients``: the latent values; see
            :func:`rapport.simulation.people.draw_people`.
    """

    seed: int
    parameters: Parameters
    patients: pd.DataFrame
    sessions: pd.DataFrame
    responses: Mapping[str, pd.DataFrame]
    truth: pd.DataFrame


def simulate(seed: int = 2026, parameters: Parameters | None = None) -> World:
    """Simulate twelve clinics over the fourteen months 2025-01 to 2026-02.

    Args:
        seed: Any whole number; the same one gives the same world.
        parameters: True parameters; the published ones by default.

    Returns:
        The world, without any defect.
    """
    given = parameters or Parameters()
    streams = np.random.SeedSequence(seed).spawn(3)
    for_people, for_sessions, for_answers = (np.random.default_rng(stream) for stream in streams)
    people = draw_people(given, for_people)
    sessions = draw_sessions(people, given, for_sessions)
    responses = draw_answers(people, sessions, given, for_answers)
    return World(
        seed=seed,
        parameters=given,
        patients=_patients(people, sessions),
        sessions=sessions,
        responses=responses,
        truth=people[["clinic_id", "patient_id", "therapist_id", *_LATENT]],
    )


def _patients(people: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return what a clinic knows of its patients; an episode past the last day is ongoing."""
    seen = sessions.groupby("person")["session"].max().reindex(people.index, fill_value=0)
    is_over = seen == people["length"]
    columns = ["clinic_id", "sector", "patient_id", "therapist_id", "admitted", "planned", "length"]
    return people[columns].assign(ending=people["ending"].where(is_over, "ongoing"))
