"""A small home with a clock, for the tests of this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rapport.home import Home
from tests.rapport.monthly.plain_engine import without_great_expectations
from tests.rapport.monthly.small_home import Clock, set_clock, small_home


@pytest.fixture(autouse=True)
def _quick_rules() -> Iterator[None]:
    with without_great_expectations():
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def home(tmp_path: Path, clock: Clock) -> Iterator[Home]:
    made = small_home(tmp_path / "home")
    set_clock(made, clock)
    yield made
    made.warehouse.close()
