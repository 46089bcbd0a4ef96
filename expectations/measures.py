"""What is measured of each clinic-month before the slice rules are asked.

Everything here is counting; what a count has to be stands in ``expectations.rules.slices``. A
measure that means nothing for a clinic-month (a share of nothing, a form not in use) is missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expectations.rule import Rule
from rapport.warehouse.tables import ITEM_COLUMNS, sessions, survey_responses

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.instruments import Instrument

SLICE = ["clinic_id", "month"]

ENOUGH_FORMS = 5
"""From so many forms upwards, an item that nobody answered is no coincidence."""

ENOUGH_SESSIONS = 20
"""From so many sessions upwards, all of them on one day is no coincidence."""

LONG_FORM = 5
"""From so many items upwards, one answer throughout is worth a question."""

_SESSION_KEY = [column.name for column in sessions.primary_key.columns]
_FORM_KEY = [column.name for column in survey_responses.primary_key.columns]
_SEVERAL = 2


@dataclass(frozen=True, eq=False, slots=True)
class Accepted:
    """What was read and what came of it, over many clinic-months.

    Attributes:
        readings: One row a file, in order of receipt: ``export_readings`` columns.
        sessions: Accepted sessions.
        responses: Accepted administrations.
    """

    readings: pd.DataFrame
    sessions: pd.DataFrame
    responses: pd.DataFrame


def measure(
    accepted: Accepted,
    slices: pd.DataFrame,
    *,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> pd.DataFrame:
    """Measure clinic-months.

    Args:
        accepted: What was read of them.
        slices: Columns ``clinic_id`` and ``month``, each pair once, each with at least one file.
        clinics: Id → clinic.
        catalogue: Id → instrument.

    Returns:
        ``slices`` with one float column a measure, in the same order, index 0 … n-1.
    """
    index = pd.MultiIndex.from_frame(slices[SLICE])
    found: dict[str, pd.Series[float]] = {
        **_of_files(accepted, index, clinics),
        **_of_sessions(accepted.sessions, index, clinics),
        **_of_coverage(accepted, index, clinics),
        **_of_forms(accepted.responses, index, clinics, catalogue),
    }
    measures = pd.DataFrame(
        {name: values.reindex(index).to_numpy(dtype=float) for name, values in found.items()}
    )
    return pd.concat([slices[SLICE].reset_index(drop=True), measures], axis=1)


def with_limits(
    measures: pd.DataFrame, rules: Sequence[Rule], clinics: Mapping[str, "Clinic"]
) -> pd.DataFrame:
    """Return the measures with each rule's limit for each clinic beside them."""
    limits = {
        rule.limit_column: [limit_for(rule, clinics[name]) for name in measures.clinic_id]
        for rule in rules
    }
    return pd.concat([measures, pd.DataFrame(limits, index=measures.index, dtype=float)], axis=1)


def limit_for(rule: Rule, clinic: "Clinic") -> float | None:
    """Return a rule's limit for one clinic: its own for the part or the kind, or the rule's."""
    own = clinic.thresholds
    return own.get(rule.key, own.get(rule.id, rule.threshold))


def _of_files(
    accepted: Accepted, index: pd.MultiIndex, clinics: Mapping[str, "Clinic"]
) -> dict[str, "pd.Series[float]"]:
    """Counts over the month's files; a refused file that was replaced does not count as refused."""
    files = accepted.readings
    received, quarantined, *others = (
        _sum(files, f"rows_{name}", index)
        for name in ("received", "quarantined", "accepted", "superseded", "duplicate", "test")
    )
    refused = files[files.refusal_rule.notna()]
    replaced = refused[_is_replaced(files)[refused.index]]
    void = _sum(replaced, "rows_received", index)
    _, _, duplicate, test = others
    return {
        "rows_received": received,
        "refused_share": _share(quarantined - void, received - void),
        "duplicate_share": _share(duplicate, received, empty=0),
        "test_share": _share(test, received, empty=0),
        "rows_lost": (received - quarantined - sum(others)).abs(),
        "files_refused": _count(refused, index) - _count(replaced, index),
        "exports_missing": _exports_missing(files, index, clinics),
    }


def _is_replaced(files: pd.DataFrame) -> "pd.Series[bool]":
    """Tell of each file whether a later one of the same export and month could be read."""
    order = pd.Series(np.arange(len(files)), index=files.index)
    readable = order.where(files.refusal_rule.isna())
    last = readable.groupby([files[name] for name in [*SLICE, "export_id"]]).transform("max")
    return last > order


def _exports_missing(
    files: pd.DataFrame, index: pd.MultiIndex, clinics: Mapping[str, "Clinic"]
) -> "pd.Series[float]":
    arrived = files.groupby(SLICE).export_id.agg(set)
    return pd.Series(
        [
            len({e.id for e in clinics[clinic].exports if e.required} - arrived[clinic, month])
            for clinic, month in index
        ],
        index=index,
        dtype=float,
    )


def _of_sessions(
    held: pd.DataFrame, index: pd.MultiIndex, clinics: Mapping[str, "Clinic"]
) -> dict[str, "pd.Series[float]"]:
    known = held[held.attendance.notna()]
    attended = known[known.attendance == "attended"]
    n_sessions = _count(held, index)
    days = held.groupby(SLICE).session_date.nunique().reindex(index)
    sizes = held.groupby([*SLICE, "patient_id", "session_date"]).size()
    several = sizes[sizes >= _SEVERAL].groupby(level=SLICE).sum().reindex(index, fill_value=0.0)
    therapists = held.groupby(SLICE).therapist_id.nunique().reindex(index, fill_value=0)
    team = pd.Series([float(len(clinics[clinic].therapists)) for clinic, _ in index], index=index)
    return {
        "sessions_accepted": n_sessions,
        "attended_share": _share(_count(attended, index), _count(known, index)),
        "therapists_seen_share": _share(therapists.astype(float), team),
        "days_with_sessions": days.astype(float).where(n_sessions >= ENOUGH_SESSIONS),
        "same_day_share": _share(several.astype(float), n_sessions),
    }


def _of_coverage(
    accepted: Accepted, index: pd.MultiIndex, clinics: Mapping[str, "Clinic"]
) -> dict[str, "pd.Series[float]"]:
    """Shares of attended sessions with a form of each rater, and keys that stand twice."""
    held, forms = accepted.sessions, accepted.responses
    took_place = held[held.attendance.isna() | (held.attendance == "attended")]
    n_sessions = _count(took_place, index)
    found = {
        f"{rater}_form_share": _share(
            _count(_with_form(took_place, forms[forms.rater == rater]), index), n_sessions
        ).where(_asks(index, clinics, rater))
        for rater in ("patient", "therapist")
    }
    twice = _repeats(held, _SESSION_KEY, index) + _repeats(forms, _FORM_KEY, index)
    return {**found, "keys_repeated": twice}


def _with_form(held: pd.DataFrame, forms: pd.DataFrame) -> pd.DataFrame:
    keys = forms[_SESSION_KEY].drop_duplicates()
    return held[_SESSION_KEY].drop_duplicates().merge(keys, on=_SESSION_KEY, validate="one_to_one")


def _asks(index: pd.MultiIndex, clinics: Mapping[str, "Clinic"], rater: str) -> "pd.Series[bool]":
    """Tell of each clinic-month whether its clinic has forms of this rater."""
    raters = {
        clinic: {key.rsplit(".", 1)[1] for key in clinics[clinic].forms}
        for clinic in index.get_level_values(0).unique()
    }
    return pd.Series([rater in raters[clinic] for clinic, _ in index], index=index)


def _repeats(rows: pd.DataFrame, key: list[str], index: pd.MultiIndex) -> "pd.Series[float]":
    return _count(rows[rows.duplicated(key)], index)


def _of_forms(
    responses: pd.DataFrame,
    index: pd.MultiIndex,
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> dict[str, "pd.Series[float]"]:
    used = {clinic: frozenset(clinics[clinic].forms) for clinic, _ in index}
    found: dict[str, pd.Series[float]] = {}
    for form in dict.fromkeys(form for clinic in used for form in clinics[clinic].forms):
        instrument, rater = form.rsplit(".", 1)
        rows = responses[(responses.instrument == instrument) & (responses.rater == rater)]
        in_use = pd.Series([form in used[clinic] for clinic, _ in index], index=index)
        measured = _of_form(rows, catalogue[instrument].n_items, index)
        found |= {f"{name}.{form}": values.where(in_use) for name, values in measured.items()}
    return found


def _of_form(
    rows: pd.DataFrame, n_items: int, index: pd.MultiIndex
) -> dict[str, "pd.Series[float]"]:
    """Measure the administrations of one form."""
    items = rows[list(ITEM_COLUMNS[:n_items])]
    keys = [rows[name] for name in SLICE]
    answered = items.notna().groupby(keys).sum().reindex(index, fill_value=0)
    n_forms = _count(rows, index)
    complete = items.notna().all(axis=1)
    straight = complete & (items.min(axis=1) == items.max(axis=1))
    enough = n_forms >= ENOUGH_FORMS
    return {
        "administrations": n_forms,
        "items_unanswered": (answered == 0).sum(axis=1).where(enough),
        "answers_missing_share": 1 - _share(answered.sum(axis=1), n_forms * n_items),
        "straight_share": _share(
            _count(rows[straight], index), _count(rows[complete], index)
        ).where(enough & (n_items >= LONG_FORM)),
    }


def _count(rows: pd.DataFrame, index: pd.MultiIndex) -> "pd.Series[float]":
    return rows.groupby(SLICE).size().reindex(index, fill_value=0).astype(float)


def _sum(rows: pd.DataFrame, column: str, index: pd.MultiIndex) -> "pd.Series[float]":
    return rows.groupby(SLICE)[column].sum().reindex(index, fill_value=0).astype(float)


def _share(
    part: "pd.Series[float]", whole: "pd.Series[float]", *, empty: float = np.nan
) -> "pd.Series[float]":
    """Return part / whole; ``empty`` where there is nothing to take a share of."""
    return (part / whole.where(whole > 0)).astype(float).where(whole > 0, empty)
