"""Clinic-months held against their past: a month that passes is past for the next.

Many months of one clinic may be judged in one run. Each must find what it would have found alone,
months later: so the months are gone through in order, and only those count that pass. Whether one
passes is asked of the rules' own masks here; Great Expectations is asked once, for all of them, and
the two must agree (:meth:`Compared.check`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from expectations.demands import AtLeast, AtMost
from expectations.history import (
    REACH,
    WINDOW,
    Remembered,
    fingerprint,
    pooled,
    remembered,
)
from expectations.judging import State
from expectations.levels import Band, compare
from expectations.measures import with_limits
from expectations.rule import Rule, Severity
from expectations.slices import NAMES, Codes, Mask, Numbers
from expectations.thresholds import setting
from expectations.verdicts import Past, RuleCount, Verdict, decide
from rapport.months import Month

if TYPE_CHECKING:
    from rapport.clinics import Clinic
    from rapport.instruments import Instrument

_FEW = 6


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """Clinic-months with all that the slice rules ask of them.

    Attributes:
        frame: One row a clinic-month: measures, distances from the past, limits.
        columns: The same, column by column.
        bands: Name of a distance → where its measure usually lies.
        past: What each clinic-month rests on, and what is remembered of it.
        passes: Which ones hold every critical rule.
    """

    frame: pd.DataFrame
    columns: Mapping[str, Numbers]
    bands: Mapping[str, Band]
    past: tuple[Past, ...]
    passes: Mask

    def told(self, rule: Rule, place: int) -> dict[str, float]:
        """Return the numbers that go with a check of one clinic-month."""
        found = {"measured": self.columns[rule.column][place]}
        if rule.demand.has_limit:
            found["limit"] = self.columns[rule.limit_column][place]
        band = self.bands.get(rule.column)
        if band is not None:
            half = found["limit"] * band.spread[place]
            middle = band.middle[place]
            found |= {"now": band.value[place], "low": middle - half, "high": middle + half}
        return {name: round(float(value), _FEW) for name, value in found.items()}


def hold_against_past(
    measures: pd.DataFrame,
    rules: Sequence[Rule],
    *,
    is_sound: Mask,
    past: Sequence[Remembered],
    clinics: Mapping[str, "Clinic"],
    catalogue: Mapping[str, "Instrument"],
) -> Compared:
    """Compare clinic-months with their clinics' earlier ones.

    Args:
        measures: One row a clinic-month, from ``expectations.measures``.
        rules: Every rule that will be asked about clinic-months.
        is_sound: Which of them no other suite has made an ``error``, shape (n,).
        past: Earlier clinic-months that passed; of other clinics too.
        clinics: Id → clinic.
        catalogue: Id → instrument.
    """
    own = remembered(measures)
    pool = _Pool.of(past, measures, own)
    pieces, bands = [], []
    passes = np.zeros(len(measures), dtype=bool)
    rests_on = [""] * len(measures)
    for month in sorted(set(measures.month)):
        rows = np.flatnonzero(measures.month.to_numpy() == month)
        now = measures.iloc[rows]
        places = np.array([pool.before(name, month) for name in now.clinic_id], dtype=np.intp)
        owners = [clinics[name] for name in now.clinic_id]
        found = compare(now, pool.frame, places, owners=owners, catalogue=catalogue)
        beside = pd.DataFrame(found.measures, index=now.index)
        piece = with_limits(pd.concat([now, beside], axis=1), rules, clinics)
        passes[rows] = is_sound[rows] & _holds(piece, rules)
        pool.open(rows[passes[rows]])
        for row, own_places in zip(rows.tolist(), places, strict=True):
            rests_on[row] = pool.fingerprint(own_places, clinics[measures.clinic_id[row]])
        pieces.append(piece)
        bands.append(found.bands)
    frame = pd.concat(pieces).sort_index() if pieces else with_limits(measures, rules, clinics)
    return Compared(
        frame=frame,
        columns={str(name): frame[name].to_numpy() for name in frame.columns},
        bands=_joined(bands, pieces, len(measures)),
        past=tuple(Past(sha, told) for sha, told in zip(rests_on, own, strict=True)),
        passes=passes,
    )


def with_numbers(one: RuleCount, compared: Compared, place: int) -> RuleCount:
    """Return a check of one clinic-month with its numbers.

    One that was not asked has none. One about a single item that holds has none either: there are
    hundreds of them, and nobody asks how well an item holds.
    """
    is_of_item = one.rule.part.count(".") > 1
    if one.state not in {State.HOLDS, State.BROKEN} or (is_of_item and one.state is State.HOLDS):
        return one
    return replace(one, told=compared.told(one.rule, place))


def check_agreement(counts: Sequence[RuleCount], *, passes: bool) -> None:
    """Hold the rules' own masks to what Great Expectations said of a clinic-month.

    Raises:
        ValueError: They contradict each other; a later month would rest on a wrong past.
    """
    verdict, _ = decide(counts)
    if verdict is not Verdict.ERROR and passes != (verdict is Verdict.PASSED):
        raise ValueError("the rules' own masks and Great Expectations disagree about a month")


def _holds(frame: pd.DataFrame, rules: Sequence[Rule]) -> Mask:
    """Return which clinic-months hold every critical rule, by the rules' own masks."""
    holds = np.ones(len(frame), dtype=bool)
    for rule in rules:
        if rule.severity is Severity.CRITICAL:
            holds &= ~broken_by(rule, frame)
    return holds


def broken_by(rule: Rule, frame: pd.DataFrame) -> Mask:
    """Return which rows of a frame of measures break a rule with a limit, by its own mask.

    Args:
        rule: A rule with a limit.
        frame: Measures with the rule's limit beside them.

    Raises:
        TypeError: The rule has no limit.
    """
    if not isinstance(rule.demand, AtLeast | AtMost):
        raise TypeError(f"{rule.key} has no limit")
    values = frame[rule.column].to_numpy(dtype=float)
    if rule.needs_answer:
        values = np.where(np.isnan(values), float(rule.demand.unanswered), values)
    broken: Mask = rule.demand.breaks(values, frame[rule.limit_column].to_numpy(dtype=float))
    return broken


def _joined(
    bands: Sequence[Mapping[str, Band]], pieces: Sequence[pd.DataFrame], n: int
) -> dict[str, Band]:
    """Put the bands of several months below each other again, in the order of clinic-months."""
    found: dict[str, Band] = {}
    for own, piece in zip(bands, pieces, strict=True):
        rows = piece.index.to_numpy()
        for name, band in own.items():
            whole = found.setdefault(name, Band(*(np.full(n, np.nan) for _ in range(3))))
            whole.value[rows], whole.middle[rows] = band.value, band.middle
            whole.spread[rows] = band.spread
    return found


@dataclass(eq=False, slots=True)
class _Pool:
    """Earlier months and the months being judged, in one frame; the latter count once they pass."""

    frame: pd.DataFrame
    told_of: list[Mapping[str, float]]
    months: list[str]
    of_clinic: dict[str, list[int]]
    is_open: Mask
    n_past: int

    @classmethod
    def of(
        cls, past: Sequence[Remembered], measures: pd.DataFrame, own: Sequence[Mapping[str, float]]
    ) -> "_Pool":
        """Build the pool; months judged now replace what was remembered of them."""
        judged = set(measures[NAMES].itertuples(index=False, name=None))
        earlier = [one for one in past if (one.one.clinic_id, one.one.month) not in judged]
        now = pd.concat([measures[NAMES], pd.DataFrame(list(own), index=measures.index)], axis=1)
        frame = pd.concat([pooled(earlier), now], ignore_index=True)
        of_clinic: dict[str, list[int]] = {}
        owners = frame.clinic_id.tolist()
        order = np.argsort(frame.month.to_numpy(dtype=object), kind="stable")
        for place in order.tolist():
            of_clinic.setdefault(owners[place], []).append(place)
        return cls(
            frame=frame.drop(columns=NAMES),
            told_of=[*(one.measures for one in earlier), *own],
            months=frame.month.tolist(),
            of_clinic=of_clinic,
            is_open=np.arange(len(frame)) < len(earlier),
            n_past=len(earlier),
        )

    def before(self, clinic_id: str, month: str) -> list[int]:
        """Return the newest months of a clinic before one, oldest first, filled up with -1."""
        earliest = str(Month.parse(month).plus(-REACH))
        found = [
            place
            for place in self.of_clinic.get(clinic_id, [])
            if self.is_open[place] and earliest <= self.months[place] < month
        ][-WINDOW:]
        return [*found, *([-1] * (WINDOW - len(found)))]

    def open(self, rows: Codes) -> None:
        """Let months that passed count from now on."""
        self.is_open[self.n_past + rows] = True

    def fingerprint(self, places: Codes, clinic: "Clinic") -> str:
        """Return the hash of the months at these places; empty if they are too few to count."""
        own = [at for at in places.tolist() if at >= 0]
        if len(own) < setting("HISTORY_MONTHS", clinic):
            return ""
        return fingerprint((self.months[at], self.told_of[at]) for at in own)
