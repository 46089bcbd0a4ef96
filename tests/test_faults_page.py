"""docs/faults.md says of every known case what becomes of it, and names a test that is there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROWS = re.findall(
    r"^\| (I\d\d[^|]*) \| ([^|]+) \| ([^|]+) \| `([^`]+)` \|$",
    (ROOT / "docs" / "faults.md").read_text("utf-8"),
    re.MULTILINE,
)
NEVER_GIVEN = {15, 16, 19, 24, 33, 36, 46, 54, 55}
KNOWN = (ROOT / "docs" / "rules.md").read_text("utf-8")


def numbers(cases: str) -> set[int]:
    """Return the numbers that ``I08–I10`` or ``I17, I18`` names."""
    found = [int(one) for one in re.findall(r"I(\d\d)", cases)]
    return set(range(found[0], found[-1] + 1)) if "–" in cases else set(found)


def names_in(file: Path) -> set[str]:
    tree = ast.parse(file.read_text("utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}


def test_every_case_has_a_line() -> None:
    named = set().union(*(numbers(row[0]) for row in ROWS))
    assert named == set(range(1, 75)) - NEVER_GIVEN


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_what_proves_a_line_is_there(row: tuple[str, str, str, str]) -> None:
    name, _, test = row[3].partition("::")
    file = ROOT / "tests" / name
    assert file.is_file()
    assert not test or test in names_in(file)


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_rule_on_the_page_is_a_rule(row: tuple[str, str, str, str]) -> None:
    for rule in re.findall(r"`([A-Z_]{5,})`", row[2]):
        assert f"### {rule}" in KNOWN
