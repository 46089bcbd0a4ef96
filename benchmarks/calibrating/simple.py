"""Intervals of means, shares, correlations, coefficients alpha and effect sizes in known worlds."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.calibrating.cases import Array, Case, Random, holds
from rapport.scoring.change.effects import effect_sizes
from rapport.scoring.change.samples import PairedSample
from rapport.statistics.alliance_outcome import correlation
from rapport.statistics.clustered_regression import means_by_group
from rapport.statistics.consistency import consistency
from rapport.statistics.dyads import dyad_summaries, pooled_correlation
from rapport.statistics.intervals import clustered_wilson, exact, wilson
from rapport.statistics.real_relationship import (
    real_relationship_beside_alliance,
    repeated_measures_correlation,
)
from rapport.statistics.rupture_agreement import agreement

Codes = npt.NDArray[np.int64]

TOGETHER = 40
"""Small worlds that one draw looks at together."""


def _visits(random: Random, patients: int) -> tuple[Codes, Codes]:
    """Return world and patient of each session: one to ten sessions a patient."""
    sizes = random.integers(1, 11, TOGETHER * patients)
    patient = np.repeat(np.arange(TOGETHER * patients), sizes)
    return np.asarray(patient // patients), np.asarray(patient)


def clustered_means(patients: int) -> Case:
    """Means of sessions that go together within patients (ICC .5)."""

    def draw(random: Random) -> Array:
        world, patient = _visits(random, patients)
        value = 3.8 + random.normal(0, 0.5, TOGETHER * patients)[patient]
        found = means_by_group(
            value + random.normal(0, 0.5, len(patient)), world, patient, TOGETHER
        )
        return holds(np.full(TOGETHER, 3.8), found.low, found.high)

    regime = f"{patients} patients of 1–10 sessions, ICC .5"
    return Case("mean, clustered by patient", regime, draw, cost=10)


def clustered_shares(patients: int, share: float) -> Case:
    """Shares of sessions, each patient with an own probability (beta, ICC .2)."""

    def draw(random: Random) -> Array:
        world, patient = _visits(random, patients)
        own = random.beta(4 * share, 4 * (1 - share), TOGETHER * patients)
        value = (random.random(len(patient)) < own[patient]).astype(float)
        found = means_by_group(value, world, patient, TOGETHER)
        low, high = clustered_wilson(
            np.bincount(world, value, TOGETHER).astype(float),
            found.n.astype(float),
            found.standard_error,
            found.n_clusters.astype(float),
            found.degrees_of_freedom,
        )
        return holds(np.full(TOGETHER, share), low, high)

    regime = f"{patients} patients of 1–10 sessions, share {share}, ICC .2"
    is_target = patients >= 50 and share < 0.9  # noqa: PLR2004 - where it is claimed
    return Case("share, clustered Wilson", regime, draw, is_target, cost=10)


def shares(name: str, smallest: int, largest: int) -> Case:
    """Shares of independent people, over all true shares from .05 to .95."""
    interval = {"Wilson": wilson, "exact": exact}[name]

    def draw(random: Random) -> Array:
        n = random.integers(smallest, largest + 1, TOGETHER)
        truth = random.uniform(0.05, 0.95, TOGETHER)
        return holds(truth, *interval(random.binomial(n, truth), n))

    regime = f"n {smallest}–{largest}, shares .05–.95"
    return Case(f"share, {name}", regime, draw, name == "Wilson", cost=4)


def correlations(n: int) -> Case:
    """Fisher's interval of normal pairs."""

    def draw(random: Random) -> Array:
        x = random.normal(size=n)
        y = 0.3 * x + np.sqrt(0.91) * random.normal(size=n)
        found = correlation(pd.Series(x), pd.Series(y))
        return holds(0.3, found.low, found.high)

    return Case("correlation, Fisher", f"n {n}, r .3", draw)


def repeated_correlations(patients: int) -> Case:
    """Repeated-measures correlation, sessions of one patient about an own mean."""

    def draw(random: Random) -> Array:
        patient = np.repeat(np.arange(patients), 6)
        x = random.normal(size=len(patient))
        y = 0.5 * x + np.sqrt(0.75) * random.normal(size=len(patient))
        own = random.normal(size=(patients, 2))[patient]
        found = repeated_measures_correlation(
            pd.Series(patient), pd.Series(x + own[:, 0]), pd.Series(y + own[:, 1])
        )
        return holds(0.5, found.low, found.high)

    return Case("correlation within patients", f"{patients} patients × 6, r .5", draw)


def correlations_between(patients: int) -> Case:
    """Correlation of patients' means, which is that of the means and not of true levels."""

    def draw(random: Random) -> Array:
        patient = np.repeat(np.arange(patients), 6)
        own = random.multivariate_normal([0, 0], [[1, 0.5], [0.5, 1]], patients)[patient]
        rated = own + random.normal(size=own.shape)
        frame = pd.DataFrame(rated, columns=["real_relationship", "alliance"])
        found = real_relationship_beside_alliance(
            frame.assign(patient=patient), is_key_certain=True
        ).between
        return holds(0.5 / (1 + 1 / 6), found.low, found.high)

    return Case("correlation of patients' means", f"{patients} patients × 6", draw)


def pooled_correlations(dyads: int) -> Case:
    """Within-dyad correlations, pooled by Fisher's z, of eight sessions each."""

    def draw(random: Random) -> Array:
        dyad = np.repeat(np.arange(dyads), 8)
        x = random.normal(size=len(dyad))
        y = 0.3 * x + np.sqrt(0.91) * random.normal(size=len(dyad))
        table = dyad_summaries(pd.DataFrame({"dyad": dyad, "patient": x, "therapist": y}))
        found = pooled_correlation(table["correlation"], table["n_sessions"])
        return holds(0.3, found.low, found.high)

    return Case("pooled within-dyad correlation", f"{dyads} dyads × 8, r .3", draw)


def alphas(n: int) -> Case:
    """Feldt's interval of coefficient alpha: twelve parallel items."""

    def draw(random: Random) -> Array:
        items = random.normal(size=(n, 12)) + random.normal(size=(n, 1))
        found = consistency(items)
        return holds(12 / 13, found.alpha_low, found.alpha_high)

    return Case("alpha, Feldt", f"n {n}, 12 items", draw, cost=8)


def kappas(patients: int, *, by_patient: bool) -> Case:
    """Kappa of two judgements that go together within patients."""

    def draw(random: Random) -> Array:
        patient = np.repeat(np.arange(patients), 6)
        often = random.beta(1, 3, patients)[patient]
        first = random.random(len(patient)) < often
        told = np.where(random.random(patients) < 0.6, 1.0, 0.2)[patient]  # noqa: PLR2004 - truth of this world
        second = np.where(
            random.random(len(patient)) < told, first, random.random(len(patient)) < often
        )
        found = agreement(
            pd.Series(first), pd.Series(second), pd.Series(patient), first="a", second="b"
        )
        kappa = found.kappa_by_patient if by_patient else found.kappa
        return holds(_TRUE_KAPPA, kappa.low, kappa.high)

    name = "kappa, by patient" if by_patient else "kappa, as if independent"
    return Case(name, f"{patients} patients × 6", draw, by_patient and patients >= 40)  # noqa: PLR2004 - where it is claimed


def _true_kappa() -> float:
    """Both say yes with probability E(p) = 1/4; they agree by copying (.68) or as two draws.

    E(p²) = (1·2)/(4·5) = 1/10; two draws agree with 1 − 2 (1/4 − 1/10) = .7.
    """
    copied = 0.6 * 1.0 + 0.4 * 0.2
    observed, chance = copied + (1 - copied) * 0.7, 0.25**2 + 0.75**2
    return (observed - chance) / (1 - chance)


_TRUE_KAPPA = _true_kappa()


def effects(n: int, name: str) -> Case:
    """Pre-post effect sizes of normal scores: improvement half a deviation, r .6."""

    def draw(random: Random) -> Array:
        before = random.normal(20, 6, n)
        after = 17 + 0.6 * (before - 20) + np.sqrt(1 - 0.36) * random.normal(0, 6, n)
        sample = PairedSample(before, after, np.ones(n, dtype=bool), 0, 0, 0)
        found = getattr(effect_sizes(sample, improvement_sign=-1), name)
        truth = 3 / (6 * np.sqrt(0.8)) if name == "d_z" else 0.5
        return holds(truth, found.low, found.high)

    return Case(f"effect size {name}", f"n {n}, d .5, r .6", draw, n >= 30)  # noqa: PLR2004 - where it is claimed


CASES = (
    *(clustered_means(n) for n in (100, 40, 20, 5)),
    *(clustered_shares(n, share) for n, share in ((100, 0.5), (50, 0.7), (50, 0.95), (10, 0.7))),
    *(shares(name, *sizes) for name in ("Wilson", "exact") for sizes in ((10, 40), (50, 400))),
    *(correlations(n) for n in (20, 200)),
    *(repeated_correlations(n) for n in (10, 100)),
    correlations_between(60),
    pooled_correlations(30),
    *(alphas(n) for n in (40, 400)),
    *(kappas(n, by_patient=True) for n in (100, 40, 15)),
    kappas(100, by_patient=False),
    *(effects(n, name) for n in (100, 30, 10) for name in ("d_z", "d_pre", "d_av", "d_rm")),
)
