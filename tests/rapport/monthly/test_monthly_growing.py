"""A file that is still being written when its month is collected is held until it rests."""

import os
import time
from pathlib import Path

import pytest

from rapport.home import Home, open_home
from rapport.monthly import collecting
from rapport.monthly.collecting import GROWING
from rapport.warehouse import tables
from tests.rapport.monthly.test_monthly_holding import MONTH, VALLEY, a_home

NAME = f"a_{MONTH}.csv"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    a_home(tmp_path / "home", "hill")
    return open_home(tmp_path / "home")


def _collect(home: Home) -> collecting.Collected:
    return collecting.collect(home, [VALLEY])[VALLEY]


def _written_meanwhile(home: Home, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let somebody write on between the first look and the second; the waits are told."""
    waits: list[float] = []

    def write_on(seconds: float) -> None:
        waits.append(seconds)
        with (home.inbox / "valley" / NAME).open("ab") as file:
            file.write(b"p9,2025-03-04,T1,1,1,1,1,1,1,1,1\n")

    monkeypatch.setattr(time, "sleep", write_on)
    return waits


def test_a_file_that_grows_between_two_looks_is_held(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home.inbox / "valley" / NAME).write_bytes(b"p,d,t,s,g1,g2,g3,g4,g5,g6,g7\n")
    waits = _written_meanwhile(home, monkeypatch)
    found = _collect(home)
    assert (found.files, found.held, found.reason) == (0, 1, GROWING)
    assert 0 < waits[0] <= collecting.LOOK_AGAIN_SECONDS
    assert home.warehouse.read(tables.exports).empty


def test_a_file_that_rests_between_two_looks_is_taken_at_once(home: Home) -> None:
    (home.inbox / "valley" / NAME).write_bytes(b"p,d\n1,2025-03-01\n")
    assert (_collect(home).files, _collect(home).held) == (1, 0)


def test_an_old_file_is_looked_at_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    file = home.inbox / "valley" / NAME
    file.write_bytes(b"p,d\n1,2025-03-01\n")
    os.utime(file, (time.time() - 300, time.time() - 300))
    waits = _written_meanwhile(home, monkeypatch)
    assert _collect(home).files == 1
    assert waits == []
