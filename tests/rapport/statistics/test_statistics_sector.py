"""Public against private: against formulas in R, and against confounding of known size."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.sector_comparison import (
    CAVEAT,
    Kind,
    Standardised,
    standardised_by_model,
    standardised_by_strata,
)

Expected = dict[str, list[float]]
Read = Callable[[str], pd.DataFrame]


def _numbers(found: Standardised) -> list[list[float]]:
    return [[one.value.value, one.value.standard_error] for one in (found.first, found.second)]


def test_strata_give_the_means_and_errors_of_the_formula(relations: Expected, r_data: Read) -> None:
    found = standardised_by_strata(r_data("sectors"), outcome="outcome", covariates=("employed",))
    private, public = _numbers(found)
    assert private == pytest.approx(relations["strata.private"], rel=1e-9)
    assert public == pytest.approx(relations["strata.public"], rel=1e-9)
    assert (found.first.sector, found.second.sector) == ("private", "public")
    assert (found.n_strata, found.share_comparable, found.caveat) == (10, 1.0, CAVEAT)


@pytest.mark.parametrize(("kind", "outcome"), [("mean", "outcome"), ("share", "recovered")])
def test_models_give_the_averages_and_errors_of_glm_and_sandwich(
    relations: Expected, r_data: Read, kind: Kind, outcome: str
) -> None:
    found = standardised_by_model(
        r_data("sectors"), outcome=outcome, kind=kind, covariates=("employed",)
    )
    private, public = _numbers(found)
    assert private == pytest.approx(relations[f"model.{kind}.private"], rel=1e-8)
    assert public == pytest.approx(relations[f"model.{kind}.public"], rel=1e-8)
    assert found.adjusted_for == ("severity", "employed")


def test_the_difference_has_the_error_of_two_independent_sectors(r_data: Read) -> None:
    found = standardised_by_strata(r_data("sectors"), outcome="outcome")
    (first, first_error), (second, second_error) = _numbers(found)
    assert found.difference.value == pytest.approx(first - second, rel=1e-12)
    assert found.difference.standard_error == pytest.approx(math.hypot(first_error, second_error))


def _confounded(random: np.random.Generator, effect: float = 0.0) -> pd.DataFrame:
    """Public clinics see severer patients; the outcome depends on severity and the effect."""
    therapist = np.repeat(np.arange(40), 40)
    is_public = therapist < 20
    severity = random.normal(np.where(is_public, 16, 13), 4)
    outcome = 0.5 * severity + effect * is_public + random.normal(0, 2, len(therapist))
    return pd.DataFrame(
        {
            "sector": np.where(is_public, "public", "private"),
            "therapist_id": therapist,
            "severity": severity,
            "outcome": outcome + random.normal(0, 0.3, 40)[therapist],
        }
    )


def test_a_difference_that_is_case_mix_disappears_and_a_real_one_stays() -> None:
    random = np.random.default_rng(7)
    for effect in (0.0, -1.0):
        world = _confounded(random, effect)
        bare = world.groupby("sector")["outcome"].mean()
        assert bare["private"] - bare["public"] < -effect - 1
        model = standardised_by_model(world, outcome="outcome", kind="mean").difference
        assert model.low < -effect < model.high
        strata = standardised_by_strata(world, outcome="outcome", n_bands=10).difference
        assert strata.value == pytest.approx(-effect, abs=0.4)


def test_too_few_therapists_of_one_sector_give_a_reason_and_no_number(r_data: Read) -> None:
    few = r_data("sectors").query("sector == 'public' or therapist_id <= 't04'")
    for found in (
        standardised_by_strata(few, outcome="outcome"),
        standardised_by_model(few, outcome="outcome", kind="mean"),
    ):
        assert found.reason == "A comparison needs 5 therapists or clinics in each sector."
        assert math.isnan(found.difference.value)
        assert math.isnan(found.first.value.value)


def test_sectors_whose_patients_do_not_overlap_are_not_compared(r_data: Read) -> None:
    sectors = r_data("sectors")
    apart = sectors.assign(severity=sectors["severity"] + 100 * (sectors["sector"] == "public"))
    found = standardised_by_strata(apart, outcome="outcome")
    assert found.reason is not None
    assert "overlap" in found.reason
    assert found.share_comparable < 0.8


def test_too_few_patients_for_the_model_give_a_reason(r_data: Read) -> None:
    few = r_data("sectors").groupby("therapist_id").head(1)
    found = standardised_by_model(few, outcome="outcome", kind="mean", covariates=("employed",))
    assert found.reason == "The model needs 30 patients in each sector."


def test_outcomes_that_a_covariate_tells_apart_have_no_model(r_data: Read) -> None:
    sectors = r_data("sectors")
    parted = sectors.assign(recovered=(sectors["severity"] > 15).astype(int))
    found = standardised_by_model(parted, outcome="recovered", kind="share")
    assert found.reason is not None
    assert "no solution" in found.reason


def test_nobody_recovered_has_no_model(r_data: Read) -> None:
    found = standardised_by_model(
        r_data("sectors").assign(recovered=0), outcome="recovered", kind="share"
    )
    assert found.reason is not None
    assert math.isnan(found.second.value.value)


def test_a_covariate_that_never_varies_in_a_sector_has_no_model(r_data: Read) -> None:
    sectors = r_data("sectors")
    fixed = sectors.assign(age=np.where(sectors["sector"] == "public", 40.0, sectors["severity"]))
    found = standardised_by_model(fixed, outcome="outcome", kind="mean", covariates=("age",))
    assert found.reason is not None
    assert "does not vary" in found.reason


def test_an_outcome_that_never_varies_has_a_mean_and_no_interval(r_data: Read) -> None:
    found = standardised_by_strata(r_data("sectors").assign(outcome=3.0), outcome="outcome")
    assert found.first.value.value == pytest.approx(3.0)
    assert math.isnan(found.first.value.low)


@pytest.mark.parametrize("kept", [["public"], [], ["public", "private", "other"]])
def test_a_comparison_has_two_sides(r_data: Read, kept: list[str]) -> None:
    sectors = r_data("sectors")
    named = sectors.assign(sector=np.where(sectors.index % 3 == 0, "other", sectors["sector"]))
    with pytest.raises(StatisticsError, match="TWO_SECTORS"):
        standardised_by_strata(named[named["sector"].isin(kept)], outcome="outcome")


def test_a_share_of_other_numbers_is_refused(r_data: Read) -> None:
    with pytest.raises(StatisticsError, match="SHARE"):
        standardised_by_model(r_data("sectors"), outcome="outcome", kind="share")


def test_two_patients_are_no_comparison(r_data: Read) -> None:
    sectors = r_data("sectors")
    two = pd.concat([sectors[sectors["sector"] == name].head(1) for name in ("public", "private")])
    assert standardised_by_strata(two, outcome="outcome").reason is not None
    assert standardised_by_model(two, outcome="outcome", kind="mean").reason is not None


def test_patients_without_a_number_are_counted_and_left_out(r_data: Read) -> None:
    sectors = r_data("sectors")
    holed = sectors.assign(severity=sectors["severity"].mask(sectors.index < 7))
    found = standardised_by_strata(holed, outcome="outcome")
    assert (found.n_patients, found.n_left_out) == (893, 7)


@settings(max_examples=15, deadline=None)
@given(factor=st.floats(0.1, 20), shift=st.floats(-50, 50), seed=st.integers(0, 2**16))
def test_rescaling_flipping_and_permuting_carry_through(
    factor: float, shift: float, seed: int
) -> None:
    world = _confounded(np.random.default_rng(seed))
    moved = world.assign(outcome=shift - factor * world["outcome"]).sample(frac=1, random_state=1)
    pairs = [
        [standardised_by_strata(frame, outcome="outcome") for frame in (world, moved)],
        [standardised_by_model(frame, outcome="outcome", kind="mean") for frame in (world, moved)],
    ]
    for plain, other in pairs:
        assert other.difference.value == pytest.approx(
            -factor * plain.difference.value, rel=1e-6, abs=1e-7 * max(factor, 1)
        )
        assert other.difference.low == pytest.approx(-factor * plain.difference.high, rel=1e-6)
        assert other.first.value.value == pytest.approx(
            shift - factor * plain.first.value.value, rel=1e-6, abs=1e-6
        )
