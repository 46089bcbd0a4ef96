"""The data path: ten million item responses through Rapport, against one bare DuckDB query."""

import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.children import run_child
from benchmarks.sizes import Sizes


@dataclass(frozen=True)
class DataPath:
    """One size, measured.

    Attributes:
        responses: Item responses that were written.
        rows: Rows that they stand in.
        ours: What the quickest run of Rapport told.
        bare: What the quickest run of the query told.
        every: Seconds of every run of Rapport.
    """

    responses: int
    rows: int
    ours: dict[str, Any]
    bare: dict[str, Any]
    every: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """Seconds of the quickest run of Rapport, its imports left out."""
        return float(self.ours["seconds"])

    @property
    def ratio(self) -> float:
        """How many times the query's time Rapport takes."""
        return self.seconds / float(self.bare["seconds"])

    @property
    def cpu_ratio(self) -> float:
        """The same by processor time, which a busy machine disturbs less; all threads count."""
        return float(self.ours["cpu"]) / float(self.bare["cpu"])


@dataclass(frozen=True, slots=True)
class Growth:
    """How time grows from one size to the other: by which factor, and with which exponent."""

    factor: float
    exponent: float


def measure(folder: Path, sizes: Sizes) -> tuple[DataPath, DataPath]:
    """Measure the small and the large size; homes are made below ``folder``."""
    small, large = (
        _measure(folder / f"responses-{responses}", sizes.files, responses, repeats)
        for responses, repeats in (
            (sizes.small, sizes.repeats),
            (sizes.large, sizes.large_repeats),
        )
    )
    return small, large


def growth(small: DataPath, large: DataPath) -> Growth:
    """Compare two sizes."""
    factor = large.seconds / small.seconds
    return Growth(factor, math.log(factor) / math.log(large.responses / small.responses))


RESPONSES_A_FILE = 20_000
"""Item responses of a file where memory is measured over the number of files."""


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Memory after each step, at most, in megabytes, for a number of files of the same size."""

    files: int
    peaks: dict[str, float]


def memory(folder: Path, sizes: Sizes) -> list[MemoryUse]:
    """Take in and close months of more and more files of the same size, once each."""
    found = []
    for files in sizes.many_files:
        home = folder / f"files-of-month-{files}"
        run_child("new_home", home, files, files * RESPONSES_A_FILE)
        found.append(MemoryUse(files, run_child("whole_path", home)["peaks"]))
        shutil.rmtree(home)
    return found


def _measure(home: Path, files: int, responses: int, repeats: int) -> DataPath:
    written = run_child("new_home", home, files, responses)
    ours: list[dict[str, Any]] = []
    bare: list[dict[str, Any]] = []
    for _ in range(repeats):
        ours.append(run_child("whole_path", home))
        bare.extend(run_child("bare_query", home, *way) for way in _ways())
        run_child("new_home", home)
    _check(written, ours)
    return DataPath(
        responses=written["responses"],
        rows=written["rows"],
        ours=_quickest(ours),
        bare=_quickest(bare),
        every=tuple(one["seconds"] for one in ours),
    )


def _ways() -> Iterator[tuple[int, str]]:
    """Yield the ways of asking the query; which one is quickest depends on size and machine."""
    for threads in sorted({1, os.cpu_count() or 1}):
        for types in ("guessed", "declared"):
            yield threads, types


def _quickest(runs: list[dict[str, Any]]) -> dict[str, Any]:
    return min(runs, key=lambda run: float(run["seconds"]))


def _check(written: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    """Hold every run to what was written: a quick run that lost rows would be worth nothing.

    Raises:
        ValueError: Rows were lost, or others were refused than the spoilt ones.
    """
    wanted = {(written["rows"], written["rows_refused"])}
    if {(run["rows"], run["refused"]) for run in runs} != wanted:
        raise ValueError("Rapport did not receive and refuse the rows that were written")
