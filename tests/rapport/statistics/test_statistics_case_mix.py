"""Declared covariates as columns of a model: held against lme4, a planted truth, and by hand."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.months import Month
from rapport.statistics.case_mix import CaseMix, case_mix
from rapport.statistics.case_mix_words import FIRST_SCORE_ALONE, held_equal
from rapport.statistics.coding import Units
from rapport.statistics.estimating.outcomes import adjusted_outcomes

EXPECTED = Path(__file__).parent / "expected"
Declared = dict[str, tuple[str, ...]]
Known = list[dict[str, Any]]

AGE: Declared = {"age": ("number",)}
WORK: Declared = {"work": ("category", "employed", "not employed", "retired", "student")}


@cache
def _patients() -> pd.DataFrame:
    return pd.read_csv(EXPECTED / "case_mix.csv", comment="#", keep_default_na=False)


@cache
def _expected() -> pd.DataFrame:
    return pd.read_csv(EXPECTED / "case_mix_expected.csv", comment="#")


def _numbers(name: str) -> list[float]:
    found = _expected()
    return list(found.loc[found["name"] == name, "value"])


def _packed(patients: pd.DataFrame) -> pd.Series:
    rows = patients[["age", "work"]].to_dict("records")
    told = [{k: (float(v) if k == "age" else v) for k, v in row.items() if v != ""} for row in rows]
    return pd.Series([json.dumps(one) if one else None for one in told], index=patients.index)


def _estimates(patients: pd.DataFrame, declared: Declared) -> pd.DataFrame:
    clinic, clinics = pd.factorize(patients["clinic"], sort=True)
    therapist, therapists = pd.factorize(patients["therapist"], sort=True)
    n = len(patients)
    keys = {
        "clinic": clinic, "therapist": therapist, "patient": np.arange(n), "when": 0,
        "episode": "1",
    }  # fmt: skip
    of_therapist = pd.Series(clinic).groupby(therapist).first().to_numpy(np.int64)
    units = Units(
        clinics=tuple(clinics),
        sectors=("public",),
        sector_of_clinic=np.zeros(len(clinics), np.int64),
        therapists=tuple(therapists),
        clinic_of_therapist=of_therapist,
        months=(Month(2026, 2),),
        bands=np.zeros((len(clinics), 3), np.int64),
        covariates=(declared,) * len(clinics),
    )
    changes = pd.DataFrame(
        {**keys, "instrument": "phq-9", "pre": patients["pre"].astype(float),
         "improvement": patients["gain"].astype(float)}
    )  # fmt: skip
    outcomes = pd.DataFrame({**keys, "is_finished": True, "covariates": _packed(patients)})
    return pd.DataFrame(adjusted_outcomes(changes, outcomes, units))


@pytest.mark.parametrize("level", ["clinic", "therapist"])
def test_adjusted_outcomes_with_covariates_are_those_of_lme4(level: str) -> None:
    """lme4::lmer with the same gaps, dummies and rare category written out by hand."""
    found = _estimates(_patients(), AGE | WORK)
    own = found[(found["level"] == level) & (found["figure"] == "adjusted.phq-9")]
    expected = np.array(_numbers(f"{level}.estimate"))
    given_ = own["value"].to_numpy(float)
    is_given = ~np.isnan(given_)
    assert is_given.any()
    assert given_[is_given] == pytest.approx(expected[is_given], abs=2e-5)


@pytest.mark.parametrize("who", ["therapists", "clinics"])
def test_shares_of_variance_with_covariates_are_those_of_lme4(who: str) -> None:
    found = _estimates(_patients(), AGE | WORK).set_index("figure")
    assert found.at[f"{who}.phq-9", "value"] == pytest.approx(_numbers(f"share.{who}")[0], abs=1e-5)


def test_holding_a_cause_equal_brings_clinics_closer_to_the_truth() -> None:
    """Clinics with older patients do no worse once age is held equal."""
    random = np.random.default_rng(5)
    clinic = np.repeat(np.arange(12), 60)
    age = random.normal(30 + 3.0 * clinic, 8)
    patients = pd.DataFrame(
        {
            "clinic": [f"c{one:02d}" for one in clinic],
            "therapist": [f"t{one:02d}" for one in clinic],
            "pre": random.normal(15, 3, len(clinic)),
            "age": age.round(1),
            "work": "",
            "gain": 8 - 0.15 * (age - 46.5) + random.normal(0, 2, len(clinic)),
        }
    )
    raw, adjusted = (_estimates(patients, declared) for declared in ({}, AGE))
    spread = [
        rows.loc[rows["level"] == "clinic", "value"].astype(float).std() for rows in (raw, adjusted)
    ]
    assert spread[1] < 0.25 * spread[0]


def _mix(known: Known, clinic: list[int], declared: list[Declared]) -> CaseMix:
    texts = pd.Series([json.dumps(one) if one else None for one in known], dtype=object)
    return case_mix(texts, np.array(clinic), np.empty((len(known), 0)), declared)


def test_only_what_every_clinic_states_in_the_same_words_is_used_between_clinics() -> None:
    """The other is held equal within each clinic that states it, and moves no clinic's mean."""
    n = 60
    clinic = [0] * n + [1] * n
    known: Known = [{"age": 20 + i % 40, "work": "a" if i % 2 else "b"} for i in range(n)]
    known += [{"age": 30 + i % 40, "work": "c" if i % 2 else "d"} for i in range(n)]
    declared: list[Declared] = [
        AGE | {"work": ("category", "a", "b")},
        AGE | {"work": ("category", "c", "d")},
    ]
    mix = _mix(known, clinic, declared)
    assert mix.shared == ("age",)
    assert mix.own == {0: ("work",), 1: ("work",)}
    within = mix.columns[list(mix.within)].to_numpy()
    for code in (0, 1):
        assert within[np.array(clinic) == code].mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert (np.abs(within) > 0).sum(axis=1).tolist() == [1] * (2 * n)


def test_one_name_of_two_kinds_is_not_one_covariate() -> None:
    known: Known = [{"age": 20 + i % 40} for i in range(60)] + [
        {"age": "old"},
        {"age": "young"},
    ] * 30
    declared: list[Declared] = [AGE, {"age": ("category", "old", "young")}]
    assert _mix(known, [0] * 60 + [1] * 60, declared).shared == ()


def test_categories_of_fewer_than_ten_stand_together_and_gaps_by_themselves() -> None:
    known: Known = [{"work": "employed"}] * 50
    known += [{"work": "student"}] * 20 + [{"work": "retired"}] * 6 + [{"work": "other"}] * 5
    known += [{}] * 19
    mix = _mix(known, [0] * 100, [{"work": ("category", "employed", "other", "retired")}])
    assert sorted(mix.between) == [
        "between.work not stated", "between.work others", "between.work=student",
    ]  # fmt: skip
    assert mix.stated == {"work": 0.81}


def test_a_few_odd_ones_count_with_the_largest_category() -> None:
    """Nine in all are too few for a column; nobody is left out for that."""
    known: Known = [{"work": "employed"}] * 50 + [{"work": "student"}] * 41
    known += [{"work": "retired"}] * 5 + [{}] * 4
    mix = _mix(known, [0] * 100, [{"work": ("category", "employed", "retired", "student")}])
    assert mix.between == ("between.work=student",)
    assert len(mix.columns) == 100


def test_a_covariate_that_too_few_episodes_bear_is_named_and_not_used() -> None:
    """Ten episodes a column, the mean and the first score included."""
    known: Known = [{"age": 20 + i} for i in range(19)]
    mix = _mix(known, [0] * 19, [AGE])
    assert (mix.shared, mix.unused) == ((), {0: ("age",)})
    assert "Not age" in held_equal(mix, 0)


def test_what_follows_from_what_is_held_equal_anyway_is_left_out() -> None:
    """An age that is the first score twice over adds no column, and breaks no model."""
    pre = np.arange(60.0)
    known = pd.Series([json.dumps({"age": 2 * one + 1}) for one in pre], dtype=object)
    mix = case_mix(known, np.zeros(60, np.int64), pre[:, np.newaxis], [AGE])
    assert mix.between == ()


def test_values_of_another_kind_than_declared_are_gaps() -> None:
    """A clinic that declared words before and a number now: old months are missing, not wrong."""
    known: Known = [{"age": "old"}] * 20 + [{"age": 20 + i} for i in range(60)]
    mix = _mix(known, [0] * 80, [AGE])
    assert mix.between == ("between.age", "between.age not stated")


def test_nothing_known_is_the_first_score_alone() -> None:
    choices: list[list[Declared]] = [[], [{}], [AGE]]
    for declared in choices:
        mix = _mix([{}] * 40, [0] * 40, declared)
        assert (mix.between, mix.within) == ((), ())
        assert held_equal(mix) == FIRST_SCORE_ALONE


def test_the_note_names_what_is_held_equal_and_only_the_clinics_own() -> None:
    """A clinic is told of what all state and of what it states itself, never of another's."""
    n = 40
    known: Known = [{"age": 20 + i % 30, "work": "a" if i % 2 else "b"} for i in range(n)]
    known += [{"age": 20 + i % 30, "rent": i % 7} for i in range(n - 10)] + [{}] * 10
    declared: list[Declared] = [AGE | {"work": ("category", "a", "b")}, AGE | {"rent": ("number",)}]
    mix = _mix(known, [0] * n + [1] * n, declared)
    first, second = held_equal(mix, 0), held_equal(mix, 1, among_own=True)
    assert "age (stated for 88 %)" in first
    assert "Nobody is left out" in first
    assert "Not work, which not every clinic states" in first
    assert "Among the therapists of this clinic also rent" in second
    assert "rent" not in first
    assert "work" not in second
    assert "work" not in held_equal(mix)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.one_of(st.none(), st.integers(16, 110)),
            st.one_of(st.none(), st.sampled_from("abcde")),
        ),
        max_size=120,
    )
)
def test_columns_are_complete_centred_and_independent_whatever_is_known(
    rows: list[tuple[int, int | None, str | None]],
) -> None:
    known: Known = [
        {k: v for k, v in (("age", age), ("work", work)) if v is not None} for _, age, work in rows
    ]
    clinic = [code for code, _, _ in rows]
    alike = AGE | {"work": ("category", *"abcde")}
    declared: list[Declared] = [alike, alike, AGE, alike]
    mix = _mix(known, clinic, declared)
    columns = mix.columns.to_numpy()
    assert len(columns) == len(rows)
    assert np.isfinite(columns).all()
    if columns.shape[1]:
        assert np.abs(columns.mean(axis=0)).max() < 1e-9
        design = np.column_stack([np.ones(len(rows)), columns])
        assert np.linalg.matrix_rank(design) == design.shape[1]
        assert len(rows) >= 10 * design.shape[1]
