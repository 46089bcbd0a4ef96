"""SPSS files, read in a child process: the parser is C code, and the bytes come from outside."""

import json
import os
import subprocess
import sys
from pathlib import Path

from rapport.exports.file_rules import refuse
from rapport.exports.table import Table

TIME_LIMIT_SECONDS = 120


def read_spss(file: Path) -> Table:
    """Read a ``.sav`` or ``.zsav`` file; user-missing values come as empty cells.

    Raises:
        ExportRefusedError: ``SPSS_FILE`` – the parser refused the file, or did not survive it.
    """
    command = [
        sys.executable,
        "-m",
        "rapport.scoring.readers.spss_child",
        os.fspath(file.resolve()),
    ]
    environment = {"PYTHONPATH": os.pathsep.join(sys.path), "PATH": os.defpath}
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, a module of this package, a path
            command, capture_output=True, timeout=TIME_LIMIT_SECONDS, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        _refuse("took too long to read")
    if done.returncode != 0:
        _refuse("cannot be read as an SPSS file")
    found = json.loads(done.stdout)
    if len(found["rows"]) != found["declared_rows"]:
        _refuse("holds another number of rows than it declares")
    return Table(
        header=tuple(found["header"]),
        rows=found["rows"],
        lines=range(2, len(found["rows"]) + 2),
    )


def _refuse(reason: str) -> None:
    refuse(
        "SPSS_FILE",
        f"The file {reason}.",
        "Open it in the software that made it, save it as CSV, and use that file.",
    )
