"""What former reports mean for this one: two windows of one unit must not differ by too few.

Whoever keeps last month's report subtracts its trailing window from this month's: what is left is
the months gained less the months lost. Each of the two has to be nobody at all, or as many
patients as a figure has to rest on; otherwise the window waits until enough has gathered.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from rapport.disclosure.clinic import Past
from rapport.disclosure.profiles import profile_of
from rapport.months import Month
from rapport.statistics.figures import FIGURES

_UNIT = ["level", "clinic_id", "therapist_id"]
_FAMILY = {figure.id: figure.family for figure in FIGURES.values()}


@dataclass(frozen=True, slots=True)
class Former:
    """What has been published before, and who came and went since.

    Attributes:
        therapists: Rows of ``therapist_aggregates`` of former months: ``month``, ``clinic_id``,
            ``therapist_id``, ``period``, ``figure``, ``suppression``.
        clinics: Rows of ``clinic_aggregates``, likewise.
        turnover: From :func:`rapport.statistics.turnover.turnover`.
    """

    therapists: pd.DataFrame
    clinics: pd.DataFrame
    turnover: pd.DataFrame


def differs_by_few(
    groups: pd.DataFrame, former: Former, profile: pd.Series, month: Month
) -> pd.Series:
    """Say which trailing windows differ by too few patients from the last that was shown.

    Args:
        groups: ``level``, ``clinic_id``, ``therapist_id``, ``figure``, ``family``, ``period``.
        former: What was published before.
        profile: Id of the disclosure profile of each row.
        month: The month that is closed.

    Returns:
        Truth values on the index of ``groups``.
    """
    minimum = profile.map({one: profile_of(one).minimum_patients for one in profile.unique()})
    windows = groups[groups["period"] == "trailing_12"]
    since = windows.merge(
        _last_shown(former, month), on=[*_UNIT, "family"], how="left", validate="many_to_one"
    ).merge(former.turnover, on=[*_UNIT, "figure", "apart"], how="left", validate="many_to_one")
    least = minimum[windows.index].to_numpy(float)
    few = np.zeros(len(windows), dtype=bool)
    for column in ("n_gained", "n_lost"):
        count = since[column].to_numpy(float)  # missing: nobody, or nothing shown before
        few |= (count > 0) & (count < least)
    return pd.Series(few, index=windows.index).reindex(groups.index, fill_value=False)


def _last_shown(former: Former, month: Month) -> pd.DataFrame:
    """Return how many months ago each unit's window of a family was last shown."""
    parts = [
        former.therapists.assign(level="therapist"),
        former.clinics.assign(level="clinic", therapist_id=""),
    ]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[(rows["period"] == "trailing_12") & rows["suppression"].isna()]
    back = {str(month.plus(-apart)): apart for apart in range(1, 12)}
    shown = rows.assign(apart=rows["month"].map(back), family=rows["figure"].map(_FAMILY))
    shown = shown.dropna(subset=["apart", "family"])
    last = shown.groupby([*_UNIT, "family"])["apart"].min().astype("int64")
    return last.reset_index()


def past_months(former: Former, months: Sequence[str]) -> dict[tuple[str, str], Past]:
    """Return clinic and family → what former reports said of the months of this one's trend.

    Args:
        former: What was published before.
        months: Names of the months of the window, oldest first.
    """
    rows = former.clinics.assign(family=former.clinics["figure"].map(_FAMILY))
    rows = rows[rows["family"].notna()]
    key = ["month", "clinic_id", "family"]
    windows = rows[(rows["period"] == "trailing_12") & rows["suppression"].isna()]
    is_beside = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(windows[key]))
    said = rows["period"].mask(rows["period"].eq("month"), rows["month"])
    place = pd.Index(months).get_indexer(pd.Index(said))
    judged = rows.assign(place=place, is_shown=rows["suppression"].isna(), is_beside=is_beside)
    last = _last_shown(former, Month.parse(months[-1]))
    last = last[last["level"] == "clinic"]
    apart = dict(
        zip(zip(last["clinic_id"], last["family"], strict=True), last["apart"], strict=True)
    )
    whole = former.turnover[former.turnover["level"] == "clinic"]
    gained = {
        key: dict(zip(own["figure"], own["n_gained"], strict=True))
        for key, own in whole.groupby(["clinic_id", "apart"])
    }
    past: dict[tuple[str, str], Past] = {}
    for (clinic, family), own in judged[place >= 0].groupby(["clinic_id", "family"]):
        is_known, is_kept, is_hidden = np.zeros((3, len(months)), dtype=bool)
        is_hidden[own.loc[~own["is_shown"], "place"]] = True
        is_known[own.loc[own["is_shown"], "place"]] = True
        is_kept[own.loc[~own["is_shown"] & own["is_beside"], "place"]] = True
        since = int(apart.get((clinic, family), 0))
        past[str(clinic), str(family)] = Past(
            is_known,
            is_kept & ~is_known,
            is_hidden & ~is_known,
            since,
            gained.get((clinic, since), {}),
        )
    return past
