"""How long the command line takes to say what it can do, and the demo to run."""

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import ROOT


@dataclass(frozen=True, slots=True)
class StartUp:
    """Seconds, the least of several: ``rapport --help``, and importing Typer alone."""

    help: float
    typer: float

    @property
    def ratio(self) -> float:
        """How many times the import the help takes."""
        return self.help / self.typer


def measure(repeats: int) -> StartUp:
    """Do both in turn, several times."""
    rapport, typer = [], []
    for _ in range(repeats):
        rapport.append(_seconds(["-m", "pipelines.cli", "--help"]))
        typer.append(_seconds(["-c", "import typer"]))
    return StartUp(min(rapport), min(typer))


def seconds_of_demo(folder: Path) -> float:
    """Run ``rapport demo`` once, from cold: what ``make demo`` does after set-up."""
    return _seconds(["-m", "pipelines.cli", "demo", str(folder)], fine=(0, 1))


def _seconds(arguments: Sequence[str], fine: tuple[int, ...] = (0,)) -> float:
    began = time.perf_counter()
    ended = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, check=False)
    took = time.perf_counter() - began
    if ended.returncode not in fine:
        raise subprocess.CalledProcessError(ended.returncode, list(arguments), stderr=ended.stderr)
    return took
