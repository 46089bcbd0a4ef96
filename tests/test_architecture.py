"""The rooms and their doors: who may import whom, and what every file owes its reader."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {"pipelines", "assets", "expectations", "rapport"}
MAY_IMPORT = {
    "rapport": {"rapport"},
    "expectations": {"expectations", "rapport"},
    "assets": {"assets", "expectations", "rapport"},
    "pipelines": ROOMS,
}
FRAMEWORKS = {"dagster", "great_expectations"}
MAY_USE = {
    "rapport": set(),
    "expectations": {"great_expectations"},
    "assets": {"dagster"},
    "pipelines": {"dagster"},
}
FILES = [file for room in sorted(ROOMS) for file in sorted((ROOT / room).rglob("*.py"))]


def imported_packages(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_every_room_has_files() -> None:
    assert {file.relative_to(ROOT).parts[0] for file in FILES} == ROOMS


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_the_rooms_below_it(room: str) -> None:
    for file in (ROOT / room).rglob("*.py"):
        found = imported_packages(ast.parse(file.read_text()))
        assert found & ROOMS <= MAY_IMPORT[room], file
        assert found & FRAMEWORKS <= MAY_USE[room], file


def test_report_templates_hold_no_python() -> None:
    assert not list((ROOT / "report_templates").rglob("*.py"))


def test_every_module_says_what_it_holds() -> None:
    silent = [file for file in FILES if not ast.get_docstring(ast.parse(file.read_text()))]
    assert silent == []


def test_every_public_function_and_class_has_a_docstring() -> None:
    silent = []
    for file in FILES:
        for node in ast.parse(file.read_text()).body:
            is_documented_kind = isinstance(node, ast.FunctionDef | ast.ClassDef)
            if is_documented_kind and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{file}:{node.name}")
    assert silent == []


def test_no_broad_except() -> None:
    broad = []
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ExceptHandler):
                named = node.type.id if isinstance(node.type, ast.Name) else ""
                if node.type is None or named in {"Exception", "BaseException"}:
                    broad.append(f"{file}:{node.lineno}")
    assert broad == []


def test_files_with_dagster_decorators_keep_their_annotations() -> None:
    for room in ("assets", "pipelines"):
        for file in (ROOT / room).rglob("*.py"):
            assert "from __future__ import annotations" not in file.read_text(), file


def test_no_file_is_named_after_nothing() -> None:
    nameless = {"utils.py", "helpers.py", "misc.py", "common.py"}
    assert [file for file in FILES if file.name in nameless] == []


def test_no_committed_file_names_an_index_address_or_a_private_key() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    forbidden = re.compile(
        rb"--(extra-)?index-url|--find-links|BEGIN [A-Z ]*PRIVATE KEY|"
        + rb"|".join([rb"pypi" + rb"\.org", rb"files\.python" + rb"hosted"])
    )
    told = [
        name
        for name in tracked
        if name
        and (ROOT / name).is_file()
        and forbidden.search((ROOT / name).read_bytes())
        and name != "tests/test_architecture.py"
    ]
    assert told == []


def test_every_pinned_package_has_a_hash() -> None:
    text = (ROOT / "requirements" / "constraints.txt").read_text()
    pins = re.split(r"\n(?=[A-Za-z0-9])", text.strip())
    assert len(pins) > 100
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
