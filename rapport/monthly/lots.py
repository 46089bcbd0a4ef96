"""Lots: clinics whose figures are computed together, so many that memory stays flat.

A month is closed lot by lot: what is read of one lot is let go before the next one is read, and
memory follows the size of a lot, not the number of clinics. Clinics of which one takes over
patients of the other stay together, because a course of treatment may go on from one to the other.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import sqlalchemy as sa

from rapport.monthly.continuing import continued, continuing
from rapport.months import Month, months_through
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.clinics import Registry
    from rapport.home import Home
    from rapport.scoring.outcomes import TreatmentOutcomes
    from rapport.statistics.pooled import Common

LOT_ROWS = 400_000
"""Scores and sessions that are read together, unless clinics that stay together have more."""

_KEYS = ("clinic_id", "month", "patient_id", "episode", "session", "session_date")
"""What every row of scores and sessions is known by."""

TOTALS = (*_KEYS, "instrument", "score", "is_prorated")
"""What outcomes need of a total, beside its scale and rater, which are the same for all."""

SCORES = (
    *_KEYS,
    "instrument",
    "rater",
    "scale",
    "therapist_id",
    "score",
    "item_mean",
    "no_score_reason",
)
"""What aggregates need of a score of the alliance, or of what stands beside it."""

SESSIONS = (*_KEYS, "therapist_id", "mode", "attendance", "ending", "covariates")
"""What outcomes and aggregates need of a session."""

_RATINGS = (
    "clinic_id", "patient_id", "episode", "instrument", "rater", "scale", "item_mean",
    "no_score_reason",
)  # fmt: skip

Lot = Sequence[str]
"""Ids of clinics."""


def lots_of(home: "Home", month: Month) -> list[Lot]:
    """Split all clinics into lots by what is stored of them up to a month; at least one lot.

    Clinics come in one order, whatever the size of a lot: sorted by id, but for those that stay
    together, which come with the first of them.
    """
    lots: list[list[str]] = [[]]
    stored, size = _stored(home, month), 0
    for clinics in _staying_together(home.registry):
        more = sum(stored.get(one, 0) for one in clinics)
        if lots[-1] and size + more > LOT_ROWS:
            lots.append([])
            size = 0
        lots[-1] += clinics
        size += more
    return list(lots)


def _stored(home: "Home", month: Month) -> dict[str, int]:
    """Return the number of scores and sessions of each clinic up to a month."""
    found: dict[str, int] = {}
    with home.warehouse.engine.connect() as connection:
        for table in (tables.scale_scores, tables.sessions):
            stored = tables.PACKED[table].c
            query = (
                sa.select(stored.clinic_id, sa.func.sum(stored.n_rows))
                .where(stored.month.in_(_known(home, month)))
                .group_by(stored.clinic_id)
            )
            for clinic, n_rows in connection.execute(query):
                found[clinic] = found.get(clinic, 0) + int(n_rows)
    return found


def _staying_together(registry: "Registry") -> list[list[str]]:
    """Return groups of clinics that take over patients, and every other clinic by itself."""
    group_of = {one: [one] for one in sorted(registry.clinics)}
    for clinic in registry.clinics.values():
        for taken in clinic.takes_over:
            first, second = group_of[clinic.id], group_of[taken.clinic]
            if first is not second:
                joined = sorted(first + second)
                group_of |= dict.fromkeys(joined, joined)
    return [group for clinic, group in group_of.items() if clinic == group[0]]


def common_of_window(home: "Home", window: Sequence[Month], lots: Sequence[Lot]) -> "Common":
    """Ask all clinics for what observations of each of them take from all.

    Args:
        home: The home.
        window: The months, oldest first.
        lots: From :func:`lots_of`.
    """
    from rapport.scoring.episodes import EPISODE
    from rapport.statistics.figures import ALLIANCE_FORMS
    from rapport.statistics.pooled import common_of, share_of_clinics

    months = [str(one) for one in window]
    read = home.warehouse.read_passed
    shares, is_stated = [], False
    for clinics in lots:
        ratings = read(
            tables.scale_scores,
            months,
            clinics=clinics,
            columns=_RATINGS,
            coded=True,
            instrument=ALLIANCE_FORMS["patient"],
            rater="patient",
            scale="total",
        )
        modes = pd.Series(dtype="str")
        if not is_stated:
            modes = read(tables.sessions, months, clinics=clinics, columns=["mode"])["mode"]
        shares.append(share_of_clinics(ratings, modes, clinic="clinic_id", episode=EPISODE))
        is_stated = is_stated or shares[-1].states_mode
    return common_of(shares)


def frames_of(home: "Home", window: Sequence[Month], clinics: Lot) -> dict[str, pd.DataFrame]:
    """Return what the figures of a window are computed from, of some clinics.

    Args:
        home: The home.
        window: The months, oldest first.
        clinics: A lot.

    Returns:
        ``scores``, ``sessions``, ``outcomes`` and ``changes``, as
        :func:`rapport.statistics.aggregate` takes them.
    """
    from rapport.statistics.figures import SESSION_INSTRUMENTS

    sessions = _sessions(home, window[-1], clinics)
    found = list(_judged(home, window, clinics, sessions))
    return {
        "scores": home.warehouse.read_passed(
            tables.scale_scores,
            [str(one) for one in window],
            clinics=clinics,
            columns=SCORES,
            coded=True,
            instrument=list(SESSION_INSTRUMENTS),
        ),
        "sessions": sessions,
        "outcomes": pd.concat([one.outcomes for one in found], ignore_index=True),
        "changes": pd.concat([one.changes for one in found], ignore_index=True),
    }


def outcomes_of(home: "Home", month: Month, clinics: Lot) -> "TreatmentOutcomes":
    """Judge the treatments of some clinics that ended in a month."""
    (found,) = _judged(home, [month], clinics, _sessions(home, month, clinics))
    return found


def _judged(
    home: "Home", window: Sequence[Month], clinics: Lot, sessions: pd.DataFrame
) -> "Iterator[TreatmentOutcomes]":
    """Judge the treatments that ended in each month of a window."""
    from rapport.scoring.outcomes import treatment_outcomes

    courses = continuing(sessions, home.registry)
    sessions = continued(sessions, courses)
    has_ended = sessions["ending"].notna() & (sessions["ending"] != "ongoing")
    totals = continued(_totals(home, window[-1], clinics), courses)
    totals = _of_ended(totals, sessions[has_ended])
    asked = set(sessions.loc[has_ended, "month"].unique()) | {str(window[-1])}
    for one in window:
        if str(one) in asked:
            yield treatment_outcomes(totals, sessions, month=one, catalogue=home.catalogue)


def _of_ended(totals: pd.DataFrame, endings: pd.DataFrame) -> pd.DataFrame:
    """Leave out the totals of treatments that go on: no month of the window asks for them."""
    from rapport.scoring.episodes import EPISODE

    ended = endings[EPISODE].drop_duplicates()
    return totals.merge(ended, on=EPISODE, how="inner", validate="many_to_one")


def _totals(home: "Home", month: Month, clinics: Lot) -> pd.DataFrame:
    """Return the patients' totals of passed clinic-months up to the close."""
    totals = home.warehouse.read_passed(
        tables.scale_scores,
        _known(home, month),
        clinics=clinics,
        columns=TOTALS,
        scale="total",
        rater="patient",
    )
    return totals.assign(scale="total", rater="patient")


def _sessions(home: "Home", month: Month, clinics: Lot) -> pd.DataFrame:
    """Return the sessions of passed clinic-months up to the close."""
    return home.warehouse.read_passed(
        tables.sessions, _known(home, month), clinics=clinics, columns=SESSIONS
    )


def _known(home: "Home", month: Month) -> list[str]:
    first = Month.parse(home.settings.start_month)
    return [str(one) for one in months_through(first, month)]
