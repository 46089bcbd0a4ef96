"""What shrinkage is worth: squared errors of shrunken estimates against raw means."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.statistics.therapist_effects import therapist_effects
from rapport.statistics.three_levels import fit_three_levels


@dataclass(frozen=True)
class Gain:
    """Mean squared errors over worlds.

    Attributes:
        regime: The world, in words.
        raw, shrunken: Mean squared error of therapists' raw means and of their estimates, as
            shares of the variance of patients' outcomes.
        error: Monte-Carlo standard error of their ratio.
    """

    regime: str
    raw: float
    shrunken: float
    error: float

    @property
    def ratio(self) -> float:
        """Shrunken over raw: below 1 where shrinkage is right."""
        return self.shrunken / self.raw


def gains(*, worlds: int, seed: int) -> tuple[Gain, ...]:
    """Compare in three regimes: no, usual and large differences between therapists."""
    random = np.random.default_rng(seed)
    found = []
    for icc in (0.0, 0.05, 0.3):
        for three in (False, True):
            errors = np.array([_world(random, icc, three=three) for _ in range(worlds)])
            raw, shrunken = errors.mean(axis=0)
            spread = (errors[:, 1] - shrunken / raw * errors[:, 0]).std(ddof=1)
            regime = f"60 therapists of 5–40, ICC {icc}" + (", in 12 clinics" if three else "")
            found.append(Gain(regime, raw, shrunken, float(spread / raw / np.sqrt(worlds))))
    return tuple(found)


def _world(random: np.random.Generator, icc: float, *, three: bool) -> tuple[float, float]:
    """Return the mean squared errors of one world."""
    clinic = np.repeat(np.arange(12), 5)
    shared = icc / 3 if three else 0.0
    truth = random.normal(0, np.sqrt(shared), 12)[clinic]
    truth = truth + random.normal(0, np.sqrt(icc - shared), 60)
    code = np.repeat(np.arange(60), random.integers(5, 41, 60))
    y = truth[code] + random.normal(0, np.sqrt(1 - icc), len(code))
    if three:
        fit = fit_three_levels(y, code, clinic, np.ones((len(y), 1)))
        raw, estimate = np.bincount(code, y) / np.bincount(code), fit.coefficients[0] + fit.combined
    else:
        frame = pd.DataFrame({"therapist_id": code, "y": y})
        table = therapist_effects(frame, outcome="y", minimum=1).therapists
        raw, estimate = table["mean"].to_numpy(float), table["estimate"].to_numpy(float)
    return float(((raw - truth) ** 2).mean()), float(((estimate - truth) ** 2).mean())
