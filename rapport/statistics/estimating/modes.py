"""The alliance by session mode, of the same patients."""

from collections.abc import Iterator

import pandas as pd

from rapport.statistics.blocks import SESSION_KEYS
from rapport.statistics.coding import Units
from rapport.statistics.estimating.rows import row, scopes
from rapport.statistics.figures import ESTIMATES
from rapport.statistics.session_mode import by_session_mode

REFERENCE = "in_person"


def mode_contrasts(
    patients: pd.DataFrame, sessions: pd.DataFrame, units: Units
) -> Iterator[dict[str, object]]:
    """Yield each mode against sessions in person, of every clinic and sector.

    Args:
        patients: Scored alliance totals of patients.
        sessions: Coded sessions, with ``mode``.
        units: What the codes stand for.
    """
    held = sessions.loc[sessions["mode"].notna(), [*SESSION_KEYS, "mode"]]
    rated = patients.merge(held, on=SESSION_KEYS, validate="one_to_one")
    rated = rated.rename(columns={"item_mean": "alliance"})
    for scope in scopes(units):
        own = scope.of(rated)
        if not (own["mode"] == REFERENCE).any() or own["mode"].nunique() == 1:
            continue
        found = by_session_mode(own, reference=REFERENCE)
        for contrast in found.contrasts:
            figure = f"contrast.{contrast.mode}"
            if figure in ESTIMATES and contrast.within_reason is None:
                rows = own["mode"].isin([contrast.mode, REFERENCE])
                yield row(
                    scope,
                    figure,
                    contrast.within,
                    patients=contrast.n_both,
                    observations=int(rows.sum()),
                )
