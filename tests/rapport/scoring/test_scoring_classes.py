"""Bands and cut-offs judge unrounded scores, on the side that the publication names."""

import json

import numpy as np
import pytest

from rapport.instruments import CutOff, Instrument, load_catalogue
from rapport.scoring.classes import bands_of, beyond

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("instrument_id", "scores", "bands"),
    [
        ("phq-9", [0, 4, 4.9, 5, 9, 10, 14, 15, 19.5, 20, 27], [
            "minimal", "minimal", "minimal", "mild", "mild", "moderate", "moderate",
            "moderately severe", "moderately severe", "severe", "severe"]),
        ("gad-7", [0, 4, 5, 9, 10, 14, 15, 21], [
            "minimal", "minimal", "mild", "mild", "moderate", "moderate", "severe", "severe"]),
        ("core-10", [10, 10.5, 11, 14, 15, 19, 20, 24, 25], [
            "healthy or low", "healthy or low", "mild", "mild", "moderate", "moderate",
            "moderate to severe", "moderate to severe", "severe"]),
        ("k10", [10, 15, 16, 21, 22, 29, 30, 50], [
            "low", "low", "moderate", "moderate", "high", "high", "very high", "very high"]),
        ("swls", [9, 14, 19, 20, 21, 25, 26, 30, 31], [
            "extremely dissatisfied", "dissatisfied", "slightly dissatisfied", "neutral",
            "slightly satisfied", "slightly satisfied", "satisfied", "satisfied",
            "extremely satisfied"]),
        ("phq-4", [2, 3, 5, 6, 8, 9], ["normal", "mild", "mild", "moderate", "moderate", "severe"]),
    ],
)  # fmt: skip
def test_bands_are_the_published_ones(
    instrument_id: str, scores: list[float], bands: list[str]
) -> None:
    assert bands_of(np.array(scores, dtype=float), CATALOGUE[instrument_id]).tolist() == bands


def test_no_score_and_a_score_outside_the_bands_have_none() -> None:
    found = bands_of(np.array([np.nan, -1.0, 27.5, 27.0]), CATALOGUE["phq-9"])
    assert found.tolist() == [None, None, None, "severe"]
    assert bands_of(np.array([30.0]), CATALOGUE["ors"]).tolist() == [None]


def test_an_uncertain_band_is_not_told() -> None:
    described = json.loads(CATALOGUE["phq-9"].model_dump_json(by_alias=True))
    described["bands"][1]["status"] = "uncertain"
    own = Instrument.model_validate(described)
    assert bands_of(np.array([4.0, 7.0, 12.0]), own).tolist() == ["minimal", None, "moderate"]


@pytest.mark.parametrize(
    ("comparison", "sides"),
    [
        ("at_least", [False, True, True, False]),
        ("above", [False, False, True, False]),
        ("at_most", [True, True, False, False]),
        ("below", [True, False, False, False]),
    ],
)
def test_a_cut_off_says_which_side_a_score_on_it_belongs_to(
    comparison: str, sides: list[bool]
) -> None:
    cut = CutOff.model_validate(
        {"value": 10, "comparison": comparison, "meaning": "a side", "status": "policy",
         "source": "this test"}
    )  # fmt: skip
    assert beyond(np.array([9.5, 10.0, 10.5, np.nan]), cut).tolist() == sides
