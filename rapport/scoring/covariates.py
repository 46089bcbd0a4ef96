"""What was known of a patient in one course of treatment, out of what its sessions say.

Of each covariate the first value that is known counts, because a case mix is what patients come
with; of the problem descriptor the last one, because a later one corrects it.
"""

from typing import Final

import numpy as np
import pandas as pd

from rapport.clinics.covariates import PROBLEM
from rapport.covariates import KNOWN, packed, parsed

_IN_TIME: Final = ["session_date", "session"]


def covariates_of_episodes(
    sessions: pd.DataFrame, ended: pd.DataFrame, episode: list[str]
) -> "pd.Series[str]":
    """Put together what is known of each ended episode.

    Args:
        sessions: Columns of ``sessions``; without :data:`KNOWN`, nothing is known.
        ended: One row an episode, with its key and ``ended_on``; later sessions say nothing.
        episode: The key of an episode.

    Returns:
        JSON objects as text, sorted by name, on the index of ``ended``; ``None`` where nothing is
        known.
    """
    nothing = pd.Series(None, index=ended.index, dtype=object, name=KNOWN)
    if KNOWN not in sessions or not sessions[KNOWN].notna().any():
        return nothing
    known = sessions.loc[sessions[KNOWN].notna(), [*episode, *_IN_TIME, KNOWN]]
    places = ended[[*episode, "ended_on"]].assign(place=np.arange(len(ended)))
    told = known.merge(places, on=episode, how="inner", validate="many_to_one")
    told = told[told["session_date"] <= told["ended_on"]].sort_values(_IN_TIME, kind="stable")
    codes, texts = pd.factorize(told[KNOWN])
    values = pd.DataFrame([parsed(text) for text in texts], dtype=object).iloc[codes]
    grouped = values.set_axis(told["place"]).groupby(level=0)
    chosen = grouped.first()
    if PROBLEM in chosen:
        chosen[PROBLEM] = grouped[PROBLEM].last()
    names = sorted(chosen.columns)
    rows = chosen[names].astype(object).itertuples(index=False, name=None)
    found = nothing.to_numpy(dtype=object).copy()
    found[chosen.index.to_numpy()] = np.array([*(_joined(names, row) for row in rows), None])[:-1]
    return pd.Series(found, index=ended.index, dtype=object, name=KNOWN)


def value_of(texts: "pd.Series[str]", name: str) -> "pd.Series[str]":
    """Return one covariate out of packed texts, on their index; ``None`` where it is missing."""
    found = [parsed(text).get(name) if isinstance(text, str) else None for text in texts]
    return pd.Series(found, index=texts.index, dtype=object, name=name)


def _joined(names: list[str], row: tuple[object, ...]) -> str | None:
    known = {
        n: one for n, one in zip(names, row, strict=True) if isinstance(one, str | float | int)
    }
    return packed({name: one for name, one in known.items() if one == one})  # noqa: PLR0124 - NaN
