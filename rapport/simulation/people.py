"""Who is treated by whom, and what is true of them: caseloads, severity, alliance, course.

Everything latent is drawn here, once, for all patients together; sessions and answers follow from
it. Latent values are standardised over the whole world, so that a true parameter is true of this
world and not only of the population it might have been drawn from.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.simulation.clinics import CLINICS
from rapport.simulation.parameters import Parameters

Floats = NDArray[np.float64]

_ADMISSION_DAYS = 414
"""Days from 2025-01-02 to 2026-02-19, the last admission."""

_OPENING_DAYS = 21
_OPENING_SHARE = 0.16
"""Part of all patients who start in the first weeks, so that the first months are not empty."""

_SEEN_OF_THERAPIST_SHARE = 0.8
"""Part of the therapists' share that remains visible: forms measure with error, and episodes that
break off have shown only a part of their course. Published shares are shares of what is seen."""

_LENGTH_SPREAD = 0.40
"""Standard deviation of the logarithm of the planned number of appointments."""

_LEAST_PATIENTS = 2
"""Every therapist has this many patients at least."""


def draw_people(parameters: Parameters, rng: np.random.Generator) -> pd.DataFrame:
    """Draw all patients with what is true of them.

    Args:
        parameters: The true parameters.
        rng: Source of all randomness.

    Returns:
        One row a patient, in order of clinic and admission: ``clinic_id``, ``sector``,
        ``patient_id``, ``therapist_id``, ``admitted`` (day), ``rhythm_days`` (between
        appointments), ``planned`` (appointments), ``ending`` and ``length`` (appointments up to
        the ending), and the latent values ``therapist_effect``, ``alliance``,
        ``therapist_view``, ``outcome`` (standard deviations), ``has_rupture``, ``is_repaired``,
        ``rupture_at`` (share of the course), ``phq_start``, ``gad_start``, ``phq_improvement``,
        ``gad_improvement`` (points), ``wellbeing`` (standard deviations).
    """
    people = _caseload(rng)
    people = people.assign(**_course(people, parameters, rng))
    people = people.assign(**_alliance(people, parameters, rng))
    people = people.assign(**_ruptures(len(people), parameters, rng))
    people = people.assign(**_endings(people, parameters, rng))
    people["outcome"] = _outcome(people, parameters, rng)
    return people.assign(**_severity(people, parameters, rng))


def standardised(values: Floats) -> Floats:
    """Return ``values`` shifted and scaled to mean 0 and standard deviation 1."""
    return np.asarray((values - values.mean()) / values.std())


def _caseload(rng: np.random.Generator) -> pd.DataFrame:
    """Spread patients over days and, unevenly, over therapists."""
    parts = []
    first_day = np.datetime64("2025-01-02")
    for clinic in CLINICS:
        n_therapists = len(clinic.therapists)
        weights = rng.dirichlet(np.full(n_therapists, 2.0))
        spare = clinic.n_patients - _LEAST_PATIENTS * n_therapists
        loads = _LEAST_PATIENTS + rng.multinomial(spare, weights)
        therapist = rng.permutation(np.repeat(np.arange(n_therapists), loads))
        opening = rng.random(clinic.n_patients) < _OPENING_SHARE
        days = np.where(
            opening,
            rng.integers(0, _OPENING_DAYS, clinic.n_patients),
            rng.integers(0, _ADMISSION_DAYS, clinic.n_patients),
        )
        parts.append(
            pd.DataFrame(
                {
                    "clinic_id": clinic.id,
                    "sector": clinic.sector,
                    "patient_id": [
                        clinic.patients.format(n=n) for n in range(1, clinic.n_patients + 1)
                    ],
                    "therapist_id": np.array(clinic.therapists, dtype=object)[therapist],
                    "admitted": first_day + np.sort(days),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _course(
    people: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> dict[str, NDArray[np.int64]]:
    """Draw rhythm and planned length; private treatments are longer."""
    p = parameters
    is_private = (people["sector"] == "private").to_numpy()
    typical = np.where(is_private, p.appointments_private.value, p.appointments_public.value)
    drawn = typical * np.exp(_LENGTH_SPREAD * rng.standard_normal(len(people)))
    return {
        "rhythm_days": np.where(rng.random(len(people)) < p.fortnightly_share.value, 14, 7),
        "planned": np.clip(np.round(drawn), 5, np.where(is_private, 34, 24)).astype(np.int64),
    }


def _alliance(
    people: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> dict[str, Floats]:
    """Draw both raters' alliance, and the therapists' effects on alliance and outcome."""
    codes, therapists = pd.factorize(people["clinic_id"] + "\t" + people["therapist_id"])
    share = parameters.therapist_alliance_share.value
    own = standardised(rng.standard_normal(len(therapists)))[codes]
    leniency = standardised(rng.standard_normal(len(therapists)))[codes]
    alliance = standardised(
        np.sqrt(share) * own + np.sqrt(1 - share) * rng.standard_normal(len(people))
    )
    r = parameters.rater_alliance_r.value
    apart = np.sqrt(0.25) * leniency + np.sqrt(0.75) * rng.standard_normal(len(people))
    return {
        "therapist_effect": standardised(rng.standard_normal(len(therapists))[codes]),
        "alliance": alliance,
        "therapist_view": r * alliance + np.sqrt(1 - r**2) * standardised(apart),
    }


def _ruptures(
    count: int, parameters: Parameters, rng: np.random.Generator
) -> dict[str, NDArray[np.bool_] | Floats]:
    has_rupture = rng.random(count) < parameters.rupture_share.value
    return {
        "has_rupture": has_rupture,
        "is_repaired": has_rupture & (rng.random(count) < parameters.repair_share.value),
        "rupture_at": rng.uniform(0.2, 0.75, count),
    }


def _endings(
    people: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> dict[str, NDArray[np.object_] | NDArray[np.int64]]:
    """Draw how each episode ends and after how many appointments."""
    count = len(people)
    share, d = parameters.dropout_share.value, parameters.dropout_alliance_d.value
    logit = np.log(share / (1 - share)) - d * people["alliance"].to_numpy()
    drops = rng.random(count) < 1 / (1 + np.exp(-logit))
    referred = ~drops & (rng.random(count) < parameters.referred_share.value)
    planned = people["planned"].to_numpy()
    part = np.select(
        [drops, referred], [rng.beta(1.6, 1.9, count), rng.uniform(0.1, 0.6, count)], 1
    )
    return {
        "ending": np.select([drops, referred], ["dropped_out", "referred_on"], "planned").astype(
            object
        ),
        "length": np.clip(np.ceil(part * planned), 1, planned).astype(np.int64),
    }


def _outcome(people: pd.DataFrame, parameters: Parameters, rng: np.random.Generator) -> Floats:
    """Mix therapist, alliance, rupture and the rest into adjusted improvement, variance 1."""
    by_alliance = parameters.alliance_outcome_r.value
    through_alliance = by_alliance**2 * parameters.therapist_alliance_share.value
    share = parameters.therapist_outcome_share.value / _SEEN_OF_THERAPIST_SHARE
    by_therapist = np.sqrt(share - through_alliance)
    unrepaired = (people["has_rupture"] & ~people["is_repaired"]).to_numpy(dtype=np.float64)
    causes = people[["therapist_effect", "alliance"]].to_numpy()
    explained = causes @ np.array(
        [by_therapist, by_alliance]
    ) - parameters.unrepaired_cost.value * (unrepaired - unrepaired.mean())
    rest = _unrelated(rng.standard_normal(len(people)), causes)
    return np.asarray(explained + np.sqrt(1 - explained.var()) * rest)


def _unrelated(values: Floats, causes: Floats) -> Floats:
    """Return ``values`` without what ``causes`` explain of them by chance, standardised."""
    by_chance, *_ = np.linalg.lstsq(causes, values, rcond=None)
    return standardised(values - causes @ by_chance)


def _severity(
    people: pd.DataFrame, parameters: Parameters, rng: np.random.Generator
) -> dict[str, Floats]:
    """Draw severity at the start and what an episode of full length takes away from it."""
    count = len(people)
    is_public = (people["sector"] == "public").to_numpy()
    p = parameters
    r = p.phq_gad_r.value
    depression = rng.standard_normal(count)
    anxiety = r * depression + np.sqrt(1 - r**2) * rng.standard_normal(count)
    phq_mean = np.where(is_public, p.phq_start_public.value, p.phq_start_private.value)
    gad_mean = np.where(is_public, p.gad_start_public.value, p.gad_start_private.value)
    phq = np.clip(phq_mean + p.phq_start_sd.value * depression, 1, 26)
    gad = np.clip(gad_mean + p.gad_start_sd.value * anxiety, 1, 20)
    outcome = people["outcome"].to_numpy()
    gad_outcome = 0.8 * outcome + 0.6 * rng.standard_normal(count)
    share = p.improvement_share.value
    return {
        "phq_start": phq,
        "gad_start": gad,
        "phq_improvement": share * phq + p.phq_improvement_sd.value * outcome,
        "gad_improvement": share * gad + p.gad_improvement_sd.value * gad_outcome,
        "wellbeing": rng.standard_normal(count),
    }
