"""Close: from the scores of every passed clinic-month to outcomes, aggregates and benchmarks.

Everything is computed afresh from what is known at the close, over the trailing twelve months;
only what may be published is kept.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from rapport.months import Month, months_through, trailing
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home
    from rapport.scoring.outcomes import TreatmentOutcomes

WINDOW_MONTHS = 12
"""Length of the trailing window, in months."""


_KEYS = ("clinic_id", "month", "patient_id", "episode", "session", "session_date")
"""What every row of scores and sessions is known by."""

TOTALS = (*_KEYS, "instrument", "score", "is_prorated")
"""What outcomes need of a total, beside its scale and rater, which are the same for all."""

ALLIANCE = (
    *_KEYS,
    "instrument",
    "rater",
    "scale",
    "therapist_id",
    "item_mean",
    "no_score_reason",
)
"""What aggregates need of a score of the alliance."""

SESSIONS = (*_KEYS, "therapist_id", "attendance", "ending")
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
    """Replace the month's slices of all three tables of figures.

    Returns:
        Name of the table → its published figures.
    """
    from rapport.disclosure import publish
    from rapport.statistics import aggregate
    from rapport.statistics.figures import ALLIANCE_FORMS

    window = trailing(month, WINDOW_MONTHS)
    names = [str(one) for one in window]
    sessions = _sessions(home, month)
    found = _outcomes_of(home, window, sessions)
    computed = aggregate(
        scores=home.warehouse.read_passed(
            tables.scale_scores, names, columns=ALLIANCE, instrument=list(ALLIANCE_FORMS.values())
        ),
        sessions=sessions[sessions.month.isin(names)],
        outcomes=pd.concat([one.outcomes for one in found], ignore_index=True),
        changes=pd.concat([one.changes for one in found], ignore_index=True),
        clinics=clinic_sectors(home),
        month=month,
    )
    profiles = {clinic.id: clinic.disclosure for clinic in home.registry.clinics.values()}
    published = publish(computed, profiles_by_clinic=profiles, clinics=clinic_sectors(home))
    figures = {
        tables.therapist_aggregates: published.therapists,
        tables.clinic_aggregates: published.clinics,
        tables.sector_benchmarks: published.sectors,
    }
    home.warehouse.replace_slices(figures, [{"month": str(month)}])
    return {table.name: rows for table, rows in figures.items()}


def clinic_sectors(home: "Home") -> pd.DataFrame:
    """Return one row a clinic: ``clinic_id``, ``sector``."""
    rows = [(clinic.id, clinic.sector) for clinic in home.registry.clinics.values()]
    return pd.DataFrame(rows, columns=["clinic_id", "sector"])


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
