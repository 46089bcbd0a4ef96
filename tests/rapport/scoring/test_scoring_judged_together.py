"""Many treatments judged at once, each by the anxiety measure of its own problem, in its place."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.scoring.specific_outcomes import JudgedOutcomes, judge_outcomes
from rapport.scoring.talking_therapies import MeasurePairs, OutcomeFlags, Scores

NAN = np.nan
FLAGS = [one.name for one in fields(OutcomeFlags)]
NOT_GIVEN = (NAN, NAN)

Pair = tuple[float, float]
Treatment = tuple[str | None, Pair, Pair, dict[str, Pair]]
"""Problem; first and last PHQ-9; first and last GAD-7; the same of other measures."""


def _column(pairs: list[Pair]) -> tuple[Scores, Scores]:
    both = np.array(pairs, dtype=float).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _judged(*treatments: Treatment) -> JudgedOutcomes:
    """Judge treatments with the thresholds of the manual: PHQ-9 10 and 6, GAD-7 8 and 4."""
    return judge_outcomes(
        MeasurePairs(*_column([phq for _, phq, _, _ in treatments]), 10, 6),
        MeasurePairs(*_column([gad for _, _, gad, _ in treatments]), 8, 4),
        np.array([problem for problem, _, _, _ in treatments], dtype=object),
        lambda name: _column([own.get(name, NOT_GIVEN) for _, _, _, own in treatments]),
    )


# SPIN 19 and 10, PDSS 8 and 5, OCI 40 and 32: recovered by the one measure, not by the other.
MIXED: list[Treatment] = [
    (None, (8, 8), (12, 4), {"spin": (40, 40)}),
    ("F40.1", (8, 8), (5, 5), {"spin": (40, 15)}),
    ("F32", (8, 8), (12, 12), {"spin": (40, 15)}),
    ("F41.0", (8, 8), (12, 4), {"pdss": (10, 9), "spin": (40, 15)}),
    (None, (8, 8), (5, 5), {}),
    ("F40.1", (8, 8), (12, 4), {"pdss": (20, 1)}),
    ("F42", (8, 8), (5, 5), {"oci": (72, 39)}),
    ("F40.1", (8, 8), (12, 4), {"spin": (40, 39)}),
]


def test_each_treatment_is_judged_in_its_place_by_the_measure_of_its_problem() -> None:
    found = _judged(*MIXED)
    assert found.measures.tolist() == [
        "gad-7", "spin", "gad-7", "pdss", "gad-7", "gad-7", "oci", "spin",
    ]  # fmt: skip
    assert found.flags.is_recovered.tolist() == [
        True, True, False, False, False, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("problem", [None, "F32", "F40.1"])
def test_one_treatment_is_judged_as_many_are(problem: str | None) -> None:
    one: Treatment = (problem, (15, 5), (12, 4), {"spin": (40, 15)})
    found = _judged(one)
    assert found.measures.tolist() == ["spin" if problem == "F40.1" else "gad-7"]
    assert found.flags.is_recovered.tolist() == [True]


def test_a_measure_that_was_given_once_leaves_the_judgement_to_the_gad_7() -> None:
    once: list[Treatment] = [
        ("F40.1", (8, 8), (12, 4), {"spin": own}) for own in ((40, NAN), (NAN, 15))
    ]
    found = _judged(*once)
    assert found.measures.tolist() == ["gad-7", "gad-7"]
    assert found.flags.is_recovered.tolist() == [True, True]


def test_no_treatments_are_judged_without_a_word() -> None:
    found = _judged()
    assert found.measures.tolist() == []
    assert all(len(getattr(found.flags, name)) == 0 for name in FLAGS)


def _treatments() -> st.SearchStrategy[Treatment]:
    scores = st.integers(0, 27).map(float) | st.just(NAN)
    pairs = st.tuples(scores, scores)
    problems = st.sampled_from([None, "F32", "F40.1", "F40.00", "F41.0", "F42.2", "F43.1"])
    names = st.sampled_from(["spin", "mi", "pdss", "oci", "pcl-5"])
    return st.tuples(problems, pairs, pairs, st.dictionaries(names, pairs, max_size=3))


@settings(max_examples=25, deadline=None, database=None)
@given(st.lists(_treatments(), max_size=6))
def test_who_else_is_judged_changes_nothing(treatments: list[Treatment]) -> None:
    together = _judged(*treatments)
    for at, alone in enumerate(_judged(one) for one in treatments):
        assert together.measures[at] == alone.measures[0]
        for name in FLAGS:
            assert getattr(together.flags, name)[at] == getattr(alone.flags, name)[0]
