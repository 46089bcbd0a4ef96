"""``rapport score``: strict over any table – a cell is an answer, declared missing, or a fault."""

import io
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyreadstat
import pytest

from rapport.errors import RapportError, ScoringError
from rapport.instruments import load_catalogue
from rapport.scoring.csv_text import csv_text
from rapport.scoring.item_mapping import ItemMapping
from rapport.scoring.scored_table import REASONS, ScoredTable, score_file

CATALOGUE = load_catalogue()
HEADER = "id," + ",".join(f"q{n}" for n in range(1, 10))
REAL = Path(__file__).parents[4] / "shared/exports/items/isixhosa_phq9_full_data.csv"


def scored(folder: Path, *lines: str, mapping: ItemMapping | None = None) -> ScoredTable:
    file = folder / "table.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return score_file(file, CATALOGUE["phq-9"], mapping or ItemMapping())


def test_every_row_of_the_table_has_a_row_of_scores(tmp_path: Path) -> None:
    found = scored(tmp_path, "a,0,1,2,3,0,1,2,3,0", "b,3,3,3,3,3,3,3,3,3")
    assert found.scores["line"].tolist() == [2, 3]
    assert found.scores["total"].tolist() == [12, 27]
    assert (found.n_rows, found.n_scored, found.faults) == (2, 2, ())


CELLS = {
    "a word": "often",
    "a blank inside": "1 ",
    "a digit of another script": "１",
    "an underscore": "1_0",
    "a leading zero": "01",
    "truth": "TRUE",
    "an exponent": "1e0",
    "not a number": "nan",
    "infinity": "inf",
    "NA": "NA",
    "a plus sign": "+1",
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_that_is_no_answer_is_told_by_place_and_its_row_is_not_scored(
    tmp_path: Path, cell: str
) -> None:
    found = scored(tmp_path, f"a,0,1,{cell},3,0,1,2,3,0", "b,1,1,1,1,1,1,1,1,1")
    (fault,) = found.faults
    assert (fault.line, fault.column, fault.rule) == (2, "q3", "NOT_AN_ANSWER")
    row = found.scores.iloc[0]
    assert pd.isna(row["total"])
    assert (row["no_score_reason"], row["at_column"]) == ("not_an_answer", "q3")
    assert found.n_scored == 1


@pytest.mark.parametrize("cell", ["4", "-1", "1.5", "99", "-99", "0.0001"])
def test_a_number_outside_the_scale_is_never_missing_and_never_scored(
    tmp_path: Path, cell: str
) -> None:
    found = scored(tmp_path, f"a,0,1,{cell},3,0,1,2,3,0", "b,1,1,1,1,1,1,1,1,1")
    (fault,) = found.faults
    assert (fault.line, fault.column, fault.rule) == (2, "q3", "OUT_OF_RANGE")
    row = found.scores.iloc[0]
    assert pd.isna(row["total"])
    assert pd.isna(row["band"])
    assert row["is_caseness"] is None
    assert not row["is_prorated"]
    assert (row["no_score_reason"], row["at_column"]) == ("out_of_range", "q3")


def test_an_unreadable_cell_goes_before_one_out_of_range(tmp_path: Path) -> None:
    found = scored(tmp_path, "a,x,9,1,1,1,1,1,1,1")
    assert found.scores["no_score_reason"].tolist() == ["not_an_answer"]
    assert found.scores["at_column"].tolist() == ["q1 q2"]
    assert [fault.rule for fault in found.faults] == ["NOT_AN_ANSWER", "OUT_OF_RANGE"]


def test_faults_are_told_by_line_and_then_by_item(tmp_path: Path) -> None:
    found = scored(tmp_path, "a,1,1,1,1,1,1,1,9,x", "b", "c,9,1,1,1,1,1,1,1,1")
    assert [(f.line, f.column) for f in found.faults] == [
        (2, "q8"),
        (2, "q9"),
        (3, None),
        (4, "q1"),
    ]


def test_a_fault_never_tells_the_cell(tmp_path: Path) -> None:
    found = scored(tmp_path, "a,0,1,canary-7f3,3,0,1,2,3,0")
    assert "canary" not in "".join(map(str, found.faults)) + csv_text(found.scores)


@pytest.mark.parametrize(
    "line", ["a,0,1,2,3,0,1,2,3", "a,0,1,2,3,0,1,2,3,0,1", "a"], ids=["short", "long", "one field"]
)
def test_a_row_of_another_length_is_refused_and_nothing_is_shifted(
    tmp_path: Path, line: str
) -> None:
    found = scored(tmp_path, line, "b,1,1,1,1,1,1,1,1,1")
    assert found.scores["no_score_reason"].tolist() == ["field_count", None]
    assert pd.isna(found.scores["total"].iloc[0])
    assert found.scores["total"].iloc[1] == 9
    assert [(fault.rule, fault.line) for fault in found.faults] == [("FIELD_COUNT", 2)]


def test_declared_missing_codes_and_empty_cells_are_missing(tmp_path: Path) -> None:
    found = scored(tmp_path, "a,1,1,1,1,1,1,1,NA,", mapping=ItemMapping(missing_codes=("NA",)))
    row = found.scores.iloc[0]
    assert (row["total"], row["n_answered"], row["is_prorated"]) == (9, 7, True)
    assert row["item_mean"] == 1


def test_too_many_missing_items_are_a_reason_and_not_a_fault(tmp_path: Path) -> None:
    found = scored(tmp_path, "a,1,1,1,1,1,1,,,", "b,,,,,,,,,")
    assert found.scores["no_score_reason"].tolist() == ["too_many_missing", "no_answers"]
    assert found.faults == ()
    assert found.reasons == {"too_many_missing": 1, "no_answers": 1}


def test_every_reason_is_explained(tmp_path: Path) -> None:
    found = scored(
        tmp_path,
        "a,1,1,1,1,1,1,,,",
        "b,,,,,,,,,",
        "c",
        "d,9,1,1,1,1,1,1,1,1",
        "e,x,1,1,1,1,1,1,1,1",
    )
    assert set(found.reasons) == set(REASONS)


def test_codes_turn_words_into_answers_and_know_no_others(tmp_path: Path) -> None:
    mapping = ItemMapping(codes={"never": "0", "often": "3"})
    found = scored(tmp_path, "a" + ",often" * 9, "b" + ",never" * 8 + ",3", mapping=mapping)
    assert found.scores["total"].iloc[0] == 27
    assert found.scores["at_column"].iloc[1] == "q9"


def test_decimal_commas_and_semicolons_are_read_when_declared(tmp_path: Path) -> None:
    file = tmp_path / "ors.csv"
    file.write_text("q1;q2;q3;q4\n2,5;7,1;10;0,0\n", encoding="cp1250")
    mapping = ItemMapping(delimiter=";", decimal=",", encoding="cp1250")
    assert score_file(file, CATALOGUE["ors"], mapping).scores["total"].tolist() == [19.6]


def test_lines_are_counted_as_an_editor_counts(tmp_path: Path) -> None:
    found = scored(tmp_path, '"two\nlines",1,1,1,1,1,1,1,1,1', "b,1,1,1,1,1,1,1,1,7")
    assert found.scores["line"].tolist() == [2, 4]
    assert found.faults[0].line == 4


@pytest.mark.parametrize("cell", ["", "4", "often"])
def test_a_flag_is_empty_where_its_item_has_no_valid_answer(tmp_path: Path, cell: str) -> None:
    found = scored(tmp_path, f"a,1,1,1,1,1,1,1,1,{cell}", "b,1,1,1,1,1,1,1,1,0")
    assert found.scores["flag_risk"].tolist() == [None, False]


def test_a_flag_of_several_items_is_empty_while_one_may_still_raise_it(tmp_path: Path) -> None:
    # CORE-OM: any of items 6, 9, 16, 22, 24, 34 answered 1 or more.
    names = [f"q{n}" for n in range(1, 35)]
    answers = {"partly": ["0"] * 34, "all": ["0"] * 34, "raised": ["0"] * 34}
    answers["partly"][5] = answers["raised"][5] = ""
    answers["raised"][8] = "1"
    lines = [",".join(names), *(",".join(row) for row in answers.values())]
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = score_file(tmp_path / "t.csv", CATALOGUE["core-om"], ItemMapping())
    assert found.scores["flag_risk"].tolist() == [None, False, True]


def test_mean_and_number_of_answers_are_those_of_the_total(tmp_path: Path) -> None:
    # WAI-SR: item 3 is of the bond; 11 of 12 answered, so total and bond are prorated.
    names = ",".join(f"q{n}" for n in range(1, 13))
    (tmp_path / "t.csv").write_text(f"{names}\n5,4,,3,3,3,3,3,3,3,3,3\n", encoding="utf-8")
    row = score_file(tmp_path / "t.csv", CATALOGUE["wai-sr"], ItemMapping()).scores.iloc[0]
    assert row["n_answered"] == 11
    assert row["item_mean"] == pytest.approx(36 / 11)
    assert row["total"] == pytest.approx(12 * 36 / 11)
    assert (row["task"], row["bond"], row["goal"]) == (15, 12, 12)
    assert row["is_prorated"]


def test_what_is_wrong_with_a_cell_is_told_in_a_sentence(tmp_path: Path) -> None:
    found = scored(tmp_path, "a,x,9,2,3,0,1,2,3,0")
    assert [fault.message for fault in found.faults] == [
        "A cell is no number, no known answer and no declared missing code.",
        "A number is not one that the item allows, and not declared as missing.",
    ]


def test_the_risk_flag_survives_another_item_s_fault(tmp_path: Path) -> None:
    assert scored(tmp_path, "a,x,1,1,1,1,1,1,1,2").scores["flag_risk"].tolist() == [True]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "EMPTY_FILE"),
        (HEADER.encode() + b"\n", "NO_ROWS"),
        (HEADER.encode() + b"\na,\xff\n", "ENCODING"),
        (HEADER.encode() + b"\n\0\n", "NUL_BYTE"),
        (HEADER.encode() + b'\n"a,1\n', "UNCLOSED_QUOTE"),
        (b"%PDF-1.7 x", "WRONG_FORMAT"),
        (b"$FL2 and rubbish", "SPSS_FILE"),
        (b"PK\x03\x04rubbish", "WORKBOOK"),
    ],
)
def test_a_file_that_cannot_be_read_whole_is_refused(
    tmp_path: Path, content: bytes, rule: str
) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(content)
    with pytest.raises(ScoringError) as told:
        score_file(file, CATALOGUE["phq-9"], ItemMapping())
    assert told.value.faults[0].rule == rule
    assert told.value.faults[0].file == "table.csv"


@pytest.mark.parametrize("name", ["absent.csv", "."])
def test_what_is_no_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ScoringError, match="UNREADABLE_FILE"):
        score_file(tmp_path / name, CATALOGUE["phq-9"], ItemMapping())


# ── workbooks ───────────────────────────────────────────────────────────────────────────────────


def workbook(folder: Path, *rows: list[object], sheets: int = 1) -> Path:
    book = openpyxl.Workbook()
    for row in ([f"q{n}" for n in range(1, 10)], *rows):
        book.active.append(row)
    for number in range(1, sheets):
        book.create_sheet(f"other {number}")
    book.active.title = "answers"
    file = folder / "table.xlsx"
    book.save(file)
    return file


def test_a_workbook_is_scored_by_rows_of_its_sheet(tmp_path: Path) -> None:
    file = workbook(tmp_path, [1] * 9, [None] * 9, [2.0] * 8 + ["3"])
    found = score_file(file, CATALOGUE["phq-9"], ItemMapping())
    assert found.scores["line"].tolist() == [2, 4]
    assert found.scores["total"].tolist() == [9, 19]


def test_a_formula_without_value_is_no_answer_and_not_missing(tmp_path: Path) -> None:
    file = workbook(tmp_path, [1] * 8 + ["=1+1"])
    found = score_file(file, CATALOGUE["phq-9"], ItemMapping())
    assert found.scores["at_column"].tolist() == ["q9"]


def test_truth_values_in_a_workbook_are_no_answers(tmp_path: Path) -> None:
    file = workbook(tmp_path, [1] * 8 + [True])
    assert score_file(file, CATALOGUE["phq-9"], ItemMapping()).n_scored == 0


def test_one_of_several_sheets_must_be_named(tmp_path: Path) -> None:
    file = workbook(tmp_path, [1] * 9, sheets=2)
    with pytest.raises(ScoringError, match="SHEET"):
        score_file(file, CATALOGUE["phq-9"], ItemMapping())
    found = score_file(file, CATALOGUE["phq-9"], ItemMapping(sheet="answers"))
    assert found.scores["total"].tolist() == [9]


def test_cells_right_of_the_header_break_the_field_count(tmp_path: Path) -> None:
    file = workbook(tmp_path, [*[1] * 9, 1], [1] * 9)
    found = score_file(file, CATALOGUE["phq-9"], ItemMapping())
    assert found.scores["no_score_reason"].tolist() == ["field_count", None]


def archive(**members: bytes) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (archive(a_dot_txt=b"x"), "not an XLSX"),
        (archive(xl__workbook_dot_xml=b"x", xl__vbaProject_dot_bin=b"x"), "macros"),
        (archive(xl__workbook_dot_xml=b"x", b_dot_zip=b"x"), "macros or other files"),
        (archive(xl__workbook_dot_xml=b" " * 20_000_000), "far too much"),
        (archive(xl__workbook_dot_xml=b"x", **{f"f{n}": b"" for n in range(1001)}), "too large"),
    ],
    ids=["no workbook", "macros", "nested", "bomb", "members"],
)
def test_a_suspicious_archive_is_refused_before_it_is_unpacked(
    tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "table.xlsx"
    file.write_bytes(content)
    with pytest.raises(ScoringError, match=words):
        score_file(file, CATALOGUE["phq-9"], ItemMapping())


# ── SPSS ────────────────────────────────────────────────────────────────────────────────────────


def test_an_spss_file_is_scored_and_its_user_missing_values_are_missing(tmp_path: Path) -> None:
    frame = pd.DataFrame([[1.0] * 9, [2.0] * 8 + [99.0], [1.0] * 8 + [7.0]])
    frame.columns = [f"q{n}" for n in range(1, 10)]
    file = tmp_path / "table.sav"
    pyreadstat.write_sav(frame, str(file), missing_ranges={"q9": [{"lo": 99, "hi": 99}]})
    found = score_file(file, CATALOGUE["phq-9"], ItemMapping())
    assert found.scores["line"].tolist() == [2, 3, 4]
    assert found.scores["total"].tolist()[:2] == [9, 18]
    assert found.scores["no_score_reason"].tolist() == [None, None, "out_of_range"]


# ── a real table, written by others ─────────────────────────────────────────────────────────────


@pytest.mark.skipif(not REAL.exists(), reason="the folder of real exports is not here")
def test_a_real_table_s_own_totals_are_found_again() -> None:
    found = score_file(REAL, CATALOGUE["phq-9"], ItemMapping())
    given = pd.read_csv(REAL, dtype=str, keep_default_na=False)
    has_score = found.scores["no_score_reason"].isna()
    assert found.n_rows == len(given)
    assert has_score.sum() > 40
    totals = found.scores["total"][has_score].astype(int).astype(str)
    assert totals.tolist() == given["total"][has_score.to_numpy()].tolist()


@pytest.mark.skipif(not REAL.exists(), reason="the folder of real exports is not here")
def test_a_real_table_cut_and_shifted_loses_only_the_rows_that_were_touched(tmp_path: Path) -> None:
    lines = REAL.read_text(encoding="utf-8").splitlines()
    lines[5] = lines[5].rsplit(",", 1)[0]
    lines[9] = "x," + lines[9]
    file = tmp_path / "cut.csv"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    found = score_file(file, CATALOGUE["phq-9"], ItemMapping())
    refused = found.scores[found.scores["no_score_reason"] == "field_count"]
    assert refused["line"].tolist() == [6, 10]
    assert found.n_scored == found.n_rows - 2


@pytest.mark.skipif(not REAL.exists(), reason="the folder of real exports is not here")
def test_a_real_table_comes_out_again_cell_by_cell(tmp_path: Path) -> None:
    found = score_file(REAL, CATALOGUE["phq-9"], ItemMapping(missing_codes=("NA",)))
    file = tmp_path / "out.csv"
    file.write_text(found.csv(), encoding="utf-8")
    given = pd.read_csv(REAL, dtype=str, keep_default_na=False)
    back = pd.read_csv(file, dtype=str, keep_default_na=False)
    assert back[given.columns].equals(given)
    assert back["phq_9_total"].tolist() == given["total"].tolist()


# ── the table itself ────────────────────────────────────────────────────────────────────────────


def test_own_columns_come_out_as_they_were_and_in_order(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    items = ";".join(f"q{n}" for n in range(1, 6))
    file.write_text(f'id;{items};note;note\n007;1;2;3;4;5;"a ""b""";\n8;1\n', encoding="utf-8")
    found = score_file(file, CATALOGUE["who-5"], ItemMapping())
    assert found.csv().splitlines() == [
        "id,q1,q2,q3,q4,q5,note,note,line,total,item_mean,n_answered,is_prorated,"
        "is_poor_wellbeing,is_depression,is_straight_lining,no_score_reason,at_column",
        '007,1,2,3,4,5,"a ""b""",,2,60,3,5,no,no,no,no,,',
        ",,,,,,,,3,,,0,no,,,no,field_count,",
    ]


def test_a_taken_name_puts_the_instrument_before_every_new_one(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text("total,a1,a2,a3,a4\n9,1,1,1,1\n", encoding="utf-8")
    mapping = ItemMapping(items="a{item}")
    found = score_file(file, CATALOGUE["phq-4"], mapping)
    assert found.csv().splitlines()[0].startswith("total,a1,a2,a3,a4,phq_4_line,phq_4_total,")
    other = score_file(file, CATALOGUE["phq-4"], mapping, prefix="new.")
    assert "new.total" in other.csv().splitlines()[0]


def test_scores_are_exact_unless_digits_are_asked_for(tmp_path: Path) -> None:
    found = scored(tmp_path, "a,1,1,1,1,1,1,1,2,")
    assert ",10.125," in found.csv()
    assert ",10.13," in found.csv(digits=2)
    assert ",10," in found.csv(digits=0)


# ── what a score means ──────────────────────────────────────────────────────────────────────────


def test_bands_and_cut_offs_judge_unrounded_scores(tmp_path: Path) -> None:
    # 9 answers of 8 items: 9 · 9/8 = 10.125; 8 of 7: 8 · 9/7 = 10.29; 7 of 8: 7.875.
    found = scored(tmp_path, "a,1,1,1,1,1,1,1,2,", "b,1,1,1,1,1,1,1,1,1", "c,1,1,1,1,1,1,1,1,2")
    assert found.scores["band"].tolist() == ["moderate", "mild", "moderate"]
    assert found.scores["is_caseness"].tolist() == [True, False, True]


def test_uncertain_cut_offs_are_not_told(tmp_path: Path) -> None:
    file = tmp_path / "own.csv"
    file.write_text(",".join(f"q{n}" for n in range(1, 11)) + "\n" + ",".join("1" * 10) + "\n")
    assert "is_caseness" not in score_file(file, CATALOGUE["reqol-10"], ItemMapping()).scores


# ── how a text is split where nobody says so ────────────────────────────────────────────────────


ITEMS = [f"q{n}" for n in range(1, 5)]
WRITTEN = {
    "semicolons and decimal commas": b"q1;q2;q3;q4\n2,5;7,1;10;0,0\n",
    "tabs": b"q1\tq2\tq3\tq4\n2.5\t7.1\t10\t0\n",
    "pipes": b"q1|q2|q3|q4\n2.5|7.1|10|0\n",
    "carets": b"q1^q2^q3^q4\n2.5^7.1^10^0\n",
    "quoted decimal commas": b'q1,q2,q3,q4\n"2,5","7,1",10,"0,0"\n',
    "a mark of UTF-8": b"\xef\xbb\xbfq1,q2,q3,q4\n2.5,7.1,10,0\n",
    "UTF-16, little end first": "\ufeffq1\tq2\tq3\tq4\n2.5\t7.1\t10\t0\n".encode("utf-16-le"),
    "UTF-16, big end first": "\ufeffq1\tq2\tq3\tq4\n2.5\t7.1\t10\t0\n".encode("utf-16-be"),
    "UTF-32": "\ufeffq1,q2,q3,q4\n2.5,7.1,10,0\n".encode("utf-32-le"),
    "Excel's hint": b"sep=;\r\nq1;q2;q3;q4\r\n2,5;7,1;10;0\r\n",
    "a hint of an odd delimiter": b"sep=~\nq1~q2~q3~q4\n2.5~7.1~10~0\n",
    "a comma in a heading": b"q1;q2;q3;q4;Name, first\n2.5;7.1;10;0;x\n",
    "a quoted comma in a heading": b'q1;q2;q3;q4;"Name, first"\n2.5;7.1;10;0;"x, y"\n',
    "blank lines before": b"\n\nq1;q2;q3;q4\n2.5;7.1;10;0\n",
}


@pytest.mark.parametrize("content", WRITTEN.values(), ids=WRITTEN)
def test_an_unmistakable_text_needs_no_map(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "ors.csv"
    file.write_bytes(content)
    found = score_file(file, CATALOGUE["ors"], ItemMapping())
    assert found.scores["total"].tolist() == [19.6]
    assert found.faults == ()


@pytest.mark.parametrize(
    "content",
    [b"q1;q2,q3;q4,x\n1;2,3;4,5\n1;2,3;4,5\n", b"q1;q2,q3;q4,x\n"],
    ids=["both even", "no rows"],
)
def test_a_text_that_could_be_split_in_two_ways_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "ors.csv"
    file.write_bytes(content)
    with pytest.raises(ScoringError, match="DELIMITER"):
        score_file(file, CATALOGUE["ors"], ItemMapping())


def test_a_quotation_mark_that_does_not_close_is_told_whatever_the_delimiter(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ors.csv"
    file.write_bytes(b'q1;q2;q3;q4,x\n"1;2;3;4\n')
    with pytest.raises(ScoringError, match="UNCLOSED_QUOTE"):
        score_file(file, CATALOGUE["ors"], ItemMapping())


MIXED = {
    "both marks": "2.5;7,1;10;0",
    "thousands, perhaps": "2,500;7;10;0",
}


@pytest.mark.parametrize("row", MIXED.values(), ids=MIXED)
def test_a_comma_that_may_mean_something_else_is_told(tmp_path: Path, row: str) -> None:
    file = tmp_path / "ors.csv"
    file.write_text(f"q1;q2;q3;q4\n{row}\n", encoding="utf-8")
    found = score_file(file, CATALOGUE["ors"], ItemMapping())
    assert found.n_scored == 0
    assert found.scores["no_score_reason"].tolist() == ["not_an_answer"]


def test_a_declared_encoding_that_the_mark_contradicts_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "ors.csv"
    file.write_bytes(WRITTEN["UTF-16, little end first"])
    with pytest.raises(ScoringError, match="ENCODING"):
        score_file(file, CATALOGUE["ors"], ItemMapping(encoding="cp1252"))


def test_an_encoding_without_a_mark_must_be_declared(tmp_path: Path) -> None:
    file = tmp_path / "ors.csv"
    file.write_bytes("q1;q2;q3;q4;Größe\n2.5;7.1;10;0;ä\n".encode("cp1252"))
    with pytest.raises(ScoringError, match="ENCODING"):
        score_file(file, CATALOGUE["ors"], ItemMapping())
    found = score_file(file, CATALOGUE["ors"], ItemMapping(encoding="cp1252"))
    assert "Größe" in found.csv()


def test_uncertain_keys_are_not_scored_from_a_table(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text(",".join(f"q{n}" for n in range(1, 37)) + "\n" + ",".join("4" * 36) + "\n")
    with pytest.raises(RapportError, match="UNCERTAIN_KEY"):
        score_file(file, CATALOGUE["wai-36"], ItemMapping())
