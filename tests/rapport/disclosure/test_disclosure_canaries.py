"""Nothing of a hidden group is left in what is published: no number, no trace in the order."""
# ruff: noqa: ANN401 - the makers come from conftest, which cannot be imported

from typing import Any

import numpy as np
import pandas as pd

from rapport.disclosure import publish
from rapport.statistics import NUMBERS, Aggregates

CASELOADS = {"c1": {"t1": 3, "t2": 12, "t3": 9, "t4": 7}}


def _published(computed: Any, canary: float) -> Aggregates:
    """Publish after writing a number that is nowhere else into a hidden therapist's figures."""
    aggregates, clinics = computed(CASELOADS)
    is_hidden = aggregates.therapists["therapist_id"] == "t1"
    for column in ("value", "low", "high", "numerator"):
        aggregates.therapists.loc[is_hidden, column] = canary
    return publish(aggregates, profiles_by_clinic={"c1": "standard"}, clinics=clinics)


def test_a_hidden_number_is_in_no_cell_of_any_table(computed: Any) -> None:
    published = _published(computed, 4.4321)
    for table in (published.therapists, published.clinics, published.sectors, published.groups):
        numbers = table.select_dtypes("number").to_numpy(dtype=float, na_value=np.nan)
        assert not np.isclose(numbers, 4.4321).any()
        text = table.select_dtypes(exclude="number").astype("str")
        assert not text.apply(lambda column: column.str.contains("4.43")).any(axis=None)


def test_what_is_published_does_not_depend_on_a_hidden_number(computed: Any) -> None:
    low, high = _published(computed, 1.0009), _published(computed, 4.9991)
    pd.testing.assert_frame_equal(low.therapists, high.therapists)
    pd.testing.assert_frame_equal(low.clinics, high.clinics)
    hidden = low.therapists[low.therapists["therapist_id"] == "t1"]
    assert len(hidden)
    assert hidden[list(NUMBERS)].isna().all(axis=None)
