"""From coded frames to observations: one number, of one figure, of one patient, in one month.

Proportions are means of zeros and ones, so that every figure goes the same way from here on.
An observation belongs to exactly one therapist, which makes all sums additive over therapists.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rapport.statistics.blocks import EPISODE_KEYS, SESSION_KEYS, block
from rapport.statistics.coding import WINDOW, Codes, Units
from rapport.statistics.figures import ALLIANCE_FORMS, MEASURES, RATERS, SCALES
from rapport.statistics.pooled import Common, common_of, share_of_clinics
from rapport.statistics.process_observations import EPISODE, process_observations
from rapport.statistics.summaries import group_codes

SCORES_AT_ONCE = 400_000
"""Scores whose observations are in memory at a time, but for a clinic that has more."""


def cells_of(
    coded: dict[str, pd.DataFrame],
    units: Units,
    common: Common | None = None,
    *,
    at_once: int = SCORES_AT_ONCE,
) -> pd.DataFrame:
    """Observe and sum up, some clinics at a time: observations are never all in memory.

    Args:
        coded: As for :func:`observe`.
        units: What the codes stand for.
        common: What is taken from all clinics, where these are not all.
        at_once: Scores at a time; the sums do not depend on it.

    Returns:
        As :func:`collapse`.
    """
    common = _common(coded) if common is None else common
    places = {name: _by_clinic(frame, len(units.clinics)) for name, frame in coded.items()}
    parts = []
    for first, last in _lots(places["scores"][1], at_once):
        lot = {}
        for name, (order, starts) in places.items():
            own = slice(starts[first], starts[last])
            lot[name] = coded[name].iloc[own if order is None else order[own]]
        parts.append(_compact(collapse(observe(lot, units, common))))
    cells = pd.concat(parts, ignore_index=True)
    in_order = np.argsort(cells["figure"].to_numpy(), kind="stable")
    return cells.iloc[in_order].reset_index(drop=True)


def _lots(starts: Codes, at_once: int) -> Iterator[tuple[int, int]]:
    """Yield the first clinic of each lot, and the one after its last."""
    first, n_clinics = 0, len(starts) - 1
    while first < max(n_clinics, 1):
        last = int(np.searchsorted(starts, starts[first] + at_once, side="right")) - 1
        last = min(max(last, first + 1), n_clinics)
        yield first, last
        first = max(last, first + 1)


def _by_clinic(frame: pd.DataFrame, n_clinics: int) -> tuple[Codes | None, Codes]:
    """Return the order of the rows by clinic, none if they are in it, and where clinics start."""
    clinic = frame["clinic"].to_numpy(np.int64)
    starts = np.concatenate([[0], np.cumsum(np.bincount(clinic, minlength=n_clinics))])
    is_ordered = bool((clinic[1:] >= clinic[:-1]).all())
    return None if is_ordered else np.argsort(clinic, kind="stable"), starts


def _compact(cells: pd.DataFrame) -> pd.DataFrame:
    """Keep codes and counts in no more room than they need."""
    narrow = {"figure": "int16", "therapist": "int32", "patient": "int32", "when": "int8"}
    return cells.astype({**narrow, "n": "int32"})


def _common(coded: dict[str, pd.DataFrame]) -> Common:
    scores, modes = coded["scores"], coded["sessions"]["mode"]
    return common_of([share_of_clinics(scores, modes, clinic="clinic", episode=EPISODE)])


def observe(
    coded: dict[str, pd.DataFrame], units: Units, common: Common | None = None
) -> pd.DataFrame:
    """Return all observations of all figures.

    Args:
        coded: ``scores``, ``sessions``, ``outcomes`` and ``changes`` as coded by
            :func:`rapport.statistics.coding.encode`.
        units: What the codes stand for.
        common: What is taken from all clinics, where these are not all.

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
        *process_observations(
            totals,
            coded["scores"],
            coded["sessions"],
            coded["outcomes"],
            units,
            common=_common(coded) if common is None else common,
        ),
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
    for name, rows, holds in shares_of_episodes(outcomes):
        yield block(rows, f"outcome.{name}", holds)
    finished = outcomes[outcomes["is_finished"].astype(bool)]
    yield block(finished, "sessions.attended_per_episode", finished["n_attended"])


def shares_of_episodes(
    outcomes: pd.DataFrame,
) -> Iterator[tuple[str, pd.DataFrame, "pd.Series[bool]"]]:
    """Yield each share of finished episodes: its name, its denominator, and which of them count.

    Args:
        outcomes: Coded outcomes.
    """
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
        yield name, rows, rows[_FLAGS[name]].astype(bool)


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
