"""Treatments judged by the anxiety measure of their problem: worked examples, case by case.

The thresholds are those of the NHS Talking Therapies manual (SPIN 19/10, PDSS 8/5, OCI 40/32,
PCL-5 32/10, HAI 18/4, MI above 2.3/0.73); each example is worked by hand from them.
"""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rapport.instruments import Instrument, load_catalogue
from rapport.scoring import SCORE_COLUMNS, TreatmentOutcomes, treatment_outcomes
from rapport.scoring.anxiety_measures import anxiety_measure_for
from tests.rapport.scoring.test_scoring_outcomes import FLAGS, MARCH, score, session

CATALOGUE = load_catalogue()


def judged(problem: str | None, **scores: list[float | None]) -> TreatmentOutcomes:
    """Judge one treatment of three sessions with these totals, by instrument."""
    known = None if problem is None else json.dumps({"problem": problem})
    sessions = [
        session(n, f"2026-03-{n:02d}", covariates=known, ending="planned" if n == 3 else None)
        for n in (1, 2, 3)
    ]
    rows = [
        score(name.replace("_", "-"), number, value)
        for name, values in scores.items()
        for number, value in zip((1, 3), values, strict=False)
        if value is not None
    ]
    return treatment_outcomes(
        pd.DataFrame(rows, columns=list(SCORE_COLUMNS)),
        pd.DataFrame(sessions),
        month=MARCH,
        catalogue=dict(CATALOGUE) | _own_forms(rows),
    )


def _own_forms(rows: list[dict[str, object]]) -> dict[str, Instrument]:
    """Stand-ins for measures that a clinic adds in its own home, so that they can be scored."""
    phq = CATALOGUE["gad-7"]
    names = {str(row["instrument"]) for row in rows} - set(CATALOGUE)
    return {name: phq.model_copy(update={"id": name}) for name in names}


EXAMPLES = {
    # problem, PHQ-9, GAD-7, own measure → measure used; recovered, improved, both, deteriorated
    "social anxiety: SPIN 40 → 15 recovers, whatever the GAD-7 says": (
        "F40.1", [8, 8], [12, 12], {"spin": [40, 15]}, "spin", [True, True, True, False]),
    "social anxiety: SPIN 28 → 19 is still a case, and 9 points are not reliable": (
        "F40.1", [8, 8], [12, 2], {"spin": [28, 19]}, "spin", [False, False, False, False]),
    "social anxiety: the SPIN was given once, so the GAD-7 decides": (
        "F40.1", [8, 8], [12, 4], {"spin": [40, None]}, "gad-7", [True, True, True, False]),
    "panic: PDSS 8 → 3 recovers by exactly the 5 points that are reliable": (
        "F41.0", [8, 8], [5, 5], {"pdss": [8, 3]}, "pdss", [True, True, True, False]),
    "panic: PDSS 7 is no case": (
        "F41.0", [8, 8], [12, 4], {"pdss": [7, 1]}, "pdss", [False, True, False, False]),
    "obsessive-compulsive: OCI 80 → 48 improves and is still a case": (
        "F42.2", [8, 8], [5, 5], {"oci": [80, 48]}, "oci", [False, True, False, False]),
    "obsessive-compulsive: OCI 70 → 39 recovers, and 31 points are not reliable": (
        "F42", [8, 8], [5, 5], {"oci": [70, 39]}, "oci", [True, False, False, False]),
    "trauma: PCL-5 40 → 30 improves by 10": (
        "F43.1", [8, 8], [5, 5], {"pcl_5": [40, 30]}, "pcl-5", [True, True, True, False]),
    "trauma: the PCL-5 rises by 10, deteriorated": (
        "F43.1", [8, 8], [12, 4], {"pcl_5": [40, 50]}, "pcl-5", [False, False, False, True]),
    "health anxiety: HAI 22 → 18 improves and stays at the cut-off": (
        "F45.2", [8, 8], [12, 4], {"hai": [22, 18]}, "hai", [False, True, False, False]),
    "agoraphobia: MI 2.3 is no case, 2.31 is": (
        "F40.0", [8, 8], [5, 5], {"mi": [2.31, 1.5]}, "mi", [True, True, True, False]),
    "agoraphobia: MI of 2.3 is no case": (
        "F40.0", [8, 8], [5, 5], {"mi": [2.3, 1.0]}, "mi", [False, True, False, False]),
    "depression has no measure of its own": (
        "F32.1", [15, 5], [12, 4], {"spin": [40, 40]}, "gad-7", [True, True, True, False]),
    "nobody stated the problem": (
        None, [15, 5], [12, 4], {"spin": [40, 40]}, "gad-7", [True, True, True, False]),
    "the PHQ-9 must be below caseness at last, too": (
        "F40.1", [12, 10], [5, 5], {"spin": [40, 10]}, "spin", [False, True, False, False]),
    "better on one and worse on the other is neither": (
        "F40.1", [8, 14], [5, 5], {"spin": [40, 20]}, "spin", [False, False, False, False]),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_a_treatment_is_judged_by_the_measure_of_its_problem(example: list[Any]) -> None:
    problem, phq, gad, own, measure, flags = example
    outcome = judged(problem, phq_9=phq, gad_7=gad, **own).outcomes.iloc[0]
    assert outcome["anxiety_measure"] == measure
    assert outcome[FLAGS].tolist() == flags


def test_paired_means_the_measure_that_was_looked_at() -> None:
    """A paired SPIN does for a missing GAD-7 where the problem is social anxiety."""
    assert judged("F40.1", phq_9=[8, 8], spin=[40, 15]).outcomes["is_paired"].tolist() == [True]
    assert judged("F32", phq_9=[8, 8], spin=[40, 15]).outcomes["is_paired"].tolist() == [False]


def test_a_prorated_specific_total_is_no_score() -> None:
    """As of the other two measures, only complete forms count; the GAD-7 decides."""
    whole = judged("F40.1", phq_9=[8, 8], gad_7=[12, 4], spin=[40, 15])
    assert whole.outcomes["anxiety_measure"].tolist() == ["spin"]
    rows = [score("spin", n, v, is_prorated=n == 3) for n, v in ((1, 40.0), (3, 15.0))]
    rows += [score("gad-7", n, v) for n, v in ((1, 12.0), (3, 4.0))]
    known = json.dumps({"problem": "F40.1"})
    sessions = [session(n, f"2026-03-{n:02d}", covariates=known) for n in (1, 2)]
    sessions.append(session(3, "2026-03-03", covariates=known, ending="planned"))
    found = treatment_outcomes(
        pd.DataFrame(rows, columns=list(SCORE_COLUMNS)),
        pd.DataFrame(sessions),
        month=MARCH,
        catalogue=dict(CATALOGUE) | _own_forms(rows),
    )
    assert found.outcomes["anxiety_measure"].tolist() == ["gad-7"]


@pytest.mark.parametrize(
    ("problem", "measure"),
    [("F40.10", "spin"), ("F40.01", "mi"), ("F42.2", "oci"), ("F43.12", "pcl-5"),
     ("F45.21", "hai"), ("F45.22", "gad-7"), ("F40", "gad-7"), ("F4", "gad-7"), ("F420", "oci")],
)  # fmt: skip
def test_a_finer_code_has_the_measure_of_the_wider_one(problem: str, measure: str) -> None:
    assert anxiety_measure_for(problem).id == measure


def test_of_covariates_the_first_known_counts_and_of_the_problem_the_last() -> None:
    """An age is what the patient came with; a later problem descriptor corrects the first."""
    told = [{"age": 33}, {"age": 34, "problem": "F32"}, {"problem": "F40.1"}]
    sessions = [
        session(n, f"2026-03-{n:02d}", covariates=json.dumps(one), ending=end)
        for n, (one, end) in enumerate(zip(told, (None, None, "planned"), strict=True), 1)
    ]
    sessions.append(session(4, "2026-03-04", covariates=json.dumps({"age": 99, "problem": "F42"})))
    found = treatment_outcomes(
        pd.DataFrame([], columns=list(SCORE_COLUMNS)),
        pd.DataFrame(sessions),
        month=MARCH,
        catalogue=CATALOGUE,
    )
    (known,) = found.outcomes["covariates"]
    assert json.loads(known) == {"age": 33, "problem": "F40.1"}


def test_sessions_that_state_nothing_leave_nothing_known() -> None:
    """Also where the column is not there at all."""
    for extra in ({}, {"covariates": None}, {"covariates": np.nan}):
        sessions = [session(n, f"2026-03-{n:02d}", ending="planned", **extra) for n in (1, 2)]
        found = treatment_outcomes(
            pd.DataFrame([], columns=list(SCORE_COLUMNS)),
            pd.DataFrame(sessions),
            month=MARCH,
            catalogue=CATALOGUE,
        )
        assert found.outcomes["covariates"].isna().all()
