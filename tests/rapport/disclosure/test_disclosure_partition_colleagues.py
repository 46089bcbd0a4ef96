"""Hidden parts that are people: what each of them learns of the others by taking herself out."""

from dataclasses import replace

import numpy as np
import pytest

from tests.rapport.disclosure.small_partitions import (
    OTHER_SHARE,
    SHARE,
    Column,
    family,
    from_colleagues,
)


def test_a_colleague_may_not_be_small_in_any_figure() -> None:
    large: Column = ((9, 8, 20), (3, 3, 10))
    one_small: Column = ((9, 4, 20), (3, 1, 10))
    assert from_colleagues(family({SHARE: large, OTHER_SHARE: large}), 1, 1, 0)
    assert not from_colleagues(family({SHARE: large, OTHER_SHARE: one_small}), 1, 1, 0)


def test_a_hidden_part_is_no_colleague_of_itself() -> None:
    assert not from_colleagues(family({SHARE: ((9, 20, 20), (3, 10, 10))}), 1, 0, 0)


def test_three_hidden_parts_are_a_crowd_to_each_of_them_in_every_figure() -> None:
    many: Column = ((6, 6, 6), (3, 3, 3))
    few: Column = ((3, 2, 2), (1, 1, 1))  # without the first, four
    assert from_colleagues(family({SHARE: many, OTHER_SHARE: many}), 1, 1, 1)
    assert not from_colleagues(family({SHARE: many, OTHER_SHARE: few}), 1, 1, 1)


def test_of_shared_patients_a_colleague_is_sure_of_the_largest_part_only() -> None:
    for sizes, is_safe in (((5, 5, 4), True), ((5, 4, 4), False)):
        parts = family({SHARE: (sizes, (2, 2, 2))}, totals=[6])
        parts = replace(parts, exclusive=np.zeros((3, 1)))
        assert from_colleagues(parts, 1, 1, 1) is is_safe


@pytest.mark.parametrize(("second_alone", "is_safe"), [(4.0, True), (3.0, False)])
def test_without_the_largest_part_what_counts_are_patients_of_nobody_else(
    second_alone: float, is_safe: bool
) -> None:
    # Without the first, four patients of the second's and one of the third's are five. Without
    # the second or the third, the first has five by itself.
    parts = replace(
        family({SHARE: ((5, 4, 4), (2, 2, 2))}, totals=[10]),
        exclusive=np.array([[2.0], [second_alone], [1.0]]),
    )
    assert from_colleagues(parts, 1, 1, 1) is is_safe


@pytest.mark.parametrize(
    ("sums", "is_safe"),
    [
        ((1, 3, 1, 2), True),  # one of the five others did not recover: any of them may be the one
        ((1, 3, 1, 3), False),  # the second therapist subtracts her own: all five others did
        ((0, 3, 0, 0), False),  # none of them did
        ((1, 6, 1, 3), True),  # the total itself says that everybody did
    ],
)
def test_a_colleague_does_not_learn_that_all_of_the_others_are_alike(
    sums: tuple[int, ...], is_safe: bool
) -> None:
    share: Column = ((1, 6, 1, 3, 20), (*sums, 20 if sums[1] == 6 else 10))
    nothing: Column = ((0,) * 5, (0,) * 5)
    assert from_colleagues(family({SHARE: share}), 1, 1, 1, 1, 0) is is_safe
    beside_nothing = family({SHARE: share, OTHER_SHARE: nothing})
    assert from_colleagues(beside_nothing, 1, 1, 1, 1, 0) is is_safe


def test_beside_one_who_may_not_be_shown_a_third_is_hidden_whatever_the_total_says() -> None:
    # Everybody recovered. Six are enough in number, and too few to be said to be all alike.
    alike = np.array([[False], [True], [False], [False]])
    parts = replace(family({SHARE: ((9, 6, 8, 20), (9, 6, 8, 20))}), unsafe=alike)
    assert not from_colleagues(parts, 1, 1, 0, 0)
    assert from_colleagues(parts, 1, 1, 1, 0)


def test_what_a_colleague_learns_of_those_who_may_be_shown_is_no_harm() -> None:
    # Eight and seven, all of whom recovered: none of the three is too small to be shown.
    parts = family({SHARE: ((9, 8, 7, 20), (4, 8, 7, 10))})
    assert from_colleagues(parts, 1, 1, 1, 0)


def test_a_small_part_that_was_told_before_is_no_danger_to_colleagues() -> None:
    parts = replace(
        family({SHARE: ((9, 8, 3), (3, 3, 1))}), is_listed=np.array([True, True, False])
    )
    assert from_colleagues(parts, 1, 1, 0)


@pytest.mark.parametrize(("sums", "is_safe"), [((1, 3, 1, 2), True), ((1, 3, 1, 3), False)])
def test_in_a_clinic_of_many_each_of_them_is_a_colleague(
    sums: tuple[int, ...], is_safe: bool
) -> None:
    nobody = (0,) * 100
    parts = family({SHARE: ((*nobody, 1, 6, 1, 3, 20), (*nobody, *sums, 10))})
    parts = replace(parts, is_listed=np.ones(105, dtype=bool))
    assert from_colleagues(parts, *[1] * 104, 0) is is_safe
