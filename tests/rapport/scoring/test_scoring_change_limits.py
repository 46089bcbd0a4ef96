"""The edges of what each statistic of change accepts: what is just inside, and just outside."""

import math
from collections.abc import Callable

import numpy as np
import pytest

from rapport.errors import StatisticsError
from rapport.scoring.change import (
    Reference,
    change_index,
    clinical_cut_off,
    effect_sizes,
    group_change,
    important_change,
    paired,
    percentage_change,
)
from rapport.scoring.change.categories import sides_of
from rapport.scoring.change.criteria import ChangePlan, criterion_for
from rapport.scoring.change.indices import critical_value, smallest_reliable_change

SOUND = {"sd_pre": 5.0, "reliability": 0.8}


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("sd_pre", 0.5),
        ("reliability", 0.0),
        ("reliability", 0.999),
        ("reliability_post", 0.0),
        ("reliability_post", 0.999),
        ("correlation", -1.0),
        ("correlation", 1.0),
        ("sd_post", 0.5),
    ],
)
def test_a_reference_accepts_its_whole_range(name: str, inside: float) -> None:
    assert getattr(Reference(**(SOUND | {name: inside})), name) == inside


@pytest.mark.parametrize(
    ("name", "outside"),
    [
        ("sd_pre", 0.0),
        ("sd_pre", math.inf),
        ("sd_pre", math.nan),
        ("reliability", -0.01),
        ("reliability", 1.0),
        ("reliability", math.nan),
        ("reliability_post", -0.01),
        ("reliability_post", 1.0),
        ("correlation", -1.01),
        ("correlation", 1.01),
        ("sd_post", 0.0),
    ],
)
def test_a_reference_refuses_what_is_outside_and_names_it(name: str, outside: float) -> None:
    with pytest.raises(StatisticsError) as told:
        Reference(**(SOUND | {name: outside}))
    (fault,) = told.value.faults
    assert (fault.rule, fault.message) == ("REFERENCE", f"{name} is outside its range.")


def test_differences_that_do_not_vary_have_no_reliability() -> None:
    alike = Reference(sd_pre=5.0, reliability=0.8, sd_post=5.0, correlation=1.0)
    assert math.isnan(alike.reliability_of_change)


def test_a_spread_smaller_than_error_has_no_true_part() -> None:
    reference = Reference(sd_pre=5.0, reliability=0.75)  # SEM is 2.5
    assert reference.true_sd(2.0) == 0
    assert reference.true_sd(2.5) == 0
    assert reference.true_sd(6.5) == 6.0


def test_a_true_change_of_exactly_nothing_has_no_index() -> None:
    # SEM² 6.25; observed variance of differences 12.5 = 2 · SEM²: r_dd is 0 exactly.
    reference = Reference(
        sd_pre=5.0, reliability=0.75, sd_post=5.0, correlation=0.75, mean_pre=20, mean_post=12
    )
    assert reference.reliability_of_change == 0
    with pytest.raises(StatisticsError, match="NO_TRUE_CHANGE"):
        change_index(np.array([20.0]), np.array([12.0]), reference, "HA")


@pytest.mark.parametrize("significance", [0.0, 1.0, -0.1, 1.1, math.nan])
def test_a_risk_is_between_0_and_1(significance: float) -> None:
    with pytest.raises(StatisticsError, match="SIGNIFICANCE"):
        critical_value("JT", significance)


@pytest.mark.parametrize(
    ("method", "significance", "expected"),
    [("JT", 0.1, 1.644853627), ("JT", 0.01, 2.575829304), ("HA", 0.1, 1.281551566)],
)
def test_critical_values_are_normal_quantiles(
    method: str, significance: float, expected: float
) -> None:
    assert critical_value(method, significance) == pytest.approx(expected)  # type: ignore[arg-type]


def test_the_smallest_reliable_change_follows_the_risk_taken() -> None:
    reference = Reference(sd_pre=5, reliability=0.8)
    assert smallest_reliable_change(reference, 0.1) == pytest.approx(1.644853627 * math.sqrt(10))


def test_nunnally_kotsch_takes_one_reliability_for_both_if_only_one_is_given() -> None:
    pre, post = np.array([25.0]), np.array([15.0])
    one = Reference(sd_pre=5, reliability=0.8, mean_pre=20)
    both = Reference(sd_pre=5, reliability=0.8, mean_pre=20, reliability_post=0.8)
    assert change_index(pre, post, one, "NK") == change_index(pre, post, both, "NK")


CUT_OFFS: dict[str, Callable[[], float]] = {
    "a mean without a spread": lambda: clinical_cut_off(
        "a", improvement_sign=1, mean_clinical=10.0
    ),
    "a spread without a mean": lambda: clinical_cut_off("a", improvement_sign=1, sd_clinical=1.0),
    "an infinite mean": lambda: clinical_cut_off(
        "a", improvement_sign=1, mean_clinical=math.inf, sd_clinical=1.0
    ),
    "an infinite spread": lambda: clinical_cut_off(
        "a", improvement_sign=1, mean_clinical=1.0, sd_clinical=math.inf
    ),
    "means alike": lambda: clinical_cut_off(
        "c", improvement_sign=1, mean_clinical=5.0, sd_clinical=1.0, mean_functional=5.0,
        sd_functional=1.0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("cut_off", CUT_OFFS.values(), ids=CUT_OFFS)
def test_half_a_group_gives_no_cut_off(cut_off: Callable[[], float]) -> None:
    with pytest.raises(StatisticsError, match="CUT_OFF"):
        cut_off()


@pytest.mark.parametrize("kind", ["a", "b"])
def test_the_refusal_of_a_cut_off_names_the_group(kind: str) -> None:
    group = {"a": "clinical", "b": "functional"}[kind]
    with pytest.raises(StatisticsError, match=f"of the {group} group"):
        clinical_cut_off(kind, improvement_sign=1)  # type: ignore[arg-type]


def test_small_spreads_and_close_means_are_enough() -> None:
    assert clinical_cut_off(
        "a", improvement_sign=-1, mean_clinical=10.0, sd_clinical=0.5
    ) == 9.0  # fmt: skip
    assert clinical_cut_off(
        "c", improvement_sign=1, mean_clinical=5.0, sd_clinical=0.5, mean_functional=5.5,
        sd_functional=0.5,
    ) == 5.25  # fmt: skip


def test_percentages_count_from_nought_unless_a_floor_is_named() -> None:
    found = percentage_change(np.array([0.5, 0.0]), np.array([0.25, 0.0]), improvement_sign=-1)
    assert found[0] == 50.0
    assert np.isnan(found[1])


def test_small_important_differences_count_and_worsening_has_its_own() -> None:
    pre, post = np.array([1.0, 1.0]), np.array([1.5, 0.5])
    better, worse = important_change(pre, post, improvement_sign=1, smallest=0.5)
    assert (better.tolist(), worse.tolist()) == ([True, False], [False, True])
    with pytest.raises(StatisticsError, match="MID"):
        important_change(pre, post, improvement_sign=1, smallest=0.5, smallest_worsening=0)


def test_two_pairs_are_enough_for_an_effect_size() -> None:
    assert effect_sizes(paired([1.0, 2.0], [1.5, 3.0]), improvement_sign=1).n == 2


def test_moments_of_nobody_and_of_one_person_are_not_numbers() -> None:
    nobody, one = paired([], []), paired([3.0], [5.0])
    assert math.isnan(nobody.mean_pre)
    assert math.isnan(nobody.sd_pre)
    assert (one.mean_pre, one.mean_post) == (3.0, 5.0)
    assert math.isnan(one.sd_change)
    assert math.isnan(one.correlation)


@pytest.mark.filterwarnings("error")
def test_moments_that_do_not_exist_are_no_numbers_without_a_warning() -> None:
    for sample in (paired([], []), paired([3.0], [5.0]), paired([3.0, 3.0], [5.0, 6.0])):
        assert math.isnan(sample.correlation)
    assert math.isnan(paired([3.0], [5.0]).sd_pre)
    assert math.isnan(paired([], []).mean_post)


def test_small_spreads_have_a_correlation() -> None:
    assert paired([1.0, 1.1, 1.2], [2.0, 2.1, 2.0]).correlation == pytest.approx(0, abs=1e-9)


def test_two_people_have_moments() -> None:
    two = paired([1.0, 3.0], [2.0, 6.0])
    assert two.sd_pre == pytest.approx(math.sqrt(2))
    assert two.correlation == pytest.approx(1.0)


@pytest.mark.parametrize("place", ["pre", "post"])
def test_an_infinite_score_is_refused_on_either_side(place: str) -> None:
    scores = {"pre": [1.0, 2.0], "post": [1.0, 2.0]} | {place: [1.0, math.inf]}
    with pytest.raises(StatisticsError, match="infinite"):
        paired(**scores)


def test_a_matrix_is_no_list_of_pairs() -> None:
    with pytest.raises(StatisticsError, match="not in pairs"):
        paired([[1.0]], [[1.0]])


def test_group_level_needs_last_scores_that_are_more_than_error() -> None:
    sample = paired([1.0, 2, 3, 4], [1.0, 3, 2, 5])
    reference = Reference(
        sd_pre=sample.sd_pre, reliability=0.99, sd_post=sample.sd_post,
        correlation=sample.correlation, reliability_post=0.0,
    )  # fmt: skip
    assert reference.reliability_of_change < 0
    with pytest.raises(StatisticsError, match="NO_TRUE_CHANGE"):
        group_change(sample, reference, improvement_sign=1, cut_off=2)
    one = Reference(
        sd_pre=sample.sd_pre, reliability=0.99, sd_post=sample.sd_post,
        correlation=-0.9, reliability_post=0.0,
    )  # fmt: skip
    assert one.reliability_of_change > 0
    with pytest.raises(StatisticsError, match="NO_TRUE_CHANGE"):
        group_change(sample, one, improvement_sign=1, cut_off=2)


def test_group_level_needs_true_variation_of_change_and_of_last_scores() -> None:
    sample = paired([1.0, 2, 3, 4], [1.0, 3, 2, 4])
    loose = Reference(
        sd_pre=sample.sd_pre, reliability=0.1, sd_post=sample.sd_post,
        correlation=sample.correlation,
    )  # fmt: skip
    with pytest.raises(StatisticsError, match="NO_TRUE_CHANGE"):
        group_change(sample, loose, improvement_sign=1)
    firm = Reference(
        sd_pre=sample.sd_pre, reliability=0.98, sd_post=sample.sd_post,
        correlation=sample.correlation,
    )  # fmt: skip
    found = group_change(sample, firm, improvement_sign=1)
    assert (found.n, found.share_functional) == (4, None)
    assert found.share_improved == pytest.approx(0.5)


@pytest.mark.parametrize(("first", "last"), [(22.4, 32.2), (25.9, 35.7), (29.4, 39.2), (1.0, 10.8)])
def test_an_index_of_1_96_exactly_is_not_reliable_whatever_the_scores(
    first: float, last: float
) -> None:
    # SD 5 and reliability .5 make S_diff = 5; 9.8 / 5 = 1.96, not beyond it.
    plan = ChangePlan(improvement_sign=-1, sd=5.0, reliability=0.5, cut_off=1000.0)
    criterion = criterion_for(paired([first, last], [last, first]), plan)
    better, worse = criterion.reliable(np.array([last, first]), np.array([first, last]), -1)
    assert not (better | worse).any()
    better, _ = criterion.reliable(np.array([last + 0.1]), np.array([first]), -1)
    assert better.all()


def test_a_score_on_a_computed_cut_off_is_on_it_despite_the_noise_of_decimals() -> None:
    # 0.1 + 0.2 is 0.30000000000000004: on the cut-off 0.3, and so neither side's.
    on = sides_of(np.array([0.1 + 0.2]), np.array([0.3]), cut_off=0.3, improvement_sign=-1)
    assert not (on.was_clinical | on.was_functional | on.is_clinical | on.is_functional).any()
