"""Close: from the scores of every passed clinic-month to outcomes, aggregates and benchmarks.

Everything is computed afresh from what is known at the close, over the trailing twelve months;
only what may be published is kept.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from rapport.months import Month, months_through, trailing
from rapport.warehouse import tables

if TYPE_CHECKING:
    from rapport.home import Home

WINDOW_MONTHS = 12
"""Length of the trailing window, in months."""


@dataclass(frozen=True)
class Evidence:
    """What a close may read: passed sessions and scores, first known month through the close."""

    sessions: pd.DataFrame
    scores: pd.DataFrame


def close_outcomes(home: "Home", month: Month) -> pd.DataFrame:
    """Replace the month's slices of outcomes and changes; return the outcomes."""
    from rapport.scoring.outcomes import treatment_outcomes

    known = _passed(home, month)
    found = treatment_outcomes(known.scores, known.sessions, month=month, catalogue=home.catalogue)
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

    known = _passed(home, month)
    window = trailing(month, WINDOW_MONTHS)
    names = [str(one) for one in window]
    totals = known.scores[(known.scores.scale == "total") & (known.scores.rater == "patient")]
    found = [
        treatment_outcomes(totals, known.sessions, month=one, catalogue=home.catalogue)
        for one in window
    ]
    computed = aggregate(
        scores=known.scores[known.scores.month.isin(names)],
        sessions=known.sessions[known.sessions.month.isin(names)],
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


def _passed(home: "Home", month: Month) -> Evidence:
    first = Month.parse(home.settings.start_month)
    names = [str(one) for one in months_through(first, month)]
    return Evidence(
        sessions=home.warehouse.read_passed(tables.sessions, names),
        scores=home.warehouse.read_passed(tables.scale_scores, names),
    )
