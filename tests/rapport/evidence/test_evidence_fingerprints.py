"""The fingerprint of accepted rows: what they say, and nothing of where they stood."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.evidence.fingerprints import accepted_sha256

HERE = ("alpha", "2025-02")


def sessions(n: int = 4) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "clinic_id": "alpha",
            "month": "2025-02",
            "patient_id": [f"P{place // 2}" for place in range(n)],
            "episode": "1",
            "session": [place % 2 + 1 for place in range(n)],
            "therapist_id": "T1",
            "session_date": "2025-02-03",
            "mode": [None, "video"] * (n // 2),
            "attendance": None,
            "ending": None,
            "content_sha256": "a" * 64,
            "line": range(2, n + 2),
        }
    )


def responses() -> pd.DataFrame:
    rows = sessions().drop(columns=["mode", "attendance", "ending"])
    return rows.assign(
        instrument="phq-9", rater="patient", item_01=[0.0, 1.0, np.nan, 3.0], item_02=np.nan
    )


@settings(deadline=None, max_examples=30)
@given(st.permutations(range(4)), st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(first: list[int], second: list[int]) -> None:
    found = accepted_sha256(sessions().iloc[first], responses().iloc[second])
    assert found == accepted_sha256(sessions(), responses())


def test_file_and_line_do_not_matter() -> None:
    moved = {"content_sha256": "b" * 64, "line": 7}
    found = accepted_sha256(sessions().assign(**moved), responses().assign(**moved))
    assert found == accepted_sha256(sessions(), responses())


@pytest.mark.parametrize("dtype", ["str", "category", "object"])
def test_how_text_is_held_does_not_matter(dtype: str) -> None:
    held = sessions().astype({"patient_id": dtype, "mode": dtype})
    assert accepted_sha256(held, responses()) == accepted_sha256(sessions(), responses())


def test_an_empty_column_that_is_left_out_does_not_matter() -> None:
    narrow = responses().drop(columns="item_02")
    assert accepted_sha256(sessions(), narrow) == accepted_sha256(sessions(), responses())


@pytest.mark.parametrize(
    ("column", "value"),
    [("mode", "telephone"), ("session_date", "2025-02-04"), ("therapist_id", "T2")],
)
def test_one_other_fact_is_another_fingerprint(column: str, value: str) -> None:
    changed = sessions()
    changed.loc[1, column] = value
    assert accepted_sha256(changed, responses()) != accepted_sha256(sessions(), responses())


@pytest.mark.parametrize("answer", [0.0, 2.0, np.nan])
def test_one_other_answer_is_another_fingerprint(answer: float) -> None:
    changed = responses()
    changed.loc[1, "item_01"] = answer
    assert accepted_sha256(sessions(), changed) != accepted_sha256(sessions(), responses())


def test_texts_do_not_run_into_each_other() -> None:
    one, other = sessions(2), sessions(2)
    one["therapist_id"], other["therapist_id"] = ["AB", "C"], ["A", "BC"]
    assert accepted_sha256(one, responses()) != accepted_sha256(other, responses())


def test_each_clinic_month_has_its_own() -> None:
    both = pd.concat([sessions(), sessions().assign(month="2025-03")])
    found = accepted_sha256(both, responses())
    assert set(found) == {HERE, ("alpha", "2025-03")}
    assert found[HERE] == accepted_sha256(sessions(), responses())[HERE]


def test_nothing_accepted_has_no_entry() -> None:
    assert accepted_sha256(sessions().iloc[:0], responses().iloc[:0]) == {}
