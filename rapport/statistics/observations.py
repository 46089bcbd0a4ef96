"""From coded frames to observations: one number, of one figure, of one patient, in one month.

Proportions are means of zeros and ones, so that every figure goes the same way from here on.
An observation belongs to exactly one therapist, which makes all sums additive over therapists.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rapport.statistics.blocks import EPISODE_KEYS, SESSION_KEYS, block
from rapport.statistics.coding import WINDOW, Units
from rapport.statistics.figures import ALLIANCE_FORMS, MEASURES, RATERS, SCALES
from rapport.statistics.process_observations import process_observations
from rapport.statistics.summaries import group_codes


def observe(coded: dict[str, pd.DataFrame], units: Units) -> pd.DataFrame:
    """Return all observations of all figures.

    Args:
        coded: ``scores``, ``sessions``, ``outcomes`` and ``changes`` as coded by
            :func:`rapport.statistics.coding.encode`.
        units: What the codes stand for.

    Returns:
        One row an observation: ``therapist``, ``patient``, ``when``, ``figure`` (codes) and
        ``value``; a missing score is no observation.
    """
    scores = alliance_scores(coded["scores"])
    totals = {rater: totals_of(forms) for rater, forms in scores.items()}
    blocks = [
        *_alliance(scores),
        _difference(scores),
        *_completion(scores, coded["sessions"]),
        *_attendance(coded["sessions"]),
        *_episodes(coded["outcomes"]),
        *_measures(coded["changes"], coded["outcomes"]),
        *process_observations(totals, coded["scores"], coded["sessions"], coded["outcomes"], units),
    ]
    return pd.concat(blocks, ignore_index=True)


def alliance_scores(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return rater → scored alliance forms, on the item-mean metric."""
    scored = scores["item_mean"].notna() & scores["no_score_reason"].isna()
    return {
        rater: scores[
            scored & (scores["instrument"] == ALLIANCE_FORMS[rater]) & (scores["rater"] == rater)
        ]
        for rater in RATERS
    }


def _alliance(scores: dict[str, pd.DataFrame]) -> Iterator[pd.DataFrame]:
    for rater, forms in scores.items():
        for scale in SCALES:
            rows = forms[forms["scale"] == scale]
            yield block(rows, f"alliance.{rater}.{scale}", rows["item_mean"])


def totals_of(forms: pd.DataFrame) -> pd.DataFrame:
    """Return the totals among scored forms: session keys, ``therapist``, ``item_mean``."""
    return forms.loc[forms["scale"] == "total", [*SESSION_KEYS, "therapist", "item_mean"]]


def _difference(scores: dict[str, pd.DataFrame]) -> pd.DataFrame:
    pairs = totals_of(scores["patient"]).merge(
        totals_of(scores["therapist"]).drop(columns="therapist"),
        on=SESSION_KEYS,
        suffixes=("", "_by_therapist"),
        validate="one_to_one",
    )
    return block(
        pairs, "alliance.difference.total", pairs["item_mean"] - pairs["item_mean_by_therapist"]
    )


def _completion(scores: dict[str, pd.DataFrame], sessions: pd.DataFrame) -> Iterator[pd.DataFrame]:
    attended = sessions[sessions["attendance"] == "attended"]
    has = {}
    for rater, forms in scores.items():
        keys = totals_of(forms)[SESSION_KEYS].assign(has_form=True)
        merged = attended[SESSION_KEYS].merge(
            keys, on=SESSION_KEYS, how="left", validate="one_to_one"
        )
        has[rater] = pd.Series(merged["has_form"].notna().to_numpy(), index=attended.index)
        yield block(attended, f"completion.{rater}", has[rater])
    yield block(attended, "completion.both", has["patient"] & has["therapist"])


def _attendance(sessions: pd.DataFrame) -> Iterator[pd.DataFrame]:
    stated = sessions[sessions["attendance"].notna()]
    for figure, codes in (
        ("attended", ["attended"]),
        ("missed", ["missed"]),
        ("cancelled", ["cancelled_by_patient", "cancelled_by_clinic"]),
    ):
        yield block(stated, f"attendance.{figure}", stated["attendance"].isin(codes))
    seen = sessions[sessions["attendance"].isna() | (sessions["attendance"] == "attended")]
    yield block(seen, "patients.seen", 1.0)


def _episodes(outcomes: pd.DataFrame) -> Iterator[pd.DataFrame]:
    finished = outcomes[outcomes["is_finished"].astype(bool)]
    not_a_case = finished["is_case_at_start"].eq(False).fillna(False).astype(bool)
    cases = finished[~not_a_case]
    for name, rows in (
        ("paired", finished),
        ("recovery", cases),
        ("reliable_improvement", finished),
        ("reliable_recovery", cases),
        ("reliable_deterioration", finished),
    ):
        yield block(rows, f"outcome.{name}", rows[_FLAGS[name]].astype(bool))
    yield block(finished, "sessions.attended_per_episode", finished["n_attended"])


_FLAGS = {
    "paired": "is_paired",
    "recovery": "is_recovered",
    "reliable_improvement": "is_reliably_improved",
    "reliable_recovery": "is_reliably_recovered",
    "reliable_deterioration": "is_reliably_deteriorated",
}


def _measures(changes: pd.DataFrame, outcomes: pd.DataFrame) -> Iterator[pd.DataFrame]:
    finished = outcomes.loc[outcomes["is_finished"].astype(bool), EPISODE_KEYS]
    paired = changes[changes[["pre", "post", "improvement"]].notna().all(axis=1)]
    kept = paired.merge(finished, on=EPISODE_KEYS, validate="many_to_one")
    for measure in MEASURES:
        rows = kept[kept["instrument"] == measure]
        for moment in ("pre", "post", "improvement"):
            yield block(rows, f"outcome.{measure}.{moment}", rows[moment])


def collapse(observations: pd.DataFrame) -> pd.DataFrame:
    """Sum observations to cells: one row a therapist, patient, month and figure.

    Args:
        observations: From :func:`observe`.

    Returns:
        ``figure``, ``therapist``, ``patient``, ``when``, ``n`` and ``total``: all that means,
        proportions and cluster-robust errors need. Sorted by these keys.
    """
    figure, therapist, patient, when = (
        observations[column].to_numpy(np.int64)
        for column in ("figure", "therapist", "patient", "when")
    )
    n_therapists = int(therapist.max(initial=0)) + 1
    n_patients = int(patient.max(initial=0)) + 1
    key = ((figure * n_therapists + therapist) * n_patients + patient) * WINDOW + when
    keys, position = group_codes(key)
    return pd.DataFrame(
        {
            "figure": keys // WINDOW // n_patients // n_therapists,
            "therapist": keys // WINDOW // n_patients % n_therapists,
            "patient": keys // WINDOW % n_patients,
            "when": keys % WINDOW,
            "n": np.bincount(position, minlength=len(keys)),
            "total": np.bincount(position, observations["value"].to_numpy(float), len(keys)),
        }
    )
