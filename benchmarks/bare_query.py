"""The yardstick of the data path: one DuckDB query that reads, scores and aggregates, no more.

It checks nothing, refuses nothing and stores nothing: totals of the four forms of a session, where
every item was answered, and their mean per therapist. Run as a process of its own:
``python -m benchmarks.bare_query HOME THREADS guessed|declared``.
"""

import csv
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.children import tell
from rapport.simulation import LOAD_MONTH

_SKIPPED = 9
"""How the files write a skipped item."""

_KEYS = ("patient", "therapist", "session", "date", "mode", "attendance", "ending")


def measure(root: Path, *, threads: int, is_declared: bool) -> dict[str, Any]:
    """Ask the query once.

    Args:
        root: A home with bulk exports.
        threads: Threads that DuckDB may use.
        is_declared: Whether the columns' types are told, or left to DuckDB to find.
    """
    import duckdb

    statement = query(root, is_declared=is_declared)
    with duckdb.connect() as connection:
        connection.execute(f"set threads = {int(threads)}")
        began, cpu_began = time.perf_counter(), time.process_time()
        rows = connection.execute(statement).fetchall()
        seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    return {"seconds": seconds, "cpu": cpu, "threads": threads, "therapists": len(rows)}


def query(root: Path, *, is_declared: bool) -> str:
    """Return the query over all files of a home."""
    files = f"{root}/inbox/*/{LOAD_MONTH}/*.csv"
    forms = _forms(next(root.glob(f"inbox/*/{LOAD_MONTH}/*.csv")))
    totals = ", ".join(
        "+".join(f'nullif("{item}", {_SKIPPED})' for item in items) + f' as "{form}"'
        for form, items in forms.items()
    )
    means = ", ".join(f'avg("{form}"), count("{form}")' for form in forms)
    source = f"read_csv('{files}', filename = true{_types(forms) if is_declared else ''})"
    return (
        f"select filename, therapist, {means} "  # noqa: S608 - names of our own columns
        f"from (select filename, therapist, {totals} from {source}) group by all order by all"
    )


def _forms(file: Path) -> Mapping[str, Sequence[str]]:
    """Return form → its item columns, from a file's heading."""
    with file.open(encoding="utf-8", newline="") as text:
        heading = next(csv.reader(text))
    forms: dict[str, list[str]] = {}
    for column in heading[len(_KEYS) :]:
        forms.setdefault(column.rpartition("_")[0], []).append(column)
    return forms


def _types(forms: Mapping[str, Sequence[str]]) -> str:
    items = [item for columns in forms.values() for item in columns]
    types = dict.fromkeys(_KEYS, "VARCHAR") | dict.fromkeys(items, "TINYINT")
    listed = ", ".join(f"'{name}': '{kind}'" for name, kind in types.items())
    return f", columns = {{{listed}}}, header = true, auto_detect = false, delim = ','"


if __name__ == "__main__":
    tell(
        measure(Path(sys.argv[1]), threads=int(sys.argv[2]), is_declared=sys.argv[3] == "declared")
    )
