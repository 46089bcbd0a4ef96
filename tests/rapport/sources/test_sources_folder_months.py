"""Many months of a folder are found in one look; each is what a look of its own would find."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.sources import FolderSource
from tests.rapport.sources.test_sources_folder import clinic

MONTHS = ["2025-12", "2026-01", "2026-02"]
PATTERNS = (
    ("{month}/*.csv",),
    ("*_{month}*.csv", "{month}.csv"),
    ("{month}/{month}_*.csv", "*{month}*"),
    ("a_*{month}.csv",),
)


def place(root: Path, name: str) -> None:
    file = root / "south" / "hill" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(name)
    os.utime(file, (1, 1))


NAMES = st.sets(
    st.sampled_from(
        [
            "2026-01/a.csv", "2026-01/2026-01_a.csv", "2026-02/2026-01_a.csv", "a_2026-01.csv",
            "a_2026-01_2026-02.csv", "a_12026-02.csv", "2025-12.csv", "2026-01.csv.part",
            "a_2026-02.csv", "a_2026-02.csv.done", "2025-12/ü.csv", "x_2027-01.csv",
        ]
    )
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=NAMES, paths=st.sampled_from(PATTERNS))
def test_a_look_over_months_finds_what_a_look_at_each_month_finds(
    tmp_path_factory: pytest.TempPathFactory, names: set[str], paths: tuple[str, ...]
) -> None:
    root = tmp_path_factory.mktemp("inbox")
    for name in names:
        place(root, name)
    own = clinic(*paths)
    together = FolderSource(root).finished_files_of(own, MONTHS)
    for month in MONTHS:
        alone = FolderSource(root).finished_files(own, month)
        told = [(one.file, one.month, one.export_id, one.is_marked_done) for one in alone]
        assert told == [
            (one.file, one.month, one.export_id, one.is_marked_done) for one in together[month]
        ]


def test_a_folder_is_looked_through_once_for_all_months_and_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        place(tmp_path, f"a_2026-01_{number}.csv")
    looked: list[int] = []
    scandir = os.scandir

    def counted(folder: int) -> object:
        looked.append(folder)
        return scandir(folder)

    own = clinic("a_{month}*.csv", "a*{month}*.csv")
    monkeypatch.setattr(os, "scandir", counted)
    found = FolderSource(tmp_path).finished_files_of(own, MONTHS)
    assert len(found["2026-01"]) == 5
    assert len(looked) == 1


def test_what_is_held_is_told_once_however_many_exports_want_it(tmp_path: Path) -> None:
    place(tmp_path, "b.csv")
    (tmp_path / "south" / "hill" / "a_2026-01.csv").symlink_to("b.csv")
    source = FolderSource(tmp_path)
    for _ in range(2):
        source.finished_files_of(clinic("a_{month}.csv"), MONTHS)
    assert [(one.file, one.month) for one in source.held] == [("a_2026-01.csv", "2026-01")]
