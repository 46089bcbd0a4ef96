"""What a reader can work out of a total and its parts, by trying every world he cannot rule out.

The oracle knows no formula: it lists all whole numbers that a hidden part may have, and keeps
those worlds that agree with the total, with the parts that are shown, and with the labels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.disclosure import Profile, profile_of
from rapport.disclosure.partition import Partition, complete

FIGURES = ("outcome.recovery", "outcome.reliable_improvement")
QUICK = settings(max_examples=40, deadline=None, database=None)


def _profile(minimum: int) -> Profile:
    return replace(profile_of("standard"), minimum_patients=minimum)


@dataclass(frozen=True)
class World:
    """Therapists of one clinic; each tuple has one number a therapist.

    Attributes:
        patients: Distinct patients.
        exclusive: Of these, patients of nobody else.
        observations: Observations, at least one a patient.
        successes: Of these, successes.
        is_listed: Whether the therapist stands in the report.
        is_alike: Whether the figure may not be shown though there are patients enough.
        total: Distinct patients of the clinic.
        minimum: Patients that a figure must rest on.
    """

    patients: tuple[int, ...]
    exclusive: tuple[int, ...]
    observations: tuple[int, ...]
    successes: tuple[int, ...]
    is_listed: tuple[bool, ...]
    is_alike: tuple[bool, ...]
    total: int
    minimum: int

    @property
    def profile(self) -> Profile:
        """The profile with this minimum."""
        return _profile(self.minimum)

    def is_unsafe(self, at: int) -> bool:
        """Whether the therapist's figure may not be shown by itself."""
        return self.is_alike[at] or self.patients[at] < self.minimum

    def partition(self) -> Partition:
        """Return what is judged: one figure, and another that nobody has anything for."""
        return Partition(
            figures=FIGURES,
            patients=_columns(self.patients),
            exclusive=_columns(self.exclusive),
            observations=_columns(self.observations),
            sums=_columns(self.successes),
            unsafe=_columns([self.is_unsafe(at) for at in range(len(self.patients))]).astype(bool),
            total_patients=np.array([self.total, 0.0]),
            ceilings=np.full((len(self.patients), 1), np.inf),
            is_settled=np.zeros((len(self.patients), 2), dtype=bool),
            is_listed=np.array(self.is_listed),
            colleagues=True,
        )


def _columns(values: Sequence[float]) -> np.ndarray:
    return np.array([values, [0] * len(values)], dtype=float).T


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """One to three therapists of up to five patients, some of whom have seen two of them."""
    n = draw(st.integers(1, 3))
    patients = [draw(st.integers(0, 5)) for _ in range(n)]
    exclusive = [draw(st.integers(0, each)) for each in patients]
    observations = [each and each + draw(st.integers(0, 1)) for each in patients]
    return World(
        patients=tuple(patients),
        exclusive=tuple(exclusive),
        observations=tuple(observations),
        successes=tuple(draw(st.integers(0, each)) for each in observations),
        is_listed=tuple(draw(st.integers(0, 5)) > 0 for _ in range(n)),
        is_alike=tuple(draw(st.integers(0, 3)) == 0 for _ in range(n)),
        total=draw(st.integers(max(sum(exclusive), *patients, 0), sum(patients))),
        minimum=draw(st.integers(2, 4)),
    )


Hidden = tuple[bool, ...]


def _hidden(world: World, hidden: Hidden) -> list[int]:
    """Return the parts that are hidden; of a clinic with nobody, none is."""
    return [at for at, one in enumerate(hidden) if one and world.is_listed[at] and world.total > 0]


def _distinct(world: World, parts: Sequence[int]) -> int:
    """Return how many patients some parts have together, at the very least."""
    alone = sum(world.exclusive[at] for at in parts)
    return max([alone, *(world.patients[at] for at in parts)])


def _sums_left(world: World, parts: Sequence[int]) -> list[set[int]]:
    """Return what the successes of each part may be, when only their sum is known."""
    known = sum(world.successes[at] for at in parts)
    tried = product(*(range(world.observations[at] + 1) for at in parts))
    return [set(each) for each in zip(*(one for one in tried if sum(one) == known), strict=True)]


def _counts_left(world: World, parts: Sequence[int]) -> list[set[int]]:
    """Return how many patients each part may have, by its label and by what the total leaves."""
    observations = sum(world.observations[at] for at in parts)
    shown = sum(n for at, n in enumerate(world.patients) if at not in parts)
    labels = [
        range(min(world.patients[at], 1), world.minimum)
        if world.patients[at] < world.minimum
        else range(world.minimum, observations + 1)
        for at in parts
    ]
    tried = (one for one in product(*labels) if world.total - shown <= sum(one) <= observations)
    return [set(each) for each in zip(*tried, strict=True)]


def _is_kept(world: World, hidden: Hidden) -> bool:
    """Say whether an outside reader learns no hidden part."""
    parts = _hidden(world, hidden)
    if not parts:
        return True
    everybody = all(at in parts for at, n in enumerate(world.observations) if n)
    together = world.total if everybody else _distinct(world, parts)
    if len(parts) < 2 or together < world.minimum:
        return False
    some = [world.observations[at] > 0 for at in parts]
    is_said_of_all = _is_said_of_all(world)
    sums, counts = _sums_left(world, parts), _counts_left(world, parts)
    return all(
        len(counts[at]) > 1 and (is_said_of_all or len(sums[at]) > 1)
        for at, has_any in enumerate(some)
        if has_any
    )


def _is_kept_from_colleagues(world: World, hidden: Hidden) -> bool:
    """Say whether nobody who is hidden learns another, by taking out what she knows of herself."""
    parts = _hidden(world, hidden)
    for own in parts:
        others = [at for at in parts if at != own]
        if len(others) == 1 and world.is_unsafe(others[0]):
            return False
        if len(others) != 1 and (not others or _distinct(world, others) < world.minimum):
            return False
        if not (_is_said_of_all(world) or _is_left_open(world, others)):
            return False
    return True


def _is_left_open(world: World, others: Sequence[int]) -> bool:
    """Say whether each of the others that may not be shown may have had other successes."""
    sums = dict(zip(others, _sums_left(world, others), strict=True))
    return all(
        len(sums[at]) > 1 or not (world.is_unsafe(at) and world.observations[at]) for at in others
    )


def _is_said_of_all(world: World) -> bool:
    return sum(world.successes) in {0, sum(world.observations)}


def _every_choice(world: World) -> list[Hidden]:
    return list(product([False, True], repeat=len(world.patients)))


@QUICK
@given(worlds())
def test_parts_are_protected_if_the_reader_is_left_with_two_worlds_for_each(world: World) -> None:
    parts = world.partition()
    for hidden in _every_choice(world):
        found = parts.protects(np.array(hidden), world.profile)
        assert found == _is_kept(world, hidden)


@QUICK
@given(worlds())
def test_a_colleague_is_left_with_a_crowd_or_with_somebody_who_may_be_shown(world: World) -> None:
    parts = world.partition()
    for hidden in _every_choice(world):
        found = parts.protects_from_colleagues(np.array(hidden), world.minimum)
        assert found == _is_kept_from_colleagues(world, hidden)


def _by_size(world: World, hidden: Hidden) -> list[int]:
    """Return who may be hidden beside, those with the fewest patients first."""
    free = [at for at, one in enumerate(hidden) if not one and world.is_listed[at]]
    return sorted((at for at in free if world.patients[at]), key=lambda at: world.patients[at])


@QUICK
@given(worlds())
def test_no_more_are_hidden_beside_than_it_takes_the_smallest_first(world: World) -> None:
    for hidden in _every_choice(world):
        chosen, is_safe = complete(
            world.partition(), np.array(hidden), world.profile, with_colleagues=True
        )
        order = _by_size(world, hidden)
        tried = [
            tuple(one or at in order[:n] for at, one in enumerate(hidden))
            for n in range(len(order) + 1)
        ]
        good = [
            one for one in tried if _is_kept(world, one) and _is_kept_from_colleagues(world, one)
        ]
        enough = hidden if not any(hidden) else (good[0] if good else tried[-1])
        assert (tuple(chosen), is_safe) == (enough, not any(hidden) or bool(good))


def _rearranged(world: World, order: Sequence[int]) -> World:
    """Return the world with its therapists in another order; −1 stands for one without patients."""

    def taken(values: Sequence[int]) -> tuple[int, ...]:
        return tuple(0 if at < 0 else values[at] for at in order)

    return replace(
        world,
        patients=taken(world.patients),
        exclusive=taken(world.exclusive),
        observations=taken(world.observations),
        successes=taken(world.successes),
        is_listed=tuple(at >= 0 and world.is_listed[at] for at in order),
        is_alike=tuple(at >= 0 and world.is_alike[at] for at in order),
    )


@QUICK
@given(worlds(), st.integers(1, 2))
def test_the_order_of_the_parts_changes_nothing(world: World, turn: int) -> None:
    at = list(range(len(world.patients)))
    order = at[turn:] + at[:turn]
    moved = _rearranged(world, order).partition()
    for hidden in _every_choice(world):
        here, there = np.array(hidden), np.array(hidden)[order]
        assert moved.protects(there, world.profile) == world.partition().protects(
            here, world.profile
        )
        assert moved.protects_from_colleagues(
            there, world.minimum
        ) == world.partition().protects_from_colleagues(here, world.minimum)


@QUICK
@given(worlds())
def test_a_therapist_without_patients_changes_nothing(world: World) -> None:
    more = _rearranged(world, [*range(len(world.patients)), -1])
    for hidden in _every_choice(world):
        fewer, is_safe = complete(
            world.partition(), np.array(hidden), world.profile, with_colleagues=True
        )
        found = complete(
            more.partition(), np.array([*hidden, False]), world.profile, with_colleagues=True
        )
        assert (found[0].tolist(), found[1]) == ([*fewer.tolist(), False], is_safe)
