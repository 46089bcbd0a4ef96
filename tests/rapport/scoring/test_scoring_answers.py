"""Answers held against the scale, one by one, before anything is added up."""

import numpy as np
import pytest

from rapport.instruments import Instrument, load_catalogue
from rapport.scoring.answers import Answers, keyed_answers

CATALOGUE = load_catalogue()


def _held(name: str, *answers: float) -> Answers:
    """Hold one form whose first answers are these, and the others the least possible."""
    instrument: Instrument = CATALOGUE[name]
    raw = [instrument.scale_of(item).minimum for item in range(1, instrument.n_items + 1)]
    raw[: len(answers)] = answers
    return keyed_answers(np.array([raw], dtype=float), instrument)


@pytest.mark.parametrize(
    ("answer", "is_foreign"),
    [(0.0, False), (3.0, False), (4.0, True), (-1.0, True), (1.5, True), (np.nan, False)],
)
def test_an_answer_that_the_item_does_not_allow_is_foreign_and_none_is_not(
    answer: float, is_foreign: bool
) -> None:
    held = _held("phq-9", answer)
    assert held.is_foreign[0].tolist() == [is_foreign, *[False] * 8]
    assert held.is_answered[0].tolist() == [not np.isnan(answer), *[True] * 8]


@pytest.mark.parametrize("answer", [2 + 1e-7, 2 - 1e-7, 1e-12])
def test_on_a_scale_of_whole_numbers_only_whole_numbers_are_answers(answer: float) -> None:
    assert _held("phq-9", answer).is_foreign[0].tolist() == [True, *[False] * 8]


def test_tenths_are_answers_whatever_their_binary_fraction() -> None:
    # 0.1 + 0.2 is 0.30000000000000004; a line of ten centimetres is read in millimetres.
    assert not _held("ors", 0.1 + 0.2, 9.9, 10.0).is_foreign.any()
    assert _held("ors", 0.35, 9.95, 10.1).is_foreign[0].tolist() == [True, True, True, False]


def test_reversed_items_are_turned_about_the_middle_of_their_scale_and_the_raw_ones_stay() -> None:
    instrument = CATALOGUE["core-10"]
    raw = np.full((2, 10), 1.0)
    raw[1, 1] = np.nan
    held = keyed_answers(raw, instrument)
    turned = [3.0 if item in instrument.reversed else 1.0 for item in range(1, 11)]
    assert 0 < len(instrument.reversed) < 10
    assert held.keyed[0].tolist() == turned
    assert np.isnan(held.keyed[1]).tolist() == np.isnan(raw[1]).tolist()
    assert (raw[0] == 1.0).all()


def test_without_forms_there_is_nothing_foreign() -> None:
    held = keyed_answers(np.empty((0, 9)), CATALOGUE["phq-9"])
    assert held.is_foreign.shape == held.keyed.shape == (0, 9)
