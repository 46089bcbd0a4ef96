"""Which estimates may be published: those that stand beside figures that are published themselves.

An estimate is a function of many patients' data, and of figures that a reader has already: of a
therapist's own mean and case mix, or of a clinic's sessions. Where these may be shown, it adds
nothing about a single patient; where they may not, it could bring them back, and is hidden. An
estimate of so few patients that it would say nothing is not one, and says so.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from rapport.disclosure.profiles import profile_of, strictest
from rapport.statistics.estimating.rows import ALL
from rapport.statistics.figures import MEASURES
from rapport.statistics.figures.estimates import FUNNEL_SHARES

_ALLIANCE = "alliance.difference.total"
_BASES: Mapping[str, tuple[str, ...]] = {
    **{f"adjusted.{one}": (f"outcome.{one}.improvement",) for one in MEASURES},
    "adjusted.difference": (_ALLIANCE,),
    "congruence": (_ALLIANCE,),
    "explained": ("alliance.patient.total", "outcome.phq-9.improvement"),
    "contrast": ("mode.in_person.alliance",),
    "agreement": ("rupture.criterion",),
    "beside": ("alliance.patient.total",),
    "surface": (_ALLIANCE, "outcome.phq-9.improvement"),
    **{f"scatter.{one}": (f"outcome.{one}",) for one in FUNNEL_SHARES},
}
"""Estimate, or its family → figures that have to be shown beside it, of the same unit."""

FEWEST_CLINICS = 3
"""Clinics that an estimate of all clinics together rests on at least."""


def published_estimates(
    estimates: pd.DataFrame,
    shown: Mapping[str, pd.DataFrame],
    profiles_by_clinic: Mapping[str, str],
    sector: Mapping[str, str],
) -> pd.DataFrame:
    """Mark what of the estimates is hidden.

    Args:
        estimates: Rows with ``level`` and the columns of the tables of figures.
        shown: Level → published table of figures, hidden rows marked.
        profiles_by_clinic: Clinic id → disclosure profile id.
        sector: Clinic id → sector.

    Returns:
        The rows, with ``suppression`` where they may not be shown; numbers are still in them.
    """
    is_hidden = pd.Series(False, index=estimates.index)
    for level, unit in (
        ("therapist", ["clinic_id", "therapist_id"]),
        ("clinic", ["clinic_id"]),
        ("sector", ["sector"]),
    ):
        rows = estimates[estimates["level"] == level]
        is_hidden.loc[rows.index] = _lacks_a_base(rows, shown[level], unit)
    few = estimates["n_patients"].astype(float) < _minimum(estimates, profiles_by_clinic, sector)
    together = estimates["level"].eq("sector") & estimates["sector"].eq(ALL)
    few |= together & (len(profiles_by_clinic) < FEWEST_CLINICS)
    reason = np.select([few, is_hidden], ["small_number", "complementary"], "")
    marked = pd.Series(reason, index=estimates.index, dtype="str")
    return estimates.assign(
        suppression=estimates["suppression"].where(marked.eq(""), marked).astype("str")
    )


def _lacks_a_base(rows: pd.DataFrame, table: pd.DataFrame, unit: list[str]) -> "pd.Series[bool]":
    """Say of each row whether a figure that it stands on is not shown for the same unit."""
    there = table[(table["period"] == "trailing_12") & table["suppression"].isna()]
    known = set(there[[*unit, "figure"]].itertuples(index=False, name=None))
    is_together = rows["sector"].eq(ALL)
    lacks = [
        any((*key, base) not in known for base in _bases_of(figure))
        for figure, *key in rows[["figure", *unit]].itertuples(index=False, name=None)
    ]
    return pd.Series(lacks, index=rows.index, dtype=bool) & ~is_together


def _bases_of(figure: str) -> tuple[str, ...]:
    return _BASES.get(figure, _BASES.get(figure.partition(".")[0], ()))


def _minimum(
    estimates: pd.DataFrame, profiles_by_clinic: Mapping[str, str], sector: Mapping[str, str]
) -> pd.Series:
    """Return the least number of patients of each row, by the profile that holds for it."""
    everybody = list(profiles_by_clinic)
    by_unit = {clinic: profile_of(name) for clinic, name in profiles_by_clinic.items()}
    for name in {*sector.values(), ALL}:
        members = [one for one in everybody if name in (ALL, sector[one])]
        if members:
            by_unit[name] = strictest([profiles_by_clinic[one] for one in members])
    least = {unit: profile.minimum_patients for unit, profile in by_unit.items()}
    unit = estimates["clinic_id"].where(estimates["level"] != "sector", estimates["sector"])
    return unit.map(least).astype(float)
