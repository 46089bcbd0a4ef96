"""How the treatments that ended in a month went: flags by treatment, change by measure.

``treatment_outcomes`` follows NHS Talking Therapies and uses complete totals only, as the national
data set does; ``measure_changes`` uses each instrument's own scores, prorated ones included.
Where a clinic states the patient's problem, the anxiety measure is the one that belongs to it, or
the GAD-7 where that one is not paired (:mod:`rapport.scoring.specific_outcomes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.clinics.covariates import PROBLEM
from rapport.instruments import Instrument, instrument_of
from rapport.months import Month
from rapport.scoring.covariates import value_of
from rapport.scoring.episodes import EPISODE, ended_episodes
from rapport.scoring.rounding import without_noise
from rapport.scoring.specific_outcomes import JudgedOutcomes, judge_outcomes
from rapport.scoring.talking_therapies import MeasurePairs
from rapport.warehouse.tables import measure_changes as changes_table
from rapport.warehouse.tables import treatment_outcomes as outcomes_table

DEPRESSION, ANXIETY = "phq-9", "gad-7"
"""The two measures of the outcome definitions."""

IMPROVED, DETERIORATED, UNCHANGED = (
    "reliably_improved",
    "reliably_deteriorated",
    "no_reliable_change",
)
"""Classes of change on one measure."""

_OUTCOME_COLUMNS = [column.name for column in outcomes_table.columns]
_CHANGE_COLUMNS = [column.name for column in changes_table.columns]


@dataclass(frozen=True, slots=True)
class TreatmentOutcomes:
    """The two frames of a month.

    Attributes:
        outcomes: Columns of ``treatment_outcomes``, one row an episode that ended in the month.
        changes: Columns of ``measure_changes``, one row a finished episode and outcome measure
            with at least one score.
    """

    outcomes: pd.DataFrame
    changes: pd.DataFrame


def treatment_outcomes(
    scores: pd.DataFrame,
    sessions: pd.DataFrame,
    *,
    month: Month,
    catalogue: Mapping[str, Instrument],
) -> TreatmentOutcomes:
    """Judge the treatments that ended in ``month``.

    Args:
        scores: Columns of ``scale_scores``, every month up to and including ``month``.
        sessions: Columns of ``sessions``, likewise.
        month: The month of ending.
        catalogue: Instruments by id; must hold PHQ-9 and GAD-7.

    Raises:
        ScoringError: PHQ-9 or GAD-7 has no usable thresholds in the catalogue.
        SettingsError: The catalogue lacks an instrument that was scored.
    """
    ended = ended_episodes(sessions, month=month)
    recorded = _recorded(scores, ended, month)
    judged = _flags(ended, recorded[~recorded["is_prorated"].astype(bool)], catalogue)
    return TreatmentOutcomes(
        outcomes=_outcomes(ended, judged, month),
        changes=_changes(ended[ended["is_finished"]], recorded, month, catalogue),
    )


def _recorded(scores: pd.DataFrame, ended: pd.DataFrame, month: Month) -> pd.DataFrame:
    """Return the patients' totals of ended episodes up to their end, in order of time."""
    is_total = (scores["rater"] == "patient") & (scores["scale"] == "total")
    has_score = scores["score"].notna() & (scores["month"] <= str(month))
    known = scores[is_total & has_score]
    of_ended = known.merge(
        ended[[*EPISODE, "ended_on"]], on=EPISODE, how="inner", validate="many_to_one"
    )
    in_time = of_ended[of_ended["session_date"] <= of_ended["ended_on"]]
    return in_time.sort_values(["session_date", "session"], kind="stable")


def _pairs(recorded: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Return ``n_scores``, ``pre`` and ``post``; ``post`` is NaN unless there are two scores."""
    pairs = (
        recorded.groupby(keys)["score"].agg(n_scores="size", pre="first", post="last").reset_index()
    )
    pairs["post"] = pairs["post"].where(pairs["n_scores"] > 1)
    return pairs


def _first_and_last(
    ended: pd.DataFrame, complete: pd.DataFrame, instrument: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    pairs = _pairs(complete[complete["instrument"] == instrument], EPISODE)
    aligned = ended[EPISODE].merge(pairs, on=EPISODE, how="left", validate="one_to_one")
    return aligned["pre"].to_numpy(dtype=np.float64), aligned["post"].to_numpy(dtype=np.float64)


def _flags(
    ended: pd.DataFrame, complete: pd.DataFrame, catalogue: Mapping[str, Instrument]
) -> JudgedOutcomes:
    depression, gad7 = (
        MeasurePairs.of(*_first_and_last(ended, complete, name), instrument_of(catalogue, name))
        for name in (DEPRESSION, ANXIETY)
    )
    return judge_outcomes(
        depression,
        gad7,
        value_of(ended["covariates"], PROBLEM).to_numpy(dtype=object),
        lambda instrument: _first_and_last(ended, complete, instrument),
    )


def _outcomes(ended: pd.DataFrame, judged: JudgedOutcomes, month: Month) -> pd.DataFrame:
    """Return the outcome table; an unfinished treatment has no outcome flag up."""
    flags = judged.flags
    is_finished = ended["is_finished"].to_numpy(dtype=np.bool_)
    case = pd.array(flags.is_case, dtype="boolean")
    case[~flags.is_case & ~flags.is_not_case] = pd.NA
    return ended.assign(
        month=str(month),
        is_paired=flags.is_paired & is_finished,
        is_case_at_start=case,
        is_recovered=flags.is_recovered & is_finished,
        is_reliably_improved=flags.is_reliably_improved & is_finished,
        is_reliably_recovered=flags.is_reliably_recovered & is_finished,
        is_reliably_deteriorated=flags.is_reliably_deteriorated & is_finished,
        anxiety_measure=judged.measures,
    )[_OUTCOME_COLUMNS]


def _changes(
    finished: pd.DataFrame,
    recorded: pd.DataFrame,
    month: Month,
    catalogue: Mapping[str, Instrument],
) -> pd.DataFrame:
    measures = [instrument_of(catalogue, str(name)) for name in recorded["instrument"].unique()]
    signs = {m.id: m.improvement_sign for m in measures if m.is_outcome}
    thresholds = {
        m.id: m.reliable_change.value
        for m in measures
        if m.reliable_change is not None and m.reliable_change.is_usable
    }
    pairs = _pairs(recorded[recorded["instrument"].isin(signs)], [*EPISODE, "instrument"])
    changes = pairs.merge(
        finished[[*EPISODE, "therapist_id"]], on=EPISODE, how="inner", validate="many_to_one"
    )
    sign = changes["instrument"].map(signs).astype("float64")
    improvement = without_noise((changes["post"] - changes["pre"]) * sign)
    return changes.assign(
        month=str(month),
        improvement=improvement,
        change_class=change_classes(
            improvement,
            np.array([thresholds.get(name, np.nan) for name in changes["instrument"]]),
        ),
    )[_CHANGE_COLUMNS]


def change_classes(
    improvement: NDArray[np.float64],
    threshold: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Return the class of each change: improved, deteriorated, or neither.

    Args:
        improvement: Shape (n,), points, positive = better; NaN where there is no pair.
        threshold: Shape (n,), smallest reliable change; NaN where none is confirmed.

    Returns:
        Shape (n,), object: one of the three classes, or ``None`` where nothing can be said.
    """
    classes = np.full(len(improvement), None, dtype=object)
    classes[~np.isnan(improvement) & ~np.isnan(threshold)] = UNCHANGED
    classes[improvement >= threshold] = IMPROVED
    classes[-improvement >= threshold] = DETERIORATED
    return classes
