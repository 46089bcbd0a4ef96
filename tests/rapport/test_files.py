"""A file is there whole or not at all."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from rapport.files import write_each_whole, write_whole


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "report.pdf"
    write_whole(target, b"one")
    write_whole(target, b"two")
    assert target.read_bytes() == b"two"
    assert [file.name for file in target.parent.iterdir()] == ["report.pdf"]


def test_a_failing_disk_leaves_the_old_file_and_no_half_one(tmp_path: Path) -> None:
    target = tmp_path / "report.pdf"
    write_whole(target, b"old")
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, (1000, {resource.RLIM_INFINITY}))\n"
        "from pathlib import Path\n"
        "from rapport.files import write_whole\n"
        "write_whole(Path(sys.argv[1]), b'x' * 5000)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(target)], capture_output=True, check=False
    )
    assert done.returncode != 0
    assert target.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["report.pdf"]


def test_a_name_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OSError, match="taken"):
        write_whole(tmp_path / "taken", b"x")


def test_several_files_are_all_there_afterwards(tmp_path: Path) -> None:
    contents = {tmp_path / f"{n % 3}" / f"{n}.bin": bytes([n]) * n for n in range(40)}
    write_each_whole(contents, mode=0o440)
    for place, content in contents.items():
        assert place.read_bytes() == content
        assert place.stat().st_mode & 0o777 == 0o440
    assert len([file for file in tmp_path.rglob("*") if file.is_file()]) == 40


def test_of_several_files_one_that_cannot_be_written_is_an_error_and_none_is_half(
    tmp_path: Path,
) -> None:
    (tmp_path / "taken").mkdir()
    contents = {tmp_path / "whole": b"x" * 5000, tmp_path / "taken": b"y" * 5000}
    with pytest.raises(OSError, match="taken"):
        write_each_whole(contents)
    assert [file for file in tmp_path.iterdir() if file.is_file()] == [tmp_path / "whole"]
    assert (tmp_path / "whole").read_bytes() == b"x" * 5000
