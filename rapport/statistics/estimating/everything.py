"""All estimates of a month, from coded frames: what each subject yields, as one table."""

from collections.abc import Iterable, Iterator
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
from rapport.statistics.figures.process import RUPTURE_SDS
from rapport.statistics.pooled import Common
from rapport.statistics.ratings import Held


def estimate_all(
    held: Held, units: Units, forms: Iterable[FormItems], common: Common
) -> pd.DataFrame:
    """Estimate everything.

    Args:
        held: What is held of all clinics.
        units: What the codes stand for.
        forms: Complete forms of the month.
        common: What observations take from all clinics.

    Returns:
        One row an estimate: ``level``, ``unit`` (code; −1 for all clinics together), ``figure``,
        ``n_patients``, ``n_observations``, ``value``, ``low``, ``high``. Without a value: there
        are too few patients for one.
    """
    rated = held.ratings
    patients = _of_patients(rated)
    pairs, changes, outcomes = paired_sessions(rated), held.changes, held.outcomes
    of_all = table(
        chain(
            adjusted_outcomes(changes, outcomes, units),
            differences_of_therapists(pairs),
            scatter_of_clinics(outcomes, units),
            _what_a_fall_is(patients, units, common),
            surfaces(rated, changes, outcomes, units),
        )
    )
    of_units = chain(
        congruence(pairs, units),
        explained(rated, changes, outcomes, units),
        agreements(patients, held.forms, units, common.spread),
        relationship_beside_alliance(patients, held.forms, units),
        mode_contrasts(patients, units),
        consistencies(forms, units),
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


def _of_patients(ratings: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions that the patient rated: session keys, ``therapist``, mode, rating."""
    rated = ratings.loc[
        ratings["by_patient"].notna(), [*SESSION_KEYS, "therapist", "mode", "by_patient"]
    ]
    return rated.rename(columns={"by_patient": "item_mean"})


def _what_a_fall_is(
    patients: pd.DataFrame, units: Units, common: Common
) -> Iterator[dict[str, object]]:
    """Yield the fall from which a session counts as a marked one, in points."""
    if common.spread > 0:
        yield row(
            everybody(units),
            "rupture.drop",
            (RUPTURE_SDS * common.spread, float("nan"), float("nan")),
            patients=int(patients["patient"].nunique()),
            observations=len(patients),
        )
