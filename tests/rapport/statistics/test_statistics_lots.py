# ruff: noqa: ANN401 - the bench comes from conftest, which cannot be imported
"""Lots: how clinics are put together while figures are computed changes no digit of any figure."""

import os
import subprocess
import sys
from dataclasses import fields
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from rapport.errors import StatisticsError
from rapport.statistics import Aggregates, aggregate, aggregate_lots
from rapport.statistics.estimating.forms import FormItems
from rapport.statistics.pooled import Common, Share, common_of, share_of_clinics
from rapport.statistics.ratings import ratings_of

QUICK = settings(max_examples=3, deadline=None, phases=[Phase.generate])
SEEDS = st.integers(0, 2**32 - 1)
N_CLINICS = 14
CLINICS = [(f"c{one:02d}", ("public", "private")[one % 2]) for one in range(N_CLINICS)]
FRAMES = ("scores", "sessions", "outcomes", "changes")


def _frames(bench: Any, seed: int) -> dict[str, Any]:
    """Fourteen clinics of different size; one states no mode of any session."""
    random = np.random.default_rng(seed)
    for clinic, _ in CLINICS:
        for patient in range(int(random.integers(4, 16))):
            own, level = f"t{patient % 3}", random.normal(3.6, 0.5)
            for session in range(int(random.integers(1, 7))):
                by_patient, by_therapist = np.clip(level + random.normal(0, 0.6, 2), 1, 5)
                mode = None if clinic == "c01" else str(random.choice(["in_person", "video"]))
                bench.visit(
                    f"p{patient}",
                    therapist=own,
                    clinic=clinic,
                    month=str(random.choice(["2025-09", "2026-01", "2026-02"])),
                    day=session + 1,
                    mode=mode,
                    patient_form=round(by_patient * 12) / 12,
                    therapist_form=round(by_therapist * 12) / 12,
                    ending="planned" if session == 5 else None,
                )
                _symptoms(bench, float(random.integers(0, 28)))
            first, last = random.integers(0, 28, 2)
            bench.episode(
                f"p{patient}", therapist=own, clinic=clinic, phq=(float(first), float(last))
            )
    frames = dict(bench.frames(CLINICS))
    frames["scores"] = frames["scores"].sort_values("clinic_id", kind="stable")
    return frames


def _symptoms(bench: Any, score: float) -> None:
    """Add the PHQ-9 to the session that was added last."""
    form = {"instrument": "phq-9", "rater": "patient", "scale": "total"}
    bench.scores.append({**bench.scores[-1], **form, "score": score, "item_mean": score / 9})


def _forms(seed: int) -> list[FormItems]:
    random = np.random.default_rng(seed)
    n = 900
    items = np.clip(np.round(random.normal(3, 1, (n, 1)) + random.normal(0, 1, (n, 12))), 1, 5)
    clinic = np.sort(random.choice(np.array([one for one, _ in CLINICS], dtype=object), n))
    patient = np.array([f"p{one}" for one in random.integers(0, 9, n)], dtype=object)
    return [FormItems("wai-sr.patient", clinic, patient, items)]


def _in_lots(frames: dict[str, Any], size: int, forms: list[FormItems]) -> Aggregates:
    names = [one for one, _ in CLINICS]
    lots = [names[first : first + size] for first in range(0, len(names), size)]
    window = frames["scores"]
    common = common_of(
        share_of_clinics(
            window[window["clinic_id"].isin(lot)],
            frames["sessions"].loc[frames["sessions"]["clinic_id"].isin(lot), "mode"],
            clinic="clinic_id",
            episode=["clinic_id", "patient_id", "episode"],
        )
        for lot in lots
    )
    return aggregate_lots(
        ({name: frames[name][frames[name]["clinic_id"].isin(lot)] for name in FRAMES}
         for lot in lots),
        clinics=frames["clinics"],
        month=frames["month"],
        common=common,
        forms=[part for form in forms for part in _parted(form, lots)],
    )  # fmt: skip


def _parted(form: FormItems, lots: list[list[str]]) -> list[FormItems]:
    chosen = [np.isin(form.clinic, lot) for lot in lots]
    return [
        FormItems(form.form, form.clinic[one], form.patient[one], form.items[one]) for one in chosen
    ]


def _assert_same(one: Aggregates, other: Aggregates) -> None:
    for name in (field.name for field in fields(Aggregates)):
        first, second = (getattr(each, name).reset_index(drop=True) for each in (one, other))
        pd.testing.assert_frame_equal(first, second, check_exact=True, obj=name)


@QUICK
@given(seed=SEEDS)
def test_lots_of_one_seven_and_all_clinics_give_the_same_digits(new_bench: Any, seed: int) -> None:
    frames, forms = _frames(new_bench(), seed), _forms(seed)
    whole = aggregate(**frames, forms=forms)
    assert set(whole.estimates["level"]) == {"therapist", "clinic", "sector"}
    for size in (1, 7, N_CLINICS):
        _assert_same(_in_lots(frames, size, forms), whole)


def test_a_clinic_that_states_no_mode_has_the_same_figures_in_a_lot_of_its_own(bench: Any) -> None:
    # What is not stated is what remains of the sector, wherever another clinic states a mode.
    found = _in_lots(_frames(bench, 1), 1, []).clinics
    own = found[(found["clinic_id"] == "c01") & found["figure"].str.startswith("mode.")]
    assert set(own["figure"]) == {"mode.unstated.alliance", "mode.unstated.rupture"}


def test_therapists_have_figures_of_the_periods_asked_for(bench: Any) -> None:
    frames = _frames(bench, 2)
    found = aggregate_lots(
        [{name: frames[name] for name in FRAMES}],
        clinics=frames["clinics"],
        month=frames["month"],
        common=Common(0.5, states_mode=True),
        of_therapists=("trailing_12",),
    )
    whole = aggregate(**frames)
    assert set(found.therapists["period"]) == {"trailing_12"}
    assert set(whole.therapists["period"]) == {"trailing_12", "month"}
    assert set(found.clinics["period"]) == set(whole.clinics["period"])


@pytest.mark.parametrize(
    "lots", [[["c02"], ["c01"]], [["c01", "c02"], ["c02"]]], ids=["out of order", "twice"]
)
def test_lots_that_do_not_follow_the_clinics_are_refused(bench: Any, lots: list[list[str]]) -> None:
    frames = _frames(bench, 3)
    with pytest.raises(StatisticsError, match="LOT_ORDER"):
        aggregate_lots(
            ({name: frames[name][frames[name]["clinic_id"].isin(lot)] for name in FRAMES}
             for lot in lots),
            clinics=frames["clinics"],
            month=frames["month"],
            common=Common(0.5, states_mode=True),
        )  # fmt: skip


def test_without_any_lot_nothing_can_be_said(bench: Any) -> None:
    frames = bench.frames()
    with pytest.raises(ValueError, match="lot"):
        aggregate_lots(
            [], clinics=frames["clinics"], month=frames["month"], common=Common(0.5, True)
        )


def test_the_common_spread_is_the_pooled_one_whatever_the_order() -> None:
    # (0.1 + 0.2 + 0.3 + 5.4)/6 = 1, and a floating sum in another order would differ
    parts = [Share((0.1, 0.2), 2, states_mode=False), Share((0.3, 5.4), 4, states_mode=True)]
    assert common_of(parts) == common_of(parts[::-1])
    assert common_of(parts).spread == pytest.approx(1.0, abs=1e-15)
    assert common_of(parts).states_mode
    assert np.isnan(common_of([Share((), 0, states_mode=False)]).spread)


def test_a_session_with_one_form_twice_is_refused(bench: Any) -> None:
    frames = _frames(bench, 4)
    scores = pd.concat([frames["scores"], frames["scores"].iloc[:1]])
    with pytest.raises(StatisticsError, match="FORM_TWICE"):
        aggregate(**{**frames, "scores": scores})


def test_a_rated_session_has_one_row_with_all_its_forms() -> None:
    keys = {"clinic": 0, "patient": [3, 3, 1], "episode": 0, "session": [2, 2, 1], "when": 11}
    scores = pd.DataFrame(keys).assign(
        therapist=5,
        instrument=["wai-sr", "wai-sr-t", "phq-9"],
        rater=["patient", "therapist", "patient"],
        scale="total",
        score=[40.0, 45.0, 12.0],
        item_mean=[3.5, 4.0, 1.3],
        no_score_reason=None,
    )
    sessions = pd.DataFrame({**keys, "patient": [3, 1, 2]}).assign(
        session=[2, 1, 1], mode=pd.Series(["video", None, "video"], dtype="str")
    )
    found = ratings_of(scores, sessions)
    numbers = found[["patient", "by_patient", "by_therapist", "symptoms"]].to_numpy(float)
    nothing = float("nan")
    expected = [[1, nothing, nothing, 12.0], [3, 3.5, 4.0, nothing]]
    np.testing.assert_array_equal(numbers, np.array(expected))
    assert found["mode"].isna().tolist() == [True, False]
    assert found["mode"].iloc[1] == "video"


@QUICK
@given(seed=SEEDS)
def test_forms_in_parts_have_the_consistency_of_all(new_bench: Any, seed: int) -> None:
    frames, forms = _frames(new_bench(), seed), _forms(seed)
    found = aggregate(**frames, forms=forms).estimates
    own = found[(found["figure"] == "alpha.wai-sr.patient") & (found["level"] == "sector")]
    sector = dict(CLINICS)
    for name, value in zip(own["sector"], own["value"], strict=True):
        items = forms[0].items[[sector[one] == name for one in forms[0].clinic]]
        # Cronbach (1951): k/(k − 1) · (1 − Σ variances of items/variance of totals)
        by_hand = 12 / 11 * (1 - items.var(axis=0, ddof=1).sum() / items.sum(axis=1).var(ddof=1))
        assert value == pytest.approx(by_hand, abs=1e-12)


def test_an_answer_that_never_varies_has_no_consistency_in_parts_either(bench: Any) -> None:
    items = np.random.default_rng(1).normal(size=(200, 12))
    items[:, 3] = 0.1  # a number whose sums are rounded
    parts = [
        FormItems(
            "wai-sr.patient", np.full(len(own), "c00", object), own.astype(object), items[own]
        )
        for own in (np.arange(90), np.arange(90, 200))
    ]
    found = aggregate(**_frames(bench, 5), forms=parts).estimates
    own = found[(found["figure"] == "alpha.wai-sr.patient") & (found["level"] == "sector")]
    assert own["value"].isna().all()


_FIT = """
import hashlib
import numpy as np
from rapport.statistics.random_intercept import fit_random_intercept
random = np.random.default_rng(7)
n = 60_000
group = np.sort(random.integers(0, n // 4, n))
design = np.column_stack([np.ones(n), random.normal(size=(n, 6))])
y = random.normal(size=n) + random.normal(size=n // 4)[group]
fit = fit_random_intercept(y, group, design, n // 4)
print(fit.coefficients.tolist(), fit.covariance.tolist(), fit.icc, fit.icc_low, fit.icc_high)
"""


def test_a_model_of_many_rows_does_not_depend_on_the_number_of_threads() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _FIT],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(told) == 1
    assert told != {""}
