# ruff: noqa: ANN401 - what publishes comes from conftest, which cannot be imported
"""Estimates stand only beside the figures that they could bring back."""

from typing import Any

import pandas as pd
import pytest

from rapport.disclosure.estimates import published_estimates

CLINICS = {"c1": "standard", "c2": "standard", "c3": "standard"}
SECTOR = dict.fromkeys(CLINICS, "public")


def _table(figure: str, suppression: str | None, **unit: str) -> pd.DataFrame:
    row = {**unit, "period": "trailing_12", "figure": figure, "suppression": suppression}
    return pd.DataFrame([row]).astype({"suppression": "str"})


def _nothing(**unit: str) -> pd.DataFrame:
    return _table("patients.seen", None, **unit)


def _estimate(figure: str, level: str, patients: int = 40, **unit: str) -> pd.DataFrame:
    row: dict[str, Any] = {
        "level": level,
        "clinic_id": None,
        "therapist_id": None,
        "sector": None,
        "figure": figure,
        "n_patients": patients,
        "value": 1.0,
        "suppression": None,
    }
    frame = pd.DataFrame([row | unit])
    return frame.astype({"suppression": "str", "n_patients": "Int64"})


def _reason(estimate: pd.DataFrame, **shown: pd.DataFrame) -> object:
    tables = {
        "therapist": _nothing(clinic_id="c1", therapist_id="t1"),
        "clinic": _nothing(clinic_id="c1"),
        "sector": _nothing(sector="public"),
    } | shown
    found = published_estimates(estimate, tables, CLINICS, SECTOR)["suppression"].iloc[0]
    return None if pd.isna(found) else found


def test_an_adjusted_estimate_stands_beside_the_raw_figure() -> None:
    estimate = _estimate("adjusted.phq-9", "therapist", clinic_id="c1", therapist_id="t1")
    unit = {"clinic_id": "c1", "therapist_id": "t1"}
    shown = _table("outcome.phq-9.improvement", None, **unit)
    hidden = _table("outcome.phq-9.improvement", "small_number", **unit)
    assert _reason(estimate, therapist=shown) is None
    assert _reason(estimate, therapist=hidden) == "complementary"
    assert _reason(estimate) == "complementary"


def test_another_therapists_figure_does_not_count() -> None:
    estimate = _estimate("adjusted.phq-9", "therapist", clinic_id="c1", therapist_id="t1")
    other = _table("outcome.phq-9.improvement", None, clinic_id="c2", therapist_id="t1")
    assert _reason(estimate, therapist=other) == "complementary"


@pytest.mark.parametrize(("patients", "reason"), [(4, "small_number"), (5, None)])
def test_an_estimate_of_few_patients_is_hidden(patients: int, reason: str | None) -> None:
    estimate = _estimate("alpha.wai-sr.patient", "clinic", patients, clinic_id="c1")
    assert _reason(estimate) == reason


def test_an_estimate_of_two_figures_needs_both() -> None:
    estimate = _estimate("explained.r", "clinic", clinic_id="c1")
    one = _table("alliance.patient.total", None, clinic_id="c1")
    both = pd.concat([one, _table("outcome.phq-9.improvement", None, clinic_id="c1")])
    assert _reason(estimate, clinic=one) == "complementary"
    assert _reason(estimate, clinic=both) is None


def test_what_is_said_of_all_clinics_needs_three_of_them() -> None:
    estimate = _estimate("therapists.phq-9", "sector", sector="all")
    assert _reason(estimate) is None
    two = {name: CLINICS[name] for name in ("c1", "c2")}
    tables = {
        "therapist": _nothing(clinic_id="c1", therapist_id="t1"),
        "clinic": _nothing(clinic_id="c1"),
        "sector": _nothing(sector="public"),
    }
    found = published_estimates(estimate, tables, two, {"c1": "public", "c2": "private"})
    assert found["suppression"].tolist() == ["small_number"]


def test_too_few_to_say_stays_what_it_is() -> None:
    estimate = _estimate("alpha.wai-sr.patient", "clinic", clinic_id="c1")
    assert _reason(estimate.assign(suppression="too_few")) == "too_few"


def test_published_tables_hold_no_number_of_a_hidden_estimate(published: Any) -> None:
    found = published({f"c{c}": {"t1": 6, "t2": 7, "t3": 8} for c in range(4)})
    for table in (found.therapists, found.clinics, found.sectors):
        hidden = table[table["suppression"].notna()]
        numbers = ["n_patients", "n_observations", "value", "low", "high"]
        assert hidden[numbers].isna().all().all()
    assert found.estimates.empty
