"""``rapport change``: every row is judged or dropped with a reason; numbers name their origin."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rapport.errors import ScoringError, StatisticsError
from rapport.instruments import load_catalogue
from rapport.scoring.change import Reference, paired
from rapport.scoring.change.criteria import ChangePlan
from rapport.scoring.change.criterion import Criterion, CriterionMethod
from rapport.scoring.change.indices import METHODS, Method
from rapport.scoring.change_plot import change_picture
from rapport.scoring.change_table import ChangedTable, change_file
from rapport.scoring.item_mapping import TableFormat

CATALOGUE = load_catalogue()
PHQ = ChangePlan(improvement_sign=-1, instrument=CATALOGUE["phq-9"])
PAIRS = ["20,8", "20,12", "12,8", "12,20", "8,20", "16,10", "16,9"]


def changed(
    folder: Path, *rows: str, plan: ChangePlan = PHQ, form: TableFormat | None = None
) -> ChangedTable:
    file = folder / "pairs.csv"
    file.write_text("\n".join(["first,last", *rows]) + "\n", encoding="utf-8")
    return change_file(file, pre="first", post="last", plan=plan, form=form or TableFormat())


def test_published_figures_judge_by_the_instrument_s_own_words(tmp_path: Path) -> None:
    # PHQ-9: 6 points or more are reliable, 10 or more is a case.
    found = changed(tmp_path, *PAIRS)
    assert found.rows["category"].tolist() == [
        "recovered", "improved", "unchanged", "deteriorated", "harmed", "improved", "recovered",
    ]  # fmt: skip
    assert found.counts == {
        "recovered": 2, "improved": 2, "unchanged": 1, "deteriorated": 1, "harmed": 1,
    }  # fmt: skip
    assert found.rows["improvement"].tolist()[:2] == [12.0, 8.0]


def test_every_row_is_used_or_dropped_with_a_reason(tmp_path: Path) -> None:
    found = changed(
        tmp_path, *PAIRS, ",3", "3,", ",", "x,3", "28,3", "3", "NA,3",
        form=TableFormat(missing_codes=("NA",)),
    )  # fmt: skip
    assert found.dropped == {
        "field_count": 1, "not_a_number": 1, "out_of_range": 1,
        "no_first_score": 2, "no_last_score": 1, "no_scores": 1,
    }  # fmt: skip
    assert found.sample.n_used + sum(found.dropped.values()) == len(found.rows) == 14
    assert found.rows["category"].isna().sum() == 7


@pytest.mark.parametrize("rows", [["20,8"], ["20,8", "20,12"]])
def test_a_table_without_spread_of_first_scores_asks_for_an_sd(
    tmp_path: Path, rows: list[str]
) -> None:
    plan = ChangePlan(improvement_sign=-1, reliability=0.8)
    with pytest.raises(ScoringError, match="Give --sd"):
        changed(tmp_path, *rows, plan=plan)


@pytest.mark.parametrize("cell", ["1e1", "inf", "nan", "1_0", "١", "0x1", " 3", "3 "])
def test_what_only_looks_like_a_number_is_not_used(tmp_path: Path, cell: str) -> None:
    assert changed(tmp_path, *PAIRS, f"{cell},3").dropped == {"not_a_number": 1}


def test_an_index_takes_what_is_not_given_from_the_table_and_says_so(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, reliability=0.84)
    found = changed(tmp_path, *PAIRS, plan=plan)
    sd = np.std([20, 20, 12, 12, 8, 16, 16], ddof=1)
    assert found.criterion.reference is not None
    assert found.criterion.reference.sd_pre == pytest.approx(sd)
    assert "of this table" in found.criterion.words
    assert found.rows["index"].iloc[0] == pytest.approx(-12 / (sd * np.sqrt(2 * 0.16)))
    mean = np.mean([20, 20, 12, 12, 8, 16, 16])
    assert found.criterion.cut_off == pytest.approx(mean - 2 * sd)
    assert "type a" in found.criterion.cut_off_words


def test_norms_give_cut_off_c(tmp_path: Path) -> None:
    plan = ChangePlan(
        improvement_sign=-1, sd=5, reliability=0.84, functional_mean=3.3, functional_sd=3.8
    )
    found = changed(tmp_path, *PAIRS, plan=plan)
    mean = np.mean([20, 20, 12, 12, 8, 16, 16])
    assert found.criterion.cut_off == pytest.approx((5 * 3.3 + 3.8 * mean) / 8.8)
    assert "given" in found.criterion.words


def test_a_given_cut_off_goes_first(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, instrument=CATALOGUE["phq-9"], cut_off=13)
    assert changed(tmp_path, *PAIRS, plan=plan).criterion.cut_off == 13


def test_a_higher_better_instrument_improves_by_rising(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=1, instrument=CATALOGUE["ors"])
    found = changed(tmp_path, "20,30", "30,20", "20,24", "20,25", plan=plan)
    assert found.rows["category"].tolist() == ["recovered", "harmed", "unchanged", "recovered"]


@pytest.mark.parametrize("instrument_id", ["swls", "who-5", "k10", "reqol-10", "wai-sr"])
def test_no_class_without_a_confirmed_threshold(tmp_path: Path, instrument_id: str) -> None:
    instrument = CATALOGUE[instrument_id]
    plan = ChangePlan(improvement_sign=instrument.improvement_sign, instrument=instrument)
    with pytest.raises(ScoringError, match="NO_THRESHOLD"):
        changed(tmp_path, "20,24", "20,25", plan=plan)


def test_a_method_without_reliability_is_refused(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, method="EN")
    with pytest.raises(ScoringError, match="NO_RELIABILITY"):
        changed(tmp_path, *PAIRS, plan=plan)


def test_a_table_without_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScoringError, match="NO_PAIRS"):
        changed(tmp_path, "1,", ",2")


@pytest.mark.parametrize(("pre", "rule"), [("First", "MISSING"), ("last", "DUPLICATE")])
def test_a_column_must_stand_in_the_table_once(tmp_path: Path, pre: str, rule: str) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("first,last,last\n1,2,3\n", encoding="utf-8")
    with pytest.raises(ScoringError, match=rule):
        change_file(file, pre=pre, post="last", plan=PHQ, form=TableFormat())


def test_effect_sizes_are_left_out_where_scores_do_not_vary(tmp_path: Path) -> None:
    assert changed(tmp_path, "20,8").effects is None
    assert changed(tmp_path, *PAIRS).effects is not None


def test_group_level_figures_belong_to_hageman_and_arrindell(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, method="HA", reliability=0.84)
    found = changed(tmp_path, *PAIRS, plan=plan)
    assert found.group is not None
    assert 0 < found.group.share_improved < 1
    assert changed(tmp_path, *PAIRS).group is None


@pytest.mark.parametrize("method", METHODS)
def test_the_band_ends_where_change_becomes_reliable(tmp_path: Path, method: Method) -> None:
    plan = ChangePlan(improvement_sign=-1, method=method, reliability=0.84)
    criterion = changed(tmp_path, *PAIRS, plan=plan).criterion
    pre = np.array([5.0, 12.0, 20.0])
    lower, upper = criterion.band(pre, -1)
    assert criterion.index(pre, upper) == pytest.approx(np.full(3, criterion.critical))
    assert criterion.index(pre, lower) == pytest.approx(np.full(3, -(criterion.critical or 0)))


def test_the_picture_is_the_same_bytes_twice_and_fetches_nothing(tmp_path: Path) -> None:
    found = changed(tmp_path, *PAIRS)
    found = replace(found, names=("first", "last $x$ <b>"))
    one = change_picture(found)
    assert one == change_picture(found)
    text = one.decode()
    assert "recovered (2)" in text
    assert "last $x$ &lt;b&gt;" in text
    assert "<image" not in text


def test_a_picture_can_be_dots_and_is_the_same_bytes_twice(tmp_path: Path) -> None:
    found = changed(tmp_path, *PAIRS)
    one = change_picture(found, "png")
    assert one.startswith(b"\x89PNG")
    assert one == change_picture(found, "png")


@pytest.mark.parametrize(
    ("more", "kind"),
    [({"cut_off_type": "a"}, "a"), ({"functional_mean": 3.3, "functional_sd": 3.8}, "c"),
     ({"cut_off_type": "b", "functional_mean": 3.3, "functional_sd": 3.8}, "b")],
    ids=["by type", "by norms", "by both"],
)  # fmt: skip
def test_a_computed_cut_off_goes_before_the_published_one(
    tmp_path: Path, more: dict[str, object], kind: str
) -> None:
    plan = ChangePlan(improvement_sign=-1, instrument=CATALOGUE["phq-9"], **more)  # type: ignore[arg-type]
    criterion = changed(tmp_path, *PAIRS, plan=plan).criterion
    assert f"type {kind}" in criterion.cut_off_words
    assert ("clinical mean" in criterion.cut_off_words) == (kind != "b")
    assert (criterion.boundary, criterion.kind) == ("neither", "threshold")
    given = replace(plan, cut_off=13.0)
    assert changed(tmp_path, *PAIRS, plan=given).criterion.cut_off == 13


@pytest.mark.parametrize("method", ["MID", "percentage"])
def test_without_norms_or_instrument_only_an_index_has_a_cut_off(
    tmp_path: Path, method: CriterionMethod
) -> None:
    plan = ChangePlan(improvement_sign=-1, method=method, smallest=30)
    found = changed(tmp_path, *PAIRS, plan=plan)
    assert (found.criterion.cut_off, found.criterion.cut_off_words) == (None, "none")
    assert found.counts["recovered"] == found.counts["harmed"] == 0


@pytest.mark.parametrize("method", ["JT", "HA"])
def test_only_hageman_and_arrindell_judge_by_true_scores(tmp_path: Path, method: Method) -> None:
    plan = ChangePlan(improvement_sign=-1, method=method, reliability=0.9, cut_off=10)
    found = changed(tmp_path, *PAIRS, plan=plan)
    is_true = method == "HA"
    assert ("cut_off_index" in found.rows) == is_true
    assert ("more than error (1.645)" in found.criterion.cut_off_words) == is_true
    assert (found.criterion.true_cut_off is not None) == is_true


def test_a_person_who_is_dropped_has_no_cut_off_index(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, method="HA", reliability=0.9, cut_off=10)
    found = changed(tmp_path, *PAIRS, ",8", plan=plan).rows["cut_off_index"]
    assert found.isna().tolist() == [False] * 7 + [True]


def test_a_yardstick_that_lacks_its_figures_judges_nobody() -> None:
    pre, post = np.array([20.0]), np.array([8.0])
    for criterion in (
        Criterion(kind="index", method="JT", words="no reference"),
        Criterion(kind="threshold", words="no threshold"),
        Criterion(kind="percentage", words="no threshold"),
    ):
        assert np.isnan(criterion.index(pre, post)).tolist() == [True]
        assert not np.any(criterion.reliable(pre, post, -1))
        assert criterion.sides(pre, post, -1) is None


def test_an_index_on_the_critical_value_is_not_reliable() -> None:
    pre, post = np.array([5.0, 5.0, 5.0, 5.0]), np.array([3.0, 2.5, 7.0, 7.5])
    criterion = Criterion(
        kind="index", method="JT", words="x", reference=Reference(sd_pre=1.0, reliability=0.5)
    )
    on_it = replace(criterion, critical=float(criterion.index(pre, post)[2]))
    better, worse = on_it.reliable(pre, post, -1)
    assert better.tolist() == [False, True, False, False]
    assert worse.tolist() == [False, False, False, True]


def test_an_index_without_a_critical_value_judges_nobody() -> None:
    criterion = Criterion(
        kind="index", method="JT", words="x", reference=Reference(sd_pre=1, reliability=0.9)
    )
    assert not np.any(criterion.reliable(np.array([20.0]), np.array([8.0]), -1))
    assert np.isinf(criterion.band(np.array([20.0]), -1)).all()


def test_percentages_count_from_nought_where_no_floor_is_known() -> None:
    criterion = Criterion(kind="percentage", words="x", threshold=50.0)
    better, worse = criterion.reliable(np.array([20.0, 20.0]), np.array([10.0, 10.5]), -1)
    assert (better.tolist(), worse.tolist()) == ([True, False], [False, False])
    lower, upper = criterion.band(np.array([20.0]), -1)
    assert (lower[0], upper[0]) == (10, 30)


def test_worsening_counts_from_the_same_figure_unless_another_is_given() -> None:
    criterion = Criterion(kind="threshold", words="x", threshold=5.0)
    _, worse = criterion.reliable(np.array([20.0, 20.0]), np.array([25.0, 24.0]), -1)
    assert worse.tolist() == [True, False]
    lower, upper = criterion.band(np.array([20.0]), -1)
    assert (lower[0], upper[0]) == (15, 25)


# ── importance and percentages ──────────────────────────────────────────────────────────────────


def test_an_important_difference_is_judged_in_points(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, method="MID", smallest=8, smallest_worsening=12)
    found = changed(tmp_path, "20,12", "20,13", "8,20", "8,19", plan=plan)
    assert found.rows["category"].tolist() == [
        "improved", "unchanged", "deteriorated", "unchanged",
    ]  # fmt: skip
    assert "8 (for the worse 12) points" in found.criterion.words


def test_a_published_important_difference_needs_no_figure(tmp_path: Path) -> None:
    # WHO-5: 10 points of 100 are clinically relevant (Topp et al. 2015); 50 or less is poor.
    plan = ChangePlan(improvement_sign=1, instrument=CATALOGUE["who-5"], method="MID")
    found = changed(tmp_path, "20,30", "20,29", "60,50", plan=plan)
    assert found.rows["category"].tolist() == ["improved", "unchanged", "deteriorated"]
    assert "Topp" in found.criterion.words


def test_no_important_difference_without_a_figure(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, instrument=CATALOGUE["phq-9"], method="MID")
    with pytest.raises(ScoringError, match="NO_THRESHOLD"):
        changed(tmp_path, *PAIRS, plan=plan)


@pytest.mark.parametrize("field", ["smallest", "smallest_worsening"])
@pytest.mark.parametrize("smallest", [0.0, -1.0, float("inf")])
@pytest.mark.parametrize("method", ["MID", "percentage"])
def test_a_change_that_counts_is_above_nothing(
    tmp_path: Path, method: CriterionMethod, smallest: float, field: str
) -> None:
    figures = {"smallest": 5.0, field: smallest}
    plan = ChangePlan(improvement_sign=-1, method=method, **figures)
    with pytest.raises(StatisticsError, match="MID"):
        changed(tmp_path, *PAIRS, plan=plan)


@pytest.mark.parametrize("method", ["MID", "percentage"])
def test_half_a_point_may_count(tmp_path: Path, method: CriterionMethod) -> None:
    plan = ChangePlan(improvement_sign=-1, method=method, smallest=0.5)
    assert changed(tmp_path, "20,19", plan=plan).counts["improved"] == 1


@pytest.mark.parametrize("rows", [["20,8"], ["20,8", "20,10"], ["20,8", "20.5,8"]])
def test_published_figures_judge_people_who_are_few_or_alike(
    tmp_path: Path, rows: list[str]
) -> None:
    plan = ChangePlan(improvement_sign=-1, sd=5.0, reliability=0.84)
    found = changed(tmp_path, *rows, plan=plan)
    assert found.rows["index"].iloc[0] == pytest.approx(-12 / (5 * np.sqrt(0.32)))


def test_a_group_that_varies_little_has_its_own_spread(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, sd=5.0, reliability=0.84)
    reference = changed(tmp_path, "20,8", "20.5,8.2", plan=plan).criterion.reference
    assert reference is not None
    assert reference.sd_group == pytest.approx(0.5 / np.sqrt(2))
    assert reference.sd_post == pytest.approx(0.2 / np.sqrt(2))


@pytest.mark.parametrize("times", [2.0, -2.0])
def test_a_perfect_correlation_is_no_more_than_perfect(tmp_path: Path, times: float) -> None:
    # As computed, the correlation of these is 1.0000000000000002 and −1.0000000000000002.
    pre = np.array([1.8, 9.7, 1.3, 8.0])
    post = times * pre + (0.3 if times > 0 else 49.7)
    assert paired(pre, post).correlation == np.sign(times)
    rows = [f"{float(a)!r},{float(b)!r}" for a, b in zip(pre, post, strict=True)]
    plan = ChangePlan(improvement_sign=-1, reliability=0.84)
    found = changed(tmp_path, *rows, plan=plan)
    assert found.effects is not None
    assert found.effects.correlation == np.sign(times)


def test_half_of_the_first_score_is_a_response_unless_another_share_is_given(
    tmp_path: Path,
) -> None:
    rows = ["20,10", "200,101", "10,15", "10,14"]
    plan = ChangePlan(improvement_sign=-1, method="percentage")
    found = changed(tmp_path, *rows, plan=plan)
    assert found.rows["category"].tolist() == [
        "improved", "unchanged", "deteriorated", "unchanged",
    ]  # fmt: skip
    assert found.rows["percent"].tolist() == [50, 49.5, -50, -40]
    plan = ChangePlan(improvement_sign=-1, method="percentage", smallest=45, smallest_worsening=40)
    assert changed(tmp_path, *rows, plan=plan).counts["unchanged"] == 0


def test_percentages_count_from_the_lowest_score_and_say_so(tmp_path: Path) -> None:
    # K10 begins at 10: from 30 to 20 is half of what there was.
    plan = ChangePlan(improvement_sign=-1, instrument=CATALOGUE["k10"], method="percentage")
    found = changed(tmp_path, "30,20", "30,21", "10,12", plan=plan)
    assert found.rows["percent"].tolist()[:2] == [50, 45]
    assert found.rows["category"].tolist()[:2] == ["improved", "unchanged"]
    assert found.dropped == {"no_percentage": 1}
    assert (found.sample.n_used, found.criterion.floor) == (2, 10)
    given = ChangePlan(
        improvement_sign=-1, instrument=CATALOGUE["k10"], method="percentage", floor=0
    )
    assert changed(tmp_path, "30,20", plan=given).rows["percent"].round(6).tolist() == [33.333333]


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize(
    "more",
    [{"method": "percentage", "smallest": 30.0, "smallest_worsening": 60.0},
     {"method": "MID", "smallest": 4.0, "smallest_worsening": 7.0}],
    ids=["per cent", "points"],
)  # fmt: skip
def test_the_borders_of_the_band_count_just_so(
    tmp_path: Path, sign: int, more: dict[str, object]
) -> None:
    plan = ChangePlan(improvement_sign=sign, **more)  # type: ignore[arg-type]
    criterion = changed(tmp_path, *PAIRS, plan=plan).criterion
    pre = np.array([10.0, 20.0])
    lower, upper = criterion.band(pre, sign)
    for border, inside in ((lower, 0.01), (upper, -0.01)):
        at = np.logical_or(*criterion.reliable(pre, border, sign))
        off = np.logical_or(*criterion.reliable(pre, border + inside, sign))
        assert (at.tolist(), off.tolist()) == ([True, True], [False, False])


def test_there_is_no_band_of_percentages_at_the_floor(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, method="percentage", floor=10)
    lower, upper = changed(tmp_path, *PAIRS, plan=plan).criterion.band(np.array([10.0, 11.0]), -1)
    assert np.isnan([lower[0], upper[0]]).all()
    assert (lower[1], upper[1]) == (10.5, 11.5)


def test_decimals_on_the_threshold_count(tmp_path: Path) -> None:
    # 17.9 − 12.9 is 4.999999999999998 to a computer; the ORS's 5 points are 5 points.
    plan = ChangePlan(improvement_sign=1, instrument=CATALOGUE["ors"])
    found = changed(tmp_path, "12.9,17.9", "17.9,12.9", "12.9,17.8", plan=plan)
    assert found.rows["category"].tolist() == ["improved", "deteriorated", "unchanged"]
    assert found.rows["change"].tolist() == [5, -5, 4.9]


# ── the table itself ────────────────────────────────────────────────────────────────────────────


def test_the_table_comes_out_again_with_what_was_found_behind(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text('id;pre;post;note\n007;20;8;"a;b"\n8;9;\n9;9;;x\n', encoding="utf-8")
    found = change_file(file, pre="pre", post="post", plan=PHQ, form=TableFormat())
    assert found.csv().splitlines() == [
        "id,pre,post,note,line,change,improvement,percent,index,category,dropped",
        "007,20,8,a;b,2,-12,12,60,,recovered,",
        ",,,,3,,,,,,field_count",
        "9,9,,x,4,,,,,,no_last_score",
    ]


def test_taken_names_make_all_found_names_longer(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("category,a,b\nx,20,8\n", encoding="utf-8")
    found = change_file(file, pre="a", post="b", plan=PHQ, form=TableFormat())
    assert found.csv().splitlines()[0].startswith("category,a,b,change_line,change_pre,")


def test_a_decimal_comma_is_found_where_no_point_is(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("a;b\n20,5;8\n20;8,5\n", encoding="utf-8")
    found = change_file(file, pre="a", post="b", plan=PHQ, form=TableFormat())
    assert found.rows["pre"].tolist() == [20.5, 20]
    file.write_text("a;b\n20,5;8\n20.5;8\n", encoding="utf-8")
    found = change_file(file, pre="a", post="b", plan=PHQ, form=TableFormat())
    assert found.dropped == {"not_a_number": 1}
