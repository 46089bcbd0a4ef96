"""Both sides of the alliance over sessions: bias, tracking and correlation within dyads."""

import math
from collections.abc import Iterator

import pandas as pd

from rapport.errors import StatisticsError
from rapport.statistics.blocks import SESSION_KEYS
from rapport.statistics.coding import Units
from rapport.statistics.dyads import (
    Congruence,
    dyad_summaries,
    pooled_correlation,
    truth_and_bias,
)
from rapport.statistics.estimating.rows import row, scopes

FEWEST_DYADS = 10
"""Dyads that an estimate of a clinic or sector rests on at least."""


def paired_sessions(totals: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the sessions rated by both.

    Args:
        totals: Rater → scored alliance totals.

    Returns:
        Session keys, ``therapist`` (code), ``dyad`` (code), ``by_patient`` and ``by_therapist``
        (item means), ``difference`` (patient minus therapist).
    """
    ours = totals["therapist"].drop(columns="therapist")
    pairs = totals["patient"].merge(
        ours, on=SESSION_KEYS, suffixes=("", "_by_therapist"), validate="one_to_one"
    )
    pairs = pairs.rename(
        columns={"item_mean": "by_patient", "item_mean_by_therapist": "by_therapist"}
    )
    return pairs.assign(
        dyad=pairs.groupby(["patient", "therapist"]).ngroup(),
        difference=pairs["by_patient"] - pairs["by_therapist"],
    )


def congruence(pairs: pd.DataFrame, units: Units) -> Iterator[dict[str, object]]:
    """Yield bias, tracking and correlation of every clinic and sector."""
    for scope in scopes(units):
        own = scope.of(pairs)
        if own["dyad"].nunique() < FEWEST_DYADS:
            continue
        patients = int(own["patient"].nunique())
        sides = own[["dyad"]].assign(patient=own["by_patient"], therapist=own["by_therapist"])
        fitted = _fitted(sides)
        if fitted is not None:
            for name, estimate in (("bias", fitted.bias), ("tracking", fitted.tracking)):
                yield row(
                    scope,
                    f"congruence.{name}",
                    estimate,
                    patients=patients,
                    observations=fitted.n_sessions,
                )
        dyads = dyad_summaries(sides)
        pooled = pooled_correlation(dyads["correlation"], dyads["n_sessions"])
        if not math.isnan(pooled.value):
            used = dyads["correlation"].notna()
            yield row(
                scope,
                "congruence.correlation",
                pooled,
                patients=patients,
                observations=int(dyads.loc[used, "n_sessions"].sum()),
            )


def _fitted(sides: pd.DataFrame) -> Congruence | None:
    try:
        return truth_and_bias(sides)
    except StatisticsError:
        return None
