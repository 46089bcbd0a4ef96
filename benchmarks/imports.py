"""Importing the large libraries before the clock runs."""

import os
from importlib import import_module

LIBRARIES = (
    "great_expectations", "pandas", "pyarrow", "pyarrow.csv", "pyarrow.parquet", "scipy.stats",
    "sqlalchemy",
    "rapport.warehouse.store", "rapport.scoring", "rapport.statistics", "rapport.disclosure",
    "expectations.taking_in",
)  # fmt: skip
"""What a month's data path imports; not WeasyPrint, which must be imported in its own way."""


def import_libraries() -> None:
    """Import everything that the data path imports late, without Great Expectations' analytics."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    for name in LIBRARIES:
        import_module(name)
