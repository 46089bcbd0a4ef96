"""The tests held against one wrong version of a module, in a forked process.

The parent has imported the heavy libraries and those modules of Rapport that do not need the one
under trial; a child imports the wrong version instead of the right one and runs the tests that
reach the changed line. Nothing is written to disk.
"""

import ast
import contextlib
import importlib.abc
import importlib.machinery
import json
import os
import signal
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Literal

Verdict = Literal["killed", "survived", "timed out"]

SLOW = 1.0
"""Seconds of the processor from which a test is left out, which can only make the result look
worse. Not of the clock: what else the machine does must not decide which tests are asked."""

_PASSED, _FAILED, _TIMED_OUT = 0, 1, 124


@dataclass(frozen=True, slots=True)
class Reach:
    """Which tests run which lines of a module.

    Attributes:
        by_line: Line → tests that run it, quickest first; none for lines that run at import.
        every: All tests that reach the module at all, quickest first.
        others: The other tests: they may still read what the module makes at import.
    """

    by_line: dict[int, tuple[str, ...]]
    every: tuple[str, ...]
    others: tuple[str, ...]

    def of(self, statement: tuple[int, int], *, is_of_import: bool) -> tuple[str, ...]:
        """Return the tests that run a statement; all of them where it runs at import."""
        if is_of_import:
            return (*self.every, *self.others)
        first, last = statement
        running = {name for line in range(first, last + 1) for name in self.by_line.get(line, ())}
        return tuple(name for name in self.every if name in running) or self.every


class _Wrong(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds one module, and loads the wrong version of it."""

    def __init__(self, name: str, file: Path, tree: ast.Module) -> None:
        self.name, self.file, self.tree = name, file, tree

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        spec = importlib.machinery.ModuleSpec(fullname, self, origin=str(self.file))
        if self.file.name == "__init__.py":
            spec.submodule_search_locations = [str(self.file.parent)]
        return spec

    def get_source(self, fullname: str) -> str:
        return ast.unparse(self.tree)

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, str(self.file), "exec")


def reach_of(files: Sequence[Path], tests: Sequence[str]) -> dict[Path, Reach]:
    """Run the tests once, all of them must pass, and note who runs which line of which file.

    Raises:
        SystemExit: A test fails before anything was changed.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _silence()
        with os.fdopen(writing, "w") as told:
            json.dump(_observed(files, tests), told)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as heard:
        code, lines, times = json.load(heard)
    os.waitpid(child, 0)
    if code != 0:
        raise SystemExit("The tests do not pass as they are.")
    order = sorted(times, key=lambda name: times[name])
    order = [name for name in order if times[name] <= SLOW]
    return {file: _ordered(lines[str(file)], order) for file in files}


def _ordered(lines: dict[str, list[str]], order: Sequence[str]) -> Reach:
    reaching = {name for names in lines.values() for name in names}
    return Reach(
        by_line={
            int(line): tuple(name for name in order if name in names)
            for line, names in lines.items()
        },
        every=tuple(name for name in order if name in reaching),
        others=tuple(name for name in order if name not in reaching),
    )


def _observed(
    files: Sequence[Path], tests: Sequence[str]
) -> tuple[int, dict[str, dict[int, list[str]]], dict[str, float]]:
    import coverage
    import pytest

    watched = coverage.Coverage(data_file=None, include=[str(file) for file in files])
    times: dict[str, float] = {}

    class _Names:
        @pytest.hookimpl(wrapper=True)
        def pytest_runtest_protocol(self, item: pytest.Item) -> object:
            _forget(files)
            watched.switch_context(item.nodeid)
            start = time.process_time()
            result = yield
            times[item.nodeid] = time.process_time() - start
            watched.switch_context("")
            return result

    watched.start()
    code = int(pytest.main(_arguments(tests), plugins=[_Names()]))
    watched.stop()
    data = watched.get_data()
    found = {
        str(file): {
            line: [context for context in contexts if context]
            for line, contexts in data.contexts_by_lineno(str(file)).items()
        }
        for file in files
    }
    return code, found, times


def _forget(files: Sequence[Path]) -> None:
    """Empty the caches of the modules under trial: each test is to be seen running their lines."""
    names = {str(file) for file in files}
    for module in [one for one in sys.modules.values() if getattr(one, "__file__", None) in names]:
        for value in vars(module).values():
            if callable(clear := getattr(value, "cache_clear", None)):
                clear()


def verdict_of(
    name: str, file: Path, tree: ast.Module, tests: Sequence[str], limit: float
) -> tuple[Verdict, str]:
    """Return whether the tests notice a wrong version of a module, and which test does.

    Args:
        name: The module's import name.
        file: Its file.
        tree: The wrong version.
        tests: Node ids, in the order to run.
        limit: Seconds after which the version counts as noticed, since it does not end.
    """
    if not tests:
        return "survived", ""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        signal.signal(signal.SIGALRM, _give_up)
        signal.alarm(max(2, int(limit)))
        _silence()
        os._exit(_failed(name, file, tree, tests, writing))
    os.close(writing)
    with os.fdopen(reading) as heard:
        killer = heard.read()
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    if code == _TIMED_OUT:
        return "timed out", killer
    return "survived" if code == _PASSED else "killed", killer


def _failed(name: str, file: Path, tree: ast.Module, tests: Sequence[str], told: int) -> int:
    import pytest

    class _Killer:
        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                os.write(told, report.nodeid.encode())

    sys.meta_path.insert(0, _Wrong(name, file, tree))
    sys.dont_write_bytecode = True
    try:
        return _PASSED if pytest.main(_arguments(tests), plugins=[_Killer()]) == 0 else _FAILED
    except BaseException:  # noqa: BLE001 - a wrong version may break anything, which is noticed
        return _FAILED


def _arguments(tests: Iterable[str]) -> list[str]:
    """Return what makes pytest start fast: few plug-ins, no rewriting, no waiting at the end."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    without = ("unraisableexception", "threadexception", "faulthandler", "junitxml", "doctest")
    return [
        *("-x", "-q", "--no-header", "--tb=no", "--assert=plain"),
        *("-p", "_hypothesis_pytestplugin", "--hypothesis-seed=0"),
        *(part for name in without for part in ("-p", f"no:{name}")),
        *tests,
    ]


def _give_up(_signal: int, _frame: FrameType | None) -> None:
    os._exit(_TIMED_OUT)


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    with contextlib.suppress(OSError):
        for descriptor in (0, 1, 2):
            os.dup2(nothing, descriptor)
