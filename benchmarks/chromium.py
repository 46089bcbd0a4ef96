"""Headless Chromium printing a file: the yardstick of the report path."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-pdf-header-footer",
)  # fmt: skip


def installed() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def seconds_to_print(chromium: str, page: Path, pdf: Path) -> float:
    """Print a page from cold, with an empty profile, and return how long that took.

    Raises:
        FileNotFoundError: Chromium printed nothing.
    """
    with tempfile.TemporaryDirectory() as profile:
        command = [chromium, *FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={pdf}"]
        began = time.perf_counter()
        subprocess.run([*command, page.as_uri()], capture_output=True, check=True, timeout=120)
        took = time.perf_counter() - began
    if not pdf.stat().st_size:
        raise FileNotFoundError(pdf)
    return took
