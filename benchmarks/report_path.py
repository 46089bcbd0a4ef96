"""The report path: seconds a report, against Chromium, and one process against two."""

from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import run_child
from benchmarks.sizes import Sizes

MONTH_OF_REPORTS = 500
"""Reports of the budget; fewer are measured, and the rest is extrapolated."""


@dataclass(frozen=True)
class ReportPath:
    """What was measured; seconds, each the least of several.

    Attributes:
        pages: Pages of the report.
        first: The first report of a process, with all that it imports.
        report: A report, from facts to bytes.
        page: Of that, drawing its charts and filling the template.
        printing: Of that, WeasyPrint.
        chromium: Chromium printing the same page from cold, if there is one.
        chromium_empty: Chromium printing an empty page from cold.
        reports: How many reports were rendered by one process and by two.
        one, two: Seconds that took, the second with the start of its processes.
        one_cpu, two_cpu: Processor seconds of the same.
        two_rate: Seconds a report by two processes once both run.
        peak_mb: Peak memory of the process that rendered alone.
    """

    pages: int
    first: float
    report: float
    page: float
    printing: float
    chromium: float | None
    chromium_empty: float | None
    reports: int
    one: float
    two: float
    one_cpu: float
    two_cpu: float
    two_rate: float
    peak_mb: float

    @property
    def ratio(self) -> float | None:
        """How many times Chromium's time a report takes."""
        return self.report / self.chromium if self.chromium else None

    @property
    def speed_up(self) -> float:
        """How many times quicker two processes are, their start included."""
        return self.one / self.two

    @property
    def speed_up_running(self) -> float:
        """The same, once both run."""
        return self.one / self.reports / self.two_rate

    @property
    def speed_up_by_cpu(self) -> float:
        """The same with their start, if both had a core of their own, by processor time."""
        return 2 * self.one_cpu / self.two_cpu

    @property
    def speed_up_of_month(self) -> float:
        """The same for a whole month of reports, by the start and the rate that were measured."""
        from rapport.rendering.pool import REPORTS_PER_CHILD

        start = self.two - self.two_rate * self.reports
        starts = max(1, -(-MONTH_OF_REPORTS // (2 * REPORTS_PER_CHILD)))
        alone = self.one / self.reports * MONTH_OF_REPORTS
        return alone / (starts * start + self.two_rate * MONTH_OF_REPORTS)


def measure(folder: Path, sizes: Sizes) -> ReportPath:
    """Measure; pages and PDFs are left in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    told = run_child("printing", folder, sizes.repeats, sizes.reports)
    steady = told["two"]["gaps"][2:]
    return ReportPath(
        pages=told["pages"],
        first=told["first"],
        report=told["report"],
        page=told["page"],
        printing=told["print"],
        chromium=told.get("chromium"),
        chromium_empty=told.get("chromium_empty"),
        reports=sizes.reports,
        one=told["one"]["seconds"],
        two=told["two"]["seconds"],
        one_cpu=told["one"]["cpu"],
        two_cpu=told["two"]["cpu"],
        two_rate=sum(steady) / len(steady),
        peak_mb=told["peak_mb"],
    )
