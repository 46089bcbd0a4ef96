"""Every index and category against base R on the same pairs: ``expected/change.csv``."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rapport.scoring.change import METHODS, Method, effect_sizes, paired
from rapport.scoring.change.criteria import ChangePlan
from rapport.scoring.change_table import ChangedTable, change_file
from rapport.scoring.item_mapping import TableFormat

EXPECTED = Path(__file__).parent / "expected/change.csv"
DATA = pd.read_csv(EXPECTED, comment="#")
HEAD = {
    name: float(value)
    for line in EXPECTED.read_text(encoding="utf-8").splitlines()
    if line.startswith("# ") and len(parts := line[2:].split()) == 2
    for name, value in [parts]
}
NORMS = {"functional_mean": 3.3, "functional_sd": 3.8}


def changed(pairs: Path, method: Method, **more: float) -> ChangedTable:
    plan = ChangePlan(
        improvement_sign=-1, method=method, reliability=0.84,
        reliability_post=0.80 if method == "NK" else None, **(NORMS | more),  # type: ignore[arg-type]
    )  # fmt: skip
    return change_file(pairs, pre="pre", post="post", plan=plan, form=TableFormat())


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    DATA[["pre", "post"]].to_csv(tmp_path / "pairs.csv", index=False)
    return tmp_path / "pairs.csv"


@pytest.mark.parametrize("method", METHODS)
def test_indices(pairs: Path, method: Method) -> None:
    found = changed(pairs, method).rows["index"].to_numpy()
    assert found == pytest.approx(DATA[method].to_numpy(), abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_categories(pairs: Path, method: Method) -> None:
    assert changed(pairs, method).rows["category"].tolist() == DATA[f"category_{method}"].tolist()


def test_the_cut_off_index_of_hageman_and_arrindell(pairs: Path) -> None:
    found = changed(pairs, "HA")
    assert found.rows["cut_off_index"].to_numpy() == pytest.approx(DATA["CS"].to_numpy(), abs=1e-9)
    assert found.criterion.cut_off == pytest.approx(HEAD["true_c"], abs=1e-9)


def test_a_published_spread_sets_the_error_and_the_group_its_own_moments(pairs: Path) -> None:
    # Hageman & Arrindell: SD 5 and r .84 are published; S₁, S₂ and r₁₂ in r_dd stay the group's.
    found = changed(pairs, "HA", sd=5.0)
    assert found.rows["index"].to_numpy() == pytest.approx(DATA["HA_given"].to_numpy(), abs=1e-9)
    cut = found.rows["cut_off_index"].to_numpy()
    assert cut == pytest.approx(DATA["CS_given"].to_numpy(), abs=1e-9)
    assert found.criterion.cut_off == pytest.approx(HEAD["true_c_given"], abs=1e-9)
    assert found.criterion.reference is not None
    assert found.criterion.reference.reliability_of_change == pytest.approx(HEAD["r_dd_given"])


@pytest.mark.parametrize("kind", ["a", "b", "c"])
def test_cut_offs(pairs: Path, kind: str) -> None:
    assert changed(pairs, "JT", cut_off_type=kind).criterion.cut_off == pytest.approx(HEAD[kind])  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["d_z", "d_pre", "d_av", "d_rm"])
def test_effect_sizes(name: str) -> None:
    found = getattr(effect_sizes(paired(DATA["pre"], DATA["post"]), improvement_sign=-1), name)
    assert found.value == pytest.approx(HEAD[name], abs=1e-9)
    assert found.standard_error == pytest.approx(HEAD[f"se_{name}"], abs=1e-9)
    assert found.corrected == pytest.approx(HEAD[name] * HEAD["J"], abs=1e-9)
    assert found.high == pytest.approx(HEAD[name] + 1.959963984540054 * HEAD[f"se_{name}"])


def test_shares_of_the_group(pairs: Path) -> None:
    group = changed(pairs, "HA").group
    assert group is not None
    assert group.share_improved == pytest.approx(HEAD["group_improved"], abs=1e-9)
    assert group.share_functional == pytest.approx(HEAD["group_functional"], abs=1e-9)


def test_turning_the_scale_round_changes_no_category(tmp_path: Path) -> None:
    turned = pd.DataFrame({"pre": 30 - DATA["pre"], "post": 30 - DATA["post"]})
    turned.to_csv(tmp_path / "turned.csv", index=False)
    for method in METHODS:
        plan = ChangePlan(
            improvement_sign=1, method=method, reliability=0.84, functional_mean=30 - 3.3,
            functional_sd=3.8, reliability_post=0.80 if method == "NK" else None,
        )  # fmt: skip
        found = change_file(
            tmp_path / "turned.csv", pre="pre", post="post", plan=plan, form=TableFormat()
        )
        assert found.rows["category"].tolist() == DATA[f"category_{method}"].tolist()
        assert np.allclose(found.rows["index"], -DATA[method])
