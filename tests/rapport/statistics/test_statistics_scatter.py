"""How much more the clinics of a sector scatter than chance, by hand and in quiet worlds."""

import numpy as np
import pandas as pd
import pytest

from rapport.months import Month
from rapport.statistics.coding import Units
from rapport.statistics.estimating.scatter import scatter_of_clinics


def _units(clinics: int) -> Units:
    return Units(
        clinics=tuple(f"c{one:02d}" for one in range(clinics)),
        sectors=("public",),
        sector_of_clinic=np.zeros(clinics, np.int64),
        therapists=(),
        clinic_of_therapist=np.zeros(0, np.int64),
        months=(Month(2026, 2),),
        bands=np.zeros((clinics, 3), np.int64),
    )


def _outcomes(hits: list[int], sizes: list[int]) -> pd.DataFrame:
    clinic = np.repeat(np.arange(len(sizes)), sizes)
    holds = np.concatenate([np.arange(n) < k for k, n in zip(hits, sizes, strict=True)])
    return pd.DataFrame(
        {
            "clinic": clinic,
            "therapist": clinic,
            "patient": np.arange(len(clinic)),
            "when": 0,
            "is_finished": True,
            "is_case_at_start": pd.array([True] * len(clinic), dtype="boolean"),
            "is_paired": True,
            "is_recovered": holds,
            "is_reliably_improved": holds,
            "is_reliably_recovered": holds,
            "is_reliably_deteriorated": False,
        }
    )


def _scatter(hits: list[int], sizes: list[int]) -> dict[str, float]:
    found = scatter_of_clinics(_outcomes(hits, sizes), _units(len(sizes)))
    return {str(one["figure"]): float(str(one["value"])) for one in found}


def test_scatter_is_the_mean_square_of_winsorised_distances() -> None:
    """Shares .3 .4 .5 .6 .7 of 100 each: z = -4, -2, 0, 2, 4, drawn in to ±3.2: φ = 5.696."""
    found = _scatter([30, 40, 50, 60, 70], [100] * 5)
    assert found["scatter.recovery"] == pytest.approx((3.2**2 * 2 + 2**2 * 2) / 5)


def test_a_share_that_nobody_or_everybody_has_no_scatter() -> None:
    assert "scatter.reliable_deterioration" not in _scatter([30, 40, 50, 60, 70], [100] * 5)


def test_fewer_than_five_clinics_of_ten_episodes_say_nothing() -> None:
    assert _scatter([50] * 4, [100] * 4) == {}
    assert _scatter([50, 50, 50, 50, 4], [100, 100, 100, 100, 9]) == {}


def test_clinics_that_differ_by_chance_alone_scatter_by_less_than_one() -> None:
    """Of twenty clinics .66 on average: normal z drawn in at a tenth (.70), a target estimated."""
    random = np.random.default_rng(8)
    found = [
        _scatter(random.binomial(60, 0.5, 20).tolist(), [60] * 20)["scatter.recovery"]
        for _ in range(150)
    ]
    assert float(np.mean(found)) == pytest.approx(0.66, abs=0.08)
