"""``rapport change --method HLM``: waves from a long or a wide table, judged person by person."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rapport.errors import ScoringError, StatisticsError
from rapport.instruments import load_catalogue
from rapport.scoring.change.criteria import ChangePlan
from rapport.scoring.growth_table import (
    NOT_USED,
    GrowthTable,
    LongTable,
    WideTable,
    growth_file,
    wave_shape,
)
from rapport.scoring.item_mapping import TableFormat

PHQ = load_catalogue()["phq-9"]
DATA = pd.read_csv(Path(__file__).parent / "expected/growth.csv", comment="#")
LONG = LongTable(person="person", time="time", score="score")
PLAN = ChangePlan(improvement_sign=-1)


def judged(
    file: Path,
    shape: LongTable | WideTable = LONG,
    plan: ChangePlan = PLAN,
    form: TableFormat | None = None,
) -> GrowthTable:
    return growth_file(file, shape=shape, plan=plan, form=form or TableFormat())


@pytest.fixture
def long(tmp_path: Path) -> Path:
    DATA[["person", "time", "score"]].to_csv(tmp_path / "long.csv", index=False)
    return tmp_path / "long.csv"


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    table = DATA.pivot_table(index="person", columns="time", values="score").add_prefix("w")
    table.to_csv(tmp_path / "wide.csv")
    return tmp_path / "wide.csv"


WAVES = tuple(f"w{n}" for n in range(5))


def test_a_long_table_is_judged_by_each_person_s_own_line(long: Path) -> None:
    found = judged(long)
    people = DATA.drop_duplicates("person")
    assert found.rows["person"].tolist() == people["person"].tolist()
    assert found.rows["slope_error"].to_numpy() == pytest.approx(
        people["slope_error"].to_numpy(), abs=1e-5
    )
    slope = found.growth.mean_slope + people["deviation"].to_numpy()
    index = slope / people["slope_error"].to_numpy()
    assert found.rows["index"].to_numpy() == pytest.approx(index, abs=1e-4)
    expected = np.where(index < -1.959964, "improved", np.where(index > 1.959964, "deteriorated",
                                                               "unchanged"))  # fmt: skip
    assert found.rows["category"].tolist() == expected.tolist()
    assert (found.n_given, found.n_used, found.not_used) == (len(DATA), len(DATA), {})


def test_first_and_last_are_those_in_time_and_not_in_the_table(long: Path) -> None:
    turned = pd.read_csv(long)[::-1]
    turned.to_csv(long, index=False)
    found = judged(long).rows.set_index("person")
    ends = DATA.sort_values("time").groupby("person")["score"]
    assert found["first"].to_dict() == ends.first().to_dict()
    assert found["last"].to_dict() == ends.last().to_dict()
    assert found["n_scores"].to_dict() == ends.size().to_dict()


def test_a_wide_table_gives_what_the_long_one_gives(long: Path, wide: Path) -> None:
    one = judged(long).rows
    other = judged(wide, WideTable(waves=WAVES, person="person"))
    pd.testing.assert_frame_equal(one, other.rows, atol=1e-5, check_dtype=False)
    assert other.n_given == 24 * 5
    assert other.not_used == {"no_score": 24 * 5 - len(DATA)}


def test_a_cut_off_tells_who_recovered(long: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, cut_off=12)
    found = judged(long, plan=plan)
    rows = found.rows
    is_better = rows["index"] < -found.critical
    crossed = is_better & (rows["first"] > 12) & (rows["last"] < 12)
    assert (rows["category"] == "recovered").tolist() == crossed.tolist()
    assert 0 < crossed.sum() < is_better.sum()
    assert found.cut_off_words == "12, given"


def test_the_published_cut_off_is_used_and_said(wide: Path) -> None:
    plan = ChangePlan(improvement_sign=-1, instrument=PHQ)
    found = judged(wide, WideTable(waves=WAVES), plan)
    assert found.cut_off_words.startswith("10, clinical caseness")
    assert found.rows["person"].tolist()[0] == "2"


def test_turning_the_scale_round_changes_no_category(long: Path, tmp_path: Path) -> None:
    turned = DATA[["person", "time"]].assign(score=40 - DATA["score"])
    turned.to_csv(tmp_path / "turned.csv", index=False)
    one = judged(long).rows["category"].tolist()
    other = judged(tmp_path / "turned.csv", plan=ChangePlan(improvement_sign=1))
    assert other.rows["category"].tolist() == one


def test_times_may_be_named(wide: Path) -> None:
    one = judged(wide, WideTable(waves=WAVES))
    other = judged(wide, WideTable(waves=WAVES, times=(0, 2, 4, 6, 8)))
    assert other.growth.mean_slope == pytest.approx(one.growth.mean_slope / 2, rel=1e-4)
    with pytest.raises(ScoringError, match="TIMES"):
        judged(wide, WideTable(waves=WAVES, times=(0, 2)))


def test_every_score_is_used_or_not_with_a_reason(long: Path) -> None:
    more = "a,0,\na,,3\n,1,3\na,x,3\na,1,y\na,1,99\na,1\na,1,NA\n,,\n"
    with long.open("a", encoding="utf-8") as file:
        file.write(more)
    plan = ChangePlan(improvement_sign=-1, instrument=PHQ)
    inside = int(DATA["score"].between(0, 27).sum())
    found = judged(long, plan=plan, form=TableFormat(missing_codes=("NA",)))
    assert found.not_used == {
        "field_count": 1, "not_a_number": 2, "out_of_range": 1 + len(DATA) - inside,
        "no_score": 3, "no_time": 1, "no_person": 1,
    }  # fmt: skip
    assert found.n_used + sum(found.not_used.values()) == found.n_given == len(DATA) + 9
    assert set(found.not_used) == set(NOT_USED)


def test_who_has_one_score_is_in_no_category(long: Path) -> None:
    with long.open("a", encoding="utf-8") as file:
        file.write("lone,0,20\npair,0,20\npair,1,19\n")
    found = judged(long)
    rows = found.rows.set_index("person")
    assert rows.loc["lone", "category"] is None
    assert rows.loc["pair", "category"] is not None
    assert sum(found.counts.values()) == len(rows) - 1


def test_a_person_in_two_rows_of_a_wide_table_is_refused(wide: Path) -> None:
    with wide.open("a", encoding="utf-8") as file:
        file.write("p03,1,2,3,4,5\n")
    with pytest.raises(ScoringError, match="PERSON_TWICE") as told:
        judged(wide, WideTable(waves=WAVES, person="person"))
    assert (told.value.faults[0].line, told.value.faults[0].column) == (26, "person")


def test_a_row_of_another_length_in_a_wide_table_is_told(wide: Path) -> None:
    with wide.open("a", encoding="utf-8") as file:
        file.write("p98,1\n,20,18,16,14,12\n")
    found = judged(wide, WideTable(waves=WAVES, person="person"))
    assert found.not_used["field_count"] == 5
    assert found.rows["person"].tolist()[-1] == "line 27"


def test_the_rows_come_out_as_text(long: Path) -> None:
    assert judged(long).csv().splitlines()[0] == (
        "person,n_scores,first,last,slope,slope_error,index,deviation,deviation_index,category"
    )


def test_two_waves_are_too_few(wide: Path) -> None:
    with pytest.raises(StatisticsError, match="TOO_FEW_WAVES"):
        judged(wide, WideTable(waves=WAVES[:2]))


NO_SHAPE = [
    {},
    {"waves": ["a"], "time": "t"},
    {"waves": ["a"], "score": "s"},
    {"person": "p", "time": "t"},
    {"person": "p", "score": "s"},
    {"time": "t", "score": "s"},
    {"waves": ["a"], "person": "p", "time": "t", "score": "s"},
]


@pytest.mark.parametrize("names", NO_SHAPE)
def test_neither_long_nor_wide_is_refused(names: dict[str, object]) -> None:
    given = {"person": None, "time": None, "score": None, "waves": [], "times": []} | names
    with pytest.raises(ScoringError, match="WAVES"):
        wave_shape(**given)  # type: ignore[arg-type]


def test_long_and_wide_are_told_by_their_names() -> None:
    long = wave_shape(person="p", time="t", score="s", waves=[], times=[])
    assert long == LongTable(person="p", time="t", score="s")
    wide = wave_shape(person=None, time=None, score=None, waves=["a", "b"], times=[1.0, 2.0])
    assert wide == WideTable(waves=("a", "b"), times=(1.0, 2.0))


def test_who_stands_twice_in_a_wide_table_is_told_by_the_first_row(tmp_path: Path) -> None:
    rows = ["who,a,b,c", "x,1,2,3", "y,3,2,1", "x,2,2,2", "y,1,1,1"]
    (tmp_path / "w.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    with pytest.raises(ScoringError, match="PERSON_TWICE") as told:
        judged(tmp_path / "w.csv", WideTable(waves=("a", "b", "c"), person="who"))
    assert (told.value.faults[0].line, told.value.faults[0].column) == (4, "who")


def test_who_has_one_score_is_in_no_category_and_who_has_two_is(tmp_path: Path) -> None:
    table = DATA[["person", "time", "score"]]
    people = table["person"].unique()
    kept = table[~table["person"].isin(people[:2])]
    one, two = table[table["person"] == people[0]][:1], table[table["person"] == people[1]][:2]
    pd.concat([kept, one, two]).to_csv(tmp_path / "long.csv", index=False)
    rows = judged(tmp_path / "long.csv").rows.set_index("person")
    assert rows.loc[people[0], ["n_scores", "category"]].tolist() == [1, None]
    assert rows.loc[people[1], "n_scores"] == 2
    assert rows.loc[people[1], "category"] is not None


def test_deterioration_is_a_slope_to_the_worse_beyond_its_error(tmp_path: Path) -> None:
    # Ten fall by two a wave, two rise by two: lower is better.
    rows = [
        f"p{k},{t},{20 + (2 if k < 2 else -2) * t + (0.3 if (k + t) % 2 else -0.3):.1f}"
        for k in range(12)
        for t in range(5)
    ]
    (tmp_path / "l.csv").write_text(
        "\n".join(["person,time,score", *rows]) + "\n", encoding="utf-8"
    )
    found = judged(tmp_path / "l.csv")
    assert found.rows["category"].tolist() == ["deteriorated"] * 2 + ["improved"] * 10
    higher = judged(tmp_path / "l.csv", plan=ChangePlan(improvement_sign=1))
    assert higher.rows["category"].tolist() == ["improved"] * 2 + ["deteriorated"] * 10


def test_a_last_score_on_the_cut_off_is_judged_by_the_instrument_s_own_words(
    tmp_path: Path,
) -> None:
    # PHQ-9: 10 or more is a case. Half end at 10, half at 9; all fall by two a wave.
    rows = [
        f"p{k},{t},{(18 if k % 2 else 17) - 2 * t + (0.3 if t in {1, 2} else 0):.1f}"
        for k in range(12)
        for t in range(5)
    ]
    (tmp_path / "l.csv").write_text(
        "\n".join(["person,time,score", *rows]) + "\n", encoding="utf-8"
    )
    found = judged(tmp_path / "l.csv", plan=ChangePlan(improvement_sign=-1, instrument=PHQ))
    assert found.rows["last"].tolist() == [9, 10] * 6
    assert found.rows["category"].tolist() == ["recovered", "improved"] * 6


def test_a_first_score_on_a_given_cut_off_is_neither_clinical_nor_functional(
    tmp_path: Path,
) -> None:
    rows = [
        f"p{k},{t},{(10 if k % 2 else 11) - 2 * t + (0.3 if t in {1, 2} else 0):.1f}"
        for k in range(12)
        for t in range(5)
    ]
    text = "\n".join(["person,time,score", *rows]) + "\n"
    (tmp_path / "l.csv").write_text(text, encoding="utf-8")
    found = judged(tmp_path / "l.csv", plan=ChangePlan(improvement_sign=-1, cut_off=10))
    assert found.rows["category"].tolist() == ["recovered", "improved"] * 6
