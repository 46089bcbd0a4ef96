"""An attacker with a linear programme finds no hidden value; and does find one that is unsafe.

A longer campaign: ``python -m benchmarks.disclosure_attack --clinics 2000``.
"""

import dataclasses

import pytest

from benchmarks.disclosure_attack import Pinned, aggregate_world, attack, campaign
from benchmarks.disclosure_worlds import MONTH, small_world
from rapport.disclosure import profile_of, publish
from rapport.statistics import NUMBERS, Aggregates


def _values(cells: list[Pinned]) -> list[Pinned]:
    return [cell for cell in cells if cell.what == "s"]


@pytest.mark.parametrize("seed", [101, 102])
def test_nothing_hidden_can_be_computed_from_what_is_shown(seed: int) -> None:
    table = campaign(seed=seed, n_clinics=8, profile="standard", with_colleagues=False)
    assert table["attacked"].sum() > 500
    assert [cell for cells in table["cells"] for cell in _values(cells)] == []


@pytest.mark.parametrize("seed", [201])
def test_under_the_strict_profile_colleagues_find_nothing_either(seed: int) -> None:
    table = campaign(seed=seed, n_clinics=4, profile="strict", with_colleagues=True)
    assert set(table["by"]) == {"outsider", "colleague"}
    assert [cell for cells in table["cells"] for cell in _values(cells)] == []


def test_the_attacker_finds_what_primary_suppression_alone_would_leave() -> None:
    world = small_world(7, n_clinics=8)
    computed = aggregate_world(world, MONTH)
    names = list(world["clinics"]["clinic_id"])
    published = publish(
        computed, profiles_by_clinic=dict.fromkeys(names, "standard"), clinics=world["clinics"]
    )
    naive = _only_primary(computed)
    found = [cell for name in names for cell in attack(naive, name, profile_of("standard"))[1]]
    assert len(_values(found)) > 20
    assert published.clinics["suppression"].notna().any()


def _only_primary(computed: Aggregates) -> Aggregates:
    """Hide rows of fewer than five patients, and nothing else."""
    tables = {}
    for name in ("therapists", "clinics"):
        table = getattr(computed, name)
        small = table["n_patients"] < 5
        hidden = table.assign(suppression=table["suppression"].mask(small, "small_number"))
        for column in NUMBERS:
            hidden[column] = hidden[column].mask(small)
        tables[name] = hidden
    return dataclasses.replace(computed, **tables)
