"""``rapport change``: every row is judged or dropped with a reason; numbers name their origin."""

from pathlib import Path

import numpy as np
import pytest

from rapport.errors import ScoringError
from rapport.instruments import load_catalogue
from rapport.scoring.change.criteria import ChangePlan
from rapport.scoring.change.indices import METHODS, Method
from rapport.scoring.change_plot import band, change_svg
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
    lower, upper = band(criterion, pre)
    assert criterion.index(pre, upper) == pytest.approx(np.full(3, criterion.critical))
    assert criterion.index(pre, lower) == pytest.approx(np.full(3, -(criterion.critical or 0)))


def test_the_picture_is_the_same_bytes_twice_and_fetches_nothing(tmp_path: Path) -> None:
    found = changed(tmp_path, *PAIRS)
    one = change_svg(found, pre="first", post="last $x$ <b>")
    assert one == change_svg(found, pre="first", post="last $x$ <b>")
    text = one.decode()
    assert "recovered (2)" in text
    assert "last $x$ &lt;b&gt;" in text
    assert "<image" not in text
