"""What ``rapport doctor`` looks at, one question a function."""

import ctypes
import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rapport.errors import RapportError
from rapport.home import HOME_VARIABLE, Home, open_home

NEEDED_FREE_BYTES = 500_000_000
LIBRARIES = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0", "libfontconfig.so.1")
PACKAGES = ("dagster", "great_expectations", "pandas", "SQLAlchemy", "weasyprint")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that was looked at, what was found, and what to do where it does not hold."""

    what: str
    holds: bool
    found: str
    remedy: str = ""


def examine() -> Iterator[Diagnosis]:
    """Yield every diagnosis, in the order in which a newcomer would mend them."""
    yield _python()
    yield from _packages()
    yield _pango()
    try:
        home = open_home()
        clinics = len(home.registry.clinics)
        instruments = len(home.catalogue)
    except RapportError as error:
        for fault in error.faults:
            yield Diagnosis("home", False, f"{fault.place}: {fault.message}", fault.remedy)
        return
    yield Diagnosis("home", True, f"{clinics} clinics, {instruments} instruments")
    yield from _secrets(home)
    yield from _stores(home)


def _python() -> Diagnosis:
    found = ".".join(map(str, sys.version_info[:3]))
    return Diagnosis("Python", sys.version_info >= (3, 11), found, "Use Python 3.11 or newer.")


def _packages() -> Iterator[Diagnosis]:
    for name in PACKAGES:
        try:
            yield Diagnosis(name, True, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Diagnosis(name, False, "not installed", "Run `make test` or `make demo` once.")


def _pango() -> Diagnosis:
    missing = []
    for name in LIBRARIES:
        try:
            ctypes.CDLL(name)
        except OSError:
            missing.append(name)
    return Diagnosis(
        "Pango",
        not missing,
        f"missing: {', '.join(missing)}" if missing else "found",
        "apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
    )


def _secrets(home: Home) -> Iterator[Diagnosis]:
    """Look for the secrets that clinics' sources need, here in this environment."""
    from rapport.sources import secret_faults

    faults = secret_faults(home.registry.clinics.values())
    for fault in faults:
        yield Diagnosis("secret", False, f"{fault.place}: {fault.message}", fault.remedy)
    if not faults:
        yield Diagnosis("secrets of sources", True, "all there")


def _stores(home: Home) -> Iterator[Diagnosis]:
    for what, folder in (("inbox", home.inbox), ("reports", home.reports)):
        holds = folder.is_dir() and os.access(folder, os.W_OK)
        yield Diagnosis(
            what,
            holds,
            _short(folder) if holds else "missing or not writable",
            "Run `rapport init` on this home again, or mend the folder's permissions.",
        )
    free = shutil.disk_usage(home.root).free
    yield Diagnosis(
        "disk", free > NEEDED_FREE_BYTES, f"{free / 1e9:.1f} GB free", "Make room on this disk."
    )
    yield Diagnosis(
        "warehouse",
        home.warehouse.is_current(),
        home.warehouse.engine.dialect.name,
        "Run `rapport init` on this home again: it migrates the warehouse.",
    )
    settings = home.dagster / "dagster.yaml"
    quiet = settings.is_file() and "enabled: false" in settings.read_text("utf-8")
    yield Diagnosis(
        "Dagster telemetry",
        quiet,
        "off" if quiet else "not turned off",
        "Set `telemetry: {enabled: false}` in dagster/dagster.yaml of this home.",
    )
    yield Diagnosis(HOME_VARIABLE, True, os.environ.get(HOME_VARIABLE, "not set; ./home is used"))


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
