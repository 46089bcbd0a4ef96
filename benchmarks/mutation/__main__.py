"""``python -m benchmarks.mutation PACKAGE --tests FOLDER``: try every wrong version of it.

Takes minutes to an hour; one process, so run it with ``nice``. With ``--results`` every verdict is
appended to a file, and what stands there for an unchanged module is not tried again.
"""

import argparse
import gc
import hashlib
import importlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.mutation.accepted import accepted
from benchmarks.mutation.changes import Change, changes_of
from benchmarks.mutation.report import Outcome, reason_for, report_of
from benchmarks.mutation.trial import Reach, reach_of, verdict_of

ROOT = Path(__file__).parents[2]
_TIME_FACTOR, _TIME_EXTRA = 1.0, 5.0
_LIKELY = 15
_HEAVY = (
    "numpy", "pandas", "pydantic", "yaml", "scipy.optimize", "scipy.stats", "hypothesis",
    "hypothesis.strategies", "pytest",  "sqlalchemy", "typer.testing", "rich.table", "openpyxl",
    "pyreadstat", "matplotlib.figure", "matplotlib.backends.backend_svg",
    "rapport.errors", "rapport.exports", "rapport.clinics.registry", "rapport.warehouse.tables",
    "rapport.instruments",
)  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Try the modules, print each survivor as it shows, then the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mutation", description=__doc__)
    parser.add_argument("modules", nargs="+", help="rapport.scoring.items, or a package")
    parser.add_argument("--tests", nargs="+", required=True, help="files or folders of tests")
    parser.add_argument("--results", type=Path, help="append verdicts here, and resume from it")
    parser.add_argument("--only", default="", help="only changes whose name holds this text")
    given = parser.parse_args(arguments)
    files = {name: file for module in given.modules for name, file in _modules(module)}
    _import_heavy(given.modules)
    gc.collect()
    gc.freeze()
    start = time.perf_counter()
    reach = reach_of(list(files.values()), given.tests)
    seconds = time.perf_counter() - start
    outcomes = [
        outcome
        for name, file in files.items()
        for outcome in _tried(name, file, reach[file], given, seconds)
    ]
    sys.stdout.write("\n".join(report_of(outcomes, accepted())) + "\n")


def _modules(name: str) -> Iterator[tuple[str, Path]]:
    base = ROOT.joinpath(*name.split("."))
    if base.with_suffix(".py").is_file():
        yield name, base.with_suffix(".py")
        return
    for file in sorted(base.rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        if parts[-1] != "__init__":
            yield ".".join(parts), file
        elif len(file.read_text(encoding="utf-8").splitlines()) > 60:  # noqa: PLR2004 - shorter ones only export
            yield ".".join(parts[:-1]), file


def _import_heavy(modules: Sequence[str]) -> None:
    """Import what every child needs, but nothing that has imported a module under trial."""
    for name in _HEAVY:
        importlib.import_module(name)
    importlib.import_module("rapport.instruments").load_catalogue()
    if any(name.startswith(tuple(modules)) for name in sys.modules):
        for name in [name for name in sys.modules if name.split(".")[0] == "rapport"]:
            del sys.modules[name]


def _tried(
    name: str, file: Path, reach: Reach, given: argparse.Namespace, seconds: float
) -> Iterator[Outcome]:
    source = file.read_text(encoding="utf-8")
    stamp = hashlib.sha256(source.encode()).hexdigest()[:16]
    known = _known(given.results, name, stamp)
    reasons = accepted()
    killers: list[str] = []
    for change in changes_of(source):
        if given.only not in change.name:
            continue
        verdict = known.get(change.name)
        if verdict != "killed":
            verdict = _verdict(name, file, change, reach, seconds=seconds, killers=killers)
            _note(given.results, name, stamp, change, verdict)
        outcome = Outcome(name, change.line, change.name, verdict)
        if verdict == "survived" and reason_for(outcome, reasons) is None:
            sys.stdout.write(f"survived {name}:{change.line} {change.name}\n")
            sys.stdout.flush()
        yield outcome


def _verdict(
    name: str, file: Path, change: Change, reach: Reach, *, seconds: float, killers: list[str]
) -> str:
    """Hold the tests against a change: first those that noticed another lately, and quick ones."""
    tests = reach.of(change.statement, is_of_import=change.is_of_import)
    likely = [test for test in killers if test in tests]
    first = list(dict.fromkeys([*likely[:_LIKELY], *tests[:_LIKELY]]))
    rest = [test for test in tests if test not in first]
    limit = _TIME_EXTRA + _TIME_FACTOR * seconds
    verdict, killer = verdict_of(name, file, change.tree, first, limit)
    if verdict == "survived":
        verdict, killer = verdict_of(name, file, change.tree, rest, limit)
    if killer:
        killers[:] = [killer, *(test for test in killers if test != killer)]
    return verdict


def _known(results: Path | None, module: str, stamp: str) -> dict[str, str]:
    if results is None or not results.exists():
        return {}
    lines = results.read_text(encoding="utf-8").splitlines()
    found = (json.loads(line) for line in lines)
    return {
        e["change"]: e["verdict"] for e in found if (e["module"], e["stamp"]) == (module, stamp)
    }


def _note(results: Path | None, module: str, stamp: str, change: Change, verdict: str) -> None:
    if results is None:
        return
    entry = {"module": module, "stamp": stamp, "change": change.name, "verdict": verdict}
    with results.open("a", encoding="utf-8") as written:
        written.write(json.dumps(entry, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
