"""What former reports mean for this one: what differs from them must not rest on too few.

Whoever keeps last month's report subtracts its trailing window from this month's: what is left is
the months gained less the months lost. Whoever knows single months subtracts these as well. Each
group that is left so has to be nobody at all, or as many patients as a figure has to rest on;
otherwise the window waits until enough has gathered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.disclosure.attribution import exposing
from rapport.disclosure.carrying import is_own
from rapport.disclosure.clinic_family import Past
from rapport.disclosure.editions import revised_by_few
from rapport.disclosure.profiles import profile_of
from rapport.months import Month
from rapport.statistics.coding import WINDOW
from rapport.statistics.figures import FIGURES

UNIT = ["level", "clinic_id", "therapist_id"]
_FAMILY = {figure.id: figure.family for figure in FIGURES.values()}
_HAS_MONTH = {figure.id: "month" in figure.periods for figure in FIGURES.values()}


@dataclass(frozen=True, slots=True)
class Former:
    """What has been published before, and who came and went since.

    Attributes:
        therapists: Rows of ``therapist_aggregates`` of the eleven months before; also of the
            month itself, of clinics that have an edition of its report already.
        clinics: Rows of ``clinic_aggregates``, likewise, but of two years before.
        sectors: Rows of ``sector_benchmarks``, as ``clinics``.
        turnover: From :func:`rapport.statistics.turnover.turnover`, with what :func:`told` gives.
    """

    therapists: pd.DataFrame
    clinics: pd.DataFrame
    sectors: pd.DataFrame
    turnover: pd.DataFrame


def told(clinics: pd.DataFrame, sectors: pd.DataFrame) -> pd.DataFrame:
    """Return the months that former reports have told by themselves.

    Args:
        clinics: As in :class:`Former`.
        sectors: Likewise.

    Returns:
        ``level`` (``clinic`` or ``sector``), ``unit``, ``family`` and ``month``.
    """
    parts = [
        clinics.assign(level="clinic", unit=clinics["clinic_id"]),
        sectors.assign(level="sector", unit=sectors["sector"]),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["suppression"].isna() & (rows["period"] != "trailing_12")]
    named = rows.assign(
        month=rows["period"].mask(rows["period"].eq("month"), rows["month"]),
        family=rows["figure"].map(_FAMILY),
    )
    return named[["level", "unit", "family", "month"]].dropna().drop_duplicates()


def judged_by_the_past(
    groups: pd.DataFrame, former: Former, profile: pd.Series, tables: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Say which figures may not stand beside what was published before, and on what terms.

    Args:
        groups: ``level``, ``clinic_id``, ``therapist_id``, ``figure``, ``family``, ``period``,
            ``n_patients``, and ``unsafe`` (may not be shown by itself).
        former: What was published before.
        profile: Id of the disclosure profile of each row.
        tables: The figures of therapists and of clinics, as they would be printed.

    Returns:
        On the index of ``groups``: ``waits``, ``must_tell`` (may be shown only if the month is
        shown beside it) and ``must_hide`` (only if it is not).
    """
    month = Month.parse(tables[1]["month"].iloc[0])
    minimum = profile.map({one: profile_of(one).minimum_patients for one in profile.unique()})
    marks = _windows(groups, former, minimum.astype(float), month)
    marks["waits"] |= _exposes(groups, former, profile, marks["waits"], month)
    revised = revised_by_few(former, tables, profile_by_clinic(groups, profile), month)
    keys = [*UNIT, "period", "family"]
    is_revised = pd.MultiIndex.from_frame(groups[keys]).isin(pd.MultiIndex.from_frame(revised))
    return marks.assign(waits=marks["waits"] | is_revised)


def profile_by_clinic(groups: pd.DataFrame, profile: pd.Series) -> dict[str, str]:
    """Return clinic id → id of its profile."""
    return dict(zip(groups["clinic_id"], profile, strict=True))


def _exposes(
    groups: pd.DataFrame, former: Former, profile: pd.Series, waits: pd.Series, month: Month
) -> pd.Series:
    """Say which windows of therapists give single months away beside the whole clinic's."""
    if not former.turnover["level"].eq("month").any():
        return pd.Series(False, index=groups.index)
    is_window = (groups["level"] == "therapist") & (groups["period"] == "trailing_12")
    people = groups.assign(profile=profile, waits=waits | groups["unsafe"])[is_window]
    found = exposing(people, (former.therapists, former.clinics), former.turnover, month)
    keys = ["clinic_id", "therapist_id", "family"]
    is_found = pd.MultiIndex.from_frame(groups[keys]).isin(pd.MultiIndex.from_frame(found[keys]))
    return pd.Series(is_window & is_found, index=groups.index)


def _windows(
    groups: pd.DataFrame, former: Former, minimum: pd.Series, month: Month
) -> pd.DataFrame:
    """Judge the trailing windows against the last that was shown, and against told months."""
    windows = groups[groups["period"] == "trailing_12"].assign(minimum=minimum)
    last = last_shown(former, month)
    few = _few(windows, former, last)
    is_monthly = (windows["level"] == "clinic") & windows["figure"].map(_HAS_MONTH)
    if_hidden = few["n_untold"] | few["n_whole"]
    if_told = (few["n_untold_before"] | few["n_whole_before"]) & is_monthly
    marks = pd.DataFrame(
        {
            "waits": few["n_lost_untold"] | (few["n_untold"] & ~is_monthly) | (if_hidden & if_told),
            "must_tell": if_hidden & ~if_told & is_monthly,
            "must_hide": if_told & ~if_hidden,
        }
    )
    return marks.reindex(groups.index, fill_value=False)


_SINCE = ["n_untold", "n_untold_before", "n_lost_untold"]
_WHOLE = {"n_untold": "n_whole", "n_untold_before": "n_whole_before"}


def _few(windows: pd.DataFrame, former: Former, last: pd.DataFrame) -> pd.DataFrame:
    """Say of each window which of the groups that a reader could compute have too few patients."""
    moved = former.turnover[former.turnover["level"] != "part"]
    key = [*UNIT, "figure"]
    whole = moved.loc[moved["apart"] == WINDOW, [*key, *_WHOLE]].rename(columns=_WHOLE)
    counted = (
        windows.merge(last, on=[*UNIT, "family"], how="left", validate="many_to_one")
        .merge(moved[[*key, "apart", *_SINCE]], on=[*key, "apart"], how="left",
               validate="many_to_one")
        .merge(whole, on=key, how="left", validate="many_to_one")
    )  # fmt: skip
    least = windows["minimum"].to_numpy(float)
    found = {}
    for column in (*_SINCE, *_WHOLE.values()):
        count = counted[column].to_numpy(float)  # missing: nobody, or nothing shown before
        found[column] = (count > 0) & (count < least)
    return pd.DataFrame(found, index=windows.index)


def last_shown(former: Former, month: Month) -> pd.DataFrame:
    """Return how many months ago each unit's own window of a family was last shown (1 … 11)."""
    parts = [
        former.therapists.assign(level="therapist"),
        former.clinics.assign(level="clinic", therapist_id=""),
    ]
    rows = pd.concat(parts, ignore_index=True)
    return _last(rows, UNIT, month)


def last_shown_of_sectors(former: Former, month: Month) -> pd.DataFrame:
    """Return the same of sectors: ``sector``, ``family``, ``apart``."""
    return _last(former.sectors, ["sector"], month)


def _last(rows: pd.DataFrame, unit: list[str], month: Month) -> pd.DataFrame:
    rows = rows[(rows["period"] == "trailing_12") & is_own(rows)]
    back = {str(month.plus(-apart)): apart for apart in range(1, WINDOW)}
    shown = rows.assign(apart=rows["month"].map(back), family=rows["figure"].map(_FAMILY))
    shown = shown.dropna(subset=["apart", "family"])
    return shown.groupby([*unit, "family"])["apart"].min().astype("int64").reset_index()


def past_months(former: Former, months: Sequence[str]) -> dict[tuple[str, str], Past]:
    """Return clinic and family → what former reports said of the months of this one's trend.

    Args:
        former: What was published before.
        months: Names of the months of the window, oldest first.
    """
    rows = former.clinics.assign(family=former.clinics["figure"].map(_FAMILY))
    rows = rows[rows["family"].notna()]
    key = ["month", "clinic_id", "family"]
    windows = rows[(rows["period"] == "trailing_12") & is_own(rows)]
    is_beside = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(windows[key]))
    said = rows["period"].mask(rows["period"].eq("month"), rows["month"])
    place = pd.Index(months).get_indexer(pd.Index(said))
    judged = rows.assign(place=place, is_shown=rows["suppression"].isna(), is_beside=is_beside)
    judged = judged[place >= 0]
    since = _since(former, Month.parse(months[-1]))
    pair = pd.MultiIndex.from_frame(judged[["clinic_id", "family"]])
    code, pairs = pd.factorize(pair)
    is_known, is_kept = np.zeros((2, len(pairs), len(months)), dtype=bool)
    shown, at = judged["is_shown"].to_numpy(bool), judged["place"].to_numpy()
    beside = judged["is_beside"].to_numpy(bool) & ~shown
    is_known[code[shown], at[shown]] = True
    is_kept[code[beside], at[beside]] = True
    is_kept &= ~is_known
    return {
        key: Past(known, kept, *since.get(key, (0, {})))
        for key, known, kept in zip(pairs, is_known, is_kept, strict=True)
    }


def _since(former: Former, month: Month) -> dict[tuple[str, str], tuple[int, dict[str, int]]]:
    """Return clinic and family → months since its window was shown, and who came in them."""
    last = last_shown(former, month)
    last = last[last["level"] == "clinic"]
    whole = former.turnover[former.turnover["level"] == "clinic"]
    gained = {
        key: dict(zip(own["figure"], own["n_gained"], strict=True))
        for key, own in whole.groupby(["clinic_id", "apart"])
    }
    rows = zip(last["clinic_id"], last["family"], last["apart"], strict=True)
    return {
        (clinic, family): (int(apart), gained.get((clinic, apart), {}))
        for clinic, family, apart in rows
    }
