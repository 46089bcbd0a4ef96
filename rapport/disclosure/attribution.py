"""What the months of a whole clinic say about single therapists': whose window must not be added.

A clinic's month that is told says "nobody missed an appointment", or "two did". That speaks of
every therapist's month too, and so do her colleagues' windows. What her own windows sum to then
belongs to the months that are left open, and may be the month of two patients. So windows are
added clinic by clinic, those of most patients first, as long as no month of too few patients
follows from all of them together (:mod:`rapport.disclosure.deduction`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

from rapport.disclosure.carrying import is_own
from rapport.disclosure.deduction import (
    HALF,
    MANY,
    Flags,
    Numbers,
    Patients,
    Sums,
    deduced,
    exposed,
)
from rapport.disclosure.primary import is_unsafe
from rapport.disclosure.profiles import profile_of
from rapport.disclosure.teams import ClinicRows, rows_of
from rapport.months import Month
from rapport.statistics.coding import WINDOW
from rapport.statistics.figures import FIGURES
from rapport.statistics.shares_by_month import MONTH_COUNTS, SHARES

N_MONTHS = 2 * WINDOW
"""Months, counted back from the one that is closed, of which single counts are known."""

_FAMILY = {name: FIGURES[name].family for name in SHARES}
_FAMILIES = tuple(dict.fromkeys(_FAMILY.values()))


@dataclass(frozen=True)
class ClinicShares:
    """The counts of one clinic and family: shares × therapists × months back.

    Attributes:
        figures: Ids of the shares.
        therapists: Ids.
        patients: Who stands behind each month.
        observations: How many there are.
        totals: How many of them did what the share counts.
        told: Whether the clinic's month is told, or may be: shares × months.
        shown: Months back of each therapist's windows that are in readers' hands.
        whole: Months back of the clinic's windows that are.
    """

    figures: tuple[str, ...]
    therapists: tuple[str, ...]
    patients: Patients
    observations: Numbers
    totals: Numbers
    told: Flags
    shown: tuple[frozenset[int], ...]
    whole: frozenset[int]


def exposing(
    waiting: pd.DataFrame, tables: Sequence[pd.DataFrame], turnover: pd.DataFrame, month: Month
) -> pd.DataFrame:
    """Say which new windows of therapists give a month of too few patients away.

    Args:
        waiting: The therapists' windows: ``clinic_id``, ``therapist_id``, ``family``,
            ``n_patients``, ``profile`` and ``waits`` (will not be shown for another reason).
        tables: Rows of ``therapist_aggregates`` and ``clinic_aggregates`` published before.
        turnover: From :func:`rapport.statistics.turnover.turnover`.
        month: The month that is closed.

    Returns:
        ``clinic_id``, ``therapist_id`` and ``family`` of the windows that must not be shown.
    """
    counts = turnover[turnover["level"] == "month"]
    people = waiting.groupby(["clinic_id", "family", "therapist_id"], as_index=False).agg(
        {"n_patients": "max", "profile": "first", "waits": "any"}
    )
    shown = _shown(tables[0], month) | _shown(tables[1].assign(therapist_id=""), month)
    told = _told(tables[1], month)
    by_clinic = dict(iter(people.groupby(["clinic_id", "family"])))
    found = []
    for clinic, rows in counts.groupby("clinic_id"):
        for family in _FAMILIES:
            own = by_clinic.get((clinic, family))
            if own is None or own["waits"].all():
                continue
            minimum = profile_of(own["profile"].iloc[0]).minimum_patients
            shares = _lay_out(rows, family, str(clinic), (shown, told), minimum)
            if shares is not None:
                found += [(clinic, one, family) for one in _to_hold(shares, own)]
    return pd.DataFrame(found, columns=["clinic_id", "therapist_id", "family"], dtype="str")


_Shown = dict[tuple[str, str, str], frozenset[int]]
_Told = dict[tuple[str, str], set[int]]


def _shown(therapists: pd.DataFrame, month: Month) -> _Shown:
    """Return clinic, therapist and family → months back of the windows shown."""
    back = {str(month.plus(-one)): one for one in range(1, WINDOW)}
    rows = therapists[is_own(therapists) & therapists["period"].eq("trailing_12")]
    rows = rows.assign(back=rows["month"].map(back), family=rows["figure"].map(_FAMILY))
    rows = rows.dropna(subset=["back", "family"])
    found: dict[tuple[str, str, str], set[int]] = {}
    columns = (rows[name] for name in ("clinic_id", "therapist_id", "family", "back"))
    for clinic, person, family, one in zip(*columns, strict=True):
        found.setdefault((clinic, person, family), set()).add(int(one))
    return {key: frozenset(of) for key, of in found.items()}


def _told(clinics: pd.DataFrame, month: Month) -> _Told:
    """Return clinic and figure → months back that a report has told by themselves."""
    back = {str(month.plus(-one)): one for one in range(N_MONTHS)}
    rows = clinics[clinics["suppression"].isna() & clinics["figure"].isin(SHARES)]
    said = rows["period"].mask(rows["period"].eq("month"), rows["month"])
    rows = rows.assign(back=said.map(back)).dropna(subset="back")
    found: _Told = {}
    columns = (rows[name] for name in ("clinic_id", "figure", "back"))
    for clinic, figure, one in zip(*columns, strict=True):
        found.setdefault((clinic, figure), set()).add(int(one))
    return found


def _lay_out(
    rows: pd.DataFrame, family: str, clinic: str, known: tuple[_Shown, _Told], minimum: float
) -> ClinicShares | None:
    """Lay the counts of one clinic out, if she has colleagues, and somebody too few patients."""
    figures = tuple(name for name in SHARES if _FAMILY[name] == family)
    rows = rows[rows["figure"].isin(figures)]
    therapists, names = pd.factorize(rows["therapist_id"], sort=True)
    if len(names) <= 1 or rows["n_patients"].min() >= minimum:
        return None
    place = (pd.Index(figures).get_indexer(pd.Index(rows["figure"])), therapists)
    dense = np.zeros((len(MONTH_COUNTS), len(figures), len(names), N_MONTHS))
    dense[:, *place, rows["apart"].to_numpy(np.int64)] = rows[list(MONTH_COUNTS)].to_numpy(float).T
    shown, told = known
    patients = Patients(*dense[:3])
    is_told = np.zeros((len(figures), N_MONTHS), dtype=bool)
    for at, figure in enumerate(figures):
        is_told[at, : WINDOW if FIGURES[figure].has_trend else 1] = True
        is_told[at] &= patients.there[at].sum(axis=0) >= minimum
        is_told[at, sorted(told.get((clinic, figure), set()))] = True
    return ClinicShares(
        figures=figures,
        therapists=tuple(map(str, names)),
        patients=patients,
        observations=dense[3],
        totals=dense[4],
        told=is_told,
        shown=tuple(shown.get((clinic, str(name), family), frozenset()) for name in names),
        whole=shown.get((clinic, "", family), frozenset()) | {0},
    )


def _to_hold(shares: ClinicShares, people: pd.DataFrame) -> Iterator[str]:
    """Yield the therapists whose new windows are held back."""
    ordered = people[~people["waits"]].sort_values(["n_patients", "therapist_id"], ascending=False)
    profile = str(people["profile"].iloc[0])
    position = {name: at for at, name in enumerate(shares.therapists)}
    new = [position[name] for name in ordered["therapist_id"] if name in position]
    before = _exposed(shares, profile)
    if not (_exposed(_with(shares, new), profile) & ~before).any():
        return
    for one in new:
        more = _with(shares, [one])
        if (_exposed(more, profile) & ~before).any():
            yield shares.therapists[one]
        else:
            shares = more


def _with(shares: ClinicShares, new: Sequence[int]) -> ClinicShares:
    """Return the same with new windows shown."""
    shown = tuple(of | {0} if at in new else of for at, of in enumerate(shares.shown))
    return replace(shares, shown=shown)


def _exposed(shares: ClinicShares, profile: str) -> Flags:
    """Return what a reader can tell of single months, both ways: kind × share × person × month."""
    rows = rows_of(shares.observations.sum(axis=0) > 0, shares.shown, shares.whole)
    people = shares.patients
    patients = Patients(
        *(rows.summed(one) for one in (people.there, people.arriving, people.leaving))
    )
    return np.stack(
        [
            _exposed_of(rows.summed(counts), rows, shares, patients, (kind, profile))
            for kind, counts in enumerate((shares.totals, shares.observations - shares.totals))
        ]
    )


def _exposed_of(
    counts: Numbers,
    rows: ClinicRows,
    shares: ClinicShares,
    patients: Patients,
    asked: tuple[int, str],
) -> Flags:
    kind, profile = asked
    sums = Sums(rows.owner, rows.signs, np.einsum("fsm,sm->fs", counts[:, rows.owner], rows.signs))
    least, most = np.zeros(counts.shape), np.full(counts.shape, MANY)
    most[:, rows.is_absent] = 0.0
    for bound in (least, most):
        bound[:, rows.clinic][shares.told] = counts[:, rows.clinic][shares.told]
    low, high = deduced(least, most, sums, rows.links)
    nobody = np.array([_to_say_nobody(name, kind, profile) for name in shares.figures])
    minimum = float(profile_of(profile).minimum_patients)
    found, excused = exposed((low, high), sums, patients, minimum, nobody)
    people = slice(rows.clinic)
    is_none = high[:, people] < HALF
    together = np.where(is_none, patients.there[:, people], 0.0).sum(axis=1, keepdims=True)
    said = np.einsum("rt,frm->ftm", rows.members, excused.astype(float)) > 0
    said |= is_none & (together >= nobody[:, np.newaxis, np.newaxis])
    return np.asarray(found[:, people] & ~said)


@cache
def _to_say_nobody(figure: str, kind: int, profile: str) -> float:
    """Return of how many patients together "nobody" (or "everybody") may be said."""
    rules = profile_of(profile)
    n = rules.minimum_patients
    row = {"figure": figure, "n_patients": n, "n_observations": n, "total": n * kind}
    alike = is_unsafe(pd.DataFrame([row]), pd.Series([profile])).iloc[0]
    return float(rules.minimum_alike if alike else n)
