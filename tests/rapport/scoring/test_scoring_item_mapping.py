"""Item columns are named, or unmistakable; nothing is guessed."""

from pathlib import Path

import pytest

from rapport.errors import ScoringError, SettingsError
from rapport.instruments import load_catalogue
from rapport.scoring.item_mapping import (
    ItemMapping,
    load_mapping,
    recognised_columns,
    require_clear_codes,
)

PHQ = load_catalogue()["phq-9"]
WAI = load_catalogue()["wai-sr"]


@pytest.mark.parametrize("stem", ["q", "item_", "phq-9_", "phq_9_", "phq9_"])
@pytest.mark.parametrize("slot", ["{}", "{:02d}"])
def test_a_known_way_of_naming_is_recognised(stem: str, slot: str) -> None:
    columns = tuple(stem + slot.format(number) for number in range(1, 10))
    assert recognised_columns(["id", *columns, "total"], PHQ) == columns


@pytest.mark.parametrize(
    "header",
    [
        [f"Q{n}" for n in range(1, 10)],
        [f"q {n}" for n in range(1, 10)],
        [f"q{n}" for n in range(1, 9)],
        [f"q{n}" for n in range(1, 10)] + [f"item_{n}" for n in range(1, 10)],
        [f"q{n}" for n in range(1, 11)],
        [f"q{n}" for n in range(1, 10)] + ["q3"],
        ["a", "b"],
    ],
    ids=["other case", "blank", "one short", "two ways", "one more", "one twice", "none"],
)
def test_anything_else_is_refused(header: list[str]) -> None:
    with pytest.raises(ScoringError):
        recognised_columns(header, PHQ)


def test_the_refusal_names_what_was_looked_for() -> None:
    with pytest.raises(ScoringError, match=r"q1 … q9, q01 … q09, item_1 … item_9"):
        recognised_columns(["x"], PHQ)


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
