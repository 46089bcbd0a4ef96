"""A family of several figures beside one total, worked by hand: each has to be kept, by itself."""

from dataclasses import replace

import numpy as np
import pytest

from rapport.disclosure.partition import complete, limits_of
from rapport.statistics.figures import FIGURES
from tests.rapport.disclosure.small_partitions import (
    COUNT,
    DIFFERENCE,
    MEAN,
    OTHER_SHARE,
    PER_EPISODE,
    SHARE,
    STANDARD,
    Column,
    family,
    protects,
)


def test_the_ends_of_a_scale_are_those_of_its_figure_and_none_where_there_is_none() -> None:
    low, high = limits_of((MEAN, COUNT, DIFFERENCE, SHARE))
    assert low.tolist() == [1.0, 0.0, -4.0, 0.0]
    assert high.tolist() == [5.0, np.inf, 4.0, 1.0]


def test_the_ends_of_a_scale_are_the_same_for_every_clinic_and_nobody_can_move_them() -> None:
    for ends in limits_of((DIFFERENCE, COUNT, MEAN)):
        with pytest.raises(ValueError, match="read-only"):
            ends[0] = 0.0


def test_a_figure_without_ends_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    endless = replace(FIGURES[MEAN], minimum=None, maximum=None)
    monkeypatch.setattr("rapport.disclosure.partition.FIGURES", {"endless": endless})
    low, high = limits_of(("endless",))
    assert (low.tolist(), high.tolist()) == ([-np.inf], [np.inf])


GOOD: Column = ((3, 4, 20), (2, 2, 10))
ALL_OF_THEM: Column = ((3, 4, 20), (3, 4, 10))  # of the hidden ones: subtracting says so


@pytest.mark.parametrize(
    ("first", "second", "is_safe"),
    [(GOOD, GOOD, True), (GOOD, ALL_OF_THEM, False), (ALL_OF_THEM, GOOD, False)],
)
def test_one_figure_that_is_given_back_is_enough(
    first: Column, second: Column, is_safe: bool
) -> None:
    parts = family({SHARE: first, OTHER_SHARE: second})
    assert protects(parts, 1, 1, 0) is is_safe


def test_a_figure_that_the_clinic_has_nothing_for_asks_for_nothing() -> None:
    nothing: Column = ((0, 0, 0), (0, 0, 0))
    assert protects(family({SHARE: GOOD, OTHER_SHARE: nothing}), 1, 1, 0)
    assert not protects(family({SHARE: ALL_OF_THEM, OTHER_SHARE: nothing}), 1, 1, 0)


def test_a_figure_of_a_single_patient_is_there_and_has_to_be_kept() -> None:
    # One patient of the clinic has a second result. Hidden, it is the total by itself.
    alone: Column = ((1, 0, 0), (1, 0, 0))
    assert not protects(family({SHARE: GOOD, OTHER_SHARE: alone}), 1, 1, 0)


def test_a_share_a_mean_and_a_count_are_each_judged_in_their_own_way() -> None:
    # Shares: 4 of 7. Means: 3 points below the top of 12 and 16. Counts have no range to lose.
    shares: Column = ((3, 4, 20), (2, 2, 10))
    means: Column = ((3, 4, 20), (14, 18, 60))
    counts: Column = ((3, 4, 20), (3, 4, 20))
    assert protects(family({SHARE: shares, MEAN: means, COUNT: counts}), 1, 1, 0)
    # At the top of the scale, the mean of both is known, whatever the share beside it leaves.
    top: Column = ((3, 4, 20), (15, 20, 60))
    assert not protects(family({SHARE: shares, MEAN: top, COUNT: counts}), 1, 1, 0)
    assert not protects(family({MEAN: top, SHARE: shares, COUNT: counts}), 1, 1, 0)


def test_one_patient_more_or_less_is_a_range_for_a_share_however_large_the_group() -> None:
    # 15 of 16: the one who did not recover is among the four or among the twelve.
    assert protects(family({SHARE: ((4, 12, 20), (3, 12, 10))}), 1, 1, 0)
    # Means need a tenth: one point of 4 × 12 is less.
    assert not protects(family({MEAN: ((4, 12, 20), (19, 60, 80))}), 1, 1, 0)


@pytest.mark.parametrize(("first", "is_safe"), [(46.0, True), (46.25, False)])
def test_exactly_a_tenth_of_the_scale_is_a_range(first: float, is_safe: bool) -> None:
    # Ten sessions each: both at the top are 100, a tenth of 4 × 10 is four, and 46 is four below.
    parts = replace(
        family({MEAN: ((5, 5, 20), (first, 50, 60))}),
        observations=np.array([[10.0], [10.0], [20.0]]),
    )
    assert protects(parts, 1, 1, 0) is is_safe


@pytest.mark.parametrize(
    ("sums", "is_safe"),
    [
        ((6.0, 8.0, 100.0), False),  # two sessions each: the least that an episode has
        ((6.2, 8.2, 100.0), False),  # 0.4 left; a tenth of 14.4 / 7 × 3 is 0.62
        ((7.0, 8.0, 100.0), True),  # 1.0 left; a tenth of 15 / 7 × 4 is 0.86
        ((60.0, 80.0, 100.0), True),  # no upper end: anything up to what is left
    ],
)
def test_a_mean_without_an_upper_end_keeps_a_tenth_of_what_is_left_of_the_total(
    sums: tuple[float, ...], is_safe: bool
) -> None:
    assert protects(family({PER_EPISODE: ((3, 4, 20), sums)}), 1, 1, 0) is is_safe


@pytest.mark.parametrize(
    ("sums", "is_safe"),
    [
        ((-12.0, -16.0, 0.0), False),  # four points less than the patient, everybody
        ((12.0, 16.0, 0.0), False),
        ((-12.0, 16.0, 0.0), True),
        ((0.0, 0.0, 0.0), True),
    ],
)
def test_a_difference_has_an_end_on_either_side(sums: tuple[float, ...], is_safe: bool) -> None:
    assert protects(family({DIFFERENCE: ((3, 4, 20), sums)}), 1, 1, 0) is is_safe


@pytest.mark.parametrize(
    ("sums", "is_safe"),
    [
        ((3.0, 4.0, 20.0), True),  # everybody says one: the total says so of all
        ((15.0, 20.0, 100.0), True),  # everybody says five
        ((3.0, 4.0, 20.5), False),  # the total does not, and subtracting does
        ((15.0, 20.0, 99.5), False),
    ],
)
def test_a_mean_at_the_end_of_its_scale_speaks_of_all(
    sums: tuple[float, ...], is_safe: bool
) -> None:
    assert protects(family({MEAN: ((3, 4, 20), sums)}), 1, 1, 0) is is_safe


def test_one_hidden_part_is_given_back_though_its_patients_are_not() -> None:
    # Nobody recovered at all, which may be said of all. Of seven to nine patients, two may be
    # shared; but one hidden row is the total less the others in every figure of the family.
    parts = replace(
        family({SHARE: ((7, 20, 20), (0, 0, 0))}, totals=[45]),
        exclusive=np.array([[5.0], [19.0], [19.0]]),
        observations=np.array([[9.0], [20.0], [20.0]]),
    )
    assert not protects(parts, 1, 0, 0)


@pytest.mark.parametrize(("largest", "is_safe"), [(5, True), (4, False)])
def test_of_shared_patients_a_reader_is_sure_of_the_largest_part_only(
    largest: int, is_safe: bool
) -> None:
    # The second therapist's three patients may all be the first one's as well.
    parts = replace(
        family({SHARE: ((largest, 3, 20), (2, 1, 10))}, totals=[23]),
        exclusive=np.array([[1.0], [0.0], [20.0]]),
    )
    assert protects(parts, 1, 1, 0) is is_safe


@pytest.mark.parametrize(("total", "is_safe"), [(5, True), (4, False)])
def test_where_all_parts_are_hidden_they_are_as_many_as_the_clinic_has(
    total: int, is_safe: bool
) -> None:
    # Three patients each; by themselves they may be four, the clinic's count says how many.
    parts = replace(
        family({SHARE: ((3, 3), (1, 2))}, totals=[total]), exclusive=np.array([[1.0], [1.0]])
    )
    assert protects(parts, 1, 1) is is_safe


def test_a_part_without_anything_of_a_figure_is_not_missing_from_it() -> None:
    # The third therapist has no outcome: hiding the two others hides all outcomes there are.
    parts = replace(
        family({SHARE: ((3, 3, 0), (1, 2, 0))}, totals=[5]),
        exclusive=np.array([[2.0], [2.0], [0.0]]),
        is_listed=np.ones(3, dtype=bool),
    )
    assert protects(parts, 1, 1, 0)
    with_third = replace(
        family({SHARE: ((3, 3, 9), (1, 2, 4))}, totals=[14]),
        exclusive=np.array([[2.0], [2.0], [9.0]]),
    )
    assert not protects(with_third, 1, 1, 0)  # four are certain beside nine that are shown


@pytest.mark.parametrize(("ceiling", "is_safe"), [(np.inf, True), (2.0, True), (1.0, False)])
def test_a_single_patient_is_given_back_where_there_cannot_be_two(
    ceiling: float, is_safe: bool
) -> None:
    # Seven observations of two parts: "few" may be one or two, the other five or six.
    parts = replace(
        family({SHARE: ((1, 5, 20), (0, 3, 10))}),
        observations=np.array([[1.0], [6.0], [20.0]]),
        ceilings=np.array([[ceiling], [np.inf], [np.inf]]),
    )
    assert protects(parts, 1, 1, 0) is is_safe


def test_a_part_without_anything_of_a_figure_has_no_count_to_keep() -> None:
    parts = replace(
        family({SHARE: ((3, 4, 0, 20), (1, 2, 0, 10))}),
        ceilings=np.array([[np.inf], [np.inf], [0.0], [np.inf]]),
        is_listed=np.ones(4, dtype=bool),
    )
    assert protects(parts, 1, 1, 1, 0)


def test_who_is_hidden_beside_is_the_smallest_in_the_largest_of_her_figures() -> None:
    parts = family(
        {
            SHARE: ((3, 8, 14, 20), (1, 4, 7, 10)),
            OTHER_SHARE: ((3, 30, 12, 20), (1, 15, 6, 10)),
        }
    )
    parts = replace(parts, colleagues=False)
    chosen, is_safe = complete(
        parts, np.array([True, False, False, False]), STANDARD, with_colleagues=False
    )
    assert (chosen.tolist(), is_safe) == ([True, False, True, False], True)


def test_the_last_part_is_not_hidden_where_it_has_nothing() -> None:
    parts = replace(
        family({SHARE: ((3, 0), (1, 0))}), colleagues=False, is_listed=np.ones(2, dtype=bool)
    )
    hidden = np.array([True, False])
    chosen, is_safe = complete(parts, hidden, STANDARD, last=1, with_colleagues=False)
    assert (chosen.tolist(), is_safe) == ([True, False], False)


def test_what_was_asked_for_is_left_as_it_was() -> None:
    hidden = np.array([True, False, False])
    complete(family({SHARE: GOOD}), hidden, STANDARD, with_colleagues=False)
    assert hidden.tolist() == [True, False, False]
