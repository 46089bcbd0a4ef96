"""Counts behind the shares of single months, by therapist: what is told of a clinic's months.

Whoever reads that nobody of a clinic missed an appointment in a month knows it of each of its
therapists; whoever reads that two did knows that at most two did with any one of them. Disclosure
control has to know what such months leave open (:mod:`rapport.disclosure.attribution`).
"""

import numpy as np
import pandas as pd

from rapport.statistics.coding import WINDOW, Units
from rapport.statistics.figures import FIGURES
from rapport.statistics.summaries import group_codes

SHARES = tuple(
    name
    for name, one in FIGURES.items()
    if one.kind == "proportion" and "month" in one.periods and "therapist" in one.levels
)
"""Shares that are told of a clinic's months and of a therapist's window."""

MONTH_COUNTS = ("n_patients", "n_arriving", "n_leaving", "n_observations", "total")

_IDS = np.array(list(FIGURES), dtype=object)
_IS_SHARE = np.isin(_IDS, SHARES)


def shares_by_month(cells: pd.DataFrame, units: Units, back: int) -> pd.DataFrame:
    """Count the shares of each therapist and month of a window.

    Args:
        cells: From :func:`rapport.statistics.observations.cells_of`.
        units: What the codes stand for.
        back: Months between the window and the one that is closed.

    Returns:
        One row a ``clinic_id``, ``therapist_id``, ``figure`` of :data:`SHARES` and ``apart``
        (months before the one that is closed, from 0 on) with any observation:
        :data:`MONTH_COUNTS`, of which ``n_arriving`` and ``n_leaving`` are patients who are there
        for the first, and for the last, time of the window. ``level`` is ``month``.
    """
    own = cells[_IS_SHARE[cells["figure"].to_numpy(np.int64)]]
    n_therapists = max(len(units.therapists), 1)
    figure, therapist, patient, when = (
        own[name].to_numpy(np.int64) for name in ("figure", "therapist", "patient", "when")
    )
    n_patients = int(patient.max(initial=0)) + 1
    _, course = group_codes((figure * n_therapists + therapist) * n_patients + patient)
    first = np.full(int(course.max(initial=-1)) + 1, WINDOW)
    last = np.full(len(first), -1)
    np.minimum.at(first, course, when)
    np.maximum.at(last, course, when)
    keys, month = group_codes((figure * n_therapists + therapist) * WINDOW + when)
    person = keys // WINDOW % n_therapists
    weights = {
        "n_patients": np.ones(len(own)),
        "n_arriving": first[course] == when,
        "n_leaving": last[course] == when,
        "n_observations": own["n"].to_numpy(float),
        "total": own["total"].to_numpy(float),
    }
    counts = {
        name: np.bincount(month, np.asarray(weight, dtype=float), len(keys))
        for name, weight in weights.items()
    }
    return pd.DataFrame(
        {
            "level": "month",
            "clinic_id": np.array(units.clinics, dtype=object)[units.clinic_of_therapist[person]],
            "therapist_id": np.array(units.therapists, dtype=object)[person],
            "figure": _IDS[keys // WINDOW // n_therapists],
            "apart": back + WINDOW - 1 - keys % WINDOW,
            **counts,
        }
    )
