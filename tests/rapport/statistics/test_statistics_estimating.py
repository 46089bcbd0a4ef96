"""Estimates of models as rows: planted truth comes back, small numbers say so, ranges hold."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from rapport.months import Month
from rapport.statistics import aggregate
from rapport.statistics.consistency import consistency
from rapport.statistics.estimating.explaining import partial_correlation
from rapport.statistics.estimating.forms import FormItems
from rapport.statistics.figures import ESTIMATES

MONTH = Month(2026, 2)
N_CLINICS, N_THERAPISTS, N_PATIENTS, N_SESSIONS = 10, 3, 14, 8
BIAS, TRACKING, GAIN = -0.4, 0.5, 6.0
KEYS = ["clinic_id", "month", "patient_id", "episode", "therapist_id"]


def _people(random: np.random.Generator) -> pd.DataFrame:
    people = pd.DataFrame(
        [
            (f"c{c}", f"t{c}-{t}", f"p{t}-{p}")
            for c in range(N_CLINICS)
            for t in range(N_THERAPISTS)
            for p in range(N_PATIENTS)
        ],
        columns=["clinic_id", "therapist_id", "patient_id"],
    )
    n = len(people)
    alliance = random.normal(3.8, 0.4, n)
    pre = random.normal(15.0, 3.0, n)
    gain = GAIN + 0.5 * (pre - 15.0) + 3.0 * (alliance - 3.8) + random.normal(0, 2.0, n)
    return people.assign(alliance=alliance, pre=pre, gain=gain, month="2026-02", episode="1")


def _sessions(random: np.random.Generator, people: pd.DataFrame) -> pd.DataFrame:
    rows = people.loc[people.index.repeat(N_SESSIONS)].reset_index(drop=True)
    number = np.tile(np.arange(1, N_SESSIONS + 1), len(people))
    moved = random.normal(0, 0.3, len(rows))
    patient = (rows["alliance"] + moved).clip(1, 5)
    therapist = rows["alliance"] + BIAS + TRACKING * moved + random.normal(0, 0.2, len(rows))
    return rows.assign(
        session=number,
        session_date=[f"2026-02-{one:02d}" for one in number],
        attendance="attended",
        mode=np.where(random.random(len(rows)) < 0.4, "video", "in_person"),
        ending=np.where(number == N_SESSIONS, "planned", None),
        by_patient=patient,
        by_therapist=therapist.clip(1, 5),
        phq=rows["pre"] - rows["gain"] * number / N_SESSIONS,
    )


def _scores(sessions: pd.DataFrame) -> pd.DataFrame:
    keys = [*KEYS, "session", "session_date"]
    parts = [
        sessions[keys].assign(
            instrument=instrument,
            rater=rater,
            scale="total",
            score=sessions[column],
            item_mean=sessions[column],
            no_score_reason=None,
        )
        for instrument, rater, column in (
            ("wai-sr", "patient", "by_patient"),
            ("wai-sr-t", "therapist", "by_therapist"),
            ("phq-9", "patient", "phq"),
        )
    ]
    return pd.concat(parts, ignore_index=True)


@cache
def _estimates() -> pd.DataFrame:
    random = np.random.default_rng(11)
    people = _people(random)
    sessions = _sessions(random, people)
    flags = dict.fromkeys(
        (
            "is_paired",
            "is_finished",
            "is_recovered",
            "is_reliably_improved",
            "is_reliably_recovered",
        ),
        True,
    )
    outcomes = people[KEYS].assign(
        ending="planned",
        n_attended=N_SESSIONS,
        is_case_at_start=True,
        is_reliably_deteriorated=False,
        **flags,
    )
    changes = people[KEYS].assign(
        instrument="phq-9",
        pre=people["pre"],
        post=people["pre"] - people["gain"],
        improvement=people["gain"],
    )
    clinics = pd.DataFrame(
        {
            "clinic_id": [f"c{one}" for one in range(N_CLINICS)],
            "sector": ["public", "private"] * (N_CLINICS // 2),
        }
    )
    factor = random.normal(size=(90, 1))
    forms = FormItems(
        form="wai-sr.patient",
        clinic=np.full(90, "c0", dtype=object),
        patient=np.array([f"p{one}" for one in range(90)], dtype=object),
        items=factor + random.normal(size=(90, 12)),
    )
    return aggregate(
        scores=_scores(sessions),
        sessions=sessions[[*KEYS, "session", "session_date", "attendance", "mode", "ending"]],
        outcomes=outcomes,
        changes=changes,
        clinics=clinics,
        month=MONTH,
        forms=[forms],
    ).estimates


def _of(figure: str, level: str) -> pd.DataFrame:
    found = _estimates()
    return found[(found["figure"] == figure) & (found["level"] == level)]


@pytest.mark.parametrize(
    ("figure", "truth"), [("congruence.bias", BIAS), ("congruence.tracking", TRACKING)]
)
def test_bias_and_tracking_come_back_in_every_sector(figure: str, truth: float) -> None:
    found = _of(figure, "sector")
    assert set(found["sector"]) == {"public", "private"}
    assert (found["value"] - truth).abs().max() < 0.08
    assert ((found["low"] < found["value"]) & (found["value"] < found["high"])).all()


def test_the_alliance_explains_what_was_planted() -> None:
    # Var(3 (a − ā)) = 1.44 beside a residual variance of 4: r² = 1.44/5.44 before the noise of
    # a mean over eight sessions, whose variance 0.3²/8 lowers it to 0.246
    found = _of("explained.r", "sector")
    assert np.allclose(found["value"] ** 2, 0.246, atol=0.13)
    shares = _of("explained.share", "sector").set_index("sector")["value"]
    assert np.allclose(shares, found.set_index("sector")["value"] ** 2)


def test_every_therapist_has_a_row_and_shrunken_estimates_lie_closer_together() -> None:
    found = _of("adjusted.phq-9", "therapist")
    assert len(found) == N_CLINICS * N_THERAPISTS
    assert found["value"].between(GAIN - 1.5, GAIN + 1.5).all()
    assert found["suppression"].isna().all()


def test_shares_of_variance_and_patients_needed_are_said_of_all_clinics_together() -> None:
    for figure in ("therapists.phq-9", "clinics.phq-9", "comparison.phq-9"):
        assert _of(figure, "sector")["sector"].tolist() == ["all"], figure
    share = float(_of("therapists.phq-9", "sector")["value"].iloc[0])
    assert 0.0 <= share < 0.2


def test_sectors_that_do_not_differ_are_not_told_apart() -> None:
    row = _of("comparison.phq-9", "sector").iloc[0]
    assert row["low"] < 0 < row["high"]


def test_modes_that_change_nothing_have_contrasts_about_zero() -> None:
    found = _of("contrast.video", "sector")
    assert len(found) == 2
    assert (found["value"].abs() < 0.06).all()


def test_alpha_is_given_of_the_clinic_whose_forms_are_there() -> None:
    # one factor, loadings 1 and errors 1: alpha = 12/(12 + 1)
    row = _of("alpha.wai-sr.patient", "clinic")
    assert row["clinic_id"].tolist() == ["c0"]
    assert row["value"].iloc[0] == pytest.approx(12 / 13, abs=0.03)


def test_alpha_is_of_the_month() -> None:
    found = _estimates()
    months = found["figure"].str.startswith(("alpha.", "omega."))
    assert set(found.loc[months, "period"]) == {"month"}
    assert set(found.loc[~months, "period"]) == {"trailing_12"}


def test_a_therapist_with_few_patients_has_no_number_and_says_so() -> None:
    random = np.random.default_rng(3)
    people = _people(random).groupby("therapist_id").head(5)
    empty = pd.DataFrame(columns=[*KEYS, "session", "session_date"])
    outcomes = people[KEYS].assign(
        ending="planned",
        n_attended=8,
        is_case_at_start=True,
        **dict.fromkeys(
            (
                "is_finished",
                "is_paired",
                "is_recovered",
                "is_reliably_improved",
                "is_reliably_recovered",
                "is_reliably_deteriorated",
            ),
            True,
        ),
    )
    found = aggregate(
        scores=empty.assign(
            instrument="", rater="", scale="", score=0.0, item_mean=0.0, no_score_reason=None
        ),
        sessions=empty.assign(attendance=None, mode=None, ending=None),
        outcomes=outcomes,
        changes=people[KEYS].assign(
            instrument="phq-9", pre=people["pre"], post=8.0, improvement=people["gain"]
        ),
        clinics=pd.DataFrame(
            {"clinic_id": sorted(people["clinic_id"].unique()), "sector": "public"}
        ),
        month=MONTH,
    ).estimates
    therapists = found[(found["figure"] == "adjusted.phq-9") & (found["level"] == "therapist")]
    assert therapists["value"].isna().all()
    assert set(therapists["suppression"]) == {"too_few"}


def test_estimates_stay_within_the_limits_of_their_figures() -> None:
    for _, row in _estimates().iterrows():
        one = ESTIMATES[row["figure"]]
        for number in (row["low"], row["value"], row["high"]):
            assert one.minimum is None or not number < one.minimum, row["figure"]
            assert one.maximum is None or not number > one.maximum, row["figure"]


def test_a_partial_correlation_is_that_of_the_residuals() -> None:
    # r_xy = .5, r_xz = .4, r_yz = .3: (.5 − .12)/√(.84 · .91), by the formula of Fisher (1924)
    cov = np.array([[1, 0.5, 0.4], [0.5, 1, 0.3], [0.4, 0.3, 1]])
    raw = np.random.default_rng(1).normal(size=(50, 3))
    white = raw - raw.mean(axis=0)
    white = np.linalg.solve(np.linalg.cholesky(white.T @ white / 50), white.T).T
    x, y, z = (pd.Series(column) for column in (white @ np.linalg.cholesky(cov).T).T)
    expected = (0.5 - 0.12) / np.sqrt(0.84 * 0.91)
    assert partial_correlation(x, y, z) == pytest.approx(expected, abs=1e-12)


def test_a_partial_correlation_without_variation_is_none() -> None:
    one = pd.Series([1.0, 2.0, 3.0, 4.0])
    assert np.isnan(partial_correlation(one, one * 2, one))


def test_there_is_no_alpha_where_the_total_never_varies() -> None:
    first = np.tile([1.0, 2.0, 3.0, 4.0], 20)
    found = consistency(np.column_stack([first, 5.0 - first]))
    assert np.isnan([found.alpha, found.alpha_low, found.alpha_high, found.omega]).all()


def test_an_adjusted_figure_says_what_it_held_equal() -> None:
    """Behind the method of each; no other estimate has such a note."""
    found = _estimates()
    methods = found["method"].astype(str)
    has_note = methods.str.contains("Note: Held equal: the first score alone.", regex=False)
    families = {str(one).partition(".")[0] for one in found.loc[has_note, "figure"]}
    assert families <= {"adjusted", "therapists", "clinics", "needed", "comparison"}
    adjusted = found["figure"].eq("adjusted.phq-9")
    assert adjusted.any()
    assert has_note[adjusted].all()
