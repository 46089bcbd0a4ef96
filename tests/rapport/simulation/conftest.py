"""The demo world, simulated once and written once for all tests of this folder."""

import pytest

from rapport.simulation import DemoSummary, World, simulate, write_demo


@pytest.fixture(scope="session")
def world() -> World:
    return simulate(2026)


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> DemoSummary:
    return write_demo(tmp_path_factory.mktemp("demo"))
