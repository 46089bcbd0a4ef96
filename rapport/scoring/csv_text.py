"""Frames of scores as CSV text: the same bytes for the same frame, on any machine."""

import csv
import io
import math

import pandas as pd


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV with a header, line-feed line ends, empty cells for missing values.

    Numbers are written in their shortest exact form, whole ones without a decimal point; truth
    values as ``yes`` and ``no``.
    """
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerow(frame.columns)
    columns = [[_cell(value) for value in frame[name].tolist()] for name in frame.columns]
    writer.writerows(zip(*columns, strict=True))
    return written.getvalue()


def _cell(value: object) -> str:
    if value is None or value is pd.NA:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)
