"""Outcome flags by the anxiety measure that belongs to each patient's problem.

NHS Talking Therapies: a problem descriptor with an anxiety measure of its own is judged by that
measure, with its own caseness and reliable change; where it has no two complete scores, by the
GAD-7; and so is every other problem, and a treatment whose problem nobody stated.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rapport.scoring.anxiety_measures import GAD_7, AnxietyMeasure, anxiety_measure_for
from rapport.scoring.talking_therapies import (
    MeasurePairs,
    OutcomeFlags,
    Scores,
    outcome_flags,
    outcome_flags_with_fall_back,
)

Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class JudgedOutcomes:
    """What the definitions say about n treatments, and by which anxiety measure.

    Attributes:
        flags: The flags.
        measures: Id of the anxiety measure that was looked at, shape (n,).
    """

    flags: OutcomeFlags
    measures: Texts


def judge_outcomes(
    depression: MeasurePairs,
    gad7: MeasurePairs,
    problems: Texts,
    scores_of: Callable[[str], tuple[Scores, Scores]],
) -> JudgedOutcomes:
    """Apply the definitions, each treatment by its own anxiety measure.

    Args:
        depression: Pairs of the PHQ-9 of n treatments.
        gad7: Pairs of the GAD-7.
        problems: Problem descriptors (ICD-10), or ``None``, shape (n,).
        scores_of: Id of an instrument → first and last complete totals of the same treatments,
            NaN where there is none.

    Source:
        Clark (2018), Annual Review of Clinical Psychology 14, tables 1 and 2 (PMC5942544).
    """
    found = {
        one.name: np.array(getattr(outcome_flags(depression, gad7), one.name))
        for one in fields(OutcomeFlags)
    }
    measures: Texts = np.full(len(problems), GAD_7.id, dtype=object)
    for measure, chosen in _by_measure(problems):
        pairs = measure.pairs(*scores_of(measure.id)).of_some(chosen)
        flags = outcome_flags_with_fall_back(
            depression.of_some(chosen), pairs, gad7.of_some(chosen)
        )
        for name, values in found.items():
            values[chosen] = getattr(flags, name)
        measures[np.flatnonzero(chosen)[pairs.is_paired]] = measure.id
    return JudgedOutcomes(OutcomeFlags(**found), measures)


def _by_measure(problems: Texts) -> list[tuple[AnxietyMeasure, NDArray[np.bool_]]]:
    """Return each specific measure that some problem has, and whose problems those are."""
    codes, different = pd.factorize(problems)
    own = [anxiety_measure_for(str(problem)) for problem in different]
    specific = {measure.id: measure for measure in own if measure is not GAD_7}
    return [
        (measure, np.array([*(one is measure for one in own), False], dtype=bool)[codes])
        for measure in specific.values()
    ]
