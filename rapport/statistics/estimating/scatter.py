"""How much more the clinics of a sector scatter than chance: what widens the limits of a funnel."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from rapport.statistics.coding import Units
from rapport.statistics.estimating.rows import Scope, row, scopes
from rapport.statistics.figures.estimates import FUNNEL_SHARES
from rapport.statistics.funnel import over_dispersion
from rapport.statistics.observations import shares_of_episodes

FEWEST_CLINICS = 5
"""Clinics of a sector whose scatter says something."""

FEWEST_EPISODES = 10
"""Finished episodes from which a clinic counts among them."""


def scatter_of_clinics(outcomes: pd.DataFrame, units: Units) -> Iterator[dict[str, object]]:
    """Yield the over-dispersion of each share of finished episodes, of every sector.

    Args:
        outcomes: Coded outcomes of the window.
        units: What the codes stand for.

    Yields:
        Rows ``scatter.<share>`` of sectors with five clinics of ten episodes, and a share that is
        neither none nor all.
    """
    sectors = [scope for scope in scopes(units) if scope.level == "sector"]
    for name, episodes, holds in shares_of_episodes(outcomes):
        if name not in FUNNEL_SHARES:
            continue
        told = episodes.assign(holds=holds.to_numpy(float))
        for scope in sectors:
            yield from _of_sector(scope, name, scope.of(told))


def _of_sector(scope: Scope, name: str, episodes: pd.DataFrame) -> Iterator[dict[str, object]]:
    by_clinic = episodes.groupby("clinic")["holds"].agg(["size", "mean"])
    large = by_clinic[by_clinic["size"] >= FEWEST_EPISODES]
    target = float(episodes["holds"].mean()) if len(episodes) else 0.0
    if len(large) < FEWEST_CLINICS or not 0 < target < 1:
        return
    errors = np.sqrt(target * (1 - target) / large["size"].to_numpy(float))
    found = over_dispersion(large["mean"].to_numpy(float), errors, target)
    yield row(
        scope,
        f"scatter.{name}",
        (found.multiplicative, np.nan, np.nan),
        patients=int(episodes["patient"].nunique()),
        observations=len(episodes),
    )
