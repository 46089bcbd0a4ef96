"""The picture of ``rapport change``: every person a point, all of the band's width to be seen.

What is drawn is read off the figure before it is written; that the bytes are the same twice, and
fetch nothing, is tested in ``test_scoring_change_table``.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from rapport.instruments import load_catalogue
from rapport.scoring.change.criteria import ChangePlan
from rapport.scoring.change_plot import change_picture
from rapport.scoring.change_table import change_file
from rapport.scoring.item_mapping import TableFormat

PHQ = ChangePlan(improvement_sign=-1, instrument=load_catalogue()["phq-9"])
EVERY = ("20,8", "20,12", "12,8", "12,20", "8,20")
"""Recovered, improved, unchanged, deteriorated, harmed."""

Draw = Callable[..., Axes]


def array(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)


@pytest.fixture
def drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Draw:
    kept: list[tuple[Figure, dict[str, object]]] = []

    def keep(figure: Figure, _: object, **how: object) -> None:
        kept.append((figure, how))

    monkeypatch.setattr(Figure, "savefig", keep)

    def draw(*rows: str, plan: ChangePlan = PHQ) -> Axes:
        (tmp_path / "p.csv").write_text("\n".join(["T0,T1", *rows]) + "\n", encoding="utf-8")
        changed = change_file(
            tmp_path / "p.csv", pre="T0", post="T1", plan=plan, form=TableFormat()
        )
        change_picture(changed)
        assert kept.pop()[1]["metadata"] == {"Date": None, "Title": "Change"}
        change_picture(changed, "png")
        figure, how = kept.pop()
        assert (how["format"], how["dpi"], how["metadata"]) == ("png", 150, {"Software": None})
        (axes,) = figure.axes
        return axes

    return draw


def test_every_person_is_a_point_of_the_mark_of_its_category(drawn: Draw) -> None:
    axes = drawn(*EVERY, "30,3")
    points = {c.get_label(): c for c in axes.collections if "(" in str(c.get_label())}
    assert {label: array(c.get_offsets()).tolist() for label, c in points.items()} == {
        "recovered (1)": [[20, 8]],
        "improved (1)": [[20, 12]],
        "unchanged (1)": [[12, 8]],
        "deteriorated (1)": [[12, 20]],
        "harmed (1)": [[8, 20]],
    }
    colours = {to_hex(c.get_facecolor()[0]) for c in points.values()}
    shapes = {array(c.get_paths()[0].vertices).tobytes() for c in points.values()}
    assert (len(colours), len(shapes)) == (5, 5)


def test_the_band_is_as_wide_as_the_yardstick(drawn: Draw) -> None:
    axes = drawn(*EVERY)
    (band,) = [c for c in axes.collections if c.get_label() == "change below the threshold"]
    first, last = array(band.get_paths()[0].vertices).T
    assert set(np.abs(last - first).round(6)) == {6.0}
    (line,) = [found for found in axes.lines if found.get_label() == "no change"]
    assert array(line.get_xdata()).tolist() == array(line.get_ydata()).tolist()


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (ChangePlan(improvement_sign=1, method="JT", reliability=0.8), "change within error"),
        (ChangePlan(improvement_sign=1, method="MID", smallest=4), "change below the threshold"),
        (ChangePlan(improvement_sign=1, method="percentage"), "change below the percentage"),
    ],
)
def test_the_band_says_what_it_is(drawn: Draw, plan: ChangePlan, words: str) -> None:
    assert words in [c.get_label() for c in drawn(*EVERY, plan=plan).collections]


def test_the_cut_off_is_drawn_on_both_axes_where_there_is_one(drawn: Draw) -> None:
    lines = [found for found in drawn(*EVERY).lines if found.get_linestyle() == "--"]
    assert [array(found.get_ydata()).tolist() for found in lines][:1] == [[10, 10]]
    assert [array(found.get_xdata()).tolist() for found in lines][1:] == [[10, 10]]
    without = drawn(*EVERY, plan=ChangePlan(improvement_sign=1, method="percentage"))
    assert not [found for found in without.lines if found.get_linestyle() == "--"]


def test_axes_are_named_after_the_columns_and_the_title_says_how_many(drawn: Draw) -> None:
    axes = drawn(*EVERY)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("T0", "T1")
    assert axes.get_title(loc="left") == "First and last score, n = 5"
    assert axes.get_box_aspect() == 1
    legend = axes.figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()][:3] == [
        "change below the threshold", "no change", "cut-off",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "limits"),
    [
        # 0 to 25 and 8 % on each side.
        (("25,0", "0,25"), (-2, 27)),
        # 10 to 10.2: half a point on each side is less than the band of ±6 and a quarter more.
        (("10,10.2",), (10.1 - 7.5, 10.1 + 7.5)),
    ],
    ids=["as wide as the scores", "as wide as the band"],
)
def test_both_axes_show_all_scores_and_the_band(
    drawn: Draw, rows: tuple[str, ...], limits: tuple[float, float]
) -> None:
    axes = drawn(*rows)
    assert axes.get_xlim() == pytest.approx(limits)
    assert axes.get_ylim() == pytest.approx(limits)


def test_scores_that_are_all_alike_have_room_beside_them(drawn: Draw) -> None:
    # MID of 0.1: the band asks for less than half a point.
    axes = drawn("10,10", plan=ChangePlan(improvement_sign=-1, method="MID", smallest=0.1))
    assert axes.get_xlim() == pytest.approx((9.5, 10.5))


def test_a_band_that_has_no_width_in_the_middle_leaves_the_limits_alone(drawn: Draw) -> None:
    # Per cent of a first score of 0 do not exist: the middle of 0 and 0 has no band.
    plan = ChangePlan(improvement_sign=-1, method="percentage", floor=5)
    assert drawn("6,2", plan=plan).get_xlim() == pytest.approx((1.5, 6.5))


def test_an_uneven_band_is_shown_to_its_farther_edge(drawn: Draw) -> None:
    # Improvement from 2 points on, worsening from 8: the axes reach 8 and a quarter beside 10.
    plan = ChangePlan(improvement_sign=-1, method="MID", smallest=2, smallest_worsening=8)
    assert drawn("10,10", plan=plan).get_ylim() == pytest.approx((0, 20))
