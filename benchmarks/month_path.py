"""What a month of many clinics spends its time on."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.children import run_child
from benchmarks.sizes import RESPONSES_PER_CLINIC, Sizes
from benchmarks.stages import SHARES

OVERHEAD = ("orchestration", "validation", "evidence")
"""The shares that the budget adds up."""


@dataclass(frozen=True)
class MonthPath:
    """A month, measured.

    Attributes:
        clinics: Clinics of the month.
        start: Seconds until everything was imported; in no share.
        seconds: Seconds of the three jobs.
        jobs: Job → its seconds.
        stages: Stage → its own seconds.
        peak_mb: Peak memory of the process that ran the jobs.
    """

    clinics: int
    start: float
    seconds: float
    jobs: Mapping[str, float]
    stages: Mapping[str, float]
    peak_mb: float

    @property
    def shares(self) -> dict[str, float]:
        """What the month's time goes to, in parts of 1."""
        return {
            name: sum(self.stages.get(stage, 0.0) for stage in parts) / self.seconds
            for name, parts in SHARES.items()
        }

    @property
    def overhead(self) -> float:
        """Orchestration, validation and evidence together, in parts of 1."""
        return sum(self.shares[name] for name in OVERHEAD)


def measure(folder: Path, sizes: Sizes) -> MonthPath:
    """Run one month of clinics that sent fifty sessions each.

    Raises:
        ValueError: Not every clinic has a report.
    """
    home = folder / "month"
    run_child("new_home", home, sizes.clinics, sizes.clinics * RESPONSES_PER_CLINIC)
    told = run_child("whole_month", home)
    if told["reports"] != sizes.clinics:
        raise ValueError("not every clinic has a report")
    return MonthPath(
        clinics=sizes.clinics,
        start=told["start"],
        seconds=told["seconds"],
        jobs=told["jobs"],
        stages=told["stages"],
        peak_mb=told["peak_mb"],
    )
