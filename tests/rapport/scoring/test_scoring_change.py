"""Reliable and clinically significant change, held against numbers from elsewhere."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.scoring.change import (
    CATEGORIES,
    METHODS,
    Method,
    Reference,
    categories,
    change_index,
    clinical_cut_off,
    effect_sizes,
    group_change,
    important_change,
    paired,
    percentage_change,
    sides_of,
)
from rapport.scoring.change.categories import Boundary
from rapport.scoring.change.indices import critical_value, smallest_reliable_change

ONE = np.array([47.5]), np.array([32.5])


def test_the_worked_example_of_jacobson_and_truax() -> None:
    # Jacobson & Truax (1991), p. 14: SD 7.5, r .80, 47.5 → 32.5: S_E 3.35, S_diff 4.74, RC −3.16.
    reference = Reference(sd_pre=7.5, reliability=0.80)
    assert reference.standard_error == pytest.approx(3.35, abs=0.005)
    assert reference.standard_error_of_difference == pytest.approx(4.74, abs=0.005)
    assert change_index(*ONE, reference)[0] == pytest.approx(-3.16, abs=0.005)


def test_the_cut_offs_of_jacobson_and_truax() -> None:
    # Same paper: clinical 40 (7.5), functional 60 (7.5): a = 55, b = 45, c = 50; higher is better.
    groups = {
        "improvement_sign": 1, "mean_clinical": 40.0, "sd_clinical": 7.5,
        "mean_functional": 60.0, "sd_functional": 7.5,
    }  # fmt: skip
    found = {kind: clinical_cut_off(kind, **groups) for kind in ("a", "b", "c")}  # type: ignore[arg-type]
    assert found == {"a": 55.0, "b": 45.0, "c": 50.0}


def test_a_published_cut_off_c_with_unequal_spreads() -> None:
    # Claus, Wager & Bonnet (2024), clinicalsignificance, README: BDI-II, cut-off c = 21.02.
    value = clinical_cut_off(
        "c", improvement_sign=-1, mean_clinical=35.48, sd_clinical=8.16,
        mean_functional=7.69, sd_functional=7.52,
    )  # fmt: skip
    assert round(value, 2) == 21.02


def test_the_smallest_reliable_change_has_the_critical_index() -> None:
    # 1.96 · 4.74 = 9.30 points in the example above.
    reference = Reference(sd_pre=7.5, reliability=0.80)
    smallest = smallest_reliable_change(reference)
    assert smallest == pytest.approx(9.30, abs=0.005)
    index = change_index(np.array([0.0]), np.array([smallest]), reference)
    assert index[0] == pytest.approx(critical_value("JT"))


REFERENCE = Reference(
    sd_pre=5.0, reliability=0.8, mean_pre=20.0, mean_post=12.0, sd_post=6.0, correlation=0.5,
    reliability_post=0.75,
)  # fmt: skip

# pre 25, post 15. True pre = .8 · 5 + 20 = 24. SEM² = 25 · .2 = 5.
BY_HAND: dict[Method, float] = {
    "JT": -10 / math.sqrt(10),
    "EN": -9 / math.sqrt(5),
    "GLN": -9 / 3.0,  # 5 · √(1 − .64) = 3
    "HLL": (3 - 4) / 3.0,
    "NK": -9 / math.sqrt(0.64 * 25 * 0.2 + 25 * 0.25),
    # 2 · 5 · 6 · .5 = 30; r_dd = (25 · .8 + 36 · .75 − 30) / (25 + 36 − 30) = 17/31
    "HA": (-10 * 17 / 31 + -8 * 14 / 31) / (math.sqrt(17 / 31) * math.sqrt(10)),
}


@pytest.mark.parametrize("method", METHODS)
def test_each_index_by_its_formula(method: Method) -> None:
    found = change_index(np.array([25.0]), np.array([15.0]), REFERENCE, method)
    assert found[0] == pytest.approx(BY_HAND[method], rel=1e-12)


@pytest.mark.parametrize("method", METHODS)
def test_a_missing_score_has_no_index(method: Method) -> None:
    found = change_index(np.array([25.0, np.nan]), np.array([np.nan, 15.0]), REFERENCE, method)
    assert np.isnan(found).all()


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 60), min_size=3, max_size=12),
    st.floats(0.1, 20),
    st.floats(-50, 50),
)
def test_linear_rescaling_changes_no_index(
    method: Method, scores: list[float], times: float, shift: float
) -> None:
    pre = np.array(scores)
    post = pre[::-1] * 0.7 + 3
    scaled = Reference(
        sd_pre=REFERENCE.sd_pre * times, reliability=0.8, mean_pre=20 * times + shift,
        mean_post=12 * times + shift, sd_post=6 * times, correlation=0.5, reliability_post=0.75,
    )  # fmt: skip
    one = change_index(pre, post, REFERENCE, method)
    other = change_index(pre * times + shift, post * times + shift, scaled, method)
    assert other == pytest.approx(one, rel=1e-7, abs=1e-7)


def test_hageman_and_arrindell_take_one_error_for_both_scores_unless_told_otherwise() -> None:
    # SEM² = 25 · .2 = 5; r₂ = (36 − 5) / 36; r_dd = (20 + 31 − 30) / 31.
    reference = Reference(
        sd_pre=5.0, reliability=0.8, mean_pre=20.0, mean_post=12.0, sd_post=6.0, correlation=0.5
    )
    assert reference.reliability_at_last == pytest.approx(31 / 36)
    assert reference.reliability_of_change == pytest.approx(21 / 31)


def test_hageman_and_arrindell_judge_one_sided() -> None:
    assert critical_value("JT") == 1.96  # as published, not the quantile 1.959964
    assert critical_value("HA") == pytest.approx(1.644853627)


@pytest.mark.parametrize("method", ["EN", "GLN", "HLL", "NK", "HA"])
def test_a_method_says_what_it_lacks(method: Method) -> None:
    with pytest.raises(StatisticsError, match="needs"):
        change_index(*ONE, Reference(sd_pre=7.5, reliability=0.8), method)


def test_every_faulty_figure_is_told_at_once() -> None:
    with pytest.raises(StatisticsError) as told:
        Reference(sd_pre=0, reliability=1.0, correlation=2.0)
    assert len(told.value.faults) == 3


def test_no_hageman_arrindell_where_differences_are_error_alone() -> None:
    reference = Reference(
        sd_pre=5, reliability=0.5, mean_pre=20, mean_post=12, sd_post=5, correlation=0.9
    )
    with pytest.raises(StatisticsError, match="NO_TRUE_CHANGE"):
        change_index(*ONE, reference, "HA")


# ── categories ──────────────────────────────────────────────────────────────────────────────────

# Lower is better, cut-off 10, reliable from 6 points: pre, post → category.
JUDGED = {
    (20, 8): "recovered",
    (20, 12): "improved",
    (9, 2): "improved",          # functional already
    (12, 8): "unchanged",        # crossed without reliable change
    (8, 12): "unchanged",
    (12, 20): "deteriorated",    # clinical already
    (4, 9): "unchanged",
    (8, 20): "harmed",
    (16, 10): "improved",        # exactly on the cut-off is neither
    (10, 2): "improved",
    (10, 17): "deteriorated",
    (4, 10): "deteriorated",
}  # fmt: skip


def judged(pre: float, post: float, sign: int = -1, boundary: Boundary = "neither") -> str | None:
    first, last = np.array([float(pre)]), np.array([float(post)])
    change = sign * (last - first)
    sides = sides_of(first, last, cut_off=sign * -10.0, improvement_sign=sign, boundary=boundary)
    found = categories(
        first, last, is_improved=change >= 6, is_deteriorated=-change >= 6, sides=sides
    )
    return found[0]


def test_a_score_close_to_the_cut_off_is_on_its_side() -> None:
    close = sides_of(np.array([9.5, 10.5]), np.array([10.5, 9.5]), cut_off=10, improvement_sign=-1)
    assert (close.was_clinical.tolist(), close.was_functional.tolist()) == (
        [False, True],
        [True, False],
    )
    assert (close.is_clinical.tolist(), close.is_functional.tolist()) == (
        [True, False],
        [False, True],
    )


@pytest.mark.parametrize("boundary", ["clinical", "functional"])
def test_next_to_the_cut_off_the_boundary_says_nothing(boundary: Boundary) -> None:
    close = sides_of(
        np.array([9.5, 10.5]), np.array([9.5, 10.5]), cut_off=10, improvement_sign=-1,
        boundary=boundary,
    )  # fmt: skip
    assert close.is_clinical.tolist() == [False, True]
    assert close.is_functional.tolist() == [True, False]


def test_nobody_recovers_without_a_cut_off() -> None:
    found = categories(
        np.array([20.0, 5.0]), np.array([5.0, 20.0]), is_improved=np.array([True, False]),
        is_deteriorated=np.array([False, True]), sides=None,
    )  # fmt: skip
    assert found.tolist() == ["improved", "deteriorated"]


@pytest.mark.parametrize(("pair", "category"), JUDGED.items(), ids=map(str, JUDGED))
def test_categories(pair: tuple[float, float], category: str) -> None:
    assert judged(*pair) == category


@pytest.mark.parametrize(("pair", "category"), JUDGED.items(), ids=map(str, JUDGED))
def test_turning_the_scale_round_changes_no_category(
    pair: tuple[float, float], category: str
) -> None:
    assert judged(-pair[0], -pair[1], sign=1) == category


def test_a_published_cut_off_says_what_a_score_on_it_is() -> None:
    assert judged(10, 2, boundary="clinical") == "recovered"
    assert judged(4, 10, boundary="clinical") == "harmed"
    assert judged(16, 10, boundary="functional") == "recovered"
    assert judged(10, 17, boundary="functional") == "harmed"


def test_a_missing_score_has_no_category() -> None:
    assert judged(float("nan"), 8) is None
    assert judged(20, float("nan")) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 27), st.integers(0, 27)), min_size=1, max_size=30))
def test_everybody_is_in_exactly_one_category(pairs: list[tuple[int, int]]) -> None:
    assert all(judged(*pair) in CATEGORIES for pair in pairs)


# ── importance, percentage ──────────────────────────────────────────────────────────────────────


def test_the_minimal_important_difference_itself_counts() -> None:
    pre, post = np.array([20.0, 20, 20, 20]), np.array([15.0, 16, 23, 22])
    better, worse = important_change(
        pre, post, improvement_sign=-1, smallest=5, smallest_worsening=3
    )
    assert better.tolist() == [True, False, False, False]
    assert worse.tolist() == [False, False, True, False]


def test_percentage_is_of_the_start_above_the_floor() -> None:
    pre, post = np.array([30.0, 10.0, np.nan]), np.array([20.0, 5.0, 5.0])
    found = percentage_change(pre, post, improvement_sign=-1, floor=10)
    assert found[0] == 50.0
    assert np.isnan(found[1:]).all()


@pytest.mark.parametrize("smallest", [0.0, -1.0, float("nan")])
def test_a_difference_of_nothing_is_refused(smallest: float) -> None:
    with pytest.raises(StatisticsError, match="MID"):
        important_change(*ONE, improvement_sign=1, smallest=smallest)


# ── effect sizes ────────────────────────────────────────────────────────────────────────────────

# By hand: pre 4,6,8,10 → mean 7, SD √(20/3); post 2,5,5,8 → mean 5, SD √6; change −2,−1,−3,−2,
# mean −2, SD √(2/3). Covariance: (9 + 0 + 0 + 9) / 3 = 6, r = 6 / √40.
SAMPLE = paired([4.0, 6, 8, 10], [2.0, 5, 5, 8])


def test_effect_sizes_by_hand() -> None:
    found = effect_sizes(SAMPLE, improvement_sign=-1)
    r = 6 / math.sqrt(40)
    assert found.correlation == pytest.approx(r)
    assert found.d_z.value == pytest.approx(2 / math.sqrt(2 / 3))
    assert found.d_pre.value == pytest.approx(2 / math.sqrt(20 / 3))
    assert found.d_av.value == pytest.approx(2 / math.sqrt((20 / 3 + 6) / 2))
    assert found.d_rm.value == pytest.approx(2 / math.sqrt(2 / 3) * math.sqrt(2 * (1 - r)))
    assert found.d_pre.corrected == pytest.approx(found.d_pre.value * (1 - 3 / 11))
    d = found.d_pre.value
    error = math.sqrt(2 * (1 - r) / 4 + d**2 / 6)
    assert found.d_pre.standard_error == pytest.approx(error)
    assert found.d_pre.low == pytest.approx(d - 1.959963984540054 * error)
    assert found.d_z.standard_error == pytest.approx(math.sqrt(1 / 4 + found.d_z.value**2 / 6))


def test_the_other_direction_turns_every_effect_round() -> None:
    better, worse = (effect_sizes(SAMPLE, improvement_sign=s) for s in (-1, 1))
    for name in ("d_z", "d_pre", "d_av", "d_rm"):
        assert getattr(better, name).value == -getattr(worse, name).value
        assert getattr(better, name).low == pytest.approx(-getattr(worse, name).high)


@pytest.mark.parametrize(
    ("pre", "post"),
    [([], []), ([1.0], [2.0]), ([5.0, 5, 5], [1.0, 2, 3]), ([1.0, 2, 3], [2.0, 3, 4])],
    ids=["nobody", "one", "no spread at first", "everybody alike"],
)
def test_no_effect_size_without_spread(pre: list[float], post: list[float]) -> None:
    with pytest.raises(StatisticsError, match="NO_SPREAD"):
        effect_sizes(paired(pre, post), improvement_sign=1)


# ── pairs, group level ──────────────────────────────────────────────────────────────────────────


def test_pairs_used_and_dropped_add_up() -> None:
    nan = float("nan")
    sample = paired([1.0, nan, 3, 3, nan, nan, nan, 5], [2.0, 2, nan, nan, nan, nan, nan, 6])
    counts = (sample.n_without_pre, sample.n_without_post, sample.n_without_both)
    assert counts == (1, 2, 3)
    assert sample.n_used + sum(counts) == sample.n_given == 8
    assert sample.is_used.tolist() == [True, *[False] * 6, True]


@pytest.mark.parametrize(("pre", "post"), [([1.0, 2], [1.0]), ([math.inf], [1.0])])
def test_what_is_not_pairs_is_refused(pre: list[float], post: list[float]) -> None:
    with pytest.raises(StatisticsError, match="PAIRS"):
        paired(pre, post)


def test_group_level_change_by_hand() -> None:
    reference = Reference(
        sd_pre=SAMPLE.sd_pre, reliability=0.98, sd_post=SAMPLE.sd_post,
        correlation=SAMPLE.correlation,
    )  # fmt: skip
    # observed variance of differences 2/3; error 2 · 20/3 · .02 = .2667; r_dd = .6
    found = group_change(SAMPLE, reference, improvement_sign=-1, cut_off=6)
    z = 2 / math.sqrt(2 / 3 * 0.6)
    assert found.share_improved == pytest.approx(0.5 * (1 + math.erf(z / math.sqrt(2))))
    z = 1 / math.sqrt(6 - 20 / 3 * 0.02)
    assert found.share_functional == pytest.approx(0.5 * (1 + math.erf(z / math.sqrt(2))))


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("a", {}),
        ("b", {"mean_clinical": 30.0, "sd_clinical": 5.0}),
        ("c", {"mean_clinical": 30.0, "sd_clinical": 5.0}),
        ("a", {"mean_clinical": 30.0, "sd_clinical": 0.0}),
        ("c", {"mean_clinical": 10.0, "sd_clinical": 5.0, "mean_functional": 30.0,
               "sd_functional": 5.0}),
    ],
    ids=["no clinical group", "no functional group", "c without norms", "no spread", "wrong way"],
)  # fmt: skip
def test_a_cut_off_without_its_groups_is_refused(kind: str, more: dict[str, float]) -> None:
    with pytest.raises(StatisticsError, match="CUT_OFF"):
        clinical_cut_off(kind, improvement_sign=-1, **more)  # type: ignore[arg-type]
