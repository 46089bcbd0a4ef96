"""The sensor's memory: what was requested is not read or requested again, nor lost in a crash."""

import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from rapport.home import Home
from rapport.monthly import ClinicMonth, collecting
from rapport.monthly.watching import Memory, News, look
from rapport.warehouse.tables import looks
from tests.rapport.monthly import small_home as small

FILE = f"sessions_{small.MONTH}.csv"
ONE = ClinicMonth("alpha", small.MONTH)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return small.small_home(tmp_path / "home")


def rested(home: Home, name: str = FILE, patients: int = 2) -> Path:
    """Upload a file that nobody has touched for an hour."""
    file = small.upload(home, name, small.rows_of(patients))
    an_hour_ago = time.time() - 3600
    os.utime(file, (an_hour_ago, an_hour_ago))
    return file


def looked(home: Home, cursor: str | None = None) -> tuple[list[ClinicMonth], str]:
    """Look as the sensor does; return what is requested, and the cursor for the next look."""
    found = look(home, Memory.read(cursor))
    return [news.slice for news in found.news], found.memory.written


def follow(home: Home, times: int) -> tuple[list[ClinicMonth], str]:
    """Look several times, each with the cursor of the one before."""
    requested, cursor = looked(home)
    for _ in range(times - 1):
        requested, cursor = looked(home, cursor)
    return requested, cursor


@pytest.fixture
def reads(home: Home, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of files that are read."""
    names: list[str] = []
    read = home.source.read
    monkeypatch.setattr(home.source, "read", lambda one: (names.append(one.file), read(one))[1])
    return names


def test_what_was_requested_is_neither_requested_nor_read_again(
    home: Home, reads: list[str]
) -> None:
    rested(home)
    assert looked(home)[0] == [ONE]
    assert follow(home, 4)[0] == []
    assert reads == []


def test_a_file_beside_requested_ones_is_news_alone(home: Home, reads: list[str]) -> None:
    rested(home)
    _, cursor = follow(home, 3)
    rested(home, f"sessions_{small.MONTH}_more.csv", 3)
    requested, cursor = looked(home, cursor)
    assert requested == [ONE]
    assert looked(home, cursor)[0] == []
    assert reads == []


def test_a_requested_file_that_changes_is_news_again(home: Home) -> None:
    rested(home)
    _, cursor = follow(home, 3)
    rested(home, patients=5)
    assert looked(home, cursor)[0] == [ONE]


def test_a_copy_of_a_known_content_is_read_and_is_no_news(home: Home, reads: list[str]) -> None:
    rested(home)
    collecting.collect(home, [ONE])
    _, cursor = follow(home, 2)
    reads.clear()
    copy = f"sessions_{small.MONTH}_copy.csv"
    rested(home, copy)
    assert looked(home, cursor)[0] == []
    assert reads == [copy]


def test_the_cursor_stays_short_once_everything_is_known(home: Home) -> None:
    for number in range(40):
        rested(home, f"sessions_{small.MONTH}_{number:02d}.csv")
    first = len(looked(home)[1])
    assert len(follow(home, 2)[1]) < 120 < first


def test_a_tick_that_is_cut_off_before_its_cursor_is_kept_loses_nothing(home: Home) -> None:
    rested(home)
    _, cursor = follow(home, 2)
    rested(home, f"sessions_{small.MONTH}_more.csv", 3)
    for _ in range(3):  # each of these ticks dies before Dagster keeps its cursor
        assert looked(home, cursor)[0] == [ONE]
    _, cursor = looked(home, cursor)
    assert looked(home, cursor)[0] == []


def test_the_same_files_have_the_same_key(home: Home) -> None:
    rested(home)

    def news() -> list[News]:
        return look(home, Memory()).news

    assert [one.key for one in news()] == [one.key for one in news()]


def test_without_its_memory_the_sensor_only_works_more(home: Home, reads: list[str]) -> None:
    rested(home)
    collecting.collect(home, [ONE])
    reads.clear()
    _, cursor = follow(home, 3)
    assert reads == [FILE]
    with home.warehouse.engine.begin() as connection:
        connection.execute(sa.delete(looks))
    assert looked(home, cursor)[0] == []
    assert reads == [FILE, FILE]


def test_a_memory_that_was_altered_is_not_believed(home: Home) -> None:
    rested(home)
    _, cursor = follow(home, 3)
    with home.warehouse.engine.begin() as connection:
        connection.execute(sa.update(looks).values(files=b"x" * 24))
    assert looked(home, cursor)[0] == [ONE]


def test_marks_of_files_that_are_gone_are_forgotten(home: Home) -> None:
    file = rested(home)
    _, cursor = follow(home, 3)
    file.unlink()
    _, cursor = looked(home, cursor)
    _, cursor = looked(home, cursor)
    with home.warehouse.engine.connect() as connection:
        kept = connection.execute(sa.select(looks.c.files)).scalars().all()
    assert b"" in kept
    assert len(kept) <= 2
