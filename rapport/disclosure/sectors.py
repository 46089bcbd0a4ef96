"""What of the sector benchmarks is hidden: too few clinics, or one that shines through.

A clinic that reads a benchmark knows its own part of it. Measured in patients, who belong to one
clinic each, a benchmark is shown if enough clinics are in it, if no clinic can come near another
by subtracting itself, and if enough patients remain after any one clinic is taken out. The same
holds for what two benchmarks of different months differ by.
"""

import pandas as pd

from rapport.disclosure.carrying import is_own
from rapport.disclosure.editions import differs
from rapport.disclosure.history import Former, last_shown_of_sectors
from rapport.disclosure.profiles import Profile, strictest
from rapport.months import Month
from rapport.statistics.aggregates import NUMBERS
from rapport.statistics.coding import WINDOW
from rapport.statistics.figures import FIGURES

LARGEST_TWO = 0.9
"""Largest share of patients that two clinics may have together (acro's default for n = 2).

All others are then at least a tenth of everybody, so more than a tenth of the largest: acro's
other default (p = 10 %) holds by this one."""

_KEYS = ["sector", "family", "period"]
_FAMILY = {figure.id: figure.family for figure in FIGURES.values()}
_HAS_MONTH = {figure.family: "month" in figure.periods for figure in FIGURES.values()}


def hidden_in_sectors(
    groups: pd.DataFrame,
    sector: pd.Series,
    profiles_by_clinic: dict[str, str],
    past: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Say which families of figures are hidden in which sector and window.

    Args:
        groups: Groups at the level of clinics: ``clinic_id``, ``family``, ``figure``, ``period``,
            ``n_patients``.
        sector: Sector of each row.
        profiles_by_clinic: Clinic id → profile; a sector follows the strictest among its clinics.
        past: What former benchmarks mean for these, from :func:`waiting_sectors`.

    Returns:
        One row a sector, family and period that is hidden: these three, and ``reason``
        (``small_number`` or ``complementary``).
    """
    profile_of_sector = _profiles(groups["clinic_id"], sector, profiles_by_clinic)
    keys = [*_KEYS, "figure"]
    judged = [
        (*key, is_unsafe(sizes, profile_of_sector[str(key[0])]))
        for key, sizes in groups.assign(sector=sector).groupby(keys)["n_patients"]
    ]
    table = pd.DataFrame(judged, columns=[*keys, "unsafe"])
    unsafe = table.groupby(_KEYS)["unsafe"].any().unstack("period", fill_value=False)
    unsafe = unsafe.reindex(columns=["month", "trailing_12", "earlier"], fill_value=False)
    known = _marks(past, unsafe.index)
    rest = (unsafe["earlier"] & ~unsafe["trailing_12"]) | known["must_hide"]
    hides_month = unsafe["month"] | rest | known["month_waits"]
    waits = known["waits"] | (known["must_tell"] & hides_month)
    few = {True: "small_number"}
    reasons = {
        "month": unsafe["month"].map(few).mask(hides_month & ~unsafe["month"], "complementary"),
        "trailing_12": unsafe["trailing_12"]
        .map(few)
        .mask(waits & ~unsafe["trailing_12"], "complementary"),
    }
    hidden = [
        series.dropna().rename("reason").reset_index().assign(period=period)
        for period, series in reasons.items()
    ]
    return pd.concat(hidden, ignore_index=True)


def _profiles(
    clinic: pd.Series, sector: pd.Series, profiles_by_clinic: dict[str, str]
) -> dict[str, Profile]:
    return {
        str(name): strictest([profiles_by_clinic[one] for one in rows.unique()])
        for name, rows in clinic.groupby(sector)
    }


_MARKS = ("waits", "month_waits", "must_tell", "must_hide")


def _marks(past: pd.DataFrame | None, index: pd.Index) -> pd.DataFrame:
    """Return the marks of each sector and family, none where nothing is known of the past."""
    if past is None:
        return pd.DataFrame(False, index=index, columns=list(_MARKS))
    known = past.set_index(["sector", "family"])[list(_MARKS)]
    return known.reindex(index, fill_value=False)


def waiting_sectors(
    former: Former,
    sectors: pd.DataFrame,
    sector_of_clinic: dict[str, str],
    profiles_by_clinic: dict[str, str],
    month: Month,
) -> pd.DataFrame:
    """Hold benchmarks against those of former months and editions.

    Args:
        former: What was published before.
        sectors: The benchmarks as they would be printed.
        sector_of_clinic: Clinic id → sector.
        profiles_by_clinic: Clinic id → disclosure profile id.
        month: The month that is closed.

    Returns:
        One row a sector and family: ``waits`` (the window), ``month_waits`` (the month, held
        against a former edition), ``must_tell`` and ``must_hide`` (what of the month its window
        depends on).
    """
    parts = former.turnover[former.turnover["level"] == "part"]
    parts = parts.assign(
        sector=parts["clinic_id"].map(sector_of_clinic), family=parts["figure"].map(_FAMILY)
    )
    parts = parts[parts["clinic_id"].isin(profiles_by_clinic)]
    profiles = _profiles(parts["clinic_id"], parts["sector"], profiles_by_clinic)
    since = parts.merge(
        last_shown_of_sectors(former, month),
        on=["sector", "family", "apart"], how="inner", validate="many_to_one",
    )  # fmt: skip
    whole = parts[parts["apart"] == WINDOW]
    hidden = _unsafe(since, "n_untold", profiles) | _unsafe(whole, "n_untold", profiles)
    told = _unsafe(since, "n_untold_before", profiles)
    told |= _unsafe(whole, "n_untold_before", profiles)
    lost = _unsafe(since, "n_lost_untold", profiles)
    rows = {
        (sector, family): _mark((sector, family), hidden, told, lost)
        for sector, family in {*hidden, *told, *lost}
    }
    for sector, family, period in _revised(former, sectors, month):
        mark = rows.setdefault((sector, family), dict.fromkeys(_MARKS, False))
        mark["month_waits" if period == "month" else "waits"] = True
    return pd.DataFrame(
        [{"sector": key[0], "family": key[1], **mark} for key, mark in sorted(rows.items())],
        columns=["sector", "family", *_MARKS],
    )


_Key = tuple[str, str]


def _mark(key: _Key, hidden: set[_Key], told: set[_Key], lost: set[_Key]) -> dict[str, bool]:
    is_monthly = _HAS_MONTH[key[1]]
    if_hidden, if_told = key in hidden, key in told
    return {
        "waits": key in lost or (if_hidden and (if_told or not is_monthly)),
        "month_waits": False,
        "must_tell": is_monthly and if_hidden and not if_told,
        "must_hide": is_monthly and if_told and not if_hidden,
    }


def _unsafe(parts: pd.DataFrame, column: str, profiles: dict[str, Profile]) -> set[_Key]:
    """Return sector and family of which some figure has somebody there, but not safely enough."""
    there = parts[parts[column] > 0]
    return {
        (str(sector), str(family))
        for (sector, family, _), sizes in there.groupby(["sector", "family", "figure"])[column]
        if is_unsafe(sizes, profiles[str(sector)])
    }


def _revised(former: Former, sectors: pd.DataFrame, month: Month) -> list[tuple[str, str, str]]:
    """Return what differs at all from the benchmarks of a former edition of this month.

    A clinic knows by how much it has changed itself: what is left may be one patient of another.
    """
    before = former.sectors
    keys = ["sector", "period", "figure"]
    is_former = is_own(before) & (before["month"] == str(month))
    printed = before.loc[is_former, [*keys, *NUMBERS]]
    both = printed.merge(
        sectors[[*keys, *NUMBERS]], on=keys, suffixes=("_before", ""), validate="one_to_one"
    )
    chosen = both[differs(both)]
    named = chosen.assign(family=chosen["figure"].map(_FAMILY)).dropna(subset="family")
    found = named[["sector", "family", "period"]].drop_duplicates()
    return list(found.itertuples(index=False, name=None))


def is_unsafe(patients: pd.Series, profile: Profile) -> bool:
    """Say whether clinics with so many patients each shine through what is said of them all."""
    sizes = patients.sort_values(ascending=False)
    if len(sizes) < profile.minimum_clinics:
        return True
    total, two = int(sizes.sum()), int(sizes.iloc[:2].sum())
    known = int(sizes.iloc[: profile.colluding_clinics].sum())
    return two > LARGEST_TWO * total or total - known < profile.minimum_patients
