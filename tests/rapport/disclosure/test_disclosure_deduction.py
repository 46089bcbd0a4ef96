"""What follows from sums of counts, worked by hand: two years of two months each."""

import numpy as np
import pytest

from rapport.disclosure.deduction import MANY, Link, Patients, Sums, deduced, exposed

N_ROWS, N_MONTHS = 3, 4
CLINIC = 2
TO_CLINIC = Link(CLINIC, np.array([0, 1]))


def _sums(*told: tuple[int, list[int], float]) -> Sums:
    owner = np.array([row for row, _, _ in told], dtype=np.int64)
    signs = np.array([months for _, months, _ in told], dtype=float).reshape(-1, N_MONTHS)
    return Sums(owner, signs, np.array([[value for _, _, value in told]], dtype=float))


def _bounds(
    sums: Sums, clinic: list[float | None], *links: Link
) -> tuple[list[list[float]], list[list[float]]]:
    least, most = np.zeros((1, N_ROWS, N_MONTHS)), np.full((1, N_ROWS, N_MONTHS), MANY)
    for month, value in enumerate(clinic):
        if value is not None:
            least[0, CLINIC, month] = most[0, CLINIC, month] = value
    low, high = deduced(least, most, sums, links or [TO_CLINIC])
    return low[0].tolist(), high[0].tolist()


def test_nothing_told_leaves_everything_open() -> None:
    low, high = _bounds(_sums(), [None] * 4)
    assert low == [[0.0] * 4] * 3
    assert np.min(high) >= MANY


def test_a_month_of_the_clinic_bounds_each_therapist() -> None:
    low, high = _bounds(_sums(), [0, 2, None, 1])
    assert (high[0][0], high[0][1], high[1][3]) == (0, 2, 1)
    assert low[0] == [0.0] * 4


def test_what_a_window_sums_to_belongs_to_the_months_left_open() -> None:
    # Nobody missed in three months, so the two of the window are those of the second.
    low, high = _bounds(_sums((0, [1, 1, 1, 1], 2)), [0, 3, 0, 0])
    assert (low[0][1], high[0][1]) == (2, 2)
    assert (low[1][1], high[1][1]) == (1, 1)


def test_a_sum_as_large_as_the_clinic_allows_fixes_all_its_months() -> None:
    low, high = _bounds(_sums((0, [1, 1, 1, 0], 3)), [1, 1, 1, 4])
    assert low[0] == [1, 1, 1, 0]
    assert high[1] == [0, 0, 0, 4]


def test_two_windows_differ_by_what_came_less_what_went() -> None:
    # One more than before, of at most one that came: it came, and nothing went.
    low, high = _bounds(_sums((0, [1, 0, 0, -1], 1)), [1, 5, 5, 5])
    assert (low[0][0], high[0][0], low[0][3], high[0][3]) == (1, 1, 0, 0)
    # Two less: at least two went.
    low, high = _bounds(_sums((0, [1, 0, 0, -1], -2)), [1, 5, 5, 3])
    assert (low[0][3], high[0][3]) == (2, 3)
    assert (low[0][0], high[0][0]) == (0, 1)


def test_the_clinic_itself_is_bounded_by_its_window_and_by_its_therapists() -> None:
    low, high = _bounds(_sums((CLINIC, [1, 1, 0, 0], 4), (0, [1, 0, 0, 0], 3)), [None] * 4)
    assert (low[CLINIC][0], high[CLINIC][0]) == (3, 4)
    assert (high[1][0], high[1][1], high[0][1]) == (1, 1, 1)


def test_what_is_known_of_colleagues_is_taken_off_the_clinic() -> None:
    low, high = _bounds(_sums((0, [0, 1, 0, 0], 2)), [None, 3, None, None])
    assert (low[1][1], high[1][1]) == (1, 1)


def _patients(there: list[list[int]]) -> Patients:
    counts = np.array([there], dtype=float)
    return Patients(counts, np.zeros(counts.shape), np.zeros(counts.shape))


def _found(
    low: list[list[float]],
    high: list[list[float]],
    sums: Sums,
    there: list[list[int]],
    nobody: float = 5.0,
) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    bounds = (np.array([low], dtype=float), np.array([high], dtype=float))
    small, excused = exposed(bounds, sums, _patients(there), 5.0, np.array([nobody]))
    return [(int(r), int(m)) for _, r, m in np.argwhere(small)], [
        (int(r), int(m)) for _, r, m in np.argwhere(excused)
    ]


@pytest.mark.parametrize(("patients", "is_found"), [(0, False), (1, True), (4, True), (5, False)])
def test_a_count_that_is_known_is_told_of_fewer_than_the_minimum(
    patients: int, is_found: bool
) -> None:
    found, _ = _found([[1, 0, 0, 0]], [[1, 9, 9, 9]], _sums(), [[patients, 9, 9, 9]])
    assert found == ([(0, 0)] if is_found else [])


def test_a_range_is_not_told() -> None:
    assert _found([[0, 0, 0, 0]], [[1, 1, 1, 1]], _sums(), [[3, 3, 3, 3]]) == ([], [])


@pytest.mark.parametrize(("patients", "nobody", "is_excused"),
                         [(5, 5, True), (4, 5, False), (9, 10, False), (10, 10, True)])  # fmt: skip
def test_nobody_of_a_window_excuses_its_months_if_it_may_be_said_of_so_many(
    patients: int, nobody: float, is_excused: bool
) -> None:
    there = [[patients, 1, 0, 0]]
    sums = _sums((0, [1, 1, 0, 0], 0))
    _, excused = _found([[0] * 4], [[0, 0, 9, 9]], sums, there, nobody)
    assert excused == ([(0, 0), (0, 1)] if is_excused else [])


def test_what_was_lost_is_excused_by_itself_and_not_by_what_was_gained() -> None:
    sums = _sums((0, [1, 0, 0, -1], 0))
    _, excused = _found([[0] * 4], [[0, 9, 9, 0]], sums, [[2, 9, 9, 7]])
    assert excused == [(0, 3)]


def test_a_month_with_an_event_excuses_nothing() -> None:
    sums = _sums((0, [1, 1, 0, 0], 1))
    assert _found([[0, 1, 0, 0]], [[0, 1, 9, 9]], sums, [[9, 9, 9, 9]])[1] == []


def test_open_months_of_too_few_patients_are_told_together() -> None:
    # The second month is known, so the sum is that of the first and third: three patients.
    sums = _sums((0, [1, 1, 1, 0], 2))
    found, _ = _found([[0, 0, 0, 0]], [[2, 0, 2, 9]], sums, [[3, 9, 2, 9]])
    assert found == [(0, 0), (0, 2)]
    found, _ = _found([[0, 0, 0, 0]], [[2, 0, 2, 9]], sums, [[3, 9, 5, 9]])
    assert found == []


def test_open_months_on_the_other_side_keep_the_sum_open() -> None:
    sums = _sums((0, [1, 0, 0, -1], 0))
    assert _found([[0] * 4], [[2, 9, 9, 2]], sums, [[3, 9, 9, 9]])[0] == []
    found, _ = _found([[0, 0, 0, 1]], [[2, 9, 9, 1]], sums, [[3, 9, 9, 9]])
    assert found == [(0, 0)]


def test_patients_are_counted_once_by_when_they_came_or_went_within_a_year() -> None:
    there = np.array([[[3, 3, 2, 2]]], dtype=float)
    arriving = np.array([[[3, 1, 2, 2]]], dtype=float)
    leaving = np.array([[[1, 1, 0, 2]]], dtype=float)
    patients = Patients(there, arriving, leaving)
    months = np.array([[[True, True, False, False], [False, False, True, True]]])
    owner = np.array([0, 0])
    assert patients.at_least(owner, months).tolist() == [[4.0, 4.0]]
    every = np.ones((1, 1, 4), dtype=bool)
    assert patients.at_least(np.array([0]), every).tolist() == [[4.0]]
    alone = np.array([[[True, False, False, False]]])
    assert Patients(there, leaving, leaving).at_least(np.array([0]), alone).tolist() == [[3.0]]
