"""Mutation testing notices what it is for: wrong versions are made, tried and counted."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.mutation.accepted import Accepted, accepted
from benchmarks.mutation.changes import changes_of
from benchmarks.mutation.report import Outcome, report_of

ROOT = Path(__file__).parents[2]


def words_of(source: str) -> set[str]:
    return {change.name.partition(": ")[2] for change in changes_of(source)}


MADE = {
    "a bound": ("x < 3", {"x < 3 → x <= 3", "x < 3 → x >= 3", "3 → 4", "3 → 2"}),
    "arithmetic": ("a + b", {"a + b → a - b"}),
    "truth": ("a and not b", {"a and (not b) → a or not b", "not b → b"}),
    "a choice": ("a if b else c", {"a if b else c → c if b else a"}),
    "a function": ("min(a, b)", {"min(a, b) → max(a, b)"}),
    "a key": ("{'k': v}", {"{'k': v} → {'k_': v}"}),
    "a sign": ("-a", {"-a → a"}),
}


@pytest.mark.parametrize(("expression", "words"), MADE.values(), ids=MADE)
def test_each_kind_of_mistake_is_made(expression: str, words: set[str]) -> None:
    found = words_of(f"def f(a, b, c, x, v):\n    return {expression}\n")
    assert words <= found
    assert f"return {ast.unparse(ast.parse(expression))} → return None" in found


def test_annotations_texts_and_docstrings_are_left_alone() -> None:
    source = '"""Text 1 < 2."""\nx: "Literal[1]" = y\ndef f(a: int = z) -> "str":\n    "1 < 2"\n'
    assert words_of(source) == set()


def test_two_alike_changes_of_a_function_have_names_of_their_own() -> None:
    names = [change.name for change in changes_of("def f(a):\n    a(1)\n    a(1)\n")]
    assert len(names) == len(set(names)) == 4


def test_each_version_is_a_module_changed_in_one_place() -> None:
    source = "def f(a):\n    return a < 1\n"
    versions = [ast.unparse(change.tree) for change in changes_of(source)]
    assert "def f(a):\n    return a <= 1" in versions
    assert len(versions) == len(set(versions))


def test_survivors_count_unless_they_are_accepted_with_a_reason() -> None:
    reasons = (Accepted("m", ("f(): 1 →*",), "the same result"),)
    outcomes = [
        Outcome("m", 1, "f(): 1 → 2", "survived"),
        Outcome("m", 2, "f(): a < b → a <= b", "survived"),
        Outcome("m", 3, "f(): 3 → 4", "killed"),
        Outcome("m", 4, "f(): 5 → 6", "timed out"),
    ]
    told = "\n".join(report_of(outcomes, reasons))
    assert "| **all** | 4 | 2 | 1 | 1 | 1 | 50.0 % |" in told
    assert "`m`, 1 accepted: the same result" in told
    assert "- `m` line 2: `f(): a < b → a <= b`" in told


def test_every_accepted_survivor_names_a_change_that_exists() -> None:
    for entry in accepted():
        place = ROOT.joinpath(*entry.module.split("."))
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        names = [change.name for change in changes_of(file.read_text(encoding="utf-8"))]
        assert entry.reason
        for wanted in entry.changes:
            one = Accepted(entry.module, (wanted,), entry.reason)
            assert any(one.covers(entry.module, name) for name in names), wanted


def test_a_module_is_tried_from_end_to_end() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.mutation", "rapport.scoring.rounding", "--tests",
         "tests/rapport/scoring/test_scoring_rounding.py", "--only", "whole_half_up(): 0.5"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert "| rapport.scoring.rounding | 2 | 2 | 0 | 0 | 0 | 100.0 % |" in done.stdout
