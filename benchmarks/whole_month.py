"""A month by the real jobs, with the time of each stage taken; run as a process of its own.

``python -m benchmarks.whole_month HOME``. What is left when every stage has its time is what
Dagster takes: its events, its storage, its checks of partitions and configuration.
"""

import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import stages
from benchmarks.attribution import Attribution
from benchmarks.children import tell
from benchmarks.imports import import_libraries
from rapport.home import open_home
from rapport.monthly import ClinicMonth
from rapport.simulation import LOAD_MONTH


def measure(root: Path) -> dict[str, Any]:
    """Collect, close and publish the month; return seconds by job and by stage."""
    began = time.perf_counter()
    import_libraries()
    from pipelines import running

    home = open_home(root)
    slices = [ClinicMonth(clinic, LOAD_MONTH) for clinic in home.registry.clinics]
    with running.instance_of(home):
        import_module("pipelines.definitions")
    ready = time.perf_counter()
    attribution, jobs = Attribution(), {}
    with attribution.attached(stages.PLACES), attribution.stage(stages.ORCHESTRATION):
        steps: dict[str, Callable[[], None]] = {
            "collect": lambda: running.collect(home, slices),
            "close": lambda: running.close(home, [LOAD_MONTH]),
            "publish": lambda: running.publish(home, slices),
        }
        for name, job in steps.items():
            job_began = time.perf_counter()
            job()
            jobs[name] = time.perf_counter() - job_began
    return {
        "start": ready - began,
        "seconds": time.perf_counter() - ready,
        "jobs": jobs,
        "stages": attribution.seconds,
        "reports": len(list(home.reports.rglob("*.pdf"))),
    }


if __name__ == "__main__":
    tell(measure(Path(sys.argv[1])))
