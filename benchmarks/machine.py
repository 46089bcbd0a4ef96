"""What the measurements were made on."""

import os
import platform
from importlib.metadata import version

LIBRARIES = ("dagster", "great_expectations", "pandas", "sqlalchemy", "weasyprint", "duckdb")


def described() -> str:
    """Return cores, system, Python, versions, and how busy the machine is, in one paragraph."""
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    busy = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}; {versions}. "
        f"{busy:.1f} processes were waiting or running in the minute before."
    )
