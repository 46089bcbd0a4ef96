"""A file that a person names is read if it is a file; nothing is waited for that never ends."""

import os
from pathlib import Path

import pytest

from rapport.errors import RapportError
from rapport.sources.given import read_given


def rule_of(file: Path) -> str:
    with pytest.raises(RapportError) as told:
        read_given(file)
    return told.value.faults[0].rule


def test_a_device_without_end_is_refused_unread() -> None:
    assert rule_of(Path("/dev/zero")) == "FILE_UNREADABLE"


def test_a_pipe_that_nobody_writes_to_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "export_2026-02.csv"
    os.mkfifo(pipe)
    assert rule_of(pipe) == "FILE_UNREADABLE"


def test_a_folder_and_a_missing_file_are_told_as_such(tmp_path: Path) -> None:
    assert rule_of(tmp_path) == "FILE_UNREADABLE"
    assert rule_of(tmp_path / "missing.csv") == "FILE_UNREADABLE"


def test_a_file_above_the_limit_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_bytes(b"12345")
    assert read_given(file, size_limit=5) == b"12345"
    with pytest.raises(RapportError, match="larger than 4 bytes"):
        read_given(file, size_limit=4)
