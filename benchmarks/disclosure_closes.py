"""Closing the months of a small world one after the other, as a home would; unrounded."""

from collections.abc import Mapping

import pandas as pd

from benchmarks.disclosure_attack import aggregate_world, unrounded
from benchmarks.disclosure_spans import Closes, truth_of
from benchmarks.disclosure_worlds import MONTH, small_world
from rapport.disclosure import Former, publish, told
from rapport.months import Month, trailing
from rapport.statistics import Aggregates
from rapport.statistics.turnover import turnover


def close_months(
    seed: int, *, n_clinics: int, closes: int, profile: str, remembers: bool, n_months: int = 26
) -> Closes:
    """Publish the last months of a small world one after the other.

    Args:
        seed: Seed of the world.
        n_clinics: Clinics in it.
        closes: How many months are closed.
        profile: Disclosure profile of all clinics.
        remembers: Whether each close knows what the ones before have published.
        n_months: Length of the world.
    """
    world = small_world(seed, n_clinics=n_clinics, n_months=n_months)
    profiles = dict.fromkeys(world["clinics"]["clinic_id"], profile)
    published: dict[Month, Aggregates] = {}
    exact: dict[Month, Aggregates] = {}
    for month in trailing(MONTH, closes):
        computed = aggregate_world(_until(world, month), month)
        former = _former(published, computed, world, month) if remembers else None
        published[month] = publish(
            computed, profiles_by_clinic=profiles, clinics=world["clinics"], former=former
        )
        exact[month] = unrounded(published[month], computed)
    return Closes(exact, world, truth_of(world))


def _former(
    published: Mapping[Month, Aggregates],
    computed: Aggregates,
    frames: Mapping[str, pd.DataFrame],
    month: Month,
) -> Former:
    """Return what a close knows of those before it; the first knows of none."""
    therapists, whole, sectors = (
        pd.concat(
            [getattr(one, name) for one in published.values()]
            or [getattr(computed, name).iloc[:0].assign(carried_from=None)],
            ignore_index=True,
        )
        for name in ("therapists", "clinics", "sectors")
    )
    rows = {name: frame for name, frame in frames.items() if name != "clinics"}
    before = _until(rows, month.plus(-12))
    moved = turnover(_until(rows, month), before, frames["clinics"], month, told(whole, sectors))
    return Former(therapists, whole, sectors, moved)


def _until(frames: Mapping[str, pd.DataFrame], month: Month) -> dict[str, pd.DataFrame]:
    return {
        name: frame[frame["month"] <= str(month)] if "month" in frame else frame
        for name, frame in frames.items()
    }
