"""Bytes become fields exactly as they were written, or the file is refused at the right line."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.errors import ExportRefusedError
from rapport.exports.tokens import FIELD_LIMIT, decode, tokenise

ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
TABLES = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(ANY_TEXT, min_size=width, max_size=width), min_size=1, max_size=8
    )
)


def fault(content: bytes, encoding: str = "utf-8", delimiter: str = ",") -> tuple[str, int | None]:
    with pytest.raises(ExportRefusedError) as refused:
        tokenise(decode(content, encoding), delimiter)
    return refused.value.faults[0].rule, refused.value.faults[0].line


@settings(deadline=None)
@given(table=TABLES, delimiter=st.sampled_from(",;\t|^"), quotes_all=st.booleans())
def test_what_a_csv_writer_writes_is_read_back_cell_for_cell(
    table: list[list[str]], delimiter: str, quotes_all: bool
) -> None:
    text = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if quotes_all else csv.QUOTE_MINIMAL
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows(table)
    tokens = tokenise(text.getvalue(), delimiter)
    assert tokens.rows == table
    assert tokens.is_ended


@settings(deadline=None)
@given(table=TABLES, line_end=st.sampled_from(["\n", "\r\n"]))
def test_every_record_starts_on_the_line_that_an_editor_shows(
    table: list[list[str]], line_end: str
) -> None:
    starts, text = [], ""
    for row in table:
        starts.append(text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1)
        record = io.StringIO(newline="")
        csv.writer(record, quoting=csv.QUOTE_ALL, lineterminator=line_end).writerow(row)
        text += record.getvalue()
    # A carriage return followed by a line feed is one line end only if both are in one cell.
    tokens = tokenise(text, ",")
    assert tokens.rows == table
    assert list(tokens.lines) == starts


@settings(deadline=None)
@given(content=st.binary(max_size=200), encoding=st.sampled_from(["utf-8", "cp1250", "utf-16"]))
def test_bytes_of_any_kind_are_split_or_refused(content: bytes, encoding: str) -> None:
    with suppress(ExportRefusedError):
        tokens = tokenise(decode(content, encoding), ",")
        assert len(tokens.rows) == len(tokens.lines) > 0


def test_blank_lines_are_no_records_and_are_counted_as_lines() -> None:
    tokens = tokenise("a,b\n\n1,2\n\n\n3,4\n", ",")
    assert tokens.rows == [["a", "b"], ["1", "2"], ["3", "4"]]
    assert list(tokens.lines) == [1, 3, 6]


def test_lines_of_an_old_macintosh_are_lines() -> None:
    tokens = tokenise("a,b\r1,2\r", ",")
    assert tokens.rows == [["a", "b"], ["1", "2"]]
    assert list(tokens.lines) == [1, 2]


def test_a_separator_hint_is_taken_off_and_counted_as_a_line() -> None:
    tokens = tokenise("sep=;\r\na;b\r\n1;2\r\n", ";")
    assert tokens.rows == [["a", "b"], ["1", "2"]]
    assert list(tokens.lines) == [2, 3]


def test_a_separator_hint_that_contradicts_the_declared_delimiter_refuses_the_file() -> None:
    assert fault(b"sep=;\na,b\n") == ("WRONG_FORMAT", 1)


@pytest.mark.parametrize("content", [b"", b"  \r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n \n"])
def test_a_file_without_content_is_empty(content: bytes) -> None:
    assert fault(content)[0] == "EMPTY_FILE"


@pytest.mark.parametrize(
    ("content", "encoding", "line"),
    [
        ("a,b\nzażółć,1\n".encode("cp1250"), "utf-8", 2),
        ("a,b\nzażółć,1\n".encode(), "cp1250", None),
        ("a,b\n1,2\nś,1\n".encode("cp1250"), "iso8859-2", 3),
        ("a,b\nzażółć,1\n".encode("utf-16"), "utf-8", 1),
        (b"a,b\n1,2\n", "utf-16", 1),
        ("a,b\n".encode("utf-8-sig"), "cp1250", 1),
        ("a,b\nż,1\n".encode() + "ż,2\n".encode("cp1250"), "utf-8", 3),
        (b"a,b\n\x81,1\n", "cp1250", 2),
        (b"a,b\n\xff,1\n", "ascii", 2),
        (b"a,b\n", "base64", None),
    ],
    ids=[
        "cp1250 declared as utf-8", "utf-8 declared as cp1250", "cp1250 declared as iso-8859-2",
        "utf-16 declared as utf-8", "utf-16 without a mark", "a mark against the declaration",
        "two encodings in one file", "a byte that cp1250 has not", "no ascii", "no text encoding",
    ],
)  # fmt: skip
def test_bytes_that_are_not_in_the_declared_encoding_refuse_the_file(
    content: bytes, encoding: str, line: int | None
) -> None:
    assert fault(content, encoding) == ("ENCODING", line)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1250"])
def test_text_in_the_declared_encoding_is_read(encoding: str) -> None:
    text = "a,b\nzażółć,1\n"
    content = text.encode(encoding)
    assert decode(content, encoding) == text


def test_two_capitals_in_cp1250_that_look_like_utf_8_are_not_taken_for_it() -> None:
    assert decode("a,b\nKÓŁKO,1\n".encode("cp1250"), "cp1250") == "a,b\nKÓŁKO,1\n"


def test_a_byte_order_mark_is_no_part_of_the_first_name() -> None:
    assert tokenise(decode("a,b\n".encode("utf-8-sig"), "utf-8"), ",").rows == [["a", "b"]]


def test_a_nul_byte_refuses_the_file_at_its_line() -> None:
    assert fault(b"a,b\n1,2\n3\x00,4\n") == ("NUL_BYTE", 3)


@pytest.mark.parametrize(
    "content",
    [b'a,b\n1,2\n"3,4\n5,6\n', b'a,b\n1,2\n"3"x,4\n', b'a,b\n1,2\n"3,4\n"5,6\n'],
    ids=["to the end", "text after the quote", "closed by another row's quote"],
)
def test_a_quotation_mark_that_does_not_close_is_told_where_it_opens(content: bytes) -> None:
    assert fault(content) == ("UNCLOSED_QUOTE", 3)


@pytest.mark.parametrize("quote", ['"', ""])
def test_a_field_beyond_the_limit_refuses_the_file(quote: str) -> None:
    text = f"a,b\n1,2\n{quote}{'x' * (FIELD_LIMIT + 1)}{quote},4\n"
    assert fault(text.encode()) == ("FIELD_TOO_LONG", 3)


def test_a_field_at_the_limit_is_read() -> None:
    assert len(tokenise(f"a,b\n{'x' * FIELD_LIMIT},4\n", ",").rows[1][0]) == FIELD_LIMIT


def test_the_limit_of_the_csv_module_is_left_as_it_was() -> None:
    before = csv.field_size_limit()
    fault(("a,b\n" + "x" * (FIELD_LIMIT + 1)).encode())
    assert csv.field_size_limit() == before
