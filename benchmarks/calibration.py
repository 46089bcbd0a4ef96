"""Whether intervals cover, shrinkage pays and charts keep quiet, in worlds whose truth is known.

    python -m benchmarks.calibration [--worlds 2000] [--seed 20260301] [--only WORD]

Prints three tables: coverage of every 95 % interval, squared errors of shrunken against raw
estimates, false signals of control charts by rule. The same seed gives the same tables. Cases
marked with a target are the regimes in which Rapport prints the interval; the others show where it
ends to hold.
"""

import argparse
import time
import zlib
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Table

from benchmarks.calibrating import models, simple
from benchmarks.calibrating.cases import Case, Coverage, run
from benchmarks.calibrating.charts import FalseSignals, false_signals
from benchmarks.calibrating.shrinkage import Gain, gains

WORLDS = 2000
SEED = 20260301

CASES: tuple[Case, ...] = (*simple.CASES, *models.CASES)


def coverages(cases: Sequence[Case], *, worlds: int, seed: int = SEED) -> Iterator[Coverage]:
    """Run cases one after the other, each with random numbers of its own.

    Args:
        cases: The cases.
        worlds: Worlds of a case of cost 1.
        seed: Mixed with each case's name, so that cases can be added without changing others.
    """
    for case in cases:
        own = zlib.crc32(f"{case.what} {case.regime}".encode())
        yield run(case, worlds=worlds, seed=seed + own)


def coverage_table(found: Sequence[Coverage]) -> Table:
    """Return coverage, its Monte-Carlo error and the verdict of each case."""
    table = Table("interval", "regime", "worlds", "intervals", "covers", "± MC", "94–96 %")
    for one in found:
        table.add_row(
            one.case.what,
            one.case.regime,
            f"{one.worlds:,}",
            f"{one.asked:,}",
            f"{one.coverage:.1%}",
            f"{one.error:.1%}",
            one.verdict,
        )
    return table


def gain_table(found: Sequence[Gain]) -> Table:
    """Return squared errors."""
    table = Table("regime", "raw", "shrunken", "ratio", "± MC")
    for one in found:
        table.add_row(
            one.regime,
            f"{one.raw:.4f}",
            f"{one.shrunken:.4f}",
            f"{one.ratio:.2f}",
            f"{one.error:.3f}",
        )
    return table


def signal_table(found: Sequence[FalseSignals]) -> Table:
    """Return false signals per series of 24 points."""
    table = Table("chart", "rule", "exact", "known limits", "estimated limits", "± MC")
    for one in found:
        table.add_row(
            one.chart,
            one.rule,
            "–" if one.nominal != one.nominal else f"{one.nominal:.1%}",
            f"{one.known:.1%}",
            f"{one.estimated:.1%}",
            f"{one.error:.1%}",
        )
    return table


def main() -> None:
    """Run everything and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", default="", help="cases whose name holds this word, no others")
    given = parser.parse_args()
    console, started = Console(width=130), time.perf_counter()
    chosen = [case for case in CASES if given.only in case.what]
    found = [*coverages(chosen, worlds=given.worlds, seed=given.seed)]
    console.print(coverage_table(found))
    if not given.only:
        console.print(gain_table(gains(worlds=max(2, given.worlds // 5), seed=given.seed)))
        console.print(signal_table(false_signals(worlds=5 * given.worlds, seed=given.seed)))
    missed = [one for one in found if one.case.is_target and one.verdict != "kept"]
    console.print(
        f"{len(found)} cases, {len(missed)} with a target outside it, "
        f"{time.perf_counter() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
