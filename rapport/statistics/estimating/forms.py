"""How consistently forms were answered: alpha and omega of each form in use, clinic by clinic."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rapport.errors import StatisticsError
from rapport.statistics.coding import Units
from rapport.statistics.consistency import Consistency, consistency
from rapport.statistics.estimating.rows import Scope, row, scopes
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


def consistencies(forms: list[FormItems], units: Units) -> Iterator[dict[str, object]]:
    """Yield alpha and omega of every form, of every clinic and sector with enough of them."""
    names = np.array(units.clinics, dtype=object)
    for one in forms:
        if one.form not in CONSISTENCY_FORMS:
            continue
        for scope in scopes(units):
            is_own = np.isin(one.clinic, names[scope.clinics])
            if int(is_own.sum()) >= FEWEST_FORMS:
                yield from _of_scope(scope, one, is_own)


def _of_scope(
    scope: Scope, one: FormItems, is_own: npt.NDArray[np.bool_]
) -> Iterator[dict[str, object]]:
    found = _computed(one.items[is_own])
    if found is None:
        return
    pairs = set(zip(one.clinic[is_own], one.patient[is_own], strict=True))
    counts = {"patients": len(pairs), "observations": found.n}
    alpha = (found.alpha, found.alpha_low, found.alpha_high)
    yield row(scope, f"alpha.{one.form}", alpha, **counts)
    yield row(scope, f"omega.{one.form}", (found.omega, np.nan, np.nan), **counts)


def _computed(items: npt.NDArray[np.float64]) -> Consistency | None:
    try:
        return consistency(items)
    except StatisticsError:
        return None
