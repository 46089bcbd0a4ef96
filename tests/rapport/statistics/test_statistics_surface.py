"""Clustered regression, response surface, session mode: against R's lm with sandwich and car."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics.clustered_regression import fit_clustered, means_by_group
from rapport.statistics.response_surface import response_surface
from rapport.statistics.session_mode import CAVEAT, SessionModes, by_session_mode

Expected = dict[str, list[float]]
Read = Callable[[str], pd.DataFrame]


def _rows(courses: pd.DataFrame) -> pd.DataFrame:
    return courses.assign(outcome=courses["patient_outcome"])


def test_coefficients_of_the_surface_are_those_of_lm_and_sandwich(
    relations: Expected, r_data: Read
) -> None:
    found = response_surface(_rows(r_data("courses")))
    each = [found.intercept, *found.coefficients.values()]
    assert found.reason is None
    assert [one.value for one in each] == pytest.approx(relations["surface.coefficient"], rel=1e-9)
    assert [one.standard_error for one in each] == pytest.approx(
        relations["surface.error"], rel=1e-9
    )


def test_the_four_sums_are_those_of_the_delta_method(relations: Expected, r_data: Read) -> None:
    found = response_surface(_rows(r_data("courses")))
    sums = [found.a1, found.a2, found.a3, found.a4]
    numbers = [number for one in sums for number in (one.value, one.standard_error)]
    assert numbers == pytest.approx(relations["surface.sum"], rel=1e-9)
    assert all(one.low < one.value < one.high for one in sums)


def test_a_surface_needs_enough_dyads(r_data: Read) -> None:
    few = _rows(r_data("courses")).query("dyad <= 'd30'")
    found = response_surface(few)
    assert found.reason == "A surface needs 50 dyads; there are 30."
    assert math.isnan(found.a1.value)
    assert math.isnan(found.coefficients["patient"].high)


def test_a_surface_needs_disagreement_in_both_directions(r_data: Read) -> None:
    rows = _rows(r_data("courses"))
    found = response_surface(rows.assign(therapist=rows["patient"]))
    assert found.reason is not None
    assert "too rarely" in found.reason


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_rows_have_no_surface(r_data: Read, n: int) -> None:
    found = response_surface(_rows(r_data("courses")).head(n), fewest_dyads=0)
    assert found.reason
    assert math.isnan(found.a4.value)


def test_raters_who_never_vary_have_no_surface(r_data: Read) -> None:
    found = response_surface(_rows(r_data("courses")).assign(patient=3.0))
    assert (found.patient_higher, found.reason is None) == (0.0, False)


@settings(max_examples=15, deadline=None)
@given(factor=st.floats(0.1, 10), shift=st.floats(-20, 20), seed=st.integers(0, 2**16))
def test_the_surface_follows_the_outcomes_unit_and_not_the_order_of_rows(
    factor: float, shift: float, seed: int
) -> None:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame(
        random.normal(3.5, 0.6, (120, 3)), columns=["patient", "therapist", "outcome"]
    )
    rows["dyad"] = np.arange(120) // 2
    plain = response_surface(rows)
    moved = rows.assign(outcome=shift - factor * rows["outcome"]).sample(frac=1, random_state=seed)
    other = response_surface(moved)
    for name in ("a1", "a2", "a3", "a4"):
        before, after = getattr(plain, name), getattr(other, name)
        assert after.value == pytest.approx(-factor * before.value, rel=1e-6, abs=1e-6 * factor)
        assert after.low == pytest.approx(-factor * before.high, rel=1e-6, abs=1e-6 * factor)


def test_exchanging_the_raters_turns_the_line_of_disagreement_round(r_data: Read) -> None:
    rows = _rows(r_data("courses"))
    swapped = rows.rename(columns={"patient": "therapist", "therapist": "patient"})
    plain, other = response_surface(rows), response_surface(swapped)
    assert other.a3.value == pytest.approx(-plain.a3.value, rel=1e-9)
    assert other.a1.value == pytest.approx(plain.a1.value, rel=1e-9)
    assert other.patient_higher == plain.therapist_higher


def _modes(courses: pd.DataFrame, measure: str) -> SessionModes:
    sessions = courses.assign(measured=courses[measure], patient=courses["dyad"])
    return by_session_mode(sessions, measure="measured", fewest_patients=5)


@pytest.mark.parametrize("measure", ["patient", "score"])
def test_contrasts_of_modes_are_those_of_lm_and_sandwich(
    relations: Expected, r_data: Read, measure: str
) -> None:
    found = _modes(r_data("courses"), measure)
    assert (found.reference, [one.mode for one in found.contrasts]) == (
        "in_person",
        ["video", "telephone"],
    )
    each = [one.within for one in found.contrasts] + [one.between for one in found.contrasts]
    assert [one.value for one in each] == pytest.approx(
        relations[f"mode.{measure}.coefficient"], rel=1e-8
    )
    assert [one.standard_error for one in each] == pytest.approx(
        relations[f"mode.{measure}.error"], rel=1e-8
    )
    assert found.caveat == CAVEAT


def test_means_of_modes_are_those_of_lm_and_sandwich(relations: Expected, r_data: Read) -> None:
    found = _modes(r_data("courses"), "patient")
    assert found.modes == ("in_person", "video", "telephone")
    assert found.means.mean == pytest.approx(relations["mode.mean"], rel=1e-9)
    assert found.means.standard_error == pytest.approx(relations["mode.mean_error"], rel=1e-9)


def test_a_mode_that_few_used_has_a_reason_and_no_number(r_data: Read) -> None:
    courses = r_data("courses")
    rare = courses.assign(mode=courses["mode"].mask(courses.index < 3, "text"))
    text = next(one for one in _modes(rare, "patient").contrasts if one.mode == "text")
    assert text.within_reason == "Fewer than 5 patients used both modes."
    assert text.between_reason == "Fewer than 5 patients used one of the modes."
    assert math.isnan(text.within.value)
    assert math.isnan(text.between.value)


def test_who_chose_a_mode_is_not_taken_for_its_effect() -> None:
    # Patients who prefer video have an alliance lower by 1 whatever the mode.
    random = np.random.default_rng(3)
    patient = np.repeat(np.arange(80), 6)
    prefers = patient % 2 == 0
    mode = np.where(random.random(480) < np.where(prefers, 0.8, 0.2), "video", "in_person")
    sessions = pd.DataFrame(
        {
            "patient": patient,
            "session": np.tile(np.arange(6), 80),
            "mode": mode,
            "alliance": 4 - prefers + random.normal(0, 0.3, 480),
        }
    )
    found = by_session_mode(sessions, reference="in_person").contrasts[0]
    assert found.within.low < 0 < found.within.high
    assert found.between.high < 0


@pytest.mark.parametrize("n", [0, 1, 2])
def test_hardly_any_sessions_have_no_contrast(r_data: Read, n: int) -> None:
    found = _modes(r_data("courses").head(n), "patient")
    assert all(math.isnan(one.within.value) and one.within_reason for one in found.contrasts)


def test_one_mode_has_nothing_to_be_set_against(r_data: Read) -> None:
    found = _modes(r_data("courses").assign(mode="video"), "patient")
    assert (found.contrasts, found.reference) == ((), "video")


def test_sessions_without_severity_leave_the_contrasts_and_that_is_said(r_data: Read) -> None:
    courses = r_data("courses")
    plain = _modes(courses.drop(columns="severity"), "patient")
    assert not plain.adjusted_for_severity
    holed = _modes(
        courses.assign(severity=courses["severity"].mask(courses["dyad"] == "d02")), "patient"
    )
    assert holed.n_patients == plain.n_patients - 1


def test_degrees_of_freedom_are_those_of_full_matrices() -> None:
    random = np.random.default_rng(5)
    cluster = np.repeat(np.arange(7), [1, 2, 3, 4, 5, 6, 7])
    x = np.column_stack([np.ones(28), random.normal(size=28), cluster % 2])
    fit = fit_clustered(random.normal(size=28), x, cluster)
    for weights in (np.array([0.0, 1, 0]), np.array([0.0, 0, 1]), np.array([1.0, 2, -1])):
        assert fit.degrees_of_freedom(weights) == pytest.approx(_satterthwaite(x, cluster, weights))


def _satterthwaite(x: np.ndarray, cluster: np.ndarray, weights: np.ndarray) -> float:
    """Bell and McCaffrey's formula written out, by square roots of matrices."""
    inverse = np.linalg.inv(x.T @ x)
    hat = np.eye(len(x)) - x @ inverse @ x.T
    parts = []
    for code in np.unique(cluster):
        own = cluster == code
        values, vectors = np.linalg.eigh(hat[np.ix_(own, own)])
        root = vectors @ np.diag(values**-0.5) @ vectors.T
        parts.append(hat[:, own] @ root @ x[own] @ inverse @ weights)
    b = np.array(parts) @ np.array(parts).T
    return float(np.trace(b) ** 2 / np.trace(b @ b))


def test_a_cluster_that_alone_decides_a_coefficient_says_nothing_of_its_error() -> None:
    random = np.random.default_rng(5)
    cluster = np.repeat(np.arange(10), 4)
    x = np.column_stack([np.ones(40), cluster == 0])
    fit = fit_clustered(random.normal(size=40), x, cluster)
    assert np.isfinite(fit.covariance).all()
    assert math.isfinite(fit.estimate(1, 0).low)


@pytest.mark.parametrize(
    ("y", "x", "cluster", "rule"),
    [
        ([], np.ones((0, 1)), [], "TOO_FEW_ROWS"),
        ([1.0], np.ones((1, 1)), ["a"], "TOO_FEW_ROWS"),
        ([1.0, 2.0], np.ones((2, 1)), ["a", "a"], "ONE_CLUSTER"),
        ([1.0, np.nan], np.ones((2, 1)), ["a", "b"], "NOT_FINITE"),
        ([1.0, 2.0], np.ones((3, 1)), ["a", "b"], "SHAPES"),
        ([1.0, 2.0, 3.0], np.ones((3, 2)), ["a", "b", "c"], "RANK"),
    ],
)
def test_a_regression_that_has_no_answer_is_refused(
    y: list[float], x: np.ndarray, cluster: list[str], rule: str
) -> None:
    with pytest.raises(StatisticsError, match=rule):
        fit_clustered(y, x, cluster)


@pytest.mark.parametrize("values", [[], [1.0], [2.0, 2.0]])
def test_hardly_any_or_equal_values_have_no_interval(values: list[float]) -> None:
    found = means_by_group(values, [0] * len(values), range(len(values)), 1)
    assert math.isnan(found.low[0])
    assert math.isnan(found.mean[0]) is (not values)


def test_an_empty_group_changes_nothing_for_the_others() -> None:
    one = means_by_group([1.0, 2, 4], [0, 0, 0], list("aab"), 1)
    two = means_by_group([1.0, 2, 4], [1, 1, 1], list("aab"), 2)
    assert one.at(0) == two.at(1)
    assert two.n.tolist() == [0, 3]
