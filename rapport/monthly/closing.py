"""Close: from the scores of every passed clinic-month to outcomes, aggregates and benchmarks.

Everything is computed afresh from what is known at the close, over the trailing twelve months;
only what may be published is kept.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from rapport.monthly.history import closings
from rapport.months import Month, months_through, trailing
from rapport.warehouse import tables

if TYPE_CHECKING:
    import sqlalchemy as sa

    from rapport.disclosure import Former
    from rapport.home import Home
    from rapport.scoring.outcomes import TreatmentOutcomes

WINDOW_MONTHS = 12
"""Length of the trailing window, in months."""


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

SESSIONS = (*_KEYS, "therapist_id", "mode", "attendance", "ending")
"""What outcomes and aggregates need of a session."""


def close_outcomes(home: "Home", month: Month) -> pd.DataFrame:
    """Replace the month's slices of outcomes and changes; return the outcomes."""
    from rapport.scoring.outcomes import treatment_outcomes

    found = treatment_outcomes(
        _totals(home, month), _sessions(home, month), month=month, catalogue=home.catalogue
    )
    home.warehouse.replace_slices(
        {tables.treatment_outcomes: found.outcomes, tables.measure_changes: found.changes},
        [{"month": str(month)}],
    )
    return found.outcomes


def close_aggregates(home: "Home", month: Month) -> dict[str, pd.DataFrame]:
    """Replace the month's slices of all three tables of figures, and record the close.

    A close that was overtaken, because another one that knew more verdicts was recorded while it
    computed, is computed again.

    Returns:
        Name of the table → its published figures.
    """
    while True:
        until = closings.verdicts_until(home, month)
        figures = _figures(home, month)
        told = {table.name: rows for table, rows in figures.items()}
        if closings.record(home, month, figures, until=until):
            return told


def _figures(home: "Home", month: Month) -> dict["sa.Table", pd.DataFrame]:
    """Compute what may be published of a month."""
    from rapport.disclosure import publish
    from rapport.monthly.forms import forms_of_month
    from rapport.statistics import aggregate

    sessions = _sessions(home, month)
    frames = _frames(home, month, sessions)
    computed = aggregate(
        **frames, clinics=clinic_sectors(home), month=month, forms=forms_of_month(home, month)
    )
    profiles = {clinic.id: clinic.disclosure for clinic in home.registry.clinics.values()}
    published = publish(
        computed,
        profiles_by_clinic=profiles,
        clinics=clinic_sectors(home),
        former=_former(home, month, frames),
    )
    return {
        tables.therapist_aggregates: published.therapists,
        tables.clinic_aggregates: published.clinics,
        tables.sector_benchmarks: published.sectors,
    }


def _frames(home: "Home", month: Month, sessions: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return what the figures of the twelve months up to one are computed from."""
    from rapport.statistics.figures import SESSION_INSTRUMENTS

    window = trailing(month, WINDOW_MONTHS)
    found = _outcomes_of(home, window, sessions)
    return {
        "scores": home.warehouse.read_passed(
            tables.scale_scores,
            [str(one) for one in window],
            columns=SCORES,
            instrument=list(SESSION_INSTRUMENTS),
        ),
        "sessions": sessions,
        "outcomes": pd.concat([one.outcomes for one in found], ignore_index=True),
        "changes": pd.concat([one.changes for one in found], ignore_index=True),
    }


def _former(home: "Home", month: Month, frames: dict[str, pd.DataFrame]) -> "Former | None":
    """Return what the eleven months before have published, and who came and went since.

    Of the clinics whose disclosure profile protects over months; nothing if there is none.
    """
    from rapport.disclosure import Former, profile_of
    from rapport.statistics.turnover import turnover

    before = [str(one) for one in trailing(month.plus(-1), WINDOW_MONTHS - 1)]
    wanted = ("clinic_id", "month", "period", "figure", "suppression")
    protected = [
        one.id
        for one in home.registry.clinics.values()
        if profile_of(one.disclosure).protects_over_months
    ]
    of_these = {"month": before, "clinic_id": protected}
    clinics = home.warehouse.read(tables.clinic_aggregates, columns=wanted, **of_these)
    if clinics.empty:
        return None
    therapists = home.warehouse.read(
        tables.therapist_aggregates, columns=(*wanted, "therapist_id"), **of_these
    )
    year_before = month.plus(-WINDOW_MONTHS)
    left = _frames(home, year_before, _sessions(home, year_before))
    moved = turnover(frames, left, clinic_sectors(home), month)
    return Former(therapists, clinics, moved[moved["clinic_id"].isin(protected)])


def clinic_sectors(home: "Home") -> pd.DataFrame:
    """Return one row a clinic: ``clinic_id``, ``sector``, and the bands of its stages."""
    from rapport.statistics.courses import DEFAULT_BANDS

    rows = [
        (one.id, one.sector, one.stages.first, one.stages.agreeing, one.stages.ending)
        for one in home.registry.clinics.values()
    ]
    return pd.DataFrame(rows, columns=["clinic_id", "sector", *DEFAULT_BANDS])


def _outcomes_of(
    home: "Home", window: Sequence[Month], sessions: pd.DataFrame
) -> list["TreatmentOutcomes"]:
    """Judge the treatments that ended in each month of the window; the totals are let go again."""
    from rapport.scoring.outcomes import treatment_outcomes

    totals = _of_ended(_totals(home, window[-1]), sessions)
    return [
        treatment_outcomes(totals, sessions, month=one, catalogue=home.catalogue) for one in window
    ]


def _totals(home: "Home", month: Month) -> pd.DataFrame:
    """Return the patients' totals of every passed clinic-month up to the close."""
    totals = home.warehouse.read_passed(
        tables.scale_scores, _known(home, month), columns=TOTALS, scale="total", rater="patient"
    )
    return totals.assign(scale="total", rater="patient")


def _of_ended(totals: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Leave out the totals of treatments that go on: no month of the window asks for them."""
    from rapport.scoring.episodes import EPISODE

    has_ended = sessions["ending"].notna() & (sessions["ending"] != "ongoing")
    ended = sessions.loc[has_ended, EPISODE].drop_duplicates()
    return totals.merge(ended, on=EPISODE, how="inner", validate="many_to_one")


def _sessions(home: "Home", month: Month) -> pd.DataFrame:
    """Return the sessions of every passed clinic-month up to the close."""
    return home.warehouse.read_passed(tables.sessions, _known(home, month), columns=SESSIONS)


def _known(home: "Home", month: Month) -> list[str]:
    first = Month.parse(home.settings.start_month)
    return [str(one) for one in months_through(first, month)]
