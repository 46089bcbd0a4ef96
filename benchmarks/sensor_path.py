"""The sensor's look at one folder with very many small files; run as a process of its own.

``python -m benchmarks.sensor_path HOME FILES``: the first look requests all of them, the second
finds nothing new, and before the third one file more has come.
"""

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from benchmarks.children import peak_mb, run_child, tell
from rapport.home import REGISTRY_FILE, Home, make_home, open_home
from rapport.simulation import LOAD_MONTH, write_load

_AN_HOUR_AGO = 3600


@dataclass(frozen=True, slots=True)
class SensorPath:
    """Looks at one folder.

    Attributes:
        files: Files in the folder.
        first, second, third: Seconds of each look.
        cursor_bytes: Length of the cursor after the second look.
        peak_mb: Memory, at most.
    """

    files: int
    first: float
    second: float
    third: float
    cursor_bytes: int
    peak_mb: float


def measure(folder: Path, files: int) -> SensorPath:
    """Measure three looks in a home below ``folder``."""
    told = run_child("sensor_path", folder / f"files-{files}", files)
    return SensorPath(files=files, **told)


def looks(root: Path, files: int) -> dict[str, Any]:
    """Make a home with one crowded folder and look three times.

    Raises:
        ValueError: A look requested something else than it should; then nothing was measured.
    """
    home, inbox = _crowded(root, files)
    seconds, requested, cursors = [], [], [""]
    for number in range(3):
        if number == 2:  # noqa: PLR2004 - the third look
            _write(inbox / f"{LOAD_MONTH}-late.csv", b"late\n")
        took, news, cursor = _look(home, cursors[-1])
        seconds.append(took)
        requested.append(news)
        cursors.append(cursor)
    if requested != [1, 0, 1]:
        raise ValueError("the looks did not request one clinic-month, none, and one")
    first, second, third = seconds
    return {"first": first, "second": second, "third": third, "cursor_bytes": len(cursors[2])}


def _look(home: Home, cursor: str) -> tuple[float, int, str]:
    from rapport.monthly import watching

    began = time.perf_counter()
    looked = watching.look(home, watching.Memory.read(cursor))
    written = looked.memory.written
    return time.perf_counter() - began, len(looked.news), written


def _crowded(root: Path, files: int) -> tuple[Home, Path]:
    """Make a home whose only clinic has so many files, an hour old, in one folder."""
    make_home(root)
    (root / REGISTRY_FILE).unlink()
    write_load(root, n_files=1, n_responses=40)
    registry = yaml.safe_load((root / REGISTRY_FILE).read_text("utf-8"))
    (clinic,) = registry["clinics"]
    clinic["first_month"] = "2025-01"
    clinic["exports"][0]["path"] = "{month}-*.csv"
    (root / REGISTRY_FILE).write_text(yaml.safe_dump(registry), encoding="utf-8")
    inbox = root / "inbox" / clinic["id"]
    for number in range(files):
        _write(inbox / f"{LOAD_MONTH}-{number:06d}.csv", b"%d\n" % number)
    return open_home(root), inbox


def _write(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    then = time.time() - _AN_HOUR_AGO
    os.utime(file, (then, then))


if __name__ == "__main__":
    told = looks(Path(sys.argv[1]), int(sys.argv[2]))
    tell({**told, "peak_mb": peak_mb()})
