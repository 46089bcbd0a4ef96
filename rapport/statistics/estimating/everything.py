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
from rapport.statistics.estimating.scatter import scatter_of_clinics
from rapport.statistics.estimating.two_sides import congruence, paired_sessions
from rapport.statistics.estimating.views import (
    agreements,
    relationship_beside_alliance,
    surfaces,
)
from rapport.statistics.figures import ESTIMATES
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
    rated, changes, outcomes = _rated(totals), coded["changes"], coded["outcomes"]
    of_all = table(
        chain(
            adjusted_outcomes(changes, outcomes, units),
            differences_of_therapists(pairs),
            scatter_of_clinics(coded["outcomes"], units),
            _what_a_fall_is(totals["patient"], units),
            surfaces(rated, changes, outcomes, units),
        )
    )
    of_units = chain(
        congruence(pairs, units),
        explained(rated, _symptoms(coded["scores"]), changes, outcomes, units),
        agreements(totals["patient"], coded["scores"], units),
        relationship_beside_alliance(totals["patient"], coded["scores"], units),
        mode_contrasts(totals["patient"], coded["sessions"], units),
        consistencies(list(forms), units),
    )
    return _in_order([of_all, *of_units])


_LEVELS = ("therapist", "clinic", "sector")


def _in_order(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Put all rows into one order: by level, unit and figure, all clinics together at the end."""
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    numbers = ["value", "low", "high"]
    found[numbers] = found[numbers].replace([np.inf, -np.inf], np.nan)
    level = pd.Index(_LEVELS).get_indexer(pd.Index(found["level"]))
    figure = pd.Index(ESTIMATES).get_indexer(pd.Index(found["figure"]))
    unit = found["unit"].to_numpy(np.int64)
    order = np.lexsort((figure, np.where(unit < 0, np.iinfo(np.int64).max, unit), level))
    return found.iloc[order].reset_index(drop=True)


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
