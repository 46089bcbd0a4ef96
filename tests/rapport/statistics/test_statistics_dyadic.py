"""Consistency, dyads, alliance and outcome, ruptures: against R and by hand."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.alliance_outcome import correlation, within_between
from rapport.statistics.consistency import consistency, one_factor
from rapport.statistics.dyads import dyad_summaries, pooled_correlation, truth_and_bias
from rapport.statistics.ruptures import (
    ChartRule,
    CriterionRule,
    ruptures_by_chart,
    ruptures_by_criterion,
)

Expected = dict[str, list[float]]
Read = Callable[[str], pd.DataFrame]


def test_alpha_is_that_of_psych(expected: Expected, r_data: Read) -> None:
    found = consistency(r_data("items").to_numpy())
    assert found.alpha == pytest.approx(expected["alpha"][0], rel=1e-9)
    assert found.alpha_low < found.alpha < found.alpha_high


def test_loadings_and_omega_are_those_of_factanal(expected: Expected, r_data: Read) -> None:
    items = r_data("items").to_numpy()
    loadings, _ = one_factor(np.corrcoef(items, rowvar=False))
    assert loadings == pytest.approx(expected["loading"], abs=1e-4)
    assert consistency(items).omega == pytest.approx(expected["omega"][0], abs=1e-5)


def test_a_perfect_factor_is_found_again() -> None:
    loadings = np.array([0.9, 0.7, 0.5, 0.3])
    implied = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    assert one_factor(implied)[0] == pytest.approx(loadings, abs=1e-6)


def test_incomplete_administrations_are_left_out(r_data: Read) -> None:
    items = r_data("items").to_numpy(float)
    holed = np.vstack([items, np.where(np.arange(6) == 2, np.nan, 4.0)])
    assert consistency(holed) == consistency(items)


@pytest.mark.parametrize("rows", [0, 1, 2])
def test_too_few_administrations_have_no_consistency(rows: int) -> None:
    found = consistency(np.ones((rows, 4)))
    assert (found.n, found.n_items) == (rows, 4)
    assert math.isnan(found.alpha)


def test_an_item_without_variation_gives_no_consistency() -> None:
    items = np.column_stack([np.arange(10.0), np.arange(10.0), np.ones(10)])
    assert math.isnan(consistency(items).alpha)


def test_one_item_is_refused() -> None:
    with pytest.raises(StatisticsError, match="ONE_ITEM"):
        consistency(np.ones((5, 1)))


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**16), factor=st.floats(0.1, 10), shift=st.floats(-10, 10))
def test_consistency_does_not_depend_on_scale_or_order(
    seed: int, factor: float, shift: float
) -> None:
    random = np.random.default_rng(seed)
    items = random.normal(size=(40, 5)) + random.normal(size=(40, 1))
    plain = consistency(items)
    moved = consistency((items * factor + shift)[::-1, ::-1])
    assert moved.alpha == pytest.approx(plain.alpha, abs=1e-9)
    assert moved.omega == pytest.approx(plain.omega, abs=1e-4)


def test_within_dyad_correlations_are_those_of_r(expected: Expected, r_data: Read) -> None:
    found = dyad_summaries(r_data("dyads"))
    assert found["correlation"].tolist() == pytest.approx(expected["dyad.correlation"], rel=1e-9)
    assert (found["n_sessions"] == 6).all()


def test_the_discrepancy_is_patient_minus_therapist() -> None:
    pairs = pd.DataFrame({"dyad": ["a"] * 2, "patient": [4.0, 5.0], "therapist": [3.0, 3.0]})
    found = dyad_summaries(pairs)
    assert found["discrepancy"].tolist() == [1.5]
    assert found["correlation"].isna().all()


def test_a_rater_who_never_varies_has_no_correlation() -> None:
    pairs = pd.DataFrame({"dyad": ["a"] * 4, "patient": [1.0, 2, 3, 4], "therapist": [3.0] * 4})
    assert dyad_summaries(pairs)["correlation"].isna().all()


def test_pooling_weights_by_sessions_less_three() -> None:
    # z = atanh(.5), atanh(.2); weights 7 and 1.
    found = pooled_correlation(pd.Series([0.5, 0.2, np.nan]), pd.Series([10, 4, 9]))
    z = (7 * math.atanh(0.5) + math.atanh(0.2)) / 8
    assert found.value == pytest.approx(math.tanh(z), rel=1e-12)
    assert found.standard_error == pytest.approx(1 / math.sqrt(8), rel=1e-12)


def test_nothing_to_pool_gives_nothing() -> None:
    assert math.isnan(pooled_correlation(pd.Series([0.4]), pd.Series([3])).value)


def test_truth_and_bias_is_the_mixed_model_of_lme4(expected: Expected, r_data: Read) -> None:
    found = truth_and_bias(r_data("dyads"))
    values, errors = expected["truth.coefficient"], expected["truth.error"]
    assert [found.bias.value, found.tracking.value] == pytest.approx(values, rel=2e-5)
    assert [found.bias.standard_error, found.tracking.standard_error] == pytest.approx(
        errors, rel=2e-5
    )
    assert found.between == pytest.approx(expected["truth.between"][0], rel=2e-5)
    assert (found.n_dyads, found.n_sessions) == (9, 54)


def test_ratings_that_never_change_have_no_tracking() -> None:
    pairs = pd.DataFrame(
        {"dyad": list("aabb"), "patient": [3.0, 3, 4, 4], "therapist": [1.0, 2, 3, 4]}
    )
    with pytest.raises(StatisticsError, match="NO_CHANGE"):
        truth_and_bias(pairs)


def test_within_and_between_effects_are_those_of_lme4(expected: Expected, r_data: Read) -> None:
    sessions = r_data("dyads").rename(columns={"dyad": "patient", "patient": "alliance"})
    found = within_between(sessions)
    effects = [found.within, found.between, found.session]
    assert [one.value for one in effects] == pytest.approx(
        expected["lagged.coefficient"][1:], rel=2e-5
    )
    assert [one.standard_error for one in effects] == pytest.approx(
        expected["lagged.error"][1:], rel=2e-5
    )
    assert (found.n_patients, found.n_pairs) == (9, 45)


def test_a_session_that_stands_twice_is_refused() -> None:
    sessions = pd.DataFrame(
        {"patient": ["a", "a"], "session": [1, 1], "alliance": [1.0, 2.0], "outcome": [1.0, 2.0]}
    )
    with pytest.raises(StatisticsError, match="SESSIONS"):
        within_between(sessions)


def test_a_missed_session_breaks_the_lag(r_data: Read) -> None:
    sessions = r_data("dyads").rename(columns={"dyad": "patient", "patient": "alliance"})
    holed = sessions[sessions["session"] != 3]
    assert within_between(holed).n_pairs == 9 * 3


def test_the_correlation_and_its_interval_are_those_of_r(expected: Expected, r_data: Read) -> None:
    dyads = r_data("dyads")
    found = correlation(dyads["patient"], dyads["outcome"])
    assert [found.r, found.low, found.high] == pytest.approx(expected["correlation"], rel=1e-9)


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_too_few_rows_have_no_correlation(n: int) -> None:
    assert math.isnan(correlation(pd.Series(np.arange(n)), pd.Series(np.arange(n))).r)


def _course(*scores: float, patient: str = "a") -> pd.DataFrame:
    return pd.DataFrame({"patient": patient, "session": range(1, len(scores) + 1), "score": scores})


@pytest.mark.parametrize(
    ("scores", "state"),
    [
        ((50, 40, 45, 50), "repaired"),
        ((50, 40, 42, 44, 45, 50), "unrepaired"),
        ((50, 40, 42), "open"),
        ((50, 40), "open"),
        ((50, 41, 42, 44), None),
    ],
)
def test_a_fall_is_repaired_unrepaired_or_still_open(
    scores: tuple[float, ...], state: str | None
) -> None:
    found = ruptures_by_criterion(_course(*scores), CriterionRule(drop=10, window=3))
    assert found["state"].tolist() == ([] if state is None else [state])
    assert found["session"].tolist() == ([] if state is None else [2])


def test_a_tolerance_counts_nearly_back_as_back() -> None:
    rule = CriterionRule(drop=10, window=2, tolerance=2)
    assert ruptures_by_criterion(_course(50, 40, 48, 41), rule)["state"].tolist() == ["repaired"]


@pytest.mark.parametrize(("before", "after"), [(49, 43), (45, 39), (37, 31)])
def test_a_fall_of_exactly_the_threshold_is_one_also_in_means_of_items(
    before: int, after: int
) -> None:
    # Six points of a form of twelve items are half a point of its item mean; as floats,
    # 49/12 − 43/12 is 0.4999999999999996.
    course = _course(before / 12, after / 12, (before - 1) / 12)
    found = ruptures_by_criterion(course, CriterionRule(drop=0.5, window=1, tolerance=1 / 12))
    assert found["state"].tolist() == ["repaired"]


def test_one_patient_does_not_repair_another() -> None:
    courses = pd.concat([_course(50, 40), _course(60, 60, 60, patient="b")])
    found = ruptures_by_criterion(courses, CriterionRule(drop=10))
    assert found[["patient", "state"]].to_numpy().tolist() == [["a", "open"]]


def test_the_chart_rule_marks_scores_below_the_patients_own_limit() -> None:
    # Mean 48, moving ranges 2, 2, 2, 2, 18, 18, 2, 2 (mean 6): limit 48 − 2 · 6/1.128 = 37.4.
    scores = (50, 48, 50, 48, 50, 32, 50, 52, 52)
    found = ruptures_by_chart(_course(*scores), ChartRule(sigmas=2.0))
    assert found[["session", "fall", "state"]].to_numpy().tolist() == [[6, 16.0, "repaired"]]


def test_with_few_sessions_the_chart_rule_marks_nothing() -> None:
    assert ruptures_by_chart(_course(50, 10, 50), ChartRule(fewest=6)).empty


@pytest.mark.parametrize(
    "rule", [CriterionRule(0), CriterionRule(1, window=0), CriterionRule(1, tolerance=-1)]
)
def test_a_rule_out_of_range_is_refused(rule: CriterionRule) -> None:
    with pytest.raises(StatisticsError, match="RUPTURE_RULE"):
        ruptures_by_criterion(_course(1, 2), rule)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.integers(12, 60), min_size=0, max_size=15), st.integers(1, 9), st.integers(-20, 20)
)
def test_ruptures_do_not_depend_on_the_unit(scores: list[int], factor: int, shift: int) -> None:
    plain = ruptures_by_criterion(_course(*map(float, scores)), CriterionRule(drop=8))
    moved = ruptures_by_criterion(
        _course(*(float(score * factor + shift) for score in scores)),
        CriterionRule(drop=8 * factor),
    )
    pd.testing.assert_frame_equal(plain.drop(columns="fall"), moved.drop(columns="fall"))
