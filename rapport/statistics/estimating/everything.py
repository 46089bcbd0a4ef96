"""All estimates of a month, from coded frames: what each subject yields, as one table."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
import pandas as pd

from rapport.statistics.blocks import SESSION_KEYS
from rapport.statistics.coding import Units
from rapport.statistics.estimating.explaining import explained
from rapport.statistics.estimating.forms import FormItems, consistencies
from rapport.statistics.estimating.modes import mode_contrasts
from rapport.statistics.estimating.outcomes import adjusted_outcomes, differences_of_therapists
from rapport.statistics.estimating.rows import everybody, row, table
from rapport.statistics.estimating.two_sides import congruence, paired_sessions
from rapport.statistics.estimating.views import (
    agreements,
    relationship_beside_alliance,
    surfaces,
)
from rapport.statistics.figures.dyad_estimates import EXPLAINED_MEASURE
from rapport.statistics.figures.process import RUPTURE_SDS
from rapport.statistics.observations import alliance_scores, totals_of
from rapport.statistics.process_observations import within_spread


def estimate_all(
    coded: dict[str, pd.DataFrame], units: Units, forms: Sequence[FormItems]
) -> pd.DataFrame:
    """Estimate everything.

    Args:
        coded: ``scores``, ``sessions``, ``outcomes`` and ``changes`` as coded by
            :func:`rapport.statistics.coding.encode`; scores hold the PHQ-9's totals too.
        units: What the codes stand for.
        forms: Complete forms of the month.

    Returns:
        One row an estimate: ``level``, ``unit`` (code; −1 for all clinics together), ``figure``,
        ``n_patients``, ``n_observations``, ``value``, ``low``, ``high``. Without a value: there
        are too few patients for one.
    """
    scores = alliance_scores(coded["scores"])
    totals = {rater: totals_of(rows) for rater, rows in scores.items()}
    pairs = paired_sessions(totals)
    return table(
        chain(
            adjusted_outcomes(coded["changes"], coded["outcomes"], units),
            differences_of_therapists(pairs),
            _what_a_fall_is(totals["patient"], units),
            congruence(pairs, units),
            explained(
                _rated(totals),
                _symptoms(coded["scores"]),
                coded["changes"],
                coded["outcomes"],
                units,
            ),
            surfaces(_rated(totals), coded["changes"], coded["outcomes"], units),
            agreements(totals["patient"], coded["scores"], units),
            relationship_beside_alliance(totals["patient"], coded["scores"], units),
            mode_contrasts(totals["patient"], coded["sessions"], units),
            consistencies(list(forms), units),
        )
    )


def _rated(totals: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every session that either side rated, with both ratings."""
    patients = totals["patient"].rename(columns={"item_mean": "by_patient"})
    therapists = totals["therapist"].rename(columns={"item_mean": "by_therapist"})
    return patients.merge(
        therapists.drop(columns="therapist"), on=SESSION_KEYS, how="outer", validate="one_to_one"
    )


def _symptoms(scores: pd.DataFrame) -> pd.DataFrame:
    chosen = (scores["instrument"] == EXPLAINED_MEASURE) & (scores["scale"] == "total")
    chosen &= (scores["rater"] == "patient") & scores["score"].notna()
    return scores.loc[chosen, [*SESSION_KEYS, "score"]]


def _what_a_fall_is(patients: pd.DataFrame, units: Units) -> Iterator[dict[str, object]]:
    """Yield the fall from which a session counts as a marked one, in points."""
    course = patients.groupby(["clinic", "patient", "episode"]).ngroup().to_numpy(np.int64)
    spread = within_spread(patients["item_mean"].to_numpy(float), course)
    if spread > 0:
        yield row(
            everybody(units),
            "rupture.drop",
            (RUPTURE_SDS * spread, float("nan"), float("nan")),
            patients=int(patients["patient"].nunique()),
            observations=len(patients),
        )
