"""What the README and the other pages say is true: commands, targets, links, words."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

from rapport.instruments import load_catalogue
from rapport.scoring import score_items

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md")
    for page in ROOT.glob(pattern)
    if not page.is_relative_to(ROOT / "docs" / "measurements")
)
README = (ROOT / "README.md").read_text(encoding="utf-8")


def help_of(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": "/usr/bin:/bin", "COLUMNS": "200", "TERM": "dumb"},
    )
    return done.stdout


def test_the_two_commands_come_first() -> None:
    head = README[:1200]
    assert "make demo" in head
    assert "make test" in head


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_local_link_leads_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_named_in_code_marks_exists(page: Path) -> None:
    named = re.findall(
        r"`((?:rapport|pipelines|assets|expectations|report_templates|tests|docs|scripts|benchmarks)"
        r"/[\w./-]*\w)`",
        page.read_text(encoding="utf-8"),
    )
    missing = [name for name in named if not (ROOT / name).exists()]
    assert missing == []


def test_every_make_target_named_anywhere_exists() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {
        name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text("utf-8"))
    }
    assert named <= targets


def test_every_rapport_command_named_anywhere_exists() -> None:
    known = set(re.findall(r"^  ([a-z]+)  ", help_of(), re.MULTILINE))
    assert {"run", "check", "score", "status", "verify"} <= known
    named = {
        name
        for page in PAGES
        for name in re.findall(r"`(?:RAPPORT_HOME=\S+ )?rapport ([a-z]+)", page.read_text("utf-8"))
    }
    assert named <= known


def test_the_default_python_of_the_docs_is_the_oldest_that_is_supported() -> None:
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()
    assert "3.11" in README


def test_the_words_of_the_glossary_stand_in_alphabetical_order() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", (ROOT / "GLOSSARY.md").read_text("utf-8"), re.MULTILINE)
    words = [row.strip().lower() for row in rows[2:]]
    assert words == sorted(words)


@pytest.mark.parametrize("page", ["README.md", "docs/adding-an-instrument.md"])
def test_the_example_of_an_instrument_is_one_that_scores(page: str, tmp_path: Path) -> None:
    told = re.findall(r"```yaml\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL)
    (example,) = (textwrap.dedent(one) for one in told if "n_items:" in one)
    (tmp_path / "example-5.yaml").write_text(example, "utf-8")
    instrument = load_catalogue(tmp_path)["example-5"]
    scored = score_items(pd.DataFrame([[0.0, 4.0, 1.0, 2.0, 3.0]]), instrument)
    assert scored["total"].tolist() == [0 + (4 - 4) + 1 + 2 + 3]
