"""How tables of texts, workbooks and SPSS files are read, where nobody declares it.

The parsers of workbooks and SPSS files run in a process of their own; here what that process told
is given by hand. Real files are read in ``test_scoring_table`` and ``test_scoring_commands``.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rapport.errors import ExportRefusedError, ScoringError
from rapport.exports.children import Refused
from rapport.scoring import readers
from rapport.scoring.item_mapping import TableFormat
from rapport.scoring.readers import spss, workbook
from rapport.scoring.readers.decimals import decimal_mark
from rapport.scoring.readers.delimiters import split
from rapport.scoring.readers.text import read_text

Parser = Callable[..., object]

# ── delimited text ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "header"),
    [
        ("a;b\n1;2\nx\n", ["a", "b"]),
        ("a;b, c\n1;2\nx\n", ["a", "b, c"]),
        ('a;b,"c;d"\n1;2,"3;4"\n1;2,"3;4"\n', ["a;b", "c;d"]),
        ('a;b,"c;d"\n1;2,"3;4"\n1;2,3;4\n', ["a;b", "c;d"]),
        ("a\n1,2\n", ["a"]),
    ],
    ids=[
        "the first row decides, not the last",
        "two columns, one with a comma in its name",
        "a delimiter that leaves a quotation mark is the worse one",
        "a later row without quotation marks changes nothing",
        "no delimiter in the first row",
    ],
)
def test_the_delimiter_is_the_only_one_that_fits(text: str, header: list[str]) -> None:
    assert split(text, None).rows[0] == header


def test_a_single_column_is_split_at_commas() -> None:
    assert split("a\n1,2\n", None).rows == [["a"], ["1", "2"]]


def test_a_delimiter_under_which_the_text_cannot_be_read_is_out() -> None:
    # Split at commas, the quotation mark of the second row does not close.
    assert split('a;b,c\n1;2,"x\n', ";").rows == split('a;b,c\n1;2,"x\n', None).rows


def test_two_delimiters_that_fit_alike_are_told_at_the_first_line() -> None:
    with pytest.raises(ExportRefusedError) as told:
        split("a;b,c\n1;2,3\n", None)
    (fault,) = told.value.faults
    assert (fault.rule, fault.line) == ("DELIMITER", 1)


def test_the_header_s_line_is_kept_where_blank_lines_stand_before() -> None:
    table = read_text(b"\n\na;b\n1;2\n", TableFormat())
    assert (table.header_line, list(table.lines)) == (3, [4])


@pytest.mark.parametrize(
    ("cells", "mark"),
    [
        (["2,5", "7", ""], ","),
        (["2,5", "7.1", "3"], "."),
        (["2,500", "2,5"], ","),
        (["2,500", "1,250"], "."),
        (["x,y"], "."),
        ([], "."),
    ],
)
def test_the_decimal_mark_is_the_comma_only_where_nothing_else_can_be_meant(
    cells: list[str], mark: str
) -> None:
    assert decimal_mark(cells) == mark


# ── SPSS ─────────────────────────────────────────────────────────────────────────────────────────


def told(answer: object) -> Parser:
    return lambda *_: answer


def test_rows_of_an_spss_file_are_counted_from_its_header(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [[1.0, "a", None], [["missing", "99"], "", 2.5]]
    found = {"header": ["x", "y", "z"], "rows": rows, "declared_rows": 2}
    monkeypatch.setattr(spss, "parsed", told(found))
    table = spss.read_spss(b"$FL2")
    assert table.header == ("x", "y", "z")
    assert table.rows == [["1", "a", ""], ["", "", "2.5"]]
    assert list(table.lines) == [2, 3]


@pytest.mark.parametrize("declared", [None, -1, 1])
def test_an_spss_file_need_not_declare_its_rows(
    monkeypatch: pytest.MonkeyPatch, declared: int | None
) -> None:
    found = {"header": ["x"], "rows": [[1.0]], "declared_rows": declared}
    monkeypatch.setattr(spss, "parsed", told(found))
    assert spss.read_spss(b"$FL2").rows == [["1"]]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"header": ["x"], "rows": [[1.0], [2.0]], "declared_rows": 1}, "another number of rows"),
        (Refused("it is broken"), "cannot be read as an SPSS file"),
    ],
)
def test_an_spss_file_that_is_not_whole_is_refused(
    monkeypatch: pytest.MonkeyPatch, answer: object, words: str
) -> None:
    monkeypatch.setattr(spss, "parsed", told(answer))
    with pytest.raises(ExportRefusedError, match=words) as refused:
        spss.read_spss(b"$FL2")
    assert refused.value.faults[0].rule == "SPSS_FILE"


# ── workbooks ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def sheet(monkeypatch: pytest.MonkeyPatch) -> Callable[[object], None]:
    monkeypatch.setattr(workbook, "check_workbook", lambda _: None)
    return lambda answer: monkeypatch.setattr(workbook, "parsed", told(answer))


def test_a_sheet_is_as_wide_as_its_names(sheet: Callable[[object], None]) -> None:
    sheet({"rows": [(1, ["a", None, "b", None]), (3, [1.0]), (4, [1.0, "", 2.5, None])]})
    table = workbook.read_workbook(b"PK", TableFormat())
    assert table.header == ("a", "", "b")
    assert [row[0] for row in table.rows] == ["1", "1"]
    assert table.rows[1] == ["1", "", "2.5"]
    assert table.lines == [3, 4]


@pytest.mark.parametrize("rows", [[], [(2, ["a"])]], ids=["empty", "header in the second row"])
def test_the_header_of_a_sheet_stands_in_its_first_row(
    sheet: Callable[[object], None], rows: list[object]
) -> None:
    sheet({"rows": rows})
    with pytest.raises(ExportRefusedError) as refused:
        workbook.read_workbook(b"PK", TableFormat())
    (fault,) = refused.value.faults
    assert (fault.rule, fault.line) == ("NO_ROWS", 1)


@pytest.mark.parametrize(
    ("refusal", "rule", "remedy"),
    [
        (Refused("Two sheets.", remedy="Name one.", about="sheet"), "SHEET", "Name one."),
        (Refused("Broken."), "WORKBOOK", workbook._SAVE_AGAIN),
    ],
)
def test_what_the_parser_refuses_is_told_with_a_remedy(
    sheet: Callable[[object], None], refusal: Refused, rule: str, remedy: str
) -> None:
    sheet(refusal)
    with pytest.raises(ExportRefusedError) as refused:
        workbook.read_workbook(b"PK", TableFormat())
    (fault,) = refused.value.faults
    assert (fault.rule, fault.remedy) == (rule, remedy)


# ── files ────────────────────────────────────────────────────────────────────────────────────────


def refused_in_words(file: Path) -> str:
    with pytest.raises(ScoringError, match="UNREADABLE_FILE") as refused:
        readers.read_table(file, TableFormat())
    return refused.value.faults[0].message


def test_a_file_of_the_largest_size_is_read_and_no_larger_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert readers.SIZE_LIMIT == 536_870_912
    monkeypatch.setattr(readers, "SIZE_LIMIT", 8)
    (tmp_path / "t.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    assert readers.read_table(tmp_path / "t.csv", TableFormat()).rows == [["1", "2"]]
    (tmp_path / "t.csv").write_text("a,b\n1,23\n", encoding="utf-8")
    words = refused_in_words(tmp_path / "t.csv")
    assert words == "The table cannot be opened (it is too large)."


def test_what_is_no_regular_file_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refused_in_words(tmp_path / "pipe") == "The table cannot be opened (it is not a file)."
    assert refused_in_words(tmp_path) == "The table cannot be opened (Is a directory)."


def test_why_a_file_cannot_be_opened_is_told(tmp_path: Path) -> None:
    words = refused_in_words(tmp_path / "absent.csv")
    assert words == "The table cannot be opened (No such file or directory)."


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Export the table again."),
        (b"a,b\n1,M\xfcde\n", "--encoding cp1252"),
        (b"a;b,c\n1;2,3\n", "--map"),
    ],
    ids=["empty", "another encoding", "two delimiters"],
)
def test_the_remedy_is_for_a_table_of_one_s_own(tmp_path: Path, content: bytes, words: str) -> None:
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(ScoringError) as refused:
        readers.read_table(tmp_path / "t.csv", TableFormat())
    (fault,) = refused.value.faults
    assert words in fault.remedy
    assert "clinic" not in fault.remedy
