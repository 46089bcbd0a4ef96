"""Exports in bulk: as many as asked for, in the declared shape, from one registry."""

import csv
from pathlib import Path

import pytest

from rapport.clinics import load_registry
from rapport.simulation import LOAD_MONTH, write_load
from rapport.simulation.forms import EVERY_SESSION


def rows_of(folder: Path) -> list[dict[str, str]]:
    found = []
    for file in sorted((folder / "inbox").rglob("*.csv")):
        with file.open(encoding="utf-8", newline="") as text:
            found += list(csv.DictReader(text, strict=True))
    return found


@pytest.mark.parametrize(
    ("n_files", "n_responses", "n_rows"), [(1, 40, 1), (3, 1000, 27), (4, 16_000, 400)]
)
def test_a_load_has_the_files_and_about_the_answers_asked_for(
    tmp_path: Path, n_files: int, n_responses: int, n_rows: int
) -> None:
    summary = write_load(tmp_path, n_files=n_files, n_responses=n_responses)
    assert (summary.files, summary.rows, summary.responses) == (n_files, n_rows, n_rows * 40)
    assert len(rows_of(tmp_path)) == n_rows


def test_a_load_is_read_by_its_own_registry(tmp_path: Path) -> None:
    write_load(tmp_path, n_files=3, n_responses=24_000)
    registry = load_registry(tmp_path / "clinics.yaml")
    header = set(rows_of(tmp_path)[0])
    assert len(registry.clinics) == 3
    for clinic in registry.clinics.values():
        (mapping,) = clinic.exports
        (file,) = (tmp_path / "inbox" / clinic.source).glob(mapping.file_pattern(LOAD_MONTH))
        with file.open(encoding="utf-8", newline="") as text:
            own = list(csv.DictReader(text))
        assert {row["therapist"] for row in own} == set(clinic.therapists)
        for form in mapping.forms:
            n_items = next(f.n_items for f in EVERY_SESSION if f.key == form.key)
            assert set(form.columns(n_items)) <= header


def test_sessions_of_a_load_are_unique_and_lie_in_the_month(tmp_path: Path) -> None:
    write_load(tmp_path, n_files=1, n_responses=40_000)
    rows = rows_of(tmp_path)
    assert len({(row["patient"], row["session"]) for row in rows}) == len(rows) == 1000
    assert {row["date"][:7] for row in rows} == {LOAD_MONTH}
    assert max(row["date"] for row in rows) <= "2026-02-28"


def test_as_many_rows_as_told_hold_an_answer_beyond_the_scale(tmp_path: Path) -> None:
    summary = write_load(tmp_path, n_files=2, n_responses=400_000)
    items = [key for key in rows_of(tmp_path)[0] if key[-1].isdigit()]
    spoilt = sum(any(row[item] == "8" for item in items) for row in rows_of(tmp_path))
    assert spoilt == summary.rows_refused > 0


def test_the_same_seed_gives_the_same_load(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_load(tmp_path / name, n_files=2, n_responses=8000, seed=seed)
    assert rows_of(tmp_path / "a") == rows_of(tmp_path / "b") != rows_of(tmp_path / "c")
