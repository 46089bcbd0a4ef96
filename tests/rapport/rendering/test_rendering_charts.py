"""Charts show what was published, say the same in words, and hold nothing that was hidden."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from rapport.rendering.charts import COLOURS, alternative_text, draw
from rapport.rendering.facts import Chart
from tests.rapport.rendering.sample_facts import THERAPISTS, clinic, report_facts, therapist_figures

ROOT = Path(__file__).parents[3]
FACTS = report_facts()
CHARTS = (*FACTS.alliance_charts, *FACTS.outcome_charts, *FACTS.therapist_charts)


def drawn_marks(chart: Chart) -> int:
    return draw(chart).svg.decode().count("<use ")


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_every_shown_mark_is_drawn_once_and_no_other(chart: Chart) -> None:
    shown = sum(mark.state == "shown" for series in chart.series for mark in series.marks)
    named = len(chart.series) if len(chart.series) > 1 else 0
    assert drawn_marks(chart) == shown + named


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.title)
def test_the_alternative_text_holds_every_mark_in_words(chart: Chart) -> None:
    text = alternative_text(chart)
    assert chart.title in text
    for series in chart.series:
        assert series.name in text
        assert all(f"{mark.label}: {mark.text}" in text for mark in series.marks)


def test_a_hidden_mark_leaves_the_same_picture_as_one_that_never_was() -> None:
    chart = FACTS.therapist_charts[0]
    series = chart.series[0]
    hidden = [mark for mark in series.marks if mark.state == "suppressed"]
    assert hidden
    assert all((m.value, m.low, m.high, m.text) == (None, None, None, "suppressed") for m in hidden)
    absent = [
        replace(mark, state="no_data", text="suppressed") if mark in hidden else mark
        for mark in series.marks
    ]
    other = replace(chart, series=(replace(series, marks=tuple(absent)),))
    assert draw(other).svg == draw(chart).svg


def test_a_chart_depends_on_nothing_but_its_facts() -> None:
    assert draw(CHARTS[0]).svg == draw(CHARTS[0]).svg


def test_a_chart_names_no_date_program_or_place() -> None:
    for chart in CHARTS:
        svg = draw(chart).svg.decode()
        assert "metadata" not in svg
        assert "matplotlib" not in svg.lower()
        assert "url(" not in svg


def test_the_two_series_differ_in_lightness_for_a_grey_print() -> None:
    def lightness(colour: str) -> float:
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    one, other = map(lightness, COLOURS)
    assert abs(one - other) > 0.15


def test_more_therapists_than_fit_one_chart_make_several() -> None:
    many = tuple(f"T-{number:03d}" for number in range(60))
    one = therapist_figures().query("therapist_id == 'T-01'")
    figures = pd.concat([one.assign(therapist_id=therapist) for therapist in many])
    facts = report_facts(clinic=clinic(therapists=many), therapist_figures=figures)
    labels = [m.label for chart in facts.therapist_charts for m in chart.series[0].marks]
    assert labels == list(many)
    assert len(facts.therapist_charts) == 3


def test_no_chart_is_drawn_where_no_therapist_may_be_shown() -> None:
    hidden = therapist_figures().query("therapist_id == 'T-04'")
    facts = report_facts(therapist_figures=hidden)
    assert facts.therapist_charts == ()
    assert len(facts.therapist_table.rows) == len(THERAPISTS)


def test_drawing_leaves_pyplot_and_the_settings_of_matplotlib_alone() -> None:
    code = (
        "import sys, matplotlib as m;"
        "read = lambda: {k: m.rcParams[k] for k in m.rcParams if k != 'backend'};"
        "before = read();"
        "from tests.rapport.rendering.sample_facts import report_facts;"
        "from rapport.rendering.charts import draw;"
        "draw(report_facts().alliance_charts[0]);"
        "assert read() == before; assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_places_in_a_chart_are_no_finer_than_a_thousandth_of_a_point_needs() -> None:
    numbers = re.findall(r"\d+\.(\d+)", draw(CHARTS[1]).svg.decode())
    assert max(map(len, numbers)) <= 6
