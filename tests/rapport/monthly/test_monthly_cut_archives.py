"""A cut archive is waited for while its upload may go on, and is then taken, to be refused."""

import gzip
import os
import time
from pathlib import Path

import pytest

from rapport.home import Home, open_home
from rapport.monthly import ClinicMonth, collecting
from rapport.monthly.collecting import CUT, WAIT_NS
from rapport.warehouse import tables
from tests.rapport.monthly.test_monthly_holding import MONTH, VALLEY, a_home

FILE = f"a_{MONTH}.csv"
WHOLE = gzip.compress(b"p,d\n" + b"1,2025-03-01\n" * 400)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    a_home(tmp_path / "home", "hill")
    return open_home(tmp_path / "home")


def _put(home: Home, content: bytes, *, age_ns: int = 0) -> None:
    file = home.inbox / "valley" / FILE
    file.write_bytes(content)
    then = time.time_ns() - age_ns
    os.utime(file, ns=(then, then))


def _collect(home: Home, one: ClinicMonth = VALLEY) -> collecting.Collected:
    return collecting.collect(home, [one])[one]


def test_a_cut_archive_is_held_and_nothing_of_it_is_kept(home: Home) -> None:
    _put(home, WHOLE[:-20])
    found = _collect(home)
    assert (found.files, found.held, found.reason) == (0, 1, CUT)
    assert home.warehouse.read(tables.exports).empty


def test_when_the_upload_is_over_the_file_is_taken(home: Home) -> None:
    _put(home, WHOLE[:-20])
    _collect(home)
    _put(home, WHOLE)
    found = _collect(home)
    assert (found.files, found.held) == (1, 0)


def test_an_archive_that_stayed_cut_is_taken_to_be_refused(home: Home) -> None:
    _put(home, WHOLE[:-20], age_ns=WAIT_NS + 60 * 10**9)
    found = _collect(home)
    assert (found.files, found.held) == (1, 0)
