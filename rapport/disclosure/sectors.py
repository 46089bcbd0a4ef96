"""What of the sector benchmarks is hidden: too few clinics, or one that shines through.

A clinic that reads a benchmark knows its own part of it. Measured in patients, who belong to one
clinic each, a benchmark is shown if enough clinics are in it, if no clinic can come near another
by subtracting itself, and if enough patients remain after any one clinic is taken out.
"""

import pandas as pd

from rapport.disclosure.profiles import Profile, strictest

LARGEST_TWO = 0.9
"""Largest share of patients that two clinics may have together (acro's default for n = 2)."""

REMAINDER = 0.1
"""Least size of all but the two largest clinics, against the largest (acro's default, p = 10 %)."""

_KEYS = ["sector", "family", "period"]


def hidden_in_sectors(
    groups: pd.DataFrame, sector: pd.Series, profiles_by_clinic: dict[str, str]
) -> pd.DataFrame:
    """Say which families of figures are hidden in which sector and window.

    Args:
        groups: Groups at the level of clinics: ``clinic_id``, ``family``, ``figure``, ``period``,
            ``n_patients``.
        sector: Sector of each row.
        profiles_by_clinic: Clinic id → profile; a sector follows the strictest among its clinics.

    Returns:
        One row a sector, family and period that is hidden: these three, and ``reason``
        (``small_number`` or ``complementary``).
    """
    profile_of_sector = {
        name: strictest([profiles_by_clinic[clinic] for clinic in rows.unique()])
        for name, rows in groups["clinic_id"].groupby(sector)
    }
    keys = [*_KEYS, "figure"]
    judged = [
        (*key, _is_unsafe(sizes, profile_of_sector[key[0]]))
        for key, sizes in groups.assign(sector=sector).groupby(keys)["n_patients"]
    ]
    table = pd.DataFrame(judged, columns=[*keys, "unsafe"])
    unsafe = table.groupby(_KEYS)["unsafe"].any().unstack("period", fill_value=False)
    unsafe = unsafe.reindex(columns=["month", "trailing_12", "earlier"], fill_value=False)
    rest = unsafe["earlier"] & ~unsafe["month"] & ~unsafe["trailing_12"]
    reasons = {
        "month": unsafe["month"].map({True: "small_number"}).mask(rest, "complementary"),
        "trailing_12": unsafe["trailing_12"].map({True: "small_number"}),
    }
    hidden = [
        series.dropna().rename("reason").reset_index().assign(period=period)
        for period, series in reasons.items()
    ]
    return pd.concat(hidden, ignore_index=True)


def _is_unsafe(patients: pd.Series, profile: Profile) -> bool:
    sizes = patients.sort_values(ascending=False)
    if len(sizes) < profile.minimum_clinics:
        return True
    total, largest = int(sizes.sum()), int(sizes.iloc[0])
    two = int(sizes.iloc[:2].sum())
    return (
        two > LARGEST_TWO * total
        or total - two < REMAINDER * largest
        or total - largest < profile.minimum_patients
    )
