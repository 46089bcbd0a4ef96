# ruff: noqa: ANN401 - the bench comes from conftest, which cannot be imported
"""The figures of therapists, clinics and sectors: denominators, windows, clusters."""

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rapport.disclosure.carrying import CARRIED_FROM
from rapport.errors import StatisticsError
from rapport.statistics import aggregate
from rapport.warehouse import tables


def _row(table: pd.DataFrame, figure: str, period: str = "month", **keys: str) -> pd.Series:
    chosen = table[(table["figure"] == figure) & (table["period"] == period)]
    for key, value in keys.items():
        chosen = chosen[chosen[key] == value]
    assert len(chosen) == 1
    return chosen.iloc[0]


def test_the_frames_have_the_columns_of_the_tables(bench: Any) -> None:
    bench.visit("p1", patient_form=3.0)
    found = aggregate(**bench.frames())
    for frame, table in (
        (found.therapists, tables.therapist_aggregates),
        (found.clinics, tables.clinic_aggregates),
        (found.sectors, tables.sector_benchmarks),
    ):
        computed = [column.name for column in table.columns if column.name != CARRIED_FROM]
        assert list(frame.columns) == computed
        assert not frame.duplicated([column.name for column in table.primary_key]).any()
        assert frame["suppression"].isna().all()


def test_nothing_in_gives_empty_frames(bench: Any) -> None:
    found = aggregate(**bench.frames())
    assert found.therapists.empty
    assert found.clinics.empty
    assert found.sectors.empty


def test_a_mean_is_over_forms_and_its_error_over_patients(bench: Any) -> None:
    # Patient sums of residuals around 3.5: p1 (3, 4): 0; p2 (2): -1.5; p3 (5): 1.5.
    # p1 holds half of the forms, the others a quarter each: (0/.5 + 2.25/.75 + 2.25/.75)/4^2 = .375
    # and 1/(1/9 + (2/3)^2) = 1.8 degrees of freedom; R: qt(.975, 1.8).
    for patient, mean in (("p1", 3.0), ("p1", 4.0), ("p2", 2.0), ("p3", 5.0)):
        bench.visit(patient, patient_form=mean)
    row = _row(aggregate(**bench.frames()).clinics, "alliance.patient.total")
    assert (row["n_patients"], row["n_observations"], row["value"]) == (3, 4, 3.5)
    half = 4.7948813651668152 * math.sqrt(0.375)
    assert row["low"] == pytest.approx(max(1.0, 3.5 - half), rel=1e-9)
    assert row["high"] == pytest.approx(min(5.0, 3.5 + half), rel=1e-9)


def test_the_difference_is_patient_minus_therapist_on_sessions_rated_by_both(bench: Any) -> None:
    bench.visit("p1", patient_form=4.0, therapist_form=3.0)
    bench.visit("p2", patient_form=2.0)
    bench.visit("p3", therapist_form=5.0)
    row = _row(aggregate(**bench.frames()).clinics, "alliance.difference.total")
    assert (row["value"], row["n_observations"], row["n_patients"]) == (1.0, 1, 1)
    assert math.isnan(row["low"])


def test_completion_counts_attended_sessions_only(bench: Any) -> None:
    bench.visit("p1", patient_form=4.0, therapist_form=3.0)
    bench.visit("p2", patient_form=4.0)
    bench.visit("p3")
    bench.visit("p4", attendance="missed")
    bench.visit("p5", attendance=None)
    clinics = aggregate(**bench.frames()).clinics
    for figure, numerator in (
        ("completion.patient", 2),
        ("completion.therapist", 1),
        ("completion.both", 1),
    ):
        row = _row(clinics, figure)
        assert (row["numerator"], row["denominator"], row["n_patients"]) == (numerator, 3, 3)


def test_a_form_that_could_not_be_scored_is_no_form(bench: Any) -> None:
    bench.visit("p1", patient_form=4.0)
    frames = bench.frames()
    frames["scores"]["no_score_reason"] = "too_many_missing"
    clinics = aggregate(**frames).clinics
    assert "alliance.patient.total" not in set(clinics["figure"])
    assert _row(clinics, "completion.patient")["value"] == 0


def test_attendance_is_over_appointments_whose_attendance_is_stated(bench: Any) -> None:
    for attendance in ("attended", "attended", "missed", "cancelled_by_clinic", None):
        bench.visit("p1", attendance=attendance)
    bench.visit("p2", attendance="cancelled_by_patient")
    clinics = aggregate(**bench.frames()).clinics
    shares = {
        what: (row["numerator"], row["denominator"])
        for what in ("attended", "missed", "cancelled")
        for row in [_row(clinics, f"attendance.{what}")]
    }
    assert shares == {"attended": (2, 5), "missed": (1, 5), "cancelled": (2, 5)}
    seen = _row(clinics, "patients.seen")
    assert (seen["value"], seen["n_observations"]) == (1, 3)


def test_recovery_is_over_finished_episodes_less_those_known_not_to_be_cases(bench: Any) -> None:
    bench.episode("p1", is_case=True, is_recovered=True, is_improved=True)
    bench.episode("p2", is_case=True, is_improved=True)
    bench.episode("p3", is_case=False, is_improved=True)
    bench.episode("p4", is_case=None, is_deteriorated=True)
    bench.episode("p5", is_case=True, is_finished=False, is_recovered=True)
    clinics = aggregate(**bench.frames()).clinics
    shares = {
        name: (row["numerator"], row["denominator"])
        for name in (
            "recovery",
            "reliable_recovery",
            "reliable_improvement",
            "reliable_deterioration",
        )
        for row in [_row(clinics, f"outcome.{name}")]
    }
    assert shares == {
        "recovery": (1, 3),
        "reliable_recovery": (1, 3),
        "reliable_improvement": (3, 4),
        "reliable_deterioration": (1, 4),
    }


def test_first_last_and_improvement_rest_on_the_same_finished_episodes(bench: Any) -> None:
    bench.episode("p1", phq=(20.0, 8.0))
    bench.episode("p2", phq=(10.0, 12.0))
    bench.episode("p3", phq=(27.0, 0.0), is_finished=False)
    frames = bench.frames()
    frames["changes"].loc[len(frames["changes"])] = [
        "c1",
        "2026-02",
        "p1",
        "1",
        "t1",
        "gad-7",
        5.0,
        math.nan,
        math.nan,
    ]
    clinics = aggregate(**frames).clinics
    values = [_row(clinics, f"outcome.phq-9.{m}")["value"] for m in ("pre", "post", "improvement")]
    assert values == [15.0, 10.0, 5.0]
    assert "outcome.gad-7.pre" not in set(clinics["figure"])


def test_the_window_is_twelve_months_and_the_trend_gives_each(bench: Any) -> None:
    bench.visit("p1", month="2025-02", patient_form=1.0)
    bench.visit("p1", month="2025-03", patient_form=2.0)
    bench.visit("p1", month="2026-02", patient_form=4.0)
    bench.visit("p1", month="2026-03", patient_form=5.0)
    clinics = aggregate(**bench.frames()).clinics
    rows = clinics[clinics["figure"] == "alliance.patient.total"].set_index("period")["value"]
    assert rows.to_dict() == {"month": 4.0, "trailing_12": 3.0, "2025-03": 2.0, "2026-02": 4.0}


def test_a_patient_of_two_therapists_counts_once_in_the_clinic(bench: Any) -> None:
    bench.visit("p1", therapist="t1")
    bench.visit("p1", therapist="t2")
    found = aggregate(**bench.frames())
    assert _row(found.clinics, "patients.seen")["value"] == 1
    assert _row(found.therapists, "patients.seen", therapist_id="t2")["value"] == 1
    shared = found.groups.query("level == 'therapist' and period == 'month'")
    assert (shared["n_exclusive"] == 0).all()


def test_the_same_id_in_two_clinics_is_two_people(bench: Any) -> None:
    bench.visit("p1", clinic="c1")
    bench.visit("p1", clinic="c2")
    found = aggregate(**bench.frames([("c1", "public"), ("c2", "public")]))
    assert _row(found.sectors, "patients.seen")["value"] == 2
    assert len(found.therapists["clinic_id"].unique()) == 2


def test_a_clinic_without_sector_is_refused_and_named_nowhere_else(bench: Any) -> None:
    bench.visit("p1", clinic="c9")
    with pytest.raises(StatisticsError, match="CLINIC_WITHOUT_SECTOR"):
        aggregate(**bench.frames())


def test_a_clinic_with_two_sectors_is_refused(bench: Any) -> None:
    with pytest.raises(StatisticsError, match="CLINIC_TWICE"):
        aggregate(**bench.frames([("c1", "public"), ("c1", "private")]))


def _random_frames(bench: Any, seed: int) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    for _ in range(60):
        bench.visit(
            f"p{random.integers(9)}",
            therapist=f"t{random.integers(3)}",
            month=random.choice(["2025-09", "2026-01", "2026-02"]),
            attendance=random.choice(["attended", "attended", "missed"]),
            patient_form=float(random.integers(12, 61)) / 12,
            therapist_form=float(random.integers(12, 61)) / 12,
        )
    for patient in range(6):
        bench.episode(f"p{patient}", therapist=f"t{patient % 3}", phq=(12.0, float(patient)))
    return dict(bench.frames())


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_changes_nothing(new_bench: Any, seed: int) -> None:
    frames = _random_frames(new_bench(), seed)
    shuffled = {
        key: frame.sample(frac=1, random_state=seed % 1000) if key != "month" else frame
        for key, frame in frames.items()
    }
    first, second = aggregate(**frames), aggregate(**shuffled)
    pd.testing.assert_frame_equal(first.therapists, second.therapists)
    pd.testing.assert_frame_equal(first.clinics, second.clinics)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_observations_and_sums_of_therapists_add_up_to_the_clinic(
    new_bench: Any, seed: int
) -> None:
    groups = aggregate(**_random_frames(new_bench(), seed)).groups
    by_level = groups.groupby(["level", "period", "figure"])[["n_observations", "total"]].sum()
    people = by_level.loc["therapist"]
    clinic = by_level.loc["clinic"].loc[people.index]
    pd.testing.assert_frame_equal(people, clinic)
    window = people.loc[["month", "earlier"]].groupby("figure").sum()
    pd.testing.assert_frame_equal(window, people.loc["trailing_12"].loc[window.index])
