"""Rounding of what is shown, by profile: counts to a step, shares and means to decimals.

Shares are computed from unrounded counts and rounded on their own, half up, as NHS England does.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from rapport.disclosure.profiles import Profile, profile_of
from rapport.statistics.figures import CATALOGUE

_KIND = {figure.id: figure.kind for figure in CATALOGUE.values()}

_DUST = 1e-9
"""Binary fractions such as 0.285 stand a hair below their half; this lifts them over it."""


def rounded(table: pd.DataFrame, profile: pd.Series) -> pd.DataFrame:
    """Return a table of figures rounded by the profile of each row.

    Args:
        table: Columns of a table of figures.
        profile: Id of the disclosure profile of each row.

    Returns:
        The table, same rows in the same order; intervals are rounded outwards.
    """
    parts = [
        _by_profile(table[profile == name], profile_of(str(name))) for name in profile.unique()
    ]
    return pd.concat(parts).loc[table.index] if parts else table


def _by_profile(table: pd.DataFrame, profile: Profile) -> pd.DataFrame:
    result = table.copy()
    if profile.count_step > 1:
        for column in ("n_patients", "n_observations", "numerator", "denominator"):
            result[column] = _to_step(table[column], profile.count_step)
    kind = table["figure"].map(_KIND)
    for chosen, digits in (
        (kind == "proportion", profile.share_digits),
        (kind.isin(["mean", "difference", "estimate"]), profile.mean_digits),
    ):
        if digits is not None:
            result.loc[chosen, "value"] = half_up(table.loc[chosen, "value"].to_numpy(), digits)
            result.loc[chosen, "low"] = 0.0 - _upwards(-table.loc[chosen, "low"], digits)
            result.loc[chosen, "high"] = _upwards(table.loc[chosen, "high"], digits)
    counts = kind == "count"
    result.loc[counts, "value"] = _to_step(table.loc[counts, "value"], profile.count_step)
    return result


def half_up(values: npt.NDArray[np.float64], digits: int) -> npt.NDArray[np.float64]:
    """Round half away from zero to ``digits`` decimals (0.285 → 0.29, −0.285 → −0.29).

    What is rounded to nought has no sign: "−0.0" would be read as less than nothing.
    """
    scaled = np.abs(values) * 10.0**digits
    return np.asarray(np.sign(values) * np.floor(scaled + 0.5 + _DUST) / 10.0**digits + 0.0)


def _to_step(counts: pd.Series, step: int) -> pd.Series:
    return (counts + step // 2) // step * step


def _upwards(values: pd.Series, digits: int) -> npt.NDArray[np.float64]:
    """Round up; what has these decimals already stays, whatever its binary fraction."""
    scaled = values.to_numpy(float) * 10.0**digits
    return np.asarray(np.ceil(scaled - _DUST) / 10.0**digits + 0.0)
