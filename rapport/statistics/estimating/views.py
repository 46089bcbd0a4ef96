"""Two views held against each other: falls beside reports, real relationship, both as a surface."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rapport.statistics.blocks import EPISODE_KEYS, SESSION_KEYS
from rapport.statistics.coding import Units
from rapport.statistics.estimating.rows import row, scopes
from rapport.statistics.figures.dyad_estimates import EXPLAINED_MEASURE, SURFACE
from rapport.statistics.figures.process import RELATIONSHIP_FORMS, REPORTED
from rapport.statistics.process_observations import mark_falls
from rapport.statistics.real_relationship import real_relationship_beside_alliance
from rapport.statistics.response_surface import response_surface
from rapport.statistics.rupture_agreement import agreement

FEWEST_PATIENTS = 10
"""Patients that agreement or a correlation rests on at least."""

_COURSE = ["clinic", "patient", "episode"]


def agreements(
    patients: pd.DataFrame, scores: pd.DataFrame, units: Units
) -> Iterator[dict[str, object]]:
    """Yield the agreement of marked falls with reported ruptures, of every clinic and sector.

    Args:
        patients: Scored alliance totals of patients.
        scores: All coded scores.
        units: What the codes stand for.
    """
    told = scores[
        (scores["instrument"] == REPORTED)
        & (scores["scale"] == "rupture")
        & scores["item_mean"].notna()
    ]
    if told.empty:
        return
    marked = mark_falls(patients)
    judged = marked[marked["has_earlier"]].assign(is_fall=lambda rows: rows["state"].notna())
    for rater in ("patient", "therapist"):
        reports = told.loc[told["rater"] == rater, [*SESSION_KEYS, "item_mean"]]
        both = judged[[*SESSION_KEYS, "is_fall"]].merge(
            reports, on=SESSION_KEYS, validate="one_to_one"
        )
        for scope in scopes(units):
            own = scope.of(both)
            if own["patient"].nunique() < FEWEST_PATIENTS:
                continue
            found = agreement(
                own["is_fall"], own["item_mean"] > 0, own["patient"], first="score", second=rater
            )
            if found.reason is None:
                yield row(
                    scope,
                    f"agreement.{rater}",
                    found.kappa_by_patient,
                    patients=found.n_patients,
                    observations=found.n_sessions,
                )


def relationship_beside_alliance(
    patients: pd.DataFrame, scores: pd.DataFrame, units: Units
) -> Iterator[dict[str, object]]:
    """Yield the correlation of real relationship and alliance, of every clinic and sector.

    A form without a certain key is not scored, so that what is there has a key of the clinic's own.
    """
    forms = [name for name, rater in RELATIONSHIP_FORMS.items() if rater == "patient"]
    rated = scores[
        scores["instrument"].isin(forms)
        & (scores["scale"] == "total")
        & scores["item_mean"].notna()
    ].drop_duplicates(SESSION_KEYS)
    if rated.empty:
        return
    real = rated[[*SESSION_KEYS, "item_mean"]].rename(columns={"item_mean": "real_relationship"})
    both = patients.rename(columns={"item_mean": "alliance"}).merge(
        real, on=SESSION_KEYS, validate="one_to_one"
    )
    for scope in scopes(units):
        own = scope.of(both)
        if own["patient"].nunique() < FEWEST_PATIENTS:
            continue
        found = real_relationship_beside_alliance(own, is_key_certain=True)
        for part, estimate in (("within", found.within), ("between", found.between)):
            if not np.isnan(estimate.r):
                yield row(
                    scope,
                    f"beside.{part}",
                    (estimate.r, estimate.low, estimate.high),
                    patients=found.n_patients,
                    observations=found.n_sessions,
                )


def surfaces(
    rated: pd.DataFrame, changes: pd.DataFrame, outcomes: pd.DataFrame, units: Units
) -> Iterator[dict[str, object]]:
    """Yield the response surface of improvement by both sides' mean alliance, of every sector.

    Args:
        rated: Alliance by session: session keys, ``by_patient``, ``by_therapist``.
        changes: Coded changes.
        outcomes: Coded outcomes.
        units: What the codes stand for.
    """
    finished = outcomes.loc[outcomes["is_finished"].astype(bool), EPISODE_KEYS]
    paired = changes[
        (changes["instrument"] == EXPLAINED_MEASURE) & changes["improvement"].notna()
    ].merge(finished, on=EPISODE_KEYS, validate="one_to_one")
    means = rated.groupby(_COURSE, as_index=False)[["by_patient", "by_therapist"]].mean().dropna()
    dyads = paired.merge(means, on=_COURSE, validate="many_to_one")
    dyads = dyads.assign(dyad=dyads.groupby(["patient", "therapist"]).ngroup()).rename(
        columns={"improvement": "outcome"}
    )
    for scope in scopes(units):
        if scope.level != "sector":
            continue
        own = scope.of(dyads)
        sides = own[["dyad", "outcome"]].assign(
            patient=own["by_patient"], therapist=own["by_therapist"]
        )
        found = response_surface(sides)
        if found.reason is None:
            for name in SURFACE:
                yield row(
                    scope,
                    f"surface.{name}",
                    getattr(found, name),
                    patients=int(own["patient"].nunique()),
                    observations=found.n_rows,
                )
