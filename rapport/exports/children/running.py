"""Running one parser in a child process: bytes in, what they hold out, whatever the child does.

What a child says on its error output is thrown away: a traceback may hold a patient's value.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal

TIME_LIMIT_SECONDS = 300
"""Longest that a child may take by the wall clock; a loaded machine is no fault of the file."""

OUTPUT_BYTES = 256 * 1024 * 1024
"""Most that a child may say; a few cells can be told a million times over."""

_FOLDER = Path(__file__).parent

Parser = Literal["workbook", "spss"]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a parser refused a file, or did not survive it.

    Attributes:
        message: What is wrong, in a sentence; never a cell's value.
        remedy: What to do about it; empty if the parser cannot tell.
        line: Row of the file, from 1, where one is at fault.
        about: ``sheet`` if it is the choice of a sheet that is at fault.
    """

    message: str
    remedy: str = ""
    line: int | None = None
    about: Literal["file", "sheet"] = "file"


def parsed(
    parser: Parser, content: bytes, *options: str, seconds: float = TIME_LIMIT_SECONDS
) -> dict[str, Any] | Refused:
    """Parse the bytes of one file in a child process.

    Args:
        parser: Which parser.
        content: The bytes of the file; they reach no named file.
        options: Arguments of the parser.
        seconds: Longest time that it may take, > 0.

    Returns:
        What the parser found, as its script describes it, or why there is nothing. A child that is
        killed, crashes or talks nonsense is a refusal and never an exception.
    """
    command = [
        sys.executable,
        "-P",
        "-B",
        os.fspath(_FOLDER / "limited.py"),
        os.fspath(_FOLDER / f"{parser}_script.py"),
        *options,
    ]
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        file.seek(0)
        code, output = _run(command, file, seconds)
    if code is None:
        return Refused("The file takes too long to read.")
    if len(output) > OUTPUT_BYTES:
        return Refused("The file holds more than can be read at once.")
    return _result(code, output)


def _run(command: list[str], file: IO[bytes], seconds: float) -> tuple[int | None, bytes]:
    """Run a child; return its exit code, or ``None`` if it took too long, and what it wrote."""
    with subprocess.Popen(  # noqa: S603 - this interpreter and scripts of this package
        command,
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
    ) as child:
        is_late = threading.Event()

        def end() -> None:
            is_late.set()
            child.kill()

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            output = child.stdout.read(OUTPUT_BYTES + 1) if child.stdout else b""
            if len(output) > OUTPUT_BYTES:
                child.kill()
            code = child.wait()
        finally:
            timer.cancel()
            child.kill()
    return None if is_late.is_set() else code, output


def _environment() -> dict[str, str]:
    """Return what a child needs to know: where packages are, and that one thread is enough."""
    return {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PATH": os.defpath,
        "PYTHONIOENCODING": "utf-8",
        "OPENBLAS_NUM_THREADS": "1",
    }


def _result(code: int, output: bytes) -> dict[str, Any] | Refused:
    try:
        found = json.loads(output) if code == 0 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        return Refused("The file is damaged, or cannot be read within the limits.")
    if "refused" in found:
        return Refused(**found["refused"])
    return found
