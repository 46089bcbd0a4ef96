"""Rows of a frame one by one, for the few places where a handful of rows is told or copied.

Figures are never computed this way: that is done over whole columns.
"""

from typing import Any

import pandas as pd


def records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Return each row as column → value, in the order of the frame."""
    return [
        dict(zip(map(str, rows.columns), row, strict=True))
        for row in rows.itertuples(index=False, name=None)
    ]
