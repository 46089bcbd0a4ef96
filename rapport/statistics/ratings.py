"""What estimates need of all clinics: one row a rated session, and the treatments that ended.

Estimates of sectors, and of everybody, rest on single sessions; these are kept for all clinics in
as few columns, as narrow, as possible: some fifty bytes a session, where the scores that they were
taken from have a thousand.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from rapport.errors import Fault, StatisticsError
from rapport.statistics.batches import joint_codes
from rapport.statistics.blocks import SESSION_KEYS
from rapport.statistics.coding import Codes, Numbers
from rapport.statistics.figures.dyad_estimates import EXPLAINED_MEASURE
from rapport.statistics.figures.process import RELATIONSHIP_FORMS, REPORTED
from rapport.statistics.observations import alliance_scores, totals_of

_IN_TIME = ("clinic", "patient", "episode", "when", "session")
_NARROW = {
    "clinic": "int32",
    "therapist": "int32",
    "patient": "int32",
    "episode": "int32",
    "when": "int8",
}
_UNASKED = ["ended_on", "ending", "anxiety_measure", "change_class"]
_OF_FORMS = [*SESSION_KEYS, "therapist", "instrument", "rater", "scale", "item_mean"]


@dataclass(frozen=True)
class Held:
    """What is held of some clinics, or of all.

    Attributes:
        ratings: One row a session with one of these forms, sorted by clinic, patient, episode and
            time: session keys, ``therapist``, ``by_patient`` and ``by_therapist`` (alliance, item
            mean), ``symptoms`` (PHQ-9, points), NaN where there is none, and ``mode``.
        forms: Reports of ruptures and totals of the real relationship, as in coded scores.
        outcomes: Coded outcomes.
        changes: Coded changes.
    """

    ratings: pd.DataFrame
    forms: pd.DataFrame
    outcomes: pd.DataFrame
    changes: pd.DataFrame


def held_of(coded: dict[str, pd.DataFrame]) -> Held:
    """Take what estimates need out of coded frames.

    Args:
        coded: ``scores``, ``sessions``, ``outcomes`` and ``changes`` as coded by
            :func:`rapport.statistics.coding.encode`.

    Raises:
        StatisticsError: A session stands twice, or has one form twice.
    """
    return Held(
        ratings=ratings_of(coded["scores"], coded["sessions"]),
        forms=_other_forms(coded["scores"]),
        outcomes=_narrowed(coded["outcomes"]),
        changes=_narrowed(coded["changes"]),
    )


def put_together(parts: Sequence[Held]) -> Held:
    """Return what is held of all clinics; the parts come in the order of the clinics."""
    if len(parts) == 1:
        return parts[0]
    names = [one.name for one in fields(Held)]
    return Held(**{name: _stacked([getattr(one, name) for one in parts]) for name in names})


def _stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Put frames below one another; categories of one column become the same in all of them."""
    filled = [one for one in frames if len(one)] or list(frames[:1])
    for name, dtype in filled[0].dtypes.items():
        if isinstance(dtype, pd.CategoricalDtype):
            words = [one[name].cat.categories.to_numpy(object) for one in filled]
            every = pd.Index(np.unique(np.concatenate(words)), dtype="str")
            filled = [
                one.assign(**{str(name): one[name].cat.set_categories(every)}) for one in filled
            ]
    return pd.concat(filled, ignore_index=True)


def ratings_of(scores: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return one row a session that was rated, as :attr:`Held.ratings`.

    Args:
        scores: Coded scores.
        sessions: Coded sessions.

    Raises:
        StatisticsError: A session stands twice, or has one form twice.
    """
    forms = _forms(scores)
    rows = [*forms.values(), sessions]
    keys = {
        name: np.concatenate([one[name].to_numpy(np.int64) for one in rows]) for name in _IN_TIME
    }
    first, place = joint_codes([keys[name] for name in _IN_TIME])
    places = np.split(place, np.cumsum([len(one) for one in rows])[:-1])
    is_rated, therapist = np.zeros(len(first), dtype=bool), np.zeros(len(first), dtype=np.int64)
    numbers: dict[str, Numbers] = {}
    for (name, frame), at in reversed(list(zip(forms.items(), places[:-1], strict=True))):
        numbers[name] = _placed(at, frame[name].to_numpy(float), len(first))
        therapist[at] = frame["therapist"].to_numpy(np.int64)
        is_rated[at] = True
    held = {name: keys[name][first] for name in SESSION_KEYS}
    held |= {"therapist": therapist, **{name: numbers[name] for name in forms}}
    ratings = pd.DataFrame({name: values[is_rated] for name, values in held.items()})
    mode = _modes(sessions["mode"], places[-1], len(first))[is_rated]
    return ratings.astype(_NARROW).assign(mode=mode)


def _forms(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the forms that have a column among the ratings, the value in a column of its name."""
    alliance = alliance_scores(scores)
    is_measure = (scores["instrument"] == EXPLAINED_MEASURE) & (scores["scale"] == "total")
    is_measure &= (scores["rater"] == "patient") & scores["score"].notna()
    symptoms = scores.loc[is_measure, [*SESSION_KEYS, "therapist", "score"]]
    return {
        **{
            f"by_{rater}": totals_of(rows).rename(columns={"item_mean": f"by_{rater}"})
            for rater, rows in alliance.items()
        },
        "symptoms": symptoms.rename(columns={"score": "symptoms"}),
    }


def _placed(at: Codes, values: Numbers, n: int) -> Numbers:
    _refuse_twice(at, n)
    found = np.full(n, np.nan)
    found[at] = values
    return found


def _modes(modes: pd.Series, at: Codes, n: int) -> pd.Categorical:
    """Return the mode of each session, missing where it is not stated."""
    _refuse_twice(at, n)
    stated = modes.astype("str").astype("category")
    codes = np.full(n, -1, dtype=np.int64)
    codes[at] = stated.cat.codes.to_numpy()
    return pd.Categorical.from_codes(codes, categories=stated.cat.categories)


def _refuse_twice(at: Codes, n: int) -> None:
    if np.bincount(at, minlength=n).max(initial=0) > 1:
        raise StatisticsError(
            Fault(
                "FORM_TWICE",
                "A session stands twice, or has one form twice.",
                "Give each session one row, and each of its forms one score.",
            )
        )


def _other_forms(scores: pd.DataFrame) -> pd.DataFrame:
    is_report = (scores["instrument"] == REPORTED) & (scores["scale"] == "rupture")
    is_total = scores["instrument"].isin(list(RELATIONSHIP_FORMS)) & (scores["scale"] == "total")
    kept = scores.loc[(is_report | is_total) & scores["item_mean"].notna(), _OF_FORMS]
    return kept.astype({**_NARROW, "instrument": "str", "rater": "str", "scale": "str"})


def _narrowed(rows: pd.DataFrame) -> pd.DataFrame:
    """Put rows in order, without texts that no estimate asks for, and codes in little room.

    Sums over all rows are added up in this order, whichever lots the rows came in.
    """
    kept = rows.drop(columns=[name for name in _UNASKED if name in rows]).astype(_NARROW)
    keys = [
        "clinic",
        "patient",
        "episode",
        "when",
        *(["instrument"] if "instrument" in kept else []),
    ]
    return kept.sort_values(keys, kind="stable", ignore_index=True)
