"""The cut-off between true scores, by Hageman and Arrindell: edges; oracles are beside it."""

import math

import numpy as np
import pytest

from rapport.errors import StatisticsError
from rapport.scoring.change import Reference
from rapport.scoring.change.true_scores import TrueCutOff, true_cut_off

# SEM 2.5; true spread of first scores √(36 − 6.25); r₂ = .75.
REFERENCE = Reference(
    sd_pre=5.0, reliability=0.75, sd_group=6.0, mean_pre=20.0, mean_post=12.0, sd_post=5.0,
    reliability_post=0.75,
)  # fmt: skip
TRUE_FIRST = math.sqrt(36 - 6.25)


def test_the_index_by_hand() -> None:
    # [.75 · (16 − 12) + 12 − 10] / (√.75 · 2.5)
    found = TrueCutOff(value=10.0, reference=REFERENCE, critical=1.645).index(np.array([16.0]))
    assert found[0] == pytest.approx(5 / (math.sqrt(0.75) * 2.5))


@pytest.mark.parametrize("reliability_post", [0.0, None])
def test_last_scores_that_are_error_alone_have_no_index(reliability_post: float | None) -> None:
    reference = Reference(
        sd_pre=5.0, reliability=0.75, mean_pre=20.0, mean_post=12.0,
        sd_post=5.0 if reliability_post == 0 else 2.0, reliability_post=reliability_post,
    )  # fmt: skip
    with pytest.raises(StatisticsError, match="NO_TRUE_CHANGE"):
        TrueCutOff(value=10.0, reference=reference, critical=1.645).index(np.array([16.0]))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("a", 20 - 2 * TRUE_FIRST),
        ("b", 5 + 2 * math.sqrt(6.5**2 - 6.25)),
        ("c", (TRUE_FIRST * 5 + 6.0 * 20) / (TRUE_FIRST + 6.0)),
    ],
)
def test_cut_offs_take_true_spreads(kind: str, expected: float) -> None:
    found = true_cut_off(
        kind, REFERENCE, improvement_sign=-1, mean_functional=5.0, sd_functional=6.5  # type: ignore[arg-type]
    )  # fmt: skip
    assert found == pytest.approx(expected)


def test_only_the_groups_that_a_cut_off_needs_must_have_a_true_spread() -> None:
    lean = Reference(sd_pre=5.0, reliability=0.75, sd_group=2.5, mean_pre=20.0)
    norms = {"mean_functional": 5.0, "sd_functional": 6.5}
    assert true_cut_off("b", lean, improvement_sign=-1, **norms) == 17
    for kind in ("a", "c"):
        with pytest.raises(StatisticsError, match="NO_TRUE_CHANGE"):
            true_cut_off(kind, lean, improvement_sign=-1, **norms)  # type: ignore[arg-type]
    narrow = {"mean_functional": 5.0, "sd_functional": 2.5}
    assert true_cut_off("a", REFERENCE, improvement_sign=-1, **narrow) < 20
    for kind in ("b", "c"):
        with pytest.raises(StatisticsError, match="NO_TRUE_CHANGE"):
            true_cut_off(kind, REFERENCE, improvement_sign=-1, **narrow)  # type: ignore[arg-type]


def test_half_a_point_of_true_spread_is_enough() -> None:
    narrow = {"mean_functional": 5.0, "sd_functional": math.sqrt(6.25 + 0.25)}
    found = true_cut_off("b", REFERENCE, improvement_sign=-1, **narrow)
    assert found == pytest.approx(6.0)


def test_a_cut_off_without_its_norms_is_refused() -> None:
    for kind in ("b", "c"):
        with pytest.raises(StatisticsError, match="CUT_OFF"):
            true_cut_off(kind, REFERENCE, improvement_sign=-1)  # type: ignore[arg-type]


def test_the_first_score_counts_by_the_true_score_alone() -> None:
    # r₁ = 29.75/36; the true first score is r₁(pre − 20) + 20: 20 − 10·r₁ for 10.
    at = 20 - 10 * 29.75 / 36
    cut = TrueCutOff(value=at, reference=REFERENCE, critical=1.645)
    sides = cut.sides(np.array([10.1, 9.9]), np.array([12.0, 12.0]), -1)
    assert sides.was_clinical.tolist() == [True, False]
    assert sides.was_functional.tolist() == [False, True]
    turned = cut.sides(np.array([10.1, 9.9]), np.array([12.0, 12.0]), 1)
    assert turned.was_clinical.tolist() == [False, True]


def test_who_truly_is_at_the_cut_off_is_on_neither_side() -> None:
    cut = TrueCutOff(value=20.0, reference=REFERENCE, critical=1.645)
    sides = cut.sides(np.array([20.0]), np.array([12.0]), -1)
    assert (sides.was_clinical[0], sides.was_functional[0]) == (False, False)
    close = cut.sides(np.array([20.5, 19.5]), np.array([12.0, 12.0]), -1)
    assert close.was_clinical.tolist() == [True, False]
    assert close.was_functional.tolist() == [False, True]


def test_the_last_score_counts_only_beyond_error() -> None:
    cut = TrueCutOff(value=12.0, reference=REFERENCE, critical=1.0)
    # index is .75 · (post − 12) / (√.75 · 2.5): 1 at 12 + 2.5/√.75.
    edge = 2.5 / math.sqrt(0.75)
    post = np.array([12 + edge + 0.01, 12 + edge - 0.01, 12 - edge + 0.01, 12 - edge - 0.01])
    sides = cut.sides(np.full(4, 20.0), post, -1)
    assert sides.is_clinical.tolist() == [True, False, False, False]
    assert sides.is_functional.tolist() == [False, False, False, True]
    exact = TrueCutOff(
        value=12.0, reference=REFERENCE, critical=float(cut.index(np.array([15.0]))[0])
    )
    on_it = exact.sides(np.full(2, 20.0), np.array([15.0, 9.0]), -1)
    assert not (on_it.is_clinical | on_it.is_functional).any()
