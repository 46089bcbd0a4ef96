"""A demo world of twelve invented clinics, written to disk as real clinics write, with defects."""

from rapport.simulation.demo import DemoSummary, write_demo
from rapport.simulation.load import LOAD_MONTH, LoadSummary, write_load
from rapport.simulation.parameters import Figure, Parameters
from rapport.simulation.world import World, simulate

__all__ = [
    "LOAD_MONTH",
    "DemoSummary",
    "Figure",
    "LoadSummary",
    "Parameters",
    "World",
    "simulate",
    "write_demo",
    "write_load",
]
