"""How consistently forms were answered: alpha and omega of each form in use, clinic by clinic."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.statistics.batches import joint_codes, sums_by, sums_of_products
from rapport.statistics.coding import Codes, Units
from rapport.statistics.consistency import Consistencies, consistencies_by, consistencies_of
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


def consistencies(forms: Iterable[FormItems], units: Units) -> Iterator[pd.DataFrame]:
    """Yield alpha and omega of every form, of every clinic and sector that has any.

    With fewer than :data:`FEWEST_FORMS` a row is without a number: too few to say. Where answers
    never vary there is no row.

    Args:
        forms: One kind of form may come in parts, the forms of one clinic together: of a part no
            more is kept than sums. Answers that are whole numbers are added up without rounding,
            so that it does not matter how they are parted.
        units: What the codes stand for.
    """
    names = pd.Index(units.clinics)
    clinics, sectors = tiers(units)
    sums: dict[str, Sums] = {}
    for one in forms:
        if one.form not in CONSISTENCY_FORMS or one.items.shape[1] < 2:  # noqa: PLR2004 - a scale
            continue
        rows = _rows(one, names)
        known = (rows["clinic"] >= 0).to_numpy()
        rows, items = rows[known], one.items[known]
        yield from _of_clinics(clinics, one.form, items, rows)
        so_far = sums.get(one.form) or Sums.nothing(sectors.n_units, items.shape[1])
        sums[one.form] = so_far.plus(items, sectors.unit_of(rows), sectors.count(rows))
    for form, whole in sums.items():
        found = consistencies_of(whole.n, whole.covariance)
        yield from _told(sectors, form, found, whole.patients)


@dataclass(frozen=True)
class Sums:
    """What the consistency of many forms is computed from.

    Attributes:
        n: Forms of each unit, shape (m,).
        patients: Patients of each.
        totals: Sums of the answers, shape (m, items).
        products: Sums of their products, shape (m, items, items).
    """

    n: Codes
    patients: Codes
    totals: npt.NDArray[np.float64]
    products: npt.NDArray[np.float64]

    @classmethod
    def nothing(cls, n_units: int, n_items: int) -> "Sums":
        """Return the sums of no forms."""
        none = np.zeros(n_units, dtype=np.int64)
        square = np.zeros((n_units, n_items, n_items))
        return cls(none, none, square[:, 0], square)

    def plus(self, items: npt.NDArray[np.float64], unit: Codes, patients: Codes) -> "Sums":
        """Return the sums with more forms.

        Args:
            items: Answers, shape (forms, items).
            unit: Unit of each form, shape (forms,).
            patients: Patients of each unit who are not counted yet, shape (m,).
        """
        m = len(self.n)
        products, _ = sums_of_products(items, np.zeros(len(items)), unit, m)
        return Sums(
            self.n + np.bincount(unit, minlength=m),
            self.patients + patients,
            self.totals + sums_by(items, unit, m),
            self.products + products,
        )

    @property
    def covariance(self) -> npt.NDArray[np.float64]:
        """Covariance of the answers, shape (m, items, items); 0 where one never varies."""
        n = self.n.astype(float)[:, np.newaxis, np.newaxis]
        squares = n * self.products
        apart = squares - self.totals[:, :, np.newaxis] * self.totals[:, np.newaxis, :]
        varies = np.einsum("mii->mi", apart) > _ROUNDING * np.einsum("mii->mi", squares)
        apart = np.where(varies[:, :, np.newaxis] & varies[:, np.newaxis, :], apart, 0.0)
        return np.asarray(apart / np.maximum(n * (n - 1), 1.0))


_ROUNDING = 1e-12
"""A variance below this share of the mean square is rounding."""


def _rows(one: FormItems, names: pd.Index) -> pd.DataFrame:
    clinic = names.get_indexer(pd.Index(one.clinic))
    person = pd.factorize(one.patient)[0]
    _, patient = joint_codes([clinic, person])
    return pd.DataFrame({"clinic": clinic, "patient": patient})


def _of_clinics(
    tier: Tier, form: str, items: npt.NDArray[np.float64], rows: pd.DataFrame
) -> Iterator[pd.DataFrame]:
    unit = tier.unit_of(rows)
    is_enough = np.bincount(unit, minlength=tier.n_units) >= FEWEST_FORMS
    kept = is_enough[unit]
    found = consistencies_by(items[kept], unit[kept], tier.n_units)
    yield from _told(tier, form, found, tier.count(rows))


def _told(tier: Tier, form: str, found: Consistencies, patients: Codes) -> Iterator[pd.DataFrame]:
    is_few = (patients > 0) & (found.n < FEWEST_FORMS)
    counts = {"patients": patients, "observations": found.n}
    nothing = np.full(tier.n_units, np.nan)
    for name, estimate in (
        ("alpha", (found.alpha, found.alpha_low, found.alpha_high)),
        ("omega", (found.omega, nothing, nothing)),
    ):
        value, low, high = (np.where(is_few, np.nan, one) for one in estimate)
        is_told = is_few | ~np.isnan(value)
        yield tier.rows(f"{name}.{form}", is_told, (value, low, high), **counts)
