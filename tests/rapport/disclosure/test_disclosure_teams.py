"""Which therapists of a clinic are known together, from which windows were told."""

import numpy as np

from rapport.disclosure.teams import ClinicRows, rows_of


def _rows(*shown: set[int], whole: set[int], there: list[list[int]] | None = None) -> ClinicRows:
    is_there = np.ones((len(shown), 24), dtype=bool)
    for person, months in enumerate(there or []):
        is_there[person, months] = False
    return rows_of(is_there, [frozenset(one) for one in shown], frozenset(whole))


def _members(rows: ClinicRows) -> list[list[int]]:
    return [np.flatnonzero(row).tolist() for row in rows.members[rows.clinic + 1 :]]


def _sums_of(rows: ClinicRows, row: int) -> list[tuple[list[int], list[int]]]:
    return [
        (np.flatnonzero(signs > 0).tolist(), np.flatnonzero(signs < 0).tolist())
        for owner, signs in zip(rows.owner, rows.signs, strict=True)
        if owner == row
    ]


WINDOW = [list(range(back, back + 12)) for back in range(3)]


def test_who_is_hidden_beside_a_told_clinic_is_a_team() -> None:
    rows = _rows({0}, set(), set(), whole={0})
    assert rows.clinic == 3
    assert _members(rows) == [[1, 2]]
    assert _sums_of(rows, 4) == [(WINDOW[0], [])]
    assert _sums_of(rows, 0) == [(WINDOW[0], [])]
    assert _sums_of(rows, 1) == []


def test_without_the_clinic_nothing_is_known_of_who_is_hidden() -> None:
    rows = _rows({1}, set(), set(), whole={0})
    assert _members(rows) == []  # all three are hidden now: that is the clinic
    assert _sums_of(rows, rows.clinic) == [(WINDOW[0], [])]


def test_one_hidden_beside_all_others_is_known() -> None:
    rows = _rows({0}, {0}, set(), whole={0})
    assert _sums_of(rows, 2) == [(WINDOW[0], [])]


def test_a_team_is_known_again_where_its_members_are_told() -> None:
    rows = _rows({1}, {0}, {0}, whole={1})
    assert _members(rows) == [[1, 2]]
    assert _sums_of(rows, 4) == [(WINDOW[1], []), (WINDOW[0], []), ([0], [12])]


def test_windows_differ_by_the_months_gained_and_lost_since_the_last_told() -> None:
    rows = _rows({2, 0}, {1}, {1}, whole=set())
    assert _sums_of(rows, 0) == [(WINDOW[2], []), (WINDOW[0], []), ([0, 1], [12, 13])]


def test_who_is_not_in_a_report_has_nobody_in_its_window() -> None:
    rows = _rows({0}, set(), whole={0}, there=[[], list(range(12))])
    assert rows.is_absent[1].tolist() == [True] * 12 + [False] * 12
    assert not rows.is_absent[0].any()
    assert not rows.is_absent[rows.clinic].any()
    assert _members(rows) == []


def test_therapists_sum_to_the_clinic_and_so_do_a_team_and_the_others() -> None:
    rows = _rows({0}, set(), set(), whole={0})
    assert [(link.whole, link.parts.tolist()) for link in rows.links] == [
        (3, [0, 1, 2]),
        (4, [1, 2]),
        (3, [0, 4]),
    ]


def test_counts_of_rows_are_those_of_their_members() -> None:
    rows = _rows({0}, set(), set(), whole={0})
    counts = np.array([[[1.0] * 24, [2.0] * 24, [4.0] * 24]])
    assert rows.summed(counts)[0, :, 5].tolist() == [1, 2, 4, 7, 6]


def test_without_any_window_the_newest_report_is_the_one_that_is_judged() -> None:
    rows = _rows(set(), set(), whole=set(), there=[[], list(range(12))])
    assert rows.is_absent[1].tolist() == [True] * 12 + [False] * 12


def test_one_hidden_alone_makes_no_team_and_neither_do_all() -> None:
    assert _members(_rows({0}, {0}, set(), whole={0})) == []
    assert _members(_rows(set(), set(), set(), whole={0})) == []
