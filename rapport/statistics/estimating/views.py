"""Two views held against each other: falls beside reports, real relationship, both as a surface."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.batches import dense, fisher_limits, mean_by, sums_by, t_limits
from rapport.statistics.blocks import EPISODE_KEYS, SESSION_KEYS
from rapport.statistics.coding import Codes, Units
from rapport.statistics.estimating.rows import row, scopes
from rapport.statistics.estimating.tiers import Tier, tiers
from rapport.statistics.figures.dyad_estimates import EXPLAINED_MEASURE, SURFACE
from rapport.statistics.figures.process import RELATIONSHIP_FORMS, REPORTED
from rapport.statistics.process_observations import mark_falls
from rapport.statistics.response_surface import response_surface
from rapport.statistics.rupture_agreement import kappa_of

FEWEST_PATIENTS = 10
"""Patients that agreement or a correlation rests on at least."""

FEWEST_FOR_KAPPA = 40
"""Patients from which kappa's interval holds what it says: with fewer a yes is too rare."""

_ROUNDING = 1e-12

_COURSE = ["clinic", "patient", "episode"]


def agreements(
    patients: pd.DataFrame, scores: pd.DataFrame, units: Units, spread: float | None = None
) -> Iterator[pd.DataFrame]:
    """Yield the agreement of marked falls with reported ruptures, of every clinic and sector.

    Args:
        patients: Scored alliance totals of patients.
        scores: Coded scores, or of them at least the reports of ruptures.
        units: What the codes stand for.
        spread: As for :func:`rapport.statistics.process_observations.mark_falls`.
    """
    told = scores[
        (scores["instrument"] == REPORTED)
        & (scores["scale"] == "rupture")
        & scores["item_mean"].notna()
    ]
    if told.empty:
        return
    marked = mark_falls(patients, spread)
    judged = marked[marked["has_earlier"]].assign(is_fall=lambda rows: rows["state"].notna())
    for rater in ("patient", "therapist"):
        reports = told.loc[told["rater"] == rater, [*SESSION_KEYS, "item_mean"]]
        both = judged[[*SESSION_KEYS, "is_fall"]].merge(
            reports, on=SESSION_KEYS, validate="one_to_one"
        )
        for tier in tiers(units):
            yield _kappas(both, tier, f"agreement.{rater}")


def _kappas(both: pd.DataFrame, tier: Tier, figure: str) -> pd.DataFrame:
    """Return Cohen's kappa of every unit, as :mod:`rapport.statistics.rupture_agreement` does.

    Args:
        both: One row a session: ``clinic``, ``patient``, ``is_fall`` and ``item_mean`` (told where
            it is more than 0).
        tier: Whose.
        figure: Figure id.
    """
    x = both["is_fall"].to_numpy(dtype=float)
    y = (both["item_mean"] > 0).to_numpy(dtype=float)
    people, patient = dense(both["patient"].to_numpy(np.int64))
    unit_of_patient = np.zeros(len(people), dtype=np.int64)
    unit_of_patient[patient] = tier.unit_of(both)
    own = sums_by(np.column_stack([np.ones(len(x)), x, y, x * y]), patient, len(people))
    whole = sums_by(own, unit_of_patient, tier.n_units)
    n, said, told, _ = whole.T
    varies = (said > 0) & (said < n) & (told > 0) & (told < n)
    n_people = np.bincount(unit_of_patient, minlength=tier.n_units)
    value = kappa_of(whole)
    error = _jackknife_error(kappa_of(whole[unit_of_patient] - own), unit_of_patient, n_people)
    low, high = t_limits(value, error, np.where(n_people > 1, n_people - 1, np.nan))
    return tier.rows(
        figure,
        (n_people >= FEWEST_PATIENTS) & varies,
        (value, low, high),
        patients=n_people.astype(np.int64),
        observations=n.astype(np.int64),
    )


def _jackknife_error(
    without: npt.NDArray[np.float64], unit: Codes, n_people: Codes
) -> npt.NDArray[np.float64]:
    """Return the error by leaving each patient out in turn; 0 where it is rounding."""
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = without - mean_by(without, unit, len(n_people))[unit]
        squares = np.bincount(unit, spread**2, len(n_people))
        error = np.sqrt((n_people - 1) / n_people * squares)
    return np.where(error < _ROUNDING, 0.0, error)


def relationship_beside_alliance(
    patients: pd.DataFrame, scores: pd.DataFrame, units: Units
) -> Iterator[pd.DataFrame]:
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
    for tier in tiers(units):
        yield from _beside(both, tier)


def _beside(both: pd.DataFrame, tier: Tier) -> Iterator[pd.DataFrame]:
    """Yield both correlations as :func:`rapport.statistics.real_relationship` has them of one."""
    unit = tier.unit_of(both)
    people, patient = dense(both["patient"].to_numpy(np.int64))
    unit_of_patient = np.zeros(len(people), dtype=np.int64)
    unit_of_patient[patient] = unit
    x, y = (both[name].to_numpy(float) for name in ("real_relationship", "alliance"))
    means = [mean_by(one, patient, len(people)) for one in (x, y)]
    n = np.bincount(unit, minlength=tier.n_units).astype(np.int64)
    n_people = np.bincount(unit_of_patient, minlength=tier.n_units).astype(np.int64)
    own = [one - mean[patient] for one, mean in zip((x, y), means, strict=True)]
    r, share = _correlations(own, unit, [x, y], unit, tier.n_units)
    df = n - n_people - 1
    within = np.where((df >= 2) & (share > _ROUNDING), r, np.nan)  # noqa: PLR2004 - Fisher's n − 3
    centred = [one - mean_by(one, unit_of_patient, tier.n_units)[unit_of_patient] for one in means]
    r, share = _correlations(centred, unit_of_patient, means, unit_of_patient, tier.n_units)
    between = np.where((n_people >= 4) & (share > 0), r, np.nan)  # noqa: PLR2004 - Fisher's n − 3
    for part, found, weight in (("within", within, df - 1), ("between", between, n_people - 3)):
        yield tier.rows(
            f"beside.{part}",
            (n_people >= FEWEST_PATIENTS) & ~np.isnan(found),
            (found, *fisher_limits(found, weight)),
            patients=n_people,
            observations=n,
        )


Column = npt.NDArray[np.float64]


def _correlations(
    own: list[Column], unit: Codes, given: list[Column], unit_given: Codes, n_units: int
) -> tuple[Column, Column]:
    """Return the correlation of deviations, and how much of the smaller of both there is.

    Args:
        own: Two columns of deviations.
        unit: Unit of each.
        given: The values that they are deviations of.
        unit_given: Unit of each.
        n_units: Number of units.
    """
    squares = [np.bincount(unit, one**2, n_units) for one in own]
    sizes = [np.bincount(unit_given, one**2, n_units) for one in given]
    with np.errstate(invalid="ignore", divide="ignore"):
        r = np.bincount(unit, own[0] * own[1], n_units) / np.sqrt(squares[0] * squares[1])
        share = np.minimum(*(one / size for one, size in zip(squares, sizes, strict=True)))
    return np.clip(r, -1.0, 1.0), share


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
