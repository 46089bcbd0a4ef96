"""The published outcome definitions with a disorder-specific measure, and what they need."""

import json

import numpy as np
import pytest

from rapport.errors import ScoringError
from rapport.instruments import Instrument, load_catalogue
from rapport.scoring.anxiety_measures import ANXIETY_MEASURES, anxiety_measure_for
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
    # PHQ-9 unchanged and below caseness. PCL-5 in this programme: caseness 32, reliable from 10.
    depression = pairs("phq-9", [5.0, 5, 5], [5.0, 5, 5])
    specific = anxiety_measure_for("F43.1").pairs(
        np.array([40.0, 50, NAN]), np.array([30.0, NAN, NAN])
    )
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


# ── at the edges, one treatment a row: PHQ-9 caseness 10 and 6 points, GAD-7 caseness 8 and 4 ───

#                                   PHQ-9       GAD-7      flags that are up
WELL = "case improved recovered reliably_recovered"
EDGES = {
    "a fall of exactly 6":          ((15, 9),   (3, 3),    WELL),
    "a fall of 5":                  ((14, 9),   (3, 3),    "case recovered"),
    "a fall of exactly 4":          ((3, 3),    (11, 7),   WELL),
    "a fall of 3":                  ((3, 3),    (10, 7),   "case recovered"),
    "a rise of exactly 6":          ((3, 9),    (3, 3),    "not_case deteriorated"),
    "a rise of 5":                  ((3, 8),    (3, 3),    "not_case"),
    "a rise of exactly 4":          ((3, 3),    (3, 7),    "not_case deteriorated"),
    "a rise of 3":                  ((3, 3),    (3, 6),    "not_case"),
    "exactly 10 at first":          ((10, 4),   (3, 3),    WELL),
    "9 at first":                   ((9, 3),    (3, 3),    "not_case improved"),
    "exactly 8 at first":           ((3, 3),    (8, 4),    WELL),
    "7 at first":                   ((3, 3),    (7, 3),    "not_case improved"),
    "exactly 10 at last":           ((20, 10),  (3, 3),    "case improved"),
    "9 at last":                    ((20, 9),   (3, 3),    WELL),
    "exactly 8 at last":            ((3, 3),    (15, 8),   "case improved"),
    "one recovers, one becomes a case": ((12, 4), (7, 8),  "case improved"),
    "one up, one down":             ((15, 9),   (3, 7),    "case recovered"),
    "one down, one up":             ((3, 9),    (11, 7),   "case recovered"),
    "both down":                    ((15, 9),   (11, 7),   WELL),
    "both up":                      ((3, 9),    (3, 7),    "not_case deteriorated"),
    "one first score missing, other below": ((NAN, NAN), (3, 3), ""),
    "one first score missing, other a case": ((NAN, NAN), (12, 3), "case improved"),
    "first scores only":            ((15, NAN), (12, NAN), "case"),
    "no scores":                    ((NAN, NAN), (NAN, NAN), ""),
}  # fmt: skip


@pytest.mark.parametrize(("phq", "gad", "flags"), EDGES.values(), ids=EDGES)
def test_each_definition_at_its_edge(
    phq: tuple[float, float], gad: tuple[float, float], flags: str
) -> None:
    found = outcome_flags(pairs("phq-9", [phq[0]], [phq[1]]), pairs("gad-7", [gad[0]], [gad[1]]))
    up = {name for name in ("case", "not_case", "recovered") if getattr(found, f"is_{name}")[0]}
    up |= {
        name
        for name, field in (
            ("improved", "is_reliably_improved"),
            ("deteriorated", "is_reliably_deteriorated"),
            ("reliably_recovered", "is_reliably_recovered"),
        )
        if getattr(found, field)[0]
    }
    assert up == set(flags.split())


def test_paired_needs_both_measures_first_and_last() -> None:
    found = outcome_flags(
        pairs("phq-9", [15.0, 15, 15, NAN], [9.0, 9, NAN, NAN]),
        pairs("gad-7", [12.0, 12, 12, 12], [3.0, NAN, 3, 3]),
    )
    assert found.is_paired.tolist() == [True, False, False, False]


# NHS Talking Therapies manual: caseness, reliable change.
THRESHOLDS = {
    "gad-7": (8, 4), "spin": (19, 10), "pdss": (8, 5), "oci": (40, 32), "pcl-5": (32, 10),
    "ies-r": (33, 9), "hai": (18, 4), "mi": (2.3, 0.73),
}  # fmt: skip


def test_each_anxiety_measure_has_the_programme_s_thresholds() -> None:
    found = {m.id: (m.caseness, m.reliable_change) for m in ANXIETY_MEASURES.values()}
    assert found == THRESHOLDS
    assert all(m.source for m in ANXIETY_MEASURES.values())


@pytest.mark.parametrize(
    ("problem", "measure"),
    [("F40.0", "mi"), ("F40.1", "spin"), ("F41.0", "pdss"), ("F42", "oci"), ("f42.1 ", "oci"),
     ("F43.1", "pcl-5"), ("F45.2", "hai"), ("F41.1", "gad-7"), ("F32", "gad-7"),
     ("F41.2", "gad-7"), (None, "gad-7"), ("", "gad-7")],
)  # fmt: skip
def test_a_problem_has_its_measure(problem: str | None, measure: str) -> None:
    assert anxiety_measure_for(problem).id == measure


@pytest.mark.parametrize("name", THRESHOLDS)
def test_a_score_on_the_cut_off_is_a_case_except_of_a_mean_above_it(name: str) -> None:
    measure = ANXIETY_MEASURES[name]
    at = np.array([measure.caseness, measure.caseness - 0.01, measure.caseness + 0.01, NAN])
    found = measure.pairs(at, at)
    is_on = name != "mi"
    assert found.is_case(at).tolist() == [is_on, False, True, False]
    assert found.is_below(at).tolist() == [not is_on, True, False, False]


@pytest.mark.parametrize("name", THRESHOLDS)
def test_a_change_of_the_threshold_itself_is_reliable(name: str) -> None:
    measure = ANXIETY_MEASURES[name]
    first = np.full(4, measure.caseness)
    change = np.array([1, 1, -1, -1]) * measure.reliable_change - np.array([0, 0.01, 0, -0.01])
    found = measure.pairs(first, first - change)
    assert found.has_improved.tolist() == [True, False, False, False]
    assert found.has_deteriorated.tolist() == [False, False, True, False]


def test_a_mean_on_its_cut_off_is_below_it_despite_the_noise_of_decimals() -> None:
    # The Mobility Inventory's case lies above 2.3; 2.1 + 0.2 is 2.3000000000000003.
    mean = np.array([2.1 + 0.2])
    mobility = ANXIETY_MEASURES["mi"].pairs(mean, mean)
    assert not mobility.is_case(mean).any()
    assert mobility.is_below(mean).all()
