"""Publish: from computed figures to those that may be read. The only way out of this room.

Families are judged clinic by clinic; then hidden rows lose every number, and what is shown is
rounded as the clinic's profile says.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from rapport.disclosure.carrying import CARRIED_FROM, carried, printed_last
from rapport.disclosure.clinic_family import WINDOWS
from rapport.disclosure.estimates import published_estimates
from rapport.disclosure.families import FLAGS, lay_out
from rapport.disclosure.history import Former, judged_by_the_past, past_months
from rapport.disclosure.judging import hidden_figures
from rapport.disclosure.primary import is_unsafe
from rapport.disclosure.profiles import Profile, profile_of, strictest
from rapport.disclosure.profiles import profiles as known_profiles
from rapport.disclosure.rounding import rounded
from rapport.disclosure.sectors import hidden_in_sectors, waiting_sectors
from rapport.errors import Fault, SettingsError
from rapport.months import Month, trailing
from rapport.statistics.aggregates import EARLIER, NUMBERS, Aggregates
from rapport.statistics.coding import WINDOW
from rapport.statistics.estimating.rows import ALL
from rapport.statistics.figures import FIGURES

_FAMILY = {figure.id: figure.family for figure in FIGURES.values()}

THERAPIST_PERIODS = ("trailing_12",)
"""Periods that are published of one therapist. A single month rests on a handful of patients, says
nothing about a therapist, and would, by subtraction, hide the whole clinic's month beside it."""


def publish(
    aggregates: Aggregates,
    *,
    profiles_by_clinic: Mapping[str, str],
    clinics: pd.DataFrame,
    former: Former | None = None,
) -> Aggregates:
    """Hide what would expose a patient, round the rest.

    Args:
        aggregates: From :func:`rapport.statistics.aggregate`.
        profiles_by_clinic: Clinic id → disclosure profile id.
        clinics: ``clinic_id`` and ``sector``, one row a clinic.
        former: What was published before; nothing if left out.

    Returns:
        The same rows, with ``suppression`` set and no number where a figure is hidden, and with
        ``carried_from`` where a figure stands that an earlier report has printed; without
        the rows of a clinic's only therapist, whose figures are the clinic's; without therapists'
        single months (:data:`THERAPIST_PERIODS`); without groups.

    Raises:
        SettingsError: A clinic has no profile, or a profile is not known.
    """
    profiles = {
        name: profiles_by_clinic[name]
        for name in _clinics_with_profile(aggregates.groups, profiles_by_clinic)
    }
    aggregates = _of_publishable_periods(aggregates)
    sector = dict(zip(clinics["clinic_id"], clinics["sector"], strict=True))
    groups = _judged(aggregates, profiles, former)
    hidden = _hidden_in_clinics(groups, aggregates, profiles, former)
    whole = hidden["therapist_id"] == ""
    therapists = _finish(aggregates.therapists, hidden[~whole], groups, profiles)
    shown = {
        "therapist": _without_only_therapists(therapists),
        "clinic": _finish(
            aggregates.clinics, hidden[whole].drop(columns="therapist_id"), groups, profiles
        ),
        "sector": _finish_sectors(aggregates.sectors, groups, sector, profiles, former),
    }
    tables = _with_estimates(shown, aggregates.estimates, profiles, sector)
    tables = _with_carried(tables, former, sector, profiles)
    return Aggregates(
        therapists=tables["therapist"],
        clinics=tables["clinic"],
        sectors=tables["sector"],
        groups=aggregates.groups.iloc[:0],
        estimates=aggregates.estimates.iloc[:0],
    )


def _judged(
    aggregates: Aggregates, profiles: Mapping[str, str], former: Former | None
) -> pd.DataFrame:
    """Return the groups with the flags of what may not be shown by itself or beside the past."""
    groups = aggregates.groups.assign(family=aggregates.groups["figure"].map(_FAMILY))
    by_clinic = groups["clinic_id"].map(profiles)
    groups[list(FLAGS)] = False
    groups["unsafe"] = is_unsafe(groups, by_clinic)
    if former is not None and len(aggregates.clinics):
        tables = (aggregates.therapists, aggregates.clinics)
        marks = judged_by_the_past(groups, former, by_clinic, tables)
        groups[list(marks.columns)] = marks
    return groups


def _with_carried(
    tables: Mapping[str, pd.DataFrame],
    former: Former | None,
    sector: Mapping[str, str],
    profiles: Mapping[str, str],
) -> dict[str, pd.DataFrame]:
    """Put what was printed last in the place of what may not be told beside it."""
    if former is None or tables["clinic"].empty:
        nothing = {CARRIED_FROM: pd.Series(dtype="str")}
        return {level: table.assign(**nothing) for level, table in tables.items()}
    month = Month.parse(tables["clinic"]["month"].iloc[0])
    names = {ALL, *(sector[one] for one in profiles)}
    of_sector = {name: _profile_of_sector(name, sector, profiles).id for name in names}
    found = {}
    for level, rows, units in (
        ("therapist", former.therapists, ["clinic_id", "therapist_id"]),
        ("clinic", former.clinics, ["clinic_id"]),
        ("sector", former.sectors, ["sector"]),
    ):
        table = tables[level]
        profile = table[units[0]].map(of_sector if level == "sector" else profiles)
        found[level] = carried(table, printed_last(rows, units, month), units, profile)
    return found


def _with_estimates(
    shown: Mapping[str, pd.DataFrame],
    estimates: pd.DataFrame,
    profiles: Mapping[str, str],
    sector: Mapping[str, str],
) -> dict[str, pd.DataFrame]:
    """Add to each table the estimates of its level that may be published, rounded, or emptied."""
    if estimates.empty:
        return dict(shown)
    marked = published_estimates(estimates, shown, profiles, sector)
    by_clinic = marked["clinic_id"].map(profiles)
    rows = rounded(marked, by_clinic.fillna(strictest(list(profiles.values())).id))
    rows = _emptied(rows, marked["suppression"])
    return {
        level: pd.concat(
            [table, _of_known_units(rows[rows["level"] == level], table)[table.columns]],
            ignore_index=True,
        )
        for level, table in shown.items()
    }


def _of_known_units(rows: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Leave out estimates of therapists of whom nothing else is published."""
    if "therapist_id" not in table:
        return rows
    keys = ["clinic_id", "therapist_id"]
    known = pd.MultiIndex.from_frame(table[keys].drop_duplicates())
    return rows[pd.MultiIndex.from_frame(rows[keys]).isin(known)]


def _of_publishable_periods(aggregates: Aggregates) -> Aggregates:
    """Leave out the periods of which nothing is published about one therapist."""
    groups, therapists = aggregates.groups, aggregates.therapists
    is_left_out = (groups["level"] == "therapist") & ~groups["period"].isin(THERAPIST_PERIODS)
    return replace(
        aggregates,
        groups=groups[~is_left_out],
        therapists=therapists[therapists["period"].isin(THERAPIST_PERIODS)],
    )


def _clinics_with_profile(groups: pd.DataFrame, profiles_by_clinic: Mapping[str, str]) -> list[str]:
    names = [str(name) for name in groups["clinic_id"].unique()]
    missing = [name for name in names if name not in profiles_by_clinic]
    if missing:
        raise SettingsError(
            [
                Fault(
                    "NO_DISCLOSURE_PROFILE",
                    f"Clinic {name} has figures but no disclosure profile.",
                    "Name a profile under `disclosure` in the registry.",
                )
                for name in missing
            ]
        )
    return names


def _hidden_in_clinics(
    groups: pd.DataFrame,
    aggregates: Aggregates,
    profiles: Mapping[str, str],
    former: Former | None,
) -> pd.DataFrame:
    """Return what is hidden: clinic, therapist ("" for the clinic), period and figure."""
    months = _window(aggregates.clinics)
    past = {} if former is None or not months else past_months(former, months)
    rows = [
        (counts.clinic_id, *cell)
        for counts in lay_out(groups, months)
        for cell in hidden_figures(counts, profile_of(profiles[counts.clinic_id]), months, past)
    ]
    columns = ["clinic_id", "therapist_id", "period", "figure"]
    return pd.DataFrame(rows, columns=columns, dtype="str")


def _window(clinics: pd.DataFrame) -> list[str]:
    closed = clinics["month"].unique()
    return [str(month) for month in trailing(Month.parse(closed[0]), WINDOW)] if len(closed) else []


def _without_only_therapists(therapists: pd.DataFrame) -> pd.DataFrame:
    """A clinic's only therapist is the clinic: her rows would say the same twice."""
    pairs = therapists[["clinic_id", "therapist_id"]].drop_duplicates()
    is_shared = pairs["clinic_id"].duplicated(keep=False)
    kept = therapists["clinic_id"].isin(pairs.loc[is_shared, "clinic_id"])
    return therapists[kept].reset_index(drop=True)


def _finish(
    table: pd.DataFrame, hidden: pd.DataFrame, groups: pd.DataFrame, profiles: Mapping[str, str]
) -> pd.DataFrame:
    """Mark, empty and round the rows of therapists or clinics; add rows that hide "none"."""
    units = [column for column in ("clinic_id", "therapist_id") if column in table]
    keys = [*units, "period", "figure"]
    level = "therapist" if "therapist_id" in table else "clinic"
    shown = groups.loc[(groups["level"] == level) & (groups["period"] != EARLIER)]
    judged = hidden.merge(shown[[*keys, "n_patients"]], on=keys, how="left", validate="one_to_one")
    minimum = {name: one.minimum_patients for name, one in known_profiles().items()}
    least = judged["clinic_id"].map(profiles).map(minimum).astype(float)
    is_enough = judged["n_patients"].astype(float) >= least  # nobody at all is not enough
    judged["reason"] = np.where(is_enough, "complementary", "small_number")
    merged = rounded(table, table["clinic_id"].map(profiles)).merge(
        judged[[*keys, "reason"]], on=keys, how="outer", validate="one_to_one"
    )
    return _emptied(_described(merged, table).drop(columns="reason"), merged["reason"])


def _described(merged: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
    """Complete the rows that stand for figures without observations."""
    catalogue = FIGURES.values()
    return merged.assign(
        month=table["month"].iloc[0] if len(table) else None,
        unit=merged["figure"].map({one.id: one.unit for one in catalogue}),
        method=merged["figure"].map({one.id: one.method for one in catalogue}),
    )[[*table.columns, "reason"]]


def _finish_sectors(
    table: pd.DataFrame,
    groups: pd.DataFrame,
    sector: dict[str, str],
    profiles: Mapping[str, str],
    former: Former | None,
) -> pd.DataFrame:
    of_clinics = groups[(groups["level"] == "clinic") & groups["period"].isin(WINDOWS)]
    profile = {
        name: _profile_of_sector(name, sector, profiles).id for name in table["sector"].unique()
    }
    printed = rounded(table, table["sector"].map(profile))
    past = None
    if former is not None and len(table):
        month = Month.parse(table["month"].iloc[0])
        past = waiting_sectors(former, printed, sector, dict(profiles), month)
    hidden = hidden_in_sectors(
        of_clinics, of_clinics["clinic_id"].map(sector), dict(profiles), past
    )
    keys = ["sector", "period", "family"]
    marked = table.assign(family=table["figure"].map(_FAMILY))[keys].merge(
        hidden, on=keys, how="left", validate="many_to_one"
    )
    reason = pd.Series(marked["reason"].to_numpy(), index=table.index, dtype="str")
    return _emptied(printed, reason)


def _profile_of_sector(
    name: str, sector: Mapping[str, str], profiles: Mapping[str, str]
) -> Profile:
    """Return the strictest profile among the clinics of a sector, or of all."""
    return strictest([profiles[one] for one in profiles if name in (ALL, sector[one])])


def _emptied(table: pd.DataFrame, suppression: pd.Series) -> pd.DataFrame:
    """Set the reasons, and take every number out of the rows that have one."""
    emptied = table.assign(suppression=suppression.astype("str"))
    for column in NUMBERS:
        emptied[column] = emptied[column].mask(suppression.notna())
    return emptied
