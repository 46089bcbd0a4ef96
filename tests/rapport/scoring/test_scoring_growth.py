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


def test_slopes_and_indices_equal_those_of_lme4() -> None:
    found = growth_change(DATA["person"], DATA["time"], DATA["score"])
    people = DATA.drop_duplicates("person")
    assert found.persons.tolist() == people["person"].tolist()
    assert found.deviation == pytest.approx(people["deviation"].to_numpy(), abs=1e-5)
    index = (people["deviation"] / people["deviation_sd"]).to_numpy()
    assert found.index == pytest.approx(index, abs=1e-5)


def test_fixed_and_random_parts_equal_those_of_lme4() -> None:
    header = EXPECTED.read_text(encoding="utf-8").splitlines()[2]
    mean_slope, residual_sd, slope_sd = (float(x) for x in re.findall(r"-?\d+\.\d+", header))
    found = growth_change(DATA["person"], DATA["time"], DATA["score"])
    assert found.mean_slope == pytest.approx(mean_slope, abs=1e-6)
    assert found.residual_sd == pytest.approx(residual_sd, abs=1e-5)
    assert found.slope_sd == pytest.approx(slope_sd, abs=1e-5)


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


@pytest.mark.parametrize("n_waves", [0, 1, 2])
def test_three_waves_are_needed(n_waves: int) -> None:
    rows = [(p, t, p + t) for p in range(5) for t in range(n_waves)]
    persons, times, scores = zip(*rows, strict=True) if rows else ((), (), ())
    with pytest.raises(StatisticsError, match="TOO_FEW_WAVES"):
        growth_change(persons, times, scores)
