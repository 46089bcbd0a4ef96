"""One file becomes text rows, and many files become one frame, with nothing lost on the way."""

import csv
import io
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.exports import FILE_RULES, concat_rows
from rapport.exports.columns import mapped_columns

if TYPE_CHECKING:
    from conftest import Desk

CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="@"), max_size=9)


@settings(deadline=None, max_examples=60)
@given(patients=st.lists(CELLS, min_size=1, max_size=6), line_ends=st.integers(0, 2))
def test_keys_are_read_cell_for_cell_with_the_line_of_their_row(
    desk: "Desk", patients: list[str], line_ends: int
) -> None:
    note = "\n" * line_ends
    header = [*desk.header, "note_1"]
    rows = [[*desk.row(patient), note] for patient in patients]
    reading = desk.read(desk.csv(*rows, header=header))
    assert reading.faults == ()
    assert reading.rows["patient"].tolist() == [patient or None for patient in patients]
    assert reading.rows["line"].tolist() == [
        2 + place * (1 + line_ends) for place in range(len(patients))
    ]


def test_the_frame_holds_text_or_nothing(desk: "Desk") -> None:
    rows = desk.read(desk.csv(desk.row(), desk.row("p2", g1=""))).rows
    assert rows["line"].dtype == "int64"
    cells = rows.drop(columns="line").to_numpy().ravel().tolist()
    assert all(cell is None or type(cell) is str for cell in cells)


def test_what_is_not_in_the_export_is_missing_and_the_episode_is_the_first(desk: "Desk") -> None:
    row = desk.read(desk.csv(desk.row())).rows.iloc[0]
    assert (row["mode"], row["attendance"], row["ending"], row["episode"]) == (
        None,
        None,
        None,
        "1",
    )


def test_the_file_frame_names_the_file_its_rows_and_every_rule(desk: "Desk") -> None:
    file = desk.read(desk.csv(desk.row(), desk.row("p2")), file="a b.csv").file
    assert (file["clinic_id"], file["month"], file["export_id"]) == ("hill", "2026-02", "sessions")
    assert (file["file"], file["rows_received"]) == ("a b.csv", 2)
    assert [file[rule] for rule in FILE_RULES] == ["holds"] * len(FILE_RULES)
    assert (file["broken_line"], file["broken_column"]) == (None, None)


def test_every_missing_column_is_told_at_once(desk: "Desk") -> None:
    content = desk.csv(["p1"], header=["patient"])
    faults = desk.read(content).faults
    assert [fault.column for fault in faults] == list(desk.header[1:])


def test_an_unknown_column_is_told_and_the_file_is_read(desk: "Desk") -> None:
    reading = desk.read(desk.csv([*desk.row(), "x"], header=[*desk.header, "extra"]))
    assert reading.file["UNKNOWN_COLUMN"] == "broken"
    assert reading.file["broken_column"] == "extra"
    assert len(reading.rows) == 1


def test_a_column_without_a_name_and_without_content_is_padding(desk: "Desk") -> None:
    header = [*desk.header, "", ""]
    assert desk.read(desk.csv([*desk.row(), "", ""], header=header)).faults == ()
    told = desk.read(desk.csv([*desk.row(), "", "x"], header=header))
    assert told.file["DUPLICATE_COLUMN"] == "broken"


def test_an_ignored_column_may_stand_twice(desk: "Desk") -> None:
    header = [*desk.header, "note_1", "note_1"]
    assert desk.read(desk.csv([*desk.row(), "a", "b"], header=header)).faults == ()


def test_a_mapping_reads_each_column_that_it_names(desk: "Desk") -> None:
    mapping = desk.clinic({"clinic": {"site": "A"}, "test_rows": {"patient": ["x"]}}).exports[0]
    assert mapped_columns(mapping, desk.catalogue) == (
        "patient", "therapist", "session", "date", "site", *desk.header[4:],
    )  # fmt: skip


def test_forms_are_read_only_where_their_conditions_hold(desk: "Desk") -> None:
    forms = [
        {"instrument": "gad-7", "rater": "patient", "items": "g{item}", "where": {"who": rater}}
        for rater in ("patient",)
    ]
    header = [*desk.header, "who"]
    content = desk.csv([*desk.row(), "patient"], [*desk.row("p2"), "Patient"], header=header)
    rows = desk.read(content, forms=forms).rows
    assert rows["gad-7.patient.02"].tolist() == ["1", None]
    assert rows["strays"].tolist() == [None, "yes"]


def test_a_blank_clinic_is_not_this_clinic_and_not_another(desk: "Desk") -> None:
    header = [*desk.header, "site"]
    content = desk.csv([*desk.row(), "A"], [*desk.row("p2"), ""], header=header)
    reading = desk.read(content, clinic={"site": "A"})
    assert reading.file["WRONG_CLINIC"] == "holds"
    assert reading.rows["stated_clinic"].tolist() == ["own", "blank"]


def test_another_clinic_s_test_row_refuses_the_file_too(desk: "Desk") -> None:
    header = [*desk.header, "site"]
    content = desk.csv([*desk.row("test"), "B"], [*desk.row("p2"), "A"], header=header)
    reading = desk.read(content, clinic={"site": "A"}, test_rows={"patient": ["test"]})
    assert (reading.file["WRONG_CLINIC"], reading.file["broken_line"]) == ("broken", 2)
    assert reading.file["rows_received"] == 2


def test_frames_of_files_with_other_columns_are_joined_in_order_of_receipt(desk: "Desk") -> None:
    clinic = desk.clinic(
        {},
        {"id": "phq", "forms": [{"instrument": "phq-9", "rater": "patient", "items": "q{item}"}]},
    )
    header = [*desk.header[:4], *(f"q{item}" for item in range(1, 10))]
    second = desk.csv([*desk.row("p2")[:4], *"012301230"], header=header)
    readings = [
        desk.read_as(desk.csv(desk.row()), clinic, "sessions"),
        desk.read_as(b"", clinic, "sessions"),
        desk.read_as(second, clinic, "phq"),
    ]
    rows = concat_rows(readings)
    assert rows.index.tolist() == [0, 1]
    assert rows["received"].tolist() == [0, 2]
    assert rows["line"].tolist() == [2, 2]
    assert rows["gad-7.patient.01"].tolist() == ["0", None]
    assert rows["phq-9.patient.09"].tolist() == [None, "0"]
    assert set(rows.dtypes.astype(str)) == {"object", "int64"}


def test_no_files_make_an_empty_frame_with_every_column() -> None:
    rows = concat_rows([])
    assert len(rows) == 0
    assert {"clinic_id", "line", "received", "kind", "patient", "ending"} <= set(rows.columns)


def test_a_csv_with_other_quoting_and_line_ends_is_the_same_export(desk: "Desk") -> None:
    plain = desk.csv(desk.row(), desk.row("p2"))
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(
        csv.reader(io.StringIO(plain.decode()))
    )
    stamps = ["content_sha256"]
    one, other = (
        desk.read(content).rows.drop(columns=stamps)
        for content in (plain, text.getvalue().encode("utf-8-sig"))
    )
    assert one.equals(other)


def test_a_field_over_many_lines_counts_as_one_row_also_where_the_file_is_refused(
    desk: "Desk",
) -> None:
    header = [*desk.header, "note_1"]
    rows = [[*desk.row("p1"), "a\n" * 40_000], [*desk.row("p2"), "b, c"]]
    reading = desk.read(desk.csv(*rows, header=header))
    assert [fault.rule for fault in reading.faults] == ["FIELD_TOO_LONG"]
    assert reading.file["rows_received"] == 2
