"""A total and its hidden parts, worked by hand: when subtracting gives nothing back."""

from typing import Any

import numpy as np
import pytest

from rapport.disclosure import profile_of
from rapport.disclosure.partition import Partition, complete

SHARE, MEAN, COUNT = "outcome.recovery", "alliance.patient.total", "patients.seen"
STANDARD, STRICT = profile_of("standard"), profile_of("strict")


def _partition(
    patients: list[float],
    sums: list[float],
    *,
    figure: str = SHARE,
    observations: list[float] | None = None,
    total: float | None = None,
    unsafe: list[bool] | None = None,
    settled: list[bool] | None = None,
    listed: list[bool] | None = None,
    ceilings: list[float] | None = None,
    colleagues: bool = True,
) -> Partition:
    """Parts of one figure; every patient has one observation and one therapist."""

    def column(values: list[Any] | None, otherwise: object) -> np.ndarray:
        given = [otherwise] * len(patients) if values is None else values
        return np.array(given)[:, np.newaxis]

    people = column(patients, 0.0).astype(float)
    return Partition(
        figures=(figure,),
        patients=people,
        exclusive=people,
        observations=people if observations is None else column(observations, 0.0).astype(float),
        sums=column(sums, 0.0).astype(float),
        unsafe=people < 5 if unsafe is None else column(unsafe, False),
        total_patients=np.array([sum(patients) if total is None else total]),
        ceilings=column(ceilings, np.inf).astype(float),
        is_settled=column(settled, False),
        is_listed=np.array([True] * len(patients) if listed is None else listed),
        colleagues=colleagues,
    )


def _hidden(*flags: int) -> np.ndarray:
    return np.array(flags, dtype=bool)


def _protects(partition: Partition, *flags: int) -> bool:
    return partition.protects(_hidden(*flags), STANDARD)


def test_where_nothing_is_hidden_everything_is_protected() -> None:
    assert _protects(_partition([3, 4, 20], [1, 2, 10]), 0, 0, 0)


def test_one_hidden_part_is_the_total_less_the_rest() -> None:
    assert not _protects(_partition([7, 20, 20], [3, 10, 10]), 1, 0, 0)


@pytest.mark.parametrize(("patients", "is_safe"), [([2, 2, 20], False), ([2, 3, 20], True)])
def test_hidden_parts_have_the_minimum_of_patients_together(
    patients: list[float], is_safe: bool
) -> None:
    assert _protects(_partition(patients, [1, 1, 10]), 1, 1, 0) is is_safe


def test_a_share_that_leaves_one_whole_number_is_not_protected() -> None:
    # 7 of 7 hidden patients recovered: subtracting says so of each of them
    assert not _protects(_partition([3, 4, 20], [3, 4, 10]), 1, 1, 0)
    assert _protects(_partition([3, 4, 20], [2, 4, 10]), 1, 1, 0)


def test_nobody_among_the_hidden_is_as_telling_as_everybody() -> None:
    assert not _protects(_partition([3, 4, 20], [0, 0, 10]), 1, 1, 0)
    assert _protects(_partition([3, 4, 20], [0, 1, 10]), 1, 1, 0)


@pytest.mark.parametrize("sums", [[3, 4, 20], [0, 0, 0]])
def test_a_total_that_says_everybody_or_nobody_speaks_of_all(sums: list[float]) -> None:
    assert _protects(_partition([3, 4, 20], sums), 1, 1, 0)


@pytest.mark.parametrize(
    ("sums", "is_safe"),
    [
        ([15.0, 20.0, 60.0], False),  # all five: at the end of the scale
        ([14.8, 19.8, 60.0], False),  # 0.4 points left of a scale of 4 × 3
        ([14.0, 18.0, 60.0], True),  # 3 points left: a quarter of the scale
        ([3.0, 4.0, 60.0], False),  # all one: the other end
        ([4.0, 6.0, 60.0], True),
    ],
)
def test_a_mean_keeps_a_tenth_of_its_scale(sums: list[float], is_safe: bool) -> None:
    assert _protects(_partition([3, 4, 20], sums, figure=MEAN), 1, 1, 0) is is_safe


def test_a_tenth_of_the_scale_is_enough() -> None:
    # part one: between 15 − w and 15, with w = 35 − sum; a tenth of 4 × 3 is 1.2, of 4 × 4 1.6
    for width, is_safe in ((1.61, True), (1.59, False)):
        parts = _partition([3, 4, 20], [15 - width, 20, 60.0], figure=MEAN)
        assert _protects(parts, 1, 1, 0) is is_safe


def test_a_part_that_is_settled_by_a_larger_group_needs_no_range() -> None:
    parts = _partition([3, 4, 20], [3, 4, 10], settled=[True, True, False])
    assert _protects(parts, 1, 1, 0)


def test_a_part_that_is_not_listed_does_not_hide_another() -> None:
    assert not _protects(_partition([7, 4, 20], [3, 2, 10], listed=[True, False, True]), 1, 1, 0)


def test_a_count_of_patients_has_no_range_of_its_own() -> None:
    assert _protects(_partition([3, 4, 20], [3, 4, 20], figure=COUNT), 1, 1, 0)


def test_each_hidden_part_keeps_two_counts_of_patients() -> None:
    # 8 patients in two parts marked small, four each at most: each must be four
    assert not _protects(_partition([4, 4, 20], [2, 2, 10]), 1, 1, 0)
    assert _protects(_partition([3, 4, 20], [2, 2, 10]), 1, 1, 0)


def test_a_ceiling_that_is_published_narrows_the_counts() -> None:
    parts = _partition([2, 3, 20], [1, 1, 10], ceilings=[2, 3, np.inf])
    assert not _protects(parts, 1, 1, 0)


def test_patients_shared_between_parts_are_counted_once() -> None:
    parts = _partition([4, 4, 20], [2, 2, 10], total=24.0)
    shared = Partition(**{**_fields(parts), "exclusive": np.array([[0.0], [0.0], [20.0]])})
    assert not shared.protects(_hidden(1, 1, 0), STANDARD)


def _fields(partition: Partition) -> dict[str, Any]:
    return {name: getattr(partition, name) for name in Partition.__dataclass_fields__}


@pytest.mark.parametrize(
    ("patients", "is_safe"),
    [
        ([2, 3, 4, 20], True),  # without any one, five or more are left
        ([1, 2, 2, 20], False),  # without the second, three
        ([1, 2, 3, 20], False),  # without the third, three
    ],
)
def test_a_colleague_who_subtracts_herself_still_meets_a_crowd(
    patients: list[float], is_safe: bool
) -> None:
    parts = _partition(patients, [1, 1, 1, 10])
    assert parts.protects_from_colleagues(_hidden(1, 1, 1, 0), 5) is is_safe


def test_of_two_hidden_parts_neither_may_be_small() -> None:
    large = _partition([9, 8, 20], [3, 3, 10])
    one_small = _partition([9, 4, 20], [3, 3, 10])
    assert large.protects_from_colleagues(_hidden(1, 1, 0), 5)
    assert not one_small.protects_from_colleagues(_hidden(1, 1, 0), 5)


def test_months_are_nobodys_colleagues() -> None:
    parts = _partition([1, 2, 2, 20], [1, 1, 1, 10], colleagues=False)
    assert parts.protects_from_colleagues(_hidden(1, 1, 1, 0), 5)


def _complete(
    partition: Partition, *flags: int, last: int | None = None, with_colleagues: bool = False
) -> tuple[list[bool], bool]:
    chosen, is_safe = complete(
        partition, _hidden(*flags), STANDARD, last=last, with_colleagues=with_colleagues
    )
    return chosen.tolist(), is_safe


def test_the_smallest_part_is_hidden_first_beside_a_small_one() -> None:
    parts = _partition([3, 30, 12, 20], [1, 15, 6, 10], colleagues=False)
    assert _complete(parts, 1, 0, 0, 0) == ([True, False, True, False], True)


def test_a_tie_is_broken_by_the_order_of_the_parts() -> None:
    parts = _partition([3, 12, 12, 20], [1, 6, 6, 10], colleagues=False)
    assert _complete(parts, 1, 0, 0, 0) == ([True, True, False, False], True)


def test_the_last_part_is_hidden_only_when_nothing_else_is_left() -> None:
    parts = _partition([3, 30, 6], [1, 15, 3], colleagues=False)
    assert _complete(parts, 1, 0, 0, last=2) == ([True, True, False], True)
    assert _complete(parts, 1, 0, 0) == ([True, False, True], True)


def test_where_hiding_parts_is_not_enough_the_total_goes() -> None:
    assert _complete(_partition([3], [1]), 1) == ([True], False)


def test_a_second_small_part_is_not_enough_for_colleagues() -> None:
    parts = _partition([3, 30, 12, 20], [1, 15, 6, 10])
    assert _complete(parts, 1, 0, 0, 0) == ([True, False, True, True], True)


def test_nothing_hidden_stays_nothing() -> None:
    assert _complete(_partition([3, 4], [1, 2]), 0, 0) == ([False, False], True)


def test_failing_a_colleague_costs_the_total_only_where_that_is_asked_for() -> None:
    parts = _partition([9, 4], [3, 2])
    assert _complete(parts, 0, 1) == ([True, True], True)
    assert _complete(parts, 0, 1, with_colleagues=True) == ([True, True], False)


def test_strict_asks_for_ten_patients_together() -> None:
    parts = _partition([4, 5, 30], [2, 2, 15], unsafe=[True, True, False])
    assert not parts.protects(_hidden(1, 1, 0), STRICT)
