"""Two editions of one report, held against each other: what a late row changes must not tell it.

A corrected export makes a new edition. Whoever keeps the old one subtracts, and what is left may
be one patient. How many patients' data were changed is not known any more, but how many there are
at least: as many as the number of patients differs by. A figure that differs, and not by enough
patients, stands as the former edition printed it.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from rapport.disclosure.carrying import is_own
from rapport.disclosure.profiles import profile_of
from rapport.disclosure.rounding import rounded
from rapport.months import Month
from rapport.statistics.aggregates import NUMBERS
from rapport.statistics.figures import FIGURES

if TYPE_CHECKING:
    from rapport.disclosure.history import Former

_FAMILY = {figure.id: figure.family for figure in FIGURES.values()}
_DUST = 1e-9


def revised_by_few(
    former: "Former",
    tables: Sequence[pd.DataFrame],
    profiles_by_clinic: Mapping[str, str],
    month: Month,
) -> pd.DataFrame:
    """Say which figures differ from an edition that is there already, by too few patients.

    Args:
        former: What was published before; rows of ``month`` are the former edition's.
        tables: The figures of therapists and of clinics, as they are computed now.
        profiles_by_clinic: Clinic id → disclosure profile id.
        month: The month that is closed again.

    Returns:
        ``level``, ``clinic_id``, ``therapist_id``, ``period`` and ``family``.
    """
    people, whole = tables
    parts = [
        _revised(former.therapists, people, profiles_by_clinic, month, "therapist"),
        _revised(former.clinics, whole, profiles_by_clinic, month, "clinic"),
    ]
    return pd.concat(parts, ignore_index=True).drop_duplicates()


def _revised(
    before: pd.DataFrame,
    now: pd.DataFrame,
    profiles_by_clinic: Mapping[str, str],
    month: Month,
    level: str,
) -> pd.DataFrame:
    units = ["clinic_id", *(["therapist_id"] if level == "therapist" else [])]
    keys = [*units, "period", "figure"]
    is_former = (before["month"] == str(month)) & is_own(before)
    printed = before.loc[is_former, [*keys, *NUMBERS]]
    of_these = now[now["clinic_id"].isin(printed["clinic_id"])]
    profile = of_these["clinic_id"].map(profiles_by_clinic)
    both = printed.merge(
        rounded(of_these, profile)[[*keys, *NUMBERS]],
        on=keys, how="inner", suffixes=("_before", ""), validate="one_to_one",
    )  # fmt: skip
    chosen = both[_differ_by_few(both, both["clinic_id"].map(profiles_by_clinic))]
    named = chosen.assign(level=level, family=chosen["figure"].map(_FAMILY))
    named = named if level == "therapist" else named.assign(therapist_id="")
    wanted = ["level", "clinic_id", "therapist_id", "period", "family"]
    return named.loc[named["family"].notna(), wanted]


def _differ_by_few(both: pd.DataFrame, profile: pd.Series) -> "pd.Series[bool]":
    """Say which figures differ, but not certainly by enough patients."""
    known = {one: profile_of(one) for one in profile.unique()}
    least = profile.map({one: p.minimum_patients + p.count_step - 1 for one, p in known.items()})
    apart = (both["n_patients"].astype(float) - both["n_patients_before"].astype(float)).abs()
    return differs(both) & (apart < least.astype(float))


def differs(both: pd.DataFrame) -> "pd.Series[bool]":
    """Say which figures differ from what was printed, in any number that a reader sees.

    Args:
        both: The numbers as they are now, and with ``_before`` as they were printed. A number
            that is there on one side only differs.
    """
    is_other = pd.Series(False, index=both.index)
    for name in NUMBERS:
        now, before = both[name].astype(float), both[f"{name}_before"].astype(float)
        is_other |= ((now - before).abs() > _DUST) | (now.isna() != before.isna())
    return is_other
