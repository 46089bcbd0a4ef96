"""What rests on too little says so, and is neither absent nor the end of a close."""

import numpy as np
import pandas as pd
import pytest

from rapport.months import Month
from rapport.statistics import aggregate
from rapport.statistics.coding import Units
from rapport.statistics.estimating.forms import FormItems, consistencies
from rapport.statistics.estimating.outcomes import needed_by
from rapport.statistics.three_levels import Level

MONTH = Month(2026, 2)
KEYS = ["clinic_id", "month", "patient_id", "episode", "therapist_id"]
FLAGS = (
    "is_finished",
    "is_paired",
    "is_recovered",
    "is_reliably_improved",
    "is_reliably_recovered",
    "is_reliably_deteriorated",
)


def test_forms_that_are_too_few_for_alpha_say_so_and_absent_ones_say_nothing() -> None:
    units = Units(
        clinics=("few", "none"),
        sectors=("public",),
        sector_of_clinic=np.zeros(2, dtype=np.int64),
        therapists=(),
        clinic_of_therapist=np.zeros(0, dtype=np.int64),
        months=(MONTH,),
        bands=np.zeros((2, 3), dtype=np.int64),
    )
    forms = FormItems(
        form="gad-7.patient",
        clinic=np.full(49, "few", dtype=object),
        patient=np.array([f"p{one}" for one in range(49)], dtype=object),
        items=np.random.default_rng(2).integers(0, 4, (49, 7)).astype(float),
    )
    found = pd.concat(consistencies([forms], units))
    assert found.loc[found["level"] == "clinic", "unit"].tolist() == [0, 0]
    assert found["value"].isna().all()


@pytest.mark.parametrize(
    ("share", "low", "high", "needed"),
    [
        # λ/(1 − λ) = 7/3; (1 − .1)/.1 = 9, (1 − .05)/.05 = 19; at a share of 1 nobody is needed.
        (0.1, 0.05, 1.0, (21.0, 0.0, 7 / 3 * 19)),
        (0.1, 0.0, 0.5, (21.0, 7 / 3, np.inf)),
        (0.0, 0.0, 0.2, (np.nan, np.nan, np.nan)),
    ],
)
def test_patients_needed_follow_from_the_share_whatever_its_interval(
    share: float, low: float, high: float, needed: tuple[float, float, float]
) -> None:
    none = np.zeros(0)
    level = Level(1.0, share, low, high, none, none, none, none)
    assert needed_by(level) == pytest.approx(needed, nan_ok=True)


def _closed(n_public: int, n_private: int, *, spread: float) -> pd.DataFrame:
    """Return the estimates over clinics of two therapists with eight patients each."""
    random = np.random.default_rng(7)
    clinics = [f"u{one}" for one in range(n_public)] + [f"v{one}" for one in range(n_private)]
    people = pd.DataFrame(
        [
            (c, "2026-02", f"p{t}-{p}", "1", f"t{t}")
            for c in clinics
            for t in (0, 1)
            for p in range(8)
        ],
        columns=KEYS,
    )
    n = len(people)
    own = people.groupby(["clinic_id", "therapist_id"]).ngroup().to_numpy()
    empty = pd.DataFrame(columns=[*KEYS, "session", "session_date"])
    pre = random.normal(15, 3, n)
    gain = 50.0 * own + random.normal(0, spread, n)
    return aggregate(
        scores=empty.assign(
            instrument="", rater="", scale="", score=0.0, item_mean=0.0, no_score_reason=None
        ),
        sessions=empty.assign(attendance=None, mode=None, ending=None),
        outcomes=people.assign(
            ending="planned", n_attended=8, is_case_at_start=True, **dict.fromkeys(FLAGS, True)
        ),
        changes=people.assign(instrument="phq-9", pre=pre, post=pre - gain, improvement=gain),
        clinics=pd.DataFrame(
            {"clinic_id": clinics, "sector": ["public"] * n_public + ["private"] * n_private}
        ),
        month=MONTH,
    ).estimates


def test_sectors_of_too_few_clinics_are_not_compared_and_the_row_says_so() -> None:
    found = _closed(3, 1, spread=5.0)
    row = found[found["figure"] == "comparison.phq-9"]
    assert row["suppression"].tolist() == ["too_few"]
    assert row["value"].isna().all()


def test_therapists_who_differ_in_everything_do_not_stop_a_close() -> None:
    found = _closed(3, 2, spread=1e-6).set_index("figure")
    assert found.loc["therapists.phq-9", "high"] == pytest.approx(1.0, abs=1e-6)
    assert found.loc["needed.phq-9", "low"] == pytest.approx(0.0, abs=1e-6)
