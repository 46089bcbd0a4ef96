"""What is measured of each clinic-month before the slice rules are asked.

Everything here is counting; what a count has to be stands in ``expectations.rules.slices``. A
measure that means nothing for a clinic-month (a share of nothing, a form not in use) is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import union_categoricals

from expectations.courses import course_measures
from expectations.form_measures import measure_forms
from expectations.rule import Rule
from expectations.slices import NAMES, Codes, Numbers, Slices
from expectations.thresholds import limit_in_force
from expectations.vanishing import vanished_share
from rapport.exports.grouping import Ids, column_arrays, group_ids

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.instruments import Instrument

ENOUGH_SESSIONS = 20
"""From so many sessions upwards, all of them on one day is no coincidence."""

STRANGER = "THERAPIST_REGISTERED"
"""The rule that refuses a row whose therapist nobody knows."""

_FORMS = "administrations."
_SESSION_KEY = (*NAMES, "patient_id", "episode", "session")
_OTHERS = ("accepted", "superseded", "duplicate", "test")


@dataclass(frozen=True, eq=False, slots=True)
class Accepted:
    """What was read and what came of it, over many clinic-months.

    Attributes:
        readings: One row a file, in order of receipt: ``export_readings`` columns.
        sessions: Accepted sessions.
        responses: Accepted administrations.
        refused: Places that were refused: ``quarantine`` columns.
    """

    readings: pd.DataFrame
    sessions: pd.DataFrame
    responses: pd.DataFrame
    refused: pd.DataFrame


def measure(
    accepted: Accepted,
    slices: Slices,
    *,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> pd.DataFrame:
    """Measure clinic-months.

    Args:
        accepted: What was read of them.
        slices: The clinic-months, each with at least one file.
        clinics: Id → clinic.
        catalogue: Id → instrument.

    Returns:
        One row a clinic-month, in order: ``clinic_id``, ``month``, and one float column a measure.
    """
    owners = [clinics[one.clinic_id] for one in slices.ones]
    found = {
        **_of_files(accepted.readings, slices),
        "vanished_share": vanished_share(accepted.readings, slices, owners),
        "exports_missing": _exports_missing(accepted.readings, slices, owners),
        **_of_sessions(accepted.sessions, slices, owners),
        **_of_coverage(accepted, slices, owners),
        **measure_forms(accepted.responses, slices, owners, catalogue),
    }
    found["strangers_share"] = share(_strangers(accepted.refused, slices), found["rows_received"])
    found |= _form_rates(found)
    names = {
        "clinic_id": [one.clinic_id for one in slices.ones],
        "month": [one.month for one in slices.ones],
    }
    return pd.DataFrame(names | found)


def with_limits(
    measures: pd.DataFrame, rules: Sequence[Rule], clinics: Mapping[str, "Clinic"]
) -> pd.DataFrame:
    """Return the measures with each rule's limit for each clinic beside them."""
    setting_own = [
        (place, clinics[name])
        for place, name in enumerate(measures.clinic_id)
        if clinics[name].thresholds
    ]
    limits = {}
    for rule in rules:
        column = np.full(len(measures), np.nan if rule.threshold is None else rule.threshold)
        for place, clinic in setting_own:
            column[place] = limit_in_force(rule, clinic).value
        limits[rule.limit_column] = column
    return pd.concat([measures, pd.DataFrame(limits, index=measures.index, dtype=float)], axis=1)


def share(part: Numbers, whole: Numbers, *, empty: float = np.nan) -> Numbers:
    """Return part / whole; ``empty`` where there is nothing to take a share of."""
    found: Numbers = np.divide(
        part, whole, out=np.full(len(whole), empty, dtype=float), where=whole > 0
    )
    return found


def _of_files(files: pd.DataFrame, slices: Slices) -> dict[str, Numbers]:
    """Count over the month's files; a refused one that was replaced does not count as refused."""
    codes = slices.codes(files)
    is_refused = files.refusal_rule.notna().to_numpy()
    is_replaced = is_refused & _is_replaced(files, is_refused)
    rows = {
        name: slices.total(codes, files[f"rows_{name}"].to_numpy())
        for name in ("received", "quarantined", *_OTHERS)
    }
    void = slices.total(codes, files.rows_received.to_numpy() * is_replaced)
    others = slices.total(codes, files.n_other_month.to_numpy())
    kept = sum(rows[name] for name in _OTHERS)
    return {
        "rows_received": rows["received"],
        "refused_share": share(rows["quarantined"] - void, rows["received"] - void - others),
        "duplicate_share": share(rows["duplicate"] - others, rows["received"] - others, empty=0),
        "test_share": share(rows["test"], rows["received"] - others, empty=0),
        "rows_lost": np.abs(rows["received"] - rows["quarantined"] - kept),
        "files_refused": slices.count(codes, is_refused & ~is_replaced),
    }


def _strangers(refused: pd.DataFrame, slices: Slices) -> Numbers:
    """Count rows that were refused because their therapist is not registered."""
    unknown = refused[(refused.rule == STRANGER).to_numpy(dtype=bool)]
    rows = unknown.drop_duplicates([*NAMES, "content_sha256", "line"])
    return slices.count(slices.codes(rows))


def _form_rates(found: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Return how often each form was filled in for one session, from twenty sessions upwards."""
    held = found["sessions_accepted"]
    return {
        f"form_rate.{name.removeprefix(_FORMS)}": np.where(
            held >= ENOUGH_SESSIONS, share(values, held), np.nan
        )
        for name, values in found.items()
        if name.startswith(_FORMS)
    }


def _is_replaced(files: pd.DataFrame, is_refused: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Tell of each file whether a later one of the same export and month could be read."""
    kinds = group_ids(column_arrays(files, (*NAMES, "export_id")), len(files))
    order = np.arange(len(files))
    last = np.full(len(files), -1)
    np.maximum.at(last, kinds[~is_refused], order[~is_refused])
    replaced: npt.NDArray[np.bool_] = last[kinds] > order
    return replaced


def _exports_missing(files: pd.DataFrame, slices: Slices, owners: Sequence["Clinic"]) -> Numbers:
    arrived: list[set[str]] = [set() for _ in owners]
    for code, export_id in zip(slices.codes(files).tolist(), files.export_id, strict=True):
        arrived[code].add(export_id)
    required = [{e.id for e in owner.exports if e.required} for owner in owners]
    missing = [len(own - come) for own, come in zip(required, arrived, strict=True)]
    return np.array(missing, dtype=float)


def _of_sessions(
    held: pd.DataFrame, slices: Slices, owners: Sequence["Clinic"]
) -> dict[str, Numbers]:
    codes = slices.codes(held)
    n_sessions = slices.count(codes)
    known = held.attendance.notna().to_numpy()
    attended = (held.attendance == "attended").to_numpy(dtype=bool, na_value=False)
    days = _distinct_in_slices(slices, codes, held, ("session_date",))
    therapists = _distinct_in_slices(slices, codes, held, ("therapist_id",))
    together = group_ids([codes, *column_arrays(held, ("patient_id", "session_date"))], len(held))
    is_several = np.bincount(together, minlength=1)[together] > 1
    team = np.array(
        [owner.n_therapists(one.month) for owner, one in zip(owners, slices.ones, strict=True)],
        dtype=float,
    )
    return {
        "sessions_accepted": n_sessions,
        "attended_share": share(slices.count(codes, attended), slices.count(codes, known)),
        "therapists_seen_share": share(therapists, team),
        "days_with_sessions": np.where(n_sessions >= ENOUGH_SESSIONS, days, np.nan),
        "same_day_share": share(slices.count(codes, is_several), n_sessions),
        **course_measures(held, slices, codes),
    }


def _distinct_in_slices(
    slices: Slices, codes: Codes, rows: pd.DataFrame, names: Sequence[str]
) -> Numbers:
    """Count the different values of some columns in each clinic-month."""
    ids = group_ids([codes, *column_arrays(rows, names)], len(rows))
    firsts = np.unique(ids, return_index=True)[1]
    return slices.count(codes[firsts])


def _of_coverage(
    accepted: Accepted, slices: Slices, owners: Sequence["Clinic"]
) -> dict[str, Numbers]:
    """Shares of attended sessions with a form of each rater, and keys that stand twice."""
    held, forms = accepted.sessions, accepted.responses
    of_held, of_forms = _session_ids(held, forms)
    codes, form_codes = slices.codes(held), slices.codes(forms)
    took_place = (held.attendance.isna() | (held.attendance == "attended")).to_numpy(dtype=bool)
    n_sessions = slices.count(codes, took_place)
    found = {}
    for rater in ("patient", "therapist"):
        has_form = np.zeros(len(held) + len(forms), dtype=bool)
        has_form[of_forms[(forms.rater == rater).to_numpy(dtype=bool)]] = True
        with_form = slices.count(codes, took_place & has_form[of_held])
        asks = np.array([_asks(owner, rater) for owner in owners], dtype=bool)
        found[f"{rater}_form_share"] = np.where(asks, share(with_form, n_sessions), np.nan)
    form_ids = group_ids([of_forms, *column_arrays(forms, ("instrument", "rater"))], len(forms))
    twice = slices.count(codes, _is_repeat(of_held))
    return {**found, "keys_repeated": twice + slices.count(form_codes, _is_repeat(form_ids))}


def _session_ids(held: pd.DataFrame, forms: pd.DataFrame) -> tuple[Ids, Ids]:
    """Number sessions over both frames: one number for one session."""
    both = {name: _joined(held[name], forms[name]) for name in _SESSION_KEY}
    ids = group_ids(column_arrays(pd.DataFrame(both), _SESSION_KEY), len(held) + len(forms))
    return ids[: len(held)], ids[len(held) :]


def _joined(one: "pd.Series[Any]", other: "pd.Series[Any]") -> Any:  # noqa: ANN401 - any array
    """Put two columns below each other, categories as categories."""
    if all(isinstance(each.dtype, pd.CategoricalDtype) for each in (one, other)):
        return union_categoricals([one, other])
    return np.concatenate([one.to_numpy(), other.to_numpy()])


def _is_repeat(ids: Ids) -> npt.NDArray[np.bool_]:
    return pd.Series(ids).duplicated().to_numpy()


def _asks(clinic: "Clinic", rater: str) -> bool:
    """Tell whether a clinic has forms of this rater."""
    return any(key.rsplit(".", 1)[1] == rater for key in clinic.forms)
