"""Statistics on public data, against other people's packages and printed examples.

Numbers by R: ``expected/make_expected_public.R``. Printed ones carry their book beside them.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from rapport.statistics.clustered_regression import fit_clustered
from rapport.statistics.consistency import consistency
from rapport.statistics.control_charts import p_chart, signals, xmr_chart
from rapport.statistics.dyads import pooled_correlation
from rapport.statistics.funnel import over_dispersion
from rapport.statistics.random_intercept import RandomIntercept, fit_random_intercept
from rapport.statistics.three_levels import ThreeLevels, fit_three_levels

FOLDER = Path(__file__).parent / "expected"
TABLE = pd.read_csv(FOLDER / "expected_public.csv", comment="#")
LEFT_OUT_OF_PASTES = [2, 6, 10, 11, 29, 30, 31, 54]


def by_r(name: str) -> np.ndarray:
    found = TABLE.loc[TABLE["name"] == name, "value"].to_numpy()
    assert len(found)
    return found


def data(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / name, comment="#")


# ── one random intercept: lme4::sleepstudy, unbalanced ───────────────────────────────────────────


@pytest.fixture(scope="module")
def sleep() -> RandomIntercept:
    rows = data("sleepstudy.csv")
    codes, subjects = pd.factorize(rows["Subject"])
    x = np.column_stack([np.ones(len(rows)), rows["Days"]])
    return fit_random_intercept(rows["Reaction"], codes, x, len(subjects))


def test_variances_and_likelihood_of_the_sleep_study(sleep: RandomIntercept) -> None:
    assert sleep.between == pytest.approx(by_r("sleep.between")[0], rel=1e-7)
    assert sleep.within == pytest.approx(by_r("sleep.within")[0], rel=1e-9)
    assert sleep.criterion == pytest.approx(by_r("sleep.criterion")[0], abs=1e-9)


def test_coefficients_of_the_sleep_study(sleep: RandomIntercept) -> None:
    assert sleep.coefficients == pytest.approx(by_r("sleep.coefficient"), rel=1e-8)
    errors = np.sqrt(np.diag(sleep.covariance))
    assert errors == pytest.approx(by_r("sleep.error"), rel=1e-7)


def test_shrunken_estimates_of_the_sleep_study(sleep: RandomIntercept) -> None:
    assert sleep.effects == pytest.approx(by_r("sleep.effect"), abs=1e-6)
    assert sleep.posterior_sd == pytest.approx(by_r("sleep.posterior_sd"), abs=1e-6)


def test_the_interval_of_the_intraclass_correlation(sleep: RandomIntercept) -> None:
    found = [sleep.icc, sleep.icc_low, sleep.icc_high]
    assert found == pytest.approx(by_r("sleep.icc"), abs=1e-7)


# ── three levels: lme4::Pastes; casks stand for therapists, batches for clinics ──────────────────


def pastes(which: str) -> ThreeLevels:
    rows = data("pastes.csv")
    rows = rows if which == "all" else rows.drop(index=LEFT_OUT_OF_PASTES)
    cask, names = pd.factorize(rows["batch"] + rows["cask"], sort=True)
    of = pd.factorize(pd.Series(names).str[0], sort=True)[0]
    return fit_three_levels(rows["strength"], cask, of, np.ones((len(rows), 1)))


@pytest.mark.parametrize("which", ["all", "some"])
def test_variances_at_three_levels(which: str) -> None:
    fit = pastes(which)
    found = [fit.therapists.variance, fit.clinics.variance, fit.within, fit.criterion]
    names = ("therapist", "clinic", "within", "criterion")
    assert found == pytest.approx([by_r(f"pastes.{which}.{n}")[0] for n in names], rel=1e-5)


@pytest.mark.parametrize("which", ["all", "some"])
def test_shrunken_estimates_of_the_upper_level(which: str) -> None:
    clinics = pastes(which).clinics
    assert clinics.effects == pytest.approx(by_r(f"pastes.{which}.effect"), abs=1e-5)
    assert clinics.posterior_sd == pytest.approx(by_r(f"pastes.{which}.posterior_sd"), abs=1e-5)


def test_variances_as_printed_for_all_pastes() -> None:
    # Bates (2010), lme4: Mixed-effects modeling with R, section 2.2: SD 2.904, 1.287, 0.823.
    fit = pastes("all")
    found = np.sqrt([fit.therapists.variance, fit.clinics.variance, fit.within])
    assert found.round(3).tolist() == [2.904, 1.287, 0.823]


# ── published data with a known answer ───────────────────────────────────────────────────────────

DYESTUFF = {
    "A": (1545, 1440, 1440, 1520, 1580), "B": (1540, 1555, 1490, 1560, 1495),
    "C": (1595, 1550, 1605, 1510, 1560), "D": (1445, 1440, 1595, 1465, 1545),
    "E": (1595, 1630, 1515, 1635, 1625), "F": (1520, 1455, 1450, 1480, 1445),
}  # fmt: skip


def test_yields_of_dyestuff_as_printed() -> None:
    # Davies & Goldsmith (1972); Box & Tiao (1973), 5.1.2: ANOVA 1764 between, 2451 within.
    rows = np.array(list(DYESTUFF.values()), dtype=float)
    fit = fit_random_intercept(rows.ravel(), np.repeat(np.arange(6), 5), np.ones((30, 1)), 6)
    assert fit.between == pytest.approx(1764.05, abs=0.01)
    assert fit.within == pytest.approx(2451.25, abs=0.01)
    assert fit.coefficients == pytest.approx([1527.5])


def test_consistency_of_the_agreeableness_items() -> None:
    # Alpha with Feldt's interval by psych, omega by lavaan; complete answers only.
    found = consistency(data("bfi.csv"))
    assert found.n == by_r("bfi.n")[0]
    assert [found.alpha, found.alpha_low, found.alpha_high] == pytest.approx(
        by_r("bfi.alpha"), abs=1e-12
    )
    assert found.omega == pytest.approx(by_r("bfi.omega")[0], abs=1e-6)


def test_errors_and_degrees_of_freedom_of_uneven_clusters() -> None:
    # clubSandwich: vcovCR(type = "CR2"), Satterthwaite.
    rows = data("clusters.csv")
    x = np.column_stack([np.ones(len(rows)), rows["x1"], rows["x2"]])
    fit = fit_clustered(rows["y"], x, rows["cluster"])
    assert fit.coefficients == pytest.approx(by_r("cluster.coefficient"), abs=1e-12)
    errors = [each.standard_error for each in fit.each()]
    assert errors == pytest.approx(by_r("cluster.error"), abs=1e-12)
    df = [fit.degrees_of_freedom(row) for row in np.eye(3)]
    assert df == pytest.approx(by_r("cluster.df"), rel=1e-9)


def test_additive_over_dispersion_is_that_of_dersimonian_and_laird() -> None:
    # metafor::rma(method = "DL"); nothing is drawn in by winsorising.
    rows = data("units.csv")
    target = by_r("funnel.target")[0]
    found = over_dispersion(rows["value"], rows["s"], target)
    assert found.additive == pytest.approx(by_r("funnel.additive")[0], rel=1e-10)
    assert found.multiplicative == pytest.approx(9.0)


def test_pooled_correlations_are_weighted_by_fisher_s_z() -> None:
    # metafor: escalc("ZCOR"), rma(method = "FE").
    found = pooled_correlation(pd.Series([0.1, 0.5, -0.2, 0.83, 0.3]), pd.Series([5, 9, 12, 4, 30]))
    assert found.value == pytest.approx(by_r("pooled")[0], abs=1e-12)


# ── control charts as printed ────────────────────────────────────────────────────────────────────

LEAKING_CANS = [
    12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22,
    8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6,
]  # fmt: skip


def test_the_chart_of_leaking_cans_as_printed() -> None:
    # Montgomery (2013), Statistical Quality Control, example 7.1: 0.2313, 0.0524 to 0.4102; the
    # samples 15 and 23 lie outside.
    chart = p_chart(LEAKING_CANS, [50] * 30)
    assert [round(v, 4) for v in (chart.centre, chart.lower[0], chart.upper[0])] == [
        0.2313, 0.0524, 0.4102,
    ]  # fmt: skip
    outside = [signal.points for signal in signals(chart) if signal.rule == "outside"]
    assert outside == [(14,), (22,)]


def test_the_chart_of_flow_rates_as_printed() -> None:
    # NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2: centre 50.81, limits 45.8159 and
    # 55.8041 from 3/1.128, which 2.66 rounds.
    flow = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
    chart = xmr_chart(flow)
    assert chart.centre == pytest.approx(50.81)
    assert chart.lower[0] == pytest.approx(45.8159, abs=2e-3)
    assert chart.upper[0] == pytest.approx(55.8041, abs=2e-3)
