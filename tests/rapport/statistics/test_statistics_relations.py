"""Real relationship, agreement on ruptures, and the published correlation: against R."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.alliance_outcome import (
    PUBLISHED_INTERVAL,
    Correlation,
    beside_published,
    correlation,
    within_between,
)
from rapport.statistics.real_relationship import (
    UNCERTAIN_KEY,
    disattenuated,
    real_relationship_beside_alliance,
    repeated_measures_correlation,
)
from rapport.statistics.rupture_agreement import (
    NO_SESSIONS,
    NO_VARIATION,
    agreement,
    rupture_agreement,
)

Expected = dict[str, list[float]]
Read = Callable[[str], pd.DataFrame]


def _beside(courses: pd.DataFrame) -> pd.DataFrame:
    return courses.assign(alliance=courses["patient"], patient=courses["dyad"])


def test_the_correlation_within_patients_is_that_of_the_analysis_of_covariance(
    relations: Expected, r_data: Read
) -> None:
    found = real_relationship_beside_alliance(_beside(r_data("courses")), is_key_certain=True)
    within = [found.within.r, found.within.low, found.within.high]
    # The interval of psych::r.con has its quantile from R; both to 1e-9.
    assert within == pytest.approx(relations["real.within"], rel=1e-9)
    between = [found.between.r, found.between.low, found.between.high]
    assert between == pytest.approx(relations["real.between"], rel=1e-9)
    assert (found.reasons, found.between.n) == ((), 60)


def test_nothing_is_computed_from_an_uncertain_key(r_data: Read) -> None:
    found = real_relationship_beside_alliance(_beside(r_data("courses")), is_key_certain=False)
    assert found.reasons == (UNCERTAIN_KEY,)
    assert math.isnan(found.within.r)
    assert math.isnan(found.between.r)
    assert math.isnan(found.difference)


def test_attenuation_is_undone_only_with_reliabilities(r_data: Read) -> None:
    sessions = _beside(r_data("courses"))
    plain = real_relationship_beside_alliance(sessions, is_key_certain=True)
    freed = real_relationship_beside_alliance(
        sessions, is_key_certain=True, reliabilities=(0.9, 0.8)
    )
    assert plain.between_disattenuated is None
    assert freed.between_disattenuated is not None
    assert freed.between_disattenuated.r == pytest.approx(plain.between.r / math.sqrt(0.72))


def test_a_correlation_above_one_is_shown_as_it_is() -> None:
    assert disattenuated(Correlation(0.9, 0.8, 0.95, 0.81, 50), 0.8, 0.8).r == pytest.approx(1.125)


@pytest.mark.parametrize("bad", [(0.0, 0.9), (0.9, 1.1)])
def test_a_reliability_out_of_range_is_refused(r_data: Read, bad: tuple[float, float]) -> None:
    with pytest.raises(StatisticsError, match="RELIABILITY"):
        real_relationship_beside_alliance(
            _beside(r_data("courses")), is_key_certain=True, reliabilities=bad
        )


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_sessions_have_no_correlation(r_data: Read, n: int) -> None:
    found = real_relationship_beside_alliance(
        _beside(r_data("courses")).head(n), is_key_certain=True
    )
    assert math.isnan(found.within.r)
    assert len(found.reasons) == 2


def test_patients_who_never_vary_have_no_correlation_within() -> None:
    patient, fixed = pd.Series(list("aabbcc")), pd.Series([1.1, 1.1, 2.7, 2.7, 3.3, 3.3])
    found = repeated_measures_correlation(patient, fixed, pd.Series([1.0, 2, 3, 4, 5, 6]))
    assert math.isnan(found.r)


@settings(max_examples=25, deadline=None)
@given(factor=st.floats(0.1, 10), shift=st.floats(-20, 20), seed=st.integers(0, 2**16))
def test_correlation_within_does_not_depend_on_units_and_follows_direction(
    factor: float, shift: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    patient = pd.Series(random.integers(0, 6, 40))
    x, y = pd.Series(random.normal(size=40)), pd.Series(random.normal(size=40))
    plain = repeated_measures_correlation(patient, x, y)
    moved = repeated_measures_correlation(patient[::-1], shift - factor * x, y)
    own = repeated_measures_correlation(patient, x + 9 * patient, y)
    assert moved.r == pytest.approx(-plain.r, abs=1e-7)
    assert moved.low == pytest.approx(-plain.high, abs=1e-7)
    assert own.r == pytest.approx(plain.r, abs=1e-7)


def _judged(courses: pd.DataFrame) -> pd.DataFrame:
    return courses.assign(patient=courses["dyad"])


def test_kappa_and_its_interval_are_those_of_psych(relations: Expected, r_data: Read) -> None:
    found = rupture_agreement(_judged(r_data("courses")))
    assert [(one.first, one.second) for one in found] == [
        ("score", "patient"),
        ("score", "therapist"),
        ("patient", "therapist"),
    ]
    numbers = [
        number
        for one in found
        for number in (one.kappa.value, one.kappa.standard_error, one.kappa.low, one.kappa.high)
    ]
    assert numbers == pytest.approx(relations["kappa"], rel=1e-9)


def test_the_table_of_a_worked_example() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: po .70, pe .50, kappa .40 (by hand).
    one = pd.Series([True] * 25 + [False] * 25)
    other = pd.Series([True] * 20 + [False] * 5 + [True] * 10 + [False] * 15)
    found = agreement(one, other, pd.Series(range(50)), first="score", second="patient")
    assert (found.both, found.first_only, found.second_only, found.neither) == (20, 5, 10, 15)
    assert found.observed.value == pytest.approx(0.70)
    assert found.kappa.value == pytest.approx(0.40)
    assert found.positive.value == pytest.approx(40 / 55)
    assert found.negative.value == pytest.approx(30 / 45)
    # With one session a patient both errors speak of the same, by two ways.
    assert found.kappa_by_patient.standard_error == pytest.approx(
        found.kappa.standard_error, rel=0.03
    )


def test_the_error_by_patient_is_that_of_leaving_each_one_out(r_data: Read) -> None:
    courses = _judged(r_data("courses"))
    found = rupture_agreement(courses)[0]
    patients = courses["patient"].unique()
    left = [rupture_agreement(courses[courses["patient"] != one])[0] for one in patients]
    for name, error in (
        ("value", found.kappa_by_patient.standard_error),
        ("positive", found.positive.standard_error),
    ):
        values = [one.kappa.value if name == "value" else one.positive.value for one in left]
        n = len(values)
        assert error == pytest.approx(
            math.sqrt((n - 1) ** 2 / n) * np.std(values, ddof=1), rel=1e-9
        )


def test_an_estimate_that_rests_on_one_patient_has_no_interval() -> None:
    one = pd.Series([True, False, False, False])
    found = agreement(one, one, pd.Series(range(4)), first="score", second="patient")
    assert found.kappa_by_patient.value == 1.0
    assert math.isnan(found.kappa_by_patient.low)


def test_sessions_of_one_patient_that_go_together_widen_the_interval() -> None:
    one = pd.Series([True, False, True, False, True, True, False, False] * 5)
    other = pd.Series([True, False, False, False, True, True, True, False] * 5)
    alone = agreement(one, other, pd.Series(range(40)), first="a", second="b")
    same = agreement(one, other, pd.Series(list(range(8)) * 5), first="a", second="b")
    assert same.kappa == alone.kappa
    assert same.kappa_by_patient.value == alone.kappa_by_patient.value
    assert same.kappa_by_patient.standard_error > 2 * alone.kappa_by_patient.standard_error


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ([], [], NO_SESSIONS),
        ([True], [True], NO_VARIATION),
        ([True, True], [True, False], NO_VARIATION),
        ([None, True], [True, None], NO_SESSIONS),
        ([False] * 9, [False] * 9, NO_VARIATION),
    ],
)
def test_no_kappa_without_sessions_or_variation(
    one: list[bool | None], other: list[bool | None], reason: str
) -> None:
    found = agreement(
        pd.Series(one, dtype="boolean"),
        pd.Series(other, dtype="boolean"),
        pd.Series(range(len(one))),
        first="score",
        second="patient",
    )
    assert found.reason == reason
    assert math.isnan(found.kappa.value)
    assert math.isnan(found.kappa_by_patient.value)


def test_agreement_that_nobody_saw_is_no_agreement() -> None:
    no = pd.Series([False] * 6)
    found = agreement(no, no, pd.Series(range(6)), first="score", second="patient")
    assert math.isnan(found.positive.value)
    assert found.negative.value == 1.0
    assert math.isnan(found.negative.low)


def test_only_sources_that_are_there_are_compared(r_data: Read) -> None:
    found = rupture_agreement(_judged(r_data("courses")).drop(columns="therapist_item"))
    assert [(one.first, one.second) for one in found] == [("score", "patient")]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 4)), max_size=30))
def test_kappa_is_symmetric_and_blind_to_which_answer_is_called_yes(
    rows: list[tuple[bool, bool, int]],
) -> None:
    frame = pd.DataFrame(rows, columns=["x", "y", "patient"]).astype({"x": bool, "y": bool})
    plain = agreement(frame["x"], frame["y"], frame["patient"], first="a", second="b")
    swapped = agreement(frame["y"], frame["x"], frame["patient"], first="b", second="a")
    flipped = agreement(~frame["x"], ~frame["y"], frame["patient"], first="a", second="b")
    for other in (swapped, flipped):
        assert other.kappa.value == pytest.approx(plain.kappa.value, nan_ok=True)
        assert other.kappa_by_patient.standard_error == pytest.approx(
            plain.kappa_by_patient.standard_error, nan_ok=True, abs=1e-9
        )
    assert flipped.positive.value == pytest.approx(plain.negative.value, nan_ok=True)
    cells = (plain.both, plain.first_only, plain.second_only, plain.neither)
    assert sum(cells) == plain.n_sessions == len(rows)


def _found(r: float, n: int) -> Correlation:
    half = 1.959963984540054 / math.sqrt(n - 3)
    low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return Correlation(r, low, high, r * r, n)


@pytest.mark.parametrize(
    ("r", "n", "word"),
    [(0.3, 100, "agree"), (0.3, 20, "too few to tell"), (0.7, 100, "above"), (-0.2, 100, "below")],
)
def test_the_interval_decides_what_is_said_beside_the_published_correlation(
    r: float, n: int, word: str
) -> None:
    found = beside_published(_found(r, n))
    assert word in found.words
    assert (found.published_low, found.published_high) == PUBLISHED_INTERVAL
    assert found.published_share == pytest.approx(0.0773, abs=5e-5)
    assert found.difference_z == pytest.approx(math.atanh(r) - math.atanh(0.278))


def test_no_correlation_of_ones_own_is_said_and_not_compared() -> None:
    found = beside_published(correlation(pd.Series([1.0, 2.0]), pd.Series([2.0, 1.0])))
    assert "too few patients" in found.words
    assert math.isnan(found.difference_z)


def test_the_share_of_variance_has_the_interval_that_the_correlation_gives() -> None:
    both_sides, one_side = (
        Correlation(0.1, -0.2, 0.4, 0.01, 9),
        Correlation(-0.5, -0.7, -0.3, 0.25, 9),
    )
    assert [both_sides.share_low, both_sides.share_high] == pytest.approx([0.0, 0.16])
    assert [one_side.share_low, one_side.share_high] == pytest.approx([0.09, 0.49])


def test_partial_correlations_carry_the_sign_and_interval_of_their_effects(r_data: Read) -> None:
    sessions = r_data("courses").rename(
        columns={"dyad": "patient", "patient": "alliance", "patient_outcome": "outcome"}
    )
    found = within_between(sessions)
    t = found.within.value / found.within.standard_error
    df = found.n_pairs - found.n_patients - 2
    assert found.within_r.r == pytest.approx(t / math.sqrt(t * t + df))
    assert found.within_r.low < found.within_r.r < found.within_r.high
    assert math.copysign(1, found.between_r.r) == math.copysign(1, found.between.value)
    assert found.between_r.n == found.n_patients
