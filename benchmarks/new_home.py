"""A home full of bulk exports, made in a process of its own.

The process that starts the measured ones thereby stays small: a child's peak memory begins with
that of the process it was started from.
"""

import shutil
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.children import tell
from rapport.home import REGISTRY_FILE, make_home
from rapport.simulation import LoadSummary, write_load

_STORES = ("landing", "reports", "outbox", "dossiers", "dagster")


def fill(root: Path, *, files: int, responses: int) -> LoadSummary:
    """Make a home whose clinics have sent one file each, nothing of which is taken in yet."""
    make_home(root)
    (root / REGISTRY_FILE).unlink()
    return write_load(root, n_files=files, n_responses=responses)


def empty_stores(root: Path) -> None:
    """Forget all that was taken in; the clinics' own files stay."""
    for file in root.glob("warehouse.db*"):
        file.unlink()
    for store in _STORES:
        shutil.rmtree(root / store, ignore_errors=True)
    make_home(root)


if __name__ == "__main__":
    if len(sys.argv) > 2:  # noqa: PLR2004 - called with arguments
        tell(asdict(fill(Path(sys.argv[1]), files=int(sys.argv[2]), responses=int(sys.argv[3]))))
    else:
        empty_stores(Path(sys.argv[1]))
        tell({})
