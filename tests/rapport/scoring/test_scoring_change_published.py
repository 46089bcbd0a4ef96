"""Change against another program's printed results: the R package clinicalsignificance 2.0.

The pairs and the calls stand in ``expected/hamd.csv``; nothing here was computed by ourselves.
"""

from pathlib import Path

import pandas as pd
import pytest

from rapport.scoring.change.criteria import ChangePlan
from rapport.scoring.change.indices import METHODS, Method
from rapport.scoring.change_table import ChangedTable, change_file
from rapport.scoring.item_mapping import TableFormat

EXPECTED = Path(__file__).parent / "expected"
PAIRS = pd.read_csv(EXPECTED / "hamd.csv", comment="#")
COUNTS = pd.read_csv(EXPECTED / "hamd_counts.csv", comment="#").set_index("method")


def judged(folder: Path, plan: ChangePlan) -> ChangedTable:
    PAIRS.to_csv(folder / "hamd.csv", index=False)
    return change_file(folder / "hamd.csv", pre="first", post="last", plan=plan, form=TableFormat())


@pytest.mark.parametrize("method", METHODS)
def test_categories_by_every_method(tmp_path: Path, method: Method) -> None:
    plan = ChangePlan(
        improvement_sign=-1, method=method, reliability=0.8,
        reliability_post=0.5 if method == "NK" else None,
        functional_mean=8, functional_sd=8, cut_off_type="c",
    )  # fmt: skip
    assert judged(tmp_path, plan).counts == COUNTS.loc[method].to_dict()


def test_shares_of_the_group_by_hageman_and_arrindell(tmp_path: Path) -> None:
    plan = ChangePlan(
        improvement_sign=-1, method="HA", reliability=0.8, functional_mean=8, functional_sd=8
    )
    group = judged(tmp_path, plan).group
    assert group is not None
    # Printed: Changed 0.90, Functional 0.76.
    assert round(group.share_improved, 2) == 0.90
    assert group.share_functional is not None
    assert round(group.share_functional, 2) == 0.76


def test_a_change_of_half_the_first_score(tmp_path: Path) -> None:
    # cs_percentage(…, pct_improvement = 0.5): improved 16, unchanged 24, deteriorated 0.
    plan = ChangePlan(improvement_sign=-1, method="percentage", floor=0)
    counts = judged(tmp_path, plan).counts
    assert (counts["improved"], counts["unchanged"], counts["deteriorated"]) == (16, 24, 0)
