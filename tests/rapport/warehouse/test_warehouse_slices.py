"""A slice is replaced whole, in one transaction, and nothing else is touched."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.warehouse.engine import ConstraintBrokenError
from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import (
    CLINIC_MONTH_SLICES,
    MONTH_SLICES,
    clinic_aggregates,
    quarantine,
    scale_scores,
    survey_responses,
    treatment_outcomes,
    verdicts,
)

Make = Callable[..., pd.DataFrame]
NORTH = {"clinic_id": "north", "month": "2026-01"}
SOUTH = {"clinic_id": "south", "month": "2026-01"}


def test_what_is_written_is_read_back(warehouse: Warehouse, responses: Make) -> None:
    rows = responses(5)
    written = warehouse.replace_slice(survey_responses, rows, **NORTH)
    read = warehouse.read(survey_responses, **NORTH)
    pd.testing.assert_frame_equal(read[rows.columns], rows)
    assert written == 5
    assert read["item_03"].isna().all()


def test_writing_twice_changes_nothing(warehouse: Warehouse, responses: Make) -> None:
    warehouse.replace_slice(survey_responses, responses(5), **NORTH)
    once = warehouse.read(survey_responses)
    warehouse.replace_slice(survey_responses, responses(5), **NORTH)
    pd.testing.assert_frame_equal(warehouse.read(survey_responses), once)


def test_the_order_of_rows_and_columns_changes_nothing(
    warehouse: Warehouse, responses: Make
) -> None:
    rows = responses(20)
    warehouse.replace_slice(survey_responses, rows, **NORTH)
    once = warehouse.read(survey_responses)
    shuffled = rows.sample(frac=1, random_state=1)[list(reversed(rows.columns))]
    warehouse.replace_slice(survey_responses, shuffled, **NORTH)
    pd.testing.assert_frame_equal(warehouse.read(survey_responses), once)


def test_a_smaller_slice_leaves_nothing_of_the_larger_one(
    warehouse: Warehouse, responses: Make
) -> None:
    warehouse.replace_slice(survey_responses, responses(9), **NORTH)
    warehouse.replace_slice(survey_responses, responses(2), **NORTH)
    assert len(warehouse.read(survey_responses)) == 2


def test_an_empty_frame_empties_the_slice(warehouse: Warehouse, responses: Make) -> None:
    warehouse.replace_slice(survey_responses, responses(9), **NORTH)
    assert warehouse.replace_slice(survey_responses, pd.DataFrame(), **NORTH) == 0
    assert warehouse.read(survey_responses).empty


def test_other_slices_stay_as_they_are(warehouse: Warehouse, responses: Make) -> None:
    warehouse.replace_slice(survey_responses, responses(3, clinic="south"), **SOUTH)
    february = {"clinic_id": "north", "month": "2026-02"}
    warehouse.replace_slice(survey_responses, responses(4, month="2026-02"), **february)
    warehouse.replace_slice(survey_responses, responses(9), **NORTH)
    warehouse.replace_slice(survey_responses, pd.DataFrame(), **NORTH)
    counts = warehouse.read(survey_responses).groupby(["clinic_id", "month"]).size()
    assert counts.to_dict() == {("north", "2026-02"): 4, ("south", "2026-01"): 3}


def test_many_slices_of_many_tables_are_one_transaction(
    warehouse: Warehouse, responses: Make, verdict: Callable[..., dict[str, object]]
) -> None:
    warehouse.replace_slice(survey_responses, responses(2), **NORTH)
    both = pd.concat([responses(3), responses(4, clinic="south")], ignore_index=True)
    broken = pd.DataFrame({**NORTH, "content_sha256": "x", "line": [1, 1], "column": "q",
                           "rule": "R", "remedy": "mend"})  # fmt: skip
    with pytest.raises(ConstraintBrokenError):
        warehouse.replace_slices(
            {survey_responses: both, quarantine: broken}, [NORTH, SOUTH], {verdicts: [verdict()]}
        )
    assert len(warehouse.read(survey_responses)) == 2
    assert warehouse.read(verdicts).empty
    written = warehouse.replace_slices(
        {survey_responses: both, quarantine: broken[:1]}, [NORTH, SOUTH], {verdicts: [verdict()]}
    )
    assert written == {"survey_responses": 7, "quarantine": 1, "verdicts": 1}


def test_no_slices_and_no_rows_is_nothing_to_do(warehouse: Warehouse) -> None:
    assert warehouse.replace_slices({survey_responses: pd.DataFrame()}, []) == {
        "survey_responses": 0
    }


def test_a_row_of_another_slice_is_a_bug(warehouse: Warehouse, responses: Make) -> None:
    with pytest.raises(ValueError, match="belong to a slice that is not being replaced"):
        warehouse.replace_slice(survey_responses, responses(3, clinic="south"), **NORTH)


def test_rows_without_slices_are_a_bug(warehouse: Warehouse, responses: Make) -> None:
    with pytest.raises(ValueError, match="named by the same columns"):
        warehouse.replace_slices({survey_responses: responses(1)}, [])


def test_slices_named_differently_are_a_bug(warehouse: Warehouse, responses: Make) -> None:
    with pytest.raises(ValueError, match="named by the same columns"):
        warehouse.replace_slices({survey_responses: responses(1)}, [NORTH, {"month": "2026-01"}])


def test_a_table_is_not_sliced_by_a_column_it_lacks(warehouse: Warehouse) -> None:
    with pytest.raises(ValueError, match="is not sliced by"):
        warehouse.replace_slice(treatment_outcomes, pd.DataFrame(), sector="public")


def test_key_columns_that_are_left_out_are_filled_in(warehouse: Warehouse, responses: Make) -> None:
    warehouse.replace_slice(
        survey_responses, responses(3).drop(columns=["clinic_id", "month"]), **NORTH
    )
    assert len(warehouse.read(survey_responses, **NORTH)) == 3


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("surname", "x", "has no column"),
        ("line", 2.5, "must hold INTEGER"),
        ("line", "7", "must hold INTEGER"),
        ("item_01", "3", "must hold DOUBLE"),
        ("item_01", True, "must hold DOUBLE"),
        ("line", True, "must hold INTEGER"),
        ("therapist_id", 7, "must hold TEXT"),
        ("therapist_id", None, "must have a value in every row"),
        ("session", None, "must have a value in every row"),
    ],
)
def test_a_column_that_does_not_fit_is_a_bug_that_names_the_column(
    warehouse: Warehouse, responses: Make, column: str, value: object, told: str
) -> None:
    with pytest.raises(ValueError, match=told) as error:
        warehouse.replace_slice(survey_responses, responses(3).assign(**{column: value}), **NORTH)
    assert column in str(error.value)
    assert warehouse.read(survey_responses).empty


def test_a_missing_required_column_is_a_bug(warehouse: Warehouse, responses: Make) -> None:
    with pytest.raises(ValueError, match="therapist_id must have a value"):
        warehouse.replace_slice(
            survey_responses, responses(3).drop(columns="therapist_id"), **NORTH
        )


@pytest.mark.parametrize("table", [*CLINIC_MONTH_SLICES, *MONTH_SLICES], ids=str)
def test_types_do_not_depend_on_there_being_rows(warehouse: Warehouse, table: sa.Table) -> None:
    read = warehouse.read(table)
    kinds = {"TEXT": "str", "INTEGER": "int64", "DOUBLE": "float64", "BOOLEAN": "bool"}
    nullable = {"INTEGER": "Int64", "BOOLEAN": "boolean"}
    expected = {
        column.name: (column.nullable and nullable.get(str(column.type))) or kinds[str(column.type)]
        for column in table.columns
    }
    assert {name: str(kind) for name, kind in read.dtypes.items()} == expected
    assert list(read.columns) == list(table.columns.keys())


def test_truth_and_missing_truth_come_back_as_such(warehouse: Warehouse) -> None:
    rows = pd.DataFrame(
        {
            "month": "2026-01", "clinic_id": "north", "patient_id": ["A", "B", "C"],
            "episode": "1", "therapist_id": "T", "ended_on": "2026-01-20", "ending": "agreed",
            "n_attended": 5, "is_finished": True, "is_paired": [True, True, False],
            "is_case_at_start": pd.array([True, False, None], dtype="boolean"),
            "is_recovered": False, "is_reliably_improved": [True, False, False],
            "is_reliably_recovered": False, "is_reliably_deteriorated": False,
        }
    )  # fmt: skip
    warehouse.replace_slice(treatment_outcomes, rows, month="2026-01")
    read = warehouse.read(treatment_outcomes)
    assert read["is_paired"].tolist() == [True, True, False]
    assert read["is_paired"].dtype == "bool"
    assert read["is_case_at_start"].tolist() == [True, False, pd.NA]


def test_missing_whole_numbers_and_text_stay_missing(warehouse: Warehouse) -> None:
    rows = pd.DataFrame(
        {
            "month": "2026-01", "clinic_id": "north", "period": "month",
            "figure": ["alliance", "completion"], "n_patients": pd.array([12, None], "Int64"),
            "unit": "points", "method": "mean", "suppression": [None, "small_number"],
            "value": [4.25, np.nan],
        }
    )  # fmt: skip
    warehouse.replace_slice(clinic_aggregates, rows, month="2026-01")
    read = warehouse.read(clinic_aggregates)
    assert read["n_patients"].tolist() == [12, pd.NA]
    assert read["suppression"].isna().tolist() == [True, False]
    assert read["value"].isna().tolist() == [False, True]


def test_empty_text_is_not_missing_text(warehouse: Warehouse) -> None:
    rows = pd.DataFrame(
        {**NORTH, "content_sha256": "x", "line": [1, 2], "column": ["", 'a "b",\nc'],
         "rule": "R", "remedy": ["", "\\N"]}
    )  # fmt: skip
    warehouse.replace_slice(quarantine, rows, **NORTH)
    read = warehouse.read(quarantine)
    assert read["column"].tolist() == ["", 'a "b",\nc']
    assert read["remedy"].tolist() == ["", "\\N"]


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), max_size=12)
NUMBER = st.floats(allow_nan=False) | st.none()


@given(
    cells=st.lists(st.tuples(TEXT, NUMBER, TEXT | st.none()), min_size=1, max_size=8),
    whole=st.integers(-(2**31), 2**31 - 1),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_and_any_number_come_back_the_same(
    warehouse: Warehouse, cells: list[tuple[str, float | None, str | None]], whole: int
) -> None:
    rows = pd.DataFrame(
        {
            **NORTH, "patient_id": [f"P{number}" for number in range(len(cells))], "episode": "1",
            "session": 1, "instrument": "phq-9", "rater": "patient", "scale": "total",
            "therapist_id": [text for text, _, _ in cells], "session_date": "2026-01-10",
            "instrument_version": "1", "n_items": whole, "n_answered": 9, "is_prorated": False,
            "score": pd.Series([number for _, number, _ in cells], dtype="float64"),
            "no_score_reason": pd.Series([reason for _, _, reason in cells], dtype="str"),
        }
    )  # fmt: skip
    warehouse.replace_slice(scale_scores, rows, **NORTH)
    read = warehouse.read(scale_scores)
    pd.testing.assert_frame_equal(read[rows.columns], rows, check_exact=True)


def test_reading_takes_one_value_or_several(warehouse: Warehouse, responses: Make) -> None:
    for clinic in ("north", "south", "west"):
        key = {"clinic_id": clinic, "month": "2026-01"}
        warehouse.replace_slice(survey_responses, responses(2, clinic=clinic), **key)
    some = warehouse.read(survey_responses, clinic_id=["north", "west"], month="2026-01")
    assert some["clinic_id"].unique().tolist() == ["north", "west"]
    assert warehouse.read(survey_responses, clinic_id=[]).empty


def test_reading_some_columns_gives_these_in_that_order(
    warehouse: Warehouse, responses: Make
) -> None:
    warehouse.replace_slice(survey_responses, responses(2), **NORTH)
    read = warehouse.read(survey_responses, columns=["item_01", "patient_id"])
    assert list(read.columns) == ["item_01", "patient_id"]


def test_writing_to_one_empty_column_leaves_the_others_empty(
    warehouse: Warehouse, responses: Make
) -> None:
    warehouse.replace_slice(survey_responses, responses(2), **NORTH)
    read = warehouse.read(survey_responses)
    read.loc[0, "item_20"] = 1.0
    read["item_21"] += 1
    others = [f"item_{number:02d}" for number in range(3, 49) if number != 20]
    assert read[others].isna().all(axis=None)
    assert read.loc[0, "item_20"] == 1.0


def test_more_rows_than_one_batch_come_back_in_order(warehouse: Warehouse, responses: Make) -> None:
    rows = responses(40_000)
    warehouse.replace_slice(survey_responses, rows, **NORTH)
    read = warehouse.read(survey_responses, columns=list(rows.columns))
    pd.testing.assert_frame_equal(read, rows)


def test_a_refused_row_is_not_quoted_in_the_error(warehouse: Warehouse, responses: Make) -> None:
    canary = "Canary-Kowalska"
    rows = responses(3).assign(patient_id=canary, session=1)
    with pytest.raises(ConstraintBrokenError) as error:
        warehouse.replace_slice(survey_responses, rows, **NORTH)
    shown: BaseException | None = error.value
    assert canary not in str(shown)
    assert error.value.__suppress_context__
