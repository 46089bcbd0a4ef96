"""One month's data through Rapport without Dagster: the functions that the assets call, in order.

Run as a process of its own: ``python -m benchmarks.whole_path HOME``. Libraries are imported
before the first stage, and their time told apart.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import stages
from benchmarks.attribution import Attribution
from benchmarks.children import peak_mb, tell
from benchmarks.imports import import_libraries
from rapport.home import Home, open_home
from rapport.monthly import ClinicMonth
from rapport.simulation import LOAD_MONTH


def measure(root: Path) -> dict[str, Any]:
    """Take in, score and close the month; return seconds by stage, memory after each step, counts.

    Raises:
        ValueError: Not every clinic-month passed; then another thing was measured than meant.
    """
    began = time.perf_counter()
    import_libraries()
    home = open_home(root)
    slices = [ClinicMonth(clinic, LOAD_MONTH) for clinic in home.registry.clinics]
    ready, cpu_ready = time.perf_counter(), time.process_time()
    attribution, peaks = Attribution(), {}
    with attribution.attached(stages.PLACES), attribution.stage(stages.OTHER):
        for name, step in _steps(home, slices):
            step()
            peaks[name] = peak_mb()
    seconds, cpu = time.perf_counter() - ready, time.process_time() - cpu_ready
    verdicts = home.warehouse.newest_verdicts([LOAD_MONTH])
    if set(verdicts.verdict) != {"passed"}:
        raise ValueError("a clinic-month did not pass")
    return {
        "start": ready - began,
        "seconds": seconds,
        "cpu": cpu,
        "stages": attribution.seconds,
        "peaks": peaks,
        "rows": int(verdicts.rows_received.sum()),
        "refused": int(verdicts.rows_quarantined.sum()),
    }


def _steps(home: Home, slices: list[ClinicMonth]) -> list[tuple[str, Callable[[], object]]]:
    from expectations import taking_in
    from rapport.monthly import closing, collecting, scoring
    from rapport.months import Month

    month = Month.parse(LOAD_MONTH)
    return [
        ("collect", lambda: collecting.collect(home, slices)),
        ("take in", lambda: taking_in.take_in_and_record(home, slices)),
        ("score", lambda: scoring.score(home, slices)),
        ("outcomes", lambda: closing.close_outcomes(home, month)),
        ("aggregates", lambda: closing.close_aggregates(home, month)),
    ]


if __name__ == "__main__":
    os.environ.pop("RAPPORT_WAREHOUSE_URL", None)
    tell(measure(Path(sys.argv[1])))
