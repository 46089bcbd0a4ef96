"""The primary rule: which groups of patients are too small, or too alike, to be spoken of.

Small: fewer distinct patients than the profile's minimum. Alike: a share of outcomes that is the
same for every patient of a group that is not twice as large; "all of them deteriorated", "none
recovered" is a statement about each. "None deteriorated" is not treated so: it is what is
expected, and hiding it would say it.
"""

import pandas as pd

from rapport.disclosure.profiles import profile_of

_ALIKE_IF_NONE = ("outcome.recovery", "outcome.reliable_improvement", "outcome.reliable_recovery")
_ALIKE_IF_ALL = (
    *_ALIKE_IF_NONE,
    "outcome.reliable_deterioration",
    "dropout.first",
    "dropout.agreeing",
    "dropout.working",
)


def is_unsafe(groups: pd.DataFrame, profile: pd.Series) -> pd.Series:
    """Say which groups may not be shown by themselves.

    Args:
        groups: ``figure``, ``n_patients``, ``n_observations``, ``total``; a row a group.
        profile: Id of the disclosure profile of each row.

    Returns:
        Truth values on the index of ``groups``.

    Raises:
        SettingsError: A profile is not known.
    """
    known = {name: profile_of(name) for name in profile.unique()}
    minimum = profile.map({name: one.minimum_patients for name, one in known.items()}).astype(float)
    minimum_alike = profile.map({name: one.minimum_alike for name, one in known.items()}).astype(
        float
    )
    none = groups["total"].eq(0) & groups["figure"].isin(_ALIKE_IF_NONE)
    everybody = groups["total"].eq(groups["n_observations"]) & groups["figure"].isin(_ALIKE_IF_ALL)
    is_small = groups["n_patients"] < minimum
    return is_small | ((none | everybody) & (groups["n_patients"] < minimum_alike))
