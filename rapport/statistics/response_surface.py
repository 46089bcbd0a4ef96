"""Agreement and disagreement of two raters as a surface: is it worse to differ, and in which way?

The outcome is regressed on both ratings, their squares and their product; four sums of coefficients
say how the surface runs where both agree and where they differ. Both ratings are centred on one
common point (the middle of the scale), because "agree" means nothing on two different zeros.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.statistics.clustered_regression import (
    NOTHING,
    ClusteredFit,
    fitted_or_reason,
)
from rapport.statistics.dyads import Coefficient

FEWEST_DYADS = 50
"""Dyads under which no surface is given: ten for each of its five slopes (own convention)."""

FEWEST_APART = 0.1
"""Share of rows on each side of agreement (half a standard deviation off) under which the line of
disagreement would be drawn through empty space."""

_TERMS = ("patient", "therapist", "patient²", "patient × therapist", "therapist²")
_SUMS = {
    "a1": (0, 1, 1, 0, 0, 0),
    "a2": (0, 0, 0, 1, 1, 1),
    "a3": (0, 1, -1, 0, 0, 0),
    "a4": (0, 0, 0, 1, -1, 1),
}


@dataclass(frozen=True)
class ResponseSurface:
    """A surface in four numbers, or the reason why there is none.

    Attributes:
        a1: Slope along agreement (both high against both low) at the common centre, b1 + b2.
        a2: Curvature along agreement, b3 + b4 + b5.
        a3: Slope along disagreement (patient higher against therapist higher), b1 − b2.
        a4: Curvature along disagreement, b3 − b4 + b5; negative: any difference goes with less.
        coefficients: Term → slope, in points of outcome per point (squared) of rating.
        intercept: Outcome where both rate the centre.
        n_dyads, n_rows: What it rests on.
        patient_higher, therapist_higher: Shares of rows where one exceeds the other by half a
            standard deviation (of standardised ratings) or more.
        reason: Why there is no surface, in a sentence; ``None`` if there is one.
    """

    a1: Coefficient
    a2: Coefficient
    a3: Coefficient
    a4: Coefficient
    coefficients: dict[str, Coefficient]
    intercept: Coefficient
    n_dyads: int
    n_rows: int
    patient_higher: float
    therapist_higher: float
    reason: str | None


def response_surface(
    rows: pd.DataFrame, *, centre: float = 3.0, fewest_dyads: int = FEWEST_DYADS
) -> ResponseSurface:
    """Fit the polynomial ``y = b0 + b1 c + b2 t + b3 c² + b4 ct + b5 t²`` and its four sums.

    Args:
        rows: One row a session or a dyad: ``dyad``, ``patient`` and ``therapist`` (ratings on
            one metric, item means), ``outcome``. Rows with a missing number are left out.
        centre: The common point that is taken off both ratings: the middle of the scale.
        fewest_dyads: Dyads that a surface must rest on.

    Returns:
        The surface; standard errors are cluster-robust by dyad (bias-reduced), intervals t with
        Satterthwaite's degrees of freedom. With too few dyads, too little disagreement on one
        side, or ratings that do not vary freely, NaN and a reason.

    Source:
        Edwards & Parry (1993), Acad Manage J 36:1577-1613; a1 to a4 and the half standard
        deviation: Shanock et al. (2010), J Bus Psychol 25:543-554.

    Example:
        >>> nobody = pd.DataFrame(columns=["dyad", "patient", "therapist", "outcome"])
        >>> response_surface(nobody).reason
        'A surface needs 50 dyads; there are 0.'
    """
    columns = ["patient", "therapist", "outcome"]
    used = rows.dropna(subset=["dyad", *columns])
    n_dyads = int(used["dyad"].nunique())
    higher = _apart(used)
    reason = _too_little(n_dyads, fewest_dyads, higher)
    if reason is not None:
        return _surface(None, n_dyads, len(used), higher, reason)
    c, t = (used[rater].to_numpy(float) - centre for rater in ("patient", "therapist"))
    design = np.column_stack([np.ones(len(c)), c, t, c**2, c * t, t**2])
    fit, reason = fitted_or_reason(used["outcome"].to_numpy(float), design, used["dyad"])
    return _surface(fit, n_dyads, len(used), higher, reason)


def _apart(used: pd.DataFrame) -> tuple[float, float]:
    """Return the shares of rows where one standardised rating exceeds the other by half an SD."""
    ratings = used[["patient", "therapist"]].to_numpy(float)
    if not len(ratings):
        return float("nan"), float("nan")
    spread = ratings.std(axis=0)
    if np.any(spread == 0):
        return 0.0, 0.0
    z = (ratings - ratings.mean(axis=0)) / spread
    difference = z[:, 0] - z[:, 1]
    return float((difference >= 0.5).mean()), float((difference <= -0.5).mean())  # noqa: PLR2004 - half a standard deviation


def _too_little(n_dyads: int, fewest: int, higher: tuple[float, float]) -> str | None:
    if n_dyads < fewest:
        return f"A surface needs {fewest} dyads; there are {n_dyads}."
    if min(higher) < FEWEST_APART:
        return "The ratings differ too rarely in one direction for a line of disagreement."
    return None


def _surface(
    fit: ClusteredFit | None,
    n_dyads: int,
    n_rows: int,
    higher: tuple[float, float],
    reason: str | None,
) -> ResponseSurface:
    each = fit.each() if fit is not None else (NOTHING,) * (1 + len(_TERMS))
    sums = {
        name: fit.estimate(*weights) if fit is not None else NOTHING
        for name, weights in _SUMS.items()
    }
    return ResponseSurface(
        **sums,
        coefficients=dict(zip(_TERMS, each[1:], strict=True)),
        intercept=each[0],
        n_dyads=n_dyads,
        n_rows=n_rows,
        patient_higher=higher[0],
        therapist_higher=higher[1],
        reason=reason,
    )
