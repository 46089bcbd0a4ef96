"""How consistently forms were answered: alpha and omega of each form in use, clinic by clinic."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.coding import Units
from rapport.statistics.consistency import consistencies_by
from rapport.statistics.estimating.tiers import Tier, tiers
from rapport.statistics.figures.estimates import CONSISTENCY_FORMS, FEWEST_FORMS


@dataclass(frozen=True)
class FormItems:
    """Complete forms of one instrument and rater, items oriented alike.

    Attributes:
        form: Key, such as ``wai-sr.patient``.
        clinic: Id of the clinic of each form, shape (n,).
        patient: Id of the patient of each, shape (n,).
        items: Answers with reversed items turned round, shape (n, items), no NaN.
    """

    form: str
    clinic: npt.NDArray[np.object_]
    patient: npt.NDArray[np.object_]
    items: npt.NDArray[np.float64]


def consistencies(forms: list[FormItems], units: Units) -> Iterator[pd.DataFrame]:
    """Yield alpha and omega of every form, of every clinic and sector with enough of them."""
    names = pd.Index(units.clinics)
    for one in forms:
        if one.form not in CONSISTENCY_FORMS or one.items.shape[1] < 2:  # noqa: PLR2004 - a scale
            continue
        patient, _ = pd.factorize(pd.MultiIndex.from_arrays([one.clinic, one.patient]))
        rows = pd.DataFrame({"clinic": names.get_indexer(pd.Index(one.clinic)), "patient": patient})
        known = (rows["clinic"] >= 0).to_numpy()
        for tier in tiers(units):
            yield from _of_tier(tier, one.form, one.items[known], rows[known])


def _of_tier(
    tier: Tier, form: str, items: npt.NDArray[np.float64], rows: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    unit = tier.unit_of(rows)
    is_enough = np.bincount(unit, minlength=tier.n_units) >= FEWEST_FORMS
    kept = is_enough[unit]
    found = consistencies_by(items[kept], unit[kept], tier.n_units)
    counts = {"patients": tier.count(rows), "observations": found.n}
    alpha = (found.alpha, found.alpha_low, found.alpha_high)
    yield tier.rows(f"alpha.{form}", is_enough, alpha, **counts)
    nothing = np.full(tier.n_units, np.nan)
    yield tier.rows(f"omega.{form}", is_enough, (found.omega, nothing, nothing), **counts)
