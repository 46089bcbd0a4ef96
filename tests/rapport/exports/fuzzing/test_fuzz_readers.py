"""A short run of every reader: the seeds are read, and no damage to them makes a finding."""

import random

import pytest

from rapport.exports.formats import READERS
from tests.rapport.exports.fuzzing import seeds
from tests.rapport.exports.fuzzing.campaign import traced
from tests.rapport.exports.fuzzing.mutation import mutated
from tests.rapport.exports.fuzzing.oracle import examine, outcome
from tests.rapport.exports.fuzzing.readers import CANARY, IN_CHILDREN, MAPPINGS, reader

SEEDS = [(name, seed) for name in MAPPINGS for seed in reader(name).seeds]
FILES = {name: 4 if name in IN_CHILDREN else 40 for name in MAPPINGS}
"""How many files a reader is shown here; a child takes a second to start."""


def test_every_reader_has_seeds() -> None:
    assert set(MAPPINGS) == set(READERS)
    assert all(reader(name).seeds for name in MAPPINGS)


@pytest.mark.parametrize(("name", "seed"), SEEDS)
def test_a_seed_is_read_without_a_finding(name: str, seed: str) -> None:
    assert examine(reader(name), reader(name).seeds[seed]) is None


@pytest.mark.parametrize("name", MAPPINGS)
def test_some_seed_of_each_reader_is_accepted(name: str) -> None:
    found = [outcome(reader(name), content) for content in reader(name).seeds.values()]
    assert any(told.endswith(" rows") for told in found)


@pytest.mark.parametrize("make", [one for one in seeds.MAKERS if one.__name__ not in IN_CHILDREN])
def test_the_committed_seeds_are_those_that_are_made(make: object) -> None:
    name = getattr(make, "__name__")  # noqa: B009 - any maker of seeds
    made = make()  # type: ignore[operator]
    texts = {seed: content for seed, content in made.items() if not seed.endswith("zip")}
    assert texts == {seed: reader(name).seeds[seed] for seed in texts}


@pytest.mark.parametrize("name", MAPPINGS)
def test_no_damage_makes_a_finding(name: str) -> None:
    chance, files = random.Random(f"short {name}"), list(reader(name).seeds.values())
    for _ in range(FILES[name]):
        found = examine(reader(name), mutated(chance.choice(files), chance, files))
        assert found is None, found


def test_damage_is_the_same_for_the_same_number() -> None:
    files = list(reader("delimited").seeds.values())
    first, second = (
        [mutated(files[0], chance, files) for _ in range(20)]
        for chance in (random.Random(7), random.Random(7))
    )
    assert first == second
    assert len(set(first)) > 10


def test_the_oracle_sees_a_value_that_is_told() -> None:
    head, *_ = reader("delimited").seeds["plain.csv"].split(b"\n")
    row = f"{CANARY}p1,{CANARY}T1,1,2026-02-03,v,0,1,2,3,0,1,2,9,,".encode()
    finding = examine(reader("delimited"), head + b"," + CANARY.encode() + b"\n" + row + b"\n")
    assert finding is not None
    assert finding.what == "a value is told in a message"


def test_the_oracle_sees_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("tests.rapport.exports.fuzzing.oracle.read_export", fail)
    finding = examine(reader("delimited"), b"x")
    assert finding is not None
    assert finding.what.startswith("ZeroDivisionError in ")


def test_the_campaign_sees_which_lines_are_reached() -> None:
    empty: set[object] = set()
    full: set[object] = set()
    with traced(empty):  # type: ignore[arg-type]
        examine(reader("delimited"), b"")
    with traced(full):  # type: ignore[arg-type]
        examine(reader("delimited"), reader("delimited").seeds["plain.csv"])
    assert 0 < len(empty) < len(full)
