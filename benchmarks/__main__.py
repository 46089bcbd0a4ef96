"""``python -m benchmarks``: all budgets in one run, as ratios.

Imports nothing large: a child's peak memory begins with that of this process.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks import (
    data_path,
    machine,
    month_path,
    report_path,
    sensor_path,
    start_up,
    tables,
)
from benchmarks.budgets import Budget
from benchmarks.sizes import QUICK, Sizes

MOST_MEMORY_GB = 2.0
MOST_LOOK_SECONDS = 10.0


class Part(StrEnum):
    """What can be measured by itself."""

    DATA = "data"
    SENSOR = "sensor"
    REPORT = "report"
    MONTH = "month"
    HELP = "help"
    DEMO = "demo"


def main(  # noqa: PLR0917 - options of a command, given by name
    part: Annotated[
        list[Part] | None, typer.Option(help="Only this part; may be repeated.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Small sizes: does it run?")] = False,
    clinics: Annotated[int | None, typer.Option(help="Clinics of the month.", min=1)] = None,
    reports: Annotated[int | None, typer.Option(help="Reports of the pool.", min=4)] = None,
    repeats: Annotated[int | None, typer.Option(help="Runs of small things.", min=1)] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Keep what is written here; removed otherwise.")
    ] = None,
) -> None:
    """Measure the budgets, as ratios of what was measured in this run."""
    asked = {"clinics": clinics, "reports": reports, "repeats": repeats}
    sizes = replace(
        QUICK if quick else Sizes(), **{name: n for name, n in asked.items() if n is not None}
    )
    sizes = replace(sizes, large_repeats=min(sizes.large_repeats, sizes.repeats))
    console = Console()
    console.print(machine.described())
    if quick:
        console.print("Small sizes: the budgets are not meant for these.")
    with _workplace(folder) as place:
        budgets = [
            budget for one in part or list(Part) for budget in _PARTS[one](place, sizes, console)
        ]
    console.print(tables.of_budgets(budgets))


@contextmanager
def _workplace(folder: Path | None) -> Iterator[Path]:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as name:
        yield Path(name)


def _data(place: Path, sizes: Sizes, console: Console) -> list[Budget]:
    small, large = data_path.measure(place, sizes)
    for table in tables.of_data_path([small, large]):
        console.print(table)
    growth = data_path.growth(small, large)
    console.print(
        f"Growth: {growth.factor:.2f} × the time for {large.responses / small.responses:.0f} × "
        f"the responses, exponent {growth.exponent:.2f}. DuckDB was asked with "
        "guessed and declared types, with one thread and with all; its quickest counts."
    )
    console.print(tables.of_memory(data_path.memory(place, sizes)))
    times = f"{large.responses:,} responses"
    return [
        Budget(f"{times}: Rapport to DuckDB", 5, large.ratio),
        Budget(f"{times}: time to that of {small.responses:,}", 11, growth.factor),
        Budget(f"{times}: peak memory", MOST_MEMORY_GB, large.ours["peak_mb"] / 1000, "GB"),
    ]


def _sensor(place: Path, sizes: Sizes, console: Console) -> list[Budget]:
    path = sensor_path.measure(place, sizes.crowd)
    console.print(tables.of_sensor(path))
    what = f"a look at {path.files:,} known files in one folder"
    return [Budget(what, MOST_LOOK_SECONDS, path.second, "s")]


def _report(place: Path, sizes: Sizes, console: Console) -> list[Budget]:
    path = report_path.measure(place / "reports", sizes)
    console.print(tables.of_report_path(path))
    console.print(
        f"Two processes: {path.speed_up:.2f} × with their start, {path.speed_up_running:.2f} × "
        f"once they run, {path.speed_up_by_cpu:.2f} × by processor time with their start; "
        f"{path.speed_up_of_month:.2f} × for {report_path.MONTH_OF_REPORTS} "
        "reports, extrapolated from both."
    )
    return [
        Budget("a report, warm, to Chromium from cold", 1.5, path.ratio),
        Budget("500 reports: two processes to one", 1.8, path.speed_up_of_month, is_least=True),
    ]


def _month(place: Path, sizes: Sizes, console: Console) -> list[Budget]:
    path = month_path.measure(place, sizes)
    for table in tables.of_month(path):
        console.print(table)
    what = f"orchestration, validation, evidence, {path.clinics} clinics"
    return [Budget(what, 40, 100 * path.overhead, "%")]


def _help(_: Path, sizes: Sizes, console: Console) -> list[Budget]:
    path = start_up.measure(sizes.repeats + 2)
    console.print(tables.of_start_up(path))
    return [Budget("rapport --help to importing Typer", 2, path.ratio)]


def _demo(place: Path, _: Sizes, console: Console) -> list[Budget]:
    seconds = start_up.seconds_of_demo(place / "demo")
    console.print(f"rapport demo, from cold: {seconds:.1f} s")
    return [Budget("make demo after set-up, from cold", 120, seconds, "s")]


_PARTS = {
    Part.DATA: _data, Part.SENSOR: _sensor, Part.REPORT: _report,
    Part.MONTH: _month, Part.HELP: _help, Part.DEMO: _demo,
}  # fmt: skip


if __name__ == "__main__":
    typer.run(main)
