# ruff: noqa: ANN401 - the bench comes from conftest, which cannot be imported
"""Figures of the process, computed by hand on courses of a few sessions."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from rapport.statistics import aggregate
from rapport.statistics.process_observations import within_spread


def _value(found: pd.DataFrame, figure: str, period: str = "trailing_12") -> dict[str, Any]:
    row = found[(found["figure"] == figure) & (found["period"] == period)]
    assert len(row) == 1
    return {str(k): v for k, v in row.iloc[0].items()}


def _course(bench: Any, patient: str, ratings: list[float], **more: Any) -> None:
    for number, rating in enumerate(ratings):
        bench.visit(patient, patient_form=rating, day=number + 1, **more)


def test_the_spread_within_patients_is_the_pooled_standard_deviation() -> None:
    scores, course = np.array([1.0, 3.0, 2.0, 2.0, 5.0]), np.array([0, 0, 1, 1, 1])
    # sums of squares 2 and 6 over 5 − 2 degrees of freedom
    assert within_spread(scores, course) == pytest.approx(np.sqrt(8 / 3), abs=1e-12)


def test_without_a_second_rating_there_is_no_spread_and_no_fall(bench: Any) -> None:
    assert np.isnan(within_spread(np.array([3.0, 4.0]), np.array([0, 1])))
    _course(bench, "p1", [4.0])
    found = aggregate(**bench.frames()).clinics
    assert not found["figure"].str.startswith("rupture").any()


def test_a_fall_of_two_standard_deviations_is_marked_and_its_repair_is_seen(bench: Any) -> None:
    _course(bench, "p1", [4.0, 4.0, 2.0, 4.0])
    for patient in ("p2", "p3", "p4", "p5"):
        _course(bench, patient, [3.0] * 4)
    # within squares 3 over 15 degrees of freedom: SD 0.447, twice that is 0.894 < 2.0
    found = aggregate(**bench.frames()).clinics
    criterion = _value(found, "rupture.criterion")
    assert (criterion["numerator"], criterion["denominator"]) == (1, 15)
    assert [_value(found, f"rupture.{one}")["value"] for one in ("repaired", "unrepaired")] == [
        1,
        0,
    ]


def test_a_fall_with_fewer_than_three_sessions_after_it_is_open(bench: Any) -> None:
    _course(bench, "p1", [4.0, 4.0, 2.0, 2.0])
    for patient in ("p2", "p3", "p4", "p5"):
        _course(bench, patient, [3.0] * 4)
    found = aggregate(**bench.frames()).clinics
    assert _value(found, "rupture.open")["value"] == 1


def test_a_fall_that_stays_low_for_three_sessions_is_not_repaired(bench: Any) -> None:
    _course(bench, "p1", [4.5, 4.5, 4.5, 2.0, 2.0, 2.0, 2.0])
    for patient in ("p2", "p3", "p4", "p5"):
        _course(bench, patient, [3.0] * 9)
    found = aggregate(**bench.frames()).clinics
    assert _value(found, "rupture.unrepaired")["numerator"] == 1


def test_falls_are_looked_for_within_an_episode_only(bench: Any) -> None:
    _course(bench, "p1", [4.0, 4.0], episode="1")
    _course(bench, "p1", [2.0, 2.0], episode="2")
    _course(bench, "p2", [3.0, 3.1])
    found = aggregate(**bench.frames()).clinics
    assert _value(found, "rupture.criterion")["numerator"] == 0


def test_a_patients_own_limit_needs_six_rated_sessions(bench: Any) -> None:
    _course(bench, "p1", [4.0, 4.1, 4.0, 4.1, 4.0, 1.0])
    _course(bench, "p2", [4.0, 4.1, 4.0, 4.1, 1.0])
    chart = _value(aggregate(**bench.frames()).clinics, "rupture.chart")
    assert chart["denominator"] == 6


def test_stages_are_means_of_the_forms_in_each_band(bench: Any) -> None:
    _course(bench, "p1", [1.0, 2.0, 3.0, 4.0, 5.0, 4.5])
    found = aggregate(**bench.frames()).clinics
    means = [
        _value(found, f"stage.{one}.patient")["value"] for one in ("first", "agreeing", "working")
    ]
    assert means == [1.5, 4.0, 4.5]


def test_sessions_before_the_window_count_towards_the_stage(bench: Any) -> None:
    for day in range(1, 6):
        bench.visit("p1", month="2024-12", day=day)
    bench.visit("p1", patient_form=4.0)
    found = aggregate(**bench.frames()).clinics
    assert _value(found, "stage.working.patient")["value"] == 4.0


def test_drop_out_is_told_of_those_who_reached_the_stage(bench: Any) -> None:
    for patient, attended, ending in (
        ("p1", 2, "dropped_out"),
        ("p2", 4, "dropped_out"),
        ("p3", 9, "dropped_out"),
        ("p4", 9, "planned"),
    ):
        bench.episode(patient, n_attended=attended, ending=ending)
    found = aggregate(**bench.frames()).clinics
    shares = {
        one: (
            _value(found, f"dropout.{one}")["numerator"],
            _value(found, f"dropout.{one}")["denominator"],
        )
        for one in ("first", "agreeing", "working")
    }
    assert shares == {"first": (1, 4), "agreeing": (1, 3), "working": (1, 2)}


def test_modes_are_told_apart_and_what_is_not_stated_is_a_figure_too(bench: Any) -> None:
    bench.visit("p1", patient_form=4.0, mode="video")
    bench.visit("p1", patient_form=3.0, mode="in_person", day=2)
    bench.visit("p2", patient_form=2.0, day=3)
    found = aggregate(**bench.frames()).clinics
    means = {
        one: _value(found, f"mode.{one}.alliance")["value"]
        for one in ("video", "in_person", "unstated")
    }
    assert means == {"video": 4.0, "in_person": 3.0, "unstated": 2.0}


def test_an_export_without_modes_has_no_figures_of_modes(bench: Any) -> None:
    bench.visit("p1", patient_form=4.0)
    assert not aggregate(**bench.frames()).clinics["figure"].str.startswith("mode.").any()


@pytest.mark.parametrize("figure", ["stage.first.patient", "mode.video.alliance", "dropout.first"])
def test_figures_of_the_window_are_not_given_for_months_or_therapists(
    bench: Any, figure: str
) -> None:
    bench.visit("p1", patient_form=4.0, mode="video")
    bench.episode("p1", n_attended=1)
    found = aggregate(**bench.frames())
    of_clinic = found.clinics[found.clinics["figure"] == figure]
    assert of_clinic["period"].tolist() == ["trailing_12"]
    assert figure not in set(found.therapists["figure"])
    groups = found.groups[found.groups["figure"] == figure]
    assert set(groups["period"]) == {"trailing_12"}


def _reported(
    bench: Any, patient: str, rater: str, rupture: float, intensity: float | None
) -> None:
    bench.visit(patient)
    keys = {
        k: v for k, v in bench.sessions[-1].items() if k not in ("attendance", "mode", "ending")
    }
    for scale, value in (("rupture", rupture), ("intensity", intensity)):
        bench.scores.append(
            {
                **keys,
                "instrument": "psq-rupture",
                "rater": rater,
                "scale": scale,
                "score": value,
                "item_mean": value,
                "no_score_reason": None,
            }
        )


def test_reported_ruptures_are_a_share_of_forms_and_a_mean_of_those_that_report_one(
    bench: Any,
) -> None:
    _reported(bench, "p1", "patient", 1.0, 4.0)
    _reported(bench, "p2", "patient", 0.0, None)
    _reported(bench, "p3", "therapist", 1.0, 2.0)
    found = aggregate(**bench.frames()).clinics
    assert _value(found, "reported.patient.rupture")["value"] == 0.5
    assert _value(found, "reported.patient.intensity")["value"] == 4.0
    assert _value(found, "reported.therapist.rupture")["value"] == 1.0
