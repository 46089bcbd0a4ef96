"""Close: from the scores of every passed clinic-month to outcomes, aggregates and benchmarks.

Everything is computed afresh from what is known at the close, over the trailing twelve months;
only what may be published is kept.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from rapport.monthly.continuing import continued, continuing
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

SESSIONS = (*_KEYS, "therapist_id", "mode", "attendance", "ending", "covariates")
"""What outcomes and aggregates need of a session."""


def close_outcomes(home: "Home", month: Month) -> pd.DataFrame:
    """Replace the month's slices of outcomes and changes; return the outcomes."""
    from rapport.scoring.outcomes import treatment_outcomes

    sessions = _sessions(home, month)
    courses = continuing(sessions, home.registry)
    found = treatment_outcomes(
        continued(_totals(home, month), courses),
        continued(sessions, courses),
        month=month,
        catalogue=home.catalogue,
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
            coded=True,
            instrument=list(SESSION_INSTRUMENTS),
        ),
        "sessions": sessions,
        "outcomes": pd.concat([one.outcomes for one in found], ignore_index=True),
        "changes": pd.concat([one.changes for one in found], ignore_index=True),
    }


def _former(home: "Home", month: Month, frames: dict[str, pd.DataFrame]) -> "Former | None":
    """Return what was published before, and who came and went since; nothing if nothing was.

    Of the month itself, only where its report has an edition already: until then, nobody has read
    what an earlier close has found.
    """
    from rapport.disclosure import Former, told
    from rapport.statistics.turnover import turnover

    read = home.warehouse.read
    years = [str(one) for one in trailing(month, 2 * WINDOW_MONTHS)]
    editions = read(tables.editions, columns=("clinic_id",), month=str(month), kind="report")
    read_before = set(editions["clinic_id"])
    clinics = read(tables.clinic_aggregates, month=years)
    clinics = clinics[clinics["month"].ne(str(month)) | clinics["clinic_id"].isin(read_before)]
    if clinics.empty:
        return None
    window = [one for one in years[WINDOW_MONTHS:] if read_before or one != str(month)]
    therapists = read(tables.therapist_aggregates, month=window)
    is_read = therapists["clinic_id"].isin(read_before)
    sectors = read(
        tables.sector_benchmarks, month=[*years[:-1], *([years[-1]] if read_before else [])]
    )
    year_before = month.plus(-WINDOW_MONTHS)
    left = _frames(home, year_before, _sessions(home, year_before))
    known = told(clinics, sectors)
    return Former(
        therapists=therapists[therapists["month"].ne(str(month)) | is_read],
        clinics=clinics,
        sectors=sectors,
        turnover=turnover(frames, left, clinic_sectors(home), month, known),
    )


def clinic_sectors(home: "Home") -> pd.DataFrame:
    """Return one row a clinic: ``clinic_id``, ``sector``, bands of stages, covariates."""
    from rapport.statistics.courses import DEFAULT_BANDS

    rows = [
        (
            one.id,
            one.sector,
            one.stages.first,
            one.stages.agreeing,
            one.stages.ending,
            one.covariates,
        )
        for one in home.registry.clinics.values()
    ]
    return pd.DataFrame(rows, columns=["clinic_id", "sector", *DEFAULT_BANDS, "covariates"])


def _outcomes_of(
    home: "Home", window: Sequence[Month], sessions: pd.DataFrame
) -> list["TreatmentOutcomes"]:
    """Judge the treatments that ended in each month of the window; the totals are let go again."""
    from rapport.scoring.outcomes import treatment_outcomes

    courses = continuing(sessions, home.registry)
    sessions = continued(sessions, courses)
    totals = _of_ended(continued(_totals(home, window[-1]), courses), sessions)
    has_ended = sessions["ending"].notna() & (sessions["ending"] != "ongoing")
    asked = set(sessions.loc[has_ended, "month"].unique()) | {str(window[-1])}
    return [
        treatment_outcomes(totals, sessions, month=one, catalogue=home.catalogue)
        for one in window
        if str(one) in asked
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
