"""What stands where this month's figure may not be told: the one that was printed last.

A figure that was printed once is known to whoever keeps the report. Printing it again, with the
month whose report it comes from, tells nothing new, and the reader is not left without a figure.
"""

from collections.abc import Mapping

import pandas as pd

from rapport.disclosure.profiles import profile_of
from rapport.months import Month
from rapport.statistics.aggregates import NUMBERS
from rapport.statistics.coding import WINDOW
from rapport.statistics.figures import FIGURES

CARRIED_FROM = "carried_from"

_FAMILY = {figure.id: figure.family for figure in FIGURES.values()}
_PRINTED = [*NUMBERS, "unit", "method"]


def is_own(rows: pd.DataFrame) -> "pd.Series[bool]":
    """Say which rows show figures of their own month, rather than an earlier month's again.

    What an edition has carried from a former edition of the same month is the month's own: it was
    printed first of this month, and the next edition is held against it.

    Args:
        rows: ``month``, ``suppression`` and :data:`CARRIED_FROM`.
    """
    of_month = rows[CARRIED_FROM].isna() | rows[CARRIED_FROM].eq(rows["month"]).fillna(False)
    return rows["suppression"].isna() & of_month.astype(bool)


def printed_last(rows: pd.DataFrame, units: list[str], month: Month) -> pd.DataFrame:
    """Return what was printed last of each figure, in the eleven months before or in an edition.

    Args:
        rows: Rows of one table of figures of former months, and of former editions of ``month``.
        units: Columns that name its units.
        month: The month that is closed.

    Returns:
        ``units``, ``period``, ``figure``, the numbers, and :data:`CARRIED_FROM`. Of a month by
        itself, as ``YYYY-MM``; as ``month`` only what an edition of this month says. Windows
        of one family come from one report.
    """
    oldest = str(month.plus(1 - WINDOW))
    own = rows[is_own(rows) & rows["month"].between(oldest, str(month))]
    is_month = own["period"].eq("month")
    trend = own[is_month].assign(period=own.loc[is_month, "month"])
    told = pd.concat([own[~is_month | own["month"].eq(str(month))], trend], ignore_index=True)
    family = told["figure"].map(_FAMILY).fillna(told["figure"])
    newest = told.groupby([*(told[name] for name in (*units, "period")), family])["month"]
    last = told[told["month"] == newest.transform("max")]
    keys = [*units, "period", "figure"]
    return last.drop_duplicates(keys)[[*keys, *_PRINTED]].assign(
        **{CARRIED_FROM: last["month"]}  # on the index of the rows that are left
    )


def carried(
    table: pd.DataFrame, printed: pd.DataFrame, units: list[str], profile: pd.Series
) -> pd.DataFrame:
    """Put what was printed last in the place of figures that protect another.

    Args:
        table: A published table, hidden rows marked and empty.
        printed: From :func:`printed_last`.
        units: Columns that name its units.
        profile: Id of the disclosure profile of each row of ``table``.

    Returns:
        The table with :data:`CARRIED_FROM`, which is missing for figures of the month itself.
        A figure that has too few patients now stays hidden; so does one that was printed with
        fewer than its profile asks for by now.
    """
    minimum = profile.map(_minimum_patients(profile)).astype(float)
    keys = [*units, "period", "figure"]
    found = table[keys].merge(printed, on=keys, how="left", validate="one_to_one")
    found.index = table.index
    is_due = table["suppression"].eq("complementary").fillna(False).astype(bool)
    is_carried = is_due & found["n_patients"].astype(float).ge(minimum)
    result = table.assign(**{CARRIED_FROM: found[CARRIED_FROM].where(is_carried).astype("str")})
    for column in _PRINTED:
        result[column] = table[column].mask(is_carried, found[column])
    return result.assign(suppression=table["suppression"].mask(is_carried))


def _minimum_patients(profile: pd.Series) -> Mapping[str, int]:
    return {one: profile_of(one).minimum_patients for one in profile.dropna().unique()}
