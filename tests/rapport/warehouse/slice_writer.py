"""A process of its own that replaces a slice of two tables.

Its arguments: URL, clinic, answer, rows, times, and how to die.

How to die: ``never``; ``count`` prints how many steps SQLite took; ``step:N`` kills the process
without any warning at SQLite's Nth step, ``commit`` just before the commit.
"""

import os
import signal
import sys

import pandas as pd
import sqlalchemy as sa

from rapport.warehouse.store import Warehouse
from rapport.warehouse.tables import quarantine, survey_responses

INSTRUCTIONS_A_STEP = 10_000


def frame(clinic: str, answer: float, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "clinic_id": clinic, "month": "2026-01", "patient_id": [f"P{i}" for i in range(n)],
            "episode": "1", "session": 1, "instrument": "phq-9", "rater": "patient",
            "therapist_id": "T", "session_date": "2026-01-10", "content_sha256": "x",
            "line": range(n), "item_01": answer,
        }
    )  # fmt: skip


def refused(clinic: str, n: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "clinic_id": clinic, "month": "2026-01", "content_sha256": "x", "line": range(n),
            "column": "", "rule": "R", "remedy": "",
        }
    )  # fmt: skip


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Steps:
    """Counts SQLite's steps; dies at one of them."""

    def __init__(self, last: int | None) -> None:
        self.taken = 0
        self._last = last

    def step(self) -> int:
        self.taken += 1
        if self.taken == self._last:
            die()
        return 0


def main(arguments: list[str]) -> None:
    url, clinic, answer, rows, times, death = arguments
    warehouse = Warehouse(url)
    last = int(death.removeprefix("step:")) if death.startswith("step:") else None
    steps = Steps(last)
    if death not in {"never", "commit"}:
        sa.event.listen(
            warehouse.engine,
            "connect",
            lambda connection, _: connection.set_progress_handler(steps.step, INSTRUCTIONS_A_STEP),
        )
    if death == "commit":
        sa.event.listen(warehouse.engine, "commit", lambda _: die())
    for _ in range(int(times)):
        warehouse.replace_slices(
            {
                survey_responses: frame(clinic, float(answer), int(rows)),
                quarantine: refused(clinic, int(rows)),
            },
            [{"clinic_id": clinic, "month": "2026-01"}],
        )
    print(steps.taken)


if __name__ == "__main__":
    main(sys.argv[1:])
