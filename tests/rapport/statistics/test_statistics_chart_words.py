"""What control charts say in words: months, direction, meaning, advice."""

import numpy as np
import pytest

from rapport.errors import StatisticsError
from rapport.statistics.control_chart_words import ADVICE, MEANINGS, QUIET, reading
from rapport.statistics.control_charts import ControlChart, signals, xmr_chart

MONTHS = [f"2025-{month:02d}" for month in range(1, 13)] + ["2026-01", "2026-02"]


def _chart(values: list[float], *, centre: float = 0.0, half: float = 3.0) -> ControlChart:
    flat = np.ones(len(values))
    return ControlChart(
        np.array(values), centre, flat * (centre - half), flat * (centre + half), "xmr"
    )


def _said(values: list[float]) -> tuple[str, ...]:
    chart = _chart(values)
    return reading(chart, signals(chart), MONTHS[: len(values)])


QUIETLY = [0.5, -0.5, 0.4, 0.6, -0.2, 0.1, -0.6, 0.3, -0.1, 0.2, -0.4, 0.1]


def test_a_quiet_chart_is_said_to_be_quiet() -> None:
    assert _said(QUIETLY) == (QUIET,)


@pytest.mark.parametrize(("value", "words"), [(4.0, "above the upper"), (-4.0, "below the lower")])
def test_a_point_outside_is_named_with_its_month_and_side(value: float, words: str) -> None:
    said = _said([*QUIETLY[:11], value])[0]
    assert said.startswith(f"2025-12 ({words} limit): farther from the average")
    assert said.endswith(ADVICE["outside"])


@pytest.mark.parametrize(("sign", "words"), [(1, "above"), (-1, "below")])
def test_a_shift_is_named_with_its_months_and_side(sign: int, words: str) -> None:
    values = [*QUIETLY[:5], *(sign * one for one in (0.3, 0.5, 0.4, 0.6, 0.5, 0.3, 0.4))]
    assert any(
        said.startswith(f"2025-06 to 2025-12 ({words} the average): all on one side")
        for said in _said([-0.1 * sign if i == 4 else v for i, v in enumerate(values)])
    )


@pytest.mark.parametrize(("step", "words"), [(1, "rising"), (-1, "falling")])
def test_a_trend_is_named_with_its_direction(step: int, words: str) -> None:
    values = [*QUIETLY[:5], *(step * (-0.9 + 0.3 * i) for i in range(7))]
    assert any(f"({words})" in said for said in _said(values))


@pytest.mark.parametrize(("sign", "words"), [(1, "upper"), (-1, "lower")])
def test_points_near_a_limit_are_named_with_the_limit(sign: int, words: str) -> None:
    values = [*QUIETLY[:9], 2.5 * sign, 0.1, 2.4 * sign]
    assert any(
        said.startswith(f"2025-10 to 2025-12 (near the {words} limit)") for said in _said(values)
    )


def test_rules_on_the_whole_series_have_a_sentence_without_a_month() -> None:
    said = _said([-0.5] * 7 + [0.5] * 7)
    assert any(one.startswith("The series crosses its middle more rarely") for one in said)


def test_a_short_chart_says_that_it_is_short() -> None:
    assert _said([0.1, -0.1, 0.2]) == ("With fewer than 12 months only the limits are read.", QUIET)


def test_every_rule_has_words_and_advice() -> None:
    assert (
        set(MEANINGS)
        == set(ADVICE)
        == {
            "outside",
            "shift",
            "trend",
            "near_limit",
            "long_run",
            "few_crossings",
        }
    )


def test_as_many_months_as_points_are_needed() -> None:
    chart = xmr_chart([1.0, 2.0, 3.0])
    with pytest.raises(StatisticsError, match="PERIODS"):
        reading(chart, (), MONTHS)
