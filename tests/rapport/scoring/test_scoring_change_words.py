"""What ``rapport change`` says: every number in words, and the same, unrounded, for a machine.

The pairs are worked by hand: first 20, 18, 12, 16 (mean 16.5, SD √(35/3) = 3.416), last 8, 12, 12,
24 (mean 14, SD √48 = 6.928); change −12, −6, 0, 8 (mean −2.5, SD √(219/3) = 8.544).
"""

from math import sqrt
from pathlib import Path

import pandas as pd
import pytest

from rapport.instruments import load_catalogue
from rapport.scoring.change.criteria import ChangePlan
from rapport.scoring.change_table import change_file
from rapport.scoring.change_words import Told, growth_told, pairs_told
from rapport.scoring.growth_table import LongTable, growth_file
from rapport.scoring.item_mapping import TableFormat

PHQ = ChangePlan(improvement_sign=-1, instrument=load_catalogue()["phq-9"])
PAIRS = ("20,8", "18,12", "12,12", "16,24", "28,3", ",4")
GROWTH = Path(__file__).parent / "expected/growth.csv"
HAMD = Path(__file__).parent / "expected/hamd.csv"


def told(folder: Path, *rows: str, plan: ChangePlan = PHQ) -> Told:
    (folder / "p.csv").write_text("\n".join(["a,b", *rows]) + "\n", encoding="utf-8")
    return pairs_told(
        change_file(folder / "p.csv", pre="a", post="b", plan=plan, form=TableFormat())
    )


def grown(folder: Path, plan: ChangePlan) -> Told:
    data = pd.read_csv(GROWTH, comment="#")[["person", "time", "score"]]
    alone = pd.DataFrame({"person": "alone", "time": [0, 1], "score": [9, None]})
    data = pd.concat([data, alone], ignore_index=True)
    data.to_csv(folder / "g.csv", index=False)
    shape = LongTable(person="person", time="time", score="score")
    return growth_told(growth_file(folder / "g.csv", shape=shape, plan=plan, form=TableFormat()))


def test_the_summary_of_pairs_in_words(tmp_path: Path) -> None:
    assert told(tmp_path, *PAIRS).words.splitlines()[:-5] == [
        "6 rows = 4 used + 2 dropped",
        "  1 out_of_range: a score is outside the instrument's range",
        "  1 no_first_score: the first score is missing",
        "Judged by: a change of 6 points or more is reliable (NHS Talking Therapies definitions: a "
        "change of 6 points or more (5.20 before rounding up to whole points))",
        "Cut-off: 10, clinical caseness for depression (NHS Talking Therapies definitions; Kroenke "
        "et al. (2001))",
        "Direction: a fall is better",
        "  recovered          1  25.0 %",
        "  improved           1  25.0 %",
        "  unchanged          1  25.0 %",
        "  deteriorated       1  25.0 %",
        "  harmed             0  0.0 %",
        "First 16.50 (SD 3.42), last 14.00 (SD 6.93), n = 4",
    ]


def test_effect_sizes_in_words(tmp_path: Path) -> None:
    # r: covariance (3.5·−6 + 1.5·−2 + −4.5·−2 − 0.5·10)/3 = −20/3, by 3.416 · 6.928: −.282.
    # d_pre 2.5/3.416; SE² = 2(1 + .282)/4 + d²/6; J = 1 − 3/11.
    assert told(tmp_path, *PAIRS).words.splitlines()[-5:] == [
        "Effect sizes, positive = better, with 95 % interval and Hedges' correction for small "
        "samples; n = 4, r = -0.282",
        "  d_pre  0.73 [-0.94, 2.41], corrected 0.53  (by the SD of first scores)",
        "  d_av   0.46 [-1.15, 2.07], corrected 0.33  (by the mean of both SDs)",
        "  d_rm   0.47 [-1.14, 2.08], corrected 0.34  (as between independent groups)",
        "  d_z    0.29 [-0.71, 1.30], corrected 0.21  (by the SD of the change)",
    ]


def test_the_summary_of_pairs_for_a_machine(tmp_path: Path) -> None:
    found = told(tmp_path, *PAIRS)
    assert not found.is_whole
    summary = dict(found.summary)
    effects = summary.pop("effect_sizes")
    assert isinstance(effects, dict)
    assert effects["n"] == 4
    assert summary == {
        "rows": 6, "used": 4, "dropped": {"out_of_range": 1, "no_first_score": 1},
        "method": "published threshold",
        "judged_by": "a change of 6 points or more is reliable (NHS Talking Therapies definitions: "
        "a change of 6 points or more (5.20 before rounding up to whole points))",
        "direction": "lower_is_better", "threshold": 6, "threshold_worsening": 6,
        "critical": None, "standard_error_of_difference": None, "cut_off": 10,
        "cut_off_words": "10, clinical caseness for depression (NHS Talking Therapies definitions; "
        "Kroenke et al. (2001))",
        "counts": {
            "recovered": 1, "improved": 1, "unchanged": 1, "deteriorated": 1, "harmed": 0,
        },
        "percent": {
            "recovered": 25, "improved": 25, "unchanged": 25, "deteriorated": 25, "harmed": 0,
        },
        "first": {"mean": 16.5, "sd": pytest.approx(sqrt(35 / 3))},
        "last": {"mean": 14, "sd": pytest.approx(sqrt(48))},
        "group_level": None,
    }  # fmt: skip


def test_an_index_is_told_with_its_critical_value_and_error(tmp_path: Path) -> None:
    plan = ChangePlan(improvement_sign=1, method="JT", reliability=0.84, sd=5)
    found = told(tmp_path, *PAIRS[:4], plan=plan)
    assert found.is_whole
    summary = found.summary
    assert (summary["method"], summary["direction"]) == ("JT", "higher_is_better")
    assert summary["critical"] == 1.96
    # S_E = 5 √.16 = 2, S_diff = √8; a = 16.5 + 2 · 5.
    assert summary["standard_error_of_difference"] == pytest.approx(sqrt(8))
    assert summary["cut_off"] == 26.5
    assert "Direction: a rise is better" in found.words


def test_the_group_s_shares_are_per_cent(tmp_path: Path) -> None:
    # Another program's shares of these pairs: 0.90 and 0.76, ``test_scoring_change_published``.
    plan = ChangePlan(
        improvement_sign=-1, method="HA", reliability=0.8, functional_mean=8, functional_sd=8
    )
    pairs = [f"{a},{b}" for a, b in pd.read_csv(HAMD, comment="#").to_numpy().tolist()]
    found = told(tmp_path, *pairs, plan=plan)
    assert found.words.splitlines()[-1] == (
        "Group level (Hageman-Arrindell): 90.3 % truly improved, 75.5 % truly functional at last"
    )
    assert isinstance(found.summary["group_level"], dict)


def test_one_row_is_a_row(tmp_path: Path) -> None:
    assert told(tmp_path, "20,8").words.startswith("1 row = 1 used + 0 dropped\n")


def test_a_group_without_cut_off_has_no_functional_share(tmp_path: Path) -> None:
    pairs = ["10,10", "10,10"]
    words = told(tmp_path, *pairs).words
    assert words.endswith("Effect sizes: none, the pairs are too few or do not vary\n")
    assert "Group level" not in words


def test_the_summary_of_waves_in_words(tmp_path: Path) -> None:
    # Slopes and SDs by lme4, in the head of expected/growth.csv, without the person of one score.
    plan = ChangePlan(improvement_sign=-1, cut_off=15)
    words = grown(tmp_path, plan).words.splitlines()
    assert words[:6] == [
        "115 scores = 114 used + 1 not used",
        "  1 no_score: the score is missing",
        "25 people = 24 judged + 1 with one score only",
        "Judged by: a growth line for each person (hierarchical linear model, restricted maximum "
        "likelihood); a slope farther than 1.960 standard errors from 0 is reliable",
        "Cut-off, for the first and the last score: 15, given",
        "Direction: a fall is better",
    ]
    assert words[-1].startswith("The group's slope -")
    assert "points a unit of time; SD of slopes between people " in words[-1]


def test_the_summary_of_waves_for_a_machine(tmp_path: Path) -> None:
    found = grown(tmp_path, ChangePlan(improvement_sign=1, cut_off=15))
    summary = dict(found.summary)
    assert not found.is_whole
    counts = summary.pop("counts")
    assert isinstance(counts, dict)
    assert sum(counts.values()) == 24
    assert summary.pop("percent") == {name: 100 * n / 24 for name, n in counts.items()}
    slope, slope_sd, residual_sd = (
        summary.pop(name) for name in ("mean_slope", "slope_sd", "residual_sd")
    )
    assert found.words.splitlines()[-1] == (
        f"The group's slope {slope:.3f} points a unit of time; SD of slopes between people "
        f"{slope_sd:.3f}; SD of the error {residual_sd:.3f}"
    )
    assert summary.pop("critical") == 1.96
    assert summary == {
        "scores": 115, "used": 114, "not_used": {"no_score": 1}, "people": 25, "judged": 24,
        "method": "HLM", "direction": "higher_is_better", "cut_off": "15, given",
    }  # fmt: skip
    assert "a rise is better" in found.words
    lower = grown(tmp_path, ChangePlan(improvement_sign=-1))
    assert (lower.summary["direction"], lower.summary["cut_off"]) == ("lower_is_better", "none")
