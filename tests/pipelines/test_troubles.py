"""Troubles of the machine are told like faults; a bug keeps its traceback."""

import errno
import os
import sqlite3
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from pipelines import cli
from pipelines.troubles import trouble_in


@pytest.mark.parametrize(
    ("number", "rule"),
    [
        (errno.ENOSPC, "DISK_FULL"),
        (errno.EDQUOT, "DISK_FULL"),
        (errno.EFBIG, "DISK_FULL"),
        (errno.EROFS, "NOT_WRITABLE"),
        (errno.EACCES, "NOT_WRITABLE"),
        (errno.EIO, "DISK_FAILS"),
    ],
)
def test_an_error_of_the_system_is_told_by_its_number(number: int, rule: str) -> None:
    found = trouble_in(OSError(number, os.strerror(number), "/home/x/patient-7.csv"))
    assert found is not None
    assert found.rule == rule
    assert "patient" not in str(found)


def test_a_database_that_is_full_is_told_through_what_was_raised_from_it(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    with engine.connect() as connection:
        connection.execute(sa.text("create table t (a)"))
        connection.execute(sa.text("pragma max_page_count = 3"))
        with pytest.raises(sa.exc.OperationalError) as raised:
            connection.execute(sa.text("insert into t values (zeroblob(100000))"))
    wrapped = RuntimeError("a step failed")
    wrapped.__cause__ = raised.value
    found = trouble_in(wrapped)
    assert found is not None
    assert found.rule == "DISK_FULL"


def test_a_database_that_another_program_holds_is_told(tmp_path: Path) -> None:
    holder = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    holder.execute("begin exclusive")
    other = sqlite3.connect(tmp_path / "x.db", timeout=0)
    with pytest.raises(sqlite3.OperationalError) as raised:
        other.execute("create table t (a)")
    found = trouble_in(raised.value)
    assert found is not None
    assert found.rule == "DATABASE_BUSY"


def test_a_file_that_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("no database, but long enough to be looked at " * 40)
    with pytest.raises(sqlite3.DatabaseError) as raised:
        sqlite3.connect(tmp_path / "x.db").execute("select * from t")
    found = trouble_in(raised.value)
    assert found is not None
    assert found.rule == "DATABASE_DAMAGED"


@pytest.mark.parametrize("bug", [KeyError("disk is full"), ValueError("database is locked")])
def test_a_bug_is_no_trouble_whatever_its_words(bug: Exception) -> None:
    assert trouble_in(bug) is None


def test_the_command_line_tells_a_trouble_and_raises_a_bug(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def bug() -> None:
        raise KeyError("x")

    monkeypatch.setattr(sys, "argv", ["rapport"])
    monkeypatch.setattr(cli, "app", full)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    assert "[DISK_FULL]" in capsys.readouterr().err
    monkeypatch.setattr(cli, "app", bug)
    with pytest.raises(KeyError):
        cli.main()
