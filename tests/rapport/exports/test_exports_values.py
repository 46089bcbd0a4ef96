"""A clinic's spelling becomes Rapport's words only where the mapping says so."""

from typing import Any

import pytest

from rapport.clinics import CodedColumn, ExportMapping, FormMapping
from rapport.exports import values

MAPPING: dict[str, Any] = {
    "id": "sessions",
    "path": "{month}.csv",
    "format": "delimited",
    "patient": "patient",
    "forms": [{"instrument": "gad-7", "rater": "patient", "items": "g{item}"}],
}


def mapping(**changes: object) -> ExportMapping:
    return ExportMapping.model_validate(MAPPING | changes)


def form(codes: dict[str, str] | None = None) -> FormMapping:
    return FormMapping(instrument="gad-7", rater="patient", items="g{item}", codes=codes)


def day(text: str, *formats: str, written: str | None = None, local: str = "Europe/Warsaw") -> str:
    found = values.date_texts([text], mapping(dates=formats), written=written, local=local)[text]
    assert found is not None
    return found


def test_a_blank_and_a_declared_missing_code_are_missing_and_nothing_else_is() -> None:
    texts = values.key_texts(["", "-9", "NA", " ", "0"], mapping(missing_codes={"-9": "skipped"}))
    assert texts == {"": None, "-9": None, "NA": "NA", " ": " ", "0": "0"}


def test_a_session_number_loses_leading_noughts_and_nothing_else() -> None:
    texts = values.session_texts(["007", "7", "7.0", "٧", "a7"], mapping())
    assert texts == {"007": "7", "7": "7", "7.0": "7.0", "٧": "٧", "a7": "a7"}


@pytest.mark.parametrize(
    ("written", "read"),
    [("3", "3"), ("3.0", "3"), ("3.50", "3.5"), ("-1", "-1"), ("3,5", "3,5"), ("1e1", "1e1")],
)
def test_numbers_with_a_decimal_point_become_canonical(written: str, read: str) -> None:
    assert values.item_texts([written], form(), mapping())[written] == read


@pytest.mark.parametrize(
    ("written", "read"), [("3", "3"), ("3,0", "3"), ("3,50", "3.5"), ("3.5", "?3.5"), ("x", "x")]
)
def test_numbers_with_a_decimal_comma_become_canonical_and_a_point_is_doubtful(
    written: str, read: str
) -> None:
    assert values.item_texts([written], form(), mapping(decimal=","))[written] == read


@pytest.mark.parametrize(
    ("written", "read"), [("27", "27"), ("12,5", "12.5"), ("22.1", "22.1"), ("-", "-")]
)
def test_a_calculated_total_keeps_its_point_in_a_file_with_decimal_commas(
    written: str, read: str
) -> None:
    assert values.total_texts([written], mapping(decimal=","))[written] == read


def test_codes_of_answers_are_translated() -> None:
    coded = form({"1": "0", "2": "1", "never": "0"})
    assert values.item_texts(["1", "2", "never"], coded, mapping()) == {
        "1": "0", "2": "1", "never": "0",
    }  # fmt: skip


@pytest.mark.parametrize("undeclared", ["0", "3", "3.0"])
def test_an_undeclared_code_is_never_taken_for_an_answer_on_the_scale(undeclared: str) -> None:
    coded = form({"1": "0", "2": "1"})
    found = values.item_texts([undeclared], coded, mapping())[undeclared]
    assert found == f"?{undeclared}"


def test_a_missing_code_goes_before_a_code() -> None:
    coded = form({"9": "3"})
    assert values.item_texts(["9"], coded, mapping(missing_codes={"9": "refused"})) == {"9": None}


def test_coded_columns_become_words_and_an_undeclared_word_is_doubtful() -> None:
    coded = CodedColumn(column="mode", codes={"1": "video"})
    texts = values.coded_texts(["1", "", "2", "video"], coded, mapping(), ("video", "text"))
    assert texts == {"1": "video", "": None, "2": "2", "video": "?video"}


def test_a_date_is_read_by_the_declared_format_and_its_time_is_dropped() -> None:
    assert day("03/02/2026 23:59:59", "%d/%m/%Y %H:%M:%S") == "2026-02-03"


def test_an_iso_date_that_is_not_declared_is_not_taken_for_one() -> None:
    assert day("2026-02-03", "%d/%m/%Y") == "?2026-02-03"


def test_two_formats_that_read_two_different_days_read_none() -> None:
    assert day("03/02/2026", "%d/%m/%Y", "%m/%d/%Y") == "03/02/2026"
    assert day("13/02/2026", "%d/%m/%Y", "%m/%d/%Y") == "2026-02-13"


@pytest.mark.parametrize("text", ["29/02/2025", "31/04/2026", "0/1/2026", "٠٣/02/2026", "soon"])
def test_a_day_that_does_not_exist_stays_as_it_came(text: str) -> None:
    assert day(text, "%d/%m/%Y") == text


def test_a_time_in_another_zone_counts_on_the_clinic_s_calendar() -> None:
    written = "2026-01-31 23:30:00"
    assert day(written, "%Y-%m-%d %H:%M:%S", written="UTC") == "2026-02-01"
    assert day(written, "%Y-%m-%d %H:%M:%S") == "2026-01-31"
    assert day("2026-02-01T01:00:00+0500", "%Y-%m-%dT%H:%M:%S%z") == "2026-01-31"


@pytest.mark.parametrize(
    ("written", "read"),
    [("2026-03-29 00:59:59", "2026-03-29"), ("2026-10-24 22:30:00", "2026-10-25"),
     ("2026-10-25 22:59:59", "2026-10-25"), ("2026-10-25 23:00:00", "2026-10-26")],
)  # fmt: skip
def test_days_are_told_apart_over_the_change_of_clocks(written: str, read: str) -> None:
    # Warsaw is UTC+1, from 29 March to 25 October 2026, 01:00 UTC, UTC+2.
    assert day(written, "%Y-%m-%d %H:%M:%S", written="UTC") == read


def test_a_date_without_a_time_is_not_moved_by_the_zone_of_the_file() -> None:
    assert day("2026-02-01", "%Y-%m-%d", written="America/Toronto") == "2026-02-01"


def test_times_in_a_zone_that_nobody_knows_are_unreadable() -> None:
    assert day("2026-02-01", "%Y-%m-%d", written="Nowhere/Land") == "?2026-02-01"


@pytest.mark.parametrize("text", ["0001-01-01 00:00:00", "9999-12-31 23:59:59"])
def test_the_ends_of_the_calendar_do_no_harm(text: str) -> None:
    assert day(text, "%Y-%m-%d %H:%M:%S", written="UTC") == text[:10]
