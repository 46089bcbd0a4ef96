"""Frames of scores as CSV text: the same bytes for the same frame, on any machine."""

import csv
import io
import math
from collections.abc import Iterable, Sequence

import pandas as pd

from rapport.scoring.rounding import round_half_up


def csv_text(frame: pd.DataFrame, *, digits: int | None = None) -> str:
    """Return a frame as CSV with a header, line-feed line ends, empty cells for missing values.

    Numbers are written in their shortest exact form, whole ones without a decimal point; truth
    values as ``yes`` and ``no``.

    Args:
        frame: The frame; its names may stand more than once.
        digits: Decimal places to round numbers to, half away from zero; exact without it.
    """
    return rows_text(frame.columns, cells_of(frame, digits=digits))


def rows_text(header: Iterable[object], rows: Iterable[Sequence[object]]) -> str:
    """Return a header and rows of texts as CSV."""
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return written.getvalue()


def cells_of(frame: pd.DataFrame, *, digits: int | None = None) -> list[tuple[str, ...]]:
    """Return the rows of a frame as texts; see :func:`csv_text`."""
    columns = [
        [_cell(value, digits) for value in frame.iloc[:, place].tolist()]
        for place in range(frame.shape[1])
    ]
    return list(zip(*columns, strict=True))


def _cell(value: object, digits: int | None) -> str:
    if value is None or value is pd.NA:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        value = value if digits is None else round_half_up(value, digits)
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
