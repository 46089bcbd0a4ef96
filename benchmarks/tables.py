"""The tables that are printed."""

from collections.abc import Mapping, Sequence

from rich.table import Table

from benchmarks.budgets import Budget
from benchmarks.data_path import DataPath, MemoryUse
from benchmarks.month_path import MonthPath
from benchmarks.report_path import ReportPath
from benchmarks.sensor_path import SensorPath
from benchmarks.start_up import StartUp

_WORTH_SHOWING = 0.005
"""Share of the whole from which a stage has a line of its own."""


def of_data_path(paths: Sequence[DataPath]) -> list[Table]:
    """Return the stages of each size side by side, and both against the query."""
    return [_stages(paths), _against_query(paths)]


def _stages(paths: Sequence[DataPath]) -> Table:
    table = _table("Data path: seconds by stage, of the quickest run", "stage")
    for path in paths:
        table.add_column(f"{path.responses:,} responses", justify="right")
        table.add_column("share", justify="right")
    largest = paths[-1].ours
    for stage in _by_size(largest["stages"]):
        if any(one.ours["stages"].get(stage, 0) > _WORTH_SHOWING * one.seconds for one in paths):
            cells = []
            for path in paths:
                seconds = path.ours["stages"].get(stage, 0.0)
                cells += [f"{seconds:.2f}", f"{seconds / path.seconds:.0%}"]
            table.add_row(stage, *cells)
    return table


def _against_query(paths: Sequence[DataPath]) -> Table:
    table = _table("Data path: Rapport against one DuckDB query", "responses")
    for column in ("Rapport", "every run", "DuckDB", "ratio", "by CPU", "peak", "DuckDB's"):
        table.add_column(column, justify="right")
    for path in paths:
        table.add_row(
            f"{path.responses:,}",
            f"{path.seconds:.2f} s",
            " ".join(f"{seconds:.1f}" for seconds in path.every),
            f"{path.bare['seconds']:.2f} s",
            f"{path.ratio:.1f} ×",
            f"{path.cpu_ratio:.1f} ×",
            f"{path.ours['peak_mb']:,.0f} MB",
            f"{path.bare['peak_mb']:,.0f} MB",
        )
    return table


def of_memory(uses: Sequence[MemoryUse]) -> Table:
    """Return memory after each step over the number of files."""
    table = _table("Memory over the number of files, each of the same size: MB at most", "after")
    for one in uses:
        table.add_column(f"{one.files:,} files", justify="right")
    for step in uses[0].peaks:
        table.add_row(step, *(f"{one.peaks[step]:,.0f}" for one in uses))
    return table


def of_sensor(path: SensorPath) -> Table:
    """Return the sensor's looks at a crowded folder."""
    table = _table(f"Sensor: {path.files:,} small files in one folder", "what")
    table.add_column("", justify="right")
    table.add_row("the first look: all are new", f"{path.first:.2f} s")
    table.add_row("the next look: all are known", f"{path.second:.2f} s")
    table.add_row("one file more", f"{path.third:.2f} s")
    table.add_row("cursor, all known", f"{path.cursor_bytes:,} bytes")
    table.add_row("memory at most", f"{path.peak_mb:,.0f} MB")
    return table


def of_report_path(path: ReportPath) -> Table:
    """Return single reports and many."""
    table = _table(f"Report path: a tagged PDF of {path.pages} pages", "what")
    table.add_column("seconds", justify="right")
    table.add_column("to a report", justify="right")
    rows = {
        "a report, warm": path.report,
        "  of that: charts and template": path.page,
        "  of that: WeasyPrint": path.printing,
        "the first report of a process": path.first,
        "Chromium, the same page, cold": path.chromium,
        "Chromium, an empty page, cold": path.chromium_empty,
        f"{path.reports} reports, one process": path.one,
        f"{path.reports} reports, two processes": path.two,
        "a report of two running processes": path.two_rate,
    }
    for name, seconds in rows.items():
        if seconds is None:
            table.add_row(name, "–", "no Chromium is installed")
        else:
            table.add_row(name, f"{seconds:.2f}", f"{seconds / path.report:.2f} ×")
    return table


def of_month(path: MonthPath) -> list[Table]:
    """Return what the month's time goes to, coarse and fine."""
    shares = _table(
        f"A month of {path.clinics} clinics: {path.seconds:.1f} s "
        f"(and {path.start:.1f} s of imports before)",
        "goes to",
    )
    shares.add_column("seconds", justify="right")
    shares.add_column("share", justify="right")
    for name, share in path.shares.items():
        shares.add_row(name, f"{share * path.seconds:.2f}", f"{share:.1%}")
    stages = _table("The same by stage", "stage")
    stages.add_column("seconds", justify="right")
    stages.add_column("ms a clinic", justify="right")
    for stage in _by_size(path.stages):
        seconds = path.stages[stage]
        stages.add_row(stage, f"{seconds:.2f}", f"{1000 * seconds / path.clinics:.1f}")
    return [shares, stages]


def of_start_up(path: StartUp) -> Table:
    """Return the command line's start against its library's."""
    table = _table("Command line", "what")
    table.add_column("seconds", justify="right")
    table.add_row("rapport --help", f"{path.help:.2f}")
    table.add_row('python -c "import typer"', f"{path.typer:.2f}")
    table.add_row("ratio", f"{path.ratio:.2f} ×")
    return table


def of_budgets(budgets: Sequence[Budget]) -> Table:
    """Return every budget and whether it is kept."""
    table = _table("Budgets", "what")
    for column in ("limit", "measured"):
        table.add_column(column, justify="right")
    table.add_column("verdict")
    for budget in budgets:
        table.add_row(budget.what, budget.limit, budget.value, budget.verdict)
    return table


def _table(title: str, first: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    return table


def _by_size(stages: Mapping[str, float]) -> list[str]:
    return sorted(stages, key=lambda stage: -stages[stage])
