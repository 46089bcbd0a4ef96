"""Each moment belongs to the innermost stage that runs."""

import json
from collections.abc import Iterator

import pytest

from benchmarks.attribution import Attribution, Place


def ticking(*times: float) -> Attribution:
    moments: Iterator[float] = iter(times)
    return Attribution(clock=lambda: next(moments))


def test_an_inner_stage_takes_its_time_from_the_outer_one() -> None:
    attribution = ticking(0.0, 1.0, 4.0, 9.0)
    with attribution.stage("outer"), attribution.stage("inner"):
        pass
    assert attribution.seconds == {"outer": 1.0 + 5.0, "inner": 3.0}


def test_a_stage_entered_twice_adds_up() -> None:
    attribution = ticking(0.0, 2.0, 10.0, 13.0)
    for _ in range(2):
        with attribution.stage("it"):
            pass
    assert attribution.seconds == {"it": 5.0}


def test_a_stage_that_raises_is_left() -> None:
    attribution = ticking(0.0, 1.0, 3.0, 6.0)
    with attribution.stage("outer"), pytest.raises(KeyError), attribution.stage("inner"):
        raise KeyError
    assert attribution.seconds == {"outer": 1.0 + 3.0, "inner": 2.0}


def test_a_function_is_timed_while_attached_and_its_own_self_afterwards() -> None:
    plain, attribution = json.dumps, ticking(0.0, 7.0)
    with attribution.attached([Place("write", "json", "dumps")]):
        assert json.dumps([1]) == "[1]"
    assert json.dumps is plain
    assert attribution.seconds == {"write": 7.0}


def test_a_method_is_found_in_its_class() -> None:
    place = Place("write", "json", "JSONEncoder.encode")
    assert (place.owner, place.name) == (json.JSONEncoder, "encode")


def test_a_place_without_a_function_is_an_error() -> None:
    with (
        pytest.raises(AttributeError),
        Attribution().attached([Place("write", "json", "is_not_there")]),
    ):
        pass
