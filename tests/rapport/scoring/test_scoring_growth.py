"""The growth model against lme4 on the same data: ``expected/growth.csv``, by ``growth.R``."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rapport.errors import StatisticsError
from rapport.scoring.change import growth_change

EXPECTED = Path(__file__).parent / "expected/growth.csv"
DATA = pd.read_csv(EXPECTED, comment="#")


@pytest.fixture(params=["growth", "growth_alike"])
def expected(request: pytest.FixtureRequest) -> Path:
    """The second file holds people who start alike: little tells them apart but error."""
    return EXPECTED.with_name(f"{request.param}.csv")


def test_slopes_and_indices_equal_those_of_lme4(expected: Path) -> None:
    data = pd.read_csv(expected, comment="#")
    found = growth_change(data["person"], data["time"], data["score"])
    people = data.drop_duplicates("person")
    assert found.persons.tolist() == people["person"].tolist()
    assert found.deviation == pytest.approx(people["deviation"].to_numpy(), abs=1e-5)
    index = (people["deviation"] / people["deviation_sd"]).to_numpy()
    assert found.index == pytest.approx(index, abs=1e-5)


def test_fixed_and_random_parts_equal_those_of_lme4(expected: Path) -> None:
    data = pd.read_csv(expected, comment="#")
    header = expected.read_text(encoding="utf-8").splitlines()[2]
    mean_slope, residual_sd, slope_sd = (float(x) for x in re.findall(r"-?\d+\.\d+", header))
    found = growth_change(data["person"], data["time"], data["score"])
    assert found.mean_slope == pytest.approx(mean_slope, abs=1e-6)
    assert found.residual_sd == pytest.approx(residual_sd, abs=1e-5)
    assert found.slope_sd == pytest.approx(slope_sd, abs=1e-5)


def test_the_error_of_a_slope_is_that_of_henderson_s_equations(expected: Path) -> None:
    data = pd.read_csv(expected, comment="#")
    found = growth_change(data["person"], data["time"], data["score"])
    error = data.drop_duplicates("person")["slope_error"].to_numpy()
    assert found.slope_error == pytest.approx(error, abs=1e-5)
    assert found.slope_index == pytest.approx(found.slope / error, abs=1e-4)


def test_a_person_s_slope_is_the_group_s_plus_the_deviation() -> None:
    found = growth_change(DATA["person"], DATA["time"], DATA["score"])
    assert found.slope == pytest.approx(found.mean_slope + found.deviation)


def test_shifting_and_scaling_the_scores_changes_no_index() -> None:
    one = growth_change(DATA["person"], DATA["time"], DATA["score"])
    other = growth_change(DATA["person"], DATA["time"], DATA["score"] * -3 + 40)
    assert other.index == pytest.approx(-one.index, abs=1e-4)


def test_rows_without_a_score_are_left_out() -> None:
    extra = pd.DataFrame({"person": ["p01"], "time": [9], "score": [np.nan]})
    longer = pd.concat([DATA, extra])
    one = growth_change(DATA["person"], DATA["time"], DATA["score"])
    other = growth_change(longer["person"], longer["time"], longer["score"])
    assert other.index == pytest.approx(one.index)


def test_the_unit_of_time_changes_no_index() -> None:
    one = growth_change(DATA["person"], DATA["time"], DATA["score"])
    other = growth_change(DATA["person"], DATA["time"] / 100, DATA["score"])
    assert other.slope_index == pytest.approx(one.slope_index, abs=1e-3)
    assert other.mean_slope == pytest.approx(one.mean_slope * 100, rel=1e-5)


def test_the_day_from_which_time_is_counted_changes_nothing() -> None:
    one = growth_change(DATA["person"], DATA["time"], DATA["score"])
    other = growth_change(DATA["person"], DATA["time"] * 7 + 739_000, DATA["score"])
    assert other.slope_index == pytest.approx(one.slope_index, abs=1e-3)
    assert other.mean_slope == pytest.approx(one.mean_slope / 7, rel=1e-5)


def test_people_with_fewer_waves_are_kept_beside_one_with_three() -> None:
    persons = [*"aaabbccd"]
    times = [0.0, 1, 2, 0, 1, 0, 2, 0]
    scores = [20.0, 15, 13, 18, 17, 22, 12, 19]
    found = growth_change(persons, times, scores)
    assert found.persons.tolist() == [*"abcd"]
    assert np.isfinite(found.slope).all()
    with pytest.raises(StatisticsError, match="TOO_FEW_WAVES"):
        growth_change(persons[3:], times[3:], scores[3:])


@pytest.mark.parametrize("start", [0.0, 20.0, 12_345.6])
@pytest.mark.parametrize("step", [0.0, -1.0, 0.1, 333.3])
def test_scores_on_straight_lines_show_no_error(step: float, start: float) -> None:
    persons = np.repeat(np.arange(6), 4)
    times = np.tile(np.arange(4.0), 6)
    with pytest.raises(StatisticsError, match="NO_ERROR"):
        growth_change(persons, times, start + step * persons * times)


def test_waves_at_one_time_show_no_change() -> None:
    with pytest.raises(StatisticsError, match="TOO_FEW_WAVES"):
        growth_change(["a"] * 3 + ["b"] * 3, [1.0] * 6, [1.0, 2, 3, 4, 5, 6])


@pytest.mark.parametrize("n_waves", [0, 1, 2])
def test_three_waves_are_needed(n_waves: int) -> None:
    rows = [(p, t, p + t) for p in range(5) for t in range(n_waves)]
    persons, times, scores = zip(*rows, strict=True) if rows else ((), (), ())
    with pytest.raises(StatisticsError, match="TOO_FEW_WAVES"):
        growth_change(persons, times, scores)
