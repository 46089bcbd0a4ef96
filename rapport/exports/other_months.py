"""Rows of cumulative exports that belong to another month: they count there, and not here."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.exports.grouping import Mask
from rapport.exports.text_checks import is_iso_day
from rapport.exports.text_rows import DELIVERED
from rapport.months import Month

_MONTH = slice(0, 7)


def other_months_of(rows: pd.DataFrame) -> Mask:
    """Return which rows belong to another month, shape (n,).

    In the month for which a file came, these are sessions dated before it, or in the month after (a
    file that is made on the third holds two days more); all other rows are this month's to judge.
    When the file is read for an earlier month, only sessions dated in that month are its own, and
    what describes a patient.
    """
    is_other = np.zeros(len(rows), dtype=bool)
    if DELIVERED not in rows.columns:
        return is_other
    places = np.flatnonzero(rows[DELIVERED].notna().to_numpy())
    part = rows.iloc[places]
    dated, months, kinds = _months_of(part["date"]), part["month"].to_numpy(), part["kind"]
    is_dated = dated != ""
    is_here = is_dated & (dated == months)
    is_in_reach = is_dated & (dated.astype(str) <= _next(months).astype(str))
    own_file = is_in_reach & ~is_here & (kinds == "session").to_numpy()
    later_file = ~is_here & (kinds != "record").to_numpy()
    is_other[places] = np.where(part[DELIVERED].to_numpy() == months, own_file, later_file)
    return is_other


def _months_of(days: "pd.Series[str]") -> npt.NDArray[np.object_]:
    """Return the month of each readable day; empty text for the others."""
    codes, uniques = pd.factorize(days.to_numpy())
    months = [day[_MONTH] if is_iso_day(day) else "" for day in uniques]
    found: npt.NDArray[np.object_] = np.array([*months, ""], dtype=object)[codes]
    return found


def _next(months: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    codes, uniques = pd.factorize(months)
    after = [str(Month.parse(month).plus(1)) for month in uniques]
    found: npt.NDArray[np.object_] = np.array([*after, ""], dtype=object)[codes]
    return found
