"""Item columns are named, or unmistakable; nothing is guessed."""

from pathlib import Path

import pytest

from rapport.errors import ScoringError, SettingsError
from rapport.instruments import load_catalogue
from rapport.scoring.item_mapping import (
    ItemMapping,
    load_mapping,
    mapping_of,
    require_clear_codes,
)

PHQ = load_catalogue()["phq-9"]
WAI = load_catalogue()["wai-sr"]


def test_a_pattern_fills_in_the_item_number() -> None:
    header = [f"wai_{n:02d}" for n in range(1, 13)]
    assert ItemMapping(items="wai_{item:02d}").columns(header, WAI) == tuple(header)


def test_a_list_keeps_the_instrument_s_order() -> None:
    named = tuple("ihgfedcba")
    assert ItemMapping(items=named).columns("abcdefghi", PHQ) == named


@pytest.mark.parametrize(
    ("items", "header", "rule"),
    [
        (tuple("abcdefgh"), "abcdefghi", "ITEM_COUNT"),
        (tuple("abcdefghz"), "abcdefghi", "MISSING_COLUMN"),
        (tuple("abcdefghi"), "abcdefghii", "DUPLICATE_COLUMN"),
        (tuple("abcdefghh"), "abcdefghi", "DUPLICATE_COLUMN"),
    ],
    ids=["too few", "absent", "twice in the table", "twice in the map"],
)
def test_a_map_that_does_not_fit_is_refused(items: tuple[str, ...], header: str, rule: str) -> None:
    with pytest.raises(ScoringError, match=rule):
        ItemMapping(items=items).columns(header, PHQ)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("items: q", "pattern that holds"),
        ("encoding: klingon", "not an encoding"),
        ("delimeter: ';'", "delimeter"),
        ("items: [", "YAML"),
    ],
)
def test_a_faulty_map_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "map.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=words):
        load_mapping(file)


def test_an_absent_map_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="MAP_FILE"):
        load_mapping(tmp_path / "none.yaml")


def test_a_code_must_stand_for_an_allowed_answer() -> None:
    with pytest.raises(SettingsError, match=r"codes\.often"):
        require_clear_codes(ItemMapping(codes={"often": "4"}), PHQ)


def test_a_missing_code_must_not_be_an_answer() -> None:
    with pytest.raises(SettingsError, match=r"missing_codes\.0"):
        require_clear_codes(ItemMapping(missing_codes=("0",)), PHQ)
    require_clear_codes(ItemMapping(missing_codes=("0",), codes={"1": "0", "2": "1"}), PHQ)


def test_numbers_in_a_map_are_read_as_they_are_written_in_cells(tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text("codes: {never: 0, 1: 1}\nmissing_codes: [-99, NA, 9.5]\n", encoding="utf-8")
    found = load_mapping(file)
    assert found.codes == {"never": "0", "1": "1"}
    assert found.missing_codes == ("-99", "NA", "9.5")


def test_truth_values_in_a_map_are_refused_because_yaml_makes_them_of_words(tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text("codes: {no: 0, yes: 1}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="codes"):
        load_mapping(file)


def test_options_go_before_the_map_and_missing_codes_are_added(tmp_path: Path) -> None:
    file = tmp_path / "map.yaml"
    file.write_text("delimiter: ';'\nencoding: cp1252\nmissing_codes: [NA]\n", encoding="utf-8")
    found = mapping_of(file, delimiter="|", encoding=None, missing_codes=["-9"])
    assert (found.delimiter, found.encoding) == ("|", "cp1252")
    assert found.missing_codes == ("NA", "-9")
    assert mapping_of(None) == ItemMapping()


def test_a_faulty_option_is_refused_by_its_name() -> None:
    with pytest.raises(SettingsError, match="decimal"):
        mapping_of(None, decimal="'")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("abcdefgh", "This item column is not in the table."),
        ("abcdefghii", "This column stands more than once, in the table or in the map."),
    ],
)
def test_what_is_wrong_with_a_named_column_is_said(header: str, message: str) -> None:
    with pytest.raises(ScoringError) as told:
        ItemMapping(items=tuple("abcdefghi")).columns(header, PHQ)
    (fault,) = told.value.faults
    assert (fault.message, fault.column) == (message, "i")


def test_codes_may_stand_for_an_answer_of_any_item() -> None:
    # The first item of the rupture questions is 0 or 1, the others 1 to 5.
    rupture = load_catalogue()["psq-rupture"]
    require_clear_codes(ItemMapping(codes={"not at all": "0", "very much": "5"}), rupture)


def test_a_dozen_of_the_answers_are_shown_where_there_are_many() -> None:
    ors = load_catalogue()["ors"]  # 0.0, 0.1 … 10.0
    with pytest.raises(SettingsError) as told:
        require_clear_codes(ItemMapping(codes={"bad": "11"}), ors)
    assert told.value.faults[0].remedy.count(",") == 11


def test_a_mapping_cannot_be_changed_afterwards() -> None:
    with pytest.raises(ValueError, match="frozen"):
        setattr(ItemMapping(), "decimal", ",")  # noqa: B010 - a type checker refuses the plain way
