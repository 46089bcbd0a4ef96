"""Running something measured in a fresh process, and what it says when it ends."""

import json
import resource
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


class ChildFailedError(Exception):
    """A measured process ended with an error; its own last lines say which."""


def run_child(module: str, *arguments: object) -> dict[str, Any]:
    """Run ``python -m benchmarks.<module>`` and return what it told.

    Raises:
        ChildFailedError: It ended with an error.
    """
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, arguments)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise ChildFailedError("\n".join(ended.stderr.splitlines()[-15:]))
    told: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return told


def tell(answer: Mapping[str, Any]) -> None:
    """End a measured process: print its answer and its peak memory for the one that waits."""
    sys.stdout.write("\n" + json.dumps({**answer, "peak_mb": peak_mb()}) + "\n")


def peak_mb() -> float:
    """Return this process's largest resident memory so far, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
