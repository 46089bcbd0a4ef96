"""Close: from the scores of every passed clinic-month to outcomes, aggregates and benchmarks.

Everything is computed afresh from what is known at the close, over the trailing twelve months;
only what may be published is kept.
"""

from typing import TYPE_CHECKING

import pandas as pd

from rapport.months import Month, months_through, trailing
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home

WINDOW_MONTHS = 12
"""Length of the trailing window, in months."""


SCORED = (
    "clinic_id",
    "month",
    "patient_id",
    "episode",
    "session",
    "instrument",
    "rater",
    "scale",
    "therapist_id",
    "session_date",
    "score",
    "item_mean",
    "is_prorated",
    "no_score_reason",
)
"""What outcomes and aggregates need of a score; the rest stays in the warehouse."""


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
    from rapport.scoring.outcomes import treatment_outcomes
    from rapport.statistics import aggregate
    from rapport.statistics.figures import ALLIANCE_FORMS

    window = trailing(month, WINDOW_MONTHS)
    names = [str(one) for one in window]
    totals, sessions = _totals(home, month), _sessions(home, month)
    found = [
        treatment_outcomes(totals, sessions, month=one, catalogue=home.catalogue) for one in window
    ]
    computed = aggregate(
        scores=home.warehouse.read_passed(
            tables.scale_scores, names, columns=SCORED, instrument=list(ALLIANCE_FORMS.values())
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


def _totals(home: "Home", month: Month) -> pd.DataFrame:
    """Return the patients' totals of every passed clinic-month up to the close."""
    return home.warehouse.read_passed(
        tables.scale_scores, _known(home, month), columns=SCORED, scale="total", rater="patient"
    )


def _sessions(home: "Home", month: Month) -> pd.DataFrame:
    """Return the sessions of every passed clinic-month up to the close."""
    return home.warehouse.read_passed(tables.sessions, _known(home, month))


def _known(home: "Home", month: Month) -> list[str]:
    first = Month.parse(home.settings.start_month)
    return [str(one) for one in months_through(first, month)]
