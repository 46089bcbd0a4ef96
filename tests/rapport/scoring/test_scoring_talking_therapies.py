"""The published outcome definitions with a disorder-specific measure, and what they need."""

import json

import numpy as np
import pytest

from rapport.errors import ScoringError
from rapport.instruments import Instrument, load_catalogue
from rapport.scoring.talking_therapies import (
    MeasurePairs,
    OutcomeFlags,
    outcome_flags,
    outcome_flags_with_fall_back,
)

CATALOGUE = load_catalogue()
NAN = float("nan")


def pairs(instrument_id: str, first: list[float], last: list[float]) -> MeasurePairs:
    return MeasurePairs.of(np.array(first), np.array(last), CATALOGUE[instrument_id])


def test_a_paired_specific_measure_decides_and_an_unpaired_one_falls_back_to_the_gad_7() -> None:
    # PHQ-9 unchanged and below caseness. PCL-5: caseness 32, reliable from 18.
    depression = pairs("phq-9", [5.0, 5, 5], [5.0, 5, 5])
    specific = pairs("pcl-5", [50.0, 50, NAN], [20.0, NAN, NAN])
    gad7 = pairs("gad-7", [7.0, 7, 12], [7.0, 7, 4])
    found = outcome_flags_with_fall_back(depression, specific, gad7)
    assert found.is_case.tolist() == [True, False, True]
    assert found.is_not_case.tolist() == [False, True, False]
    assert found.is_reliably_recovered.tolist() == [True, False, True]
    assert found.is_paired.tolist() == [True, True, True]


def test_without_any_specific_measure_the_fall_back_is_the_plain_definition() -> None:
    depression = pairs("phq-9", [15.0, 9], [5.0, 15])
    gad7 = pairs("gad-7", [12.0, 7], [4.0, 7])
    none = pairs("pcl-5", [NAN, NAN], [NAN, NAN])
    plain = outcome_flags(depression, gad7)
    found = outcome_flags_with_fall_back(depression, none, gad7)
    for name in OutcomeFlags.__dataclass_fields__:
        assert getattr(found, name).tolist() == getattr(plain, name).tolist()


def test_thresholds_come_from_the_catalogue() -> None:
    # NHS Talking Therapies: caseness 10 and 8, reliable change 6 and 4.
    phq, gad = pairs("phq-9", [1.0], [1.0]), pairs("gad-7", [1.0], [1.0])
    assert (phq.caseness, phq.reliable_change) == (10, 6)
    assert (gad.caseness, gad.reliable_change) == (8, 4)


def altered(**more: object) -> Instrument:
    described = json.loads(CATALOGUE["phq-9"].model_dump_json(by_alias=True))
    return Instrument.model_validate(described | more)


UNFIT = {
    "no reliable change": {"reliable_change": None},
    "uncertain reliable change": {
        "reliable_change": {"value": 6, "status": "uncertain", "source": "not known"}
    },
    "no caseness": {"cut_offs": {}},
    "uncertain caseness": {
        "cut_offs": {
            "caseness": {
                "value": 10, "comparison": "at_least", "meaning": "case", "status": "uncertain",
                "source": "not known",
            }
        }
    },
    "caseness on the other side": {
        "cut_offs": {
            "caseness": {
                "value": 10, "comparison": "above", "meaning": "case", "status": "checked",
                "source": "some paper",
            }
        }
    },
    "higher is better": {"direction": "higher_is_better"},
}  # fmt: skip


@pytest.mark.parametrize("more", UNFIT.values(), ids=UNFIT)
def test_an_instrument_without_confirmed_thresholds_is_refused(more: dict[str, object]) -> None:
    with pytest.raises(ScoringError, match="NO_OUTCOME_THRESHOLDS") as told:
        MeasurePairs.of(np.array([1.0]), np.array([1.0]), altered(**more))
    assert told.value.faults[0].column == "phq-9"
