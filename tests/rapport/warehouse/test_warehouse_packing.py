"""A packed slice holds its rows in the order of their key; the same rows give the same bytes."""

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import EvidenceError
from rapport.warehouse.engine import ConstraintBrokenError
from rapport.warehouse.frames import arrow_of
from rapport.warehouse.packing import pack, unpack
from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import PACKED, sessions, survey_responses

Make = Callable[..., pd.DataFrame]
NORTH = {"clinic_id": "north", "month": "2026-01"}
SOUTH = {"clinic_id": "south", "month": "2026-01"}


def packed(rows: pd.DataFrame) -> dict[str, bytes]:
    """Return clinic → file."""
    cells = arrow_of(rows, survey_responses, coded=True)
    return {one.clinic_id: one.parquet for one in pack(cells, survey_responses)}


def test_a_slice_is_a_parquet_file_that_anybody_can_read(responses: Make) -> None:
    rows = responses(5)
    read = pq.read_table(io.BytesIO(packed(rows)["north"])).to_pandas()
    assert read["patient_id"].tolist() == rows["patient_id"].tolist()
    assert read["item_02"].tolist() == pytest.approx(rows["item_02"].tolist(), nan_ok=True)


def test_key_columns_and_columns_that_hold_nothing_are_not_in_the_file(responses: Make) -> None:
    names = pq.read_schema(io.BytesIO(packed(responses(5))["north"])).names
    assert not {"clinic_id", "month", "item_03", "item_48", "missing_reasons"} & set(names)


def test_the_bytes_do_not_depend_on_what_is_written_with_them(responses: Make) -> None:
    north, south = responses(30), responses(40, clinic="south").assign(item_07=2.0)
    both = packed(pd.concat([south, north], ignore_index=True))
    assert both == packed(north) | packed(south)


def test_the_bytes_do_not_depend_on_order_or_kind_of_column(responses: Make) -> None:
    rows = responses(30)
    shuffled = rows.sample(frac=1, random_state=1)
    categories = rows.astype({"patient_id": "category", "instrument": "category"})
    objects = rows.astype({"patient_id": object})
    assert packed(rows) == packed(shuffled) == packed(categories) == packed(objects)


KEYS = st.lists(
    st.tuples(
        st.sampled_from(["north", "south", "Öst"]),
        st.sampled_from(["P1", "P10", "P2", "ß", "p1", "Z", "\U0001f600"]),
        st.integers(1, 40),
    ),
    unique=True, min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(keys=KEYS)
def test_rows_stand_in_the_order_of_their_key(keys: list[tuple[str, str, int]]) -> None:
    rows = pd.DataFrame(
        {
            "clinic_id": [clinic for clinic, _, _ in keys], "month": "2026-01",
            "patient_id": [patient for _, patient, _ in keys], "episode": "1",
            "session": [session for _, _, session in keys], "therapist_id": "T",
            "session_date": "2026-01-10", "content_sha256": "x", "line": range(len(keys)),
        }
    )  # fmt: skip
    found = []
    for one in pack(arrow_of(rows, sessions, coded=True), sessions):
        read = pq.read_table(io.BytesIO(one.parquet)).to_pylist()
        found += [(one.clinic_id, row["patient_id"], row["session"]) for row in read]
    assert found == sorted(keys)


def test_a_key_that_stands_twice_is_refused_without_naming_it(responses: Make) -> None:
    rows = responses(3).assign(patient_id="Canary", session=1)
    with pytest.raises(ConstraintBrokenError, match="a key twice") as error:
        packed(rows)
    assert "Canary" not in str(error.value)


def test_keys_of_more_values_than_fit_into_one_number_are_told_apart() -> None:
    many = 70_000
    rows = pd.DataFrame(
        {
            "clinic_id": [f"c{n}" for n in range(many)], "month": "2026-01",
            "patient_id": [f"p{n}" for n in range(many)],
            "episode": [f"e{n}" for n in range(many)],
            "session": np.arange(many), "instrument": [f"i{n}" for n in range(many)],
            "rater": "patient", "therapist_id": "T", "session_date": "2026-01-10",
            "content_sha256": "x", "line": 1, "item_01": 1.0,
        }
    )  # fmt: skip
    cells = arrow_of(rows, survey_responses, coded=True)
    first = next(iter(pack(cells, survey_responses)))
    assert (first.clinic_id, first.n_rows) == ("c0", 1)


def test_a_file_that_was_changed_is_not_read(warehouse: Warehouse, responses: Make) -> None:
    warehouse.replace_slice(survey_responses, responses(3), **NORTH)
    stored = PACKED[survey_responses]
    other = packed(responses(3, answer=2.0))["north"]
    with warehouse.engine.begin() as connection:
        connection.execute(sa.update(stored).values(parquet=other))
    with pytest.raises(EvidenceError, match="SLICE_CHANGED"):
        warehouse.read(survey_responses)


def test_what_is_not_a_file_any_more_is_told_the_same_way() -> None:
    with pytest.raises(EvidenceError, match="SLICE_CHANGED"):
        unpack(b"not parquet", "0" * 64, [survey_responses.c.item_01], "north 2026-01")


def test_rows_are_chosen_by_any_column(warehouse: Warehouse, responses: Make) -> None:
    rows = responses(6).assign(rater=["patient", "therapist"] * 3)
    warehouse.replace_slice(survey_responses, rows, **NORTH)
    read = warehouse.read
    assert read(survey_responses, rater="therapist")["line"].tolist() == [3, 5, 7]
    assert read(survey_responses, line=[2, 3], rater="patient")["line"].tolist() == [2]
    assert read(survey_responses, rater="nobody").empty
    assert read(survey_responses, columns=["line"], rater=["therapist"]).columns.tolist() == [
        "line"
    ]


def test_a_column_that_one_slice_lacks_is_missing_on_its_rows_only(
    warehouse: Warehouse, responses: Make
) -> None:
    both = pd.concat([responses(2), responses(2, clinic="south").assign(item_09=1.0)])
    warehouse.replace_slices({survey_responses: both}, [NORTH, SOUTH])
    read = warehouse.read(survey_responses, columns=["clinic_id", "item_09"])
    assert read["item_09"].isna().tolist() == [True, True, False, False]
    assert read["clinic_id"].tolist() == ["north", "north", "south", "south"]


def test_text_may_come_as_sorted_categories(
    warehouse: Warehouse, responses: Make, verdict: Callable[..., dict[str, object]]
) -> None:
    from rapport.warehouse.tables import verdicts

    rows = responses(4).assign(therapist_id=["T9", "T1", "T9", "T5"])
    warehouse.replace_slice(survey_responses, rows, **NORTH)
    warehouse.append(verdicts, [verdict()])
    plain = warehouse.read_passed(survey_responses, ["2026-01"])
    coded = warehouse.read_passed(survey_responses, ["2026-01"], coded=True)
    assert coded["therapist_id"].cat.categories.tolist() == ["T1", "T5", "T9"]
    pd.testing.assert_frame_equal(
        coded.astype(plain.dtypes.to_dict()), plain, check_dtype=True, check_exact=True
    )


def test_a_packed_slice_is_named_by_clinic_and_month(warehouse: Warehouse, responses: Make) -> None:
    with pytest.raises(ValueError, match="named by clinic and month"):
        warehouse.replace_slice(survey_responses, responses(2), month="2026-01")
